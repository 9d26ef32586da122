// What this proctor looks at and has chosen: order, filter, selection, density, and what can be
// undone. Knows no component.
import { computed, effect, signal } from '@preact/signals'
import { clock, now } from '@/lib/clock'
import { refusalText } from '@/lib/words'
import type { TrackName } from '@/lib/media/plan'
import type { Command } from '@/lib/wire/codec'
import { attentionOutside, countGroups, isFiltering, matches, type Filter } from './model/filter.ts'
import {
  summarize,
  type Action,
  type IncidentAction,
  type Outcome,
  type Summary,
} from './model/mass.ts'
import { heldOrder, movesBetween, orderRows, type Sort } from './model/order.ts'
import { iLead, isForMe, isTaken } from './model/desk.ts'
import { openRequests, type Request } from './model/queue.ts'
import { nextShown, ROTATION, type Rotation } from './model/rotation.ts'
import { hear, NOTHING_HEARD, type Heard } from './model/tones.ts'
import type { Sounds } from './sound.ts'
import { isDisconnected, type Group } from './model/state.ts'
import { isUndoable, makeUndo, planUndo, undoCommand, type Undo } from './model/undo.ts'
import { go } from '@/staff/place'
import type { Happening, Monitor } from './store.ts'
import { t } from './text.ts'
import { actorName, deskText, eventText } from './words.ts'

export type View = 'grid' | 'list' | 'board' | 'numbers'
export type SideTab = 'queue' | 'feed' | 'chat'
/** Tiles: large, medium, compact. */
export const DENSITIES = ['large', 'medium', 'compact'] as const
export type Density = (typeof DENSITIES)[number]
export type Picture = TrackName

export type Asking =
  | { kind: 'act'; action: Action; attempts: readonly number[] }
  | { kind: 'end'; attempt: number }
  | { kind: 'takeover'; attempt: number }
  | { kind: 'start_session' }
  | { kind: 'end_session' }
  | { kind: 'hand_over'; attempts: readonly number[]; leaves: boolean }
  | { kind: 'sounds' }
  | { kind: 'rotation' }
  | { kind: 'incident' }
  | { kind: 'close_incident' }
  | { kind: 'help' }

/** What is said at the bottom after an action: what was done, and the way back. */
export interface Note {
  id: number
  text: string
  undo: Undo | null
  refused: Summary['refused']
  retry: (() => void) | null
  until_ms: number
}

const REORDER_MS = 5_000
const NOTE_MS = 5_000
/** A candidate who comes with a note is not missed. */
const CAME_NOTE_MS = 30_000
const REFUSED_NOTE_MS = 60_000

interface Kept {
  density: Density
  view: View
  picture: Picture
  sort: Sort
  keys: boolean
  rotation: Rotation
}
const KEPT_KEY = 'invigil.live'
const KEPT: Kept = {
  density: 'medium',
  view: 'grid',
  picture: 'webcam',
  sort: 'attention',
  keys: true,
  rotation: ROTATION,
}

function readKept(): Kept {
  try {
    return { ...KEPT, ...(JSON.parse(localStorage.getItem(KEPT_KEY) ?? '{}') as Partial<Kept>) }
  } catch {
    return KEPT
  }
}

/** What is done at once or by a dialog of its own. */
export type Deed =
  Action | IncidentAction | 'decide_pause' | 'decide_takeover' | 'lower_hand' | 'decide_flag'

export class Control {
  private readonly kept = readKept()
  readonly view = signal<View>(this.kept.view)
  readonly density = signal<Density>(this.kept.density)
  readonly picture = signal<Picture>(this.kept.picture)
  readonly sort = signal<Sort>(this.kept.sort)
  readonly keysOn = signal(this.kept.keys)
  readonly rotation = signal(this.kept.rotation)
  /** Shown by rotation now; null: there is none. */
  readonly rotating = signal<readonly number[] | null>(null)
  /** For leads: also requests that are for others to see to. */
  readonly everything = signal(false)
  readonly descending = signal(false)
  readonly filter = signal<Filter>({ groups: new Set<Group>(), find: '' })
  readonly pinned = signal<ReadonlySet<number>>(new Set())
  readonly selection = signal<ReadonlySet<number>>(new Set())
  readonly side = signal<SideTab>('queue')
  readonly sideOpen = signal(false) // on narrow screens
  readonly chatWith = signal(0)
  /** The attempt that the keys act on. */
  readonly current = signal(0)
  readonly asking = signal<Asking | null>(null)
  readonly notes = signal<readonly Note[]>([])
  readonly aside = signal<ReadonlySet<string>>(new Set())
  /** The order on the screen. */
  readonly shown = signal<readonly number[]>([])
  /** For screen readers: said once. */
  readonly spoken = signal('')

