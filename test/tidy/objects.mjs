// objects.mjs: what the object files of the core need from outside themselves.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const ALLOWED = /^(mem(cpy|move|set|cmp|chr)|str(len|n?cmp)|assert_failed)$/
/** What compilers and sanitizers add by themselves. */
const ADDED =
  /^(__asan|__ubsan|__sanitizer|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(mem|str)\w+_chk)/

const objectsIn = (dir) =>
  existsSync(dir)
    ? readdirSync(dir)
        .filter((name) => name.endsWith('.o'))
        .map((name) => join(dir, name))
    : []

function symbols(file) {
  const text = execFileSync('nm', [file], { encoding: 'utf8' })
  const found = [...text.matchAll(/^[0-9a-f ]*\s([A-Za-z]) (\S+)$/gm)]
  return {
    needs: found.filter(([, kind]) => kind === 'U').map(([, , name]) => name),
    has: found.filter(([, kind]) => kind !== 'U').map(([, , name]) => name),
  }
}

/** The judgement alone: names needed by a core object, names that base, wire and core have. */
export const impure = (needs, known) =>
  needs.filter((name) => !known.has(name) && !ALLOWED.test(name) && !ADDED.test(name))

export function objectFindings(build) {
  const core = objectsIn(join(build, 'src/core'))
  if (!core.length)
    return [{ file: build, line: 1, what: 'no object file of the core; build the rooms first' }]
  const below = ['base', 'wire'].flatMap((room) => objectsIn(join(build, 'src', room)))
  const known = new Set([...core, ...below].flatMap((file) => symbols(file).has))
  return core.flatMap((file) =>
    impure(symbols(file).needs, known).map((name) => ({
      file: file.slice(build.length + 1).replace(/\.o$/, '.c'),
      line: 1,
      what: `the core calls ${name}; it may call base, wire, mem*, strlen, strcmp and assert_failed: hand in the value`,
    })),
  )
}
