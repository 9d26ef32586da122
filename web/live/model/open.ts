// What is still open in a session: named before it is started or ended. Pure.
import type { Row } from '@/lib/gen/wire'
import { attemptStates } from '@/lib/gen/words'

export interface OpenItems {
  invited: number
  settingUp: number
  ready: number
  active: number
  requests: number
  flags: number
}

export function openItems(rows: readonly Row[], requests: number): OpenItems {
  const inState = (id: number): number => rows.filter((row) => row.state === id).length
  return {
    invited: inState(attemptStates.invited.id),
    settingUp: inState(attemptStates.joined.id),
    ready: inState(attemptStates.waiting.id),
    active: inState(attemptStates.active.id),
    requests,
    flags: rows.reduce((sum, row) => sum + row.flags_open, 0),
  }
}
