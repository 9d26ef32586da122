// The sound of a recording: opens and decodes what is to be heard next. Runs in the player's worker.
import type { Bytes } from '@/lib/keys'
import type { Header } from '@/lib/media/record'
import { LEVEL_MS } from '@/lib/media/sound'
import { SoundDecoder } from '@/lib/media/sound-decoder'
import { pictureAt, type Picture } from './model/recording.ts'

export interface Opened {
  header: Header
  plain: Bytes
}

export interface Level {
  t: number
  /** 0 to 255. */
  level: number
}

/** A record of the low stream: one level each second, the newest is that of t. */
export const readLevels = (t: number, plain: Uint8Array): Level[] =>
  [...plain].map((level, at) => ({ t: t - (plain.length - 1 - at) * LEVEL_MS, level }))

const AHEAD_MS = 1500
/** Faster than this nobody understands anything. */
export const SPEED_MOST = 2

export class SoundTrack {
  private next = -1
  private round = 0
  private working: Promise<void> = Promise.resolve()
  private decoder: SoundDecoder | undefined

  constructor(
    private readonly sounds: readonly Picture[],
    private readonly open: (place: number) => Promise<Opened | undefined>,
    /** Server time of the first sample. */
    private readonly heard: (t: number, samples: Float32Array<ArrayBuffer>) => void,
  ) {}

  /** Hands out what is heard from t on, a little ahead. Called again and again while playing. */
  follow(t: number, speed: number): void {
    if (!this.sounds.length || speed > SPEED_MOST) return
    if (this.next < 0) this.next = Math.max(0, pictureAt(this.sounds, t))
    for (; this.next < this.sounds.length; this.next++) {
      const sound = this.sounds[this.next]!
      if (sound.t > t + AHEAD_MS * speed) return
      this.hand(sound)
    }
  }

  private hand(sound: Picture): void {
    const { round } = this
    this.working = this.working
      .then(async () => {
        const opened = await this.open(sound.place)
        if (opened && round === this.round) this.decode(sound, opened)
      })
      .catch(() => undefined) // not there, or changed: silence; the lane shows the gap
  }

  private decode(sound: Picture, { header, plain }: Opened): void {
    const offset = sound.t - sound.atUs / 1000
    this.decoder ??= new SoundDecoder(
      ({ samples, atUs }) => this.heard(atUs / 1000 + this.offset, samples),
      () => (this.decoder = undefined),
    )
    this.offset = offset
    this.decoder.take(header, plain)
  }

  private offset = 0

  /** Another instant comes next: what is on its way is not heard any more. */
  stop(): void {
    if (this.next < 0) return
    this.next = -1
    this.round++
    this.decoder?.close()
    this.decoder = undefined
  }
}
