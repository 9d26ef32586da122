// Measures, each beside a peer that does the same work in the same run. Builds nothing.
//   node bench/run.mjs [NAME...] [--json]
// With --json: one object a line with name, value, unit, peer, peer_value, ratio, server_cpu_s and
// peer_cpu_s. A ratio over 1 always means better than the peer. Single figures depend on the machine
// and its mood; ratios of one run can be compared.
//
// bench/measures/*.mjs add measures: each exports `measures`, an object from a name to an async
// function that returns rows of { name, value, unit, better, peer, peer_value, server_cpu_s, peer_cpu_s }.
import { readdirSync } from 'node:fs'
import { format } from 'node:util'

const folder = new URL('measures/', import.meta.url)

async function load() {
  const all = new Map()
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.mjs')) continue
    const { measures } = await import(new URL(file, folder))
    for (const [name, fn] of Object.entries(measures)) all.set(name, fn)
  }
  return all
}

const rounded = (x) => (x === null || x === undefined ? null : Number(Number(x).toPrecision(4)))

function finish({ better, ...row }) {
  const known = row.value > 0 && row.peer_value > 0
  const ratio = !known
    ? null
    : better === 'lower'
      ? row.peer_value / row.value
      : row.value / row.peer_value
  return {
    name: row.name,
    value: rounded(row.value),
    unit: row.unit,
    peer: row.peer ?? null,
    peer_value: rounded(row.peer_value),
    ratio: rounded(ratio),
    server_cpu_s: rounded(row.server_cpu_s),
    peer_cpu_s: rounded(row.peer_cpu_s),
  }
}

function show(row) {
  const cpu = (s) => (s === null ? '' : `, ${s} s of CPU`)
  const left = format(
    '%s  %d %s%s',
    row.name.padEnd(24),
    row.value,
    row.unit,
    cpu(row.server_cpu_s),
  )
  if (row.peer === null) return left
  return `${left}   ${row.peer}: ${row.peer_value}${cpu(row.peer_cpu_s)}   ratio ${row.ratio}`
}

const args = process.argv.slice(2)
const json = args.includes('--json')
const all = await load()
const names = args.filter((a) => !a.startsWith('--'))
for (const name of names) {
  if (all.has(name)) continue
  console.error(`bench: there is no measure "${name}"; there are: ${[...all.keys()].join(' ')}`)
  process.exit(2)
}
let failed = 0
for (const name of names.length ? names : all.keys()) {
  try {
    for (const row of await all.get(name)()) {
      const whole = finish(row)
      console.log(json ? JSON.stringify(whole) : show(whole))
    }
  } catch (error) {
    failed++
    console.error(`bench: ${name}: ${error.message}`)
  }
}
process.exit(failed ? 1 : 0)
