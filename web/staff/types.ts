// Bodies of the HTTP interface that the pages of staff read (docs/reference/api.md).
import type { Event } from '@/lib/gen/wire'
import type { SessionState, Settings } from '@/lib/gen/words'
import type { AssignedName } from '@/lib/types'

/** Somebody who is assigned to a session; `lead` is among the roles there alone. */
export interface StaffLine {
  user: number
  name: string
  roles: AssignedName[]
  away: boolean
}

export interface SessionLine {
  session: number
  name: string
  code: string
  state: SessionState
  assessment: number
  assessment_name: string
  opens_ms: number
  starts_ms: number
  duration_ms: number
  started_ms: number
  ended_ms: number
  candidates: number
  joined: number
  waiting: number
  active: number
  complete: number
  disconnected: number
  my_roles: AssignedName[]
  staff: StaffLine[]
  flags_open: number
  to_review: number
}

export interface SessionDetail extends SessionLine {
  settings: Settings
  public_key: string
  roster_count: number
}

/** One event of an attempt as GET /api/attempts/:id/events gives it. */
export type ListedEvent = Omit<Event, 'role' | 'at_ms'> & {
  ver: number
  at: number
  role: string
  actor_name: string
}
