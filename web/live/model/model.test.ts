import { describe, expect, test } from 'vitest'
import { attentionOutside, countGroups, matches, matchesFind, toggleGroup } from './filter.ts'
import { ACTIONS, applies, splitTargets, summarize } from './mass.ts'
import { heldOrder, movesBetween, orderRows, urgency, type OrderBy } from './order.ts'
import { openRequests, pressure, type QueueInput } from './queue.ts'
import { endsMs, groupOf, isReconnecting, leftMs, shownState } from './state.ts'
import { makeRequest, makeRow, NOW } from './testing.ts'
import { changesState, makeUndo, planUndo, undoCommand } from './undo.ts'

const gone = { connected: 0, heard_ms: NOW - 16_000 }

describe('the shown state', () => {
  test('of several holds the strongest is shown', () => {
    expect(shownState(makeRow({ holds: 1 }), NOW)).toBe('paused')
    expect(shownState(makeRow({ holds: 3 }), NOW)).toBe('system_paused')
    expect(shownState(makeRow({ holds: 7 }), NOW)).toBe('locked')
  })

  test('fifteen seconds without contact are disconnected, less is reconnecting', () => {
    const short = makeRow({ connected: 0, heard_ms: NOW - 14_999 })
    expect(shownState(short, NOW)).toBe('active')
    expect(isReconnecting(short, NOW)).toBe(true)
    expect(shownState(makeRow(gone), NOW)).toBe('disconnected')
    expect(isReconnecting(makeRow(gone), NOW)).toBe(false)
  })

  test('who has submitted cannot be disconnected', () => {
    expect(shownState(makeRow({ ...gone, state: 5 }), NOW)).toBe('complete')
    expect(shownState(makeRow({ ...gone, state: 6 }), NOW)).toBe('complete')
    expect(shownState(makeRow({ ...gone, state: 6, limit_ms: 0 }), NOW)).toBe('absent')
  })

  test('a lock stays in sight when the connection is lost', () => {
    expect(shownState(makeRow({ ...gone, holds: 4 }), NOW)).toBe('locked')
  })

  test('setting up counts as waiting', () => {
    expect(groupOf(makeRow({ state: 2 }), NOW)).toBe('waiting')
  })
})

describe('time left', () => {
  test('ticks only while the clock runs', () => {
    expect(leftMs(makeRow({ clock_ms: 10_000 }), NOW + 4_000)).toBe(6_000)
    expect(leftMs(makeRow({ clock_ms: 10_000, running: 0 }), NOW + 4_000)).toBe(10_000)
  })

  test('is never negative', () => {
    expect(leftMs(makeRow({ clock_ms: 1_000 }), NOW + 4_000)).toBe(0)
  })

  test('a standing clock has no end', () => {
    expect(endsMs(makeRow({ running: 0 }))).toBeNull()
    expect(endsMs(makeRow({ clock_ms: 5 }))).toBe(NOW + 5)
  })
})

const by = (change: Partial<OrderBy> = {}): OrderBy => ({
  sort: 'attention',
  descending: false,
  waitingRoom: true,
  pinned: new Set(),
  ...change,
})

describe('the order', () => {
  const rows = [
    makeRow({ attempt: 1, name: 'Zoe' }),
    makeRow({ attempt: 2, name: 'Adam' }),
    makeRow({ attempt: 3, flags_open: 1, worst_flag: 3 }),
    makeRow({ attempt: 4, holds: 4 }),
    makeRow({ attempt: 5, ...gone }),
    makeRow({ attempt: 6, holds: 2 }),
    makeRow({ attempt: 7, hand_ms: NOW - 10 }),
    makeRow({ attempt: 8, pause_asked_ms: NOW - 20 }),
    makeRow({ attempt: 9, state: 5 }),
  ]

  test('puts requests first, then interruptions, lost connections, locks, high flags, names', () => {
    expect(orderRows(rows, by(), NOW)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 9])
  })

  test('pinned ones stay first', () => {
    expect(orderRows(rows, by({ pinned: new Set([9]) }), NOW)[0]).toBe(9)
  })

  test('can be turned round, but not for the pinned', () => {
    const order = orderRows(rows, by({ sort: 'name', descending: true, pinned: new Set([2]) }), NOW)
    expect(order[0]).toBe(2)
    expect(order[1]).toBe(1)
  })

  test('numbers sort as numbers', () => {
    const some = [makeRow({ attempt: 1, number: '10' }), makeRow({ attempt: 2, number: '9' })]
    expect(orderRows(some, by({ sort: 'number' }), NOW)).toEqual([2, 1])
  })

  test('without a waiting room nobody waits for admission', () => {
    const waiting = makeRow({ state: 3, admitted: 0, ready_ms: NOW - 5 })
    expect(urgency(waiting, NOW, true)).toBeLessThan(urgency(waiting, NOW, false))
  })

  test('counts as moved only who changed place among the others', () => {
    expect(movesBetween([1, 2, 3, 4], [1, 2, 3, 4])).toBe(0)
    expect(movesBetween([1, 2, 3, 4], [4, 1, 2, 3])).toBe(1)
    expect(movesBetween([1, 2, 3], [3, 2, 1])).toBe(2)
    expect(movesBetween([1, 2], [1, 2, 9])).toBe(0)
    expect(movesBetween([1, 9, 2], [1, 2])).toBe(0)
  })

  test('held: nobody moves, newcomers come last, leavers go', () => {
    expect(heldOrder([3, 1, 2], [9, 1, 2])).toEqual([1, 2, 9])
  })
})

