// The candidate's evidence: gives the tracks to the media worker, announces the media key, and carries
// records between the worker and the page's connection. One call per page load; each is an epoch.
import type { LiveSocket } from '../socket.ts'
import { fromBase64url, makeEpoch, makeMediaKey, u64 } from '../keys.ts'
import { scriptAddress } from '../trusted.ts'
import { refusalText } from '../words.ts'
import type { EvidenceState, FromWorker, ProofPicture, ToWorker } from './candidate-messages.ts'
import type { RecordedTrack, TrackName } from './plan.ts'
import { Lane } from './spool.ts'
import workerAddress from './candidate.worker.ts?worker&url'

export type { EvidenceState, ProofPicture, TrackState } from './candidate-messages.ts'

/** The server tells at once what it has; without a word it has nothing. */
const HAVE_WAIT_MS = 400
const ALL_STREAMS = Uint8Array.of(0, 1, 3, 4, 5, 9, 16, 17, 25, 32, 33)
/** Tells the server: store this, show it to nobody as if it were now. */
const LATE_LANE_BIT = 0x80
const DRAIN_MOST_MS = 60_000

export type EvidenceSocket = Pick<
  LiveSocket,
  'send' | 'sendMessage' | 'on' | 'onConnected' | 'state'
>

export interface EvidenceOptions {
  attempt: number
  session: number
  /** The session's public key, base64url. */
  publicKey: string
  /** What is there at the start; set() brings the rest. */
  sources: Partial<Record<RecordedTrack, MediaStream | null>>
  /** Where records wait on this device: one name for each attempt and kind of device. */
  folder?: string
  socket: EvidenceSocket
  onState?: (state: EvidenceState) => void
}

export interface Evidence {
  readonly epoch: number
  /** null: the source is gone; recording of it goes on with the next. */
  set(track: RecordedTrack, stream: MediaStream | null): void
  /** A sharp still of what is shown now, sealed like everything else. */
  snapshot(): void
  /** Seals pictures that are shown at the door as records of this stream, and sends them. Resolves with
   * their numbers when the server has all; `left` is told how many it does not have yet. */
  show(
    stream: number,
    pictures: ProofPicture[],
    left: (count: number) => void,
  ): Promise<{ from: number; upto: number }>
  /** Something that belongs into the sealed record, such as a device change. */
  note(value: unknown): void
  /** Ends the recording. Resolves when the server has all of it, or after a minute. */
  stop(): Promise<void>
}

type Frames<T> = ReadableStream<T>
type ProcessorClass = new (o: { track: MediaStreamTrack; maxBufferSize?: number }) => {
  readable: Frames<VideoFrame> & Frames<AudioData>
}

function processorOf(
  track: MediaStreamTrack,
  maxBufferSize: number,
): (Frames<VideoFrame> & Frames<AudioData>) | undefined {
  const known = (globalThis as { MediaStreamTrackProcessor?: ProcessorClass })
    .MediaStreamTrackProcessor
  return known ? new known({ track, maxBufferSize }).readable : undefined
}

// A camera has only a handful of buffers, and old frames are of no use; of sound every bit is.
const PICTURES_WAITING = 2
const SOUNDS_WAITING = 100

/** Frames for browsers without track processors: a hidden video, read when the worker ticks. */
class VideoTap {
  private readonly video = document.createElement('video')
  private lastTime = -1

  constructor(stream: MediaStream) {
    this.video.muted = true
    this.video.playsInline = true
    this.video.srcObject = stream
    void this.video.play().catch(() => {})
  }

  frame(): VideoFrame | undefined {
    if (this.video.readyState < 2 || this.video.currentTime === this.lastTime) return undefined
    this.lastTime = this.video.currentTime
    return new VideoFrame(this.video, { timestamp: Math.round(performance.now() * 1000) })
  }

  close(): void {
    this.video.pause()
    this.video.srcObject = null
  }
}

class Recording implements Evidence {
  readonly epoch = makeEpoch()
  private readonly worker: Worker
  private readonly taps = new Map<TrackName, VideoTap>()
  private readonly unhear: (() => void)[] = []
  private started = false
  private readonly early = new Map<RecordedTrack, MediaStream | null>()
  private announced = false
  private refused = ''
  private older: number[] = []
  private goUp: ReturnType<typeof setTimeout> | undefined
  private drained: (() => void) | undefined
  private readonly proofs: ((told: Extract<FromWorker, { type: 'proof' }>) => void)[] = []
  private readonly waiting: ToWorker[] = []

  constructor(private readonly o: EvidenceOptions) {
    this.worker = new Worker(scriptAddress(workerAddress), { type: 'module' })
    this.worker.onmessage = (event: MessageEvent<FromWorker>) => this.heard(event.data)
    this.unhear.push(
      o.socket.on('record_ack', ({ epoch, stream, seq }) =>
        this.tell({ type: 'ack', epoch, stream, seq }),
      ),
      o.socket.on('media_have', ({ epoch, stream, upto_seq, durable }) =>
        this.tell({ type: 'have', epoch, stream, uptoSeq: upto_seq, durable: durable !== 0 }),
      ),
      o.socket.on('want', ({ key_frames, watchers }) =>
        this.tell({ type: 'want', keyFrames: key_frames !== 0, watchers }),
      ),
      o.socket.state.subscribe((state) => {
        if (state !== 'live' && state !== 'delayed') this.down()
      }),
    )
    for (const track of Object.keys(o.sources) as RecordedTrack[])
      this.early.set(track, o.sources[track] ?? null)
    void this.begin()
  }

