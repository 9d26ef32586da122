// Four tones, made by the browser itself. Never the only sign of anything: what sounds is in the queue.
import { signal } from '@preact/signals'
import { TONES, type Tone } from './model/tones.ts'

/** Volume of each tone from 0 (off) to 100. */
export type Levels = Record<Tone, number>

const KEY = 'invigil.sounds'
const LEVELS: Levels = { request: 60, lost: 60, flag: 60, message: 40 }

/** Notes in hertz, each for NOTE_S. Told apart by their line, also by who hears few pitches. */
const NOTES: Record<Tone, readonly number[]> = {
  request: [523, 784],
  lost: [659, 440, 330],
  flag: [587, 587, 587],
  message: [880],
}
const NOTE_S = 0.14
const LOUDEST = 0.4

function readLevels(): Levels {
  try {
    return { ...LEVELS, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Levels>) }
  } catch {
    return LEVELS
  }
}

export class Sounds {
  readonly levels = signal<Levels>(readLevels())
  /** A browser plays nothing before the page was clicked once. */
  readonly allowed = signal(false)
  private context: AudioContext | null = null

  close(): void {
    void this.context?.close()
  }

  get on(): boolean {
    return TONES.some((tone) => this.levels.value[tone] > 0)
  }

  set(tone: Tone, level: number): void {
    this.levels.value = { ...this.levels.peek(), [tone]: level }
    try {
      localStorage.setItem(KEY, JSON.stringify(this.levels.peek()))
    } catch {
      // Without storage the volume lasts as long as the page.
    }
  }

  /** From a click or a key. */
  async allow(): Promise<void> {
    this.context ??= new AudioContext()
    await this.context.resume()
    this.allowed.value = this.context.state === 'running'
  }

  play(tone: Tone): void {
    const { context } = this
    const level = this.levels.peek()[tone]
    if (!context || context.state !== 'running' || level === 0) return
    NOTES[tone].forEach((note, index) => {
      this.note(context, note, context.currentTime + index * NOTE_S, (level / 100) * LOUDEST)
    })
  }

  /** One note that begins and ends softly. */
  private note(context: AudioContext, hertz: number, at: number, loudness: number): void {
    const sound = context.createOscillator()
    const volume = context.createGain()
    sound.frequency.value = hertz
    volume.gain.setValueAtTime(0, at)
    volume.gain.linearRampToValueAtTime(loudness, at + 0.02)
    volume.gain.linearRampToValueAtTime(0, at + NOTE_S)
    sound.connect(volume).connect(context.destination)
    sound.start(at)
    sound.stop(at + NOTE_S)
  }
}
