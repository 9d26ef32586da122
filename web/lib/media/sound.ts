// Sound as it lies in a record: frames of Opus with the loudness of each, and the low stream that has
// the loudness alone. Mono, 48 kHz at the decoder.
import type { Bytes } from '../keys.ts'

export const SAMPLE_RATE = 48_000
export const FRAME_US = 60_000
/** Frames of one record: half a second, so that a recording has few records and a listener hears soon. */
export const RECORD_FRAMES = 8
export const SOUND_BITRATE = 24_000
/** A record of the low stream each second; those that are key records have the last half minute. */
export const LEVEL_MS = 1000
export const LEVELS_KEPT = 30

export interface SoundFrame {
  /** 0: silence, 255: as loud as can be told. */
  level: number
  data: Uint8Array
}

/** u8 level, u16 length, the frame; repeated. */
export function packSound(frames: readonly SoundFrame[]): Bytes {
  const out = new Uint8Array(frames.reduce((n, { data }) => n + 3 + data.length, 0))
  let at = 0
  for (const { level, data } of frames) {
    out[at] = level
    out[at + 1] = data.length & 255
    out[at + 2] = data.length >> 8
    out.set(data, at + 3)
    at += 3 + data.length
  }
  return out
}

/** Frames up to the first that is cut off. */
export function readSound(plain: Uint8Array): SoundFrame[] {
  const frames: SoundFrame[] = []
  for (let at = 0; at + 3 <= plain.length;) {
    const end = at + 3 + plain[at + 1]! + plain[at + 2]! * 256
    if (end > plain.length) break
    frames.push({ level: plain[at]!, data: plain.subarray(at + 3, end) })
    at = end
  }
  return frames
}

const QUIET_DB = -60

/** Root mean square on a scale that ears know: -60 dB and less is 0, 0 dB is 255. */
export function levelOf(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const db = 10 * Math.log10(sum / Math.max(1, samples.length))
  return Math.round(255 * Math.min(1, Math.max(0, (db - QUIET_DB) / -QUIET_DB)))
}
