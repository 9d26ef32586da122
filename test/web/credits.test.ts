// Time that was added, in words: beside the candidate's clock and in the proctor's view (E14, S1.66).
import { describe, expect, it } from 'vitest'
import { creditOf, type Credit } from '@/exam/credits'
import { addedText } from '@/exam/screens/added'
import { formatExact } from '@/lib/clock'
import { makeRow } from '@/live/model/testing'
import { addedText as rowAdded } from '@/live/words'
import type { Event } from '@/lib/wire/codec'

const MINUTE = 60_000
const head = { role: 1, at_ms: 5000, actor: 0, cmd: 0 }

describe('time that was added', () => {
  it('comes from the events of giving and giving back, with cause and time', () => {
    const extended: Event = { ...head, kind: 'extended', ms: 300_000, reason: 'Fire drill' }
    const credited: Event = { ...head, kind: 'credited', cause: 4, ms: 61_000 }
    const waited: Event = { ...head, kind: 'credited', cause: 5, ms: 1000 }
    const given = { cause: 'given', ms: 300_000, at_ms: 5000, reason: 'Fire drill' }
    expect(creditOf(extended)).toEqual(given)
    expect(creditOf(credited)).toMatchObject({ cause: 'outage', ms: 61_000 })
    expect(creditOf(waited)).toMatchObject({ cause: 'waiting' })
    expect(creditOf({ ...head, kind: 'resumed', note: '' })).toBe(null)
  })

  it('is said in three sums, without those that are nothing', () => {
    const credit = (cause: Credit['cause'], ms: number): Credit => ({
      cause,
      ms,
      at_ms: 0,
      reason: '',
    })
    const all = [credit('outage', 2 * MINUTE), credit('pause', MINUTE), credit('given', 5 * MINUTE)]
    expect(addedText(15 * MINUTE, all)).toBe(
      '+15 min planned, +5 min given, +3 min for interruptions',
    )
    expect(addedText(0, [credit('lock', 500)])).toBe('')
  })

  it('is said the same to the proctor', () => {
    const row = makeRow({ planned_ms: 15 * MINUTE, extra_ms: 0, credit_ms: 3 * MINUTE })
    expect(rowAdded(row)).toBe('+15 min planned, +3 min for interruptions')
    expect(rowAdded(makeRow({ planned_ms: 0, extra_ms: 0, credit_ms: 0 }))).toBe('')
  })

  it('is exact where each part stands alone', () => {
    expect([61_000, 120_000, 5000].map(formatExact)).toEqual(['1 min 1 s', '2 min', '5 s'])
  })
})
