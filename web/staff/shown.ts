// What a candidate showed at the door, from the events and the index of the records: which records show
// what, and what was decided. Opens nothing. Pure.
import type { Event } from '@/lib/gen/wire'
import { proofs, type Proof } from '@/lib/gen/words'
import type { IndexEntry } from '@/lib/media/record'
import { ProofIs } from '@/lib/proofs'

/** One stored picture. */
export interface Shot {
  place: number
  /** Counts the times at which this was shown: later ones replace earlier ones. */
  turn: number
}

export interface Shown {
  state: number
  shots: readonly Shot[]
  /** How often it was shown. */
  turns: number
  /** When it was shown last. */
  at_ms: number
  fromFile: boolean
  /** The kind of document, of what was shown last. */
  detail: number
  /** Why it cannot be shown; '': it can. */
  alternative: string
  /** What was said when it was asked for again. */
  reason: string
}

export interface ShownEvent {
  ver: number
  event: Event
}

const FILE = 2
const nothing: Shown = {
  state: ProofIs.none,
  shots: [],
  turns: 0,
  at_ms: 0,
  fromFile: false,
  detail: 0,
  alternative: '',
  reason: '',
}

type ProofShown = Extract<Event, { kind: 'proof_shown' }>

function shotsOf(event: ProofShown, turn: number, entries: readonly IndexEntry[]): Shot[] {
  const { proof, epoch, from_seq: from, upto_seq: upto } = event
  return entries
    .filter((e) => e.stream === proof && e.epoch === epoch && e.seq >= from && e.seq <= upto)
    .sort((a, b) => a.seq - b.seq)
    .map(({ place }) => ({ place, turn }))
}

function after(before: Shown, event: Event, entries: readonly IndexEntry[]): Shown {
  switch (event.kind) {
    case 'proof_shown': {
      const turns = before.turns + 1
      return {
        ...before,
        state: ProofIs.shown,
        shots: [...before.shots, ...shotsOf(event, turns, entries)],
        turns,
        at_ms: event.at_ms,
        fromFile: event.source === FILE,
        detail: event.detail,
        alternative: '',
      }
    }
    case 'alternative_declared':
      return { ...before, state: ProofIs.alternative, alternative: event.reason }
    case 'proof_decided': {
      const fine = event.outcome === 1
      const state = fine ? ProofIs.accepted : ProofIs.again
      return { ...before, state, reason: fine ? '' : event.reason }
    }
    default:
      return before
  }
}

export function readShown(
  events: readonly Event[],
  entries: readonly IndexEntry[],
): Record<Proof, Shown> {
  const of = (name: Proof): Shown =>
    events
      .filter((event) => 'proof' in event && event.proof === proofs[name].id)
      .reduce((shown, event) => after(shown, event, entries), nothing)
  return { id_photo: of('id_photo'), face_photo: of('face_photo'), room_scan: of('room_scan') }
}

/** An opened picture: the part that it shows, and its address ('': it cannot be opened). */
export interface Opened {
  track: number
  address: string
}

/** For each part the pictures of the last time that it was shown, in order. */
export function partsOf(
  shots: readonly Shot[],
  opened: ReadonlyMap<number, Opened>,
): Map<number, string[]> {
  const turns = new Map<number, number>()
  const parts = new Map<number, string[]>()
  for (const { place, turn } of shots) {
    const picture = opened.get(place)
    if (!picture?.address) continue
    const { track: part, address } = picture
    if (turns.get(part) !== turn) parts.set(part, [])
    turns.set(part, turn)
    parts.get(part)?.push(address)
  }
  return parts
}

/** The last picture of something that is one picture. */
export function lastOf(shots: readonly Shot[], opened: ReadonlyMap<number, Opened>): string {
  const last = shots.at(-1)
  return (last && opened.get(last.place)?.address) ?? ''
}
