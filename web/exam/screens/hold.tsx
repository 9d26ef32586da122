// C12: what is shown instead of the questions while the exam is held, and the way back to full screen.
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { enterFullscreen } from '@/exam/fullscreen'
import type { Exam } from '@/exam/exam'
import { ChatPanel } from '@/exam/screens/help'
import { ShareAgain } from '@/exam/screens/share'
import { t } from '@/exam/text'
import { formatLength, formatMinute, now } from '@/lib/clock'
import type { ShownHold } from '@/lib/words'
import { Banner, Button, MarkShape } from '@/ui'

const titles = {
  paused: 'hold.paused.title',
  locked: 'hold.locked.title',
  system_paused: 'hold.system.title',
} as const

export function HoldScreen({ exam, hold }: { exam: Exam; hold: ShownHold }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [hold])
  const { reason, by, at_ms } = exam.hold.value[hold]
  return (
    <main class="hold" id="question">
      <div class="hold-head">
        <MarkShape mark={hold} />
        <h2 ref={heading} tabIndex={-1}>
          {t(titles[hold])}
        </h2>
      </div>
      {hold === 'system_paused' ? <Repair exam={exam} /> : <Decided hold={hold} />}
      {reason ? (
        <blockquote class="card">
          <p class="muted small">{by ? t('hold.reasonBy', { name: by }) : t('hold.reason')}</p>
          <p>{reason}</p>
        </blockquote>
      ) : null}
      {by && !reason ? <p>{t('hold.by', { name: by })}</p> : null}
      <p class="muted">
        {at_ms
          ? `${t('hold.since', { time: formatMinute(at_ms), length: formatLength(now.value - at_ms) })}. `
          : null}
        {t(exam.clockRuns.value ? 'hold.clockRuns' : 'hold.clockStopped')}
      </p>
      {hold === 'system_paused' ? null : <Next exam={exam} hold={hold} />}
    </main>
  )
}

function Decided({ hold }: { hold: 'paused' | 'locked' }): JSX.Element {
  return <p>{t(hold === 'paused' ? 'hold.paused.text' : 'hold.locked.text')}</p>
}

function Repair({ exam }: { exam: Exam }): JSX.Element {
  const missing = exam.capture.missing.value
  const what =
    missing.length > 1
      ? 'hold.system.both'
      : missing[0] === 'webcam'
        ? 'hold.system.webcam'
        : 'hold.system.screen'
  if (!missing.length) return <p role="status">{t('hold.system.wait')}</p>
  return (
    <>
      <p>{t(what)}</p>
      <ShareAgain exam={exam} autofocus />
    </>
  )
}

const EXPLANATIONS = [
  'hold.explain.1',
  'hold.explain.2',
  'hold.explain.3',
  'hold.explain.4',
] as const

function Next({ exam, hold }: { exam: Exam; hold: 'paused' | 'locked' }): JSX.Element {
  return (
    <>
      <section class="stack-small">
        <h3>{t('hold.next')}</h3>
        <p>{t(hold === 'paused' ? 'hold.paused.next' : 'hold.locked.next')}</p>
      </section>
      {hold === 'locked' ? <Explain exam={exam} /> : null}
      <section class="stack-small">
        <h3>{t('hold.chat')}</h3>
        <ChatPanel exam={exam} />
      </section>
    </>
  )
}

function Explain({ exam }: { exam: Exam }): JSX.Element {
  if (exam.explained.value)
    return (
      <Banner tone="good" live>
        {t('hold.explained')}
      </Banner>
    )
  return (
    <section class="stack-small">
      <h3>{t('hold.explain')}</h3>
      <div class="row">
        {EXPLANATIONS.map((key) => (
          <Button key={key} onClick={() => void exam.ask({ kind: 'explain', text: t(key) })}>
            {t(key)}
          </Button>
        ))}
      </div>
    </section>
  )
}

/** Between the last second and the server's word that it is over. */
export function TimeOver({ exam }: { exam: Exam }): JSX.Element {
  const waiting = exam.answers.waiting.value
  const live = exam.socket.state.value === 'live' || exam.socket.state.value === 'delayed'
  // The last letters need not wait for a rest.
  useEffect(() => exam.answers.flush(), [])
  return (
    <main class="hold" id="question">
      <h2>{t('over.title')}</h2>
      {live ? (
        <>
          <p>{t('over.text')}</p>
          {waiting ? <p>{t('submit.waiting', { n: waiting })}</p> : null}
        </>
      ) : (
        <OverOffline exam={exam} waiting={waiting} />
      )}
    </main>
  )
}

/** Nobody but the server can say that it is over; until then this device keeps what it has. */
function OverOffline({ exam, waiting }: { exam: Exam; waiting: number }): JSX.Element {
  const late = exam.setting('late_arrival_ms')
  return (
    <>
      <p>{t('over.offline')}</p>
      {exam.on('credit_outage') ? <p>{t('over.credit')}</p> : null}
      {waiting && late ? (
        <p>{t('over.late', { n: waiting, length: formatLength(late) })}</p>
      ) : (
        <p>{t(waiting ? 'over.keep' : 'over.saved')}</p>
      )}
    </>
  )
}

export function FullscreenAsk({ exam }: { exam: Exam }): JSX.Element {
  const begun = exam.answers.savedAt.value !== 0 || exam.seen.value.size > 1
  return (
    <main class="hold" id="question">
      <h2>{t(begun ? 'full.title' : 'full.start')}</h2>
      <p>{t(begun ? 'full.text' : 'full.startText')}</p>
      <div>
        <Button
          look="primary"
          size="touch"
          icon="fullscreen"
          autofocus
          onClick={() => void enterFullscreen()}
        >
          {t('full.go')}
        </Button>
      </div>
    </main>
  )
}
