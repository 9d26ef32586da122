// The candidate's media worker: frames in, sealed records out. It runs here because a page in the
// background is slowed down and a worker is not.
import { LayerEncoder } from './encoder.ts'
import { layersOf, type TrackName } from './plan.ts'
import { Flag, Kind, packJson, packStill, Stream } from './record.ts'
import { Sender } from './sender.ts'
import { DiskShelf } from './disk.ts'
import { SoundSource } from './sound-encoder.ts'
import { Lane, MemoryShelf, RecordSpool } from './spool.ts'
import type {
  EvidenceState,
  FromWorker,
  SoundMessage,
  SourceMessage,
  ToWorker,
  TrackState,
} from './candidate-messages.ts'

const TEND_MS = 100
const STATE_MS = 500
const LOOK_AGAIN_MS = 3000
const NO_FRAMES_MS = 5000
const HEARTBEAT_MS = 1000
const STILL_QUALITY = 0.8
const STILL_WIDTH_MAX = 1920
const LANE_STILLS = 2
const LANE_EVENTS = 0
/** A person waits for these to arrive. */
const LANE_PROOFS = 0
/** After the last acknowledgement the server needs a moment to write. */
const DURABLE_WAIT_MS = 5000

const say = (message: FromWorker): void => postMessage(message)
const nowMs = (): number => performance.now()

let lastUs = 0
/** Microseconds since 1970 that never go back and never stand still. */
function instantUs(): number {
  lastUs = Math.max(lastUs + 1, Math.round((performance.timeOrigin + performance.now()) * 1000))
  return lastUs
}

class Source {
  state: TrackState = 'starting'
  problem = ''
  private readonly layers: LayerEncoder[]
  private readonly lastMadeMs = new Map<number, number>()
  private frameMs = nowMs()
  private beatMs = 0
  private last: VideoFrame | undefined
  private reader: ReadableStreamDefaultReader<VideoFrame> | undefined
  private wantStill = false

  constructor(
    readonly track: TrackName,
    message: SourceMessage,
    private readonly sender: Sender,
    firefox: boolean,
  ) {
    const info = { label: message.label, surface: message.surface }
    this.layers = layersOf(track, firefox).map(
      (plan) =>
        new LayerEncoder(
          plan,
          info,
          (made) => sender.add(plan.stream, plan.lane, made),
          (why) => this.layerFailed(why),
        ),
    )
    void this.read(message.frames)
  }

  replace(message: SourceMessage): void {
    this.stopReading()
    this.state = 'starting'
    this.frameMs = nowMs()
    for (const layer of this.layers)
      layer.replaceSource({ label: message.label, surface: message.surface })
    void this.read(message.frames)
  }

  private layerFailed(why: string): void {
    this.problem = why
    this.state = 'failed'
  }

  /** The page gives the frames when asked: browsers without track processors. */
  get ticked(): boolean {
    return !this.reader && this.state !== 'off'
  }

  private async read(frames: ReadableStream<VideoFrame> | undefined): Promise<void> {
    if (!frames) return
    const reader = frames.getReader()
    this.reader = reader
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        if (this.reader !== reader) next.value.close()
        else this.take(next.value)
      }
    } catch {
      // The track has ended; the page says what follows.
    }
  }

  take(frame: VideoFrame): void {
    this.frameMs = nowMs()
    if (this.state !== 'failed') this.state = 'ok'
    this.encode(frame, false)
    if (this.wantStill) {
      this.wantStill = false
      void this.still(frame.clone())
    }
    this.keep(frame)
  }

  /** The last frame of a screen is kept: a still page delivers no new ones. A camera's frame is not:
   * its buffers are few. */
  private keep(frame: VideoFrame): void {
    this.last?.close()
    this.last = undefined
    if (this.track === 'screen') this.last = frame
    else frame.close()
  }

  private encode(frame: VideoFrame, heartbeat: boolean): void {
    const atUs = instantUs()
    for (const layer of this.layers) {
      const { stream, low } = layer.plan
      if (!layer.due(atUs)) continue
      const since = nowMs() - (this.lastMadeMs.get(stream) ?? -Infinity)
      if (!low && !this.sender.mayMake(stream, since)) continue
      this.lastMadeMs.set(stream, nowMs())
      layer.encode(frame, atUs, heartbeat)
    }
  }

  private async still(frame: VideoFrame): Promise<void> {
    const scale = Math.min(1, STILL_WIDTH_MAX / frame.displayWidth)
    const width = Math.round(frame.displayWidth * scale)
    const height = Math.round(frame.displayHeight * scale)
    const canvas = new OffscreenCanvas(width, height)
    canvas.getContext('2d')?.drawImage(frame, 0, 0, width, height)
    frame.close()
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: STILL_QUALITY })
    const picture = new Uint8Array(await blob.arrayBuffer())
    const plain = packStill(Stream[this.track], picture)
    const made = { kind: Kind.still, flags: Flag.key, atUs: instantUs(), durationUs: 0, plain }
    this.sender.add(Stream.stills, LANE_STILLS, made)
  }

  snapshot(): void {
    if (this.last) void this.still(this.last.clone())
    else this.wantStill = true
  }

  tend(): void {
    const silence = nowMs() - this.frameMs
    if (this.last && nowMs() - Math.max(this.frameMs, this.beatMs) > HEARTBEAT_MS) {
      this.beatMs = nowMs()
      this.encode(this.last, true)
    }
    if (silence > NO_FRAMES_MS && this.state === 'ok') this.state = 'no-frames'
  }

  setScale(scale: number): void {
    for (const layer of this.layers) layer.setScale(scale)
  }

  requestKey(): void {
    for (const layer of this.layers) layer.requestKey()
  }

  private stopReading(): void {
    void this.reader?.cancel().catch(() => {})
    this.reader = undefined
    this.last?.close()
    this.last = undefined
  }

  drop(): void {
    this.stopReading()
    this.state = 'off'
  }

  async flush(): Promise<void> {
    await Promise.all(this.layers.map((layer) => layer.flush()))
    for (const layer of this.layers) layer.close()
  }
}

