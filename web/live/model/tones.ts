// When a tone sounds, and which: for what is new, again after 90 s, and for leads after 180 s. At most one
// tone in five seconds; what comes meanwhile is one tone, the most urgent. Pure.
import { pressure, type Request, type RequestKind } from './queue.ts'

export const TONES = ['lost', 'flag', 'request', 'message'] as const // most urgent first
export type Tone = (typeof TONES)[number]

export const TONE_EVERY_MS = 5_000

const TONE_OF: Record<RequestKind, Tone> = {
  admit: 'request',
  hand: 'request',
  pause: 'request',
  takeover: 'request',
  system_paused: 'lost',
  disconnected: 'lost',
  message: 'message',
  flag: 'flag',
}

export interface Heard {
  /** By request: which stage of waiting has sounded. */
  stages: ReadonlyMap<string, number>
  waiting: Tone | null // for its five seconds
  played_ms: number
}

export const NOTHING_HEARD: Heard = { stages: new Map(), waiting: null, played_ms: 0 }

/** 1: it is there, 2: after 90 s, 3: after 180 s, for leads. */
function stageOf(request: Request, now: number, lead: boolean): number {
  const press = pressure(request, now)
  if (press === 3) return lead ? 3 : 2
  return press === 2 ? 2 : 1
}

function mostUrgent(a: Tone | null, b: Tone): Tone {
  return a === null || TONES.indexOf(b) < TONES.indexOf(a) ? b : a
}

/** What has been heard after this, and the tone to play now. Requests that others are on are left out by
 * the caller. */
export function hear(
  before: Heard,
  requests: readonly Request[],
  now: number,
  lead: boolean,
): { heard: Heard; play: Tone | null } {
  let { waiting } = before
  const stages = new Map<string, number>()
  for (const request of requests) {
    const stage = stageOf(request, now, lead)
    const known = before.stages.get(request.key) ?? 0
    stages.set(request.key, Math.max(stage, known))
    if (stage > known) waiting = mostUrgent(waiting, TONE_OF[request.kind])
  }
  const due = waiting !== null && now - before.played_ms >= TONE_EVERY_MS
  if (!due) return { heard: { stages, waiting, played_ms: before.played_ms }, play: null }
  return { heard: { stages, waiting: null, played_ms: now }, play: waiting }
}