  private tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer)
  }

  private async begin(): Promise<void> {
    const { attempt, socket, publicKey } = this.o
    const media = await makeMediaKey(fromBase64url(publicKey), attempt, this.epoch)
    const firefox = navigator.userAgent.includes('Firefox/')
    const { epoch } = this
    const folder = this.o.folder ?? String(attempt)
    this.tell({ type: 'start', folder, epoch, secret: media.secret, firefox })
    this.started = true
    for (const [track, stream] of this.early) this.set(track, stream)
    for (const message of this.waiting.splice(0)) this.tell(message)
    // Pictures are made from here on; they go only once somebody could ever open them.
    const key = { kind: 'add_media_key' as const, epoch, wrapped: media.wrapped }
    const { refusal } = await socket.send(key, attempt)
    if (refusal) return void (this.refused = refusalText(refusal))
    this.announced = true
    this.unhear.push(socket.onConnected(() => this.greet()))
  }

  private greet(): void {
    if (!this.announced) return
    const hello = { kind: 'media_hello' as const, epoch: this.epoch, streams: ALL_STREAMS }
    if (!this.o.socket.sendMessage(hello)) return
    this.askForOlder()
    clearTimeout(this.goUp)
    this.goUp = setTimeout(() => this.tell({ type: 'up' }), HAVE_WAIT_MS)
  }

  /** What the server has of earlier page loads, so that it is not sent again. */
  private askForOlder(): void {
    if (!this.older.length) return
    const epochs = new Uint8Array(8 * this.older.length)
    this.older.forEach((epoch, at) => epochs.set(u64(epoch), 8 * at))
    this.o.socket.sendMessage({ kind: 'have_epochs', epochs })
  }

  private down(): void {
    clearTimeout(this.goUp)
    this.tell({ type: 'down' })
  }

  private heard(message: FromWorker): void {
    switch (message.type) {
      case 'record': {
        const { record } = message
        const lane = message.lane === Lane.late ? message.lane | LATE_LANE_BIT : message.lane
        this.o.socket.sendMessage({ kind: 'record', lane, record })
        return
      }
      case 'tick':
        return this.tick(message.track)
      case 'state':
        return this.o.onState?.({
          ...message.state,
          problem: this.refused || message.state.problem,
        })
      case 'older':
        this.older = message.epochs
        return this.announced ? this.askForOlder() : undefined
      case 'proof':
        return this.proofs[message.id]?.(message)
      case 'drained':
        this.drained?.()
    }
  }

  private tick(track: TrackName): void {
    const frame = this.taps.get(track)?.frame()
    if (frame) this.tell({ type: 'frame', track, frame }, [frame])
  }

  set(track: RecordedTrack, stream: MediaStream | null): void {
    // The worker takes sources once it has its key.
    if (!this.started) return void this.early.set(track, stream)
    if (track === 'microphone') this.setSound(stream)
    else this.setPictures(track, stream)
  }

  private setPictures(track: TrackName, stream: MediaStream | null): void {
    this.taps.get(track)?.close()
    this.taps.delete(track)
    const video = stream?.getVideoTracks()[0]
    if (!stream || !video || video.readyState === 'ended') return this.tell({ type: 'drop', track })
    const frames = processorOf(video, PICTURES_WAITING)
    if (!frames) this.taps.set(track, new VideoTap(stream))
    const surface = (video.getSettings() as { displaySurface?: string }).displaySurface ?? ''
    const source = { type: 'source' as const, track, label: video.label, surface }
    if (frames) this.tell({ ...source, frames }, [frames as unknown as Transferable])
    else this.tell(source)
  }

  private setSound(stream: MediaStream | null): void {
    const sound = stream?.getAudioTracks()[0]
    const frames =
      sound && sound.readyState === 'live' ? processorOf(sound, SOUNDS_WAITING) : undefined
    if (!sound || !frames) return this.tell({ type: 'drop', track: 'microphone' })
    this.tell({ type: 'sound', label: sound.label, frames }, [frames as unknown as Transferable])
  }

  snapshot(): void {
    this.tell({ type: 'snapshot' })
  }

  show(
    stream: number,
    pictures: ProofPicture[],
    left: (count: number) => void,
  ): Promise<{ from: number; upto: number }> {
    const id = this.proofs.length
    const message: ToWorker = { type: 'proof', id, stream, pictures }
    if (this.started) this.tell(message)
    else this.waiting.push(message)
    return new Promise((resolve) =>
      this.proofs.push((told) => {
        left(told.left)
        if (told.left === 0) resolve({ from: told.from, upto: told.upto })
      }),
    )
  }

  note(value: unknown): void {
    this.tell({ type: 'event', value })
  }

  async stop(): Promise<void> {
    this.tell({ type: 'stop' })
    await new Promise<void>((resolve) => {
      this.drained = resolve
      setTimeout(resolve, DRAIN_MOST_MS)
    })
    for (const unhear of this.unhear) unhear()
    for (const tap of this.taps.values()) tap.close()
    clearTimeout(this.goUp)
    this.worker.terminate()
  }
}

export function startEvidence(options: EvidenceOptions): Evidence {
  return new Recording({ ...options })
}
