// Who looks after whom: the proctors of a session with their loads, and which requests are whose. Pure.
import type { Event, Row } from '@/lib/gen/wire'
import type { StaffLine } from '@/staff/types'
import { pressure, type Request } from './queue.ts'
import { isPresent } from './state.ts'

export interface Desk {
  /** Candidates for one proctor; 0: everybody sees all. */
  ratio: number
  me: number
  staff: readonly StaffLine[]
  /** Who has the monitor open. */
  present: ReadonlySet<number>
}

export interface Seat {
  user: number
  name: string
  lead: boolean
  away: boolean
  present: boolean
  attempts: Row[]
  /** When the oldest open request of them was made; 0: none. */
  oldest_ms: number
}

const isProctor = (person: StaffLine): boolean => person.roles.includes('proctor')

export const leads = (person: StaffLine | undefined): boolean =>
  person?.roles.includes('lead') ?? false

export function iLead(desk: Desk): boolean {
  return leads(desk.staff.find((person) => person.user === desk.me))
}

export const nameOfUser = (staff: readonly StaffLine[], user: number): string =>
  staff.find((person) => person.user === user)?.name ?? ''

/** Whoever can look after candidates now. */
export const isThere = (person: StaffLine): boolean => isProctor(person) && !person.away

/** One seat for each proctor, the most loaded first; the last one has those whom nobody looks after. */
export function seatsOf(
  desk: Desk,
  rows: readonly Row[],
  requests: readonly Request[],
): { seats: Seat[]; nobody: Row[] } {
  const mine = (user: number): Row[] => rows.filter((row) => isPresent(row) && row.proctor === user)
  const oldest = (attempts: readonly Row[]): number => {
    const ids = new Set(attempts.map((row) => row.attempt))
    return requests.find((one) => ids.has(one.attempt))?.since_ms ?? 0
  }
  const seats = desk.staff.filter(isProctor).map((person) => {
    const attempts = mine(person.user)
    return {
      user: person.user,
      name: person.name,
      lead: leads(person),
      away: person.away,
      present: desk.present.has(person.user),
      attempts,
      oldest_ms: oldest(attempts),
    }
  })
  seats.sort((a, b) => Number(a.lead) - Number(b.lead) || a.name.localeCompare(b.name))
  return { seats, nobody: mine(0) }
}

/** Whether a request is for this person to see to. Without a ratio all are; a lead has the own ones, those of
 * proctors who are not there, and those that have waited too long. */
export function isForMe(desk: Desk, request: Request, row: Row | undefined, now: number): boolean {
  if (desk.ratio === 0 || !row || row.proctor === desk.me || row.proctor === 0) return true
  if (!iLead(desk)) return false
  const proctor = desk.staff.find((person) => person.user === row.proctor)
  const there = proctor !== undefined && isThere(proctor) && desk.present.has(row.proctor)
  return !there || pressure(request, now) === 3
}

/** Whether somebody else is on it, in time. */
export function isTaken(desk: Desk, request: Request, now: number): boolean {
  const other = request.claimed_by !== 0 && request.claimed_by !== desk.me
  return other && pressure(request, now) < 3
}

/** What whoever handed the candidate over last has noted; empty: nothing. */
export function handOverNote(
  lines: readonly { event: Event }[],
  staff: readonly StaffLine[],
): string {
  const event = lines.findLast((line) => line.event.kind === 'handed_over')?.event
  if (event?.kind !== 'handed_over' || !event.note) return ''
  const name = nameOfUser(staff, event.actor)
  return name ? `${name}: ${event.note}` : event.note
}
