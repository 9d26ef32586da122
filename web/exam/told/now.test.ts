import { describe, expect, test } from 'vitest'
import type { Event } from '@/lib/gen/wire'
import { toldNow } from './now.ts'

const event = (fields: object): Event =>
  ({ role: 2, actor: 1, cmd: 1, at_ms: 1, ...fields }) as unknown as Event
const warned = (step: number) => event({ kind: 'warned', step, preset: 0, reason: `w${step}` })
const read = (step: number) => event({ kind: 'warning_acknowledged', step })

describe('what staff told', () => {
  test('warnings are shown one after the other until each was read', () => {
    expect(toldNow([]).warning).toBeNull()
    expect(toldNow([warned(1), warned(2)]).warning?.step).toBe(1)
    expect(toldNow([warned(1), warned(2), read(1)]).warning?.step).toBe(2)
    expect(toldNow([warned(1), warned(2), read(2)]).warning).toBeNull()
  })
  test('an incident is shown until it is closed, and then that it is over', () => {
    const declared = event({ kind: 'incident_declared', reason: 'No power' })
    const closed = event({ kind: 'incident_closed', note: 'Back' })
    expect(toldNow([declared]).incident?.reason).toBe('No power')
    expect(toldNow([declared, closed])).toMatchObject({ incident: null, over: { note: 'Back' } })
    expect(toldNow([declared, closed, declared])).toMatchObject({ over: null })
  })
  test('an announced end may be put off and taken back', () => {
    const end = (end_ms: number) => event({ kind: 'end_announced', end_ms, reason: 'x' })
    expect(toldNow([end(5), end(9)]).end?.end_ms).toBe(9)
    expect(toldNow([end(5), event({ kind: 'end_withdrawn' })]).end).toBeNull()
  })
})
