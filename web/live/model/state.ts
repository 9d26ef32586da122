// What staff see of an attempt as one word, and how much of its time is left. Pure.
import { attemptStates, holds } from '@/lib/gen/words'
import * as limits from '@/lib/gen/limits'
import type { Row } from '@/lib/gen/wire'

export type Shown =
  | 'active'
  | 'paused'
  | 'locked'
  | 'system_paused'
  | 'disconnected'
  | 'joined'
  | 'waiting'
  | 'complete'
  | 'invited'
  | 'refused'
  | 'absent'
  | 'set_aside'

/** The state filters, in the order of the keys 1 to 8. */
export const GROUPS = [
  'active',
  'paused',
  'locked',
  'system_paused',
  'disconnected',
  'waiting',
  'complete',
  'invited',
] as const
export type Group = (typeof GROUPS)[number]

const S = attemptStates

/** Joined and not over: somebody should be at the other end. Who is set aside takes no command. */
export function isPresent(row: Row): boolean {
  if (row.set_aside) return false
  return row.state === S.joined.id || row.state === S.waiting.id || row.state === S.active.id
}

/** No contact for long enough to say so. Before that the old state stays, marked "Reconnecting". */
export function isDisconnected(row: Row, now: number): boolean {
  return isPresent(row) && !row.connected && now - row.heard_ms >= limits.DISCONNECTED_AFTER_MS
}

export function isReconnecting(row: Row, now: number): boolean {
  return isPresent(row) && !row.connected && !isDisconnected(row, now)
}

/** The strongest hold: locked before system-paused before paused. */
export function shownHold(row: Row): 'locked' | 'system_paused' | 'paused' | null {
  if (row.holds & holds.locked.id) return 'locked'
  if (row.holds & holds.system_paused.id) return 'system_paused'
  if (row.holds & holds.paused.id) return 'paused'
  return null
}

function settled(row: Row): Shown {
  if (row.set_aside) return 'set_aside'
  switch (row.state) {
    case S.submitted.id:
      return 'complete'
    case S.ended.id:
      return row.limit_ms ? 'complete' : 'absent' // was there, and never began
    case S.refused.id:
      return 'refused'
    case S.absent.id:
      return 'absent'
    case S.joined.id:
      return 'joined'
    case S.waiting.id:
      return 'waiting'
    case S.active.id:
      return shownHold(row) ?? 'active'
    default:
      return 'invited'
  }
}

export function shownState(row: Row, now: number): Shown {
  const shown = settled(row)
  // A lock outlasts a lost connection: staff decided it, and it must stay in sight.
  return isDisconnected(row, now) && shown !== 'locked' ? 'disconnected' : shown
}

const GROUP_OF: Record<Shown, Group> = {
  active: 'active',
  paused: 'paused',
  locked: 'locked',
  system_paused: 'system_paused',
  disconnected: 'disconnected',
  joined: 'waiting',
  waiting: 'waiting',
  complete: 'complete',
  invited: 'invited',
  refused: 'complete',
  absent: 'invited',
  // Nothing goes on there any more.
  set_aside: 'complete',
}

export function groupOf(row: Row, now: number): Group {
  return GROUP_OF[shownState(row, now)]
}

/** Those of some states; no states: all. */
export function inGroups(rows: readonly Row[], groups: ReadonlySet<Group>, now: number): Row[] {
  return rows.filter((row) => groups.size === 0 || groups.has(groupOf(row, now)))
}

/** Before the start the whole limit; counts down only while the clock runs. */
export function leftMs(row: Row, now: number): number {
  const passed = row.running ? now - row.at_ms : 0
  return Math.max(0, row.clock_ms - passed)
}

/** When the time would be over if nothing stopped the clock any more; null: the clock stands. */
export function endsMs(row: Row): number | null {
  return row.running ? row.at_ms + row.clock_ms : null
}

/** With no more time than until the announced end of the session (0: none is). */
export function untilEnd(row: Row, end_ms: number): Row {
  if (end_ms === 0 || row.state !== S.active.id) return row
  return { ...row, clock_ms: Math.min(row.clock_ms, Math.max(0, end_ms - row.at_ms)) }
}

export function progressOf(row: Row): number {
  return row.items > 0 ? Math.min(1, row.answered / row.items) : 0
}

/** For a person to be told apart from all others: "42" or, without a number, the name. */
export function callName(row: Row): string {
  return row.number || row.name
}

export const HIGH_FLAG = 3
