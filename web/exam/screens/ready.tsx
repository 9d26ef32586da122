// C9: the rules in a few lines, and "I am ready".
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { enterFullscreen } from '@/exam/fullscreen'
import type { Exam } from '@/exam/exam'
import { Page } from '@/exam/screens/page'
import { t } from '@/exam/text'
import { formatLength } from '@/lib/clock'
import { refusalText } from '@/lib/words'
import { Banner, Button, CheckField } from '@/ui'

function rules(exam: Exam): string[] {
  const all = [t('ready.rule.own')]
  for (const setting of ['screen', 'webcam', 'fullscreen', 'focus'] as const)
    if (exam.on(setting)) all.push(t(`ready.rule.${setting}`))
  return all
}

function help(exam: Exam): string[] {
  const all = [t('ready.help.save'), t('ready.help.hand'), t('ready.help.break')]
  if (exam.on('credit_pause')) all.push(t('ready.help.clockPause'))
  if (exam.on('credit_outage')) {
    const length = formatLength(exam.setting('outage_credit_max_ms'))
    all.push(t('ready.help.clockOutage', { length }))
  }
  const waits = exam.on('limit_for_session') && exam.on('waiting_room')
  if (waits && exam.on('credit_waiting')) all.push(t('ready.help.clockWaiting'))
  all.push(t(exam.on('takeover_alone') ? 'ready.help.deviceAlone' : 'ready.help.device'))
  return all
}

export function ReadyScreen({ exam, onBack }: { exam: Exam; onBack: () => void }): JSX.Element {
  const [read, setRead] = useState(false)
  const [missing, setMissing] = useState(false)
  const [refused, setRefused] = useState('')
  const [busy, setBusy] = useState(false)
  const waitsFor = exam.readyRefusal.value

  const send = async (): Promise<void> => {
    if (!read) return setMissing(true)
    // A click is the only moment at which a page may go to full screen.
    if (exam.on('fullscreen')) void enterFullscreen()
    setBusy(true)
    const reply = await exam.ready()
    setBusy(false)
    if (reply.refusal) setRefused(refusalText(reply.refusal))
  }

  return (
    <Page title={t('ready.title')} over={exam.info.session_name} step="ready" exam={exam}>
      <section class="stack-small">
        <h2>{t('ready.rules')}</h2>
        <ul class="plain-list">
          {rules(exam).map((rule) => (
            <li key={rule}>{rule}</li>
          ))}
        </ul>
      </section>
      <section class="stack-small">
        <h2>{t('ready.allowed')}</h2>
        <ul class="plain-list">
          {help(exam).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </section>
      <CheckField
        label={t('ready.confirm')}
        checked={read}
        error={missing && !read ? t('ready.missing') : undefined}
        onChange={setRead}
      />
      {refused || waitsFor ? (
        <Banner tone="warn" live>
          {refused || refusalText(waitsFor)}
        </Banner>
      ) : null}
      <div class="row">
        <Button look="primary" size="touch" busy={busy} onClick={() => void send()}>
          {t('ready.go')}
        </Button>
        <Button look="quiet" size="touch" onClick={onBack}>
          {t('ready.back')}
        </Button>
      </div>
    </Page>
  )
}
