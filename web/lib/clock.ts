// The server's clock in the browser. Counts on the device's monotonic clock, so that setting the
// device's time changes nothing, and learns the offset from pings: of the last few, the one with the
// shortest way is the most exact.
import { signal, type ReadonlySignal } from '@preact/signals'

interface Sample {
  offset: number
  way: number
}

const SAMPLES = 12

export class ServerClock {
  private samples: Sample[] = []
  private offset: number

  /** device(): a clock in milliseconds that never jumps. */
  constructor(
    readonly device: () => number = () => performance.now(),
    private readonly wall: () => number = () => Date.now(),
  ) {
    this.offset = this.wall() - device()
  }

  /** Server time in milliseconds since 1970; before the first ping the device's own. */
  now(): number {
    return Math.round(this.device() + this.offset)
  }

  get known(): boolean {
    return this.samples.length > 0
  }

  /** How long the last exchange took there and back, in milliseconds; 0 before the first. */
  get roundTrip(): number {
    return Math.round(this.samples.at(-1)?.way ?? 0)
  }

  /** Server time less the device's wall clock: what a later visit may begin with. */
  get skew(): number {
    return this.now() - this.wall()
  }

  /** After a restart without a connection: the wall clock and what it was wrong by, but never before
   * an instant that was seen already. The next ping replaces it. */
  guess(skew: number, notBefore: number): void {
    if (!this.known) this.offset = Math.max(this.wall() + skew, notBefore) - this.device()
  }

  /** One exchange: sent and received on the device's clock, server in between. */
  learn(sent: number, server: number, received: number): void {
    const way = Math.max(0, received - sent)
    this.samples.push({ offset: server - (sent + way / 2), way })
    if (this.samples.length > SAMPLES) this.samples.shift()
    let best = this.samples[this.samples.length - 1]!
    for (const sample of this.samples) if (sample.way < best.way) best = sample
    this.offset = best.offset
  }

  /** After the device slept, its monotonic clock may have stood still: the old samples are void. */
  forget(): void {
    this.samples = []
  }
}

export const clock = new ServerClock()

const ticking = signal(clock.now())
let timer: ReturnType<typeof setInterval> | undefined

/** Server time, changing once a second: whoever shows time reads this. */
export const now: ReadonlySignal<number> = ticking

export function startTicking(everyMs = 1000): () => void {
  timer ??= setInterval(() => (ticking.value = clock.now()), everyMs)
  return () => {
    clearInterval(timer)
    timer = undefined
  }
}

const two = (n: number): string => String(n).padStart(2, '0')

/** "1:04:09", "4:09"; negative counts as zero. */
export function formatSpan(ms: number): string {
  const all = Math.max(0, Math.ceil(ms / 1000))
  const hours = Math.floor(all / 3600)
  const minutes = Math.floor((all % 3600) / 60)
  const seconds = two(all % 60)
  return hours ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`
}

/** "42 s", "3 min", "1 h 20 min": for ages and lengths in sentences. */
export function formatLength(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const rest = minutes % 60
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`
}

/** "3 min 5 s": where a second counts. */
export function formatExact(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const rest = seconds % 60
  if (seconds < 60) return `${seconds} s`
  return rest ? `${Math.floor(seconds / 60)} min ${rest} s` : `${seconds / 60} min`
}

const clockFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const minuteFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const dayFormat = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
})

export const formatTime = (ms: number): string => clockFormat.format(ms)
export const formatMinute = (ms: number): string => minuteFormat.format(ms)
export const formatMoment = (ms: number): string => dayFormat.format(ms)
