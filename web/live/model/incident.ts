// What the events of a session say of it now: an open incident, an announced end. Pure.
import type { Event } from '@/lib/gen/wire'

export interface Incident {
  at_ms: number
  by: number // the user who declared it
  reason: string
}

export interface AnnouncedEnd {
  end_ms: number
  reason: string
}

export interface Course {
  incident: Incident | null
  end: AnnouncedEnd | null
  /** All incidents, also those that were closed: for the summary. */
  incidents: readonly (Incident & { closed_ms: number; note: string })[]
}

export const NO_COURSE: Course = { incident: null, end: null, incidents: [] }

export function courseAfter(course: Course, event: Event): Course {
  switch (event.kind) {
    case 'incident_declared': {
      const incident = { at_ms: event.at_ms, by: event.actor, reason: event.reason }
      const begun = { ...incident, closed_ms: 0, note: '' }
      return { ...course, incident, incidents: [...course.incidents, begun] }
    }
    case 'incident_closed':
      return { ...course, incident: null, incidents: closed(course, event.at_ms, event.note) }
    case 'end_announced':
      return { ...course, end: { end_ms: event.end_ms, reason: event.reason } }
    case 'end_withdrawn':
      return { ...course, end: null }
    case 'session_ended':
      return { incident: null, end: null, incidents: closed(course, event.at_ms, '') }
    default:
      return course
  }
}

function closed(course: Course, closed_ms: number, note: string): Course['incidents'] {
  return course.incidents.map((one) => (one.closed_ms ? one : { ...one, closed_ms, note }))
}
