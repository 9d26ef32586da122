// C10: waiting to be let in and for the start. Moves on by itself.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { DoorState } from '@/exam/screens/door'
import { ChatPanel, HelpDrawer, Place } from '@/exam/screens/help'
import { asksAgain, asksAtDoor, Page } from '@/exam/screens/page'
import { Picture } from '@/exam/screens/picture'
import { ShareAgain } from '@/exam/screens/share'
import { WatchState } from '@/exam/screens/status'
import { sources } from '@/exam/sources'
import { t } from '@/exam/text'
import { formatLength, formatMoment, now } from '@/lib/clock'
import { Banner, Button, Icon, MarkShape } from '@/ui'

function what(exam: Exam): string {
  if (asksAgain(exam)) return t('lobby.again')
  if (exam.on('waiting_room') && !exam.admitted.value) return t('lobby.forProctor')
  if (exam.admitted.value && !exam.sessionRunning.value && exam.on('start_by_proctor'))
    return t('lobby.admitted')
  return t('lobby.forStart')
}

function Start({ exam }: { exam: Exam }): JSX.Element {
  const starts = exam.startsMs.value
  const left = starts - now.value
  return (
    <p>
      {t('lobby.starts')}: <strong class="numbers">{formatMoment(starts)}</strong>
      {left > 0 ? (
        <> ({t('lobby.in', { length: formatLength(left) })})</>
      ) : exam.sessionRunning.value ? null : (
        <> – {t('lobby.now')}</>
      )}
    </p>
  )
}

function Done({ exam }: { exam: Exam }): JSX.Element {
  const lines = [t('lobby.done.consent'), t('lobby.done.checks'), t('lobby.done.ready')]
  if (exam.admitted.value) lines.push(t('lobby.done.admitted'))
  return (
    <section class="stack-small">
      <h2>{t('lobby.done')}</h2>
      <ul class="done-list">
        {lines.map((line) => (
          <li key={line}>
            <Icon name="check" /> {line}
          </li>
        ))}
      </ul>
    </section>
  )
}

export function LobbyScreen({ exam, told }: { exam: Exam; told: JSX.Element }): JSX.Element {
  const [help, setHelp] = useState(false)
  const [stuck, setStuck] = useState(false)
  const camera = sources.webcam.stream.value
  return (
    <Page title={t('lobby.title')} over={exam.info.session_name} step="lobby" exam={exam} wide>
      <div class="lobby">
        <div class="stack">
          {told}
          <div class="big-state" role="status">
            <MarkShape mark="waiting" />
            <span>{what(exam)}</span>
          </div>
          {exam.on('waiting_room') && !exam.admitted.value ? (
            <Place exam={exam} request={1} />
          ) : null}
          <Start exam={exam} />
          {exam.capture.missing.value.length ? (
            <Banner tone="warn" title={t('lobby.shareAgain')}>
              <ShareAgain exam={exam} />
            </Banner>
          ) : null}
          {asksAtDoor(exam) ? <DoorState exam={exam} /> : null}
          <Done exam={exam} />
          <p class="muted">{t('lobby.place')}</p>
          <div class="row">
            <Button icon="help" size="touch" onClick={() => setHelp(true)}>
              {t('top.help')}
            </Button>
            <Button
              look="quiet"
              size="touch"
              onClick={() => {
                exam.socket.redial()
                setStuck(true)
              }}
            >
              {t('lobby.stuck')}
            </Button>
          </div>
          {stuck ? (
            <p class="muted" role="status">
              {t('lobby.stuckDone')}
            </p>
          ) : null}
        </div>
        <div class="stack">
          {camera ? <Picture stream={camera} label={t('lobby.self')} /> : null}
          <p>
            <WatchState exam={exam} />
          </p>
          {exam.chat.value.length ? (
            <section class="card stack-small">
              <h2>{t('lobby.messages')}</h2>
              <ChatPanel exam={exam} />
            </section>
          ) : null}
        </div>
      </div>
      <HelpDrawer exam={exam} open={help} onClose={() => setHelp(false)} />
    </Page>
  )
}
