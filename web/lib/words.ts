// The tables of schema/*.def by their ids, as they stand in messages.
import {
  attemptStates,
  checks,
  flags,
  holds,
  itemKinds,
  proofs,
  refusals,
  sessionStates,
  stopCauses,
  tracks,
  type AttemptState,
  type Check,
  type Flag,
  type Hold,
  type RefusalName,
  type SessionState,
  type Setting,
  type StopCause,
  type Track,
} from '@/lib/gen/words'

export * from '@/lib/gen/words'

function names<K extends string>(table: Record<K, { id: number }>): Map<number, K> {
  return new Map((Object.keys(table) as K[]).map((name) => [table[name].id, name]))
}

const attemptStateNames = names(attemptStates)
const sessionStateNames = names(sessionStates)
const stopCauseNames = names(stopCauses)
const flagNames = names(flags)
const checkNames = names(checks)
const trackNames = names(tracks)
const refusalNames = names(refusals)

export const attemptStateName = (id: number): AttemptState => attemptStateNames.get(id) ?? 'none'
export const sessionStateName = (id: number): SessionState => sessionStateNames.get(id) ?? 'none'
export const stopCauseName = (id: number): StopCause => stopCauseNames.get(id) ?? 'none'
export const flagName = (id: number): Flag | undefined => flagNames.get(id)
export const checkName = (id: number): Check | undefined => checkNames.get(id)
export const trackName = (id: number): Track | undefined => trackNames.get(id)
export const itemKindIds = itemKinds

/** 0: accepted, no refusal. */
export const refusalName = (id: number): RefusalName | undefined => refusalNames.get(id)
export function refusalText(id: number): string {
  const name = refusalNames.get(id)
  return name ? refusals[name].word : refusals.FAULT.word
}

/** `incident` goes with a pause and is never shown by itself. */
export type ShownHold = Exclude<Hold, 'incident'>

/** The hold that is shown when several are on: locked, then system-paused, then paused. */
export function strongestHold(bits: number): ShownHold | undefined {
  if (bits & holds.locked.id) return 'locked'
  if (bits & holds.system_paused.id) return 'system_paused'
  if (bits & holds.paused.id) return 'paused'
  return undefined
}

/** Whether anything of a candidate is recorded, or shown at the door, with these settings. */
export const isRecorded = (on: (setting: Setting) => boolean): boolean =>
  [...Object.values(tracks), ...Object.values(proofs)].some(
    ({ setting }) => setting !== null && on(setting),
  )

/** As track_bit in src/wire/wire.h. */
export const trackBit = (id: number): number => 1 << (id === tracks.microphone.id ? 7 : id)
