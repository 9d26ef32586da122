// Actions on attempts: for whom an action makes sense, who is left out and why. Pure. The server has
// the last word; this only says beforehand what it will say.
import { commandTable, type CommandKind, type Row } from '@/lib/gen/wire'
import { holds, refusals } from '@/lib/gen/words'
import * as limits from '@/lib/gen/limits'
import { isDisconnected, shownState, type Shown } from './state.ts'

export const ACTIONS = [
  'admit',
  'ask_again',
  'refuse',
  'pause',
  'resume',
  'lock',
  'unlock',
  'message',
  'warn',
  'extend',
  'ask_snapshot',
  'flag',
  'end',
  'reopen',
] as const satisfies readonly CommandKind[]
export type Action = (typeof ACTIONS)[number]
/** What an incident does to all of a session, from its own dialog and banner. */
export type IncidentAction = 'pause_for_incident' | 'resume_after_incident'

const inState = (row: Row, action: Action | IncidentAction): boolean =>
  (commandTable[action].states & (1 << row.state)) !== 0

/** Whether the action would change something for this attempt. */
export function applies(row: Row, action: Action | IncidentAction): boolean {
  if (row.set_aside || !inState(row, action)) return false
  switch (action) {
    case 'admit':
      return !row.admitted
    case 'pause':
      return (row.holds & (holds.paused.id | holds.locked.id)) === 0
    case 'resume':
      return (row.holds & holds.paused.id) !== 0
    case 'lock':
      return (row.holds & holds.locked.id) === 0
    case 'unlock':
      return (row.holds & holds.locked.id) !== 0
    case 'warn':
      return row.warnings < limits.WARNINGS_MAX
    case 'reopen':
      return row.limit_ms > 0
    case 'pause_for_incident':
      return (row.holds & holds.paused.id) === 0
    case 'resume_after_incident':
      return (row.holds & holds.incident.id) !== 0
    default:
      return true
  }
}

export interface Split {
  can: Row[]
  offline: Row[] // part of can: they learn of it when they are back
  left: { shown: Shown; count: number }[] // not touched, by what they are
}

export function splitTargets(
  rows: readonly Row[],
  action: Action | IncidentAction,
  now: number,
): Split {
  const can = rows.filter((row) => applies(row, action))
  const counts = new Map<Shown, number>()
  for (const row of rows) {
    if (applies(row, action)) continue
    const shown = shownState(row, now)
    counts.set(shown, (counts.get(shown) ?? 0) + 1)
  }
  const left = [...counts].map(([shown, count]) => ({ shown, count }))
  left.sort((a, b) => b.count - a.count)
  return { can, offline: can.filter((row) => isDisconnected(row, now)), left }
}

export interface Outcome {
  attempt: number
  refusal: number // 0: accepted
  ver: number
}

export interface Summary {
  done: number
  already: number
  refused: { refusal: number; attempts: number[] }[]
}

/** It was done already, which is no failure. */
const ALREADY = refusals.ALREADY.id

export function summarize(outcomes: readonly Outcome[]): Summary {
  const refused = new Map<number, number[]>()
  let done = 0
  let already = 0
  for (const { attempt, refusal } of outcomes) {
    if (refusal === 0) done++
    else if (refusal === ALREADY) already++
    else refused.set(refusal, [...(refused.get(refusal) ?? []), attempt])
  }
  return {
    done,
    already,
    refused: [...refused].map(([refusal, attempts]) => ({ refusal, attempts })),
  }
}
