// Sentences about what happened, as they stand behind a person's name.
import { formatNumber } from '@/lib/i18n'
import { formatExact, formatLength, formatMinute, formatTime } from '@/lib/clock'
import { checks, flags, proofs, stopCauses, tracks } from '@/lib/gen/words'
import { BY_CANDIDATE, BY_SERVER, type Event, type Row } from '@/lib/gen/wire'
import { checkName, flagName, stopCauseName, trackName } from '@/lib/words'
import type { SessionDetail, StaffLine } from '@/staff/types'
import { nameOfUser } from './model/desk.ts'
import { hasText, t } from './text.ts'

export const trackWord = (id: number): string => {
  const name = trackName(id)
  return name ? tracks[name].word : String(id)
}

export const flagWord = (id: number): string => {
  const name = flagName(id)
  return name ? flags[name].word : String(id)
}

/** "+15 min planned, +5 min given, +3 min for interruptions"; empty: none of them. */
export function addedText(row: Row): string {
  const parts = [
    ['focus.planned', row.planned_ms],
    ['focus.given', row.extra_ms],
    ['focus.credit', row.credit_ms],
  ] as const
  return parts
    .filter(([, ms]) => ms >= 1000)
    .map(([key, ms]) => t(key, { time: formatLength(ms) }))
    .join(', ')
}

const points = (milli: number): string => formatNumber(milli / 1000)

type Key = Parameters<typeof t>[0]

/** "kind: reason" or, without a reason, "kind". */
function withReason(
  kind: 'paused' | 'hand_raised' | 'pause_requested' | 'ended',
  text: string,
): string {
  const key: Key = `event.${kind}`
  return text ? t(key, { reason: text, text }) : t(`event.${kind}.plain`)
}

function endedText(event: Extract<Event, { kind: 'ended' }>): string {
  if (event.cause === 1) return t('event.ended.time')
  if (event.cause === 3) return t('event.ended.session')
  if (event.cause === 4) return t('event.ended.breach', { reason: event.reason })
  return withReason('ended', event.reason)
}

function checkText(event: Extract<Event, { kind: 'check_reported' }>): string {
  const name = checkName(event.check)
  const outcome = event.outcome === 1 || event.outcome === 2 ? event.outcome : 3
  const check = name ? checks[name].word : String(event.check)
  return t('event.check_reported', { check, outcome: t(`outcome.${outcome}`) })
}

const step = (of: number): 1 | 2 | 3 => (of === 1 || of === 2 ? of : 3)

const proofWord = (id: number): string =>
  Object.values(proofs).find((proof) => proof.id === id)?.word ?? String(id)

type DoorEvent = Extract<Event, { kind: 'proof_shown' | 'alternative_declared' | 'proof_decided' }>

function doorText(event: DoorEvent): string {
  const what = proofWord(event.proof)
  if (event.kind === 'proof_shown') return t('event.proof_shown', { what })
  const { reason } = event
  if (event.kind === 'alternative_declared')
    return t('event.alternative_declared', { what, reason })
  if (event.outcome === 1) return t('event.proof_accepted', { what })
  return t('event.proof_again', { what, reason })
}

