import { describe, expect, test } from 'vitest'
import { fieldFault, makeCommand, NO_FIELDS } from './command.ts'
import { csvOf } from './csv.ts'
import { openItems } from './open.ts'
import { sessionShelves } from './shelves.ts'
import { makeRow } from './testing.ts'
import type { SessionLine } from '@/staff/types'

describe('the form of an action', () => {
  test('what the candidate or the record reads needs words', () => {
    for (const action of ['lock', 'end', 'refuse', 'ask_again', 'flag'] as const)
      expect(fieldFault(action, { ...NO_FIELDS, text: ' ' })).toBe('reason')
    expect(fieldFault('pause', NO_FIELDS)).toBeNull()
    expect(fieldFault('message', NO_FIELDS)).toBe('text')
  })

  test('a text that cannot be stored is said to be too long before it is sent', () => {
    const long = (text: string) => fieldFault('message', { ...NO_FIELDS, text })
    expect(long('x'.repeat(4096))).toBeNull()
    expect(long('x'.repeat(4097))).toBe('long')
    expect(long('ü'.repeat(2049))).toBe('long')
    expect(long('x'.repeat(100_000))).toBe('long')
  })
  test('a warning names its step for one, and leaves it open for many', () => {
    const fields = { ...NO_FIELDS, text: 'Please stay.', preset: 2 }
    expect(makeCommand('warn', { ...fields, step: 2 })).toEqual({
      kind: 'warn',
      step: 2,
      preset: 2,
      reason: 'Please stay.',
    })
    expect(makeCommand('warn', fields)).toMatchObject({ step: 0 })
  })
  test('minutes are whole and within bounds', () => {
    const extend = (minutes: number) =>
      fieldFault('extend', { ...NO_FIELDS, text: 'Outage', minutes })
    expect([0, 1.5, 601, NaN].map(extend)).toEqual(Array(4).fill('minutes'))
    expect(extend(5)).toBeNull()
  })

  test('becomes the command, without spaces at the ends', () => {
    const fields = { ...NO_FIELDS, text: '  Wait here ', minutes: 3, preset: 2 }
    expect(makeCommand('lock', fields)).toEqual({ kind: 'lock', reason: 'Wait here' })
    expect(makeCommand('unlock', fields)).toEqual({ kind: 'unlock', note: 'Wait here' })
    expect(makeCommand('extend', fields)).toEqual({
      kind: 'extend',
      ms: 180_000,
      reason: 'Wait here',
    })
    expect(makeCommand('message', fields)).toEqual({
      kind: 'message',
      preset: 2,
      text: 'Wait here',
    })
    expect(makeCommand('admit', fields)).toEqual({ kind: 'admit' })
  })
})

test('what is open is counted by state', () => {
  const rows = [1, 2, 3, 4, 4, 5].map((state, index) =>
    makeRow({ attempt: index, state, flags_open: state === 4 ? 1 : 0, worst_flag: index }),
  )
  const gone = makeRow({ attempt: 9, state: 6, connected: 0 })
  expect(openItems([...rows, gone], 3)).toEqual({
    invited: 1,
    settingUp: 1,
    ready: 1,
    active: 2,
    requests: 3,
    flags: 2,
    highFlags: 2,
    missing: 1,
  })
})

describe('a table as a file', () => {
  test('quotes what needs it', () => {
    expect(csvOf([['a,b', 'say "hi"', 'plain']])).toBe('"a,b","say ""hi""",plain\r\n')
  })

  test('a name that looks like a formula stays a name', () => {
    expect(csvOf([['=cmd()', '-5', '+49 1']])).toBe("'=cmd(),-5,'+49 1\r\n")
  })
})

test('sessions stand on the shelf where a proctor looks for them', () => {
  const now = new Date(2026, 10, 21, 12).getTime()
  const line = (session: number, state: SessionLine['state'], hours: number) =>
    ({
      session,
      state,
      starts_ms: now + hours * 3_600_000,
      ended_ms: now + hours * 3_600_000,
    }) as SessionLine
  const shelves = sessionShelves(
    [
      line(1, 'ended', -5),
      line(2, 'planned', 3),
      line(3, 'running', -1),
      line(4, 'planned', -1),
      line(5, 'planned', 48),
      line(6, 'cancelled', -2),
    ],
    now,
  )
  const ids = (shelf: readonly SessionLine[]) => shelf.map((one) => one.session)
  expect(ids(shelves.now)).toEqual([3])
  expect(ids(shelves.today)).toEqual([4, 2])
  expect(ids(shelves.upcoming)).toEqual([5])
  expect(ids(shelves.done)).toEqual([6, 1])
})
