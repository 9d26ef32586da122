// What a staff page and its viewer worker say to each other.
import type { Bytes } from '../keys.ts'

export type PictureStatus =
  | 'waiting' /* nothing has come yet */
  | 'live'
  | 'late' /* the newest picture is old */
  | 'no-key' /* the media key cannot be opened: unlock, or ask for access */
  | 'changed' /* a record does not fit its key: damaged, or changed on the way */
  | 'undecodable' /* this browser cannot decode the stream */

export interface PictureState {
  status: PictureStatus
  /** How old the shown picture is; -1: none. */
  ageMs: number
  width: number
  height: number
  why: string
}

export type Hearing = 'off' | 'level' | 'sound'

export type ToViewer =
  | { type: 'canvas'; id: number; canvas: OffscreenCanvas }
  | { type: 'show'; id: number; attempt: number; stream: number }
  | { type: 'hide'; id: number }
  | { type: 'forget'; id: number }
  /** Sound of an attempt: the loudness alone, or everything; off: neither. */
  | { type: 'hear'; attempt: number; what: Hearing }
  | { type: 'media'; attempt: number; record: Bytes }
  | { type: 'key'; attempt: number; epoch: number; secret: Bytes }
  | { type: 'no-key'; attempt: number; epoch: number; why: string }

export type FromViewer =
  | { type: 'need-key'; attempt: number; epoch: number }
  | { type: 'state'; id: number; state: PictureState }
  /** 0 to 255. */
  | { type: 'level'; attempt: number; level: number }
  | { type: 'sound'; attempt: number; samples: Float32Array<ArrayBuffer> }