/** Pictures of the door that are on their way. */
interface Proof {
  id: number
  stream: number
  from: number
  upto: number
}

type Start = Extract<ToWorker, { type: 'start' }>
type ToldProof = Extract<ToWorker, { type: 'proof' }>

class Studio {
  private readonly sources = new Map<TrackName, Source>()
  private microphone: SoundSource | undefined
  private readonly spool: RecordSpool
  private readonly sender: Sender
  private readonly proofs = new Set<Proof>()
  private watchers = 0
  private ending = false
  private emptyMs = 0
  /** Epochs of earlier page loads. */
  private readonly older = new Set<number>()
  private looking = false

  private constructor(
    private readonly start: Start,
    private readonly disk: DiskShelf | undefined,
  ) {
    this.spool = new RecordSpool(disk ?? new MemoryShelf())
    const send = (lane: number, record: Uint8Array<ArrayBuffer>): void =>
      say({ type: 'record', lane, record })
    this.sender = new Sender(start.epoch, start.secret, this.spool, send, nowMs)
    if (disk) {
      this.takeOver(disk)
      setInterval(() => void this.lookAgain(disk), LOOK_AGAIN_MS)
    }
    setInterval(() => this.tend(), TEND_MS)
    setInterval(() => this.report(), STATE_MS)
  }

  static async open(start: Start): Promise<Studio> {
    const disk = await DiskShelf.open(start.folder, start.epoch).catch(() => undefined)
    return new Studio(start, disk)
  }

  /** What earlier page loads could not send goes now, last. */
  private takeOver(disk: DiskShelf): void {
    const before = this.older.size
    for (const { header, bytes } of disk.found.splice(0)) {
      const { epoch, stream, seq } = header
      this.older.add(epoch)
      this.spool.restore({ epoch, stream, seq, lane: Lane.late, madeMs: 0 }, bytes)
    }
    if (this.older.size > before) say({ type: 'older', epochs: [...this.older] })
  }

  /** A page that was closed a moment ago still had its files when this one began. */
  private async lookAgain(disk: DiskShelf): Promise<void> {
    if (this.looking) return
    this.looking = true
    await disk.readMore()
    this.takeOver(disk)
    this.looking = false
  }

  private tend(): void {
    if (this.sender.tend())
      for (const source of this.sources.values()) source.setScale(this.sender.adapter.scale)
    for (const source of this.sources.values()) {
      source.tend()
      if (source.ticked) say({ type: 'tick', track: source.track })
    }
    this.microphone?.tend()
    if (this.ending) void this.finish()
  }

  /** Says when the server has everything, on its disk if it tells so in time. */
  private async finish(): Promise<void> {
    const gone = this.spool.waitingCount === 0 && this.sender.pacer.inFlight === 0
    if (!gone) this.emptyMs = 0
    else this.emptyMs ||= nowMs()
    if (this.spool.bytes > 0 && (!gone || nowMs() - this.emptyMs < DURABLE_WAIT_MS)) return
    this.ending = false
    await this.disk?.close()
    say({ type: 'drained' })
  }

