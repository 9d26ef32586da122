// The live channel: one WebSocket to the server, kept alive for as long as the page is open.
//
// Commands carry an id and are sent again, after each reconnect and after a while without a reply,
// until the server's reply names them; the server gives a repeated id its first reply again. Streams
// (an attempt, a session) are numbered events: after a reconnect they are followed from the number
// that was seen last. A feed (a session seen by staff) has one running number; a gap asks again.
import { signal, type ReadonlySignal } from '@preact/signals'
import { clock as sharedClock, type ServerClock } from '@/lib/clock'
import { refusals } from '@/lib/gen/words'
import * as limits from '@/lib/gen/limits'
import {
  decodeDown,
  decodeEvent,
  decodeRow,
  encodeCommand,
  encodeMessage,
  encodeTargets,
  type Command,
  type DownMessage,
  type DownOf,
  type Event,
  type Row,
  type UpMessage,
} from '@/lib/wire/codec'

export const PROTOCOL = 1

/** Close codes after which coming back by itself helps nobody: signed out; another window leads now,
 * and two that take the exam from each other would go on for ever. */
const FINAL_CLOSES = [4401, 4409]
/** What this person may see is something else from now on. */
const RIGHTS_CHANGED = 4403

/** Why the server closed for good: signed out, or another window or device leads now. */
export type ClosedBy = '' | 'signed_out' | 'other_window' | 'other_device'

/** connecting: not yet or again; live; delayed: nothing heard for a while; offline: no connection;
 * refused: the server will not have us (signed out, other version), and says why. */
export type LinkState = 'connecting' | 'live' | 'delayed' | 'offline' | 'refused'

export interface Reply {
  target: number
  refusal: number
  ver: number
  at_ms: number
  receipt: Uint8Array
}

export interface StreamHandlers {
  event(event: Event, ver: number, bytes: Uint8Array): void
  /** An event that only staff may see has this version. */
  hidden?(ver: number): void
  /** All that was stored up to this version has been delivered. */
  caughtUp?(ver: number): void
}

export interface FeedHandlers {
  /** What was known is void; rows of the present follow, until ready. */
  reset(): void
  row(row: Row): void
  event(attempt: number, event: Event, ver: number): void
  ready(): void
  /** Somebody else looks after this candidate now: it is not shown here any more. */
  gone?(attempt: number): void
}

export interface SocketOptions {
  url?: string
  clock?: ServerClock
  /** For tests. */
  open?: (url: string) => WebSocket
  random?: () => number
}

interface Pending {
  cmd: number
  bytes: Uint8Array<ArrayBuffer>
  sentAt: number
  waiting: Set<number>
  replies: Reply[]
  done(replies: Reply[]): void
}

interface Stream {
  seen: number
  handlers: StreamHandlers
}

interface Feed {
  session: number
  id: number
  seq: number
  filling: boolean // between feed_reset and feed_ready
  handlers: FeedHandlers
}

const DELAYED_AFTER_MS = 7000
const RESEND_AFTER_MS = 5000
const BACKOFF_FIRST_MS = 400
const BACKOFF_MOST_MS = 8000
const TICK_MS = 1000
/** Above this a record must wait: what is typed goes over the same connection. */
const BUFFERED_MOST_BYTES = 1048576

type Listener = (message: DownMessage) => void

export class LiveSocket {
  private readonly linkState = signal<LinkState>('connecting')
  private readonly greeting = signal<DownOf<'welcome'> | null>(null)
  private readonly heard = signal(0)
  private readonly said = signal('')
  private readonly closer = signal<ClosedBy>('')
  /** What the person sees of the connection. */
  readonly state: ReadonlySignal<LinkState> = this.linkState
  readonly welcome: ReadonlySignal<DownOf<'welcome'> | null> = this.greeting
  /** When something last came, on clock.device(). */
  readonly heardAt: ReadonlySignal<number> = this.heard
  /** Why the server refused the connection, for people. */
  readonly refusal: ReadonlySignal<string> = this.said
  readonly closedBy: ReadonlySignal<ClosedBy> = this.closer

  readonly clock: ServerClock
  private socket: WebSocket | null = null
  private greeted = false
  private closed = false
  private lastRefusal = 0
  private tries = 0
  private reconnectDelayMs = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private ticker: ReturnType<typeof setInterval> | undefined
  private pingedAt = 0
  private beganAt = 0
  private dialedAt = 0
  private nextCmd: number
  private readonly pending = new Map<number, Pending>()
  private readonly streams = new Map<number, Stream>()
  private readonly feeds = new Map<number, Feed>()
  private readonly listeners = new Map<string, Set<Listener>>()
  private readonly random: () => number

