// WebSocket: round trips, a broadcast, and what an idle connection costs, beside Node with ws.
// The relay of media stands beside a bare epoll loop as well: the floor of the machine.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { built, cpuSeconds, line, residentBytes, server, start } from '../process.mjs'

const CONNECTIONS = 10000
const ACTIVE = 64
const ECHO_MS = 3000
const TLS_CONNECTIONS = 1000
const ROUNDS = 30
const SENDERS = 51 // one of them is the viewer
const RELAY_MS = 3000
const PEER = 'Node ws'

const ours = (files = []) => server(built('echo'), files)
const floor = () => server(built('floor'), [])
const theirs = (files = []) => server(process.execPath, ['bench/peers/ws.mjs', ...files])

// A certificate for the time of one measure: fn gets the paths of certificate and key.
async function withCertificate(fn) {
  const folder = mkdtempSync(join(tmpdir(), 'invigil-bench-'))
  const files = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost`
  try {
    execFileSync('openssl', [...words.split(' '), '-out', files[0], '-keyout', files[1]], {
      stdio: 'ignore',
    })
    return await fn(files)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// Connects everybody, then measures; returns what the load said and the server's CPU time for it.
async function run(open, mode, connections, ...args) {
  const s = await open()
  try {
    const load = start(built('load'), [
      mode,
      String(s.port),
      String(connections),
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
  async 'socket-tls'() {
    return withCertificate(async (files) => {
      const a = await run(() => ours(files), 'tls-echo', TLS_CONNECTIONS, ACTIVE, ECHO_MS)
      const b = await run(() => theirs(files), 'tls-echo', TLS_CONNECTIONS, ACTIVE, ECHO_MS)
      const row = (name, unit, key) => ({
        name,
        value: a[key],
        unit,
        better: 'higher',
        peer: PEER,
        peer_value: b[key],
      })
      return [
        {
          ...row('socket-tls-echo', 'round trips/s over TLS', 'round_trips_per_s'),
          server_cpu_s: a.cpu_s,
          peer_cpu_s: b.cpu_s,
        },
        row('socket-tls-connect', 'TLS handshakes and upgrades/s', 'connects_per_s'),
      ]
    })
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
