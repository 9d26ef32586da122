// What one side does until the other side's socket has it, in many sessions at once, by the whole program. See
// docs/operate/benchmarks.md.
import { invigil, sessions, withServer } from '../exam.mjs'
import { built, cpuSeconds, line, start } from '../process.mjs'

const SESSIONS = 200
const EACH = 50 // candidates
const ACTIONS = 2000 // a second, by turns of candidates and of proctors
const MEASURE_MS = 10000
const LIMIT_MS = 50
const FLOOD_SESSIONS = 20

async function bustle(s, count, flooding) {
  const all = await sessions(s, count)
  const args = [
    s.port,
    count,
    all[0].disclosure,
    ACTIONS,
    MEASURE_MS,
    Number(flooding),
    all[0].cookie,
    EACH,
  ]
  const child = start(built('bustle'), args.map(String))
  child.stdin.end(all.map((x) => `${x.code} ${x.session}\n`).join(''))
  await line(child, /^connected/)
  const cpu = cpuSeconds(s.pid)
  const [text] = await line(child, /^\{.*\}/)
  return { ...JSON.parse(text), cpu_s: cpuSeconds(s.pid) - cpu }
}

const house = (count, flooding) => withServer(invigil, (s) => bustle(s, count, flooding))
const limit = (peer_value) => ({ peer: 'limit', peer_value, better: 'lower' })

export const measures = {
  async live() {
    const a = await house(SESSIONS, false)
    const cost = { server_cpu_s: a.cpu_s }
    const unit = `ms, ${SESSIONS} sessions of ${EACH}, ${ACTIONS} actions/s`
    return [
      {
        name: 'live-candidate-p50',
        value: a.up_p50_ms,
        unit,
        peer: null,
        better: 'lower',
        ...cost,
      },
      { name: 'live-candidate-p99', value: a.up_p99_ms, unit, ...limit(LIMIT_MS), ...cost },
      {
        name: 'live-proctor-p50',
        value: a.down_p50_ms,
        unit,
        peer: null,
        better: 'lower',
        ...cost,
      },
      { name: 'live-proctor-p99', value: a.down_p99_ms, unit, ...limit(LIMIT_MS), ...cost },
    ]
  },
  async 'live-flood'() {
    const calm = await house(FLOOD_SESSIONS, false)
    const a = await house(FLOOD_SESSIONS, true)
    const unit = `ms, while one candidate sends ${Math.round(a.flooded / (MEASURE_MS * 1000))} MB/s and is cut ${a.cut} times`
    const cost = {
      server_cpu_s: a.cpu_s,
      peer_cpu_s: calm.cpu_s,
      peer: 'nobody floods',
      better: 'lower',
    }
    return [
      {
        name: 'flood-candidate-p99',
        value: a.up_p99_ms,
        unit,
        peer_value: calm.up_p99_ms,
        ...cost,
      },
      {
        name: 'flood-proctor-p99',
        value: a.down_p99_ms,
        unit,
        peer_value: calm.down_p99_ms,
        ...cost,
      },
    ]
  },
}
