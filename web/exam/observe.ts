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

/** Going to full screen takes a moment, at the start and after a hold that relaxed the rule. */
const RETURN_MS = 15000

export class Observer {
  private readonly open = new Map<Flag, Span>()
  private readonly stops: (() => void)[] = []
  private quietUntil = 0
  private wasWanted = false
  private later: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly options: ObserveOptions) {}

  start(): void {
    const look = (): void => this.look()
    this.listen(document, 'visibilitychange', look)
    this.listen(window, 'blur', look)
    this.listen(window, 'focus', look)
    this.listen(document, 'fullscreenchange', look)
    // Browsers that know of several displays tell when one comes.
    if (screen instanceof EventTarget) this.listen(screen, 'change', look)
    this.listen(document, 'paste', (event) => this.pasted(event as ClipboardEvent))
    this.reconsider()
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop()
    for (const span of this.open.values()) clearTimeout(span.timer)
    clearTimeout(this.later)
    this.open.clear()
  }

  /** After a hold began or ended: what went on is closed, what is looked for again begins anew. */
  reconsider(): void {
    const wanted = this.options.wanted('pasted_text')
    if (wanted && !this.wasWanted) this.quietUntil = this.options.now() + RETURN_MS
    this.wasWanted = wanted
    for (const flag of [...this.open.keys()]) if (!this.options.wanted(flag)) this.set(flag, false)
    this.look()
  }

  private look(): void {
    const hidden = document.visibilityState === 'hidden'
    this.set('page_hidden', hidden)
    // A hidden page has no keyboard either: that is one thing to look at, not two.
    if (hidden) this.drop('window_blur')
    else this.set('window_blur', !document.hasFocus())
    this.set('several_displays', (screen as { isExtended?: boolean }).isExtended === true)
    this.fullscreen()
  }

  private fullscreen(): void {
    const left = !document.fullscreenElement && document.fullscreenEnabled
    const quiet = this.quietUntil - this.options.now()
    clearTimeout(this.later)
    if (left && quiet > 0) this.later = setTimeout(() => this.fullscreen(), quiet)
    else this.set('left_fullscreen', left)
  }

  private drop(flag: Flag): void {
    clearTimeout(this.open.get(flag)?.timer)
    this.open.delete(flag)
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
