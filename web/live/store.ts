// All that the live page knows of one session: rows, activity, messages, and the way to act on them.
// Fed by the session's feed. Knows no component.
import { batch, computed, signal, type Signal } from '@preact/signals'
import { api } from '@/lib/api'
import { clock, now } from '@/lib/clock'
import type { LiveSocket } from '@/lib/socket'
import {
  decodeTargets,
  streamId,
  type Command,
  type DownOf,
  type Event,
  type EventKind,
  type Row,
} from '@/lib/wire/codec'
import * as limits from '@/lib/gen/limits'
import type { SessionDetail } from '@/staff/types'
import type { Desk } from './model/desk.ts'
import { courseAfter, NO_COURSE, type Course } from './model/incident.ts'
import type { Outcome } from './model/mass.ts'
import { HIGH_FLAG } from './model/state.ts'
import { changesState } from './model/undo.ts'

export interface Happening {
  attempt: number
  ver: number
  event: Event
}

/** ended: this person's assignment is over. */
export type Loading = 'loading' | 'ready' | 'ended' | { failed: string }

/** Rows and lists that are drawn from all rows change at most this often. */
const PULSE_MS = 400
/** A frame: what comes within it is applied at once. */
const GATHER_MS = 16

export class Monitor {
  readonly detail = signal<SessionDetail | null>(null)
  readonly loading = signal<Loading>('loading')
  /** An open incident, an announced end. */
  readonly course = signal<Course>(NO_COURSE)
  /** All rows have come once. */
  readonly fed = signal(false)
  /** Ids in the order in which they came. */
  readonly ids = signal<readonly number[]>([])
  /** Counts up when any row has changed; read it to be drawn anew, then use all(). */
  readonly pulse = signal(0)
  readonly activity = signal<readonly Happening[]>([])
  /** Messages of candidates and staff by attempt, as far as they came over the feed. */
  readonly talk = signal<ReadonlyMap<number, readonly Happening[]>>(new Map())
  /** Who has the monitor of this session open. */
  readonly present = signal<ReadonlySet<number>>(new Set())
  /** The newest hand-over, as it happened. */
  readonly came = signal<Happening | null>(null)
  /** Actions that wait for the connection or the server. */
  readonly underway = signal(0)

  readonly settings = computed(() => this.detail.value?.settings ?? null)
  readonly waitingRoom = computed(() => this.settings.value?.waiting_room !== 0)

  /** Who looks after whom, as this person sees it. */
  readonly desk = computed<Desk>(() => ({
    ratio: this.settings.value?.ratio ?? 0,
    me: this.socket.welcome.value?.user ?? 0,
    staff: this.detail.value?.staff ?? [],
    present: this.present.value,
  }))

  readonly changedVer = new Map<number, number>()
  readonly saidSince = new Map<number, number>()
  /** Since when a high flag is open, as far as it came over the feed. */
  readonly flaggedSince = new Map<number, number>()

  private readonly rows = new Map<number, Signal<Row>>()
  private arrived: Row[] = []
  private happened: Happening[] = []
  private fresh: Set<number> | null = new Set()
  private gathering: ReturnType<typeof setTimeout> | undefined
  private pulsing: ReturnType<typeof setTimeout> | undefined
  private readonly stops: (() => void)[] = []

  constructor(
    readonly session: number,
    readonly socket: LiveSocket,
  ) {}

  open(): void {
    this.stops.push(
      this.socket.followFeed(this.session, {
        reset: () => this.reset(),
        row: (row) => this.take(() => this.arrived.push(row)),
        event: (attempt, event, ver) =>
          this.take(() => this.happened.push({ attempt, event, ver })),
        ready: () => this.ready(),
        gone: (attempt) => this.forget(attempt),
      }),
      this.socket.on('present', ({ session, users }) => {
        if (session === this.session) this.present.value = new Set(decodeTargets(users))
      }),
      this.socket.on('looked', (looked) => this.putLooked(looked)),
      // Also after a return: what this person may see may be something else by now.
      this.socket.onConnected(() => void this.load()),
      this.socket.follow(streamId('session', this.session), 0, {
        event: (event) => {
          this.course.value = courseAfter(this.course.peek(), event)
          this.reloadSoon()
        },
      }),
    )
  }

