// A taken picture, parts of which may be covered before it is sent: by drawing over them, or with keys.
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Cover } from '@/exam/door/camera'
import { t } from '@/exam/door/text'
import { Button } from '@/ui'

const STEP = 0.02
const LEAST = 0.02
const NEW: Cover = { x: 0.35, y: 0.6, width: 0.3, height: 0.1 }

const within = (value: number, most = 1): number => Math.min(most, Math.max(0, value))

export function moved(cover: Cover, dx: number, dy: number): Cover {
  const { width, height } = cover
  return {
    ...cover,
    x: within(cover.x + dx, 1 - width),
    y: within(cover.y + dy, 1 - height),
  }
}

export function sized(cover: Cover, dx: number, dy: number): Cover {
  const width = Math.max(LEAST, Math.min(1 - cover.x, cover.width + dx))
  const height = Math.max(LEAST, Math.min(1 - cover.y, cover.height + dy))
  return { ...cover, width, height }
}

/** The rectangle between two points; null: too small to be meant. */
export function between(a: [number, number], b: [number, number]): Cover | null {
  const [x, y] = [within(Math.min(a[0], b[0])), within(Math.min(a[1], b[1]))]
  const width = within(Math.max(a[0], b[0])) - x
  const height = within(Math.max(a[1], b[1])) - y
  return width < LEAST || height < LEAST ? null : { x, y, width, height }
}

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
}

function CoverBox(props: {
  cover: Cover
  n: number
  change: (cover: Cover | null) => void
}): JSX.Element {
  const { cover, n, change } = props
  const pressed = (event: KeyboardEvent): void => {
    const arrow = ARROWS[event.key]
    if (!arrow && event.key !== 'Delete') return
    event.preventDefault()
    change(arrow ? (event.shiftKey ? sized : moved)(cover, ...arrow) : null)
  }
  const percent = (share: number): string => `${100 * share}%`
  return (
    <button
      type="button"
      class="door-cover"
      aria-label={t('cover.n', { n })}
      style={{
        left: percent(cover.x),
        top: percent(cover.y),
        width: percent(cover.width),
        height: percent(cover.height),
      }}
      onKeyDown={pressed}
    />
  )
}

/** Where in the picture a pointer is, 0 to 1. */
function pointOf(event: PointerEvent, element: Element): [number, number] {
  const box = element.getBoundingClientRect()
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
}

export function TakenPicture(props: {
  picture: HTMLCanvasElement
  label: string
  /** null: nothing may be covered. */
  covers: readonly Cover[] | null
  setCovers: (covers: readonly Cover[]) => void
}): JSX.Element {
  const { picture, covers, setCovers } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const [from, setFrom] = useState<[number, number] | null>(null)
  useEffect(() => {
    canvas.current?.getContext('2d')?.drawImage(picture, 0, 0)
  }, [picture])
  const change = (index: number, next: Cover | null): void =>
    setCovers((covers ?? []).flatMap((cover, i) => (i === index ? (next ?? []) : cover)))
  const drawn = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const cover = from && between(from, pointOf(event, event.currentTarget))
    setFrom(null)
    if (cover) setCovers([...(covers ?? []), cover])
  }
  return (
    <div class="stack-small">
      <div
        class="door-taken"
        onPointerDown={covers ? (e) => setFrom(pointOf(e, e.currentTarget)) : undefined}
        onPointerUp={covers ? drawn : undefined}
      >
        <canvas
          ref={canvas}
          width={picture.width}
          height={picture.height}
          role="img"
          aria-label={props.label}
        />
        {covers?.map((cover, i) => (
          <CoverBox key={i} n={i + 1} cover={cover} change={(next) => change(i, next)} />
        ))}
      </div>
      {covers ? (
        <>
          <p class="muted small reading">{t('cover.how')}</p>
          <div class="row">
            <Button onClick={() => setCovers([...covers, NEW])}>{t('cover')}</Button>
            {covers.length ? (
              <Button look="quiet" onClick={() => setCovers([])}>
                {t('cover.none')}
              </Button>
            ) : null}
          </div>
        </>
      ) : null}
    </div>
  )
}
