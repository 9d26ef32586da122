// The camera's picture with a frame for what belongs into it, and in words how it looks.
import type { JSX, RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { DoorCamera } from '@/exam/door/camera'
import { judgePicture, lumaOf } from '@/exam/door/judge'
import { t, type TextKey } from '@/exam/door/text'
import type { Proof } from '@/lib/gen/words'
import { Banner, Button } from '@/ui'

const LOOK_MS = 400
/** The middle of the picture, pixel by pixel: what is sharp is only seen there. */
const CROP = { width: 240, height: 180 }

function looks(video: HTMLVideoElement, context: CanvasRenderingContext2D): TextKey {
  const { videoWidth, videoHeight } = video
  if (!videoWidth) return 'hint.wait'
  const { width, height } = CROP
  const [x, y] = [(videoWidth - width) / 2, (videoHeight - height) / 2]
  context.drawImage(video, x, y, width, height, 0, 0, width, height)
  const luma = lumaOf(context.getImageData(0, 0, width, height).data)
  const [hint] = judgePicture(luma, width)
  return hint ? `hint.${hint}` : 'hint.fine'
}

/** Looks at the picture a few times a second. */
function useHint(video: RefObject<HTMLVideoElement | null>): TextKey {
  const [hint, setHint] = useState<TextKey>('hint.wait')
  useEffect(() => {
    const canvas = document.createElement('canvas')
    Object.assign(canvas, CROP)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    const timer = setInterval(() => {
      if (context && video.current) setHint(looks(video.current, context))
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  return hint
}

function Problem({ camera }: { camera: DoorCamera }): JSX.Element {
  const problem = camera.problem.value
  const known = problem === 'denied' || problem === 'none' ? problem : 'failed'
  return (
    <div class="stack-small">
      {problem ? (
        <Banner tone="warn" live>
          {t(`camera.${known}`)}
        </Banner>
      ) : null}
      <div>
        <Button icon="camera" size="touch" onClick={() => void camera.open()}>
          {t('camera')}
        </Button>
      </div>
    </div>
  )
}

export function LivePicture(props: {
  camera: DoorCamera
  proof: Proof
  video: RefObject<HTMLVideoElement | null>
}): JSX.Element {
  const { camera, proof, video } = props
  const stream = camera.stream.value
  const hint = useHint(video)
  useEffect(() => {
    const element = video.current
    if (!element || !stream) return
    element.srcObject = stream
    void element.play().catch(() => undefined)
    return () => void (element.srcObject = null)
  }, [stream])
  if (!stream) return <Problem camera={camera} />
  return (
    <>
      <div class={`door-live door-${proof}`}>
        <video ref={video} muted playsInline autoplay aria-label={t(`${proof}.live`)} />
        <span class="door-guide" aria-hidden="true" />
      </div>
      <p class="muted" role="status">
        {t(hint)}
      </p>
    </>
  )
}
