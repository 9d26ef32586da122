// tidy.mjs [--objects DIR]: the rules of the house, checked on the files as they are. Each finding
// says where, what and what to do. With --objects: what the built core needs from outside.
// The rules are in test/tidy/; test/tidy.test.mjs shows each one a good and a bad example.
import { objectFindings } from './tidy/objects.mjs'
import { readRepo } from './tidy/repo.mjs'
import { rules } from './tidy/rules.mjs'

const at = process.argv.indexOf('--objects')
const repo = readRepo()
const checks =
  at < 0
    ? rules.map((rule) => ({ name: rule.name, findings: rule.check(repo) }))
    : [{ name: 'the core is pure', findings: objectFindings(process.argv[at + 1]) }]

let failed = 0
for (const { name, findings } of checks) {
  if (findings.length) failed++
  console.log(`${findings.length ? 'FAIL' : 'ok  '} ${name}`)
  for (const { file, line, what } of findings) console.log(`  ${file}:${line}: ${what}`)
}
console.log(`${checks.length - failed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
