// What the page says about itself: the connection, whether answers are saved, what is recorded.
import type { JSX } from 'preact'
import type { Exam } from '@/exam/exam'
import { t } from '@/exam/text'
import { formatLength, formatTime, now } from '@/lib/clock'
import { listed } from '@/lib/i18n'
import { Banner, Button, Icon, type IconName } from '@/ui'

const RECORDED = ['webcam', 'screen', 'microphone', 'phone'] as const

/** A bar above everything while there is no connection. */
export function LinkBanner({ exam }: { exam: Exam }): JSX.Element | null {
  const state = exam.socket.state.value
  const closedBy = exam.socket.closedBy.value
  void now.value
  // Whoever has the exam instead, or has handed in, is told so by a screen of its own.
  if (closedBy === 'other_window' || closedBy === 'other_device') return null
  if (exam.handIn.state.value !== 'no') return null
  if (state === 'refused')
    return (
      <Banner
        tone="bad"
        live
        title={t('link.refused')}
        actions={<Button onClick={() => location.reload()}>{t('link.reload')}</Button>}
      >
        {t('link.refusedText', { what: exam.socket.refusal.value })}
      </Banner>
    )
  const age = exam.socket.silentMs()
  // When the time is over there is nothing to go on with; that screen says the rest.
  const over = exam.state.value === 'active' && exam.leftMs.value <= 0
  if (state !== 'offline' || exam.load.value !== 'ready' || age < 2000 || over) return null
  return (
    // Changes each second: a place of its own, not read out each time.
    <aside aria-label={t('link.offline')}>
      <Banner tone="warn" icon="offline" title={t('link.offline')}>
        {t('link.offlineText', { length: formatLength(age) })}{' '}
        {exam.on('credit_outage') ? t('link.offlineCredit') : null}{' '}
        {exam.guessed.value ? t('link.guessed') : null}
      </Banner>
    </aside>
  )
}

export function LinkState({ exam }: { exam: Exam }): JSX.Element {
  const state = exam.socket.state.value
  const icon: IconName = state === 'live' ? 'network' : state === 'delayed' ? 'network' : 'offline'
  return (
    <span class={`status status-${state}`} role="status">
      <Icon name={icon} />
      <span>{t(`link.${state}`)}</span>
    </span>
  )
}

interface Save {
  text: string
  tone: 'good' | 'busy' | 'warn'
}

export function saveState(exam: Exam): Save {
  const { answers } = exam
  const refused = answers.refused.value.length
  const waiting = answers.waiting.value
  const offline = exam.socket.state.value !== 'live'
  if (refused) return { text: t('save.refused', { n: refused }), tone: 'warn' }
  if (waiting && !answers.durable) return { text: t('save.memory', { n: waiting }), tone: 'warn' }
  const kept = waiting && answers.kept.value
  if (kept && exam.held.value) return { text: t('save.held', { n: waiting }), tone: 'warn' }
  if (kept && offline) return { text: t('save.kept', { n: waiting }), tone: 'warn' }
  if (waiting || answers.sending.value) return { text: t('save.sending'), tone: 'busy' }
  const at = answers.savedAt.value
  if (!at) return { text: t('save.none'), tone: 'good' }
  return { text: t('save.saved', { time: formatTime(at) }), tone: 'good' }
}

export function SaveState({ exam }: { exam: Exam }): JSX.Element {
  const { text, tone } = saveState(exam)
  const icon: IconName = tone === 'good' ? 'check' : tone === 'busy' ? 'clock' : 'warn'
  return (
    <span class={`status status-${tone}`} data-testid="save-state">
      <Icon name={icon} />
      <span class="numbers">{text}</span>
    </span>
  )
}

const recorded = (exam: Exam): string =>
  listed(RECORDED.filter((name) => exam.on(name)).map((name) => t(`watch.${name}`)))

/** This device records nothing, or not yet: what the phone does. */
function phoneText(exam: Exam, what: string): string {
  if (!exam.phonePaired.value) return t('watch.starting', { what })
  return exam.phone.state.value?.connected ? t('watch.recorded', { what }) : t('watch.behind')
}

export function watchText(exam: Exam): string {
  const what = recorded(exam)
  if (!what) return t('watch.nothing')
  const state = exam.capture.evidence.value
  if (!state) return phoneText(exam, what)
  if (Object.values(state.tracks).includes('failed')) return t('watch.failed')
  if (state.link === 'offline' || state.link === 'full') return t('watch.behind')
  const who = state.watchers ? t('watch.some', { n: state.watchers }) : t('watch.nobody')
  return `${t('watch.recorded', { what })}, ${who}`
}

export function WatchState({ exam }: { exam: Exam }): JSX.Element {
  const watchers = exam.capture.evidence.value?.watchers ?? 0
  return (
    <span class={`status ${watchers ? 'status-watched' : ''}`}>
      <Icon name={watchers ? 'eye' : 'camera'} />
      <span>{watchText(exam)}</span>
    </span>
  )
}
