// sim.mjs [--seeds N] [--from S] [--json] [--verbose] [--trace]: builds the simulator twice, once with
// planted bugs; shows that it finds those, then runs the seeds, spread over the cores.
// With --verbose or --trace the plain simulator runs alone, so that one seed can be looked at.
import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { closingLine, countLine, settle, sum } from './lib/count.mjs'
import { BUILD, inParallel, run } from './lib/run.mjs'

const words = process.argv.slice(2)
const json = words.includes('--json')
const number = (word, standard) => {
  const at = words.indexOf(word)
  return at < 0 ? standard : Number(words[at + 1])
}
const seeds = number('--seeds', 1000)
const from = number('--from', 1)
if (!(seeds > 0 && from >= 0)) {
  console.error('usage: ./dev sim [--seeds N] [--from S] [--json] [--verbose] [--trace]')
  process.exit(2)
}
const say = (text) => json || console.log(text)

async function build(folder, ...flags) {
  const args = [`-j${cpus().length}`, 'MODE=release', `B=${join(BUILD, folder)}`, ...flags, 'sim']
  const { status, text } = await run(`sim-build-${folder}`, 'make', args)
  if (status !== 0) {
    console.error(text.slice(-4000))
    process.exit(1)
  }
  return join(BUILD, folder, 'sim', 'sim')
}

/** Even shares of the seeds. */
function shares(width) {
  const size = Math.ceil(seeds / width)
  const starts = Array.from({ length: Math.ceil(seeds / size) }, (_, i) => i * size)
  return starts.map((start) => ({ from: from + start, seeds: Math.min(size, seeds - start) }))
}

const LINE = /^lost (\d+), doubled (\d+), wrong deadlines (\d+), other (\d+)$/m
const FACTS = {
  acknowledged: /(\d+) answers acknowledged/,
  crashes: /(\d+) crashes/,
}

function read({ text, status }) {
  const found = text.match(LINE) ?? [0, 0, 0, 0, 0]
  const [, lost, doubled, wrong_deadlines, other] = found.map(Number)
  const facts = Object.entries(FACTS).map(([key, form]) => [
    key,
    Number(text.match(form)?.[1] ?? 0),
  ])
  const count = settle(countLine(text), status)
  return { lost, doubled, wrong_deadlines, other, ...Object.fromEntries(facts), count }
}

const plain = await build('release')
if (words.includes('--verbose') || words.includes('--trace')) {
  const { status } = spawnSync(plain, words, { stdio: 'inherit' })
  process.exit(status ?? 1)
}
const planted = await build('plants', 'EXTRA_CFLAGS=-DINVIGIL_PLANTS')

const hunt = await run('sim-planted', planted, ['--planted', '--seeds', '300'], {
  limitSeconds: 300,
})
const hunted = settle(countLine(hunt.text), hunt.status)
say(hunt.text.replace(/^\d+ passed.*$/gm, '').trim())

const runs = await inParallel(shares(cpus().length), cpus().length, async (share) => {
  const args = ['--seeds', `${share.seeds}`, '--from', `${share.from}`]
  const result = await run(`sim-${share.from}`, plain, args, { limitSeconds: 3600 })
  const lines = result.text.split(/[\r\n]/).filter((line) => /^( |[^\d\s])/.test(line))
  for (const line of lines) if (!LINE.test(line)) say(line)
  return { ...read(result), seconds: result.seconds }
})

const total = (key) => runs.reduce((all, one) => all + one[key], 0)
const count = sum([hunted, ...runs.map((one) => one.count)])
const facts = Object.fromEntries(
  ['lost', 'doubled', 'wrong_deadlines', 'other', 'acknowledged', 'crashes'].map((key) => [
    key,
    total(key),
  ]),
)
const seconds = Math.max(...runs.map((one) => one.seconds))
if (json) {
  const plants = { planted: hunted.passed + hunted.failed, planted_found: hunted.passed }
  console.log(JSON.stringify({ seeds, ...facts, ...plants, seconds }))
} else {
  const { lost, doubled, wrong_deadlines, other, acknowledged, crashes } = facts
  console.log(
    `${seeds} exams in ${seconds.toFixed(0)} s: ${acknowledged} answers acknowledged, ${crashes} crashes`,
  )
  console.log(
    `lost ${lost}, doubled ${doubled}, wrong deadlines ${wrong_deadlines}, other ${other}`,
  )
  console.log(closingLine(count))
}
process.exit(count.failed ? 1 : 0)
