// crash.mjs [--kills N] [--seed S] [--stop SECONDS] [--only kill|stop|jump] [--json]: the real program
// under forty candidates who write: ended with SIGKILL again and again, stopped with SIGSTOP, and with
// a clock that jumps. After each, what was acknowledged is compared with what is stored. A seed gives the
// same instants again, as far as a real machine can. Builds nothing.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ITEMS, invigil, session } from '../bench/exam.mjs'
import { closingLine, countLine, settle, sum } from './lib/count.mjs'
import { BUILD, run } from './lib/run.mjs'

const words = process.argv.slice(2)
const json = words.includes('--json')
const word = (name, standard) => {
  const at = words.indexOf(name)
  return at < 0 ? standard : words[at + 1]
}
const kills = +word('--kills', 200)
const seed = +word('--seed', 1)
const seconds = +word('--stop', 30)
const only = word('--only', '')
// Who is not heard for 15 s counts as disconnected; a shorter stop gives nothing back.
if (!(kills > 0 && seed >= 0 && seconds > 15)) {
  console.error(
    'usage: ./dev crash [--kills N] [--seed S] [--stop SECONDS] [--only kill|stop|jump] [--json]',
  )
  process.exit(2)
}

const JUMP_LIMIT_MS = 9000
const GRACE_MS = 3000 // as test/real/real.c has it

function library() {
  const found = readdirSync('/usr/lib')
    .map((name) => join('/usr/lib', name, 'faketime/libfaketimeMT.so.1'))
    .find((path) => existsSync(path))
  if (!found)
    throw new Error('libfaketime is missing; ./dev installs what tools/packages.txt names')
  return found
}

const program = process.env.INVIGIL ?? resolve(BUILD, 'release/invigil')
const real = resolve(BUILD, 'release/test/real/real')
for (const path of [program, real])
  if (!existsSync(path)) throw new Error(`${path} is not built; ./dev crash builds it`)

/** A data directory with a session that is open; the server that made it has ended. */
async function prepare(folder, wanted) {
  const server = await invigil(folder, 0, program)
  try {
    const made = await session(server, wanted.settings, wanted.duration_ms)
    const { sign_public } = await (await fetch(`http://127.0.0.1:${server.port}/api/server`)).json()
    return { ...made, sign_public }
  } finally {
    await server.stop('SIGTERM')
  }
}

async function attack(name, amount, wanted, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'invigil-crash-'))
  try {
    const data = join(folder, 'data')
    const s = await prepare(data, wanted)
    const args = [name, program, data, s.code, s.disclosure, ITEMS, s.sign_public, amount, seed]
    const result = await run(`crash-${name}`, real, args.map(String), {
      limitSeconds: 60 + seconds + kills * 2,
      env: { ...env, INVIGIL_CLOCK_FILE: join(folder, 'clock') },
    })
    const figures = result.text.match(/^\{.*\}$/m)?.[0]
    const count = settle(countLine(result.text), result.status)
    return { name, count, figures: figures ? JSON.parse(figures) : null, text: result.text }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const ATTACKS = {
  kill: () => attack('kill', kills, {}),
  stop: () => attack('stop', seconds, {}),
  jump: () => {
    const wanted = { duration_ms: JUMP_LIMIT_MS, settings: { grace_ms: GRACE_MS } }
    return attack('jump', JUMP_LIMIT_MS, wanted, { INVIGIL_CLOCK_LIBRARY: library() })
  },
}
const wanted = Object.keys(ATTACKS).filter((name) => !only || name === only)
const results = await Promise.all(wanted.map((name) => ATTACKS[name]()))
const count = sum(results.map((result) => result.count))
if (json) {
  const figures = results.map(({ name, figures }) => [name, figures])
  console.log(JSON.stringify({ seed, ...count, ...Object.fromEntries(figures) }))
} else {
  for (const { name, figures, count, text } of results) {
    if (count.failed) console.log(`${name}, seed ${seed}:\n${text.trimEnd()}`)
    for (const [key, value] of Object.entries(figures ?? {}))
      console.log(`${name}  ${key.padEnd(22)} ${value}`)
  }
  console.log(closingLine(count))
}
process.exit(count.failed ? 1 : 0)
