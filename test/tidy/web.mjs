// web.mjs: rules for the browser side.
import { dirname, join } from 'node:path/posix'
import { findLines } from './repo.mjs'

const WEB = /^web\/.*\.(ts|tsx)$/
const ENTRY =
  /^web\/(main\.tsx|(exam|phone|live|review|manage)\/(main\.tsx|sw\.ts)|vite\.config\.ts|types\.d\.ts)$/

const DANGEROUS =
  /\b(dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|new Function|eval\()/

const danger = (repo) =>
  findLines(
    repo,
    repo.of(WEB),
    DANGEROUS,
    ([, word]) => `${word}: no string becomes markup or script; build nodes`,
    (text) => text.replace(/\/\/[^\n]*/g, ''),
  )

function resolved(repo, file, name) {
  const base = name.startsWith('@/') ? join('web', name.slice(2)) : join(dirname(file), name)
  const plain = base.replace(/\?.*$/, '')
  const tries = [plain, `${plain}.ts`, `${plain}.tsx`, `${plain}/index.ts`, `${plain}/index.tsx`]
  return tries.find((path) => repo.has(path))
}

function importsOf(repo, file) {
  const text = repo.text(file)
  const names = [
    ...text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([./@][^'"]*)['"]/g),
    ...text.matchAll(/new URL\(\s*['"]([./][^'"]*)['"]/g),
  ].map((found) => found[1])
  return names.map((name) => resolved(repo, file, name)).filter(Boolean)
}

function dead(repo) {
  const seen = new Set()
  const visit = (file) => {
    if (seen.has(file)) return
    seen.add(file)
    for (const next of importsOf(repo, file)) visit(next)
  }
  for (const file of repo.of(ENTRY)) visit(file)
  return repo
    .of(WEB)
    .filter((file) => !seen.has(file) && !/(\.test|\/testing)\.tsx?$/.test(file))
    .map((file) => ({ file, line: 1, what: 'no page imports this; delete it or use it' }))
}

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/

function pinned(repo) {
  if (!repo.has('package.json')) return []
  const { dependencies = {}, devDependencies = {} } = JSON.parse(repo.text('package.json'))
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !EXACT.test(version))
    .map(([name, version]) => ({
      file: 'package.json',
      line: 1 + repo.lines('package.json').findIndex((line) => line.includes(`"${name}"`)),
      what: `${name} ${version}: pin one version`,
    }))
}

export const webRules = [
  { name: 'no string becomes markup', check: danger },
  { name: 'each module of the browser side is used', check: dead },
  { name: 'packages are pinned', check: pinned },
]
