// The windowed grid: only the tiles in sight are in the page, so that hundreds of candidates cost no
// more than a screenful, and only their pictures are asked for.
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useLive } from './context.ts'
import type { Density } from './control.ts'
import { t } from './text.ts'
import { Tile } from './tile.tsx'

interface Measures {
  least: number // width of a tile at least
  height: number
}

const MEASURES: Record<Density, Measures> = {
  large: { least: 420, height: 350 },
  medium: { least: 216, height: 306 },
  compact: { least: 188, height: 116 },
}
const GAP = 8
const OVER = 1

interface Box {
  width: number
  height: number
  top: number
}

/** Which rows of tiles are in sight. Pure. */
export function gridWindow(
  box: Box,
  count: number,
  measures: Measures,
): { columns: number; rows: number; first: number; last: number } {
  const columns = Math.max(1, Math.floor((box.width + GAP) / (measures.least + GAP)))
  const rows = Math.ceil(count / columns)
  const step = measures.height + GAP
  const first = Math.max(0, Math.floor(box.top / step) - OVER)
  const last = Math.min(rows, Math.ceil((box.top + box.height) / step) + OVER)
  return { columns, rows, first, last }
}

function useBox(ref: { current: HTMLElement | null }): [Box, () => void] {
  const [box, setBox] = useState<Box>({ width: 800, height: 600, top: 0 })
  const measure = (): void => {
    const element = ref.current
    if (!element) return
    const { clientWidth: width, clientHeight: height, scrollTop: top } = element
    setBox((old) =>
      old.width === width && old.height === height && old.top === top
        ? old
        : { width, height, top },
    )
  }
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [box, measure]
}

const STEP_KEYS: Record<string, (columns: number, page: number) => number> = {
  ArrowRight: () => 1,
  ArrowLeft: () => -1,
  ArrowDown: (columns) => columns,
  ArrowUp: (columns) => -columns,
  PageDown: (_columns, page) => page,
  PageUp: (_columns, page) => -page,
  Home: () => -Infinity,
  End: () => Infinity,
}

export function Grid({ onOpen }: { onOpen: (attempt: number) => void }): JSX.Element {
  const { control } = useLive()
  const scroller = useRef<HTMLDivElement>(null)
  const [box, measure] = useBox(scroller)
  const order = control.order.value
  const density = control.rotating.value ? 'large' : control.density.value
  const measures = MEASURES[density]
  const { columns, rows, first, last } = gridWindow(box, order.length, measures)
  const step = measures.height + GAP
  const current = order.includes(control.current.value) ? control.current.value : (order[0] ?? 0)
  const moveFocus = useRef(false)

  useEffect(() => {
    if (!moveFocus.current) return
    moveFocus.current = false
    document.getElementById(`tile-${control.current.value}`)?.focus({ preventScroll: true })
  })
  useEffect(() => {
    return () => {
      control.release('pointer')
      control.release('focus')
    }
  }, [])

  const moveTo = (index: number, range: boolean): void => {
    const to = Math.max(0, Math.min(order.length - 1, index))
    const id = order[to]
    if (id === undefined) return
    if (range) control.selectRange(current, id)
    const element = scroller.current
    const top = Math.floor(to / columns) * step
    if (element && top < element.scrollTop) element.scrollTop = top
    if (element && top + step > element.scrollTop + box.height)
      element.scrollTop = top + step - box.height
    moveFocus.current = true
    control.current.value = id
    measure()
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target as HTMLElement
    const onTile = target.getAttribute('role') === 'gridcell'
    const page = columns * Math.max(1, Math.floor(box.height / step))
    const by = STEP_KEYS[event.key]?.(columns, page)
    if (by !== undefined) moveTo(order.indexOf(current) + by, event.shiftKey)
    else if (onTile && event.key === 'Enter') onOpen(current)
    else if (onTile && event.key === ' ') control.toggle(current)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const lines: JSX.Element[] = []
  for (let line = first; line < last; line++)
    lines.push(
      <div
        key={line}
        role="row"
        class="grid-row"
        aria-rowindex={line + 1}
        style={{
          transform: `translateY(${line * step}px)`,
          height: `${measures.height}px`,
          gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        }}
      >
        {order.slice(line * columns, (line + 1) * columns).map((attempt, index) => (
          <Tile
            key={attempt}
            attempt={attempt}
            density={density}
            position={line * columns + index + 1}
            active={attempt === current}
            onOpen={onOpen}
          />
        ))}
      </div>,
    )

  return (
    <div
      ref={scroller}
      class="grid"
      onScroll={measure}
      onKeyDown={onKeyDown}
      onPointerEnter={() => control.hold('pointer')}
      onPointerLeave={() => control.release('pointer')}
      onFocusCapture={(event) => {
        control.hold('focus')
        const tile = (event.target as HTMLElement).closest<HTMLElement>('[data-attempt]')
        if (tile) control.current.value = Number(tile.dataset.attempt)
      }}
      onBlurCapture={() => control.release('focus')}
    >
      <div
        role="grid"
        aria-label={t('grid.label')}
        aria-rowcount={rows}
        aria-colcount={columns}
        aria-multiselectable="true"
        class="grid-space"
        style={{ height: `${Math.max(0, rows * step - GAP)}px` }}
      >
        {lines}
      </div>
    </div>
  )
}
