// The real program as a server, an exam on it set up as a planner does, and what measuring needs.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { postgres } from './postgres.mjs'
import { built, cpuSeconds, line, residentBytes, server, start } from './process.mjs'

export const ITEMS = 20
const STAFF = { email: 'planner@example.org', password: 'demo-planner' }
const PROCTOR = { email: 'proctor@example.org', password: 'demo-proctor' }
const OFF = { waiting_room: 0, webcam: 0, screen: 0, fullscreen: 0, focus: 0, start_by_proctor: 0 }

export function program() {
  const path = resolve(process.env.INVIGIL_BUILD ?? 'build/release', 'invigil')
  if (!existsSync(path)) throw new Error(`${path} is not built; ./dev bench builds it`)
  return path
}

// PORT 0: any. Returns when it listens; stop() ends it at once, or as the signal says.
export async function invigil(folder, port = 0, bin = program()) {
  const args = ['serve', '--demo', '--data', folder, '--listen', `127.0.0.1:${port}`]
  const child = start(bin, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const [, at] = await line(child, /Invigil is at http:\/\/127\.0\.0\.1:(\d+)/)
  const ended = new Promise((done) => child.once('exit', done))
  const stop = (signal = 'SIGKILL') => (child.kill(signal), ended)
  return { pid: child.pid, port: Number(at), stop }
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
export const session = async (s, settings, duration_ms) =>
  (await sessions(s, 1, settings, duration_ms))[0]

// As many of them, with the same paper and the same proctor.
export async function sessions(s, count, settings = {}, duration_ms = 3600000) {
  const { cookie } = await post(s, '/api/signin', STAFF)
  const proctor = await post(s, '/api/signin', PROCTOR)
  const paper = await assessment(s, cookie)
  const all = []
  while (all.length < count)
    all.push(await newSession(s, { cookie, proctor, paper, settings, duration_ms }))
  return all
}

async function newSession(s, { cookie, proctor, paper, settings, duration_ms }) {
  const now = Date.now()
  const made = await post(
    s,
    '/api/sessions',
    {
      name: 'Bench',
      assessment: paper,
      code: '',
      opens_ms: now,
      starts_ms: now,
      duration_ms,
      settings: { ...OFF, ...settings },
      staff: [{ user: proctor.user, roles: ['proctor'] }],
      public_key: '',
      keys: [],
    },
    cookie,
  )
  const { disclosure } = await post(s, '/api/join/look', { code: made.code })
  return { ...made, disclosure, cookie: proctor.cookie }
}

// ---- folders that are removed ----

export async function inFolder(fn) {
  const folder = mkdtempSync(join(tmpdir(), 'invigil-bench-'))
  try {
    return await fn(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export const withServer = (open, fn) =>
  inFolder(async (folder) => {
    const s = await open(folder)
    try {
      return await fn(s)
    } finally {
      await s.stop()
    }
  })

// ---- peers ----

const node = (...args) => server(process.execPath, ['bench/peers/exam.mjs', ...args])

export const peer = (folder) => node('file', join(folder, 'answers'))

export async function postgresPeer(folder) {
  const pg = await postgres(folder)
  const s = await node('postgres', pg.folder)
  return {
    ...s,
    cpuSeconds: () => cpuSeconds(s.pid) + pg.cpuSeconds(),
    stop: async () => (await s.stop(), await pg.stop()),
  }
}

// ---- measuring ----

const peakBytes = (pid) =>
  Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s*(\d+) kB/)[1]) * 1024

// Fills the hall, lets `meanwhile` do something, then measures; returns what the generator said and what it
// cost the server.
export async function run(s, mode, candidates, x, args = [], meanwhile = () => ({})) {
  const cpuOf = s.cpuSeconds ?? (() => cpuSeconds(s.pid))
  const before = residentBytes(s.pid)
  const hall = start(
    built('hall'),
    [mode, s.port, candidates, x.code, x.disclosure, ...args].map(String),
  )
  const from = Date.now()
  await line(hall, /^connected/)
  const entered_s = (Date.now() - from) / 1000
  const cpu = cpuOf()
  const said = line(hall, /^\{.*\}/)
  const more = await meanwhile(hall, before)
  const [text] = await said
  return {
    ...JSON.parse(text),
    entered_s,
    cpu_s: more.cpu_s ?? cpuOf() - cpu,
    attempt_bytes: more.cpu_s ? 0 : (peakBytes(s.pid) - before) / candidates,
    ...more,
  }
}

export const BARE = { code: '-', disclosure: 0, session: 0, cookie: 'none=0' }
