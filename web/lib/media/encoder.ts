// One layer of one track: frames in, encoded pictures out, with a CONFIG before the first picture and
// before each change. Falls back to the next codec when the encoder fails. Runs in a worker.
import { fit, type CodecChoice, type LayerPlan } from './plan.ts'
import { Flag, Kind, packJson, type StreamConfig } from './record.ts'
import { toBase64url, type Bytes } from '../keys.ts'

export interface Made {
  kind: number
  flags: number
  atUs: number
  durationUs: number
  plain: Bytes
}

export interface SourceInfo {
  label: string
  surface: string
}

type State = 'idle' | 'choosing' | 'ready' | 'failed'

const QUEUE_MOST = 3
const STRETCH_BELOW = 0.9
const STRETCH_GOP = 4
const KEY_LEAST_US = 1_000_000

export class LayerEncoder {
  state: State = 'idle'
  private encoder: VideoEncoder | undefined
  private choice = 0
  private round = 0
  private size = { width: 0, height: 0 }
  private frameSize = ''
  private scale = 1
  private dueUs = 0
  private keyUs = -Infinity
  private wantKey = true
  private soonKey = false
  private discontinuity = false
  private described: StreamConfig | undefined
  private readonly heartbeats = new Set<number>()

  constructor(
    readonly plan: LayerPlan,
    private source: SourceInfo,
    private readonly made: (made: Made) => void,
    private readonly failed: (why: string) => void,
  ) {}

  /** The same stream goes on with another camera or share. */
  replaceSource(source: SourceInfo): void {
    this.source = source
    this.discontinuity = true
    this.wantKey = true
  }

  /** Somebody joins: a key frame soon, but not one for each who joins. */
  requestKey(): void {
    this.soonKey = true
  }

  /** Whether a frame of this instant belongs into this layer's rate; stands still while choosing. */
  due(atUs: number): boolean {
    const fps = this.plan.low ? this.plan.fps : this.plan.fps * this.rateShare()
    const interval = 1e6 / fps
    // Capture clocks jitter; a frame a little early is the one that was meant.
    if (atUs < this.dueUs - interval * 0.15) return false
    return this.state !== 'failed' && (this.encoder?.encodeQueueSize ?? 0) < QUEUE_MOST
  }

  private rateShare(): number {
    if (this.scale > 0.6) return 1
    return this.scale > 0.3 ? 0.7 : 0.4
  }

  /** The share of the bit rate that the way carries now. */
  setScale(scale: number): void {
    if (this.plan.low || scale === this.scale) return
    this.scale = scale
    if (this.encoder?.state === 'configured') this.encoder.configure(this.config())
  }

  private config(): VideoEncoderConfig {
    const { codec, quantizer } = this.plan.codecs[this.choice] as CodecChoice
    const config: VideoEncoderConfig = {
      codec,
      width: this.size.width,
      height: this.size.height,
      framerate: this.plan.fps,
      latencyMode: 'realtime',
    }
    if (quantizer === undefined) config.bitrate = Math.round(this.plan.bitrate * this.scale)
    else config.bitrateMode = 'quantizer'
    if (this.plan.text) config.contentHint = 'text'
    if (codec.startsWith('avc1')) config.avc = { format: 'annexb' }
    return config
  }

  private async choose(): Promise<void> {
    this.state = 'choosing'
    const round = ++this.round
    for (; this.choice < this.plan.codecs.length; this.choice++) {
      const answer = await VideoEncoder.isConfigSupported(this.config()).catch(() => null)
      if (round !== this.round) return // the size changed meanwhile
      if (answer?.supported) return this.open()
    }
    this.fail('This browser has no video encoder that can be used.')
  }

  private open(): void {
    const encoder = new VideoEncoder({
      output: (chunk, meta) => this.output(chunk, meta),
      error: (error) => this.next(encoder, error),
    })
    encoder.configure(this.config())
    this.encoder = encoder
    this.wantKey = true
    this.state = 'ready'
  }

  private next(broken: VideoEncoder, error: DOMException): void {
    if (broken !== this.encoder) return
    this.encoder = undefined
    this.discontinuity = true
    this.choice++
    if (this.choice >= this.plan.codecs.length) this.fail(error.message)
    else void this.choose()
  }

  private fail(why: string): void {
    this.state = 'failed'
    this.failed(why)
  }

