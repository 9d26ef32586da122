// The phone in the list of checks, and again when it is lost: the code to scan, and how the phone is.
import { encode } from 'uqr'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { t } from '@/exam/text'
import { api } from '@/lib/api'
import { clock, now } from '@/lib/clock'
import { Banner, Button, Icon, type IconName } from '@/ui'

interface Ticket {
  ticket: string
  expires_ms: number
}

/** What is behind # never reaches a server: the session's key comes from this page to the phone. */
function addressOf(exam: Exam, { ticket }: Ticket): string {
  return `${location.origin}/phone/#${ticket}.${exam.info.public_key}`
}

function Code({ address }: { address: string }): JSX.Element {
  const { data, size } = encode(address, { ecc: 'M', border: 4 })
  const path = data
    .flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t('phone.code')}>
      <rect width={size} height={size} class="qr-paper" />
      <path d={path} class="qr-ink" />
    </svg>
  )
}

function Invitation({ exam }: { exam: Exam }): JSX.Element {
  const [ticket, setTicket] = useState<Ticket | null>(null)
  const [problem, setProblem] = useState('')
  const ask = async (): Promise<void> => {
    const answer = await api<Ticket>('exam_phone')
    setTicket(answer.ok ? answer.value : null)
    setProblem(answer.ok ? '' : answer.text)
  }
  const over = ticket !== null && now.value >= ticket.expires_ms
  // A code that is too old is replaced while somebody looks at it.
  useEffect(() => void ask(), [over])
  if (problem)
    return (
      <Banner
        tone="bad"
        live
        actions={<Button onClick={() => void ask()}>{t('checks.retry')}</Button>}
      >
        {problem}
      </Banner>
    )
  if (!ticket) return <p class="muted">{t('phone.making')}</p>
  const address = addressOf(exam, ticket)
  const minutes = Math.max(1, Math.round((ticket.expires_ms - clock.now()) / 60_000))
  return (
    <div class="invitation">
      <Code address={address} />
      <div class="stack-small">
        <ol>
          <li>{t('phone.step.scan')}</li>
          <li>{t('phone.step.allow')}</li>
          <li>{t('phone.step.place')}</li>
        </ol>
        <p class="muted small">{t('phone.valid', { n: minutes })}</p>
        <details>
          <summary>{t('phone.address')}</summary>
          <p class="small phone-address" data-testid="phone-address">
            {address}
          </p>
        </details>
      </div>
    </div>
  )
}

const problems = [
  '',
  'phone.problem.picture',
  'phone.problem.dark',
  'phone.problem.hidden',
] as const

function words(exam: Exam): { icon: IconName; tone: string; word: string; text: string } {
  const state = exam.phone.state.value
  if (!state?.connected) {
    const paired = exam.phonePaired.value
    const text = t(paired ? 'phone.lostText' : 'phone.intro')
    const word = t(paired ? 'phone.lost' : 'checks.waiting')
    return { icon: paired ? 'offline' : 'clock', tone: paired ? 'bad' : '', word, text }
  }
  const problem = problems[state.problem]
  if (problem) return { icon: 'warn', tone: 'warn', word: t('phone.move'), text: t(problem) }
  const battery = state.battery <= 100 ? t('phone.battery', { n: state.battery }) : ''
  const text = [t('phone.fine'), battery].filter(Boolean).join(' ')
  return { icon: 'check', tone: 'good', word: t('phone.connected'), text }
}

/** A row as those of the other checks. */
export function PhoneRow({ exam }: { exam: Exam }): JSX.Element {
  const { icon, tone, word, text } = words(exam)
  const there = exam.phone.state.value?.connected === true
  return (
    <li class={`card check-row ${tone}`} data-check="phone">
      <span class="check-icon">
        <Icon name="phone" size="1.5em" />
      </span>
      <div class="stack-small">
        <div class="row row-apart">
          <h2>{t('phone.title')}</h2>
          <span class="check-state" role="status">
            <Icon name={icon} /> {word}
          </span>
        </div>
        <p>{text}</p>
        {there ? null : <Invitation exam={exam} />}
      </div>
    </li>
  )
}

/** While the exam is on: the phone is away, and how it comes back. */
export function PhoneNotice({ exam }: { exam: Exam }): JSX.Element {
  const [open, setOpen] = useState(false)
  return (
    <Banner
      tone="warn"
      icon="phone"
      title={t('phone.lost')}
      live
      actions={<Button onClick={() => setOpen(!open)}>{t('phone.again')}</Button>}
    >
      {t('phone.lostText')}
      {open ? <Invitation exam={exam} /> : null}
    </Banner>
  )
}
