// The whole program under a full hall: durable answers with their receipts, and one command that pauses
// everybody. See docs/operate/benchmarks.md.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { built, cpuSeconds, line, residentBytes, server, start } from '../process.mjs'

const ANSWERING = 500 // candidates
const IN_FLIGHT = 8 // answers of each
const ANSWER_MS = 6000
const HALL = 5000 // candidates whom one command pauses
const ROUNDS = 8
const ITEMS = 20
const STAFF = { email: 'planner@example.org', password: 'demo-planner' }
const PROCTOR = { email: 'proctor@example.org', password: 'demo-proctor' }
const OFF = { waiting_room: 0, webcam: 0, screen: 0, fullscreen: 0, focus: 0, start_by_proctor: 0 }
const PEER = 'Node ws'

function program() {
  const path = resolve(process.env.INVIGIL_BUILD ?? 'build/release', 'invigil')
  if (!existsSync(path)) throw new Error(`${path} is not built; ./dev bench builds it`)
  return path
}

async function invigil(folder) {
  const args = ['serve', '--demo', '--data', folder, '--listen', '127.0.0.1:0']
  const child = start(program(), args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const [, port] = await line(child, /Invigil is at http:\/\/127\.0\.0\.1:(\d+)/)
  const ended = new Promise((done) => child.once('exit', done))
  return { pid: child.pid, port: Number(port), stop: () => (child.kill('SIGKILL'), ended) }
}

// ---- setting up, as a planner does ----

async function call(s, method, path, body, cookie, type = 'application/json') {
  const origin = `http://127.0.0.1:${s.port}`
  const headers = {
    Origin: origin,
    ...(body && { 'Content-Type': type }),
    ...(cookie && { Cookie: cookie }),
  }
  const answer = await fetch(origin + path, { method, headers, body })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return { ...JSON.parse(text), cookie: answer.headers.get('set-cookie')?.split(';')[0] }
}

const post = (s, path, value, cookie) => call(s, 'POST', path, JSON.stringify(value), cookie)

async function assessment(s, cookie) {
  const essays = Array.from(
    { length: ITEMS },
    (_, i) => `Question ${i + 1}: what do you think? {}\n`,
  )
  const checked = await call(
    s,
    'POST',
    '/api/imports?name=bench.gift&format=gift',
    essays.join('\n'),
    cookie,
    'application/octet-stream',
  )
  return (await post(s, '/api/assessments', { import: checked.import, name: 'Bench' }, cookie))
    .assessment
}

// A session that runs already, and what a generator needs to enter it.
async function session(s) {
  const { cookie } = await post(s, '/api/signin', STAFF)
  const proctor = await post(s, '/api/signin', PROCTOR)
  const now = Date.now()
  const made = await post(
    s,
    '/api/sessions',
    {
      name: 'Bench',
      assessment: await assessment(s, cookie),
      code: '',
      opens_ms: now,
      starts_ms: now,
      duration_ms: 3600000,
      settings: OFF,
      staff: [{ user: proctor.user, roles: ['proctor'] }],
      public_key: '',
      keys: [],
    },
    cookie,
  )
  const { disclosure } = await post(s, '/api/join/look', { code: made.code })
  return { ...made, disclosure, cookie: proctor.cookie }
}

// ---- measuring ----

const peakBytes = (pid) =>
  Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s*(\d+) kB/)[1]) * 1024

// Fills the hall, then measures; returns what the generator said and what it cost the server.
async function run(s, candidates, args) {
  const before = residentBytes(s.pid)
  const hall = start(built('hall'), args.map(String))
  const from = Date.now()
  await line(hall, /^connected/)
  const entered_s = (Date.now() - from) / 1000
  const cpu = cpuSeconds(s.pid)
  const [text] = await line(hall, /^\{.*\}/)
  return {
    ...JSON.parse(text),
    entered_s,
    cpu_s: cpuSeconds(s.pid) - cpu,
    attempt_bytes: (peakBytes(s.pid) - before) / candidates,
  }
}

