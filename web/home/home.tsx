// S2: the start page: one card for each thing that one's roles allow.
import { useEffect } from 'preact/hooks'
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { api } from '@/lib/api'
import { formatMoment } from '@/lib/clock'
import type { Me } from '@/lib/types'
import type { SessionLine } from '@/staff/types'
import { Banner, Empty, Icon, type IconName } from '@/ui'
import { IdentityBanner } from '@/staff/identity'
import { hasRole } from '@/staff/account'
import { t } from './text.ts'

const sessions = signal<readonly SessionLine[] | null>(null)
const failed = signal('')

async function load(): Promise<void> {
  const answer = await api<{ sessions: SessionLine[] }>('session_list')
  if (answer.ok) sessions.value = answer.value.sessions
  failed.value = answer.ok ? '' : answer.text
}

interface Card {
  id: string
  icon: IconName
  title: string
  help: string
  facts: string[]
  href: string
  action: string
}

const mine = (role: 'proctor' | 'reviewer'): SessionLine[] =>
  (sessions.value ?? []).filter((line) => line.my_roles.includes(role))

function liveFacts(): string[] {
  if (!sessions.value) return []
  const own = mine('proctor')
  const running = own.filter((line) => line.state === 'running').length
  const [next] = own
    .filter((line) => line.state === 'planned')
    .sort((a, b) => a.starts_ms - b.starts_ms)
  const facts: string[] = []
  if (running > 0) facts.push(t('live.running', { n: running }))
  if (next) facts.push(t('live.next', { name: next.name, time: formatMoment(next.starts_ms) }))
  return facts.length > 0 ? facts : [t('live.nothing')]
}

function reviewFacts(): string[] {
  if (!sessions.value) return []
  const waiting = mine('reviewer').reduce((sum, line) => sum + line.to_review, 0)
  return [waiting > 0 ? t('review.waiting', { n: waiting }) : t('review.nothing')]
}

function manageFacts(): string[] {
  if (!sessions.value) return []
  const planned = sessions.value.filter((line) => line.state === 'planned').length
  return [planned > 0 ? t('manage.upcoming', { n: planned }) : t('manage.nothing')]
}

function cardsOf(me: Me): Card[] {
  const card = (id: 'live' | 'review' | 'manage', icon: IconName, facts: string[]): Card => ({
    id,
    icon,
    title: t(`${id}.title`),
    help: t(`${id}.help`),
    facts,
    href: `/${id}/`,
    action: t(`${id}.do`),
  })
  const cards: Card[] = []
  if (hasRole('proctor')) cards.push(card('live', 'eye', liveFacts()))
  if (hasRole('reviewer')) cards.push(card('review', 'mark', reviewFacts()))
  if (hasRole('planner', 'administrator')) cards.push(card('manage', 'settings', manageFacts()))
  if (hasRole('candidate') || me.attempt > 0 || cards.length === 0)
    cards.push({
      id: 'exam',
      icon: 'camera',
      title: t('exam.title'),
      help: t('exam.help'),
      facts: me.attempt > 0 ? [t('exam.open')] : [],
      href: '/exam/',
      action: me.attempt > 0 ? t('exam.back') : t('exam.do'),
    })
  return cards
}

function CardView({ card }: { card: Card }): JSX.Element {
  return (
    <li class="card home-card">
      <span class="home-icon">
        <Icon name={card.icon} size="1.5em" />
      </span>
      <h2>{card.title}</h2>
      <p class="muted">{card.help}</p>
      <ul class="home-facts">
        {card.facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      <a class="button primary" href={card.href}>
        {card.action}
      </a>
    </li>
  )
}

export function Home({ me }: { me: Me }): JSX.Element {
  const staff = me.roles.some((role) => role !== 'candidate')
  useEffect(() => {
    if (staff) void load()
  }, [staff])
  return (
    <div class="stack">
      <h1>{t('home.hello', { name: me.name })}</h1>
      {staff ? <IdentityBanner /> : null}
      {failed.value ? (
        <Banner tone="warn" live>
          {failed.value}
        </Banner>
      ) : null}
      {me.roles.length === 0 && me.attempt === 0 ? (
        <Empty title={t('home.none')}>{t('home.none.help')}</Empty>
      ) : null}
      <ul class="home-cards" aria-label={t('home.cards')}>
        {cardsOf(me).map((card) => (
          <CardView key={card.id} card={card} />
        ))}
      </ul>
    </div>
  )
}
