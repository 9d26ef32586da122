// The microphone: sound in, records of Opus and of its loudness out. Runs in a worker.
import type { Made } from './encoder.ts'
import { Flag, Kind, packJson } from './record.ts'
import {
  FRAME_US,
  LEVEL_MS,
  levelOf,
  LEVELS_KEPT,
  packSound,
  RECORD_FRAMES,
  SOUND_BITRATE,
  type SoundFrame,
} from './sound.ts'
import type { TrackState } from './candidate-messages.ts'

/** Between what was counted and the clock: more is a gap, less is the way from the microphone. */
const DRIFT_US = 400_000
const NO_SOUND_MS = 5000

export interface SoundOut {
  sound(made: Made): void
  level(made: Made): void
  /** Microseconds since 1970, never the same twice. */
  nowUs(): number
}

export class SoundSource {
  state: TrackState = 'starting'
  problem = ''
  private reader: ReadableStreamDefaultReader<AudioData> | undefined
  private encoder: AudioEncoder | undefined
  private rate = 0
  private frames: SoundFrame[] = []
  private firstUs = 0
  private nextUs = 0
  private loudest = 0
  private secondLevel = 0
  private levels: number[] = []
  private keyIn = 0
  private levelMs = 0
  private heardMs = performance.now()

  constructor(
    private label: string,
    frames: ReadableStream<AudioData>,
    private readonly out: SoundOut,
  ) {
    void this.read(frames)
  }

  replace(label: string, frames: ReadableStream<AudioData>): void {
    this.drop()
    this.label = label
    this.state = 'starting'
    this.heardMs = performance.now()
    void this.read(frames)
  }

  private async read(frames: ReadableStream<AudioData>): Promise<void> {
    const reader = (this.reader = frames.getReader())
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        if (this.reader === reader) this.take(next.value)
        next.value.close()
      }
    } catch {
      // The track has ended; the page says what follows.
    }
  }

  private take(data: AudioData): void {
    this.heardMs = performance.now()
    if (this.state === 'failed') return
    const samples = new Float32Array(data.numberOfFrames)
    data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
    const level = levelOf(samples)
    this.loudest = Math.max(this.loudest, level)
    this.secondLevel = Math.max(this.secondLevel, level)
    if (data.sampleRate !== this.rate || !this.encoder) this.open(data.sampleRate)
    this.state = 'ok'
    const { sampleRate, numberOfFrames, timestamp } = data
    const form = { format: 'f32-planar', sampleRate, numberOfFrames, timestamp } as const
    const mono = new AudioData({ ...form, numberOfChannels: 1, data: samples })
    this.encoder?.encode(mono)
    mono.close()
  }

  private open(rate: number): void {
    this.close()
    this.rate = rate
    const encoder = new AudioEncoder({
      output: (chunk) => this.output(chunk),
      error: (error) => this.fail(error.message),
    })
    encoder.configure({
      codec: 'opus',
      sampleRate: rate,
      numberOfChannels: 1,
      bitrate: SOUND_BITRATE,
      opus: { frameDuration: FRAME_US },
    })
    this.encoder = encoder
  }

  private fail(why: string): void {
    this.problem = why
    this.state = 'failed'
  }

  private output(chunk: EncodedAudioChunk): void {
    const data = new Uint8Array(chunk.byteLength)
    chunk.copyTo(data)
    const now = this.out.nowUs()
    const gap = Math.abs(now - FRAME_US - this.nextUs) > DRIFT_US
    if (gap) this.begin(now - FRAME_US)
    if (!this.frames.length) this.firstUs = this.nextUs
    this.nextUs += FRAME_US
    this.frames.push({ level: this.loudest, data })
    this.loudest = 0
    if (this.frames.length >= RECORD_FRAMES) this.hand()
  }

  /** From here on at this instant: at first, and after each gap. */
  private begin(atUs: number): void {
    this.hand()
    this.nextUs = atUs
    const plain = packJson({ codec: 'opus', label: this.label })
    this.out.sound({ kind: Kind.config, flags: Flag.discontinuity, atUs, durationUs: 0, plain })
  }

  private hand(): void {
    const frames = this.frames.splice(0)
    if (!frames.length) return
    const durationUs = frames.length * FRAME_US
    const plain = packSound(frames)
    this.out.sound({ kind: Kind.audio, flags: Flag.key, atUs: this.firstUs, durationUs, plain })
  }

  /** Called several times a second. */
  tend(): void {
    const now = performance.now()
    if (this.state === 'ok' && now - this.heardMs > NO_SOUND_MS) this.state = 'no-frames'
    if (this.state !== 'ok' || now - this.levelMs < LEVEL_MS) return
    // Second by second, and not a little more each time; after a pause from now on.
    this.levelMs = now - this.levelMs > 2 * LEVEL_MS ? now : this.levelMs + LEVEL_MS
    this.levels.push(this.secondLevel)
    this.secondLevel = 0
    const key = this.keyIn-- <= 0
    if (key) this.keyIn = LEVELS_KEPT - 1
    this.tellLevels(key)
  }

  private tellLevels(key: boolean): void {
    const plain = Uint8Array.from(key ? this.levels.splice(0) : this.levels.slice(-1))
    const flags = key ? Flag.key : 0
    const durationUs = plain.length * LEVEL_MS * 1000
    if (plain.length)
      this.out.level({ kind: Kind.audio, flags, atUs: this.out.nowUs(), durationUs, plain })
  }

  drop(): void {
    void this.reader?.cancel().catch(() => {})
    this.reader = undefined
    this.state = 'off'
  }

  /** Lets out what the encoder still holds. */
  async flush(): Promise<void> {
    if (this.encoder?.state === 'configured') await this.encoder.flush().catch(() => {})
    this.hand()
    this.tellLevels(true)
    this.close()
  }

  private close(): void {
    if (this.encoder && this.encoder.state !== 'closed') this.encoder.close()
    this.encoder = undefined
  }
}
