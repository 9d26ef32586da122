import { describe, expect, test } from 'vitest'
import { barsOf, figuresOf, workedMs } from './figures.ts'
import { courseAfter, NO_COURSE } from './incident.ts'
import { makeRow } from './testing.ts'

describe('figures of a session (S1.50-54)', () => {
  const rows = [
    makeRow({ attempt: 1, state: 1, limit_ms: 0 }), // invited
    makeRow({ attempt: 2, state: 3, limit_ms: 0 }), // waits
    makeRow({ attempt: 3, answered: 5 }), // at work
    makeRow({ attempt: 4, state: 5, clock_ms: 3_000_000, points_milli: 500, max_milli: 1000 }),
    makeRow({ attempt: 5, state: 6, clock_ms: 0, points_milli: 1000, max_milli: 1000 }),
    makeRow({ attempt: 6, state: 7, limit_ms: 0 }), // refused: not counted
  ]
  const figures = figuresOf(rows)

  test('participation is joined of all who are listed, completion is over of begun', () => {
    expect(figures.participation).toEqual({ part: 4, of: 5 })
    expect(figures.completion).toEqual({ part: 2, of: 3 })
  })
  test('the average time is that of those who are done', () => {
    expect(workedMs(rows[3]!)).toBe(600_000)
    expect(figures.averageMs).toBe((600_000 + 3_600_000) / 2)
    expect(figuresOf([]).averageMs).toBe(0)
  })
  test('bars hold each share once, and the hundred is in the last', () => {
    expect(barsOf([0, 0.05, 0.1, 0.999, 1, 1.2]).map((bar) => bar.count)).toEqual([
      2, 1, 0, 0, 0, 0, 0, 0, 0, 3,
    ])
    expect(figures.scores[5]!.count).toBe(1)
    expect(figures.scores[9]!.count).toBe(1)
    expect(figures.progress[2]!.count).toBe(1)
  })
})

describe('the course of a session', () => {
  const at = { role: 2, actor: 7, cmd: 1 }
  const declared = { ...at, kind: 'incident_declared', at_ms: 10, reason: 'No power' } as const
  const closed = { ...at, kind: 'incident_closed', at_ms: 50, note: 'Back' } as const
  test('an incident is open until it is closed, and stays on record', () => {
    const open = courseAfter(NO_COURSE, declared)
    expect(open.incident).toEqual({ at_ms: 10, by: 7, reason: 'No power' })
    const after = courseAfter(open, closed)
    expect(after.incident).toBeNull()
    expect(after.incidents).toEqual([
      { at_ms: 10, by: 7, reason: 'No power', closed_ms: 50, note: 'Back' },
    ])
  })
  test('an announced end may be withdrawn, and the end of the session closes all', () => {
    const announced = { ...at, kind: 'end_announced', at_ms: 20, end_ms: 99, reason: 'x' } as const
    const told = courseAfter(courseAfter(NO_COURSE, declared), announced)
    expect(told.end).toEqual({ end_ms: 99, reason: 'x' })
    expect(courseAfter(told, { ...at, kind: 'end_withdrawn', at_ms: 30 }).end).toBeNull()
    const ended = courseAfter(told, { ...at, kind: 'session_ended', at_ms: 99, reason: 'x' })
    expect(ended.end).toBeNull()
    expect(ended.incident).toBeNull()
    expect(ended.incidents[0]!.closed_ms).toBe(99)
  })
})
