// The rules of an exam, in the browser: src/core as WebAssembly, fed with the same events as the
// server's, so that no rule is written twice. If it fails (a bug traps), `broken` becomes true and the
// page says so; answers are still sent, and the server decides alone.
import { signal, type ReadonlySignal } from '@preact/signals'
import { encodeCommand, type Command } from '@/lib/wire/codec'

interface Exports {
  memory: WebAssembly.Memory
  core_buffer(): number
  core_buffer_bytes(): number
  core_reset(attempt: number, session: number): void
  core_apply(length: number): number
  core_skip(ofSession: number): void
  core_ask(length: number, now: number): number
  core_may_answer(now: number): number
  core_may_deliver(now: number): number
  core_left_ms(now: number): number
  core_deadline_ms(now: number): number
  core_clock_runs(): number
  core_state(): number
  core_session_state(): number
  core_holds(): number
  core_shown_hold(): number
  core_lost_tracks(): number
  core_admitted(): number
  core_proofs(): number
  core_consented(): number
  core_disclosure(): number
  core_setting(id: number): number
  core_item_count(): number
  core_answered(): number
  core_extra_ms(): number
  core_credit_ms(): number
  core_planned_ms(): number
  core_takeover_asked_ms(): number
  core_limit_ms(): number
  core_hand_ms(): number
  core_pause_asked_ms(): number
  core_ready_ms(): number
  core_state_since_ms(): number
  core_check_passed(check: number): number
  core_item_rev(item: number): number
  core_item_answered(item: number): number
  core_item_marked(item: number): number
}

export class ExamCore {
  private readonly changes = signal(0)
  private readonly failed = signal(false)
  /** Grows with every event: whoever reads the state below in a view reads this, too. */
  readonly version: ReadonlySignal<number> = this.changes
  readonly broken: ReadonlySignal<boolean> = this.failed

  private constructor(private readonly wasm: Exports) {}

  static async load(
    source: Response | Promise<Response> = fetch(coreAddress()),
  ): Promise<ExamCore> {
    const { instance } = await WebAssembly.instantiateStreaming(source, {})
    return new ExamCore(instance.exports as unknown as Exports)
  }

  static async fromBytes(bytes: BufferSource): Promise<ExamCore> {
    const { instance } = await WebAssembly.instantiate(bytes, {})
    return new ExamCore(instance.exports as unknown as Exports)
  }

  reset(attempt: number, session: number): void {
    this.ask(undefined, (core) => core.core_reset(attempt, session))
    this.changes.value++
  }

  /** One encoded event of the attempt or its session, in order. */
  apply(event: Uint8Array): void {
    this.ask(0, (core) => (this.fill(event) ? core.core_apply(event.length) : 1))
    this.changes.value++
  }

  /** An event that only staff may see: its number stays. */
  skip(ofSession: boolean): void {
    this.ask(undefined, (core) => core.core_skip(ofSession ? 1 : 0))
  }

  /** The refusal that a command would get now; 0: none. */
  would(command: Command, now: number): number {
    const bytes = encodeCommand(command)
    return this.ask(0, (core) => (this.fill(bytes) ? core.core_ask(bytes.length, now) : 0))
  }

  mayAnswer = (now: number): number => this.ask(0, (core) => core.core_may_answer(now))
  /** The same for an answer that was written before: also for a while after some ends. */
  mayDeliver = (now: number): number => this.ask(0, (core) => core.core_may_deliver(now))
  leftMs = (now: number): number => this.ask(0, (core) => core.core_left_ms(now))
  deadlineMs = (now: number): number => this.ask(0, (core) => core.core_deadline_ms(now))
  clockRuns = (): boolean => this.ask(0, (core) => core.core_clock_runs()) !== 0
  state = (): number => this.ask(0, (core) => core.core_state())
  sessionState = (): number => this.ask(0, (core) => core.core_session_state())
  holds = (): number => this.ask(0, (core) => core.core_holds())
  shownHold = (): number => this.ask(0, (core) => core.core_shown_hold())
  lostTracks = (): number => this.ask(0, (core) => core.core_lost_tracks())
  admitted = (): boolean => this.ask(0, (core) => core.core_admitted()) !== 0
  proofs = (): number => this.ask(0, (core) => core.core_proofs())
  // WebAssembly gives 32 bits with a sign; these two use all of them.
  consented = (): number => this.ask(0, (core) => core.core_consented() >>> 0)
  disclosure = (): number => this.ask(0, (core) => core.core_disclosure() >>> 0)
  setting = (id: number): number => this.ask(0, (core) => core.core_setting(id))
  itemCount = (): number => this.ask(0, (core) => core.core_item_count())
  answered = (): number => this.ask(0, (core) => core.core_answered())
  extraMs = (): number => this.ask(0, (core) => core.core_extra_ms())
  creditMs = (): number => this.ask(0, (core) => core.core_credit_ms())
  plannedMs = (): number => this.ask(0, (core) => core.core_planned_ms())
  takeoverAskedMs = (): number => this.ask(0, (core) => core.core_takeover_asked_ms())
  limitMs = (): number => this.ask(0, (core) => core.core_limit_ms())
  handMs = (): number => this.ask(0, (core) => core.core_hand_ms())
  pauseAskedMs = (): number => this.ask(0, (core) => core.core_pause_asked_ms())
  readyMs = (): number => this.ask(0, (core) => core.core_ready_ms())
  stateSinceMs = (): number => this.ask(0, (core) => core.core_state_since_ms())
  checkPassed = (check: number): boolean =>
    this.ask(0, (core) => core.core_check_passed(check)) !== 0
  itemRev = (item: number): number => this.ask(0, (core) => core.core_item_rev(item))
  itemAnswered = (item: number): boolean =>
    this.ask(0, (core) => core.core_item_answered(item)) !== 0
  itemMarked = (item: number): boolean => this.ask(0, (core) => core.core_item_marked(item)) !== 0

  private fill(bytes: Uint8Array): boolean {
    if (bytes.length > this.wasm.core_buffer_bytes()) return false
    new Uint8Array(this.wasm.memory.buffer).set(bytes, this.wasm.core_buffer())
    return true
  }

  private ask<T>(otherwise: T, question: (core: Exports) => T): T {
    if (this.failed.peek()) return otherwise
    try {
      return question(this.wasm)
    } catch {
      this.failed.value = true
      return otherwise
    }
  }
}

const coreAddress = (): URL => new URL('./gen/core.wasm', import.meta.url)