async function inFolder(fn) {
  const folder = mkdtempSync(join(tmpdir(), 'invigil-bench-'))
  try {
    return await fn(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const withServer = (open, fn) =>
  inFolder(async (folder) => {
    const s = await open(folder)
    try {
      return await fn(s)
    } finally {
      await s.stop()
    }
  })

const peer = (folder) => server(process.execPath, ['bench/peers/exam.mjs', join(folder, 'answers')])

const answersOf = (s, code, disclosure) =>
  run(s, ANSWERING, ['answers', s.port, ANSWERING, IN_FLIGHT, ANSWER_MS, code, disclosure, ITEMS])

// Bare SQLite with the batch size that the program had.
async function bareAppends(batch) {
  const child = start(built('append'), ['/tmp', String(batch)])
  const [text] = await line(child, /^(\{.*"append-\d+".*\})/)
  child.kill('SIGKILL')
  return JSON.parse(text)
}

export const measures = {
  async answers() {
    const a = await withServer(invigil, async (s) => {
      const x = await session(s)
      return answersOf(s, x.code, x.disclosure)
    })
    const b = await withServer(peer, (s) => answersOf(s, '-', 0))
    const bare = await bareAppends(Math.max(1, Math.round(a.batch)))
    const cost = { peer: PEER, server_cpu_s: a.cpu_s, peer_cpu_s: b.cpu_s }
    const micros = (x) => (x.cpu_s / x.answers) * 1e6
    return [
      {
        name: 'answers',
        value: a.answers_per_s,
        unit: 'durable answers/s',
        better: 'higher',
        peer_value: b.answers_per_s,
        ...cost,
      },
      {
        name: 'answers-bare',
        value: a.answers_per_s,
        unit: `durable answers/s, ${Math.round(a.batch)} a batch`,
        better: 'higher',
        peer: 'bare SQLite',
        peer_value: bare.peer_value,
        server_cpu_s: a.cpu_s,
        peer_cpu_s: bare.peer_cpu_s,
      },
      {
        name: 'answers-p50',
        value: a.p50_ms,
        unit: 'ms',
        better: 'lower',
        peer_value: b.p50_ms,
        ...cost,
      },
      {
        name: 'answers-p99',
        value: a.p99_ms,
        unit: 'ms',
        better: 'lower',
        peer_value: b.p99_ms,
        ...cost,
      },
      {
        name: 'answers-cpu',
        value: micros(a),
        unit: 'us of server CPU/answer',
        better: 'lower',
        peer_value: micros(b),
        ...cost,
      },
      {
        name: 'answers-memory',
        value: a.attempt_bytes,
        unit: 'bytes at the peak/attempt',
        better: 'lower',
        peer: PEER,
        peer_value: b.attempt_bytes,
      },
    ]
  },
  async 'pause-all'() {
    const pause = (s, x) =>
      run(s, HALL, ['pause', s.port, HALL, ROUNDS, x.session, x.code, x.disclosure, x.cookie])
    const a = await withServer(invigil, async (s) => pause(s, await session(s)))
    const b = await withServer(peer, (s) =>
      pause(s, { session: 0, code: '-', disclosure: 0, cookie: 'none=0' }),
    )
    const cost = { peer: `${PEER}, nothing stored`, server_cpu_s: a.cpu_s, peer_cpu_s: b.cpu_s }
    return [
      {
        name: 'pause-all',
        value: a.last_ms,
        unit: `ms to the last of ${HALL}`,
        better: 'lower',
        peer_value: b.last_ms,
        ...cost,
      },
      {
        name: 'pause-all-p99',
        value: a.p99_ms,
        unit: 'ms over candidates',
        better: 'lower',
        peer_value: b.p99_ms,
        ...cost,
      },
      {
        name: 'pause-all-enter',
        value: HALL / a.entered_s,
        unit: 'candidates/s from code to exam',
        better: 'higher',
        peer: null,
      },
    ]
  },
}
