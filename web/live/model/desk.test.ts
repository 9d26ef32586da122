// Who looks after whom, whose request is whose, when a tone sounds, who is looked at next (E6, S2.15).
import { describe, expect, test } from 'vitest'
import { iLead, isForMe, isTaken, seatsOf, type Desk } from './desk.ts'
import { attentionOutside, matches } from './filter.ts'
import { orderRows } from './order.ts'
import { openRequests, pressure } from './queue.ts'
import { nextShown } from './rotation.ts'
import { makeRequest, makeRow, NOW } from './testing.ts'
import { hear, NOTHING_HEARD, type Heard, type Tone } from './tones.ts'

const [LENA, OMAR, LEAD] = [11, 12, 13]

const desk = (change: Partial<Desk> = {}): Desk => ({
  ratio: 4,
  me: LENA,
  staff: [
    { user: LENA, name: 'Lena', roles: ['proctor'], away: false },
    { user: OMAR, name: 'Omar', roles: ['proctor'], away: false },
    { user: LEAD, name: 'Ida', roles: ['proctor', 'lead'], away: false },
    { user: 14, name: 'Rita', roles: ['reviewer'], away: false },
  ],
  present: new Set([LENA, OMAR, LEAD]),
  ...change,
})

const rows = [
  makeRow({ attempt: 1, proctor: LENA }),
  makeRow({ attempt: 2, proctor: OMAR, hand_ms: NOW - 9_000 }),
  makeRow({ attempt: 3, proctor: OMAR, hand_ms: NOW - 5_000 }),
  makeRow({ attempt: 4, proctor: OMAR, state: 5 }),
  makeRow({ attempt: 5, proctor: 0 }),
]
const requests = openRequests({
  rows,
  now: NOW,
  waitingRoom: true,
  saidSince: new Map(),
  flaggedSince: new Map(),
  aside: new Set(),
})

describe('the board', () => {
  test('has a seat for each proctor, leads last, with load and oldest request', () => {
    const { seats, nobody } = seatsOf(desk(), rows, requests)
    expect(seats.map((seat) => [seat.name, seat.attempts.length, seat.oldest_ms])).toEqual([
      ['Lena', 1, 0],
      ['Omar', 2, NOW - 9_000],
      ['Ida', 0, 0],
    ])
    expect(nobody.map((row) => row.attempt)).toEqual([5])
  })

  test('says who is not there and who is on a break', () => {
    const staff = desk().staff.map((one) => ({ ...one, away: one.user === OMAR }))
    const { seats } = seatsOf(desk({ staff, present: new Set([LEAD]) }), rows, requests)
    expect(seats.map((seat) => [seat.present, seat.away])).toEqual([
      [false, false],
      [false, true],
      [true, false],
    ])
  })
})

describe('whose request it is', () => {
  const hand = makeRequest('hand', { attempt: 2, since_ms: NOW - 10_000 })
  const old = makeRequest('hand', { attempt: 2, since_ms: NOW - 180_000 })
  const lead = desk({ me: LEAD })

  test('the own ones, and all where there is no ratio', () => {
    expect(isForMe(desk({ me: OMAR }), hand, rows[1], NOW)).toBe(true)
    expect(isForMe(desk(), hand, rows[1], NOW)).toBe(false)
    expect(isForMe(desk({ ratio: 0 }), hand, rows[1], NOW)).toBe(true)
  })

  test('a lead has those that waited three minutes, and those of who is not there', () => {
    expect(iLead(lead)).toBe(true)
    expect(isForMe(lead, hand, rows[1], NOW)).toBe(false)
    expect(isForMe(lead, old, rows[1], NOW)).toBe(true)
    expect(isForMe(desk({ me: LEAD, present: new Set([LEAD]) }), hand, rows[1], NOW)).toBe(true)
    expect(isForMe(lead, hand, rows[4], NOW)).toBe(true)
  })

  test('who is on it has the time again; then it is open to all', () => {
    const claimed = { ...old, claimed_by: OMAR, claimed_ms: NOW - 30_000 }
    expect(pressure(claimed, NOW)).toBe(0)
    expect(isTaken(desk(), claimed, NOW)).toBe(true)
    expect(isTaken(desk({ me: OMAR }), claimed, NOW)).toBe(false)
    expect(isTaken(desk(), claimed, NOW + 150_000)).toBe(false)
  })

  test('a high flag is in the queue until it is decided, and anew with the next', () => {
    const flagged = makeRow({ attempt: 6, flags_open: 1, flags_total: 1, worst_flag: 3 })
    const input = {
      rows: [flagged],
      now: NOW,
      waitingRoom: true,
      saidSince: new Map(),
      flaggedSince: new Map([[6, NOW - 4_000]]),
    }
    const [open] = openRequests({ ...input, aside: new Set() })
    expect(open).toMatchObject({ kind: 'flag', since_ms: NOW - 4_000 })
    const aside = new Set([open!.key])
    expect(openRequests({ ...input, aside })).toEqual([])
    const again = [{ ...flagged, flags_open: 2, flags_total: 2 }]
    expect(openRequests({ ...input, rows: again, aside })).toHaveLength(1)
    const low = [{ ...flagged, worst_flag: 2 }]
    expect(openRequests({ ...input, rows: low, aside: new Set() })).toEqual([])
  })
})

