// Camera, screen and microphone of an exam: asked for, reported to the server when they come and go, and recorded.
// The record is made by web/lib/media/candidate.ts, which is loaded only when something is recorded.
import { computed, signal } from '@preact/signals'
import type { Exam } from '@/exam/exam'
import { isAllowed, sources, type SourceName } from '@/exam/sources'
import { clock } from '@/lib/clock'
import { trackBit, tracks } from '@/lib/words'
import type { Evidence, EvidenceState } from '@/lib/media/candidate'

const BACK_MS = 4000

const NAMES = ['webcam', 'screen', 'microphone'] as const

export class Capture {
  readonly evidence = signal<EvidenceState | null>(null)
  private recording: Evidence | null = null
  private camera = ''
  private starting: Promise<Evidence> | null = null
  private given: Partial<Record<SourceName, MediaStream | null>> = {}
  private readonly stops: (() => void)[] = []

  constructor(private readonly exam: Exam) {
    for (const source of Object.values(sources))
      this.stops.push(source.onEnded(() => this.lost(source.name)))
  }

  close(): void {
    for (const stop of this.stops.splice(0)) stop()
    void this.stop()
  }

  /** Sources that this session wants and that the page does not have. */
  readonly missing = computed<SourceName[]>(() => {
    void this.exam.core.version.value
    const wanted = (['webcam', 'screen'] as const).filter((name) => this.exam.on(name))
    return wanted.filter((name) => !sources[name].stream.value)
  })

  /** Asks for a source and tells the server that it is back. From a click, for the screen. */
  async share(name: SourceName) {
    const got = await sources[name].ask()
    if (got.ok) this.restored(name)
    return got
  }

  snapshot(): void {
    this.recording?.snapshot()
  }

  /** After a reload camera and microphone come back by themselves if the browser still allows it. */
  async comeBack(): Promise<void> {
    await Promise.all([this.back('webcam', 'camera'), this.back('microphone', 'microphone')])
  }

  private async back(name: SourceName, permission: string): Promise<void> {
    if (!this.exam.on(name) || sources[name].live) return
    const allowed = await isAllowed(permission)
    const patience = new Promise((resolve) => setTimeout(resolve, BACK_MS))
    if (allowed) await Promise.race([sources[name].ask(), patience])
  }

  /** Makes the server's idea of the tracks agree with ours, and records what is there. */
  report(): void {
    for (const name of NAMES) this.reportOne(name)
    this.record()
  }

  /** Ends the recording, and the lights of camera and screen go out; resolves when it has arrived. */
  async stop(): Promise<void> {
    const wait = this.recording?.stop()
    this.recording = this.starting = null
    this.given = {}
    // The worker has all frames up to here.
    for (const source of Object.values(sources)) source.release()
    await wait
  }

  private restored(name: SourceName): void {
    if (name === 'webcam') this.compareCamera()
    this.reportOne(name)
    this.record()
  }

  /** Another camera than at first is noted, with both names. */
  private compareCamera(): void {
    const label = sources.webcam.stream.peek()?.getVideoTracks()[0]?.label ?? ''
    const before = this.camera
    this.camera = label
    if (!before || !label || before === label || this.exam.state.peek() !== 'active') return
    const at = clock.now()
    const note = `${before}; ${label}`
    this.exam.observe({ flag: 'camera_switched', from_ms: at, to_ms: at, note })
  }

  private lost(name: SourceName): void {
    this.give(name)
    this.reportOne(name)
  }

  private reportOne(name: SourceName): void {
    if (!this.wanted(name)) return
    const track = tracks[name].id
    const there = sources[name].live
    const known = (this.exam.core.lostTracks() & trackBit(track)) === 0
    if (there && !known) void this.exam.ask({ kind: 'restore_track', track })
    if (!there && known) void this.exam.ask({ kind: 'lose_track', track })
  }

  private wanted(name: SourceName): boolean {
    const state = this.exam.state.peek()
    return (state === 'waiting' || state === 'active') && this.exam.on(name)
  }

  private record(): void {
    this.camera ||= sources.webcam.stream.peek()?.getVideoTracks()[0]?.label ?? ''
    if (this.recording) return NAMES.forEach((name) => this.give(name))
    if (NAMES.some((name) => this.stream(name))) this.started().catch(() => undefined)
  }

  private stream(name: SourceName): MediaStream | null {
    return this.wanted(name) ? sources[name].stream.peek() : null
  }

  /** What the recording does not have yet of a source, or has no more. */
  private give(name: SourceName): void {
    const stream = this.stream(name)
    if (!this.recording || (this.given[name] ?? null) === stream) return
    this.given[name] = stream
    this.recording.set(name, stream)
  }

  /** The recording, begun if it is not: at the door before there is anything to record. */
  started(): Promise<Evidence> {
    this.starting ??= this.start().catch((error: unknown) => {
      this.starting = null
      throw error
    })
    return this.starting
  }

  private async start(): Promise<Evidence> {
    const { attempt, session, public_key: publicKey } = this.exam.info
    const { startEvidence } = await import('@/lib/media/candidate')
    const recording = startEvidence({
      attempt,
      session,
      publicKey,
      sources: {},
      socket: this.exam.socket,
      onState: (state) => this.evidenceIs(state),
    })
    this.recording = recording
    NAMES.forEach((name) => this.give(name))
    return recording
  }

  private evidenceIs(state: EvidenceState): void {
    this.evidence.value = state
    // What says that it runs and gives nothing is lost.
    for (const name of ['webcam', 'microphone'] as const) {
      if (state.tracks[name] !== 'no-frames' || !sources[name].live) continue
      sources[name].release()
      this.lost(name)
    }
  }
}
