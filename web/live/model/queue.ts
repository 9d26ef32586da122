// The list of what waits for a person: oldest first, each entry ends in an outcome. Pure: drawn from
// the rows each time, so that a reload or a second proctor sees the same list.
import type { Row } from '@/lib/gen/wire'
import { needsAdmission } from './order.ts'
import { HIGH_FLAG, isDisconnected, isPresent, shownHold } from './state.ts'

export type RequestKind =
  'admit' | 'hand' | 'pause' | 'takeover' | 'system_paused' | 'disconnected' | 'message' | 'flag'

export interface Request {
  key: string // stays the same as long as it is the same request
  kind: RequestKind
  attempt: number
  since_ms: number
  /** Who is on it, 0: nobody; since when. */
  claimed_by: number
  claimed_ms: number
}

export interface QueueInput {
  rows: readonly Row[]
  now: number
  waitingRoom: boolean
  /** When the oldest unanswered line of a candidate came, by attempt. */
  saidSince: ReadonlyMap<number, number>
  /** Since when a high flag is open, by attempt. */
  flaggedSince: ReadonlyMap<number, number>
  /** Keys that were set aside by this proctor; they come back when they are made anew. */
  aside: ReadonlySet<string>
}

const request = (kind: RequestKind, row: Row, since_ms: number): Request => ({
  key: `${kind}:${row.attempt}:${since_ms}`,
  kind,
  attempt: row.attempt,
  since_ms,
  claimed_by: row.claimed_by,
  claimed_ms: row.claimed_ms,
})

/** Another flag is another request, also when the first one was set aside. */
function flagRequest(row: Row, input: QueueInput): Request {
  const since_ms = input.flaggedSince.get(row.attempt) ?? row.since_ms
  return { ...request('flag', row, since_ms), key: `flag:${row.attempt}:${row.flags_total}` }
}

function requestsOf(row: Row, input: QueueInput): Request[] {
  if (!isPresent(row)) return []
  const out: Request[] = []
  if (row.takeover_asked_ms > 0) out.push(request('takeover', row, row.takeover_asked_ms))
  if (row.hand_ms > 0) out.push(request('hand', row, row.hand_ms))
  if (row.pause_asked_ms > 0) out.push(request('pause', row, row.pause_asked_ms))
  if (input.waitingRoom && needsAdmission(row))
    out.push(request('admit', row, row.ready_ms || row.since_ms))
  if (isDisconnected(row, input.now)) out.push(request('disconnected', row, row.heard_ms))
  else if (shownHold(row) === 'system_paused') out.push(request('system_paused', row, row.since_ms))
  if (row.flags_open > 0 && row.worst_flag >= HIGH_FLAG) out.push(flagRequest(row, input))
  if (row.unread > 0)
    out.push(request('message', row, input.saidSince.get(row.attempt) ?? row.at_ms))
  return out
}

export function openRequests(input: QueueInput): Request[] {
  return input.rows
    .flatMap((row) => requestsOf(row, input))
    .filter((entry) => !input.aside.has(entry.key))
    .sort((a, b) => a.since_ms - b.since_ms || a.key.localeCompare(b.key))
}

/** How loudly a waiting request is shown: after 60 s stronger, after 90 s once more, after 180 s it is the
 * lead's. Whoever is on it has the same time again. */
export function pressure(request: Request, now: number): 0 | 1 | 2 | 3 {
  const waited = now - Math.max(request.since_ms, request.claimed_ms)
  // Before the start a whole hall waits to come in: that is no emergency.
  if (request.kind === 'admit') return waited >= 60_000 ? 1 : 0
  if (waited >= 180_000) return 3
  if (waited >= 90_000) return 2
  if (waited >= 60_000) return 1
  return 0
}
