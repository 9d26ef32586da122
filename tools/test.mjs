// test.mjs [--json] [--quick] [STAGE...]: runs the stages of tools/lib/stages.mjs in their order and
// ends with one closing line (or object) that sums up all of their counts.
import { mkdirSync } from 'node:fs'
import { closingLine, sum } from './lib/count.mjs'
import { LOGS } from './lib/run.mjs'
import { stages } from './lib/stages.mjs'

const OUTPUT_LINES = 60

const words = process.argv.slice(2)
const json = words.includes('--json')
const quick = words.includes('--quick')
const names = words.filter((word) => !word.startsWith('--'))

function chosen() {
  const unknown = names.find((name) => !stages.some((stage) => stage.name === name))
  if (unknown) {
    console.error(`there is no stage ${unknown}; there are: ${stages.map((s) => s.name).join(' ')}`)
    process.exit(2)
  }
  if (names.length) return stages.filter((stage) => names.includes(stage.name))
  return stages.filter((stage) => !quick || stage.quick)
}

const say = (text) => (json ? process.stderr : process.stdout).write(`${text}\n`)
const tail = (text) => text.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n')

async function runStage(stage) {
  say(`\n── ${stage.name}: ${stage.what}`)
  const started = Date.now()
  const parts = await stage
    .run()
    .catch((error) => [
      { name: stage.name, count: { passed: 0, failed: 1, skipped: 0 }, text: String(error.stack) },
    ])
  for (const part of parts) if (part.count.failed) say(`\n✗ ${part.name}\n${tail(part.text)}\n`)
  const count = sum(parts.map((part) => part.count))
  const seconds = (Date.now() - started) / 1000
  say(`   ${closingLine(count)} in ${seconds.toFixed(1)} s`)
  return { name: stage.name, seconds, ...count }
}

mkdirSync(LOGS, { recursive: true })
const started = Date.now()
const results = []
for (const stage of chosen()) results.push(await runStage(stage))
const total = sum(results)
const seconds = (Date.now() - started) / 1000
const bad = results.filter((result) => result.failed).map((result) => result.name)
say(`\n${results.length} stages in ${(seconds / 60).toFixed(1)} min; logs in ${LOGS}/`)
if (bad.length) say(`failed: ${bad.join(' ')}`)
console.log(json ? JSON.stringify({ ...total, seconds, stages: results }) : closingLine(total))
process.exit(total.failed ? 1 : 0)
