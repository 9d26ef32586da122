// Plays samples as they come, one after the other. What comes in bursts waits a little, so that it does
// not stutter; what comes too late is left out.
import { SAMPLE_RATE } from './sound.ts'

const AHEAD_S = 0.12
const LATE_MOST_S = 2

export class Speaker {
  private readonly context = new AudioContext({ sampleRate: SAMPLE_RATE })
  private readonly playing = new Set<AudioBufferSourceNode>()
  private nextS = 0

  constructor() {
    void this.context.resume().catch(() => undefined)
  }

  /** Behind what was played last. */
  push(samples: Float32Array<ArrayBuffer>): void {
    const now = this.context.currentTime
    if (this.nextS < now || this.nextS > now + LATE_MOST_S) this.nextS = now + AHEAD_S
    this.play(samples, this.nextS, 1)
    this.nextS += samples.length / SAMPLE_RATE
  }

  get now(): number {
    return this.context.currentTime
  }

  /** At a time of now()'s clock, at another speed; what lies before now is cut off. */
  at(samples: Float32Array<ArrayBuffer>, when: number, speed: number): void {
    const cut = Math.max(0, Math.round((this.now - when) * speed * SAMPLE_RATE))
    if (cut < samples.length) this.play(samples.subarray(cut), Math.max(this.now, when), speed)
  }

  private play(samples: Float32Array<ArrayBuffer>, when: number, speed: number): void {
    const buffer = this.context.createBuffer(1, samples.length, SAMPLE_RATE)
    buffer.copyToChannel(samples, 0)
    const node = this.context.createBufferSource()
    node.buffer = buffer
    node.playbackRate.value = speed
    node.connect(this.context.destination)
    node.onended = () => this.playing.delete(node)
    this.playing.add(node)
    node.start(when)
  }

  /** Silence at once. */
  hush(): void {
    for (const node of this.playing) node.stop()
    this.playing.clear()
    this.nextS = 0
  }

  close(): void {
    void this.context.close()
  }
}
