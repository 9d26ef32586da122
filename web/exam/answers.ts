// The way of an answer: into the journal with each change, to the server after a short rest, and again
// until the server's receipt is there. One revision of a question is on its way at a time; what is
// typed meanwhile goes as the next. Knows no screen.
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals'
import { refusals } from '@/lib/gen/words'
import type { Journal, JournalEntry } from '@/lib/journal'
import type { Reply } from '@/lib/socket'
import type { CommandOf } from '@/lib/wire/codec'

/** How a question's answer stands. kept: on this device, not yet at the server. */
export type AnswerState = 'none' | 'kept' | 'sending' | 'saved' | 'refused'

export interface AnswerView {
  value: string
  rev: number
  state: AnswerState
  stored_ms: number
  refusal: number
}

export interface AnswersOptions {
  journal: Journal
  send: (command: CommandOf<'answer'>) => Promise<Reply>
  /** The refusal that an answer which was written before would get now; 0: it may go. */
  mayDeliver: () => number
  /** The device's clock, for the record only. */
  deviceNow?: () => number
  restMs?: number
  mostMs?: number
}

/** An answer in the attempt's events. */
export interface Heard {
  item: number
  rev: number
  value: string
  device_ms: number
  stored_ms: number
  /** Written on another device while this one was not the one that leads. */
  elsewhere?: boolean
}

const REST_MS = 400
const MOST_MS = 2000
const AGAIN_MS = 3000
const EMPTY: AnswerView = { value: '', rev: 0, state: 'none', stored_ms: 0, refusal: 0 }

/** Refusals that pass: the same revision is sent again later. */
const PASSING = new Set<number>([
  refusals.IS_PAUSED.id,
  refusals.IS_LOCKED.id,
  refusals.IS_SYSTEM_PAUSED.id,
  refusals.NOT_STORED.id,
  refusals.BUSY.id,
  refusals.TOO_EARLY.id,
  refusals.FAULT.id,
  refusals.OTHER_DEVICE.id,
])

interface Waiting {
  timer: ReturnType<typeof setTimeout>
  since: number
}

export class Answers {
  private readonly views = new Map<number, ReturnType<typeof signal<AnswerView>>>()
  private readonly changed = signal(0)
  private readonly writing = signal(0)
  private readonly resting = new Map<number, Waiting>()
  private readonly flying = new Set<number>()
  private readonly serverRev = new Map<number, number>()
  private again: ReturnType<typeof setTimeout> | undefined
  private readonly deviceNow: () => number

  constructor(private readonly options: AnswersOptions) {
    this.deviceNow = options.deviceNow ?? Date.now
    for (const entry of options.journal.all()) this.show(entry)
  }

  // ---- reading ----

  view(item: number): ReadonlySignal<AnswerView> {
    let view = this.views.get(item)
    if (!view) this.views.set(item, (view = signal<AnswerView>(EMPTY)))
    return view as ReadonlySignal<AnswerView>
  }

  /** Questions whose newest text the server does not have. */
  readonly waiting: ReadonlySignal<number> = computed(() => {
    void this.changed.value
    return this.options.journal.unsent().length
  })

  /** All that was typed is on this device; false while the journal is being written. */
  readonly kept: ReadonlySignal<boolean> = computed(() => this.writing.value === 0)

  readonly sending: ReadonlySignal<boolean> = computed(() => {
    void this.changed.value
    return this.flying.size > 0
  })

  readonly savedAt: ReadonlySignal<number> = computed(() => {
    void this.changed.value
    let newest = 0
    for (const view of this.views.values()) newest = Math.max(newest, view.value?.stored_ms ?? 0)
    return newest
  })

  readonly refused: ReadonlySignal<number[]> = computed(() => {
    void this.changed.value
    return this.options.journal
      .all()
      .filter((entry) => entry.refusal)
      .map((entry) => entry.item)
  })

  get durable(): boolean {
    return this.options.journal.durable
  }

  // ---- writing ----

  /** The person changed an answer. */
  write(item: number, value: string): void {
    const before = this.view(item).value
    if (before.value === value) return
    const rev = Math.max(before.rev, this.serverRev.get(item) ?? 0) + 1
    this.keep({
      item,
      rev,
      value,
      device_ms: this.deviceNow(),
      receipt: null,
      stored_ms: 0,
      refusal: 0,
    })
    this.rest(item)
  }

  /** The person leaves the question: no need to wait for a rest. */
  flush(item?: number): void {
    for (const each of item === undefined ? [...this.resting.keys()] : [item]) {
      const waiting = this.resting.get(each)
      if (!waiting) continue
      clearTimeout(waiting.timer)
      this.resting.delete(each)
      void this.deliver(each)
    }
  }

