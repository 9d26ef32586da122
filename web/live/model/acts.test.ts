import { describe, expect, test } from 'vitest'
import type { Event } from '@/lib/gen/wire'
import { isOfKind } from './feed.ts'
import { applies, splitTargets } from './mass.ts'
import { inGroups, untilEnd } from './state.ts'
import { makeRow, NOW } from './testing.ts'
import { changesState, makeUndo, planUndo, undoCommand } from './undo.ts'

describe('warnings and ends (S2.27, S2.28)', () => {
  test('after three steps nobody is warned any more', () => {
    expect([0, 1, 2, 3].map((warnings) => applies(makeRow({ warnings }), 'warn'))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })
  test('only an exam that was begun and is over can be reopened', () => {
    expect(applies(makeRow({ state: 6 }), 'reopen')).toBe(true)
    expect(applies(makeRow({ state: 6, limit_ms: 0 }), 'reopen')).toBe(false)
    expect(applies(makeRow({ state: 4 }), 'reopen')).toBe(false)
  })
})

describe('an incident (S1.62, P12)', () => {
  const rows = [
    makeRow({ attempt: 1 }),
    makeRow({ attempt: 2, holds: 1 }), // paused by a person
    makeRow({ attempt: 3, holds: 9 }), // paused by the incident
    makeRow({ attempt: 4, holds: 4 }), // locked: paused behind it, too
    makeRow({ attempt: 5, state: 5 }),
  ]
  const ids = (action: Parameters<typeof splitTargets>[1]) =>
    splitTargets(rows, action, NOW).can.map((row) => row.attempt)

  test('pauses whom nobody has paused, and resumes only whom it has paused', () => {
    expect(ids('pause_for_incident')).toEqual([1, 4])
    expect(ids('resume_after_incident')).toEqual([3])
  })
  test('is undone for those whom nobody has touched since', () => {
    const outcomes = [3, 6].map((attempt) => ({ attempt, refusal: 0, ver: 10 }))
    const undo = makeUndo(1, 'pause_for_incident', outcomes, NOW)!
    const held = new Map([
      [3, rows[2]!],
      [6, makeRow({ attempt: 6, holds: 1 })],
    ])
    expect(planUndo(undo, (id) => held.get(id), new Map())).toEqual({ targets: [3], changed: [6] })
    expect(planUndo(undo, (id) => held.get(id), new Map([[3, 11]])).targets).toEqual([])
    expect(undoCommand(undo, { note: 'n', askAgain: 'a' })).toEqual({
      kind: 'resume_after_incident',
      note: 'n',
    })
    expect(changesState('incident_paused')).toBe(true)
  })
})

test('an announcement goes to the chosen states, or to all', () => {
  const rows = [makeRow({ attempt: 1 }), makeRow({ attempt: 2, holds: 1 })]
  expect(inGroups(rows, new Set(), NOW)).toHaveLength(2)
  expect(inGroups(rows, new Set(['paused']), NOW).map((row) => row.attempt)).toEqual([2])
})

test('the feed is filtered by kind, and by who did it', () => {
  const paused = { kind: 'paused', role: 2, actor: 1, cmd: 1, at_ms: 1, reason: '' } as Event
  const said = { kind: 'said', role: 1, actor: 1, cmd: 1, at_ms: 1, text: 'x' } as Event
  expect(isOfKind(paused, 'holds', 2)).toBe(true)
  expect(isOfKind(said, 'holds', 2)).toBe(false)
  expect(isOfKind(said, 'requests', 2)).toBe(true)
  expect([paused, said].map((event) => isOfKind(event, 'staff', 2))).toEqual([true, false])
})

test('nobody has more time than until the announced end', () => {
  const row = makeRow({ clock_ms: 600_000 })
  expect(untilEnd(row, 0).clock_ms).toBe(600_000)
  expect(untilEnd(row, NOW + 60_000).clock_ms).toBe(60_000)
  expect(untilEnd(row, NOW + 900_000).clock_ms).toBe(600_000)
  expect(untilEnd(row, NOW - 5).clock_ms).toBe(0)
  expect(untilEnd(makeRow({ state: 5, clock_ms: 7 }), NOW).clock_ms).toBe(7)
})
