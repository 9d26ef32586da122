// What the page itself notices: full screen left, the page hidden, the window without the keyboard,
// text pasted. Reported with its length after it lasted as long as schema/flags.def says. Only what
// the session's settings name is looked at, and only while the exam runs and is not held.
import { flags, type Flag } from '@/lib/gen/words'

export interface Observation {
  flag: Flag
  from_ms: number
  to_ms: number
  note: string
}

export interface ObserveOptions {
  now: () => number
  /** Is this looked for at this moment? */
  wanted: (flag: Flag) => boolean
  report: (observation: Observation) => void
}

interface Span {
  from_ms: number
  timer: ReturnType<typeof setTimeout>
  waitMs: number
}

/** What goes on for this long is reported before it ends, and its rest after twice as long again. */
const LONG_MS = 10000

export class Observer {
  private readonly open = new Map<Flag, Span>()
  private readonly stops: (() => void)[] = []

  constructor(private readonly options: ObserveOptions) {}

  start(): void {
    this.listen(document, 'visibilitychange', () =>
      this.set('page_hidden', document.visibilityState === 'hidden'),
    )
    this.listen(window, 'blur', () => this.set('window_blur', true))
    this.listen(window, 'focus', () => this.set('window_blur', false))
    this.listen(document, 'fullscreenchange', () => this.fullscreen())
    this.listen(document, 'paste', (event) => this.pasted(event as ClipboardEvent))
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop()
    for (const span of this.open.values()) clearTimeout(span.timer)
    this.open.clear()
  }

  /** A hold or the end of one: what goes on is closed, what is looked for again begins now. */
  reconsider(): void {
    for (const flag of [...this.open.keys()]) if (!this.options.wanted(flag)) this.set(flag, false)
    this.fullscreen()
  }

  private fullscreen(): void {
    this.set('left_fullscreen', !document.fullscreenElement && document.fullscreenEnabled)
  }

  private set(flag: Flag, on: boolean): void {
    const span = this.open.get(flag)
    if (on && !span && this.options.wanted(flag)) this.begin(flag)
    if (!on && span) this.end(flag, span)
  }

  private begin(flag: Flag, waitMs = LONG_MS): void {
    const from_ms = this.options.now()
    const timer = setTimeout(() => this.long(flag), waitMs)
    this.open.set(flag, { from_ms, timer, waitMs })
  }

  private long(flag: Flag): void {
    const span = this.open.get(flag)
    if (!span) return
    this.options.report({ flag, from_ms: span.from_ms, to_ms: this.options.now(), note: '' })
    this.begin(flag, span.waitMs * 2)
  }

  private end(flag: Flag, span: Span): void {
    clearTimeout(span.timer)
    this.open.delete(flag)
    const to_ms = this.options.now()
    if (to_ms - span.from_ms < flags[flag].debounce_ms) return
    this.options.report({ flag, from_ms: span.from_ms, to_ms, note: '' })
  }

  private pasted(event: ClipboardEvent): void {
    const target = event.target
    const intoAnswer = target instanceof HTMLElement && target.closest('[data-answer]') !== null
    const length = event.clipboardData?.getData('text').length ?? 0
    if (!intoAnswer || !length || !this.options.wanted('pasted_text')) return
    const at = this.options.now()
    const note = `${length} characters`
    this.options.report({ flag: 'pasted_text', from_ms: at, to_ms: at, note })
  }

  private listen(on: EventTarget, name: string, listener: (event: Event) => void): void {
    on.addEventListener(name, listener)
    this.stops.push(() => on.removeEventListener(name, listener))
  }
}
