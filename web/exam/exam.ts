// The candidate's exam as one object: what the server says (events through the core), the answers, the
// sources, and what may be asked for. Screens read its signals and call its verbs.
import { batch, computed, effect, signal, type ReadonlySignal } from '@preact/signals'
import { Answers } from '@/exam/answers'
import { Capture } from '@/exam/capture'
import { creditOf, type Credit } from '@/exam/credits'
import { HandIn } from '@/exam/handin'
import { Memory, type StreamName } from '@/exam/memory'
import { Observer, type Observation } from '@/exam/observe'
import { PhoneLink } from '@/exam/phone'
import { Seat } from '@/exam/seat'
import type { SourceName } from '@/exam/sources'
import { api, type Refused } from '@/lib/api'
import { clock, now, startTicking } from '@/lib/clock'
import { ExamCore } from '@/lib/core'
import { BY_CANDIDATE, BY_SERVER } from '@/lib/gen/wire'
import { flags, refusals, type Check, type Proof, type Setting } from '@/lib/gen/words'
import { Journal } from '@/lib/journal'
import { proofState } from '@/lib/proofs'
import { LiveSocket, type Reply } from '@/lib/socket'
import type { ExamInfo, ExamResult, Paper } from '@/lib/types'
import {
  attemptStateName,
  checkName,
  checks,
  sessionStateName,
  settingIds,
  strongestHold,
} from '@/lib/words'
import { Vault } from '@/lib/vault'
import {
  decodeEvent,
  streamId,
  type Command,
  type DownOf,
  type Event,
  type EventOf,
} from '@/lib/wire/codec'

export interface ChatLine {
  ver: number
  mine: boolean
  text: string
  at_ms: number
  /** Lines of the own side: on the way, or stored; and seen once staff did something after it. */
  state: 'sending' | 'sent' | 'seen' | 'failed'
}

export interface CheckReport {
  outcome: number
  detail: string
}

export interface Hold {
  reason: string
  /** Who decided it, as the staff list names that person; empty: unknown. */
  by: string
  at_ms: number
}

export type Load = 'loading' | 'ready' | 'failed'

const STREAMS = ['session', 'attempt'] as const
/** Without the server's word for this long, what this device remembers is shown. */
const PATIENCE_MS = 4000
const CLOCK_KEPT_MS = 10000

export class Exam {
  readonly load = signal<Load>('loading')
  readonly problem = signal<Refused | null>(null)
  readonly paper = signal<Paper | null>(null)
  readonly paperProblem = signal<Refused | null>(null)
  readonly result = signal<ExamResult | Refused | null>(null)

  readonly chat = signal<ChatLine[]>([])
  readonly unread = signal(0)
  readonly reports = signal<Partial<Record<Check, CheckReport>>>({})
  readonly hold = signal<Record<'paused' | 'locked' | 'system_paused', Hold>>({
    paused: { reason: '', by: '', at_ms: 0 },
    locked: { reason: '', by: '', at_ms: 0 },
    system_paused: { reason: '', by: '', at_ms: 0 },
  })
  readonly phonePaired = signal(false)
  readonly startsMs = signal(0)
  readonly explained = signal(false)
  readonly askedAgain = signal('')
  /** What was shown at the door (bits of its parts), and why it is asked for again, by number. */
  readonly proofNotes = signal<Record<number, { detail: number; reason: string }>>({})
  readonly refusedReason = signal('')
  readonly ended = signal<{ cause: number; reason: string; at_ms: number } | null>(null)
  readonly handAnswer = signal('')
  readonly pauseAnswer = signal<{ approved: boolean; note: string } | null>(null)
  readonly timeGiven = signal<{ ms: number; reason: string } | null>(null)
  readonly credits = signal<readonly Credit[]>([])
  /** Answers that arrived when the exam was over: marked, people decide. */
  readonly lateArrivals = signal(0)
  /** The time is worked out from the device's own clock until the server says it. */
  readonly guessed = signal(false)
  readonly alert = signal('')
  /** What staff told: warnings, incidents, an announced end. Read by web/exam/told, loaded when there is any. */
  readonly told = signal<readonly Event[]>([])

  readonly current = signal(1)
  readonly seen = signal<ReadonlySet<number>>(new Set([1]))
  readonly view = signal<'questions' | 'review'>('questions')