describe('the filter', () => {
  const rows = [
    makeRow({ attempt: 1, name: 'Zoë Müller', number: '4711' }),
    makeRow({ attempt: 2, holds: 4 }),
    makeRow({ attempt: 3, hand_ms: NOW }),
  ]

  test('finds names without accents and parts of numbers, all words needed', () => {
    expect(matchesFind(rows[0]!, 'muller zoe')).toBe(true)
    expect(matchesFind(rows[0]!, '471')).toBe(true)
    expect(matchesFind(rows[0]!, 'muller 99')).toBe(false)
    expect(matchesFind(rows[0]!, '  ')).toBe(true)
  })

  test('without chosen groups all are shown', () => {
    expect(rows.every((row) => matches(row, { groups: new Set(), find: '' }, NOW))).toBe(true)
  })

  test('counts each row once', () => {
    const counts = countGroups(rows, NOW)
    expect(counts.active).toBe(2)
    expect(counts.locked).toBe(1)
  })

  test('a request outside the filter is counted, so that it cannot be missed', () => {
    const filter = { groups: new Set(['locked'] as const), find: '' }
    expect(attentionOutside(rows, filter, NOW, true)).toBe(1)
  })

  test('a group is switched on and off', () => {
    const on = toggleGroup(new Set(), 'active')
    expect([...on]).toEqual(['active'])
    expect([...toggleGroup(on, 'active')]).toEqual([])
  })
})

const queue = (rows: QueueInput['rows'], change: Partial<QueueInput> = {}): string[] =>
  openRequests({
    rows,
    now: NOW,
    waitingRoom: true,
    saidSince: new Map(),
    flaggedSince: new Map(),
    aside: new Set(),
    ...change,
  }).map((entry) => `${entry.kind} ${entry.attempt}`)

describe('the queue', () => {
  const rows = [
    makeRow({ attempt: 1, hand_ms: NOW - 1_000, pause_asked_ms: NOW - 90_000 }),
    makeRow({ attempt: 2, state: 3, admitted: 0, ready_ms: NOW - 50_000 }),
    makeRow({ attempt: 3, holds: 2, since_ms: NOW - 70_000 }),
    makeRow({ attempt: 4, ...gone }),
    makeRow({ attempt: 5, unread: 2 }),
  ]

  test('lists every kind of request, oldest first', () => {
    const order = queue(rows, { saidSince: new Map([[5, NOW - 5_000]]) })
    expect(order).toEqual([
      'pause 1',
      'system_paused 3',
      'admit 2',
      'disconnected 4',
      'message 5',
      'hand 1',
    ])
  })

  test('who is over asks for nothing', () => {
    expect(queue([makeRow({ state: 6, hand_ms: NOW - 5 })])).toEqual([])
  })

  test('who was let in without a waiting room is not listed', () => {
    expect(queue([rows[1]!], { waitingRoom: false })).toEqual([])
  })

  test('a lost connection is listed once, not also as an interruption', () => {
    expect(queue([makeRow({ ...gone, holds: 2 })])).toEqual(['disconnected 1'])
  })

  test('what was set aside comes back when it happens anew', () => {
    const aside = new Set([`hand:1:${NOW - 1_000}`])
    expect(queue([rows[0]!], { aside })).toEqual(['pause 1'])
    const again = makeRow({ attempt: 1, hand_ms: NOW })
    expect(queue([again], { aside })).toEqual(['hand 1'])
  })

  test('has who asks to go on on another device, and puts them first', () => {
    const row = makeRow({ attempt: 4, wants_device: 9, takeover_asked_ms: NOW - 5 })
    expect(queue([row])).toEqual(['takeover 4'])
    expect(orderRows([makeRow({ attempt: 1 }), row], by(), NOW)).toEqual([4, 1])
  })

  test('has nobody who is set aside: nothing can be done there', () => {
    const row = makeRow({ ...gone, set_aside: 1, hand_ms: NOW - 5 })
    expect(shownState(row, NOW)).toBe('set_aside')
    expect(queue([row])).toEqual([])
    expect(ACTIONS.filter((action) => applies(row, action))).toEqual([])
  })

  test('pressure grows at 60, 90 and 180 seconds', () => {
    const at = (age: number) => pressure(makeRequest('hand', { since_ms: NOW - age }), NOW)
    expect([0, 60_000, 90_000, 180_000].map(at)).toEqual([0, 1, 2, 3])
  })

  test('who waits to come in is never overdue', () => {
    const entry = makeRequest('admit', { since_ms: NOW - 900_000 })
    expect(pressure(entry, NOW)).toBe(1)
  })
})