  private readonly holders = new Set<string>()
  private appliedMs = 0
  private lastChoice = ''
  private nextId = 1
  private readonly stops: (() => void)[] = []

  constructor(
    readonly monitor: Monitor,
    private readonly sounds: Sounds,
  ) {
    this.stops.push(
      effect(() => this.keep()),
      effect(() => this.reorder()),
      effect(() => this.forgetNotes()),
      effect(() => this.announce()),
      effect(() => this.sound()),
      effect(() => this.rotate()),
      effect(() => this.welcome()),
    )
  }

  close(): void {
    for (const stop of this.stops) stop()
  }

  private keep(): void {
    const kept: Kept = {
      density: this.density.value,
      view: this.view.value,
      picture: this.picture.value,
      sort: this.sort.value,
      keys: this.keysOn.value,
      rotation: this.rotation.value,
    }
    try {
      localStorage.setItem(KEPT_KEY, JSON.stringify(kept))
    } catch {
      // Without storage the choices last as long as the page.
    }
  }

  // ---- what is shown, in which order ----

  readonly counts = computed(() => {
    void this.monitor.pulse.value
    return countGroups(this.monitor.all(), now.value)
  })

  readonly total = computed(() => this.monitor.ids.value.length)

  readonly outside = computed(() => {
    void this.monitor.pulse.value
    const filter = this.filter.value
    if (!isFiltering(filter)) return 0
    return attentionOutside(this.monitor.all(), filter, now.value, this.monitor.waitingRoom.value)
  })

  private readonly wanted = computed(() => {
    void this.monitor.pulse.value
    const at = now.value
    const rows = this.monitor.all().filter((row) => matches(row, this.filter.value, at))
    const by = {
      sort: this.sort.value,
      descending: this.descending.value,
      waitingRoom: this.monitor.waitingRoom.value,
      pinned: this.pinned.value,
    }
    return orderRows(rows, by, at)
  })

  /** How many stand at another place than they should. */
  readonly moves = computed(() => movesBetween(this.shown.value, this.wanted.value))

  /** Pointer, focus or a menu is in the grid: nothing moves there until it is gone. */
  hold(holder: 'pointer' | 'focus'): void {
    this.holders.add(holder)
  }
  release(holder: 'pointer' | 'focus'): void {
    this.holders.delete(holder)
  }

  private reorder(): void {
    const wanted = this.wanted.value
    const choice = JSON.stringify([
      [...this.filter.value.groups],
      this.filter.value.find,
      this.filter.value.proctor,
      this.sort.value,
      this.descending.value,
      [...this.pinned.value],
    ])
    const chosen = choice !== this.lastChoice
    this.lastChoice = choice
    const shown = this.shown.peek()
    // What had the focus may have left the page, and nothing says so.
    if (!document.activeElement?.closest('.grid, .list')) this.holders.delete('focus')
    const due = this.holders.size === 0 && clock.now() - this.appliedMs >= REORDER_MS
    if (chosen || due || shown.length === 0) {
      this.appliedMs = clock.now()
      this.show(wanted)
    } else this.show(heldOrder(shown, wanted))
  }

  private show(order: readonly number[]): void {
    const old = this.shown.peek()
    const same = old.length === order.length && order.every((id, index) => old[index] === id)
    if (!same) this.shown.value = order
  }

  applyOrder(): void {
    this.appliedMs = clock.now()
    this.show(this.wanted.peek())
  }

  sortBy(sort: Sort): void {
    if (this.sort.peek() === sort) this.descending.value = !this.descending.peek()
    else {
      this.sort.value = sort
      this.descending.value = false
    }
  }

  /** All that waits for a person, whoever should see to it. */
  readonly allRequests = computed(() => {
    void this.monitor.pulse.value
    return openRequests({
      rows: this.monitor.all(),
      now: now.value,
      waitingRoom: this.monitor.waitingRoom.value,
      saidSince: this.monitor.saidSince,
      flaggedSince: this.monitor.flaggedSince,
      aside: this.aside.value,
    })
  })

  /** What waits for this person. */
  readonly requests = computed(() => {
    const desk = this.monitor.desk.value
    const at = now.value
    return this.allRequests.value.filter(
      (one) => this.everything.value || isForMe(desk, one, this.monitor.peek(one.attempt), at),
    )
  })

