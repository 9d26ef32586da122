// Time that was added to an exam, each with its cause: as the event log has it.
import { stopCauseName } from '@/lib/words'
import type { StopCause } from '@/lib/gen/words'
import type { Event } from '@/lib/wire/codec'

export interface Credit {
  cause: StopCause | 'given'
  ms: number
  at_ms: number
  reason: string
}

/** The credit that an event gives; null: none. */
export function creditOf(event: Event): Credit | null {
  const { at_ms } = event
  if (event.kind === 'extended')
    return { cause: 'given', ms: event.ms, at_ms, reason: event.reason }
  if (event.kind === 'credited')
    return { cause: stopCauseName(event.cause), ms: event.ms, at_ms, reason: '' }
  return null
}
