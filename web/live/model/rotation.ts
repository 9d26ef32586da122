// Rotation: a few candidates at a time, those first who were not looked at for the longest. Pure.
import type { Row } from '@/lib/gen/wire'
import { isPresent } from './state.ts'

export interface Rotation {
  count: number
  seconds: number
}

export const ROTATION: Rotation = { count: 4, seconds: 10 }
export const COUNTS = [1, 2, 4, 6, 9] as const
export const SECONDS = [5, 10, 20, 30, 60] as const

/** Who was seen the longest ago first; never seen before all. */
export function byLook(a: Row, b: Row): number {
  return a.looked_ms - b.looked_ms || a.attempt - b.attempt
}

/** The next ones to show: not those who are shown now, unless there are no others. */
export function nextShown(rows: readonly Row[], shown: readonly number[], count: number): number[] {
  const present = rows.filter(isPresent).sort(byLook)
  const fresh = present.filter((row) => !shown.includes(row.attempt))
  const again = present.filter((row) => shown.includes(row.attempt))
  return [...fresh, ...again].slice(0, count).map((row) => row.attempt)
}
