// What goes on with the session as a whole: an open incident, an announced end.
import type { JSX } from 'preact'
import { clock, formatMinute, formatSpan, now } from '@/lib/clock'
import { refusalText } from '@/lib/words'
import { linkTo } from '@/staff/place'
import { Banner, Button } from '@/ui'
import { mayAsk } from './actions.ts'
import { useLive } from './context.ts'
import { pauseForIncident } from './dialogs/incident.tsx'
import { splitTargets } from './model/mass.ts'
import { t } from './text.ts'

/** Stands above the tiles while an incident is open. */
export function IncidentBanner(): JSX.Element | null {
  const live = useLive()
  const { control, monitor } = live
  const { incident } = monitor.course.value
  void monitor.pulse.value
  if (!incident) return null
  const rows = monitor.all()
  const paused = splitTargets(rows, 'resume_after_incident', clock.now()).can.length
  const going = splitTargets(rows, 'pause_for_incident', clock.now()).can.length
  const by = monitor.detail.value?.staff.find((person) => person.user === incident.by)?.name ?? ''
  const may = mayAsk(live, 'close_incident')
  const actions = (
    <>
      {may && going > 0 ? (
        <Button size="dense" onClick={() => void pauseForIncident(live, incident.reason)}>
          {t('incident.pause.rest', { n: going })}
        </Button>
      ) : null}
      <a class="button dense" {...linkTo({ session: monitor.session, part: 'affected' })}>
        {t('incident.affected')}
      </a>
      {may ? (
        <Button
          size="dense"
          look="primary"
          onClick={() => (control.asking.value = { kind: 'close_incident' })}
        >
          {t('incident.close')}
        </Button>
      ) : null}
    </>
  )
  const time = formatMinute(incident.at_ms)
  return (
    <Banner tone="warn" live title={t('incident.open', { time, by })} actions={actions}>
      {incident.reason} {t('incident.counts', { paused, going })}
    </Banner>
  )
}

/** Stands there while an end is announced. */
export function EndBanner(): JSX.Element | null {
  const live = useLive()
  const { control, monitor } = live
  const { end } = monitor.course.value
  if (!end) return null
  const withdraw = async (): Promise<void> => {
    const refusal = await monitor.actOnSession({ kind: 'withdraw_end' })
    control.say(refusal ? refusalText(refusal) : t('ending.withdrawn'))
  }
  const left = Math.max(0, end.end_ms - now.value)
  return (
    <Banner
      icon="clock"
      live
      title={t('ending.title', { time: formatMinute(end.end_ms) })}
      actions={
        mayAsk(live, 'withdraw_end') ? (
          <Button size="dense" onClick={() => void withdraw()}>
            {t('ending.withdraw')}
          </Button>
        ) : undefined
      }
    >
      {end.reason} <span class="numbers">{t('ending.left', { left: formatSpan(left) })}</span>
    </Banner>
  )
}
