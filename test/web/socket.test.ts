// The live channel against a socket that the test plays.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ServerClock } from '@/lib/clock'
import { rowFields } from '@/lib/gen/wire'
import { refusals } from '@/lib/gen/words'
import { LiveSocket } from '@/lib/socket'
import {
  decodeUp,
  encodeEvent,
  encodeMessage,
  encodeRow,
  type DownMessage,
  type Event,
  type Row,
  type UpMessage,
} from '@/lib/wire/codec'

class Line {
  binaryType = ''
  readyState = 0
  bufferedAmount = 0
  sent: UpMessage[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  onerror: (() => void) | null = null

  send(bytes: Uint8Array): void {
    this.sent.push(decodeUp(bytes))
  }
  close(): void {
    this.readyState = 3
  }
  opens(): void {
    this.readyState = 1
    this.onopen?.()
  }
  gives(message: DownMessage): void {
    this.onmessage?.({ data: encodeMessage(message).buffer })
  }
  breaks(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
  of<K extends UpMessage['kind']>(kind: K): Extract<UpMessage, { kind: K }>[] {
    return this.sent.filter((each) => each.kind === kind) as never
  }
}

const lines: Line[] = []
let socket: LiveSocket

function start(): LiveSocket {
  lines.length = 0
  socket = new LiveSocket({
    url: 'ws://test/live',
    clock: new ServerClock(() => performance.now()),
    random: () => 0.5,
    open: () => {
      const line = new Line()
      lines.push(line)
      return line as unknown as WebSocket
    },
  })
  socket.connect()
  return socket
}

const line = (): Line => lines.at(-1)!
const welcome = (reconnect_delay_ms = 0): DownMessage => ({
  kind: 'welcome',
  protocol: 1,
  server_ms: 1000,
  user: 1,
  attempt: 5,
  reconnect_delay_ms,
})
function greeted(): Line {
  line().opens()
  line().gives(welcome())
  return line()
}
const reply = (cmd: number, target: number, refusal = 0): DownMessage => ({
  kind: 'reply',
  cmd,
  target,
  refusal,
  ver: 3,
  at_ms: 9,
  receipt: Uint8Array.of(1),
})
const paused: Event = { kind: 'paused', role: 2, at_ms: 5, actor: 1, cmd: 0, reason: 'break' }
const event = (ver: number, of: Event | null = paused): DownMessage => ({
  kind: 'event',
  stream: 9,
  ver,
  event: of ? encodeEvent(of) : new Uint8Array(),
})
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  socket.close()
  vi.useRealTimers()
})

describe('the connection', () => {
  it('says hello first and is live after the welcome', () => {
    start()
    line().opens()
    expect(line().sent).toEqual([{ kind: 'hello', protocol: 1 }])
    expect(socket.state.value).toBe('connecting')
    line().gives(welcome())
    expect(socket.state.value).toBe('live')
  })

  it('comes back after it broke, later each time', async () => {
    start()
    greeted().breaks()
    expect(socket.state.value).toBe('offline')
    await pass(300)
    expect(lines).toHaveLength(2)
    line().breaks()
    await pass(300)
    expect(lines).toHaveLength(2)
    await pass(300)
    expect(lines).toHaveLength(3)
  })

  it('waits as long as the server said before it closed', async () => {
    start()
    greeted().gives({ kind: 'closing', reconnect_delay_ms: 4000 })
    line().breaks()
    await pass(3900)
    expect(lines).toHaveLength(1)
    await pass(200)
    expect(lines).toHaveLength(2)
  })

  it('pings every five seconds and notices when nothing comes back', async () => {
    start()
    greeted()
    await pass(8000)
    expect(line().of('ping').length).toBeGreaterThanOrEqual(2)
    expect(socket.state.value).toBe('delayed')
    await pass(9000)
    expect(lines.length).toBeGreaterThan(1)
  })

  it('does not come back by itself when it is signed out or another window leads', () => {
    for (const code of [4401, 4409]) {
      start()
      greeted().gives({ kind: 'refused', refusal: 48, what: 'Another window leads.' })
      line().breaks(code)
      vi.advanceTimersByTime(600_000)
      expect(lines).toHaveLength(1)
      expect(socket.state.value).toBe('refused')
      socket.connect()
      expect(lines).toHaveLength(2)
      socket.close()
    }
  })

  it('shows why the server refuses it', () => {
    start()
    greeted().gives({ kind: 'refused', refusal: 3, what: 'You are not signed in.' })
    expect(socket.state.value).toBe('refused')
    expect(socket.refusal.value).toBe('You are not signed in.')
  })
})

