// Durable answers with their receipts, and one command that pauses everybody, by the whole program.
// See docs/operate/benchmarks.md.
import { BARE, ITEMS, invigil, peer, postgresPeer, run, session, withServer } from '../exam.mjs'
import { built, line, start } from '../process.mjs'

const ANSWERING = 500 // candidates
const IN_FLIGHT = 8 // answers of each
const ANSWER_MS = 6000
const OFFERED = 100000 // answers a second
const LIMIT_MS = 10
const HALL = 5000 // candidates whom one command pauses
const ROUNDS = 8
const PEER = 'Node ws'

const answersOf = (s, x) => run(s, 'answers', ANSWERING, x, [IN_FLIGHT, ANSWER_MS, ITEMS])
const pacedOf = (s, x) => run(s, 'paced', ANSWERING, x, [IN_FLIGHT, ANSWER_MS, ITEMS, OFFERED])
const onOurs = (fn) => withServer(invigil, async (s) => fn(s, await session(s)))
const onPeer = (open, fn) => withServer(open, (s) => fn(s, BARE))

// Bare SQLite with the size that a turn of the program had.
async function bareAppends(batch) {
  const child = start(built('append'), ['/tmp', String(batch)])
  const [text] = await line(child, /^(\{.*"append-\d+".*\})/)
  child.kill('SIGKILL')
  return JSON.parse(text)
}

export const measures = {
  async answers() {
    const a = await onOurs(answersOf)
    const b = await onPeer(peer, answersOf)
    const pg = await onPeer(postgresPeer, answersOf)
    const bare = await bareAppends(Math.max(1, Math.round(a.turn)))
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
        name: 'answers-postgres',
        value: a.answers_per_s,
        unit: 'durable answers/s',
        better: 'higher',
        peer: 'Node ws and PostgreSQL',
        peer_value: pg.answers_per_s,
        server_cpu_s: a.cpu_s,
        peer_cpu_s: pg.cpu_s,
      },
      {
        name: 'answers-bare',
        value: a.answers_per_s,
        unit: `durable answers/s, ${Math.round(a.turn)} a turn`,
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
  async 'answers-offered'() {
    const a = await onOurs(pacedOf)
    const b = await onPeer(peer, pacedOf)
    const cost = { server_cpu_s: a.cpu_s, peer_cpu_s: b.cpu_s, peer: PEER }
    const unit = `ms, ${OFFERED} answers/s offered`
    return [
      {
        name: 'offered',
        value: a.answers_per_s,
        unit: `durable answers/s of ${OFFERED}`,
        better: 'higher',
        peer_value: b.answers_per_s,
        ...cost,
      },
      {
        name: 'offered-p50',
        value: a.p50_ms,
        unit,
        better: 'lower',
        peer_value: b.p50_ms,
        ...cost,
      },
      {
        name: 'offered-p99',
        value: a.p99_ms,
        unit,
        better: 'lower',
        peer_value: b.p99_ms,
        ...cost,
      },
      {
        name: 'offered-p99-limit',
        value: a.p99_ms,
        unit,
        better: 'lower',
        peer: 'limit',
        peer_value: LIMIT_MS,
        server_cpu_s: a.cpu_s,
      },
    ]
  },
  async 'pause-all'() {
    const pause = (s, x) => run(s, 'pause', HALL, x, [ROUNDS, x.session, x.cookie])
    const a = await onOurs(pause)
    const b = await onPeer(peer, pause)
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
