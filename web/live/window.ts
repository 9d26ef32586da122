// Which lines of a long list are in sight. For lines of one height.
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

const OVER = 6

export function useWindow(
  count: number,
  height: number,
): {
  ref: { current: HTMLDivElement | null }
  first: number
  last: number
  onScroll: () => void
} {
  const ref = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState({ from: 0, lines: 30 })
  const onScroll = (): void => {
    const element = ref.current
    if (!element) return
    const from = Math.floor(element.scrollTop / height)
    const lines = Math.ceil(element.clientHeight / height)
    setSeen((old) => (old.from === from && old.lines === lines ? old : { from, lines }))
  }
  useLayoutEffect(() => {
    if (!ref.current) return
    onScroll()
    const observer = new ResizeObserver(onScroll)
    observer.observe(ref.current)
    return () => observer.disconnect()
  }, [])
  const first = Math.max(0, Math.min(seen.from, count) - OVER)
  return { ref, first, last: Math.min(count, seen.from + seen.lines + OVER), onScroll }
}
