// What is still open in a session: named before it is started or ended. Pure.
import type { Row } from '@/lib/gen/wire'
import { attemptStates } from '@/lib/gen/words'
import { HIGH_FLAG } from './state.ts'

export interface OpenItems {
  invited: number
  settingUp: number
  ready: number
  active: number
  requests: number
  flags: number
  highFlags: number
  /** Over, and the device was gone: answers or recordings may still be on it. */
  missing: number
}

const isMissing = (row: Row): boolean =>
  row.state === attemptStates.ended.id && row.limit_ms > 0 && !row.connected

export function openItems(rows: readonly Row[], requests: number): OpenItems {
  const inState = (id: number): number => rows.filter((row) => row.state === id).length
  return {
    invited: inState(attemptStates.invited.id),
    settingUp: inState(attemptStates.joined.id),
    ready: inState(attemptStates.waiting.id),
    active: inState(attemptStates.active.id),
    requests,
    flags: rows.reduce((sum, row) => sum + row.flags_open, 0),
    highFlags: rows.filter((row) => row.flags_open > 0 && row.worst_flag >= HIGH_FLAG).length,
    missing: rows.filter(isMissing).length,
  }
}