describe('actions on many', () => {
  const rows = [
    makeRow({ attempt: 1 }),
    makeRow({ attempt: 2, ...gone }),
    makeRow({ attempt: 3, holds: 1 }),
    makeRow({ attempt: 4, holds: 4 }),
    makeRow({ attempt: 5, state: 3, admitted: 0 }),
    makeRow({ attempt: 6, state: 5 }),
  ]

  test('say beforehand who is touched and who is not', () => {
    const split = splitTargets(rows, 'pause', NOW)
    expect(split.can.map((row) => row.attempt)).toEqual([1, 2])
    expect(split.offline.map((row) => row.attempt)).toEqual([2])
    expect(split.left).toEqual([
      { shown: 'paused', count: 1 },
      { shown: 'locked', count: 1 },
      { shown: 'waiting', count: 1 },
      { shown: 'complete', count: 1 },
    ])
  })

  test('admit only who waits, unlock only who is locked', () => {
    expect(rows.filter((row) => applies(row, 'admit')).map((row) => row.attempt)).toEqual([5])
    expect(rows.filter((row) => applies(row, 'unlock')).map((row) => row.attempt)).toEqual([4])
  })

  test('say afterwards what was done, what was done already and who refused why', () => {
    const outcome = (attempt: number, refusal: number) => ({ attempt, refusal, ver: 2 })
    expect(summarize([outcome(1, 0), outcome(2, 47), outcome(3, 40), outcome(4, 40)])).toEqual({
      done: 1,
      already: 1,
      refused: [{ refusal: 40, attempts: [3, 4] }],
    })
  })
})

describe('undo', () => {
  const done = [
    { attempt: 1, refusal: 0, ver: 10 },
    { attempt: 2, refusal: 0, ver: 20 },
    { attempt: 3, refusal: 40, ver: 0 },
  ]
  const paused = new Map([1, 2].map((attempt) => [attempt, makeRow({ attempt, holds: 1 })]))
  const undo = makeUndo(1, 'pause', done, NOW)!

  test('touches only whom the action changed', () => {
    expect(undo.done.map((entry) => entry.attempt)).toEqual([1, 2])
    expect(makeUndo(1, 'pause', [done[2]!], NOW)).toBeNull()
  })

  test('leaves out whose state changed since', () => {
    const changed = new Map([
      [1, 10],
      [2, 21],
    ])
    expect(planUndo(undo, (id) => paused.get(id), changed)).toEqual({ targets: [1], changed: [2] })
  })

  test('leaves out who is not held any more', () => {
    const rows = new Map([[1, makeRow({ attempt: 1 })]])
    expect(planUndo(undo, (id) => rows.get(id), new Map())).toEqual({
      targets: [],
      changed: [1, 2],
    })
  })

  test('an admission is taken back only before the exam has begun', () => {
    const admitted = makeUndo(2, 'admit', done, NOW)!
    const rows = new Map([
      [1, makeRow({ attempt: 1, state: 3 })],
      [2, makeRow({ attempt: 2, state: 4 })],
    ])
    expect(planUndo(admitted, (id) => rows.get(id), new Map()).targets).toEqual([1])
  })

  test('is the opposite command', () => {
    const words = { note: 'n', askAgain: 'a' }
    expect(undoCommand(undo, words)).toEqual({ kind: 'resume', note: 'n' })
    expect(undoCommand({ ...undo, action: 'lock' }, words)).toEqual({ kind: 'unlock', note: 'n' })
    expect(undoCommand({ ...undo, action: 'admit' }, words)).toEqual({
      kind: 'ask_again',
      reason: 'a',
    })
  })

  test('an answer or a heartbeat is no change of state', () => {
    expect(changesState('answered')).toBe(false)
    expect(changesState('locked')).toBe(true)
  })
})