/** What happened, without the name of the candidate. Null: not worth a line. */
export function eventText(event: Event): string | null {
  switch (event.kind) {
    case 'check_reported':
      return checkText(event)
    case 'asked_again':
    case 'refused':
    case 'locked':
    case 'reopened':
      return t(`event.${event.kind}`, { reason: event.reason })
    case 'answered':
      return t('event.answered', { item: event.item })
    case 'marked':
      return t(event.on ? 'event.marked' : 'event.unmarked', { item: event.item })
    case 'hand_raised':
      return withReason('hand_raised', event.text)
    case 'pause_requested':
      return withReason('pause_requested', event.reason)
    case 'paused':
      return withReason('paused', event.reason)
    case 'pause_decided':
      if (event.approve) return t('event.pause_approved')
      return event.note
        ? t('event.pause_declined', { note: event.note })
        : t('event.pause_declined.plain')
    case 'takeover_decided':
      if (event.approve) return t('event.takeover_approved')
      return t('event.takeover_declined', { note: event.note })
    case 'hand_in_told':
      return t('event.hand_in_told', { time: formatTime(event.device_ms) })
    case 'proof_shown':
    case 'alternative_declared':
    case 'proof_decided':
      return doorText(event)
    case 'checkin_noted':
      return t('event.checkin_noted', { text: event.text })
    case 'track_lost':
    case 'track_restored':
      return t(`event.${event.kind}`, { track: trackWord(event.track) })
    case 'explained':
    case 'messaged':
    case 'said':
      return t(`event.${event.kind}`, { text: event.text })
    case 'extended':
      return event.reason
        ? t('event.extended', { time: formatLength(event.ms), reason: event.reason })
        : t('event.extended.plain', { time: formatLength(event.ms) })
    case 'incident_declared':
    case 'session_ended':
      return t(`event.${event.kind}`, { reason: event.reason })
    case 'end_announced':
      return t('event.end_announced', { time: formatMinute(event.end_ms), reason: event.reason })
    case 'warned':
      return t('event.warned', { step: t(`warning.${step(event.step)}`), reason: event.reason })
    case 'warning_acknowledged':
      return t('event.warning_acknowledged', { step: t(`warning.${step(event.step)}`) })
    case 'incident_paused':
      return t('event.incident_paused', { reason: event.reason })
    case 'flagged':
      return t('event.flagged', { flag: flagWord(event.type) })
    case 'handed_over':
    case 'claimed':
    case 'released':
      return null // see deskText
    case 'flag_decided':
      if (event.decision === 0) return t('event.flag_reopened')
      return t(event.decision === 1 ? 'event.flag_confirmed' : 'event.flag_dismissed')
    case 'ended':
      return endedText(event)
    case 'scored':
      return t('event.scored', { points: points(event.points_milli), max: points(event.max_milli) })
    case 'verdict_given':
      return t(event.outcome === 1 ? 'event.verdict_clear' : 'event.verdict_escalate')
    case 'credited': {
      const cause = stopCauses[stopCauseName(event.cause)].word
      return t('event.credited', { time: formatExact(event.ms), cause })
    }
    case 'media_noted':
    case 'media_key_added':
    case 'seen':
      return null
    default: {
      const key = `event.${event.kind}`
      return hasText(key) ? t(key) : null
    }
  }
}

/** What happened at the desks, with the names of the people. Null: it is something else. */
export function deskText(event: Event, staff: readonly StaffLine[]): string | null {
  const name = (user: number): string => nameOfUser(staff, user) || t('desk.somebody')
  switch (event.kind) {
    case 'handed_over':
      return event.note
        ? t('event.handed_over.note', { name: name(event.proctor), note: event.note })
        : t('event.handed_over', { name: name(event.proctor) })
    case 'claimed':
    case 'released':
      return t(`event.${event.kind}`, { name: name(event.actor) })
    default:
      return null
  }
}

const IMPORTANT: ReadonlySet<Event['kind']> = new Set<Event['kind']>([
  'became_ready',
  'hand_raised',
  'pause_requested',
  'paused',
  'resumed',
  'locked',
  'unlocked',
  'system_paused',
  'system_resumed',
  'explained',
  'said',
  'flagged',
  'submitted',
  'ended',
  'refused',
  'disconnected',
  'extended',
  'takeover_asked',
  'warned',
  'warning_acknowledged',
  'incident_paused',
  'reopened',
  'session_started',
  'session_ended',
  'incident_declared',
  'incident_closed',
  'end_announced',
  'end_withdrawn',
  'takeover_decided',
  'hand_in_told',
  'handed_over',
  'alternative_declared',
])

/** Whether a line belongs into the short feed. */
export const isImportant = (event: Event): boolean => IMPORTANT.has(event.kind)

/** Who did it, when that was not the candidate. */
export function actorName(event: Event, detail: SessionDetail | null): string {
  if (event.role === BY_CANDIDATE) return ''
  if (event.role === BY_SERVER) return t('by.server')
  return detail?.staff.find((person) => person.user === event.actor)?.name ?? ''
}
