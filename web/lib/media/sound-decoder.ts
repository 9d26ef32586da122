// Opened records of sound to samples. Runs in a worker; shared by viewer and player.
import { Kind, type Header } from './record.ts'
import { FRAME_US, readSound, SAMPLE_RATE } from './sound.ts'
import type { Bytes } from '../keys.ts'

export interface Heard {
  samples: Float32Array<ArrayBuffer>
  /** Capture instant of the first sample, microseconds. */
  atUs: number
}

export class SoundDecoder {
  private decoder: AudioDecoder | undefined

  constructor(
    private readonly heard: (heard: Heard) => void,
    private readonly failed: (why: string) => void,
  ) {}

  take(header: Header, plain: Bytes): void {
    if (header.kind !== Kind.audio) return
    const decoder = this.open()
    readSound(plain).forEach(({ data }, at) =>
      decoder.decode(
        // Each frame stands for itself; what a lost one leaves behind is gone in a moment.
        new EncodedAudioChunk({ type: 'key', timestamp: header.atUs + at * FRAME_US, data }),
      ),
    )
  }

  private open(): AudioDecoder {
    if (this.decoder?.state === 'configured') return this.decoder
    const decoder = new AudioDecoder({
      output: (data) => this.output(data),
      error: (error) => this.failed(error.message),
    })
    decoder.configure({ codec: 'opus', sampleRate: SAMPLE_RATE, numberOfChannels: 1 })
    this.decoder = decoder
    return decoder
  }

  private output(data: AudioData): void {
    const samples = new Float32Array(data.numberOfFrames)
    data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
    this.heard({ samples, atUs: data.timestamp })
    data.close()
  }

  /** Lets out what is on its way. */
  async flush(): Promise<void> {
    if (this.decoder?.state === 'configured') await this.decoder.flush().catch(() => {})
  }

  close(): void {
    if (this.decoder && this.decoder.state !== 'closed') this.decoder.close()
    this.decoder = undefined
  }
}