  /** Takes no ownership of the frame. */
  encode(frame: VideoFrame, atUs: number, heartbeat: boolean): void {
    const shape = `${frame.displayWidth}x${frame.displayHeight}`
    if (shape !== this.frameSize) {
      this.frameSize = shape
      this.size = fit(frame.displayWidth, frame.displayHeight, this.plan.width, this.plan.height)
      this.close()
      this.state = 'idle'
    }
    if (this.state === 'idle') void this.choose()
    if (this.state !== 'ready' || this.encoder?.state !== 'configured') return
    const duration = Math.round(1e6 / this.plan.fps)
    this.dueUs = Math.max(this.dueUs + 1e6 / this.plan.fps / this.shareNow(), atUs)
    if (heartbeat) this.heartbeats.add(atUs)
    // Own instant and a duration: capture clocks differ by source, and some encoders need a duration.
    const stamped = new VideoFrame(frame, { timestamp: atUs, duration })
    this.encoder.encode(stamped, this.frameOptions(this.keyNow(atUs)))
    stamped.close()
  }

  private shareNow(): number {
    return this.plan.low ? 1 : this.rateShare()
  }

  private keyNow(atUs: number): boolean {
    const stretched = this.scale < STRETCH_BELOW && !this.plan.low
    const gopUs = this.plan.gopMs * 1000 * (stretched ? STRETCH_GOP : 1)
    const sinceUs = atUs - this.keyUs
    const asked = this.wantKey || (this.soonKey && sinceUs > KEY_LEAST_US)
    if (!asked && sinceUs < gopUs) return false
    this.wantKey = this.soonKey = false
    this.keyUs = atUs
    return true
  }

  private frameOptions(keyFrame: boolean): VideoEncoderEncodeOptions {
    const quantizer = this.plan.codecs[this.choice]?.quantizer
    if (quantizer === undefined) return { keyFrame }
    return { keyFrame, av1: { quantizer } } as VideoEncoderEncodeOptions
  }

  private output(chunk: EncodedVideoChunk, meta?: EncodedVideoChunkMetadata): void {
    const at = { atUs: chunk.timestamp, durationUs: chunk.duration ?? 0 }
    if (meta?.decoderConfig) this.noteConfig(meta.decoderConfig)
    if (chunk.type === 'key') this.tellConfig(at.atUs)
    const plain = new Uint8Array(chunk.byteLength)
    chunk.copyTo(plain)
    let flags = chunk.type === 'key' ? Flag.key : 0
    if (this.heartbeats.delete(chunk.timestamp)) flags |= Flag.heartbeat
    this.made({ kind: Kind.video, flags, plain, ...at })
  }

  private noteConfig(decoder: VideoDecoderConfig): void {
    const config: StreamConfig = {
      codec: decoder.codec,
      width: decoder.codedWidth ?? this.size.width,
      height: decoder.codedHeight ?? this.size.height,
      fps: this.plan.fps,
    }
    if (decoder.colorSpace) config.colorSpace = plainColors(decoder.colorSpace)
    if (decoder.description) config.description = toBase64url(bytesOf(decoder.description))
    this.described = config
  }

  /** Before every key frame: whoever joins there needs nothing older. */
  private tellConfig(atUs: number): void {
    if (!this.described) return
    const flags = this.discontinuity ? Flag.discontinuity : 0
    this.discontinuity = false
    const plain = packJson({ ...this.described, ...this.source })
    this.made({ kind: Kind.config, flags, atUs, durationUs: 0, plain })
  }

  /** Lets what the encoder still holds come out. */
  async flush(): Promise<void> {
    if (this.encoder?.state === 'configured') await this.encoder.flush().catch(() => {})
  }

  close(): void {
    if (this.encoder && this.encoder.state !== 'closed') this.encoder.close()
    this.encoder = undefined
    if (this.state === 'ready') this.state = 'idle'
  }
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  if (ArrayBuffer.isView(source))
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  return new Uint8Array(source)
}

function plainColors(space: VideoColorSpaceInit): VideoColorSpaceInit {
  const { primaries, transfer, matrix, fullRange } = space
  return {
    primaries: primaries ?? null,
    transfer: transfer ?? null,
    matrix: matrix ?? null,
    fullRange: fullRange ?? null,
  }
}
