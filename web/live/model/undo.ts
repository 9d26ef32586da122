// What can be taken back for ten seconds. An undo is the opposite command, and only for those whose
// state nobody has changed since: somebody else's decision is never undone by accident. Pure.
import type { Command, EventKind, Row } from '@/lib/gen/wire'
import { applies, type Action, type IncidentAction, type Outcome } from './mass.ts'

export const UNDO_MS = 10_000

export type Undoable = 'pause' | 'lock' | 'admit' | 'pause_for_incident'

const OPPOSITE: Record<Undoable, Action | IncidentAction> = {
  pause: 'resume',
  lock: 'unlock',
  admit: 'ask_again',
  pause_for_incident: 'resume_after_incident',
}

export function isUndoable(action: string): action is Undoable {
  return action in OPPOSITE
}

/** One action that may still be undone. */
export interface Undo {
  id: number
  action: Undoable
  done: { attempt: number; ver: number }[] // whom it changed, and the version that it led to
  until_ms: number
}

export function makeUndo(
  id: number,
  action: Undoable,
  outcomes: readonly Outcome[],
  now: number,
): Undo | null {
  const done = outcomes.filter((o) => o.refusal === 0).map(({ attempt, ver }) => ({ attempt, ver }))
  return done.length > 0 ? { id, action, done, until_ms: now + UNDO_MS } : null
}

const STATE_CHANGES: ReadonlySet<EventKind> = new Set<EventKind>([
  'became_ready',
  'admitted',
  'asked_again',
  'refused',
  'began',
  'paused',
  'incident_paused',
  'resumed',
  'locked',
  'unlocked',
  'system_paused',
  'system_resumed',
  'submitted',
  'ended',
  'reopened',
])

/** Whether an event is a change of state that an undo must respect. */
export function changesState(kind: EventKind): boolean {
  return STATE_CHANGES.has(kind)
}

export interface UndoPlan {
  targets: number[]
  changed: number[] // somebody or something changed them meanwhile
}

/** `changedVer`: version of the last change of state that was seen, by attempt. */
export function planUndo(
  undo: Undo,
  rowOf: (attempt: number) => Row | undefined,
  changedVer: ReadonlyMap<number, number>,
): UndoPlan {
  const plan: UndoPlan = { targets: [], changed: [] }
  for (const { attempt, ver } of undo.done) {
    const row = rowOf(attempt)
    const untouched = (changedVer.get(attempt) ?? 0) <= ver
    if (row && untouched && applies(row, OPPOSITE[undo.action])) plan.targets.push(attempt)
    else plan.changed.push(attempt)
  }
  return plan
}

export function undoCommand(undo: Undo, words: { note: string; askAgain: string }): Command {
  switch (undo.action) {
    case 'pause':
      return { kind: 'resume', note: words.note }
    case 'lock':
      return { kind: 'unlock', note: words.note }
    case 'pause_for_incident':
      return { kind: 'resume_after_incident', note: words.note }
    case 'admit':
      return { kind: 'ask_again', reason: words.askAgain }
  }
}
