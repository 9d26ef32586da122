// One stream of opened records to pictures: configures the decoder from CONFIG records, waits for key
// frames, skips to the next one when it falls behind. Runs in a worker; shared by viewer and player.
import { fromBase64url } from '../keys.ts'
import { Flag, Kind, readJson, type Header, type StreamConfig } from './record.ts'
import type { Bytes } from '../keys.ts'

const QUEUE_MOST = 8

export interface Decoded {
  frame: VideoFrame
  /** Capture instant, microseconds. */
  atUs: number
}

export class StreamDecoder {
  config: StreamConfig | undefined
  private decoder: VideoDecoder | undefined
  private needsKey = true
  private expectedSeq = -1
  private epoch = -1

  constructor(
    /** Takes ownership of the frame. */
    private readonly show: (decoded: Decoded) => void,
    private readonly failed: (why: string) => void,
    /** Skip when behind: right for live pictures, wrong for a recording. */
    private readonly maySkip: boolean,
  ) {}

  get queue(): number {
    return this.decoder?.decodeQueueSize ?? 0
  }

  /** True while pictures cannot be shown before the next key frame. */
  get waitsForKey(): boolean {
    return this.needsKey
  }

  take(header: Header, plain: Bytes): void {
    if (header.epoch !== this.epoch) {
      this.epoch = header.epoch
      this.needsKey = true
    }
    if (header.kind === Kind.config) this.configure(readJson<StreamConfig>(plain))
    else if (header.kind === Kind.video) this.video(header, plain)
  }

  private video(header: Header, plain: Bytes): void {
    const key = (header.flags & Flag.key) !== 0
    if (this.maySkip && this.queue > QUEUE_MOST) this.needsKey = true
    if (!key && header.seq !== this.expectedSeq) this.needsKey = true
    this.expectedSeq = header.seq + 1
    if (key && this.decoder) this.needsKey = false
    if (this.needsKey || this.decoder?.state !== 'configured') return
    const type = key ? 'key' : 'delta'
    this.decoder.decode(
      new EncodedVideoChunk({
        type,
        timestamp: header.atUs,
        duration: header.durationUs,
        data: plain,
      }),
    )
  }

  /** A CONFIG takes one number of its stream, so the picture after it is still the next one. */
  private configure(config: StreamConfig): void {
    this.expectedSeq++
    if (
      this.decoder?.state === 'configured' &&
      JSON.stringify(config) === JSON.stringify(this.config)
    )
      return
    this.config = config
    this.reopen()
  }

  private reopen(): void {
    this.close()
    if (!this.config) return
    const decoder = new VideoDecoder({
      output: (frame) => this.show({ frame, atUs: frame.timestamp }),
      error: (error) => this.broke(decoder, error),
    })
    const { codec, width, height, colorSpace, description } = this.config
    const wanted: VideoDecoderConfig = {
      codec,
      codedWidth: width,
      codedHeight: height,
      optimizeForLatency: true,
    }
    if (colorSpace) wanted.colorSpace = colorSpace
    if (description) wanted.description = fromBase64url(description)
    try {
      decoder.configure(wanted)
      this.decoder = decoder
    } catch (error) {
      this.failed(String(error))
    }
    this.needsKey = true
  }

  private broke(decoder: VideoDecoder, error: DOMException): void {
    if (decoder !== this.decoder) return
    this.failed(error.message)
    this.reopen()
  }

  /** Forgets where it was: the next picture must be a key frame. */
  restart(): void {
    this.needsKey = true
    this.expectedSeq = -1
    if (this.decoder?.state === 'configured') {
      this.decoder.reset()
      this.reopen()
    }
  }

  async flush(): Promise<void> {
    if (this.decoder?.state === 'configured') await this.decoder.flush().catch(() => {})
    this.needsKey = true // after a flush only a key frame is accepted
  }

  close(): void {
    if (this.decoder && this.decoder.state !== 'closed') this.decoder.close()
    this.decoder = undefined
    this.needsKey = true
  }
}
