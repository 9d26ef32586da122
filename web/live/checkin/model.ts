// Who waits at the door, what is missing, and who looks after whom. Pure.
import { attemptStates, limits, type Proof } from '@/lib/gen/words'
import type { Row } from '@/lib/gen/wire'
import { isOpen, ProofIs, proofState } from '@/lib/proofs'
import { isPresent } from '../model/state.ts'

const waits = (row: Row): boolean => row.state === attemptStates.waiting.id && row.admitted === 0

/** Ready and not let in, who has waited longest first; behind them those who are still setting up. */
export function atTheDoor(rows: readonly Row[]): Row[] {
  const there = rows.filter(
    (row) => isPresent(row) && (waits(row) || row.state === attemptStates.joined.id),
  )
  const since = (row: Row): number => row.ready_ms || row.since_ms
  const order = (row: Row): number => (waits(row) ? 0 : 1)
  return there.sort((a, b) => order(a) - order(b) || since(a) - since(b) || a.attempt - b.attempt)
}

/** Not shown yet, or asked for again. */
export const missing = (row: Row, wanted: readonly Proof[]): Proof[] =>
  wanted.filter((name) => isOpen(proofState(row.proofs, name)))

/** Shown or declared, and not decided. */
export const toDecide = (row: Row, wanted: readonly Proof[]): Proof[] =>
  wanted.filter((name) => {
    const state = proofState(row.proofs, name)
    return state === ProofIs.shown || state === ProofIs.alternative
  })

/** All is accepted: nothing but the word of a proctor is missing. */
export const isChecked = (row: Row, wanted: readonly Proof[]): boolean =>
  waits(row) && wanted.every((name) => proofState(row.proofs, name) === ProofIs.accepted)

/** Another one who checks this person in now; 0: nobody else. */
export function heldBy(row: Row, me: number, now: number): number {
  const fresh = row.checkin_by > 0 && now < row.checkin_ms + limits.CHECKIN_HOLD_MS
  return fresh && row.checkin_by !== me ? row.checkin_by : 0
}

/** Whom to look at after this one: the next who waits and whom nobody else holds; 0: nobody. */
export function nextOf(rows: readonly Row[], current: number, me: number, now: number): number {
  const free = rows.filter(
    (row) => row.attempt !== current && waits(row) && heldBy(row, me, now) === 0,
  )
  return free[0]?.attempt ?? 0
}
