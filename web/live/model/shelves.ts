// Sessions in the order in which a proctor needs them. Pure.
import type { SessionLine } from '@/staff/types'

export const SHELVES = ['now', 'today', 'upcoming', 'done'] as const
export type Shelf = (typeof SHELVES)[number]

const DAY_MS = 86_400_000

function shelfOf(line: SessionLine, endOfDay: number): Shelf {
  if (line.state === 'running') return 'now'
  if (line.state !== 'planned') return 'done'
  return line.starts_ms < endOfDay ? 'today' : 'upcoming'
}

/** Late ones stand among today's, first; what is done, newest first. */
export function sessionShelves(
  lines: readonly SessionLine[],
  now: number,
): Record<Shelf, readonly SessionLine[]> {
  const midnight = new Date(now)
  midnight.setHours(0, 0, 0, 0)
  const endOfDay = midnight.getTime() + DAY_MS
  const shelves: Record<Shelf, SessionLine[]> = { now: [], today: [], upcoming: [], done: [] }
  for (const line of lines) shelves[shelfOf(line, endOfDay)].push(line)
  for (const shelf of SHELVES) shelves[shelf].sort((a, b) => a.starts_ms - b.starts_ms)
  shelves.done.sort((a, b) => b.ended_ms - a.ended_ms)
  return shelves
}
