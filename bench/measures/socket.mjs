// WebSocket: round trips, a broadcast, and what an idle connection costs, beside Node with ws.
// The relay of media stands beside a bare epoll loop as well: the floor of the machine.
import { built, cpuSeconds, line, residentBytes, server, start } from '../process.mjs'

const CONNECTIONS = 10000
const ACTIVE = 64
const ECHO_MS = 3000
const ROUNDS = 30
const SENDERS = 51 // one of them is the viewer
const RELAY_MS = 3000
const PEER = 'Node ws'

const ours = () => server(built('echo'), [])
const floor = () => server(built('floor'), [])
const theirs = () => server(process.execPath, ['bench/peers/ws.mjs'])

// Connects everybody, then measures; returns what the load said and the server's CPU time for it.
async function run(open, mode, connections, ...args) {
  const s = await open()
  try {
    const load = start(built('load'), [
      mode,
      String(s.port),
      String(CONNECTIONS),
      ...args.map(String),
    ])
    await line(load, /^connected/)
    const before = cpuSeconds(s.pid)
    const [text] = await line(load, /^\{.*\}/)
    return { ...JSON.parse(text), cpu_s: cpuSeconds(s.pid) - before }
  } finally {
    await s.stop()
  }
}

async function idle(open) {
  const s = await open()
  try {
    const before = residentBytes(s.pid)
    const load = start(built('load'), ['idle', String(s.port), String(CONNECTIONS)])
    await line(load, /^connected/)
    const bytes = (residentBytes(s.pid) - before) / CONNECTIONS
    const ended = line(load, /^\{/)
    load.stdin.end()
    await ended
    return { bytes }
  } finally {
    await s.stop()
  }
}

async function both(measure, ...args) {
  return [await measure(ours, ...args), await measure(theirs, ...args)]
}

export const measures = {
  async 'socket-echo'() {
    const [a, b] = await both(run, 'echo', CONNECTIONS, ACTIVE, ECHO_MS)
    const cost = (x) => (x.cpu_s / x.round_trips) * 1e6
    const shared = { peer: PEER, server_cpu_s: a.cpu_s, peer_cpu_s: b.cpu_s }
    return [
      {
        name: 'socket-echo',
        value: a.round_trips_per_s,
        unit: 'round trips/s',
        better: 'higher',
        peer_value: b.round_trips_per_s,
        ...shared,
      },
      {
        name: 'socket-echo-p99',
        value: a.p99_us,
        unit: 'us',
        better: 'lower',
        peer_value: b.p99_us,
        ...shared,
      },
      {
        name: 'socket-echo-cpu',
        value: cost(a),
        unit: 'us of server CPU/round trip',
        better: 'lower',
        peer_value: cost(b),
        ...shared,
      },
    ]
  },
  async 'socket-broadcast'() {
    const [a, b] = await both(run, 'broadcast', CONNECTIONS, ROUNDS)
    return [
      {
        name: 'socket-broadcast',
        value: a.last_delivery_ms,
        unit: `ms to the last of ${CONNECTIONS}`,
        better: 'lower',
        peer: PEER,
        peer_value: b.last_delivery_ms,
        server_cpu_s: a.cpu_s,
        peer_cpu_s: b.cpu_s,
      },
    ]
  },
  async 'socket-memory'() {
    const [a, b] = await both(idle)
    return [
      {
        name: 'socket-memory',
        value: a.bytes,
        unit: 'bytes/idle connection',
        better: 'lower',
        peer: PEER,
        peer_value: b.bytes,
      },
    ]
  },
  async 'socket-relay'() {
    const own = await run(ours, 'relay', SENDERS, RELAY_MS)
    const rows = []
    for (const [peer, open] of [
      ['bare epoll', floor],
      [PEER, theirs],
    ]) {
      const b = await run(open, 'relay', SENDERS, RELAY_MS)
      const shared = { peer, better: 'higher', server_cpu_s: own.cpu_s, peer_cpu_s: b.cpu_s }
      rows.push({
        name: 'socket-relay',
        value: own.mb_per_s,
        unit: 'MB/s of 20 kB frames to one viewer',
        peer_value: b.mb_per_s,
        ...shared,
      })
      rows.push({
        name: 'socket-relay-cpu',
        value: own.bytes / own.cpu_s / 1e6,
        unit: 'MB of media/s of server CPU',
        peer_value: b.bytes / b.cpu_s / 1e6,
        ...shared,
      })
    }
    return rows
  },
}