  /** After a reconnect, a pause, a reload: sends whatever the server does not have. */
  resend(): void {
    if (this.options.mayDeliver()) return
    for (const entry of this.options.journal.unsent())
      if (!this.resting.has(entry.item)) void this.deliver(entry.item)
  }

  /** Resolves when nothing waits any more, or false after that long. */
  async settle(mostMs: number): Promise<boolean> {
    this.flush()
    this.resend()
    await this.options.journal.settled()
    if (!this.waiting.value) return true
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(false), mostMs)
      const stop = this.waiting.subscribe((count) => void (count === 0 && finish(true)))
      const finish = (done: boolean): void => {
        clearTimeout(timer)
        queueMicrotask(() => stop())
        resolve(done)
      }
    })
  }

  close(): void {
    for (const waiting of this.resting.values()) clearTimeout(waiting.timer)
    clearTimeout(this.again)
  }

  // ---- what the server says ----

  /** An answer in the attempt's events: from this page, an earlier visit or another device. */
  heard(answer: Heard): void {
    const { item, rev, value, device_ms, stored_ms } = answer
    this.serverRev.set(item, Math.max(rev, this.serverRev.get(item) ?? 0))
    const mine = this.options.journal.get(item)
    const stored: JournalEntry = {
      item,
      rev,
      value,
      device_ms,
      receipt: new Uint8Array(),
      stored_ms,
      refusal: 0,
    }
    if (!mine || (mine.receipt && rev > mine.rev)) return this.keep(stored)
    if (mine.receipt || (rev < mine.rev && !answer.elsewhere)) return
    if (mine.value === value) return this.keep({ ...mine, ...stored })
    // The server has another text under this number. The later one counts; ours gets a new number.
    if (mine.device_ms <= device_ms) return this.keep(stored)
    this.keep({ ...mine, rev: Math.max(rev + 1, mine.rev) })
  }

  // ---- inside ----

  private keep(entry: JournalEntry): void {
    this.writing.value++
    void this.options.journal.put(entry).then(() => {
      this.writing.value--
      this.changed.value++
    })
    this.show(entry)
  }

  private show(entry: JournalEntry): void {
    const state: AnswerState = entry.refusal
      ? 'refused'
      : entry.receipt
        ? 'saved'
        : this.flying.has(entry.item)
          ? 'sending'
          : 'kept'
    const { value, rev, stored_ms, refusal } = entry
    batch(() => {
      const view = this.view(entry.item) as ReturnType<typeof signal<AnswerView>>
      view.value = { value, rev, state, stored_ms, refusal }
      this.changed.value++
    })
  }

  private rest(item: number): void {
    const { restMs = REST_MS, mostMs = MOST_MS } = this.options
    const now = performance.now()
    const before = this.resting.get(item)
    if (before) clearTimeout(before.timer)
    const since = before?.since ?? now
    const wait = Math.max(0, Math.min(restMs, since + mostMs - now))
    this.resting.set(item, { since, timer: setTimeout(() => this.flush(item), wait) })
  }

  private async deliver(item: number): Promise<void> {
    const { journal, send, mayDeliver } = this.options
    if (this.flying.has(item)) return
    // Before it is sent it is on the device.
    await journal.settled()
    const entry = journal.get(item)
    if (!entry || entry.receipt || entry.refusal || this.flying.has(item)) return
    if (mayDeliver()) return this.show(entry)
    this.flying.add(item)
    this.show(entry)
    const { rev, device_ms, value } = entry
    const reply = await send({ kind: 'answer', item, rev, device_ms, value })
    this.flying.delete(item)
    await this.replied(item, rev, reply)
    const newest = journal.get(item)
    if (newest) this.show(newest)
    if (newest && !newest.receipt && !newest.refusal && newest.rev !== rev) void this.deliver(item)
  }

  private async replied(item: number, rev: number, reply: Reply): Promise<void> {
    const { journal } = this.options
    const { refusal } = reply
    if (!refusal || refusal === refusals.ALREADY.id) {
      this.serverRev.set(item, Math.max(rev, this.serverRev.get(item) ?? 0))
      return journal.confirm(item, rev, reply.receipt, reply.at_ms)
    }
    if (PASSING.has(refusal)) return this.later()
    if (refusal === refusals.CONFLICT.id) return this.renumber(item, rev)
    return journal.refuse(item, rev, refusal)
  }

  /** Somebody else used this number; the event with that text may still be on its way. */
  private renumber(item: number, rev: number): void {
    const entry = this.options.journal.get(item)
    // Meanwhile that event came, and its text counts: it has its number.
    if (!entry || entry.rev !== rev || entry.receipt) return
    this.keep({ ...entry, rev: Math.max(rev, this.serverRev.get(item) ?? 0) + 1 })
  }

  private later(): void {
    clearTimeout(this.again)
    this.again = setTimeout(() => this.resend(), AGAIN_MS)
  }
}
