// The order of the grid. "Needs attention" first; a new order is only taken when nobody is pointing at
// the grid, otherwise the number of moves is offered. Pure.
import type { Row } from '@/lib/gen/wire'
import { attemptStates } from '@/lib/gen/words'
import { byLook } from './rotation.ts'
import { HIGH_FLAG, isDisconnected, isPresent, leftMs, progressOf, shownHold } from './state.ts'

export const SORTS = ['attention', 'name', 'number', 'left', 'progress', 'flags', 'looked'] as const
export type Sort = (typeof SORTS)[number]

/** When the oldest open request was made; 0: none. An admission counts only with a waiting room. */
export function requestSince(row: Row, waitingRoom: boolean): number {
  const times = [row.hand_ms, row.pause_asked_ms, row.takeover_asked_ms]
  if (waitingRoom && needsAdmission(row)) times.push(row.ready_ms || row.since_ms)
  const open = times.filter((at) => at > 0)
  return open.length > 0 ? Math.min(...open) : 0
}

export function needsAdmission(row: Row): boolean {
  return row.state === attemptStates.waiting.id && !row.admitted
}

const CLASSES = { request: 0, interrupted: 1, gone: 2, locked: 3, flagged: 4, plain: 5, out: 6 }

/** Which class of urgency; smaller comes first. */
export function urgency(row: Row, now: number, waitingRoom: boolean): number {
  if (!isPresent(row)) return CLASSES.out
  if (requestSince(row, waitingRoom) > 0) return CLASSES.request
  const hold = shownHold(row)
  if (hold === 'system_paused') return CLASSES.interrupted
  if (isDisconnected(row, now)) return CLASSES.gone
  if (hold === 'locked') return CLASSES.locked
  if (row.flags_open > 0 && row.worst_flag >= HIGH_FLAG) return CLASSES.flagged
  return CLASSES.plain
}

/** Whether somebody should look: the count in the "outside this filter" note. */
export function needsAttention(row: Row, now: number, waitingRoom: boolean): boolean {
  return urgency(row, now, waitingRoom) < CLASSES.locked
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

function byName(a: Row, b: Row): number {
  return (
    collator.compare(a.name, b.name) ||
    collator.compare(a.number, b.number) ||
    a.attempt - b.attempt
  )
}

function byFlags(a: Row, b: Row): number {
  return b.worst_flag - a.worst_flag || b.flags_open - a.flags_open
}

function withinClass(kind: number, a: Row, b: Row, waitingRoom: boolean): number {
  switch (kind) {
    case CLASSES.request:
      return requestSince(a, waitingRoom) - requestSince(b, waitingRoom)
    case CLASSES.interrupted:
    case CLASSES.locked:
      return a.since_ms - b.since_ms
    case CLASSES.gone:
      return a.heard_ms - b.heard_ms
    case CLASSES.out:
      return b.state - a.state
    default:
      return byFlags(a, b)
  }
}

type Compare = (a: Row, b: Row) => number

function comparer(sort: Sort, now: number, waitingRoom: boolean): Compare {
  switch (sort) {
    case 'name':
      return byName
    case 'number':
      return (a, b) => collator.compare(a.number, b.number) || byName(a, b)
    case 'left':
      return (a, b) => leftMs(a, now) - leftMs(b, now) || byName(a, b)
    case 'progress':
      return (a, b) => progressOf(a) - progressOf(b) || byName(a, b)
    case 'flags':
      return (a, b) => byFlags(a, b) || byName(a, b)
    case 'looked':
      // Whom nobody has to look at stands last.
      return (a, b) => Number(isPresent(b)) - Number(isPresent(a)) || byLook(a, b) || byName(a, b)
    case 'attention':
      return (a, b) => {
        const kind = urgency(a, now, waitingRoom)
        const between = kind - urgency(b, now, waitingRoom)
        return between || withinClass(kind, a, b, waitingRoom) || byName(a, b)
      }
  }
}

export interface OrderBy {
  sort: Sort
  descending: boolean
  waitingRoom: boolean
  pinned: ReadonlySet<number>
}

/** Ids in order; pinned ones first, among themselves in the same order. */
export function orderRows(rows: readonly Row[], by: OrderBy, now: number): number[] {
  const compare = comparer(by.sort, now, by.waitingRoom)
  const sign = by.descending ? -1 : 1
  const pin = (row: Row): number => (by.pinned.has(row.attempt) ? 0 : 1)
  const sorted = [...rows].sort((a, b) => pin(a) - pin(b) || sign * compare(a, b))
  return sorted.map((row) => row.attempt)
}

/** How many would stand at another place. Rows that only came or went do not count as moved. */
export function movesBetween(shown: readonly number[], wanted: readonly number[]): number {
  const inShown = new Set(shown)
  const inWanted = new Set(wanted)
  const before = shown.filter((id) => inWanted.has(id))
  const after = wanted.filter((id) => inShown.has(id))
  return after.length - longestKept(before, after)
}

/** The longest run of rows that keep their order among each other: all others have moved. */
function longestKept(before: readonly number[], after: readonly number[]): number {
  const place = new Map(before.map((id, index) => [id, index]))
  const tails: number[] = []
  for (const id of after) {
    const at = place.get(id) ?? 0
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((tails[middle] ?? 0) < at) low = middle + 1
      else high = middle
    }
    tails[low] = at
  }
  return tails.length
}

/** Keeps the shown order while somebody is in the grid: leavers go, newcomers are put at the end. */
export function heldOrder(shown: readonly number[], wanted: readonly number[]): number[] {
  const inWanted = new Set(wanted)
  const kept = shown.filter((id) => inWanted.has(id))
  const known = new Set(kept)
  return [...kept, ...wanted.filter((id) => !known.has(id))]
}
