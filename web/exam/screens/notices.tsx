// Short lines between the top bar and the question: never above the question itself.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { later } from '@/exam/later'
import { problemText } from '@/exam/screens/share'
import { sources } from '@/exam/sources'
import { t } from '@/exam/text'
import { formatLength, formatMinute } from '@/lib/clock'
import { flags, type Flag } from '@/lib/gen/words'
import { Banner, Button } from '@/ui'

const PhoneNotice = later(() => import('@/exam/screens/phone').then((m) => m.PhoneNotice))

const MINUTE_MS = 60000

export function Notices({ exam, onHelp }: { exam: Exam; onHelp: () => void }): JSX.Element {
  return (
    <div class="notices">
      <DeviceNotice exam={exam} onHelp={onHelp} />
      <MessageNotice exam={exam} onHelp={onHelp} />
      <MicrophoneNotice exam={exam} />
      {exam.phone.state.value?.connected === false && exam.on('phone') ? (
        <PhoneNotice exam={exam} />
      ) : null}
      <PauseNotice exam={exam} />
      <TimeNotice exam={exam} />
      <AlertNotice exam={exam} />
      {exam.leftMs.value > 0 && exam.leftMs.value <= MINUTE_MS ? (
        <Banner tone="warn" icon="clock" live>
          {t('time.minute')}
        </Banner>
      ) : null}
    </div>
  )
}

/** Another device asks to go on: whoever did not do that says so. */
function DeviceNotice({ exam, onHelp }: { exam: Exam; onHelp: () => void }): JSX.Element | null {
  const at = exam.takeoverAsked.value
  if (!at) return null
  return (
    <Banner
      tone="warn"
      title={t('seat.asks')}
      live
      actions={<Button onClick={onHelp}>{t('seat.tell')}</Button>}
    >
      {t('seat.asksText', { time: formatMinute(at) })}
    </Banner>
  )
}

function MessageNotice({ exam, onHelp }: { exam: Exam; onHelp: () => void }): JSX.Element | null {
  const newest = exam.chat.value.filter((line) => !line.mine).at(-1)
  if (!exam.unread.value || !newest) return null
  return (
    <Banner
      icon="chat"
      title={t('help.message')}
      live
      actions={<Button onClick={onHelp}>{t('help.open')}</Button>}
    >
      {newest.text}
    </Banner>
  )
}

/** Without it the exam goes on, but the loss is on record: so it is said, with the way back. */
function MicrophoneNotice({ exam }: { exam: Exam }): JSX.Element | null {
  const [problem, setProblem] = useState('')
  if (!exam.on('microphone') || sources.microphone.stream.value) return null
  const again = async (): Promise<void> => {
    const got = await exam.share('microphone')
    setProblem(got.ok ? '' : problemText('microphone', got.problem))
  }
  return (
    <Banner
      tone="warn"
      icon="microphone"
      title={t('microphone.lost')}
      live
      actions={<Button onClick={() => void again()}>{t('microphone.again')}</Button>}
    >
      {problem || t('microphone.lostText')}
    </Banner>
  )
}

function PauseNotice({ exam }: { exam: Exam }): JSX.Element | null {
  const answer = exam.pauseAnswer.value
  if (!answer || answer.approved) return null
  return (
    <Banner
      icon="pause"
      live
      actions={<Button onClick={() => (exam.pauseAnswer.value = null)}>{t('help.dismiss')}</Button>}
    >
      {answer.note ? t('help.pauseNoNote', { note: answer.note }) : t('help.pauseNo')}
    </Banner>
  )
}

function TimeNotice({ exam }: { exam: Exam }): JSX.Element | null {
  const [closed, setClosed] = useState<object | null>(null)
  const given = exam.timeGiven.value
  if (!given || given === closed) return null
  const length = formatLength(given.ms)
  return (
    <Banner
      tone="good"
      icon="clock"
      live
      actions={<Button onClick={() => setClosed(given)}>{t('help.dismiss')}</Button>}
    >
      {given.reason
        ? t('time.givenWhy', { length, reason: given.reason })
        : t('time.given', { length })}
    </Banner>
  )
}

function AlertNotice({ exam }: { exam: Exam }): JSX.Element | null {
  const flag = exam.alert.value as Flag | ''
  if (!flag) return null
  return (
    <Banner
      live
      actions={<Button onClick={() => (exam.alert.value = '')}>{t('alert.dismiss')}</Button>}
    >
      {t('alert.text', { what: flags[flag].word })}
    </Banner>
  )
}