  close(): void {
    for (const stop of this.stops) stop()
    clearTimeout(this.gathering)
    clearTimeout(this.pulsing)
    clearTimeout(this.reloading)
  }

  // ---- the session itself ----

  private reloading: ReturnType<typeof setTimeout> | undefined

  private reloadSoon(): void {
    clearTimeout(this.reloading)
    this.reloading = setTimeout(() => void this.load(), 100)
  }

  async load(): Promise<void> {
    const answer = await api<SessionDetail>('session_show', { id: this.session })
    if (answer.ok) {
      this.detail.value = answer.value
      if (this.loading.value !== 'ready') this.loading.value = 'ready'
    } else if (this.loading.value !== 'ready') this.loading.value = { failed: answer.text }
    else if (answer.refusal === 'NOT_FOUND') this.ended()
  }

  /** Not assigned to this session any more: nothing of it stays on the screen. */
  private ended(): void {
    batch(() => {
      this.loading.value = 'ended'
      this.rows.clear()
      this.ids.value = []
      this.activity.value = []
      this.talk.value = this.histories.value = new Map()
    })
  }

  // ---- what comes over the feed ----

  private reset(): void {
    this.gather()
    this.fresh = new Set()
    this.activity.value = []
  }

  private ready(): void {
    this.gather()
    const fresh = this.fresh
    this.fresh = null
    this.fed.value = true
    if (!fresh) return
    // After a reset, rows that did not come again do not exist any more.
    const kept = this.ids.value.filter((id) => fresh.has(id))
    for (const id of this.ids.value) if (!fresh.has(id)) this.rows.delete(id)
    this.ids.value = kept
    this.pulse.value++
  }

  /** Another proctor's by now. */
  private forget(attempt: number): void {
    this.gather()
    if (!this.rows.delete(attempt)) return
    batch(() => {
      this.ids.value = this.ids.value.filter((id) => id !== attempt)
      this.activity.value = this.activity.value.filter((one) => one.attempt !== attempt)
      this.histories.value = without(this.histories.value, attempt)
      this.talk.value = without(this.talk.value, attempt)
      this.pulse.value++
    })
  }

  private putLooked({ session, user, at_ms, attempts }: DownOf<'looked'>): void {
    if (session !== this.session) return
    batch(() => {
      for (const attempt of decodeTargets(attempts)) {
        const row = this.rows.get(attempt)
        if (row) row.value = { ...row.peek(), looked_by: user, looked_ms: at_ms }
      }
    })
  }

  private take(put: () => void): void {
    put()
    this.gathering ??= setTimeout(() => this.gather(), GATHER_MS)
  }

  private gather(): void {
    clearTimeout(this.gathering)
    this.gathering = undefined
    const rows = this.arrived
    const happened = this.happened
    this.arrived = []
    this.happened = []
    if (rows.length + happened.length === 0) return
    batch(() => {
      this.putRows(rows)
      if (happened.length > 0) this.putHappened(happened)
    })
    this.pulsing ??= setTimeout(() => {
      this.pulsing = undefined
      this.pulse.value++
    }, PULSE_MS)
  }

  private putRows(rows: readonly Row[]): void {
    const added: number[] = []
    for (const row of rows) {
      this.fresh?.add(row.attempt)
      const known = this.rows.get(row.attempt)
      if (known) known.value = withNewerLook(row, known.peek())
      else {
        this.rows.set(row.attempt, signal(row))
        added.push(row.attempt)
      }
      if (row.unread === 0) this.saidSince.delete(row.attempt)
      if (row.worst_flag < HIGH_FLAG) this.flaggedSince.delete(row.attempt)
    }
    if (added.length > 0) this.ids.value = [...this.ids.value, ...added]
    if (added.length > 0) this.pulse.value++
  }

  private putHappened(happened: readonly Happening[]): void {
    const talk = new Map(this.talk.peek())
    const histories = new Map(this.histories.peek())
    for (const one of happened) {
      this.noteChange(one)
      if (TALK.has(one.event.kind)) addTo(talk, one, true)
      addTo(histories, one, false)
    }
    this.talk.value = talk
    this.histories.value = histories
    const newest = [...happened].reverse()
    this.activity.value = [...newest, ...this.activity.value].slice(0, limits.ACTIVITY_MAX)
  }

