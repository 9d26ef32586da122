// What the review page and its player worker say to each other.
import type { Bytes } from '@/lib/keys'
import type { TrackId } from './model/recording.ts'
import type { Level } from './sound.ts'

export type PlayStatus =
  | 'empty' /* no picture before this instant */
  | 'shown'
  | 'loading'
  | 'locked' /* the key is not open */
  | 'incomplete' /* what this picture needs is not stored */
  | 'changed' /* a record does not fit its key */
  | 'undecodable'
  | 'offline' /* the records could not be fetched */

export interface TrackState {
  status: PlayStatus
  /** Of the picture that is shown, server time; 0: none. */
  t: number
  width: number
  height: number
  why: string
}

export type ToPlayer =
  | { type: 'open'; attempt: number; index: Bytes; from: number; to: number }
  | { type: 'key'; epoch: number; secret: Bytes }
  | { type: 'canvas'; track: TrackId; canvas: OffscreenCanvas }
  | { type: 'play'; playing: boolean }
  | { type: 'speed'; speed: number }
  | { type: 'seek'; t: number }
  | { type: 'step'; forward: boolean }
  | { type: 'still'; place: number }

export type FromPlayer =
  | { type: 'time'; t: number; playing: boolean; waiting: boolean }
  | { type: 'track'; track: TrackId; state: TrackState }
  /** What the last record of a recording says, compared with what is there. */
  | { type: 'ends'; missing: { stream: number; count: number }[] }
  | { type: 'still'; place: number; track: number; picture: Bytes | null }
  /** Of the microphone, from server time t on. */
  | { type: 'sound'; t: number; samples: Float32Array<ArrayBuffer> }
  | { type: 'levels'; levels: Level[] }
