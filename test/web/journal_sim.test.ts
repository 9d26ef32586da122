// Exams from seeds: the real Answers, Journal (IndexedDB, encrypted) and LiveSocket against a server of
// a few lines, over a network that loses, doubles, delays and breaks, with pages that die and come
// back. What a page once showed as saved must be at the server; nothing is stored twice; the last text wins.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Answers } from '@/exam/answers'
import { ServerClock } from '@/lib/clock'
import { refusals } from '@/lib/gen/words'
import { Journal } from '@/lib/journal'
import { LiveSocket } from '@/lib/socket'
import {
  decodeCommand,
  decodeUp,
  encodeEvent,
  encodeMessage,
  type DownMessage,
  type UpMessage,
} from '@/lib/wire/codec'

const SEEDS = 60
const ITEMS = 4
const STREAM = 9
const EXAM_MS = 45_000
const CALM_MS = 40_000

/** mulberry32: a seed gives the same exam again. */
function chance(seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296
  }
  const below = (n: number): number => Math.floor(next() * n)
  return { next, below, onceIn: (n: number): boolean => below(n) === 0 }
}
type Chance = ReturnType<typeof chance>

interface Stored {
  item: number
  rev: number
  value: string
  device_ms: number
}

/** Stores in two steps, as the real one: decided, then durable. A crash forgets what is only decided. */
class Server {
  readonly durable: Stored[] = []
  private decided: Stored[] = []
  readonly lines = new Set<Line>()
  up = true
  held = false
  life = 0

  constructor(readonly luck: Chance) {}

  newest(item: number): Stored | undefined {
    return [...this.durable, ...this.decided].filter((each) => each.item === item).at(-1)
  }

  take(line: Line, message: UpMessage): void {
    if (message.kind === 'hello') return this.welcome(line)
    if (message.kind === 'follow') return this.follow(line, message.seen_ver)
    if (message.kind === 'ping')
      return line.give({ kind: 'pong', device_ms: message.device_ms, server_ms: Date.now() })
    if (message.kind !== 'command') return
    const command = decodeCommand(message.body)
    if (command.kind !== 'answer') return
    const { item, rev, value, device_ms } = command
    const before = this.newest(item)
    const same = before?.rev === rev && before.value === value
    const refusal =
      !same && before && rev <= before.rev
        ? refusals.CONFLICT.id
        : !same && this.held
          ? refusals.IS_PAUSED.id
          : 0
    const stored = { item, rev, value, device_ms }
    if (!refusal && !same) this.decided.push(stored)
    const life = this.life
    setTimeout(() => this.settle(line, life, message.cmd, refusal, stored), 1 + this.luck.below(60))
  }

  private settle(line: Line, life: number, cmd: number, refusal: number, answer: Stored): void {
    if (!this.up || life !== this.life) return
    // The disk takes all that was decided at once.
    this.write()
    const { item, rev } = answer
    const receipt = refusal ? new Uint8Array() : Uint8Array.of(item, rev & 255, rev >> 8)
    line.give({ kind: 'reply', cmd, target: 1, refusal, ver: 1, at_ms: Date.now(), receipt }, true)
  }

  private write(): void {
    for (const each of this.decided.splice(0)) {
      this.durable.push(each)
      for (const line of this.lines) line.give(this.event(this.durable.length))
    }
  }

  private event(ver: number): DownMessage {
    const { item, rev, value, device_ms } = this.durable[ver - 1]!
    const event = encodeEvent({
      kind: 'answered',
      role: 1,
      at_ms: ver,
      actor: 1,
      cmd: 0,
      item,
      rev,
      device_ms,
      late: 0,
      value,
    })
    return { kind: 'event', stream: STREAM, ver, event }
  }

  /** Another device of this person stores an answer. */
  other(item: number, value: string): void {
    this.write()
    const rev = (this.newest(item)?.rev ?? 0) + 1
    this.durable.push({ item, rev, value, device_ms: Date.now() - this.luck.below(4000) })
    for (const line of this.lines) line.give(this.event(this.durable.length))
  }

  private welcome(line: Line): void {
    line.give({
      kind: 'welcome',
      protocol: 1,
      server_ms: Date.now(),
      user: 1,
      attempt: 1,
      reconnect_delay_ms: 0,
    })
  }