  readonly socket = new LiveSocket()
  readonly seat: Seat
  readonly answers: Answers
  readonly capture: Capture
  /** Where the own requests stand in line, by LineKind (src/app/lines.h), as the server said last. */
  readonly places = signal<Partial<Record<number, DownOf<'place'>>>>({})
  readonly handIn: HandIn
  readonly phone: PhoneLink
  private readonly markWishes = signal<ReadonlyMap<number, boolean>>(new Map())
  private observer: Observer | null = null
  private caughtUp = 0
  private opened = false
  /** Another device has led since this one last heard of the answers. */
  private away = false
  /** It came here from another device, which is no reload. */
  private moved = false
  private clockKeptMs = 0
  private readonly stops: (() => void)[] = []

  private constructor(
    readonly info: ExamInfo,
    readonly core: ExamCore,
    readonly journal: Journal,
    readonly memory: Memory,
  ) {
    const { socket } = this
    this.seat = new Seat(socket, info.attempt, (here) => this.seated(here))
    this.answers = new Answers({
      journal,
      send: (command) => socket.send(command, info.attempt),
      mayDeliver: () => (this.seat.here ? core.mayDeliver(clock.now()) : refusals.OTHER_DEVICE.id),
    })
    this.capture = new Capture(this)
    this.handIn = new HandIn(this)
    this.phone = new PhoneLink(socket)
  }

  /** Opens the exam that this browser has joined; `offline`: with what this device remembers of it. */
  static async open(info: ExamInfo, offline = false): Promise<Exam> {
    const { attempt } = info
    const vault = await Vault.open()
    const [core, journal, memory] = await Promise.all([
      ExamCore.load(),
      Journal.open(attempt, vault),
      Memory.open(vault, attempt),
    ])
    core.reset(attempt, info.session)
    const exam = new Exam(info, core, journal, memory)
    exam.remember()
    if (!offline) memory.set('info', info)
    if (!offline) await vault?.setLast(attempt).catch(() => undefined)
    exam.begin(offline)
    return exam
  }

  /** What this device remembers of the exam that was opened last; null: nothing. */
  static async remembered(): Promise<ExamInfo | null> {
    const vault = await Vault.open()
    const attempt = await vault?.last().catch(() => 0)
    if (!vault || !attempt) return null
    const { info } = (await Memory.open(vault, attempt)).all()
    vault.close()
    return info ?? null
  }

  /** Comes to where an earlier visit was. */
  private remember(): void {
    const { clock: time, place, marks } = this.memory.all()
    if (time) clock.guess(time.skew, time.seen_ms)
    this.markWishes.value = new Map(marks)
    if (place) this.current.value = place.current
    if (place) this.seen.value = new Set(place.seen)
    batch(() => {
      for (const name of STREAMS) this.replay(name)
    })
  }

  private replay(name: StreamName): void {
    const { upto, events } = this.memory.streams[name]
    for (let ver = 1; ver <= upto; ver++) {
      const bytes = events.get(ver)
      if (bytes) this.event(decodeEvent(bytes), ver, bytes)
      else this.core.skip(name === 'session')
    }
    events.clear()
  }

  private begin(offline: boolean): void {
    this.stops.push(startTicking())
    STREAMS.forEach((name, index) => this.stops.push(this.followStream(name, 1 << index)))
    this.stops.push(
      effect(() => this.follow()),
      effect(() => this.keepTime()),
      this.socket.on('place', (place) => {
        this.places.value = { ...this.places.peek(), [place.request]: place }
      }),
      this.socket.on('pong', () => void (this.guessed.value = false)),
      // A browser without locks: another tab leads, see web/exam/lead.ts.
      this.socket.closedBy.subscribe((why) => {
        if (why === 'other_window') this.close()
      }),
    )
    for (const [item, on] of this.markWishes.peek()) void this.sendMark(item, on)
    addEventListener('pagehide', this.leaving)
    // Not needed for the exam: an answer never waits for it.
    void import('@/exam/health').then(
      ({ startHealth }) => this.stops.push(startHealth(this)),
      () => undefined,
    )
    this.socket.connect()
    this.guessed.value = offline
    if (!this.memory.complete) return
    const timer = setTimeout(() => this.openRemembered(), offline ? 0 : PATIENCE_MS)
    this.stops.push(() => clearTimeout(timer))
  }

