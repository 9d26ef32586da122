// What staff tell: a warning that must be read, an incident, the announced end. Short lines above the exam, and
// one dialog over it.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { formatMinute, formatSpan, now } from '@/lib/clock'
import type { EventOf } from '@/lib/gen/wire'
import { Banner, Button, Dialog } from '@/ui'
import { toldNow } from './now.ts'
import { t } from './text.ts'

const closed = signal(0)
/** What was over longer ago is no news to whoever opens the page. */
const NEWS_MS = 600_000

function Warning({ exam, warning }: { exam: Exam; warning: EventOf<'warned'> }): JSX.Element {
  const [busy, setBusy] = useState(false)
  const step = warning.step === 1 || warning.step === 2 ? warning.step : 3
  const read = async (): Promise<void> => {
    if (busy) return
    setBusy(true)
    await exam.ask({ kind: 'acknowledge_warning', step: warning.step })
    setBusy(false)
  }
  return (
    <Dialog
      open
      alert
      title={t(`warning.${step}`)}
      actions={
        <Button look="primary" size="touch" busy={busy} onClick={() => void read()}>
          {t('warning.read')}
        </Button>
      }
    >
      <div class="stack">
        <blockquote class="card">{warning.reason}</blockquote>
        {step === 3 ? <p>{t('warning.final')}</p> : null}
        <p class="muted">{t('warning.help')}</p>
      </div>
    </Dialog>
  )
}

export function Told({ exam }: { exam: Exam }): JSX.Element {
  const { warning, incident, over, end } = toldNow(exam.told.value)
  return (
    <div class="notices">
      {incident ? (
        <Banner tone="warn" live title={t('incident')}>
          {incident.reason} {t('incident.safe')}
        </Banner>
      ) : null}
      {over && over.at_ms > Math.max(closed.value, now.value - NEWS_MS) ? (
        <Banner
          tone="good"
          live
          title={t('incident.over')}
          actions={<Button onClick={() => (closed.value = over.at_ms)}>{t('ok')}</Button>}
        >
          {over.note} {t('incident.over.text')}
        </Banner>
      ) : null}
      {end ? (
        <Banner
          tone="warn"
          icon="clock"
          live
          title={t('ending', { time: formatMinute(end.end_ms) })}
        >
          {end.reason} {t('ending.left', { left: formatSpan(Math.max(0, end.end_ms - now.value)) })}
        </Banner>
      ) : null}
      {warning ? <Warning key={warning.step} exam={exam} warning={warning} /> : null}
    </div>
  )
}