  private follow(line: Line, seen: number): void {
    for (let ver = seen + 1; ver <= this.durable.length; ver++) line.give(this.event(ver))
    line.give({ kind: 'followed', stream: STREAM, upto_ver: this.durable.length })
  }

  crash(): void {
    this.up = false
    this.life++
    this.decided = []
    for (const line of [...this.lines]) line.breaks()
    setTimeout(() => (this.up = true), 200 + this.luck.below(4000))
  }
}

/** A WebSocket of the world: what goes over it is late, commands and replies get lost and doubled. */
class Line {
  binaryType = ''
  readyState = 0
  bufferedAmount = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  onerror: (() => void) | null = null
  /** Nothing comes through any more, and neither side knows. */
  stuck = false
  private readyAt = 0

  constructor(
    readonly server: Server,
    readonly luck: Chance,
  ) {
    setTimeout(() => this.opens(), 5 + luck.below(100))
  }

  private opens(): void {
    if (this.readyState !== 0) return
    if (!this.server.up) return this.breaks()
    this.readyState = 1
    this.server.lines.add(this)
    this.onopen?.()
  }

  private copies(lossy: boolean): number {
    if (this.stuck) return 0
    if (!lossy) return 1
    return this.luck.onceIn(20) ? 0 : this.luck.onceIn(20) ? 2 : 1
  }

  send(bytes: Uint8Array): void {
    const message = decodeUp(bytes.slice())
    const lossy = message.kind === 'command'
    for (let n = this.copies(lossy); n > 0; n--)
      this.later(lossy, () => this.server.up && this.server.take(this, message))
  }

  give(message: DownMessage, lossy = false): void {
    if (this.readyState !== 1) return
    for (let n = this.copies(lossy); n > 0; n--)
      this.later(lossy, () => this.onmessage?.({ data: encodeMessage(message).buffer }))
  }

  /** Answers may overtake each other; everything else arrives in order. */
  private later(overtakes: boolean, arrive: () => void): void {
    const at = Date.now() + 2 + this.luck.below(this.luck.onceIn(20) ? 3000 : 60)
    if (!overtakes) this.readyAt = Math.max(this.readyAt, at)
    const wait = (overtakes ? at : this.readyAt) - Date.now()
    setTimeout(() => this.readyState === 1 && !this.stuck && arrive(), wait)
  }

  close(): void {
    this.readyState = 3
    this.server.lines.delete(this)
  }

  breaks(): void {
    if (this.readyState === 3) return
    this.close()
    this.onclose?.({ code: 1006 })
  }
}

/** Lets what does not wait for the simulated clock (the journal, cryptography) come to its end. */
const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

class Exam {
  readonly luck: Chance
  readonly server: Server
  /** What was typed last in each question, and what a page showed as saved. */
  readonly typed = new Map<number, string>()
  readonly saved: Stored[] = []
  /** Questions that another device answered too: whose text is the last one the clocks decide. */
  readonly shared = new Set<number>()
  private journal!: Journal
  private answers!: Answers
  private socket!: LiveSocket
  private texts = 0
  private stops: (() => void)[] = []

  constructor(seed: number) {
    this.luck = chance(seed)
    this.server = new Server(this.luck)
  }

  async open(): Promise<void> {
    this.journal = await Journal.open(1)
    expect(this.journal.durable).toBe(true)
    this.socket = new LiveSocket({
      url: 'ws://sim/live',
      clock: new ServerClock(() => performance.now()),
      random: this.luck.next,
      open: () => new Line(this.server, this.luck) as unknown as WebSocket,
    })
    const socket = this.socket
    this.answers = new Answers({
      journal: this.journal,
      send: (command) => socket.send(command, 1),
      mayDeliver: () => 0,
    })
    const answers = this.answers
    socket.follow(STREAM, 0, {
      event: (event) => {
        if (event.kind === 'answered') answers.heard({ ...event, stored_ms: event.at_ms })
      },
    })
    socket.onConnected(() => answers.resend())
    for (let item = 1; item <= ITEMS; item++) this.watch(item)
    socket.connect()
  }

