import { describe, expect, test } from 'vitest'
import { codeProblem, lookAlikes, makeCode } from './code.ts'
import { candidatesFor, keyHolders, toAssignments, type StaffUser } from './people.ts'
import {
  formFaults,
  SETTING_GROUPS,
  standardSettings,
  toRequest,
  unitMs,
  type SessionForm,
} from './form.ts'
import { instantOf, localOf } from './zone.ts'

describe('date and time in a zone', () => {
  test('is the instant at which the clocks there show it', () => {
    expect(instantOf('2026-11-21T10:00', 'UTC')).toEqual({
      ms: Date.UTC(2026, 10, 21, 10),
      note: null,
    })
    expect(instantOf('2026-11-21T10:00', 'Europe/Berlin')?.ms).toBe(Date.UTC(2026, 10, 21, 9))
    expect(instantOf('2026-07-01T10:00', 'Europe/Berlin')?.ms).toBe(Date.UTC(2026, 6, 1, 8))
    expect(instantOf('2026-07-01T10:00', 'Asia/Kathmandu')?.ms).toBe(Date.UTC(2026, 6, 1, 4, 15))
  })

  test('an hour that is skipped is told, and the clock one hour on is taken', () => {
    const gap = instantOf('2026-03-29T02:30', 'Europe/Berlin')
    expect(gap?.note).toBe('gap')
    expect(localOf(gap!.ms, 'Europe/Berlin')).toBe('2026-03-29T03:30')
  })

  test('of an hour that comes twice the earlier one is taken, and it is told', () => {
    expect(instantOf('2026-10-25T02:30', 'Europe/Berlin')).toEqual({
      ms: Date.UTC(2026, 9, 25, 0, 30),
      note: 'twice',
    })
  })

  test('there and back gives the same', () => {
    for (const zone of ['America/New_York', 'Pacific/Auckland', 'Asia/Tokyo'])
      expect(localOf(instantOf('2027-02-03T23:45', zone)!.ms, zone)).toBe('2027-02-03T23:45')
  })

  test('what is no date is no instant', () => {
    expect(instantOf('', 'UTC')).toBeNull()
    expect(instantOf('2026-13-40T10:00', 'UTC')).toBeNull()
  })
})

describe('codes', () => {
  test('that are generated have eight clear characters', () => {
    for (let i = 0; i < 100; i++) expect(makeCode()).toMatch(/^[A-HJKMNP-Z2-9]{8}$/)
  })

  test('skip random numbers that would make some letters likelier', () => {
    let call = 0
    const random = (count: number) => new Uint8Array(count).fill(call++ === 0 ? 255 : 0)
    expect(makeCode(random)).toBe('AAAAAAAA')
  })

  test('that are typed say what is wrong with them', () => {
    expect(codeProblem('')).toBeNull()
    expect(codeProblem('abc')).toBe('short')
    expect(codeProblem('a b c d')).toBe('letters')
    expect(codeProblem('A'.repeat(17))).toBe('long')
    expect(codeProblem('Exam-2026')).toBeNull()
  })

  test('name the characters that are easily confused', () => {
    expect(lookAlikes('O0-O1')).toEqual(['O', '0', '1'])
  })
})

const user = (id: number, roles: StaffUser['roles'], box_public = 'k'): StaffUser => ({
  user: id,
  name: `User ${id}`,
  email: '',
  roles,
  box_public,
})

describe('the staff of a session', () => {
  const staff = [user(1, ['planner']), user(2, ['proctor']), user(3, ['proctor', 'reviewer'], '')]

  test('only who has a role can be given it', () => {
    expect(candidatesFor(staff, 'reviewer').map((person) => person.user)).toEqual([3])
  })

  test('roles of one person add up', () => {
    const assigned = toAssignments({ proctor: new Set([2, 3]), reviewer: new Set([3]) }, 1)
    expect(assigned).toEqual([
      { user: 1, roles: ['planner'] },
      { user: 2, roles: ['proctor'] },
      { user: 3, roles: ['proctor', 'reviewer'] },
    ])
  })

  test('a lead is a proctor who is chosen; the flag alone gives nothing', () => {
    const chosen = { proctor: new Set([2]), reviewer: new Set([3]) }
    expect(toAssignments(chosen, 1, new Set([2, 3]))).toEqual([
      { user: 1, roles: ['planner'] },
      { user: 2, roles: ['proctor', 'lead'] },
      { user: 3, roles: ['reviewer'] },
    ])
  })

  test('the key goes to all assigned and the planner; who has no identity is named', () => {
    const assigned = toAssignments({ proctor: new Set([3]), reviewer: new Set() }, 1)
    const { ready, without } = keyHolders(staff, assigned)
    expect(ready.map((person) => person.user)).toEqual([1])
    expect(without.map((person) => person.user)).toEqual([3])
  })
})

const NOW = Date.UTC(2026, 10, 21, 9)
const form = (change: Partial<SessionForm> = {}): SessionForm => ({
  name: 'Algebra, first sitting',
  assessment: 3,
  starts: '2026-11-21T12:00',
  zone: 'Europe/Berlin',
  opensMinutes: 30,
  durationMinutes: 90,
  code: '',
  staff: { proctor: new Set([2]), reviewer: new Set([2, 3]) },
  leads: new Set(),
  planner: 1,
  settings: standardSettings(),
  ...change,
})

describe('the form of a new session', () => {
  test('that is complete has no faults', () => {
    expect(formFaults(form(), NOW)).toEqual({})
  })

  test('names each fault', () => {
    const bad = form({
      name: ' ',
      assessment: 0,
      starts: '2026-11-20T12:00',
      durationMinutes: 0.5,
      code: 'a b',
      staff: { proctor: new Set(), reviewer: new Set() },
      settings: { ...standardSettings(), retention_days: 0 },
    })
    expect(formFaults(bad, NOW)).toEqual({
      name: true,
      assessment: true,
      starts: 'past',
      duration: true,
      code: 'letters',
      staff: true,
      settings: { retention_days: true },
    })
  })

  test('becomes instants and people with their roles', () => {
    const request = toRequest(form(), NOW)
    expect(request.starts_ms).toBe(Date.UTC(2026, 10, 21, 11))
    expect(request.opens_ms).toBe(Date.UTC(2026, 10, 21, 10, 30))
    expect(request.duration_ms).toBe(5_400_000)
    expect(request.staff).toEqual([
      { user: 1, roles: ['planner'] },
      { user: 2, roles: ['proctor', 'reviewer'] },
      { user: 3, roles: ['reviewer'] },
    ])
  })

  test('open from now on means now', () => {
    expect(toRequest(form({ opensMinutes: 0 }), NOW).opens_ms).toBe(NOW)
  })

  test('shows every setting of the table once', () => {
    const shown = Object.values(SETTING_GROUPS).flat()
    expect(new Set(shown).size).toBe(shown.length)
    expect(shown.length).toBe(Object.keys(standardSettings()).length)
  })

  test('long times are typed in hours or minutes, short ones in seconds', () => {
    expect(unitMs('outage_credit_max_ms')).toBe(60_000)
    expect(unitMs('grace_ms')).toBe(1000)
    expect(unitMs('late_arrival_ms')).toBe(3_600_000)
  })
})
