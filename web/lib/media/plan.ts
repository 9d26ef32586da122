// What is recorded of each track, and with which codecs: measured choices, not preferences. Chromium's
// VP8 and Firefox's VP9 and AVC encoders are too slow or too late to be first.

/** Tracks of pictures. */
export type TrackName = 'webcam' | 'screen' | 'phone'
export type RecordedTrack = TrackName | 'microphone'

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

const CAMERA = { text: false, gopMs: 4000, fps: 10, lane: 1, low: false }
const SCREEN = { text: true, gopMs: 20_000, fps: 5, lane: 2, low: false }
const LOW = { gopMs: 10_000, fps: 1, lane: 0, low: true }

function webcamLayers(codecs: CodecChoice[]): LayerPlan[] {
  return [
    { ...CAMERA, stream: 0, width: 640, height: 480, bitrate: 250_000, codecs },
    { ...LOW, stream: 16, text: false, width: 160, height: 120, bitrate: 12_000, codecs },
  ]
}

/** A phone stands on its edge or lies: its box is square. */
function phoneLayers(codecs: CodecChoice[]): LayerPlan[] {
  return [
    { ...CAMERA, stream: 2, fps: 5, width: 640, height: 640, bitrate: 150_000, codecs },
    { ...LOW, stream: 18, text: false, width: 160, height: 160, bitrate: 12_000, codecs },
  ]
}

function screenLayers(codecs: CodecChoice[]): LayerPlan[] {
  const plain = codecs.filter((choice) => choice.quantizer === undefined)
  return [
    { ...SCREEN, stream: 1, width: 1280, height: 720, bitrate: 150_000, codecs },
    { ...LOW, stream: 17, text: true, width: 320, height: 180, bitrate: 16_000, codecs: plain },
  ]
}

export function layersOf(track: TrackName, firefox: boolean): LayerPlan[] {
  switch (track) {
    case 'webcam':
      return webcamLayers(cameraCodecs(firefox))
    case 'phone':
      return phoneLayers(cameraCodecs(firefox))
    case 'screen':
      return screenLayers(screenCodecs(firefox))
  }
}

/** The largest size of the same shape inside the box; even, because encoders fail on odd ones. */
export function fit(width: number, height: number, boxWidth: number, boxHeight: number) {
  const scale = Math.min(1, boxWidth / width, boxHeight / height)
  const even = (n: number): number => Math.max(2, Math.round((n * scale) / 2) * 2)
  return { width: even(width), height: even(height) }
}
