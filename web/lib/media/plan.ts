// What is recorded of each track, and with which codecs: measured choices, not preferences. Chromium's
// VP8 and Firefox's VP9 and AVC encoders are too slow or too late to be first.

export type TrackName = 'webcam' | 'screen'

export interface CodecChoice {
  codec: string
  /** Constant quality: text stays crisp, still pages cost nearly nothing. */
  quantizer?: number
}

export interface LayerPlan {
  stream: number
  lane: number
  width: number
  height: number
  fps: number
  gopMs: number
  bitrate: number
  text: boolean
  /** A low layer goes on when everything else must stop. */
  low: boolean
  codecs: CodecChoice[]
}

const AV1 = 'av01.0.05M.08'
const VP9 = 'vp09.00.31.08'
const AVC = 'avc1.42E01F'
const VP8 = 'vp8'
const AV1_QUANTIZER = 55

const all = (...codecs: string[]): CodecChoice[] => codecs.map((codec) => ({ codec }))

function cameraCodecs(firefox: boolean): CodecChoice[] {
  return firefox ? all(VP8, VP9, AVC) : all(VP9, AVC, VP8)
}

function screenCodecs(firefox: boolean): CodecChoice[] {
  if (firefox) return all(VP8, VP9)
  return [{ codec: AV1, quantizer: AV1_QUANTIZER }, ...all(AV1, VP9, AVC, VP8)]
}

export function layersOf(track: TrackName, firefox: boolean): LayerPlan[] {
  if (track === 'webcam') {
    const codecs = cameraCodecs(firefox)
    return [
      {
        stream: 0,
        lane: 1,
        width: 640,
        height: 480,
        fps: 10,
        gopMs: 4000,
        bitrate: 250_000,
        text: false,
        low: false,
        codecs,
      },
      {
        stream: 16,
        lane: 0,
        width: 160,
        height: 120,
        fps: 1,
        gopMs: 10_000,
        bitrate: 12_000,
        text: false,
        low: true,
        codecs,
      },
    ]
  }
  const codecs = screenCodecs(firefox)
  const plain = codecs.filter((choice) => choice.quantizer === undefined)
  return [
    {
      stream: 1,
      lane: 2,
      width: 1280,
      height: 720,
      fps: 5,
      gopMs: 20_000,
      bitrate: 150_000,
      text: true,
      low: false,
      codecs,
    },
    {
      stream: 17,
      lane: 0,
      width: 320,
      height: 180,
      fps: 1,
      gopMs: 10_000,
      bitrate: 16_000,
      text: true,
      low: true,
      codecs: plain,
    },
  ]
}

/** The largest size of the same shape inside the box; even, because encoders fail on odd ones. */
export function fit(width: number, height: number, boxWidth: number, boxHeight: number) {
  const scale = Math.min(1, boxWidth / width, boxHeight / height)
  const even = (n: number): number => Math.max(2, Math.round((n * scale) / 2) * 2)
  return { width: even(width), height: even(height) }
}