  constructor(private readonly options: SocketOptions = {}) {
    this.clock = options.clock ?? sharedClock
    this.random = options.random ?? Math.random
    // A start that no other page of this person has, and room to count below 2^53: one of 2^51. Two pages
    // that ask n times each overlap once in 2^50 / n pairs; among 100 pages of one sign-in with 1,000
    // commands each that is one sign-in in 200 million.
    const words = crypto.getRandomValues(new Uint32Array(2))
    this.nextCmd = (words[0]! % 2 ** 19) * 2 ** 32 + words[1]! + 1
  }

  /** Age of the newest message in milliseconds; infinite before the first. */
  ageMs(): number {
    return this.heard.value ? this.clock.device() - this.heard.value : Infinity
  }

  /** The same for people: how long there has been no contact, counted from the first try. */
  silentMs(): number {
    return this.clock.device() - (this.heard.peek() || this.beganAt)
  }

  connect(): void {
    if (this.ticker) return
    this.closed = false
    this.closer.value = ''
    this.linkState.value = 'connecting'
    this.beganAt = this.clock.device()
    this.ticker = setInterval(() => this.tick(), TICK_MS)
    globalThis.addEventListener?.('online', this.reconnectNow)
    this.dial()
  }

  close(): void {
    this.rest()
    this.drop()
    this.linkState.value = 'offline'
  }

