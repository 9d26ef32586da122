// Which screen: from the code to the result. The state of the attempt decides, as the core says it.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Exam } from '@/exam/exam'
import { takeLead, type Lead } from '@/exam/lead'
import { later } from '@/exam/later'
import { ConsentScreen } from '@/exam/screens/consent'
import { DoneScreen, NotInScreen } from '@/exam/screens/done'
import { DoorScreen } from '@/exam/screens/door'
import { ExamScreen } from '@/exam/screens/exam'
import { CodeScreen } from '@/exam/screens/join'
import { LobbyScreen } from '@/exam/screens/lobby'
import { asksAtDoor, Page } from '@/exam/screens/page'
import { ReadyScreen } from '@/exam/screens/ready'
import { SeatScreen, TabScreen } from '@/exam/screens/seat'
import { t } from '@/exam/text'
import { api, type Refused } from '@/lib/api'
import type { ExamInfo, Me } from '@/lib/types'
import { ErrorState, Loading } from '@/ui'

type Stage =
  | { at: 'opening' }
  | { at: 'code'; code: string; name: string }
  | { at: 'failed'; why: Refused }
  | { at: 'exam'; exam: Exam }
  | { at: 'tab'; info: ExamInfo; offline: boolean }

const ChecksScreen = later(() => import('@/exam/screens/checks').then((m) => m.ChecksScreen))

const stage = signal<Stage>({ at: 'opening' })
/** Which step of the set-up is shown, once consent is given. */
const step = signal<'checks' | 'door' | 'ready'>('checks')

const codeOfAddress = (): string => new URLSearchParams(location.search).get('code') ?? ''

let lead: Lead | undefined

async function open(): Promise<void> {
  stage.value = { at: 'opening' }
  const me = await api<Me>('me')
  const code = codeOfAddress()
  if (!me.ok) return openRemembered(me)
  if (!me.value.attempt || code)
    return void (stage.value = { at: 'code', code, name: me.value.name ?? '' })
  await openExam()
}

/** Without the server: what this device remembers of the exam that was opened last. */
async function openRemembered(why: Refused): Promise<void> {
  const info = why.refusal === 'OFFLINE' ? await Exam.remembered() : null
  if (info) await leadExam(info, true)
  else stage.value = { at: 'failed', why }
}

async function openExam(then?: (exam: Exam) => void): Promise<void> {
  const info = await api<ExamInfo>('exam')
  if (!info.ok) return openRemembered(info)
  await leadExam(info.value, false, { then })
}

/** One tab of this browser leads; another one says so, and goes on when it may. */
async function leadExam(
  info: ExamInfo,
  offline: boolean,
  options: { steal?: boolean; then?: ((exam: Exam) => void) | undefined } = {},
): Promise<void> {
  document.title = `${info.session_name} · Invigil`
  lead?.release()
  lead = takeLead(
    info.attempt,
    {
      lead: () => void startExam(info, offline, options.then),
      other: () => {
        leave()
        stage.value = { at: 'tab', info, offline }
      },
    },
    options.steal,
  )
}

async function startExam(
  info: ExamInfo,
  offline: boolean,
  then?: (exam: Exam) => void,
): Promise<void> {
  try {
    const exam = await Exam.open(info, offline)
    stage.value = { at: 'exam', exam }
    then?.(exam)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    stage.value = { at: 'failed', why: { ok: false, refusal: 'FAULT', text, detail: {} } }
  }
}

/** The code is not needed in the address any more, and a reload should open the exam. */
async function joined(takeOver: boolean): Promise<void> {
  history.replaceState(null, '', '/exam/')
  stage.value = { at: 'opening' }
  await openExam(takeOver ? (exam) => void exam.seat.ask() : undefined)
}

function leave(): void {
  const before = stage.value
  if (before.at === 'exam') before.exam.close()
}

function otherCode(): void {
  leave()
  lead?.release()
  stage.value = { at: 'code', code: '', name: '' }
}

function ExamStage({ exam }: { exam: Exam }): JSX.Element {
  if (exam.core.broken.value) return <Broken />
  if (exam.socket.closedBy.value === 'other_window')
    return <TabScreen onHere={() => location.reload()} />
  const seat = exam.seat.state.value
  if (seat !== 'here' && seat !== 'unknown') return <SeatScreen exam={exam} />
  if (exam.load.value !== 'ready') return <Opening exam={exam} />
  const state = exam.state.value
  const over = state === 'ended' || exam.cancelled.value
  if (over && !exam.hasBegun.value) return <NotInScreen exam={exam} onOther={otherCode} />
  switch (state) {
    case 'active':
      return <ExamScreen exam={exam} told={<Told exam={exam} />} />
    case 'waiting':
      return <LobbyScreen exam={exam} told={<Told exam={exam} />} />
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

type ToldPart = typeof import('@/exam/told/told')

/** What staff told, once there is any; the part of the page for it comes then. */
function Told({ exam }: { exam: Exam }): JSX.Element | null {
  const [part, setPart] = useState<ToldPart | null>(null)
  const any = exam.told.value.length > 0
  useEffect(() => {
    if (any) void import('@/exam/told/told').then(setPart)
  }, [any])
  return part ? <part.Told exam={exam} /> : null
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
  const next = asksAtDoor(exam) ? 'door' : 'ready'
  if (step.value === 'checks')
    return <ChecksScreen exam={exam} onDone={() => (step.value = next)} />
  if (step.value === 'door')
    return (
      <DoorScreen
        exam={exam}
        onBack={() => (step.value = 'checks')}
        onDone={() => (step.value = 'ready')}
      />
    )
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
    case 'tab':
      return <TabScreen onHere={() => void leadExam(now.info, now.offline, { steal: true })} />
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
