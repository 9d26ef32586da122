// The whole history of one attempt, once it is looked at: the feed only brings what is new.
import { api } from '@/lib/api'
import {
  BY_CANDIDATE,
  BY_GRADER,
  BY_PLANNER,
  BY_PROCTOR,
  BY_REVIEWER,
  BY_SERVER,
  BY_ADMINISTRATOR,
} from '@/lib/gen/wire'
import type { Event } from '@/lib/gen/wire'
import type { ListedEvent } from '@/staff/types'
import type { Happening, Monitor } from './store.ts'

const ROLES: Record<string, number> = {
  candidate: BY_CANDIDATE,
  proctor: BY_PROCTOR,
  reviewer: BY_REVIEWER,
  grader: BY_GRADER,
  planner: BY_PLANNER,
  administrator: BY_ADMINISTRATOR,
  server: BY_SERVER,
}

/** An event of the list in the form in which the feed brings it. */
export function happeningOf(attempt: number, listed: ListedEvent): Happening {
  const { ver, at, role, actor_name: _, ...rest } = listed
  const event = { ...rest, at_ms: at, role: ROLES[role] ?? 0 } as unknown as Event
  return { attempt, ver, event }
}

/** Loads it into the monitor; the text of the refusal, or empty. */
export async function loadHistory(monitor: Monitor, attempt: number): Promise<string> {
  const answer = await api<{ events: ListedEvent[] }>('attempt_events', { id: attempt })
  if (!answer.ok) return answer.text
  monitor.putHistory(
    attempt,
    answer.value.events.map((listed) => happeningOf(attempt, listed)),
  )
  return ''
}