  /** Of these, what nobody else is on: counted in the title, and heard. */
  readonly untaken = computed(() => {
    const desk = this.monitor.desk.value
    return this.requests.value.filter((one) => !isTaken(desk, one, now.value))
  })

  /** "I am on it": whoever saw another state is told so. */
  async claim(request: Request): Promise<void> {
    await this.quietly({ kind: 'claim', from: request.claimed_by }, request.attempt)
  }

  async letGo(request: Request): Promise<void> {
    await this.quietly({ kind: 'release', from: request.claimed_by }, request.attempt)
  }

  /** What is seen at once needs no words; a refusal does. */
  private async quietly(command: Command, attempt: number): Promise<void> {
    const [outcome] = await this.monitor.act(command, [attempt])
    if (outcome?.refusal) this.say(`${this.nameOf(attempt)}: ${refusalText(outcome.refusal)}`)
  }

  private heard: Heard = NOTHING_HEARD

  private sound(): void {
    const requests = this.untaken.value
    if (!this.monitor.fed.value) return
    const lead = iLead(this.monitor.desk.value)
    const { heard, play } = hear(this.heard, requests, clock.now(), lead)
    this.heard = heard
    if (play) this.sounds.play(play)
  }

  // ---- rotation to whom nobody has looked at for the longest ----

  /** What the grid shows. */
  readonly order = computed(() => this.rotating.value ?? this.shown.value)
  private rotatedMs = 0

  startRotation(rotation: Rotation): void {
    this.rotation.value = rotation
    this.view.value = 'grid'
    this.turn()
  }

  stopRotation(): void {
    this.rotating.value = null
  }

  private turn(): void {
    this.rotatedMs = clock.now()
    const shown = this.rotating.peek() ?? []
    this.rotating.value = nextShown(this.monitor.all(), shown, this.rotation.peek().count)
  }

  private rotate(): void {
    void now.value
    const due = clock.now() - this.rotatedMs >= this.rotation.peek().seconds * 1000
    if (this.rotating.peek() && due) this.turn()
  }

  /** The lead board, for whoever leads a session with a ratio. */
  readonly mayBoard = computed(() => {
    const desk = this.monitor.desk.value
    return desk.ratio > 0 && iLead(desk)
  })
  readonly boardShown = computed(() => this.view.value === 'board' && this.mayBoard.value)

  setAside(key: string): void {
    this.aside.value = new Set([...this.aside.peek(), key])
  }

  // ---- selection ----

  /** Where a range begins. */
  lastSelected = 0

  toggle(attempt: number): void {
    this.lastSelected = attempt
    const next = new Set(this.selection.peek())
    if (!next.delete(attempt)) next.add(attempt)
    this.selection.value = next
  }

  /** From one to another in the order on the screen, both included. */
  selectRange(from: number, to: number): void {
    const order = this.shown.peek()
    const [a, b] = [order.indexOf(from), order.indexOf(to)]
    if (a < 0 || b < 0) return
    const range = order.slice(Math.min(a, b), Math.max(a, b) + 1)
    this.selection.value = new Set([...this.selection.peek(), ...range])
  }

  selectShown(): void {
    this.selection.value = new Set(this.shown.peek())
  }

  clearSelection(): void {
    this.selection.value = new Set()
  }

  pin(attempt: number): void {
    const next = new Set(this.pinned.peek())
    if (!next.delete(attempt)) next.add(attempt)
    this.pinned.value = next
  }

  // ---- acting ----

  /** Opens the focus view of one. */
  open(attempt: number): void {
    this.current.value = attempt
    this.sideOpen.value = false
    go({ session: this.monitor.session, attempt })
  }

  /** What happened, in words, with who did it. */
  eventLine(one: Happening): string | null {
    const text = deskText(one.event, this.monitor.desk.value.staff)
    if (text) return text
    return this.lineOf(one)
  }

  private lineOf(one: Happening): string | null {
    const text = eventText(one.event)
    if (!text) return null
    const who = actorName(one.event, this.monitor.detail.value)
    return who ? t('feed.by', { what: text, who }) : text
  }

  nameOf(attempt: number): string {
    return this.monitor.peek(attempt)?.name ?? ''
  }

  private whom(attempts: readonly number[]): string {
    const [first] = attempts
    return attempts.length === 1 && first !== undefined
      ? this.nameOf(first)
      : t('people', { n: attempts.length })
  }

  /** Acts at once and says what came of it; what can be undone gets its ten seconds. */
  async act(action: Deed, command: Command, attempts: readonly number[]): Promise<Summary> {
    const outcomes = await this.monitor.act(command, attempts)
    const summary = summarize(outcomes)
    this.report(action, command, outcomes, summary)
    return summary
  }

