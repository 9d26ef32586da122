// Which screen: from the code to the result. The state of the attempt decides, as the core says it.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Exam } from '@/exam/exam'
import { ChecksScreen } from '@/exam/screens/checks'
import { ConsentScreen } from '@/exam/screens/consent'
import { DoneScreen, NotInScreen } from '@/exam/screens/done'
import { ExamScreen } from '@/exam/screens/exam'
import { CodeScreen } from '@/exam/screens/join'
import { LobbyScreen } from '@/exam/screens/lobby'
import { ReadyScreen } from '@/exam/screens/ready'
import { Page } from '@/exam/screens/page'
import { t } from '@/exam/text'
import { api, type Refused } from '@/lib/api'
import type { ExamInfo, Me } from '@/lib/types'
import { ErrorState, Loading } from '@/ui'

type Stage =
  | { at: 'opening' }
  | { at: 'code'; code: string; name: string }
  | { at: 'failed'; why: Refused }
  | { at: 'exam'; exam: Exam }

const stage = signal<Stage>({ at: 'opening' })
/** Which step of the set-up is shown, once consent is given. */
const step = signal<'checks' | 'ready'>('checks')

const codeOfAddress = (): string => new URLSearchParams(location.search).get('code') ?? ''

async function open(): Promise<void> {
  stage.value = { at: 'opening' }
  const me = await api<Me>('me')
  if (!me.ok) return void (stage.value = { at: 'failed', why: me })
  const code = codeOfAddress()
  if (!me.value.attempt || code)
    return void (stage.value = { at: 'code', code, name: me.value.name ?? '' })
  await openExam()
}

async function openExam(): Promise<void> {
  const info = await api<ExamInfo>('exam')
  if (!info.ok) return void (stage.value = { at: 'failed', why: info })
  document.title = `${info.value.session_name} · Invigil`
  try {
    stage.value = { at: 'exam', exam: await Exam.open(info.value) }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    stage.value = { at: 'failed', why: { ok: false, refusal: 'FAULT', text, detail: {} } }
  }
}

/** The code is not needed in the address any more, and a reload should open the exam. */
async function joined(): Promise<void> {
  history.replaceState(null, '', location.pathname)
  stage.value = { at: 'opening' }
  await openExam()
}

function otherCode(): void {
  const before = stage.value
  if (before.at === 'exam') before.exam.close()
  stage.value = { at: 'code', code: '', name: '' }
}

function ExamStage({ exam }: { exam: Exam }): JSX.Element {
  if (exam.core.broken.value) return <Broken />
  if (exam.load.value !== 'ready') return <Opening exam={exam} />
  const state = exam.state.value
  const over = state === 'ended' || exam.cancelled.value
  if (over && !exam.hasBegun.value) return <NotInScreen exam={exam} onOther={otherCode} />
  switch (state) {
    case 'active':
      return <ExamScreen exam={exam} />
    case 'waiting':
      return <LobbyScreen exam={exam} />
    case 'submitted':
    case 'ended':
      return <DoneScreen exam={exam} onOther={otherCode} />
    case 'refused':
    case 'absent':
      return <NotInScreen exam={exam} onOther={otherCode} />
    default:
      return <SetupStage exam={exam} />
  }
}

function Broken(): JSX.Element {
  return (
    <Page title={t('title')}>
      <ErrorState title={t('failed.title')} onRetry={() => location.reload()}>
        <p>{t('failed.safe')}</p>
      </ErrorState>
    </Page>
  )
}

function SetupStage({ exam }: { exam: Exam }): JSX.Element {
  useEffect(() => {
    if (exam.askedAgain.value) step.value = 'checks'
  }, [exam.askedAgain.value])
  if (!exam.consented.value) return <ConsentScreen exam={exam} />
  if (step.value === 'checks')
    return <ChecksScreen exam={exam} onDone={() => (step.value = 'ready')} />
  return <ReadyScreen exam={exam} onBack={() => (step.value = 'checks')} />
}

function Opening({ exam }: { exam?: Exam }): JSX.Element {
  const refused = exam?.socket.state.value === 'refused'
  return (
    <Page title={exam?.info.session_name ?? t('title')}>
      {refused ? (
        <ErrorState title={t('failed.title')} onRetry={() => location.reload()}>
          <p>{exam?.socket.refusal.value}</p>
          <p>{t('failed.safe')}</p>
        </ErrorState>
      ) : (
        <Loading what={t('loading')} />
      )}
    </Page>
  )
}

export function App(): JSX.Element {
  useEffect(() => void open(), [])
  const now = stage.value
  switch (now.at) {
    case 'opening':
      return <Opening />
    case 'code':
      return <CodeScreen code={now.code} name={now.name} onJoined={joined} />
    case 'exam':
      return <ExamStage exam={now.exam} />
    case 'failed':
      return (
        <Page title={t('title')}>
          <ErrorState title={t('failed.title')} onRetry={() => void open()}>
            <p>{now.why.text}</p>
            <p>{t('failed.safe')}</p>
          </ErrorState>
        </Page>
      )
  }
}
