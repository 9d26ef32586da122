// One attempt's events as lanes on a time line: what state it was in, flags, answers, chat, actions.
import type { Mark } from '@/ui/marks'
import type { Event } from '@/lib/wire/codec'
import { strongestHold } from '@/lib/words'
import { holds } from '@/lib/gen/words'
import { perLane, type Interruptions, type LaneId, type Span } from './recording.ts'

/** An event with its number and, where known, the name of who did it. */
export type CaseEvent = Event & { ver: number; actor_name: string }

export interface Band extends Span {
  mark: Mark
}

export interface FlagLine extends Span {
  flag: number
  type: number
  severity: number
  note: string
  /** Who raised it: the candidate's page, the server, or a person. */
  source: 'page' | 'server' | 'person'
  by: string
  at: number
  /** 0 undecided, 1 confirmed, 2 dismissed. */
  decision: number
  decisionNote: string
  decidedBy: string
  decidedAt: number
}

export interface Point {
  t: number
  event: CaseEvent
}

export interface Verdict {
  outcome: number
  note: string
  by: string
  at: number
}

export interface Timeline {
  bands: Band[]
  flags: FlagLine[]
  answers: Point[]
  chat: Point[]
  actions: Point[]
  /** Newest last. */
  verdicts: Verdict[]
  interruptions: Interruptions
  /** From joining to the last that happened. */
  from: number
  to: number
  beganAt: number
  endedAt: number
}

const BY_CANDIDATE = 1
const BY_SERVER = 64
const CHAT: ReadonlySet<string> = new Set(['messaged', 'said', 'explained', 'hand_raised'])
const ACTIONS: ReadonlySet<string> = new Set([
  'admitted',
  'asked_again',
  'refused',
  'began',
  'hand_lowered',
  'pause_requested',
  'pause_withdrawn',
  'pause_decided',
  'paused',
  'resumed',
  'locked',
  'unlocked',
  'extended',
  'submitted',
  'ended',
  'reopened',
  'snapshot_asked',
  'system_paused',
  'system_resumed',
  'track_lost',
  'track_restored',
  'disconnected',
  'connected',
])

/** The state machine as far as the lane needs it: the events lead. */
class Walker {
  state: Mark = 'invited'
  private holdBits = 0
  private connected = true
  private joined = false

  take(event: CaseEvent): void {
    this.takeState(event)
    this.takeHold(event)
    if (event.kind === 'connected') this.connected = true
    if (event.kind === 'disconnected') this.connected = false
  }

  private takeState(event: CaseEvent): void {
    const leads: Partial<Record<Event['kind'], Mark>> = {
      joined: 'joined',
      asked_again: 'joined',
      became_ready: 'waiting',
      began: 'active',
      reopened: 'active',
      submitted: 'complete',
      ended: 'complete',
      refused: 'refused',
      missed: 'absent',
    }
    const next = leads[event.kind]
    if (!next) return
    this.state = next
    this.joined = true
    if (next === 'complete' || next === 'active') this.holdBits = 0
  }

  private takeHold(event: CaseEvent): void {
    const on: Partial<Record<Event['kind'], number>> = {
      paused: holds.paused.id,
      incident_paused: holds.paused.id | holds.incident.id,
      locked: holds.locked.id,
      system_paused: holds.system_paused.id,
    }
    const off: Partial<Record<Event['kind'], number>> = {
      resumed: holds.paused.id | holds.incident.id,
      unlocked: holds.locked.id,
      system_resumed: holds.system_paused.id,
    }
    this.holdBits |= on[event.kind] ?? 0
    this.holdBits &= ~(off[event.kind] ?? 0)
  }

  get mark(): Mark {
    const going = this.state === 'active' || this.state === 'waiting' || this.state === 'joined'
    if (this.joined && going && !this.connected) return 'disconnected'
    return this.state === 'active' ? (strongestHold(this.holdBits) ?? 'active') : this.state
  }
}

function bandsOf(events: readonly CaseEvent[], to: number): Band[] {
  const walker = new Walker()
  const bands: Band[] = []
  for (const event of events) {
    const before = walker.mark
    walker.take(event)
    const mark = walker.mark
    const last = bands.at(-1)
    if (mark === before && last) continue
    if (last) last.to = event.at_ms
    bands.push({ from: event.at_ms, to, mark })
  }
  return bands.filter((band) => band.to > band.from)
}

