// What a picture from the camera looks like, measured on the device: dark, glaring, blurred. Hints only:
// nothing is refused because of them.

export type PictureHint = 'dark' | 'glare' | 'blurred'

const DARK_BELOW = 55
const GLARE_FROM = 250
/** Share of the picture that may be as bright as a reflection: paper is bright, but not all of it. */
const GLARE_SHARE = 0.06
/** Variance of the second derivative: text in focus has several hundred, a blurred card under 60. */
const SHARP_FROM = 60

/** Brightness of each pixel, from the RGBA of a canvas. */
export function lumaOf(rgba: Uint8ClampedArray): Uint8Array {
  const out = new Uint8Array(rgba.length >> 2)
  for (let i = 0; i < out.length; i++) {
    const at = 4 * i
    out[i] = (rgba[at]! * 77 + rgba[at + 1]! * 150 + rgba[at + 2]! * 29) >> 8
  }
  return out
}

function sharpness(luma: Uint8Array, width: number): number {
  const height = luma.length / width
  let sum = 0
  let squares = 0
  let count = 0
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const around = luma[at - 1]! + luma[at + 1]! + luma[at - width]! + luma[at + width]!
      const edge = around - 4 * luma[at]!
      sum += edge
      squares += edge * edge
      count++
    }
  const mean = sum / count
  return squares / count - mean * mean
}

export function judgePicture(luma: Uint8Array, width: number): PictureHint[] {
  let sum = 0
  let bright = 0
  for (const value of luma) {
    sum += value
    if (value >= GLARE_FROM) bright++
  }
  const hints: PictureHint[] = []
  if (sum / luma.length < DARK_BELOW) hints.push('dark')
  if (bright / luma.length > GLARE_SHARE) hints.push('glare')
  if (sharpness(luma, width) < SHARP_FROM) hints.push('blurred')
  return hints
}