  private noteChange({ attempt, event, ver }: Happening): void {
    if (changesState(event.kind))
      this.changedVer.set(attempt, Math.max(ver, this.changedVer.get(attempt) ?? 0))
    if (event.kind === 'said' && !this.saidSince.has(attempt))
      this.saidSince.set(attempt, event.at_ms)
    if (event.kind === 'messaged') this.saidSince.delete(attempt)
    if (event.kind === 'handed_over' && !this.fresh) this.came.value = { attempt, event, ver }
    if (event.kind === 'flagged' && event.severity >= HIGH_FLAG)
      this.flaggedSince.set(attempt, this.flaggedSince.get(attempt) ?? event.at_ms)
  }

  /** The whole history of one attempt, loaded when somebody looks at it. */
  readonly histories = signal<ReadonlyMap<number, readonly Happening[]>>(new Map())

  putHistory(attempt: number, loaded: readonly Happening[]): void {
    const known = new Set(loaded.map((one) => one.ver))
    const newer = (this.histories.peek().get(attempt) ?? []).filter((one) => !known.has(one.ver))
    const all = [...loaded, ...newer].sort((a, b) => a.ver - b.ver)
    batch(() => {
      this.histories.value = new Map(this.histories.peek()).set(attempt, all)
      const lines = all.filter((one) => TALK.has(one.event.kind))
      this.talk.value = new Map(this.talk.peek()).set(attempt, lines)
    })
  }

  // ---- reading ----

  row(attempt: number): Signal<Row> | undefined {
    return this.rows.get(attempt)
  }

  /** The newest row, without being told of changes. */
  peek(attempt: number): Row | undefined {
    return this.rows.get(attempt)?.peek()
  }

  /** All rows as they are; together with pulse. */
  all(): Row[] {
    return [...this.rows.values()].map((row) => row.peek())
  }

  // ---- acting ----

  /** Asks for one action on many attempts; resolves when the server has answered for each. */
  async act(command: Command, attempts: readonly number[]): Promise<Outcome[]> {
    this.underway.value++
    try {
      const replies = await this.socket.sendMany(command, attempts)
      return replies.map(({ target, refusal, ver }) => ({ attempt: target, refusal, ver }))
    } finally {
      this.underway.value--
    }
  }

  /** An action on the session: 0 or the refusal. */
  async actOnSession(command: Command): Promise<number> {
    const reply = await this.socket.send(command, this.session)
    void this.load()
    return reply.refusal
  }
}

function without<T>(all: ReadonlyMap<number, T>, key: number): ReadonlyMap<number, T> {
  const left = new Map(all)
  left.delete(key)
  return left
}

/** A row that was on its way may be older than the last look. */
function withNewerLook(row: Row, known: Row): Row {
  const { looked_ms, looked_by } = known
  return row.looked_ms >= looked_ms ? row : { ...row, looked_ms, looked_by }
}

const TALK: ReadonlySet<EventKind> = new Set<EventKind>(['said', 'messaged', 'seen'])

/** Adds what is not there yet. Histories only grow once they were loaded: `start` says otherwise. */
function addTo(all: Map<number, readonly Happening[]>, one: Happening, start: boolean): void {
  const lines = all.get(one.attempt)
  if (!lines && !start) return
  if (!lines?.some((line) => line.ver === one.ver)) all.set(one.attempt, [...(lines ?? []), one])
}

/** How old the newest word of the server is; a new try to connect does not make it younger. */
export class Freshness {
  private lastMs = clock.device()

  constructor(private readonly socket: LiveSocket) {}

  ageMs(): number {
    void now.value
    const state = this.socket.state.value
    if (state === 'live' || state === 'delayed')
      this.lastMs = Math.max(this.lastMs, clock.device() - this.socket.ageMs())
    return clock.device() - this.lastMs
  }

  /** live, late (say so) or stale (what is shown must not be trusted any more). */
  readonly state = computed<'live' | 'late' | 'stale'>(() => {
    const age = this.ageMs()
    if (age >= STALE_MS) return 'stale'
    return age >= LATE_MS ? 'late' : 'live'
  })
}

// A quiet session brings an answer to a ping every five seconds, so late is a little more than that.
export const LATE_MS = limits.HEARTBEAT_MS + 2000
export const STALE_MS = 15_000