  private followStream(name: StreamName, bit: number): () => void {
    return this.socket.follow(streamId(name, this.info[name]), this.memory.streams[name].upto, {
      event: (event, ver, bytes) => {
        this.event(event, ver, bytes)
        this.memory.saw(name, ver, bytes, event.kind === 'answered' ? event.item : 0)
      },
      hidden: (ver) => {
        this.core.skip(name === 'session')
        this.memory.saw(name, ver, null)
      },
      caughtUp: (ver) => this.upToDate(name, bit, ver),
    })
  }

  /** The server cannot be asked: the exam goes on with what is known. */
  private openRemembered(): void {
    if (this.load.peek() === 'ready' || this.seat.state.peek() !== 'unknown') return
    void this.firstLook()
  }

  close(): void {
    removeEventListener('pagehide', this.leaving)
    for (const stop of this.stops.splice(0)) stop()
    this.observer?.stop()
    this.capture.close()
    this.phone.close()
    this.seat.close()
    this.answers.close()
    this.socket.close()
    void this.memory.flush()
  }

  private readonly leaving = (): void => {
    this.answers.flush()
    void this.memory.flush()
  }

  /** A later visit without a connection begins with this. */
  private keepTime(): void {
    const at = now.value
    if (at - this.clockKeptMs < CLOCK_KEPT_MS) return
    this.clockKeptMs = at
    const before = this.memory.get('clock')?.skew
    const skew = clock.known ? clock.skew : before
    if (skew !== undefined) this.memory.set('clock', { skew, seen_ms: clock.now() })
  }

  // ---- the seat ----

  private seated(here: boolean): void {
    if (!here) return this.standBy()
    this.socket.followAgain()
    this.answers.resend()
  }