function sourceOf(role: number): FlagLine['source'] {
  if (role === BY_CANDIDATE) return 'page'
  return role === BY_SERVER ? 'server' : 'person'
}

function flagsOf(events: readonly CaseEvent[]): FlagLine[] {
  const flags = new Map<number, FlagLine>()
  for (const event of events) {
    if (event.kind === 'flagged') {
      const { flag, type, severity, note, from_ms, to_ms, at_ms, actor_name } = event
      flags.set(flag, {
        flag,
        type,
        severity,
        note,
        from: from_ms,
        to: Math.max(from_ms, to_ms),
        source: sourceOf(event.role),
        by: actor_name,
        at: at_ms,
        decision: 0,
        decisionNote: '',
        decidedBy: '',
        decidedAt: 0,
      })
    }
    const known = event.kind === 'flag_decided' ? flags.get(event.flag) : undefined
    if (known && event.kind === 'flag_decided') {
      known.decision = event.decision
      known.decisionNote = event.note
      known.decidedBy = event.actor_name
      known.decidedAt = event.at_ms
    }
  }
  return [...flags.values()].sort((a, b) => a.from - b.from || a.flag - b.flag)
}

/** Pairs of events as spans; one that is still open lasts to the end. */
function spansOf(
  events: readonly CaseEvent[],
  to: number,
  opens: (event: CaseEvent) => number | undefined,
  closes: (event: CaseEvent) => boolean,
): Span[] {
  const spans: Span[] = []
  let from: number | undefined
  for (const event of events) {
    from ??= opens(event)
    if (from === undefined || !closes(event)) continue
    spans.push({ from, to: event.at_ms })
    from = undefined
  }
  if (from !== undefined) spans.push({ from, to })
  return spans
}

function interruptionsOf(events: readonly CaseEvent[], to: number): Interruptions {
  const lost = (track: LaneId): Span[] =>
    spansOf(
      events,
      to,
      (event) => (event.kind === 'track_lost' && event.track === track ? event.at_ms : undefined),
      (event) => event.kind === 'track_restored' && event.track === track,
    )
  const disconnected = spansOf(
    events,
    to,
    (event) => (event.kind === 'disconnected' ? event.since_ms : undefined),
    (event) => event.kind === 'connected',
  )
  return { lost: perLane(lost), disconnected }
}

function verdictsOf(events: readonly CaseEvent[]): Verdict[] {
  return events.flatMap((event) => {
    if (event.kind !== 'verdict_given') return []
    const { outcome, note, actor_name, at_ms } = event
    return [{ outcome, note, by: actor_name, at: at_ms }]
  })
}

export function readTimeline(events: readonly CaseEvent[]): Timeline {
  const point = (event: CaseEvent): Point => ({ t: event.at_ms, event })
  const first = (kinds: readonly string[]): number =>
    events.find((event) => kinds.includes(event.kind))?.at_ms ?? 0
  const last = (kinds: readonly string[]): number =>
    events.findLast((event) => kinds.includes(event.kind))?.at_ms ?? 0
  const lived = events.filter((event) => event.kind !== 'invited' && event.role !== 4)
  const to = lived.at(-1)?.at_ms ?? 0
  return {
    bands: bandsOf(events, to),
    flags: flagsOf(events),
    answers: events.filter((event) => event.kind === 'answered').map(point),
    chat: events.filter((event) => CHAT.has(event.kind)).map(point),
    actions: events.filter((event) => ACTIONS.has(event.kind)).map(point),
    verdicts: verdictsOf(events),
    interruptions: interruptionsOf(events, to),
    from: first(['joined']) || first(['began']) || (events[0]?.at_ms ?? 0),
    to,
    beganAt: first(['began']),
    endedAt: last(['submitted', 'ended']),
  }
}

/** The flag that begins after t, or the one before; round about from the end to the beginning. */
export function neighbourFlag(
  flags: readonly FlagLine[],
  t: number,
  forward: boolean,
): FlagLine | undefined {
  const by = [...flags].sort((a, b) => a.from - b.from)
  if (forward) return by.find((flag) => flag.from > t + 50) ?? by[0]
  return by.findLast((flag) => flag.from < t - 1500) ?? by.at(-1)
}
