// Plays the recorded sound in the player's clock: what comes for an instant is heard at that instant.
import { Speaker } from '@/lib/media/speaker'

/** Clocks drift, and messages take their time: below this nothing is moved, so that nothing stutters. */
const DRIFT_S = 0.12

export class Loud {
  private readonly speaker = new Speaker()
  private told = { t: 0, at: 0, speed: 1 }
  /** This instant of the recording is heard at that time of the speaker. */
  private anchor: { t: number; when: number } | null = null

  /** Where the player is now. */
  clock(t: number, speed: number): void {
    this.told = { t, at: performance.now(), speed }
  }

  play(t: number, samples: Float32Array<ArrayBuffer>): void {
    const { told, speaker } = this
    const { speed } = told
    const now = told.t + (performance.now() - told.at) * speed
    const due = speaker.now + (t - now) / 1000 / speed
    let when = this.anchor ? this.anchor.when + (t - this.anchor.t) / 1000 / speed : due
    if (Math.abs(when - due) > DRIFT_S) when = due
    this.anchor = { t, when }
    speaker.at(samples, when, speed)
  }

  hush(): void {
    this.anchor = null
    this.speaker.hush()
  }

  close(): void {
    this.speaker.close()
  }
}
