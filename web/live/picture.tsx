// One live picture, and in words what it is when it is not live.
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { formatLength } from '@/lib/clock'
import type { PictureState, Quality } from '@/lib/media/viewer'
import type { Settings } from '@/lib/words'
import { Icon } from '@/ui'
import { useLive } from './context.ts'
import type { Picture as Track } from './control.ts'
import { t } from './text.ts'

const OLD_MS = 6_000

function stateText(state: PictureState | null): string {
  if (!state || state.status === 'waiting') return t('picture.waiting')
  switch (state.status) {
    case 'live':
      return state.ageMs > OLD_MS ? t('picture.age', { age: formatLength(state.ageMs) }) : ''
    case 'late': {
      const age = state.ageMs > 0 ? t('picture.age', { age: formatLength(state.ageMs) }) : ''
      return [t('picture.lost'), age].filter(Boolean).join(' · ')
    }
    case 'no-key':
      return t('picture.nokey')
    case 'changed':
    case 'undecodable':
      return state.why || t('picture.failed')
  }
}

/** Same words: no new drawing, although the age counts on each second. */
function sameShown(a: PictureState | null, b: PictureState): boolean {
  return (
    a !== null &&
    a.status === b.status &&
    a.ageMs < 0 === b.ageMs < 0 &&
    stateText(a) === stateText(b)
  )
}

/** Without a picture yet, the canvas is only a black box. */
function look(state: PictureState | null): string {
  if (!state || state.ageMs < 0) return 'picture-none'
  return state.status === 'late' ? 'picture-late' : ''
}

/** Begins a look while the element is on the screen; the result ends it. */
function inSight(element: HTMLElement | null, begin: () => () => void): () => void {
  let end: (() => void) | undefined
  const observer = new IntersectionObserver(
    (entries) => {
      const seen = entries.some((entry) => entry.isIntersecting)
      end?.()
      end = seen ? begin() : undefined
    },
    { threshold: 0.5 },
  )
  if (element) observer.observe(element)
  return () => {
    observer.disconnect()
    end?.()
  }
}
/** The phone is there only where the session asks for it. */
export const tracksOf = (settings: Settings | null): readonly Track[] =>
  settings?.phone ? ['webcam', 'screen', 'phone'] : ['webcam', 'screen']

export function Picture(props: {
  attempt: number
  name: string
  track: Track
  quality: Quality
}): JSX.Element {
  const { pictures, monitor, looks } = useLive()
  const { attempt, track, quality } = props
  const used = monitor.settings.value?.[track] !== 0
  const canvas = useRef<HTMLCanvasElement>(null)
  const [state, setState] = useState<PictureState | null>(null)
  const open = pictures.lock.value === 'open'

  useLayoutEffect(() => {
    const element = canvas.current
    if (!element || !open || !used) return
    const heard = (next: PictureState): void =>
      setState((old) => (sameShown(old, next) ? old : next))
    pictures.viewer.show(attempt, track, element, quality, heard)
    // After it has left the page, so that the viewer lets go of it for good.
    return () => queueMicrotask(() => pictures.viewer.hide(element))
  }, [attempt, track, quality, open, used])

  const live = state?.status === 'live' && state.ageMs >= 0 && state.ageMs <= OLD_MS
  useEffect(
    () => (live ? inSight(canvas.current, () => looks.begin(attempt)) : undefined),
    [attempt, live],
  )

  const words = used ? (open ? stateText(state) : t('picture.locked')) : t('picture.off')
  const label = t('picture.of', { track: t(`picture.${track}`), name: props.name })
  return (
    <div class={`picture picture-${track} ${look(state)}`}>
      {open && used ? <canvas key={quality} ref={canvas} role="img" aria-label={label} /> : null}
      {words ? (
        <span class="picture-words">
          <Icon name={open ? (track === 'screen' ? 'screen' : 'camera') : 'lock'} size="1em" />{' '}
          {words}
        </span>
      ) : null}
    </div>
  )
}
