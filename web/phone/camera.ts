// The camera at the back of the phone, and what can be told of its picture without looking at it.
import { signal } from '@preact/signals'

const WANTED: MediaStreamConstraints = {
  audio: false,
  video: {
    facingMode: { ideal: 'environment' },
    width: { ideal: 640 },
    height: { ideal: 480 },
    frameRate: { ideal: 10, max: 15 },
  },
}

export type CameraProblem = '' | 'denied' | 'failed'

/** As in the message phone_report of schema/wire.def. */
export const Trouble = { none: 0, noPicture: 1, dark: 2, hidden: 3 } as const

const DARK = 14
const FLAT = 4
/** A lens that a hand passes by is not a covered one. */
const BAD_LOOKS = 3

export class Camera {
  readonly stream = signal<MediaStream | null>(null)
  readonly problem = signal<CameraProblem>('')
  readonly trouble = signal<number>(Trouble.none)
  private readonly video = document.createElement('video')
  private badLooks = 0
  private readonly context = document
    .createElement('canvas')
    .getContext('2d', { willReadFrequently: true })

  async start(): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(WANTED)
      this.stop()
      stream.getVideoTracks()[0]?.addEventListener('ended', () => this.ended(stream))
      this.stream.value = stream
      this.problem.value = ''
      this.video.muted = true
      this.video.playsInline = true
      this.video.srcObject = stream
      void this.video.play().catch(() => undefined)
    } catch (error) {
      const denied = error instanceof DOMException && error.name === 'NotAllowedError'
      this.problem.value = denied ? 'denied' : 'failed'
    }
  }

  private ended(stream: MediaStream): void {
    if (this.stream.peek() === stream) this.stream.value = null
  }

  stop(): void {
    for (const track of this.stream.peek()?.getTracks() ?? []) track.stop()
    this.stream.value = null
  }

  /** Once a second. */
  look(): void {
    const now = this.judge()
    this.badLooks = now === Trouble.none ? 0 : this.badLooks + 1
    if (now === Trouble.none || this.badLooks >= BAD_LOOKS) this.trouble.value = now
  }

  private judge(): number {
    if (document.hidden) return Trouble.hidden
    const track = this.stream.peek()?.getVideoTracks()[0]
    if (!track || track.muted || this.video.readyState < 2) return Trouble.noPicture
    return this.isDark() ? Trouble.dark : Trouble.none
  }

  private isDark(): boolean {
    if (!this.context) return false
    const { canvas } = this.context
    canvas.width = 32
    canvas.height = 24
    this.context.drawImage(this.video, 0, 0, canvas.width, canvas.height)
    const { data } = this.context.getImageData(0, 0, canvas.width, canvas.height)
    const green = data.filter((_, at) => at % 4 === 1)
    const mean = green.reduce((sum, one) => sum + one, 0) / green.length
    const spread = green.reduce((sum, one) => sum + Math.abs(one - mean), 0) / green.length
    return mean < DARK || spread < FLAT
  }
}