  private report(action: Deed, command: Command, outcomes: Outcome[], summary: Summary): void {
    const id = this.nextId++
    const done = outcomes.filter((o) => o.refusal === 0).map((o) => o.attempt)
    const parts: string[] = []
    if (done.length > 0) parts.push(t(`done.${action}`, { who: this.whom(done) }))
    const offline = done.filter((id) => this.isOffline(id)).length
    if (offline > 0) parts.push(t('done.offline', { n: offline }))
    if (summary.already > 0) parts.push(t('done.already', { n: summary.already }))
    const failed = summary.refused.flatMap((entry) => entry.attempts)
    if (failed.length > 0) parts.push(t('done.refused', { who: this.whom(failed) }))
    const undo = isUndoable(action) ? makeUndo(id, action, outcomes, clock.now()) : null
    const retry = failed.length > 0 ? () => void this.act(action, command, failed) : null
    const text = parts.join(' ')
    this.note({
      id,
      text,
      undo,
      refused: summary.refused,
      retry,
      until_ms: this.noteEnd(failed.length, undo),
    })
  }

  /** Somebody without a connection learns of it when it is back. */
  isOffline(attempt: number): boolean {
    const row = this.monitor.peek(attempt)
    return row !== undefined && isDisconnected(row, clock.now())
  }

  private noteEnd(failed: number, undo: Undo | null): number {
    if (failed > 0) return clock.now() + REFUSED_NOTE_MS
    return undo ? undo.until_ms : clock.now() + NOTE_MS
  }

  private note(note: Note): void {
    this.notes.value = [...this.notes.peek(), note].slice(-3)
    this.spoken.value = note.text
  }

  say(text: string, forMs = NOTE_MS): void {
    const until_ms = clock.now() + forMs
    this.note({ id: this.nextId++, text, undo: null, refused: [], retry: null, until_ms })
  }

  /** What was said last about an action that may still be undone. */
  undoable(): Note | null {
    return this.notes.value.findLast((note) => note.undo !== null) ?? null
  }
  dismissNote(id: number): void {
    this.notes.value = this.notes.peek().filter((note) => note.id !== id)
  }

  /** A candidate comes to this desk. */
  private welcome(): void {
    const came = this.monitor.came.value
    const event = came?.event
    if (!came || event?.kind !== 'handed_over' || event.proctor !== this.monitor.desk.peek().me)
      return
    const name = this.nameOf(came.attempt)
    const text = t(event.note ? 'hand.came.note' : 'hand.came', { name, note: event.note })
    this.say(text, CAME_NOTE_MS)
  }

  private known: ReadonlySet<string> | null = null

  /** Says new requests to those who do not see them come. */
  private announce(): void {
    const requests = this.requests.value
    const known = this.known
    this.known = new Set(requests.map((request) => request.key))
    // What was there when the page opened is in the list, not news.
    if (!known || this.monitor.pulse.peek() < 2) return
    const fresh = requests.filter((request) => !known.has(request.key))
    if (fresh.length === 0) return
    const said = fresh
      .slice(0, 3)
      .map((one) => `${t(`queue.${one.kind}`)}: ${this.nameOf(one.attempt)}`)
    this.spoken.value = said.join('. ')
  }

  private forgetNotes(): void {
    const at = now.value
    const notes = this.notes.peek()
    const left = notes.filter((note) => note.until_ms > at)
    if (left.length !== notes.length) this.notes.value = left
  }

  /** Whether an undo would still change anybody. */
  mayUndo(note: Note): boolean {
    void this.monitor.pulse.value
    if (!note.undo || note.undo.until_ms <= now.value) return false
    return (
      planUndo(note.undo, (id) => this.monitor.peek(id), this.monitor.changedVer).targets.length > 0
    )
  }

  async undo(note: Note): Promise<void> {
    const { undo } = note
    if (!undo) return
    this.dismissNote(note.id)
    const plan = planUndo(undo, (id) => this.monitor.peek(id), this.monitor.changedVer)
    const words = { note: t('undo.note'), askAgain: t('undo.askAgain') }
    const outcomes = await this.monitor.act(undoCommand(undo, words), plan.targets)
    const done = outcomes.filter((o) => o.refusal === 0).map((o) => o.attempt)
    const changed = undo.done.length - done.length
    const parts: string[] = []
    if (done.length > 0) parts.push(t('undo.done', { who: this.whom(done) }))
    if (changed > 0) parts.push(t('undo.changed', { n: changed }))
    this.say(parts.join(' '))
  }
}
