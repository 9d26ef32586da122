// How much may be on the way, and how much should be made. The browser's own send buffer says nothing
// (the kernel hides seconds of backlog), so the server's acknowledgements are the clock: the window is
// what the way carried lately, for its shortest round trip and a little more.

const WINDOW_LEAST_BYTES = 12288
const WINDOW_SLACK_MS = 100
const WINDOW_GROWTH = 1.25
const RATE_SPAN_MS = 250
const RATE_SPANS = 8
const RTT_SAMPLES = 200
const LATE_SHARE = 0.7

const ADAPT_EVERY_MS = 700
const RAISE_EVERY_MS = 2500
const CONGESTED_MS = 300
const CLEAR_AGE_MS = 120
const CLEAR_RTT_MS = 150
const SCALE_LEAST = 0.12
const WATCHDOG_MS = 4000

export class Pacer {
  inFlight = 0
  rttMs = 0
  private rtts: number[] = []
  private spans: number[] = []
  private spanBytes = 0
  private spanStart = 0
  private heardMs = 0

  /** Bytes per second that the way carried at its best in the last seconds. */
  get rate(): number {
    return (Math.max(0, ...this.spans) * 1000) / RATE_SPAN_MS
  }

  get minRttMs(): number {
    return this.rtts.length ? Math.min(...this.rtts) : 0
  }

  get windowBytes(): number {
    const carried = (WINDOW_GROWTH * this.rate * (this.minRttMs + WINDOW_SLACK_MS)) / 1000
    return Math.max(WINDOW_LEAST_BYTES, carried)
  }

  /** One record may always be on the way; late ones leave room for what happens now. */
  maySend(bytes: number, late: boolean): boolean {
    if (this.inFlight === 0) return true
    return this.inFlight + bytes <= this.windowBytes * (late ? LATE_SHARE : 1)
  }

  sent(bytes: number, nowMs: number): void {
    if (this.inFlight === 0) this.heardMs = nowMs
    this.inFlight += bytes
  }

  acknowledged(bytes: number, sentMs: number, nowMs: number): void {
    this.inFlight = Math.max(0, this.inFlight - bytes)
    this.heardMs = nowMs
    this.rttMs = nowMs - sentMs
    this.rtts.push(this.rttMs)
    if (this.rtts.length > RTT_SAMPLES) this.rtts.shift()
    if (nowMs - this.spanStart >= RATE_SPAN_MS) {
      this.spans.push(this.spanBytes)
      if (this.spans.length > RATE_SPANS) this.spans.shift()
      this.spanBytes = 0
      this.spanStart = nowMs
    }
    this.spanBytes += bytes
  }

  /** Something is on the way and nothing comes back: the connection is dead, whatever it says. */
  stalled(nowMs: number): boolean {
    return this.inFlight > 0 && nowMs - this.heardMs > WATCHDOG_MS
  }

  /** A new connection knows nothing of the old one's way. */
  reset(nowMs: number): void {
    this.inFlight = 0
    this.rtts = []
    this.spans = []
    this.spanBytes = 0
    this.spanStart = nowMs
    this.heardMs = nowMs
  }
}

/** The share of the full bit rate that should be made now, 1 down to SCALE_LEAST. */
export class Adapter {
  scale = 1
  private changedMs = 0
  private raisedMs = 0

  /** ageMs: how long the oldest live record has waited. True: the scale has changed. */
  observe(nowMs: number, ageMs: number, rttMs: number, minRttMs: number): boolean {
    if (nowMs - this.changedMs < ADAPT_EVERY_MS) return false
    const queue = rttMs - minRttMs
    if (ageMs > CONGESTED_MS || queue > CONGESTED_MS) {
      if (this.scale === SCALE_LEAST) return false
      this.scale = Math.max(SCALE_LEAST, this.scale * 0.6)
    } else if (ageMs < CLEAR_AGE_MS && queue < CLEAR_RTT_MS) {
      if (this.scale === 1 || nowMs - this.raisedMs < RAISE_EVERY_MS) return false
      this.scale = Math.min(1, this.scale * 1.2)
    } else return false
    this.changedMs = this.raisedMs = nowMs
    return true
  }

  /** Offline there is nobody to be slow for: the spool gets full quality. */
  reset(): void {
    this.scale = 1
  }

  get congested(): boolean {
    return this.scale < 0.9
  }
}
