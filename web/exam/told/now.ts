// What of all that staff told counts now. Pure.
import type { Event, EventOf } from '@/lib/gen/wire'

export interface ToldNow {
  /** The oldest warning that was not read yet. */
  warning: EventOf<'warned'> | null
  incident: EventOf<'incident_declared'> | null
  /** The latest incident is over: said until it is closed. */
  over: EventOf<'incident_closed'> | null
  end: EventOf<'end_announced'> | null
}

export function toldNow(told: readonly Event[]): ToldNow {
  const now: ToldNow = { warning: null, incident: null, over: null, end: null }
  const warnings: EventOf<'warned'>[] = []
  let read = 0
  for (const event of told)
    switch (event.kind) {
      case 'warned':
        warnings.push(event)
        break
      case 'warning_acknowledged':
        read = event.step
        break
      case 'incident_declared':
        now.incident = event
        now.over = null
        break
      case 'incident_closed':
        now.incident = null
        now.over = event
        break
      case 'end_announced':
        now.end = event
        break
      case 'end_withdrawn':
        now.end = null
        break
    }
  now.warning = warnings.find((event) => event.step > read) ?? null
  return now
}
