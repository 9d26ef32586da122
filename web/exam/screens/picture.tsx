// The person's own camera, mirrored, as a mirror would show it.
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

export function Picture(props: { stream: MediaStream; label: string }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const element = video.current
    if (!element) return
    element.srcObject = props.stream
    void element.play().catch(() => undefined)
    return () => {
      element.srcObject = null
    }
  }, [props.stream])
  return (
    <figure class="picture">
      <video ref={video} muted playsInline autoplay aria-label={props.label} />
      <figcaption class="muted small">{props.label}</figcaption>
    </figure>
  )
}