describe('commands', () => {
  it('resolve with the reply that names them', async () => {
    start()
    const asked = socket.send({ kind: 'ready' }, 5)
    const { cmd } = greeted().of('command')[0]!
    line().gives(reply(cmd, 5, 52))
    expect((await asked).refusal).toBe(52)
    expect(socket.waiting).toBe(0)
  })

  it('go again under the same id after a reconnect', async () => {
    start()
    greeted()
    void socket.send({ kind: 'ready' }, 5)
    const first = line().of('command')[0]!
    line().breaks()
    await pass(300)
    expect(greeted().of('command')).toEqual([first])
  })

  it('go again when no reply comes', async () => {
    start()
    greeted()
    void socket.send({ kind: 'ready' }, 5)
    for (let second = 0; second < 7; second++) {
      await pass(1000)
      line().gives({ kind: 'pong', device_ms: 0, server_ms: 0 })
    }
    expect(line().of('command')).toHaveLength(2)
  })

  it('go again when the server is at its limit', async () => {
    start()
    greeted()
    const asked = socket.send({ kind: 'ready' }, 5)
    const { cmd } = line().of('command')[0]!
    line().gives(reply(cmd, 5, refusals.BUSY.id))
    expect(socket.waiting).toBe(1)
    line().gives(reply(cmd, 5))
    expect((await asked).refusal).toBe(0)
  })

  it('for many wait for each reply', async () => {
    start()
    greeted()
    const asked = socket.sendMany({ kind: 'pause', reason: '' }, [5, 6])
    const { cmd } = line().of('command')[0]!
    line().gives(reply(cmd, 6, 47))
    line().gives(reply(cmd, 5))
    expect((await asked).map((each) => [each.target, each.refusal])).toEqual([
      [6, 47],
      [5, 0],
    ])
  })
})

describe('a feed', () => {
  const row = (attempt: number) =>
    encodeRow({
      ...Object.fromEntries(rowFields.map(([name, type]) => [name, type === 'str' ? '' : 0])),
      attempt,
    } as unknown as Row)
  const feedRow = (seq: number, attempt: number): DownMessage => ({
    kind: 'feed_row',
    session: 3,
    seq,
    row: row(attempt),
  })
  const follow = (): (string | number)[] => {
    const heard: (string | number)[] = []
    socket.followFeed(3, {
      reset: () => heard.push('reset'),
      row: ({ attempt }) => heard.push(attempt),
      event: () => undefined,
      ready: () => heard.push('ready'),
    })
    return heard
  }
  const snapshot = (): void => {
    line().gives({ kind: 'feed_reset', session: 3, feed_id: 8, seq: 40 })
    line().gives(feedRow(40, 1))
    line().gives(feedRow(40, 2))
    line().gives({ kind: 'feed_ready', session: 3, seq: 40 })
  }

  it('takes the whole snapshot, then what follows it', () => {
    start()
    const heard = follow()
    greeted()
    snapshot()
    line().gives(feedRow(41, 1))
    expect(heard).toEqual(['reset', 1, 2, 'ready', 1])
  })

  it('asks again from what it has after a gap', () => {
    start()
    const heard = follow()
    greeted()
    snapshot()
    line().gives(feedRow(43, 1))
    expect(heard).toEqual(['reset', 1, 2, 'ready'])
    expect(line().of('follow_feed').at(-1)).toEqual({
      kind: 'follow_feed',
      session: 3,
      feed_id: 8,
      seen_seq: 40,
    })
  })
})

describe('a stream', () => {
  it('gives events in order, once, and asks again after a gap', () => {
    start()
    const seen: number[] = []
    socket.follow(9, 0, { event: (_, ver) => seen.push(ver), hidden: (ver) => seen.push(-ver) })
    greeted()
    line().gives(event(1))
    line().gives(event(1))
    line().gives(event(2, null))
    line().gives(event(4))
    expect(seen).toEqual([1, -2])
    expect(line().of('follow').at(-1)).toEqual({ kind: 'follow', stream: 9, seen_ver: 2 })
  })

  it('is followed from what was seen after a reconnect', async () => {
    start()
    socket.follow(9, 0, { event: () => undefined })
    greeted().gives(event(1))
    line().breaks()
    await pass(300)
    expect(greeted().of('follow')).toEqual([{ kind: 'follow', stream: 9, seen_ver: 1 }])
  })
})
