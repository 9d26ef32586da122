import { describe, expect, test } from 'vitest'
import type { Event } from '@/lib/gen/wire'
import { dropsOf, questionLines } from './health.ts'

const head = { role: 1, actor: 1, cmd: 0 }
const at = (at_ms: number, event: object): { event: Event } => ({
  event: { ...head, at_ms, ...event } as Event,
})

describe('the connection', () => {
  test('losses are counted from when they were, not from when they were noticed', () => {
    const lines = [
      at(100, { kind: 'connected', device: 1 }),
      at(60_000, { kind: 'disconnected', cause: 2, since_ms: 45_000 }),
      at(75_000, { kind: 'connected', device: 1 }),
    ]
    expect(dropsOf(lines, 90_000)).toEqual({ drops: 1, longest_ms: 30_000 })
    const again = [...lines, at(80_000, { kind: 'disconnected', cause: 1, since_ms: 80_000 })]
    expect(dropsOf(again, 200_000)).toEqual({ drops: 2, longest_ms: 120_000 })
    expect(dropsOf([], 5)).toEqual({ drops: 0, longest_ms: 0 })
  })
})

describe('the questions', () => {
  test('say how often each was saved, when last, whether it is marked, and how many are left', () => {
    const lines = [
      at(10, { kind: 'answered', item: 2, rev: 1 }),
      at(20, { kind: 'answered', item: 1, rev: 1 }),
      at(30, { kind: 'answered', item: 2, rev: 2 }),
      at(40, { kind: 'marked', item: 3, on: 1 }),
      at(50, { kind: 'marked', item: 3, on: 0 }),
    ]
    const { rows, left } = questionLines(lines, 5)
    expect(rows.map((row) => [row.item, row.times, row.last_ms, row.marked])).toEqual([
      [1, 1, 20, false],
      [2, 2, 30, false],
      [3, 0, 0, false],
    ])
    expect(left).toBe(3)
  })
})
