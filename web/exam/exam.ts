// The candidate's exam as one object: what the server says (events through the core), the answers, the
// sources, and what may be asked for. Screens read its signals and call its verbs.
import { batch, computed, effect, signal, type ReadonlySignal } from '@preact/signals'
import { Answers } from '@/exam/answers'
import { Observer, type Observation } from '@/exam/observe'
import { cameraAllowed, sources, type SourceName } from '@/exam/sources'
import { api, type Refused } from '@/lib/api'
import { clock, now, startTicking } from '@/lib/clock'
import { ExamCore } from '@/lib/core'
import { BY_CANDIDATE, BY_SERVER } from '@/lib/gen/wire'
import { flags, refusals, tracks, type Check, type Setting } from '@/lib/gen/words'
import { Journal } from '@/lib/journal'
import { LiveSocket, type Reply } from '@/lib/socket'
import type { ExamInfo, ExamResult, Paper } from '@/lib/types'
import {
  attemptStateName,
  checkName,
  checks,
  sessionStateName,
  settings,
  strongestHold,
} from '@/lib/words'
import { streamId, type Command, type Event } from '@/lib/wire/codec'
import type { Evidence, EvidenceState } from '@/lib/media/candidate'

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

const CAMERA_BACK_MS = 4000

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
  readonly startsMs = signal(0)
  readonly explained = signal(false)
  readonly askedAgain = signal('')
  readonly refusedReason = signal('')
  readonly ended = signal<{ cause: number; reason: string; at_ms: number } | null>(null)
  readonly handAnswer = signal('')
  readonly pauseAnswer = signal<{ approved: boolean; note: string } | null>(null)
  readonly timeGiven = signal<{ ms: number; reason: string } | null>(null)
  readonly alert = signal('')

  readonly current = signal(1)
  readonly seen = signal<ReadonlySet<number>>(new Set([1]))
  readonly view = signal<'questions' | 'review'>('questions')
  readonly evidence = signal<EvidenceState | null>(null)
  readonly handedIn = signal<'no' | 'answers' | 'asking' | 'recordings' | 'done'>('no')

  readonly socket: LiveSocket
  private readonly markWishes = signal<ReadonlyMap<number, boolean>>(new Map())
  private observer: Observer | null = null
  private recording: Evidence | null = null
  private camera = ''
  private starting = false
  private caughtUp = 0
  private readonly stops: (() => void)[] = []

  private constructor(
    readonly info: ExamInfo,
    readonly core: ExamCore,
    readonly answers: Answers,
    private readonly journal: Journal,
    socket: LiveSocket,
  ) {
    this.socket = socket
  }

  /** Opens the exam that this browser has joined. */
  static async open(info: ExamInfo): Promise<Exam> {
    const [core, journal] = await Promise.all([ExamCore.load(), Journal.open(info.attempt)])
    core.reset(info.attempt, info.session)
    const socket = new LiveSocket()
    const answers = new Answers({
      journal,
      send: (command) => socket.send(command, info.attempt),
      mayAnswer: () => core.mayAnswer(clock.now()),
    })
    const exam = new Exam(info, core, answers, journal, socket)
    exam.begin()
    return exam
  }

  private begin(): void {
    const { attempt, session } = this.info
    this.stops.push(startTicking())
    const streams = [streamId('session', session), streamId('attempt', attempt)]
    streams.forEach((stream, index) =>
      this.stops.push(
        this.socket.follow(stream, 0, {
          event: (event, ver, bytes) => this.event(event, ver, bytes),
          hidden: () => this.core.skip(index === 0),
          caughtUp: () => this.upToDate(1 << index),
        }),
      ),
    )
    for (const source of Object.values(sources))
      this.stops.push(source.onEnded(() => this.lost(source.name)))
    this.stops.push(effect(() => this.follow()))
    this.stops.push(this.socket.onConnected(() => this.answers.resend()))
    addEventListener('pagehide', this.leaving)
    this.socket.connect()
  }

  close(): void {
    removeEventListener('pagehide', this.leaving)
    for (const stop of this.stops.splice(0)) stop()
    this.observer?.stop()
    this.answers.close()
    this.socket.close()
  }

  private readonly leaving = (): void => this.answers.flush()

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

  on(setting: Setting): boolean {
    return this.core.setting(settings[setting].id) !== 0
  }

  setting(name: Setting): number {
    return this.core.setting(settings[name].id)
  }

  /** Sources that this session wants and that the page does not have. */
  readonly missing = computed<SourceName[]>(() => {
    void this.moment.value
    const wanted = (['webcam', 'screen'] as const).filter((name) => this.on(name))
    return wanted.filter((name) => !sources[name].stream.value)
  })

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

  /** Shown at once; the server hears of it when it can. */
  async toggleMark(item: number): Promise<void> {
    const on = !this.marked(item)
    this.markWishes.value = new Map(this.markWishes.value).set(item, on)
    await this.ask({ kind: 'mark', item, on: on ? 1 : 0 })
    const rest = new Map(this.markWishes.value)
    if (rest.get(item) === on) rest.delete(item)
    this.markWishes.value = rest
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
    remember(this.info.attempt, item)
  }

  // ---- sources ----

  /** Asks for a source and tells the server that it is back. From a click, for the screen. */
  async share(name: SourceName) {
    const got = await sources[name].ask()
    if (got.ok) this.restored(name)
    return got
  }

  private restored(name: SourceName): void {
    if (name === 'webcam') this.compareCamera()
    this.recording?.[name === 'webcam' ? 'setCamera' : 'setScreen'](sources[name].stream.peek())
    this.report(name)
    this.record()
  }

  /** Another camera than at first is noted, with both names. */
  private compareCamera(): void {
    const label = sources.webcam.stream.peek()?.getVideoTracks()[0]?.label ?? ''
    const before = this.camera
    this.camera = label
    if (!before || !label || before === label || this.state.peek() !== 'active') return
    const at = clock.now()
    const note = `${before}; ${label}`
    this.observe({ flag: 'camera_switched', from_ms: at, to_ms: at, note })
  }

  private lost(name: SourceName): void {
    this.recording?.[name === 'webcam' ? 'setCamera' : 'setScreen'](null)
    this.report(name)
  }

  /** Makes the server's idea of a track agree with ours. */
  private report(name: SourceName): void {
    const state = this.state.peek()
    if (state !== 'waiting' && state !== 'active') return
    if (!this.on(name)) return
    const track = tracks[name].id
    const there = sources[name].live
    const known = (this.core.lostTracks() & (1 << track)) === 0
    if (there && !known) void this.ask({ kind: 'restore_track', track })
    if (!there && known) void this.ask({ kind: 'lose_track', track })
  }

  private record(): void {
    this.camera ||= sources.webcam.stream.peek()?.getVideoTracks()[0]?.label ?? ''
    const state = this.state.peek()
    if (this.recording || this.starting || (state !== 'waiting' && state !== 'active')) return
    const camera = this.on('webcam') ? sources.webcam.stream.peek() : null
    const screen = this.on('screen') ? sources.screen.stream.peek() : null
    if (!camera && !screen) return
    this.starting = true
    void this.startRecording()
  }

  private async startRecording(): Promise<void> {
    const { attempt, session, public_key: publicKey } = this.info
    // Encoding and sealing are loaded only when something is recorded.
    const { startEvidence } = await import('@/lib/media/candidate')
    this.recording = startEvidence({
      attempt,
      session,
      publicKey,
      camera: this.on('webcam') ? sources.webcam.stream.peek() : null,
      screen: this.on('screen') ? sources.screen.stream.peek() : null,
      socket: this.socket,
      onState: (state) => this.evidenceIs(state),
    })
    this.starting = false
  }

  private evidenceIs(state: EvidenceState): void {
    this.evidence.value = state
    // A camera that says that it runs and gives no picture is a lost camera.
    if (state.tracks.webcam !== 'no-frames' || !sources.webcam.live) return
    sources.webcam.release()
    this.lost('webcam')
  }

  // ---- handing in ----

  /** Sends what waits, hands in, and ends the recording when it has arrived. */
  async submit(): Promise<number> {
    this.handedIn.value = 'answers'
    await this.answers.settle(20000)
    this.handedIn.value = 'asking'
    const reply = await this.ask({ kind: 'submit', device_ms: Date.now() })
    const fine = !reply.refusal || reply.refusal === refusals.ALREADY.id
    if (!fine) this.handedIn.value = 'no'
    return fine ? 0 : reply.refusal
  }

  private async finish(): Promise<void> {
    if (this.handedIn.value === 'recordings' || this.handedIn.value === 'done') return
    this.handedIn.value = 'recordings'
    this.observer?.stop()
    const wait = this.recording?.stop()
    // The worker has all frames up to here: the lights of camera and screen may go out.
    for (const source of Object.values(sources)) source.release()
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined)
    await this.answers.settle(20000)
    await wait
    this.handedIn.value = 'done'
    if (!this.answers.waiting.value && !this.answers.refused.value.length) await this.journal.wipe()
    void this.fetchResult()
  }

  async fetchResult(): Promise<void> {
    const answer = await api<ExamResult>('exam_result')
    this.result.value = answer.ok ? answer.value : answer
  }

  async fetchPaper(): Promise<void> {
    this.paperProblem.value = null
    const answer = await api<Paper>('exam_paper')
    if (answer.ok) {
      this.paper.value = answer.value
      this.go(remembered(this.info.attempt))
    } else this.paperProblem.value = answer
  }

  // ---- what happens ----

  /** Both streams have been delivered to their present end: what follows happens now. */
  private upToDate(stream: number): void {
    this.caughtUp |= stream
    if (this.caughtUp !== 3) return
    const first = this.load.value !== 'ready'
    const state = this.state.peek()
    if (first && state === 'active')
      this.observe({ flag: 'page_reloaded', from_ms: clock.now(), to_ms: clock.now(), note: '' })
    if (first && (state === 'active' || state === 'waiting'))
      return void this.cameraBack().then(() => this.begun())
    this.begun()
  }

  private begun(): void {
    this.load.value = 'ready'
    this.reportAll()
    this.answers.resend()
  }

  /** After a reload the camera comes back by itself if the browser still allows it. */
  private async cameraBack(): Promise<void> {
    if (!this.on('webcam') || sources.webcam.live) return
    const allowed = await cameraAllowed()
    const patience = new Promise((resolve) => setTimeout(resolve, CAMERA_BACK_MS))
    if (allowed) await Promise.race([sources.webcam.ask(), patience])
  }

  private reportAll(): void {
    if (this.load.peek() !== 'ready') return
    this.report('webcam')
    this.report('screen')
    this.record()
  }

  /** Follows the state from screen to screen: what each needs is fetched and started here. */
  private follow(): void {
    const state = this.state.value
    const hold = this.held.value
    if (this.load.value !== 'ready') return
    if (state === 'waiting' || state === 'active') queueMicrotask(() => this.reportAll())
    if (state === 'active' && !this.paper.peek() && hold !== 'locked') void this.fetchPaper()
    if (state === 'active') this.watch()
    if (state === 'submitted' || state === 'ended') queueMicrotask(() => void this.finish())
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

  private observe(observation: Observation): void {
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
        return this.answers.heard(event.item, event.rev, event.value, event.device_ms, event.at_ms)
      case 'session_created':
      case 'rescheduled':
        this.startsMs.value = event.starts_ms
        return
      case 'check_reported':
        return this.noteCheck(event.check, event.outcome, event.detail)
      case 'asked_again':
        this.askedAgain.value = event.reason
        return
      case 'refused':
        this.refusedReason.value = event.reason
        return
      case 'paused':
        this.pauseAnswer.value = null
        return this.setHold('paused', event, event.reason)
      case 'locked':
        return this.setHold('locked', event, event.reason)
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
      case 'extended':
        if (this.load.peek() === 'ready')
          this.timeGiven.value = { ms: event.ms, reason: event.reason }
        return
      case 'snapshot_asked':
        if (this.load.peek() === 'ready') this.recording?.snapshot()
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
        return this.reopened()
      default:
    }
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

  private reopened(): void {
    batch(() => {
      this.ended.value = null
      this.handedIn.value = 'no'
      this.result.value = null
      this.recording = null
    })
  }
}

// The question that was shown, for a reload of this tab.
const place = (attempt: number): string => `invigil-question-${attempt}`

function remember(attempt: number, item: number): void {
  try {
    sessionStorage.setItem(place(attempt), String(item))
  } catch {
    // Then a reload begins at the first question.
  }
}

function remembered(attempt: number): number {
  try {
    return Number(sessionStorage.getItem(place(attempt))) || 1
  } catch {
    return 1
  }
}

const seenLine = (line: ChatLine): ChatLine => ({ ...line, state: 'seen' })
