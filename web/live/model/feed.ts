// Which lines of the activity feed are shown. Pure.
import type { Event, EventKind } from '@/lib/gen/wire'

export const FEED_KINDS = ['requests', 'holds', 'flags', 'connection', 'progress', 'staff'] as const
export type FeedKind = (typeof FEED_KINDS)[number]

const KINDS: Record<Exclude<FeedKind, 'staff'>, readonly EventKind[]> = {
  requests: [
    'hand_raised',
    'hand_lowered',
    'pause_requested',
    'pause_withdrawn',
    'pause_decided',
    'said',
    'messaged',
    'explained',
  ],
  holds: [
    'paused',
    'incident_paused',
    'resumed',
    'locked',
    'unlocked',
    'system_paused',
    'system_resumed',
    'warned',
    'warning_acknowledged',
    'extended',
    'credited',
    'incident_declared',
    'incident_closed',
    'end_announced',
    'end_withdrawn',
  ],
  flags: ['flagged', 'flag_decided', 'snapshot_asked'],
  connection: [
    'connected',
    'disconnected',
    'track_lost',
    'track_restored',
    'takeover_asked',
    'takeover_decided',
    'check_reported',
  ],
  progress: [
    'joined',
    'consented',
    'became_ready',
    'admitted',
    'asked_again',
    'refused',
    'began',
    'submitted',
    'ended',
    'reopened',
    'scored',
    'missed',
    'session_started',
    'session_ended',
  ],
}

/** `staffRoles`: bits of the roles that count as staff. */
export function isOfKind(event: Event, kind: FeedKind, staffRoles: number): boolean {
  if (kind === 'staff') return (event.role & staffRoles) !== 0
  return KINDS[kind].includes(event.kind)
}