  private report(): void {
    say({ type: 'state', state: this.state() })
    for (const proof of this.proofs) this.tellProof(proof)
  }

  private state(): EvidenceState {
    const of = (track: TrackName): TrackState => this.sources.get(track)?.state ?? 'off'
    return {
      link: this.link(),
      waitingBytes: this.spool.waitingBytes,
      waitingRecords: this.spool.waitingCount,
      watchers: this.watchers,
      tracks: {
        webcam: of('webcam'),
        screen: of('screen'),
        phone: of('phone'),
        microphone: this.microphone?.state ?? 'off',
      },
      problem: this.problem(),
    }
  }

  private tellProof(proof: Proof): void {
    const { id, stream, from, upto } = proof
    const left = this.spool.leftIn(this.start.epoch, stream)
    say({ type: 'proof', id, from, upto, left })
    if (left === 0) this.proofs.delete(proof)
  }

  private async addProof({ id, stream, pictures }: ToldProof): Promise<void> {
    const seqs = pictures.map(({ part, bytes }) => {
      const plain = packStill(part, bytes)
      const made = { kind: Kind.still, flags: Flag.key, atUs: instantUs(), durationUs: 0, plain }
      return this.sender.add(stream, LANE_PROOFS, made)
    })
    await this.sender.sealed()
    this.proofs.add({ id, stream, from: seqs[0]!, upto: seqs.at(-1)! })
    this.report()
  }

  private problem(): string {
    const all = [...this.sources.values()].map((source) => source.problem)
    return [...all, this.microphone?.problem, this.sender.problem].find(Boolean) ?? ''
  }

  private link(): EvidenceState['link'] {
    if (!this.spool.hasRoom) return 'full'
    if (!this.sender.up) return 'offline'
    if (this.spool.waitingCount > 0 && !this.spool.next(false)) return 'catching-up'
    return this.sender.adapter.congested ? 'behind' : 'sending'
  }

  private setSource(message: SourceMessage): void {
    const known = this.sources.get(message.track)
    if (known) return known.replace(message)
    const source = new Source(message.track, message, this.sender, this.start.firefox)
    this.sources.set(message.track, source)
  }

  /** Sound is small and goes first, also when there is room for nothing else. */
  private setSound({ label, frames }: SoundMessage): void {
    if (this.microphone) return this.microphone.replace(label, frames)
    this.microphone = new SoundSource(label, frames, {
      sound: (made) => this.sender.add(Stream.microphone, LANE_EVENTS, made),
      level: (made) => this.sender.add(Stream.levels, LANE_EVENTS, made),
      nowUs: instantUs,
    })
  }

  private want(keyFrames: boolean, watchers: number): void {
    this.watchers = watchers
    if (keyFrames) for (const source of this.sources.values()) source.requestKey()
  }

  private async stop(): Promise<void> {
    const all = [...this.sources.values(), ...(this.microphone ? [this.microphone] : [])]
    for (const source of all) source.drop()
    for (const source of all) await source.flush()
    await this.sender.end(instantUs())
    this.ending = true
  }

  take(message: Exclude<ToWorker, Start>): void {
    switch (message.type) {
      case 'source':
        return this.setSource(message)
      case 'sound':
        return this.setSound(message)
      case 'frame': {
        const source = this.sources.get(message.track)
        if (source && source.state !== 'off') return source.take(message.frame)
        return message.frame.close()
      }
      case 'drop':
        if (message.track === 'microphone') return this.microphone?.drop()
        return this.sources.get(message.track)?.drop()
      case 'up':
        return this.sender.connected()
      case 'down':
        this.sender.disconnected()
        for (const source of this.sources.values()) source.setScale(1)
        return
      case 'ack':
        return this.sender.acknowledged(message.epoch, message.stream, message.seq)
      case 'have':
        return this.sender.have(message.epoch, message.stream, message.uptoSeq, message.durable)
      case 'want':
        return this.want(message.keyFrames, message.watchers)
      case 'snapshot':
        for (const source of this.sources.values()) if (source.state === 'ok') source.snapshot()
        return
      case 'proof':
        return void this.addProof(message)
      case 'event':
        return void this.sender.add(Stream.events, LANE_EVENTS, {
          kind: Kind.event,
          flags: Flag.key,
          atUs: instantUs(),
          durationUs: 0,
          plain: packJson(message.value),
        })
      case 'stop':
        return void this.stop()
    }
  }
}

let studio: Promise<Studio> | undefined

addEventListener('message', (event: MessageEvent<ToWorker>) => {
  const message = event.data
  if (message.type === 'start') studio ??= Studio.open(message)
  else void studio?.then((open) => open.take(message))
})
