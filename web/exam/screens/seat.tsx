// Where the exam goes on: on another device, with the way to ask for it, or in another tab.
import type { JSX } from 'preact'
import type { Exam } from '@/exam/exam'
import { Page } from '@/exam/screens/page'
import { t } from '@/exam/text'
import { formatLength, formatMinute, now } from '@/lib/clock'
import { refusalText } from '@/lib/words'
import { Banner, Button, MarkShape } from '@/ui'

/** This device does not lead: it never did, or it did and another one goes on. */
export function SeatScreen({ exam }: { exam: Exam }): JSX.Element {
  const { seat } = exam
  const lost = seat.lost.value
  const contact = exam.info.support?.text
  const { name, number } = exam.info
  return (
    <Page
      title={t(lost ? 'seat.lost.title' : 'seat.title')}
      over={exam.info.session_name}
      exam={exam}
    >
      <p class="muted">{t('seat.who', { who: number ? `${name} (${number})` : name })}</p>
      <p>{t(lost ? 'seat.lost.text' : 'seat.text')}</p>
      <HandedIn exam={exam} />
      <Kept exam={exam} />
      {lost ? <p>{t('seat.lost.notYou')}</p> : null}
      {seat.state.value === 'asked' ? <Asked exam={exam} /> : <Ask exam={exam} />}
      {contact ? <p class="muted">{t('done.contact', { contact })}</p> : null}
    </Page>
  )
}

/** It was handed in here, which the exam that goes on elsewhere knows nothing of. */
function HandedIn({ exam }: { exam: Exam }): JSX.Element | null {
  const left = exam.handIn.left.value
  if (!left) return null
  return (
    <Banner tone="warn" live>
      <p>{t('seat.handIn', { time: formatMinute(left.at_ms) })}</p>
      <p>{t(left.told ? 'seat.handInTold' : 'seat.handInUntold')}</p>
    </Banner>
  )
}

/** What this device wrote and could not send before another one went on. */
function Kept({ exam }: { exam: Exam }): JSX.Element | null {
  const kept = exam.answers.waiting.value
  if (kept)
    return (
      <Banner tone="warn" live>
        {t('seat.kept', { n: kept })}
      </Banner>
    )
  return exam.seat.lost.value ? <p>{t('seat.keptNone')}</p> : null
}

function Ask({ exam }: { exam: Exam }): JSX.Element {
  const { seat } = exam
  const refusal = seat.refusal.value
  const declined = seat.state.value === 'declined'
  return (
    <>
      {declined ? (
        <Banner tone="warn" title={t('seat.declined')} live>
          {seat.note.value ? t('seat.declinedWhy', { note: seat.note.value }) : null}
        </Banner>
      ) : null}
      {refusal ? (
        <Banner tone="bad" live>
          {refusalText(refusal)}
        </Banner>
      ) : null}
      <Steps exam={exam} />
      <div>
        <Button look="primary" size="touch" onClick={() => void seat.ask()}>
          {t(declined ? 'seat.again' : seat.lost.value ? 'seat.back' : 'seat.ask')}
        </Button>
      </div>
    </>
  )
}

function Steps({ exam }: { exam: Exam }): JSX.Element {
  return (
    <section class="stack-small">
      <h2>{t('seat.next')}</h2>
      <ul class="plain-list">
        <li>{t('seat.next.asked')}</li>
        {exam.on('takeover_alone') ? <li>{t('seat.next.alone')}</li> : null}
        <li>{t('seat.next.answers')}</li>
        <li>{t('seat.next.other')}</li>
      </ul>
    </section>
  )
}

function Asked({ exam }: { exam: Exam }): JSX.Element {
  const at = exam.seat.askedMs.value
  const length = formatLength(now.value - at)
  return (
    <>
      <div class="big-state" role="status">
        <MarkShape mark="waiting" />
        <span>{t('seat.waiting')}</span>
      </div>
      <p class="muted numbers">{t('seat.since', { time: formatMinute(at), length })}</p>
      <p>{t(exam.on('takeover_alone') ? 'seat.next.alone' : 'seat.stay')}</p>
    </>
  )
}

/** Another tab of this browser has the exam. */
export function TabScreen({ onHere }: { onHere: () => void }): JSX.Element {
  return (
    <Page title={t('tab.title')}>
      <p>{t('tab.text')}</p>
      <p>{t('tab.closed')}</p>
      <div>
        <Button look="primary" size="touch" onClick={onHere}>
          {t('tab.here')}
        </Button>
      </div>
    </Page>
  )
}
