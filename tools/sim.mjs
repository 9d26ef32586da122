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
const seeds = number('--seeds', 10000)
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

const HUNT_SEEDS = 1000

const LINE = /^lost (\d+), doubled (\d+), wrong deadlines (\d+), other (\d+)$/m

/** What happened in a run: the simulator's lines of a number and its words. */
function facts(text) {
  return new Map([...text.matchAll(/^ +(\d+) (.+)$/gm)].map(([, count, what]) => [what, +count]))
}

function read({ text, status, seconds }) {
  const found = text.match(LINE) ?? [0, 0, 0, 0, 0]
  const [, lost, doubled, wrong_deadlines, other] = found.map(Number)
  const hours = Number(text.match(/(\d+) hours of exam time/)?.[1] ?? 0)
  const count = settle(countLine(text), status)
  return { lost, doubled, wrong_deadlines, other, hours, facts: facts(text), count, seconds }
}

/** Which code it was: a seed is the same exam only with the same code. */
function commit() {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty'])
  return status === 0 ? stdout.toString().trim() : 'unknown'
}

const plain = await build('release')
if (words.includes('--verbose') || words.includes('--trace')) {
  const { status } = spawnSync(plain, words, { stdio: 'inherit' })
  process.exit(status ?? 1)
}
const planted = await build('plants', 'EXTRA_CFLAGS=-DINVIGIL_PLANTS')

const hunt = await run('sim-planted', planted, ['--planted', '--seeds', `${HUNT_SEEDS}`], {
  limitSeconds: 300,
})
const hunted = settle(countLine(hunt.text), hunt.status)
say(hunt.text.replace(/^\d+ passed.*$/gm, '').trim())

/** Failed seeds, and how to see them again. */
function sayFailures(text) {
  const lines = text.split(/[\r\n]/).filter((line) => /^(seed \d+,| {2}again:)/.test(line))
  for (const line of lines) say(line.replace(/^(seed \d+)/, `$1 of commit ${commit()}`))
}

const runs = await inParallel(shares(cpus().length), cpus().length, async (share) => {
  const args = ['--seeds', `${share.seeds}`, '--from', `${share.from}`]
  const result = await run(`sim-${share.from}`, plain, args, { limitSeconds: 6 * 3600 })
  sayFailures(result.text)
  return read(result)
})

const total = (key) => runs.reduce((all, one) => all + one[key], 0)
const happened = new Map()
for (const one of runs)
  for (const [what, count] of one.facts) happened.set(what, (happened.get(what) ?? 0) + count)
const count = sum([hunted, ...runs.map((one) => one.count)])
const [lost, doubled, wrong_deadlines, other] = ['lost', 'doubled', 'wrong_deadlines', 'other'].map(
  total,
)
const seconds = Math.max(...runs.map((one) => one.seconds))
if (json) {
  const plants = { planted: hunted.passed + hunted.failed, planted_found: hunted.passed }
  const acknowledged = happened.get('answers acknowledged') ?? 0
  const crashes = happened.get('crashes') ?? 0
  const found = { lost, doubled, wrong_deadlines, other }
  console.log(JSON.stringify({ seeds, ...found, ...plants, acknowledged, crashes, seconds }))
} else {
  const speed = `${(seeds / seconds).toFixed(0)} exams/s`
  const ratio = `${((total('hours') * 3600) / seconds).toFixed(0)} times real time`
  console.log(`${seeds} exams in ${seconds.toFixed(0)} s: ${speed}, ${ratio}`)
  for (const [what, count] of happened) console.log(`${`${count}`.padStart(14)} ${what}`)
  console.log(
    `lost ${lost}, doubled ${doubled}, wrong deadlines ${wrong_deadlines}, other ${other}`,
  )
  console.log(closingLine(count))
}
process.exit(count.failed ? 1 : 0)
