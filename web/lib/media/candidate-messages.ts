// What the candidate's page and its media worker say to each other. The page owns the connection and
// the tracks, the worker everything between a frame and a sealed record.
import type { Bytes } from '../keys.ts'
import type { RecordedTrack, TrackName } from './plan.ts'

export interface SourceMessage {
  type: 'source'
  track: TrackName
  label: string
  surface: string
  /** Frames of the track; undefined: the page hands frames in when the worker ticks. */
  frames?: ReadableStream<VideoFrame>
}

export interface SoundMessage {
  type: 'sound'
  label: string
  frames: ReadableStream<AudioData>
}

/** A picture that is shown at the door: an identity document, a face, a view of the room. */
export interface ProofPicture {
  part: number
  bytes: Bytes
}

export type ToWorker =
  | { type: 'start'; folder: string; epoch: number; secret: Bytes; firefox: boolean }
  | SourceMessage
  | SoundMessage
  | { type: 'frame'; track: TrackName; frame: VideoFrame }
  | { type: 'drop'; track: RecordedTrack }
  /** The connection is up and the server knows the key: records may go. */
  | { type: 'up' }
  | { type: 'down' }
  | { type: 'ack'; epoch: number; stream: number; seq: number }
  | { type: 'have'; epoch: number; stream: number; uptoSeq: number; durable: boolean }
  | { type: 'want'; keyFrames: boolean; watchers: number }
  | { type: 'snapshot' }
  /** Pictures that belong together, each with the part that it shows. */
  | { type: 'proof'; id: number; stream: number; pictures: ProofPicture[] }
  | { type: 'event'; value: unknown }
  | { type: 'stop' }

export type TrackState = 'off' | 'starting' | 'ok' | 'no-frames' | 'failed'

export interface EvidenceState {
  /** sending; behind: the way is slow; offline: kept on this device; catching-up: what was kept goes
   * now; full: no room left, only the small pictures go on; stopped: all is with the server. */
  link: 'sending' | 'behind' | 'offline' | 'catching-up' | 'full' | 'stopped'
  waitingBytes: number
  waitingRecords: number
  /** How many people see this candidate's pictures now. */
  watchers: number
  tracks: Record<RecordedTrack, TrackState>
  /** Why a track failed, for support. */
  problem: string
}

export type FromWorker =
  | { type: 'record'; lane: number; record: Bytes }
  | { type: 'tick'; track: TrackName }
  | { type: 'state'; state: EvidenceState }
  /** Page loads whose records were found on the device. */
  | { type: 'older'; epochs: number[] }
  /** Which records they are, and how many of them the server does not have yet. */
  | { type: 'proof'; id: number; from: number; upto: number; left: number }
  | { type: 'drained' }
