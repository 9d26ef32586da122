// The camera at the door, sharper than the one that is recorded, and pictures from it or from a file. What
// is taken stays in this page until the person sends it.
import { signal } from '@preact/signals'
import { problemOf, sources, type SourceProblem } from '@/exam/sources'
import { limits } from '@/lib/gen/words'
import type { Bytes } from '@/lib/keys'

const WANTED: MediaStreamConstraints = {
  audio: false,
  video: { width: { ideal: 1600 }, height: { ideal: 1200 } },
}
const QUALITIES = [0.85, 0.6, 0.35]
/** Under the most that one record may hold, with room for its head. */
const PICTURE_BYTES_MAX = limits.MEDIA_RECORD_BYTES_MAX - 1024

export interface Cover {
  /** All as a share of the picture, 0 to 1. */
  x: number
  y: number
  width: number
  height: number
}

export class DoorCamera {
  readonly stream = signal<MediaStream | null>(null)
  readonly problem = signal<SourceProblem | null>(null)
  private own = false

  async open(): Promise<void> {
    this.problem.value = null
    try {
      if (!navigator.mediaDevices?.getUserMedia) throw new DOMException('', 'NotFoundError')
      this.stream.value = await navigator.mediaDevices.getUserMedia(WANTED)
      this.own = true
    } catch (error) {
      // Some systems give a camera away only once: then the picture of the check is used.
      this.stream.value = sources.webcam.stream.peek()
      if (!this.stream.value) this.problem.value = problemOf(error)
    }
  }

  close(): void {
    if (this.own)
      this.stream
        .peek()
        ?.getTracks()
        .forEach((track) => track.stop())
    this.stream.value = null
    this.own = false
  }
}

function canvasOf(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  return [canvas, context]
}

function draw(source: CanvasImageSource, width: number, height: number, most: number) {
  const scale = Math.min(1, most / Math.max(width, height))
  const [canvas, context] = canvasOf(Math.round(width * scale), Math.round(height * scale))
  context.drawImage(source, 0, 0, canvas.width, canvas.height)
  return canvas
}

/** What the camera shows now; null: no picture yet. */
export function frameOf(video: HTMLVideoElement, most: number): HTMLCanvasElement | null {
  const { videoWidth, videoHeight } = video
  return videoWidth ? draw(video, videoWidth, videoHeight, most) : null
}

/** A picture from a file, at most this large; null: it is none, or too large. Drawn anew, so that nothing
 * of the file but the picture itself (no place, no device) is kept. */
export async function pictureOf(file: File, most: number): Promise<HTMLCanvasElement | null> {
  if (file.size > limits.PICTURE_FILE_BYTES_MAX) return null
  const bitmap = await createImageBitmap(file).catch(() => null)
  if (!bitmap) return null
  const canvas = draw(bitmap, bitmap.width, bitmap.height, most)
  bitmap.close()
  return canvas
}

/** The picture with parts of it made black for good. */
export function covered(picture: HTMLCanvasElement, covers: readonly Cover[]): HTMLCanvasElement {
  const { width, height } = picture
  const [canvas, context] = canvasOf(width, height)
  context.drawImage(picture, 0, 0)
  context.fillStyle = '#000'
  for (const cover of covers)
    context.fillRect(cover.x * width, cover.y * height, cover.width * width, cover.height * height)
  return canvas
}

const blobOf = (canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob | null> =>
  new Promise((resolve) => canvas.toBlob(resolve, type, quality))

/** WebP, or JPEG where the browser makes no WebP; small enough for one record. */
export async function bytesOf(canvas: HTMLCanvasElement): Promise<Bytes> {
  for (const quality of QUALITIES) {
    let blob = await blobOf(canvas, 'image/webp', quality)
    if (blob?.type !== 'image/webp') blob = await blobOf(canvas, 'image/jpeg', quality)
    if (blob && blob.size <= PICTURE_BYTES_MAX) return new Uint8Array(await blob.arrayBuffer())
  }
  throw new Error('The picture is too large.')
}
