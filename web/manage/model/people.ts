// Who of the assigned staff can open the recordings of a new session. Pure.
import type { AssignedName, RoleName } from '@/lib/types'

export interface StaffUser {
  user: number
  name: string
  email: string
  roles: RoleName[]
  box_public: string // empty: has not chosen a passphrase yet
}

export interface Assignment {
  user: number
  roles: AssignedName[]
}

export const ASSIGNED_ROLES = ['proctor', 'reviewer'] as const
export type AssignedRole = (typeof ASSIGNED_ROLES)[number]

/** Those who may be given a role in a session: they must have it in the organization. */
export function candidatesFor(staff: readonly StaffUser[], role: AssignedRole): StaffUser[] {
  return staff.filter((person) => person.roles.includes(role))
}

/** Everybody who needs the session's key, by whether they can be given it. */
export function keyHolders(
  staff: readonly StaffUser[],
  assigned: readonly Assignment[],
): { ready: StaffUser[]; without: StaffUser[] } {
  const needed = new Set(assigned.map((entry) => entry.user))
  const people = staff.filter((person) => needed.has(person.user))
  return {
    ready: people.filter((person) => person.box_public !== ''),
    without: people.filter((person) => person.box_public === ''),
  }
}

/** One entry per person, roles added up. The planner is one of them: only who has a role in a session
 * keeps its key, and somebody must be able to hand it on. */
export function toAssignments(
  chosen: Record<AssignedRole, ReadonlySet<number>>,
  planner: number,
  leads: ReadonlySet<number> = new Set(),
): Assignment[] {
  const roles = new Map<number, AssignedName[]>([[planner, ['planner']]])
  for (const role of ASSIGNED_ROLES)
    for (const user of chosen[role]) roles.set(user, [...(roles.get(user) ?? []), role])
  for (const user of leads)
    if (chosen.proctor.has(user)) roles.set(user, [...(roles.get(user) ?? []), 'lead'])
  return [...roles].map(([user, list]) => ({ user, roles: list }))
}
