// glob.mjs: files below the repository's root by pattern: * within a name, ** over folders.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const SKIPPED = new Set(['node_modules', 'build', '.git', 'dist', 'tidy-fixtures'])

function* walk(dir) {
  for (const entry of readdirSync(dir || '.', { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue
    const path = join(dir, entry.name)
    if (entry.isDirectory()) yield* walk(path)
    else yield path
  }
}

function matcher(pattern) {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**/', '(?:[^/]+/)§')
    .replaceAll('*', '[^/]*')
    .replaceAll('§', '*')
  return new RegExp(`^${source}$`)
}

export function glob(pattern) {
  const fits = matcher(pattern)
  return [...walk('')].filter((path) => fits.test(path)).sort()
}
