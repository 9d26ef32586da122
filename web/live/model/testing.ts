// Rows and requests to start from in tests: an active candidate with all well.
import type { Row } from '@/lib/gen/wire'
import type { Request, RequestKind } from './queue.ts'

export const NOW = 1_800_000_000_000

export function makeRow(change: Partial<Row> = {}): Row {
  const attempt = change.attempt ?? 1
  return {
    attempt,
    at_ms: NOW,
    state: 4,
    holds: 0,
    connected: 1,
    running: 1,
    clock_ms: 3_600_000,
    limit_ms: 3_600_000,
    extra_ms: 0,
    credit_ms: 0,
    since_ms: NOW - 60_000,
    heard_ms: NOW,
    saved_ms: 0,
    answered: 0,
    marked: 0,
    items: 20,
    admitted: 1,
    lost_tracks: 0,
    checks_passed: 0,
    hand_ms: 0,
    pause_asked_ms: 0,
    ready_ms: 0,
    planned_ms: 0,
    takeover_asked_ms: 0,
    wants_device: 0,
    proofs: 0,
    checkin_by: 0,
    checkin_ms: 0,
    set_aside: 0,
    proctor: 0,
    claimed_by: 0,
    claimed_ms: 0,
    looked_by: 0,
    looked_ms: 0,
    warnings: 0,
    warnings_seen: 0,
    flags_open: 0,
    flags_total: 0,
    worst_flag: 0,
    verdict: 0,
    points_milli: 0,
    max_milli: 0,
    unmarked: 0,
    unread: 0,
    ver: 1,
    name: `Candidate ${attempt}`,
    number: String(100 + attempt),
    hold_reason: '',
    ...change,
  }
}

export function makeRequest(kind: RequestKind, change: Partial<Request> = {}): Request {
  const attempt = change.attempt ?? 1
  const since_ms = change.since_ms ?? NOW
  const key = `${kind}:${attempt}:${since_ms}`
  return { key, kind, attempt, since_ms, claimed_by: 0, claimed_ms: 0, ...change }
}