  /** Another device leads: nothing is recorded or watched here any more. What is unsent stays. */
  private standBy(): void {
    this.away = this.moved = true
    this.observer?.stop()
    this.observer = null
    this.handIn.leave()
    void this.capture.stop()
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined)
  }

  readonly takeoverAsked = computed(() => (void this.moment.value, this.core.takeoverAskedMs()))

  // ---- what is ----

  private readonly moment: ReadonlySignal<number> = computed(
    () => this.core.version.value + now.value * 0,
  )

  readonly state = computed(() => (void this.moment.value, attemptStateName(this.core.state())))
  readonly sessionRunning = computed(
    () => (void this.moment.value, sessionStateName(this.core.sessionState()) === 'running'),
  )
  /** Has there been a first question? Sessions also end while people wait. */
  readonly hasBegun = computed(() => (void this.moment.value, this.core.limitMs() > 0))
  readonly cancelled = computed(
    () => (void this.moment.value, sessionStateName(this.core.sessionState()) === 'cancelled'),
  )
  readonly held = computed(() => (void this.moment.value, strongestHold(this.core.shownHold())))
  readonly lostTracks = computed(() => (void this.moment.value, this.core.lostTracks()))
  readonly admitted = computed(() => (void this.moment.value, this.core.admitted()))
  readonly clockRuns = computed(() => (void this.moment.value, this.core.clockRuns()))
  readonly leftMs = computed(() => {
    void this.moment.value
    return this.core.leftMs(now.value)
  })
  readonly endsMs = computed(() => {
    void this.moment.value
    return this.core.deadlineMs(now.value)
  })
  readonly handUp = computed(() => (void this.moment.value, this.core.handMs()))
  readonly pauseAsked = computed(() => (void this.moment.value, this.core.pauseAskedMs()))
  readonly consented = computed(() => {
    void this.moment.value
    return this.core.consented() !== 0 && this.core.consented() === this.core.disclosure()
  })

  /** Answers that the server has, but for empty ones. */
  readonly answeredCount = computed(() => (void this.moment.value, this.core.answered()))

  /** How far something that is shown at the door has come: see web/lib/proofs.ts. */
  proof(name: Proof): number {
    void this.moment.value
    return proofState(this.core.proofs(), name)
  }

  on(setting: Setting): boolean {
    return this.core.setting(settingIds[setting]) !== 0
  }

  setting(name: Setting): number {
    return this.core.setting(settingIds[name])
  }

  readonly plannedMs = computed(() => (void this.moment.value, this.core.plannedMs()))

  marked(item: number): boolean {
    void this.moment.value
    return this.markWishes.value.get(item) ?? this.core.itemMarked(item)
  }

  // ---- what may be asked ----

  ask(command: Command): Promise<Reply> {
    return this.socket.send(command, this.info.attempt)
  }

  consent = (): Promise<Reply> => this.ask({ kind: 'consent', disclosure: this.core.disclosure() })

  reportCheck(check: Check, outcome: 1 | 2 | 3, detail: string): void {
    const before = this.reports.value[check]
    if (before?.outcome === outcome && before.detail === detail) return
    this.reports.value = { ...this.reports.value, [check]: { outcome, detail } }
    void this.ask({ kind: 'report_check', check: checks[check].id, outcome, detail })
  }

  /** Why "I am ready" would be refused; 0: it would not. */
  readonly readyRefusal = computed(() => {
    void this.moment.value
    return this.core.would({ kind: 'ready' }, clock.now())
  })

  ready = (): Promise<Reply> => this.ask({ kind: 'ready' })

  async say(text: string): Promise<void> {
    const line: ChatLine = { ver: 0, mine: true, text, at_ms: clock.now(), state: 'sending' }
    this.chat.value = [...this.chat.value, line]
    const reply = await this.ask({ kind: 'say', text })
    this.replaceLine(line, reply.refusal ? { ...line, state: 'failed' } : null)
  }

  private replaceLine(line: ChatLine, by: ChatLine | null): void {
    const others = this.chat.value.filter((each) => each !== line)
    // Stored lines come back as events; the event may have been here before the reply.
    this.chat.value = by ? [...others, by] : others
  }

  /** The chat is open: what the proctor wrote was seen. */
  sawChat(): void {
    const newest = this.chat.value.filter((line) => !line.mine).at(-1)
    if (!this.unread.value || !newest) return
    this.unread.value = 0
    void this.ask({ kind: 'see', upto_ver: newest.ver })
  }

  /** Shown at once; the server hears of it when it can, also from a later visit. */
  async toggleMark(item: number): Promise<void> {
    const on = !this.marked(item)
    this.setMarkWishes(new Map(this.markWishes.value).set(item, on))
    await this.sendMark(item, on)
  }

  private async sendMark(item: number, on: boolean): Promise<void> {
    await this.ask({ kind: 'mark', item, on: on ? 1 : 0 })
    const rest = new Map(this.markWishes.value)
    if (rest.get(item) === on) rest.delete(item)
    this.setMarkWishes(rest)
  }

  private setMarkWishes(wishes: ReadonlyMap<number, boolean>): void {
    this.markWishes.value = wishes
    this.memory.set('marks', [...wishes])
  }

  go(item: number): void {
    const count = this.paper.value?.items.length ?? 0
    if (item < 1 || item > count) return
    this.answers.flush()
    batch(() => {
      this.view.value = 'questions'
      this.current.value = item
      this.seen.value = new Set(this.seen.value).add(item)
    })
    this.memory.set('place', { current: item, seen: [...this.seen.value] })
  }

  share = (name: SourceName) => this.capture.share(name)

  // ---- the end ----

  /** The server has said how things are: what is left of the way to the end is gone now. */
  private comeToEnd(): void {
    if (this.caughtUp !== 3 || this.load.peek() !== 'ready') return
    const state = this.state.peek()
    if (state === 'submitted' || state === 'ended') void this.finish()
    else if (!this.held.peek()) void this.handIn.goOn()
  }

  private async finish(): Promise<void> {
    if (!this.handIn.over()) return
    this.observer?.stop()
    this.observer = null // a reopened exam is looked at anew
    const wait = this.capture.stop()
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined)
    await this.answers.settle(20000)
    await wait
    this.handIn.done()
    if (!this.answers.waiting.value && !this.answers.refused.value.length)
      await Promise.all([this.journal.wipe(), this.memory.forget()])
    void this.fetchResult()
  }

  async fetchResult(): Promise<void> {
    const answer = await api<ExamResult>('exam_result')
    this.result.value = answer.ok ? answer.value : answer
  }

  /** At a start thousands ask at once, and a request would need a connection of its own. What does not come this
   * way comes by the request, or its reply says why not. */
  private paperOverSocket(): Promise<Paper | null> {
    return new Promise((done) => {
      const stop = this.socket.on('paper', ({ paper }) => finish(paper))
      const timer = setTimeout(() => finish(), PATIENCE_MS)
      const finish = (json?: Uint8Array) => {
        clearTimeout(timer)
        stop()
        done(json?.length ? (JSON.parse(new TextDecoder().decode(json)) as Paper) : null)
      }
      if (!this.socket.sendMessage({ kind: 'read_paper' })) finish()
    })
  }

  /** A paper is never changed once it is published: what this device has is not asked again. */
  async fetchPaper(): Promise<void> {
    this.paperProblem.value = null
    const kept = this.memory.get('paper')
    const told = kept ?? (await this.paperOverSocket())
    const answer = told ? { ok: true as const, value: told } : await api<Paper>('exam_paper')
    if (!answer.ok) return void (this.paperProblem.value = answer)
    if (!kept) this.memory.set('paper', answer.value)
    if (!kept) this.memory.set('title', answer.value.name)
    this.paper.value = answer.value
    this.go(this.current.peek())
  }

  // ---- what happens ----

  /** Both streams have been delivered to their present end: what follows happens now. */
  private upToDate(stream: StreamName, bit: number, ver: number): void {
    if (ver < this.memory.streams[stream].upto) return void this.startAnew()
    this.caughtUp |= bit
    if (stream === 'attempt') this.away = false
    if (this.caughtUp !== 3) return
    if (this.load.value === 'ready') this.begun()
    else void this.firstLook()
  }

  /** The server's record is older than what this device saw of it: it came from a backup. */
  private async startAnew(): Promise<void> {
    await this.memory.forget()
    location.reload()
  }

  private async firstLook(): Promise<void> {
    const state = this.state.peek()
    if (this.opened) return
    this.opened = true
    if (state === 'active' && !this.moved)
      this.observe({ flag: 'page_reloaded', from_ms: clock.now(), to_ms: clock.now(), note: '' })
    if (state === 'active' || state === 'waiting') await this.capture.comeBack()
    this.begun()
  }
  private begun(): void {
    this.load.value = 'ready'
    this.reportAll()
    this.answers.resend()
    this.comeToEnd()
  }

  private reportAll(): void {
    if (this.load.peek() === 'ready' && this.seat.state.peek() !== 'elsewhere')
      this.capture.report()
  }

  /** Follows the state from screen to screen: what each needs is fetched and started here. */
  private follow(): void {
    const state = this.state.value
    const hold = this.held.value
    if (this.load.value !== 'ready') return
    if (state === 'waiting' || state === 'active') queueMicrotask(() => this.reportAll())
    if (state === 'active' && !this.paper.peek() && hold !== 'locked') void this.fetchPaper()
    if (state === 'active' && !this.seat.lost.value) this.watch()
    queueMicrotask(() => this.comeToEnd())
    this.observer?.reconsider()
    if (state === 'active' && !hold) this.answers.resend()
  }

  private watch(): void {
    if (this.observer) return
    this.observer = new Observer({
      now: () => clock.now(),
      wanted: (flag) => this.wanted(flag),
      report: (observation) => this.observe(observation),
    })
    this.observer.start()
  }

  private wanted(flag: Observation['flag']): boolean {
    if (this.state.peek() !== 'active' || this.core.holds()) return false
    if (flag === 'left_fullscreen') return this.on('fullscreen')
    if (flag === 'page_hidden' || flag === 'window_blur') return this.on('focus')
    if (flag === 'several_displays') return this.on('screen')
    return true
  }

  observe(observation: Observation): void {
    const { flag, from_ms, to_ms, note } = observation
    void this.ask({ kind: 'observe', type: flags[flag].id, from_ms, to_ms, note })
    if (this.on('alerts') && flag !== 'page_reloaded') this.alert.value = flag
  }

  private event(event: Event, ver: number, bytes: Uint8Array): void {
    batch(() => {
      this.core.apply(bytes)
      this.note(event, ver)
    })
  }

  private setHold(name: 'paused' | 'locked' | 'system_paused', event: Event, reason: string): void {
    // What no person decided names nobody: an actor is a user only where staff acted.
    const person = event.role !== BY_CANDIDATE && event.role !== BY_SERVER ? event.actor : 0
    const by = this.info.staff.find((member) => member.user === person)?.name ?? ''
    this.hold.value = { ...this.hold.value, [name]: { reason, by, at_ms: event.at_ms } }
    this.explained.value = false
  }

  // What the core does not keep because no rule needs it: reasons and words.
  private note(event: Event, ver: number): void {
    switch (event.kind) {
      case 'answered':
        return this.noteAnswer(event)
      case 'session_created':
      case 'rescheduled':
        this.startsMs.value = event.starts_ms
        return
      case 'check_reported':
        return this.noteCheck(event.check, event.outcome, event.detail)
      case 'phone_paired':
        this.phonePaired.value = true
        return
      case 'asked_again':
        this.askedAgain.value = event.reason
        return
      case 'proof_shown':
        return this.noteProof(event.proof, event.detail, '')
      case 'proof_decided':
        return this.noteProof(event.proof, 0, event.reason)
      case 'refused':
        this.refusedReason.value = event.reason
        return
      case 'paused':
        this.pauseAnswer.value = null
        return this.setHold('paused', event, event.reason)
      case 'locked':
        return this.setHold('locked', event, event.reason)
      case 'incident_paused':
        return this.setHold('paused', event, event.reason)
      case 'warned':
      case 'warning_acknowledged':
      case 'incident_declared':
      case 'incident_closed':
      case 'end_announced':
      case 'end_withdrawn':
        this.told.value = [...this.told.value, event]
        return
      case 'system_paused':
        return this.setHold('system_paused', event, '')
      case 'explained':
        this.explained.value = true
        return
      case 'hand_raised':
        this.handAnswer.value = ''
        return
      case 'hand_lowered':
        if (event.role !== 1) this.handAnswer.value = event.note
        return
      case 'pause_decided':
        if (this.load.peek() === 'ready')
          this.pauseAnswer.value = { approved: event.approve !== 0, note: event.note }
        return
      case 'credited':
        this.noteCredit(event)
        return
      case 'extended':
        this.noteCredit(event)
        if (this.load.peek() === 'ready')
          this.timeGiven.value = { ms: event.ms, reason: event.reason }
        return
      case 'snapshot_asked':
        if (this.load.peek() === 'ready') this.capture.snapshot()
        return
      case 'messaged':
      case 'said':
        return this.noteChat(event.kind === 'said', event.text, event.at_ms, ver)
      case 'seen':
        this.unread.value = 0
        return
      case 'ended':
        this.ended.value = { cause: event.cause, reason: event.reason, at_ms: event.at_ms }
        return
      case 'reopened':
        return this.reopened(event.at_ms)
      default:
    }
  }

  private noteAnswer(event: EventOf<'answered'>): void {
    if (event.late === LATE_AFTER_END) this.lateArrivals.value++
    const { item, rev, value, device_ms, at_ms: stored_ms } = event
    this.answers.heard({ item, rev, value, device_ms, stored_ms, elsewhere: this.away })
  }

  private noteCredit(event: Event): void {
    const credit = creditOf(event)
    if (credit) this.credits.value = [...this.credits.value, credit]
    // Where the time was over there may be some left.
    queueMicrotask(() => this.answers.resend())
  }

  private noteProof(proof: number, part: number, reason: string): void {
    const all = this.proofNotes.value
    const detail = (all[proof]?.detail ?? 0) | part
    this.proofNotes.value = { ...all, [proof]: { detail, reason } }
  }

  private noteCheck(check: number, outcome: number, detail: string): void {
    const name = checkName(check)
    if (name) this.reports.value = { ...this.reports.value, [name]: { outcome, detail } }
  }

  private noteChat(mine: boolean, text: string, at_ms: number, ver: number): void {
    const line: ChatLine = { ver, mine, text, at_ms, state: 'sent' }
    const before = this.chat.value
      .filter((each) => !(mine && each.state === 'sending' && each.text === text))
      // Whoever writes back has read what was written.
      .map((each) => (!mine && each.mine && each.state === 'sent' ? seenLine(each) : each))
    this.chat.value = [...before, line]
    if (!mine) this.unread.value++
  }

  private reopened(at_ms: number): void {
    batch(() => {
      this.ended.value = null
      this.result.value = null
      this.handIn.reopened(at_ms)
    })
  }
}

/** Of core.h: written without a connection, arrived when the exam was over. */
const LATE_AFTER_END = 2

const seenLine = (line: ChatLine): ChatLine => ({ ...line, state: 'seen' })