describe('tones', () => {
  /** Each step: what is open at that second; the tones that sounded. */
  const play = (steps: [number, ReturnType<typeof makeRequest>[]][], lead = false) => {
    let heard: Heard = NOTHING_HEARD
    const played: [number, Tone][] = []
    for (const [second, open] of steps) {
      const next = hear(heard, open, NOW + second * 1000, lead)
      heard = next.heard
      if (next.play) played.push([second, next.play])
    }
    return played
  }
  const hand = makeRequest('hand')
  const lost = makeRequest('disconnected', { attempt: 2 })
  const said = makeRequest('message', { attempt: 3 })
  const flag = makeRequest('flag', { attempt: 4 })

  test('one for what is new, not again while it waits', () => {
    expect(
      play([
        [0, [hand]],
        [6, [hand]],
        [12, [hand]],
      ]),
    ).toEqual([[0, 'request']])
  })

  test('at most one in five seconds; what came meanwhile is one, the most urgent', () => {
    const all = [hand, said, flag, lost]
    expect(
      play([
        [0, [hand]],
        [1, [hand, said]],
        [2, all],
        [4, all],
        [5, all],
        [11, all],
      ]),
    ).toEqual([
      [0, 'request'],
      [5, 'lost'],
    ])
  })

  test('again after 90 seconds, and for a lead after 180', () => {
    const steps: [number, ReturnType<typeof makeRequest>[]][] = [0, 60, 90, 120, 180, 240].map(
      (second) => [second, [hand]],
    )
    expect(play(steps)).toEqual([
      [0, 'request'],
      [90, 'request'],
    ])
    expect(play(steps, true)).toEqual([
      [0, 'request'],
      [90, 'request'],
      [180, 'request'],
    ])
  })

  test('what was answered and comes again is heard again', () => {
    const again = makeRequest('hand', { since_ms: NOW + 20_000 })
    expect(
      play([
        [0, [hand]],
        [10, []],
        [20, [again]],
      ]),
    ).toEqual([
      [0, 'request'],
      [20, 'request'],
    ])
  })
})

describe('who was looked at', () => {
  const seen = [
    makeRow({ attempt: 1, looked_ms: NOW - 1_000 }),
    makeRow({ attempt: 2, looked_ms: 0 }),
    makeRow({ attempt: 3, looked_ms: NOW - 90_000 }),
    makeRow({ attempt: 4, state: 5 }),
  ]
  const by = { sort: 'looked' as const, descending: false, waitingRoom: true, pinned: new Set([1]) }

  test('the least seen come first, who is over last, pinned ones stay first', () => {
    expect(orderRows(seen, { ...by, pinned: new Set() }, NOW)).toEqual([2, 3, 1, 4])
    expect(orderRows(seen, by, NOW)).toEqual([1, 2, 3, 4])
  })

  test('rotation shows the least seen, then others', () => {
    expect(nextShown(seen, [], 2)).toEqual([2, 3])
    expect(nextShown(seen, [2, 3], 2)).toEqual([1, 2])
    expect(nextShown(seen, [], 9)).toEqual([2, 3, 1])
  })
})

describe('the candidates of one proctor', () => {
  test('are a filter, and what needs attention outside it is counted', () => {
    const filter = { groups: new Set<never>(), find: '', proctor: LENA }
    expect(rows.filter((row) => matches(row, filter, NOW)).map((row) => row.attempt)).toEqual([1])
    expect(attentionOutside(rows, filter, NOW, true)).toBe(2)
  })
})
