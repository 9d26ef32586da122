// What is shown at the door: which of it a session asks for, and how far each has come (core.h).
import { proofs, type Proof, type Setting } from '@/lib/gen/words'

export const ProofIs = { none: 0, shown: 1, alternative: 2, accepted: 3, again: 4 } as const

export const proofState = (bits: number, name: Proof): number =>
  (bits >> (4 * proofs[name].id)) & 15

/** In the order in which they are shown. */
export const wantedProofs = (on: (setting: Setting) => boolean): Proof[] =>
  (Object.keys(proofs) as Proof[]).filter((name) => on(proofs[name].setting))

/** Still to be shown, or to be shown again. */
export const isOpen = (state: number): boolean => state === ProofIs.none || state === ProofIs.again
