// What many attempts cost that do nothing, begin together, or come back together, and how long the program
// needs to start. See docs/operate/benchmarks.md.
import { spawn } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import {
  BARE,
  ITEMS,
  inFolder,
  invigil,
  peer,
  program,
  run,
  session,
  withServer,
} from '../exam.mjs'
import { cpuSeconds, line, residentBytes } from '../process.mjs'

const MANY = 10000
const ENDED = 1000 // candidates of an exam before the start
const ANSWER_MS = 400
const COLD_STARTS = 5
const PEER = 'Node ws'
const MIB = 1048576
const limit = (peer_value) => ({ peer: 'limit', peer_value, better: 'lower' })

const startOf = (s, x) => run(s, 'start', MANY, x, [x.session, x.cookie])

// Kills the server when all are in their exam, and starts it again where it was.
async function comeBack(folder) {
  let s = await invigil(folder)
  try {
    const x = await session(s)
    return await run(s, 'back', MANY, x, [], async () => {
      await s.stop()
      const from = performance.now()
      s = await invigil(folder, s.port)
      const listens_ms = performance.now() - from
      // The generator says when all are back; its figures come with the line that `run` waits for.
      return { listens_ms, cpu_s: cpuSeconds(s.pid) }
    })
  } finally {
    await s.stop()
  }
}

async function idle(s, x) {
  return run(s, 'idle', MANY, x, [], async (hall, before) => {
    await line(hall, /^settled/)
    const bytes = residentBytes(s.pid)
    hall.stdin.end()
    return { bytes, before }
  })
}

// From starting the program, which was stopped in good order, to its word that it listens, ms.
async function startMs(folder) {
  const from = performance.now()
  const args = ['serve', '--data', folder, '--listen', '127.0.0.1:0']
  const child = spawn(program(), args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((done) => child.once('exit', done))
  await new Promise((done, reject) => {
    child.stderr.on('data', (text) => String(text).includes('fact=listening') && done())
    child.once('exit', (code) => reject(new Error(`invigil ended with ${code}`)))
  })
  const ms = performance.now() - from
  child.kill('SIGTERM')
  await ended
  return ms
}

// The middle one of a few; the first, which mends what a killed server left, does not count.
async function coldStart(folder) {
  const times = []
  await startMs(folder)
  for (let i = 0; i < COLD_STARTS; i++) times.push(await startMs(folder))
  return times.sort((a, b) => a - b)[COLD_STARTS >> 1]
}

export const measures = {
  async start() {
    const a = await withServer(invigil, async (s) =>
      startOf(s, await session(s, { start_by_proctor: 1 })),
    )
    const b = await withServer(peer, (s) => startOf(s, BARE))
    const unit = `ms until ${MANY} have the paper`
    return [
      {
        name: 'start-p99',
        value: a.p99_ms,
        unit,
        better: 'lower',
        peer: `${PEER}, nothing stored`,
        peer_value: b.p99_ms,
        server_cpu_s: a.cpu_s,
        peer_cpu_s: b.cpu_s,
      },
      { name: 'start-p99-limit', value: a.p99_ms, unit, server_cpu_s: a.cpu_s, ...limit(1000) },
    ]
  },
  async back() {
    const a = await inFolder(comeBack)
    return [
      {
        name: 'back-last',
        value: a.last_ms / 1000,
        unit: `s from kill -9 until ${MANY} are live`,
        ...limit(10),
      },
      {
        name: 'back-listens',
        value: a.listens_ms,
        unit: 'ms until the server listens again',
        peer: null,
      },
    ]
  },
  async idle() {
    const a = await withServer(invigil, async (s) => ({
      empty: residentBytes(s.pid),
      ...(await idle(s, await session(s))),
    }))
    const b = await withServer(peer, (s) => idle(s, BARE))
    return [
      {
        name: 'idle',
        value: (a.bytes - a.before) / MANY,
        unit: 'bytes/attempt in its exam, idle',
        better: 'lower',
        peer: `${PEER}, a connection`,
        peer_value: (b.bytes - b.before) / MANY,
      },
      {
        name: 'idle-limit',
        value: (a.bytes - a.before) / MANY,
        unit: 'bytes/attempt',
        ...limit(4096),
      },
      { name: 'idle-all', value: a.bytes / MIB, unit: `MiB with ${MANY} attempts`, ...limit(128) },
      { name: 'idle-empty', value: a.empty / MIB, unit: 'MiB without', ...limit(16) },
    ]
  },
  async 'cold-start'() {
    const [empty, ended] = await inFolder(async (folder) => {
      await (await invigil(folder)).stop()
      const first = await coldStart(folder)
      const s = await invigil(folder)
      const x = await session(s)
      const said = await run(s, 'answers', ENDED, x, [1, ANSWER_MS, ITEMS])
      await s.stop()
      return [first, { ms: await coldStart(folder), answers: said.answers }]
    })
    return [
      { name: 'cold-start', value: empty, unit: 'ms until it listens, empty', ...limit(50) },
      {
        name: 'cold-start-exam',
        value: ended.ms,
        unit: `ms until it listens, after an exam of ${ENDED} with ${ended.answers} answers`,
        ...limit(50),
      },
    ]
  },
}
