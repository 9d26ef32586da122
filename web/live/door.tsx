// The way to check-in, and its screen: loaded when somebody goes there.
import type { JSX } from 'preact'
import { attemptStates } from '@/lib/gen/words'
import { wantedProofs } from '@/lib/proofs'
import { linkTo, type Place } from '@/staff/place'
import { Icon } from '@/ui'
import { useLive, type Live } from './context.ts'
import { laterScreen } from './later.tsx'
import { t } from './text.ts'

export const CheckinScreen = laterScreen(() =>
  import('./checkin/checkin.tsx').then((part) => part.Checkin),
)

/** Whether identity or room are to be looked at before somebody is let in. */
export function asksAtDoor({ monitor }: Live): boolean {
  const settings = monitor.settings.value
  return wantedProofs((setting) => settings?.[setting] === 1).length > 0
}

export const checkinPlace = (session: number, attempt?: number): Place => ({
  session,
  view: 'checkin',
  attempt,
})

/** With how many wait to be let in. */
export function CheckinLink(): JSX.Element | null {
  const { monitor } = useLive()
  void monitor.pulse.value
  const state = monitor.detail.value?.state
  if (!monitor.waitingRoom.value || (state !== 'planned' && state !== 'running')) return null
  const waiting = monitor
    .all()
    .filter((row) => row.state === attemptStates.waiting.id && !row.admitted).length
  return (
    <a class="button" {...linkTo(checkinPlace(monitor.session))}>
      <Icon name="people" /> {t('top.checkin', { n: waiting })}
    </a>
  )
}