  /** The network says that it is back: do not wait for the next try. */
  readonly reconnectNow = (): void => {
    if (this.closed || this.socket) return
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.dial(), this.random() * 300)
  }

  /** Starts over with a new connection: whoever doubts that this one still works. */
  redial(): void {
    this.drop()
    clearTimeout(this.retry)
    this.dial()
  }

  // ---- commands ----

  /** Asks for many targets at once, under one id; resolves when each has its reply. */
  sendMany(command: Command, targets: readonly number[]): Promise<Reply[]> {
    const cmd = this.nextCmd++
    const message = {
      kind: 'command' as const,
      cmd,
      targets: encodeTargets(targets),
      body: encodeCommand(command),
    }
    return new Promise((done) => {
      if (!targets.length) return done([])
      const pending: Pending = {
        cmd,
        bytes: encodeMessage(message),
        sentAt: 0,
        waiting: new Set(targets),
        replies: [],
        done,
      }
      this.pending.set(cmd, pending)
      this.push(pending)
    })
  }

  /** Asks for one target. Resolves with the server's reply, however long the way there takes. */
  async send(command: Command, target: number): Promise<Reply> {
    const replies = await this.sendMany(command, [target])
    return replies[0]!
  }

  /** How many commands still wait for a reply. */
  get waiting(): number {
    return this.pending.size
  }

  private push(pending: Pending): void {
    pending.sentAt = this.clock.device()
    if (this.greeted) this.socket?.send(pending.bytes)
  }

  private replied(reply: DownOf<'reply'>): void {
    const pending = this.pending.get(reply.cmd)
    if (!pending || !pending.waiting.has(reply.target)) return
    // The server is at its limit: the same command goes again, by the resend below.
    if (reply.refusal === refusals.BUSY.id) return
    pending.waiting.delete(reply.target)
    const { target, refusal, ver, at_ms } = reply
    pending.replies.push({ target, refusal, ver, at_ms, receipt: reply.receipt.slice() })
    if (pending.waiting.size) return
    this.pending.delete(reply.cmd)
    pending.done(pending.replies)
  }

  // ---- streams and feeds ----

  /** Delivers the events of a stream after version `seen`, now and as they happen. */
  follow(stream: number, seen: number, handlers: StreamHandlers): () => void {
    const entry: Stream = { seen, handlers }
    this.streams.set(stream, entry)
    this.say({ kind: 'follow', stream, seen_ver: seen })
    return () => {
      if (this.streams.get(stream) === entry) this.streams.delete(stream)
    }
  }

  /** Asks for all streams again from where they are: more may be seen than before. */
  followAgain(): void {
    for (const [stream, { seen }] of this.streams)
      this.say({ kind: 'follow', stream, seen_ver: seen })
  }

  followFeed(session: number, handlers: FeedHandlers): () => void {
    const feed: Feed = { session, id: 0, seq: 0, filling: false, handlers }
    this.feeds.set(session, feed)
    this.sayFeed(feed)
    return () => {
      if (this.feeds.get(session) === feed) this.feeds.delete(session)
    }
  }

  private sayFeed(feed: Feed): void {
    const { session, id, seq } = feed
    this.say({ kind: 'follow_feed', session, feed_id: id, seen_seq: seq })
  }

  private streamEvent(message: DownOf<'event'>): void {
    const { stream: id, ver } = message
    const stream = this.streams.get(id)
    if (!stream || ver <= stream.seen) return
    if (ver !== stream.seen + 1)
      return this.say({ kind: 'follow', stream: id, seen_ver: stream.seen })
    stream.seen = ver
    // Empty: the event is for staff only, its number stays.
    if (message.event.length) stream.handlers.event(decodeEvent(message.event), ver, message.event)
    else stream.handlers.hidden?.(ver)
  }

  private feedMessage(session: number, seq: number, use: (feed: Feed) => void): void {
    const feed = this.feeds.get(session)
    if (!feed) return
    // A snapshot carries the numbers of old, all below the one that follows it.
    if (feed.filling) return use(feed)
    if (seq <= feed.seq) return
    if (seq !== feed.seq + 1) return this.sayFeed(feed)
    feed.seq = seq
    use(feed)
  }

  private feedReset(message: DownOf<'feed_reset'>): void {
    const feed = this.feeds.get(message.session)
    if (!feed) return
    feed.id = message.feed_id
    feed.seq = message.seq
    feed.filling = true
    feed.handlers.reset()
  }

  private feedGone({ session, seq, attempt }: DownOf<'feed_gone'>): void {
    const feed = this.feeds.get(session)
    if (!feed) return
    feed.seq = Math.max(feed.seq, seq)
    if (attempt) feed.handlers.gone?.(attempt)
  }

  private feedReady(message: DownOf<'feed_ready'>): void {
    const feed = this.feeds.get(message.session)
    if (!feed) return
    feed.seq = message.seq
    feed.filling = false
    feed.handlers.ready()
  }

  // ---- messages of others (media) ----

  /** Hears the messages of one kind; the result stops it. */
  on<K extends DownMessage['kind']>(kind: K, listener: (message: DownOf<K>) => void): () => void {
    let all = this.listeners.get(kind)
    if (!all) this.listeners.set(kind, (all = new Set()))
    all.add(listener as Listener)
    return () => all.delete(listener as Listener)
  }

  /** Hears when a connection is up: whoever must introduce itself again does so here. */
  onConnected(listener: () => void): () => void {
    const stop = this.on('welcome', listener)
    if (this.greeted) listener()
    return stop
  }

  /** Sends an encoded message as it is. false: there is no connection, or it is full. */
  sendRaw(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (!this.greeted || !this.socket || this.socket.readyState !== 1) return false
    if (this.socket.bufferedAmount > BUFFERED_MOST_BYTES) return false
    this.socket.send(bytes)
    return true
  }

  /** Bytes that the browser has not given to the network yet. */
  get bufferedBytes(): number {
    return this.socket?.bufferedAmount ?? 0
  }

  sendMessage(message: UpMessage): boolean {
    return this.sendRaw(encodeMessage(message))
  }

  // ---- the connection ----

  private say(message: UpMessage): void {
    if (this.greeted && this.socket?.readyState === 1) this.socket.send(encodeMessage(message))
  }

  private dial(): void {
    if (this.closed || this.socket) return
    if (this.linkState.value !== 'offline') this.linkState.value = 'connecting'
    const socket = this.opened()
    if (!socket) return this.later()
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    this.dialedAt = this.clock.device()
    socket.onopen = () => {
      const hello = { kind: 'hello' as const, protocol: PROTOCOL }
      socket.send(encodeMessage(hello))
    }
    socket.onmessage = (event) => this.received(socket, event)
    socket.onclose = (event) => this.lost(socket, event.code)
    socket.onerror = () => this.lost(socket)
  }

  private opened(): WebSocket | null {
    try {
      const url = this.options.url ?? `${location.origin.replace(/^http/, 'ws')}/live`
      return this.options.open ? this.options.open(url) : new WebSocket(url)
    } catch {
      return null
    }
  }

  private drop(): void {
    const socket = this.socket
    this.socket = null
    this.greeted = false
    if (!socket) return
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null
    socket.close()
  }

  private lost(socket: WebSocket, code = 0): void {
    if (socket !== this.socket) return
    this.drop()
    if (code === RIGHTS_CHANGED) for (const feed of this.feeds.values()) feed.id = 0
    const final = FINAL_CLOSES.includes(code)
    if (final) this.linkState.value = 'refused'
    else if (this.linkState.value !== 'refused') this.linkState.value = 'offline'
    if (!final) return this.later()
    this.rest()
    const device = this.lastRefusal === refusals.OTHER_DEVICE.id
    this.closer.value = code === 4401 ? 'signed_out' : device ? 'other_device' : 'other_window'
  }

  /** No more tries until somebody calls connect. */
  private rest(): void {
    this.closed = true
    clearInterval(this.ticker)
    clearTimeout(this.retry)
    this.ticker = undefined
    globalThis.removeEventListener?.('online', this.reconnectNow)
  }

  private later(): void {
    if (this.closed) return
    const backoff = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** this.tries++)
    const delay = this.reconnectDelayMs || backoff * (0.5 + this.random() / 2)
    this.reconnectDelayMs = 0
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.dial(), delay)
  }

  private tick(): void {
    const device = this.clock.device()
    if (!this.socket) return
    const silence = device - Math.max(this.heard.value, this.dialedAt)
    // Half-open: the other side is gone without a word, or the computer slept.
    if (silence > limits.DISCONNECTED_AFTER_MS) return this.lost(this.socket)
    if (!this.greeted) return
    this.linkState.value = silence > DELAYED_AFTER_MS ? 'delayed' : 'live'
    if (device - this.pingedAt >= limits.HEARTBEAT_MS - TICK_MS / 2) this.ping(device)
    for (const pending of this.pending.values())
      if (device - pending.sentAt > RESEND_AFTER_MS) this.push(pending)
  }

  private ping(device: number): void {
    this.pingedAt = device
    this.say({ kind: 'ping', device_ms: Math.round(device) })
  }

  private received(socket: WebSocket, event: MessageEvent): void {
    if (socket !== this.socket) return
    const message = decodeDown(new Uint8Array(event.data as ArrayBuffer))
    this.heard.value = this.clock.device()
    this.handle(message)
    for (const listener of this.listeners.get(message.kind) ?? []) listener(message)
  }

  private handle(message: DownMessage): void {
    switch (message.kind) {
      case 'welcome':
        return this.welcomed(message)
      case 'pong':
        return this.clock.learn(message.device_ms, message.server_ms, this.clock.device())
      case 'reply':
        return this.replied(message)
      case 'event':
        return this.streamEvent(message)
      case 'followed':
        return this.followed(message)
      case 'feed_reset':
        return this.feedReset(message)
      case 'feed_row':
        return this.feedMessage(message.session, message.seq, (feed) =>
          feed.handlers.row(decodeRow(message.row)),
        )
      case 'feed_event':
        return this.feedMessage(message.session, message.seq, (feed) =>
          feed.handlers.event(message.attempt, decodeEvent(message.event), message.ver),
        )
      case 'feed_ready':
        return this.feedReady(message)
      case 'feed_gone':
        return this.feedGone(message)
      case 'refused':
        this.said.value = message.what
        this.lastRefusal = message.refusal
        // Once greeted, one message was refused (a record that came too fast), not the connection.
        if (!this.greeted || message.refusal === refusals.NOT_SIGNED_IN.id)
          this.linkState.value = 'refused'
        return
      case 'closing':
        this.reconnectDelayMs = Math.max(1, message.reconnect_delay_ms)
        return
      default:
    }
  }

  private followed(message: DownOf<'followed'>): void {
    const stream = this.streams.get(message.stream)
    if (!stream) return
    stream.seen = Math.max(stream.seen, message.upto_ver)
    stream.handlers.caughtUp?.(message.upto_ver)
  }

  private welcomed(message: DownOf<'welcome'>): void {
    this.greeted = true
    this.tries = 0
    this.reconnectDelayMs = message.reconnect_delay_ms
    this.said.value = ''
    this.greeting.value = message
    this.linkState.value = 'live'
    const device = this.clock.device()
    if (!this.clock.known) this.clock.learn(device, message.server_ms, device)
    this.ping(device)
    this.followAgain()
    for (const feed of this.feeds.values()) this.sayFeed(feed)
    for (const pending of this.pending.values()) this.push(pending)
  }
}