  /** A text that the page shows as saved is at the server, durably, under that number. */
  private watch(item: number): void {
    const stop = this.answers.view(item).subscribe((view) => {
      if (view.state !== 'saved') return
      const { rev, value } = view
      const there = this.server.durable.some(
        (each) => each.item === item && each.rev === rev && each.value === value,
      )
      expect(there, `item ${item} rev ${rev} is shown as saved`).toBe(true)
      this.saved.push({ item, rev, value, device_ms: 0 })
    })
    this.stops.push(stop)
  }

  close(): void {
    for (const stop of this.stops.splice(0)) stop()
    this.answers.close()
    this.socket.close()
    this.journal.close()
  }

  /** One thing that a person does. */
  private type(): void {
    const item = 1 + this.luck.below(ITEMS)
    const value = this.luck.onceIn(12) ? '' : `text ${++this.texts}`
    if (this.answers.view(item).value.value === value) return
    this.answers.write(item, value)
    this.typed.set(item, value)
    if (this.luck.onceIn(4)) this.answers.flush(item)
  }

  /** One thing that goes wrong, or the person. */
  private async happens(): Promise<void> {
    const line = [...this.server.lines].at(-1)
    switch (this.luck.below(14)) {
      case 0:
        return line?.breaks()
      case 1:
        if (line) line.stuck = true
        return
      case 2:
        return this.server.up && this.luck.onceIn(2) ? this.server.crash() : undefined
      case 3:
        this.server.held = !this.server.held
        return
      case 4: {
        if (!this.luck.onceIn(3)) return
        // What the journal has not written yet dies with the page: it was typed in this instant.
        await this.rest()
        this.close()
        return this.open()
      }
      case 5: {
        const item = 1 + this.luck.below(2)
        if (this.luck.onceIn(3) || !this.server.up) return
        this.shared.add(item)
        return this.server.other(item, `other ${++this.texts}`)
      }
      default:
        this.type()
    }
  }

  async run(): Promise<void> {
    await this.open()
    for (let at = 0; at < EXAM_MS;) {
      const wait = 50 + this.luck.below(3000)
      at += wait
      await this.pass(wait)
      await this.happens()
    }
    this.server.held = false
    await this.pass(CALM_MS)
  }

  /** Time passes from timer to timer, and after each the journal comes to rest: so a seed is one exam. */
  private async pass(ms: number): Promise<void> {
    const until = Date.now() + ms
    setTimeout(() => undefined, ms)
    while (Date.now() < until) {
      await vi.advanceTimersToNextTimerAsync()
      await this.rest()
    }
  }

  private async rest(): Promise<void> {
    for (let times = 0; times < 2; times++) {
      await this.journal.settled()
      await turn()
    }
  }

  check(): void {
    const { durable } = this.server
    const numbers = durable.map(({ item, rev }) => `${item}.${rev}`)
    expect(new Set(numbers).size, 'no revision is stored twice').toBe(numbers.length)
    for (const { item, rev, value } of this.saved)
      expect(durable, `saved ${item}.${rev}`).toContainEqual(
        expect.objectContaining({ item, rev, value }),
      )
    expect(this.answers.waiting.value, 'nothing waits in fair weather').toBe(0)
    for (const item of this.shared)
      expect(this.answers.view(item).value).toMatchObject({
        value: this.server.newest(item)?.value,
        state: 'saved',
      })
    for (const [item, value] of this.typed) {
      if (this.shared.has(item)) continue
      expect(this.server.newest(item)?.value, `the last text of ${item}`).toBe(value)
      expect(this.answers.view(item).value).toMatchObject({ value, state: 'saved' })
      const { receipt, rev } = this.journal.get(item)!
      if (receipt?.length) expect([...receipt]).toEqual([item, rev & 255, rev >> 8])
    }
  }
}

beforeEach(() => {
  const toFake = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] as const
  vi.useFakeTimers({ now: 1_700_000_000_000, toFake: [...toFake, 'performance'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await new Promise<void>((done) => {
    const request = indexedDB.deleteDatabase('invigil-journal')
    request.onsuccess = () => done()
  })
})

describe('an exam on a bad network, with the journal of the device', () => {
  for (let seed = 1; seed <= SEEDS; seed++)
    it(`loses nothing (seed ${seed})`, async () => {
      const exam = new Exam(seed)
      try {
        await exam.run()
        exam.check()
      } finally {
        exam.close()
      }
    })
})
