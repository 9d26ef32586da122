// clang_tidy.mjs: clang-tidy over all C of src/. A file whose bytes, headers and checks did not
// change since it was found clean is not looked at again.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD, inParallel, run } from './run.mjs'
import { glob } from './glob.mjs'

// The analyzer's deep mode takes five times as long and found nothing more on this code.
const SHALLOW = ['-Xclang', '-analyzer-config', '-Xclang', 'mode=shallow']

const flags = () =>
  execFileSync('make', ['-s', 'print-flags'], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
    .filter((flag) => flag !== '-g' && flag !== '-MMD' && flag !== '-MP')

function digest(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex')
}

export async function tidyClang(width) {
  const shared = digest(['.clang-tidy', ...glob('src/**/*.h'), ...glob('schema/*.def')])
  const clean = join(BUILD, 'clang-tidy')
  mkdirSync(clean, { recursive: true })
  const stamp = (file) => join(clean, digest([file]).slice(0, 16) + shared.slice(0, 16))
  const files = glob('src/**/*.c').filter((file) => !file.startsWith('src/wasm/'))
  const args = [...flags(), ...SHALLOW]
  return inParallel(files, width, async (file) => {
    const name = `clang-tidy ${file}`
    if (existsSync(stamp(file)))
      return { name, count: { passed: 1, failed: 0, skipped: 0 }, text: '' }
    const { status, text } = await run(
      `clang-tidy-${file}`,
      'clang-tidy',
      ['--quiet', '--warnings-as-errors=*', file, '--', ...args],
      { limitSeconds: 120 },
    )
    const good = status === 0
    if (good) writeFileSync(stamp(file), '')
    return { name, count: { passed: +good, failed: +!good, skipped: 0 }, text }
  })
}
