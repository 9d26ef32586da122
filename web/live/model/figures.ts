// Figures of a session while it runs, from its rows. Pure.
import { attemptStates } from '@/lib/gen/words'
import type { Row } from '@/lib/gen/wire'

const S = attemptStates

export interface Share {
  part: number
  of: number
}

export interface Bar {
  /** From, to: per cent of the points or of the questions. */
  from: number
  to: number
  count: number
}

export interface Figures {
  /** Joined of all who are on the list. */
  participation: Share
  /** Over of all who have begun. */
  completion: Share
  /** Time at work, without what stood still, of those who are done; 0: nobody is. */
  averageMs: number
  done: number
  /** Of those who are done and whose points are counted. */
  scores: Bar[]
  scored: number
  /** Of those who have begun. */
  progress: Bar[]
  begun: number
}

const hasBegun = (row: Row): boolean => row.limit_ms > 0
const isOver = (row: Row): boolean => row.state === S.submitted.id || row.state === S.ended.id
const hasJoined = (row: Row): boolean =>
  hasBegun(row) || (row.state >= S.joined.id && row.state <= S.ended.id)

/** Time that was worked: the clock's own time is what it had less what is left. */
export function workedMs(row: Row): number {
  return Math.max(0, row.limit_ms + row.extra_ms - row.clock_ms)
}

/** Ten bars of ten per cent each; the last one has the hundred, too. */
export function barsOf(shares: readonly number[]): Bar[] {
  const bars = Array.from({ length: 10 }, (_, index) => ({
    from: index * 10,
    to: index * 10 + 10,
    count: 0,
  }))
  for (const share of shares) {
    const at = Math.min(9, Math.max(0, Math.floor(share * 10)))
    bars[at]!.count++
  }
  return bars
}

export function figuresOf(rows: readonly Row[]): Figures {
  const listed = rows.filter((row) => row.state !== S.refused.id)
  const begun = listed.filter(hasBegun)
  const done = begun.filter(isOver)
  const scored = done.filter((row) => row.max_milli > 0)
  const worked = done.reduce((sum, row) => sum + workedMs(row), 0)
  return {
    participation: { part: listed.filter(hasJoined).length, of: listed.length },
    completion: { part: done.length, of: begun.length },
    averageMs: done.length ? worked / done.length : 0,
    done: done.length,
    scores: barsOf(scored.map((row) => row.points_milli / row.max_milli)),
    scored: scored.length,
    progress: barsOf(begun.map((row) => (row.items ? row.answered / row.items : 0))),
    begun: begun.length,
  }
}
