// Below the pictures: what happened as a list, the answers with their points, snapshots, checks.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { formatTime } from '@/lib/clock'
import { formatNumber } from '@/lib/i18n'
import { checks, checkName } from '@/lib/words'
import { eventText } from '@/live/words'
import { Content, later, Tabs } from '@/ui'
import type { Case, MarkedAnswer, MarkedItem } from './case.ts'
import type { CaseEvent } from './model/timeline.ts'
import { t } from './text.ts'

const Identity = later(() => import('./identity.tsx').then((part) => part.Identity))

const tab = signal('events')
const BY_CANDIDATE = 1

function EventRow({ of, event }: { of: Case; event: CaseEvent }): JSX.Element | null {
  const text = eventText(event)
  if (!text) return null
  const time = formatTime(event.at_ms)
  return (
    <li class="event">
      <button
        type="button"
        class="event-time numbers"
        aria-label={t('events.go', { time })}
        onClick={() => of.player.peek()?.seek(event.at_ms)}
      >
        {time}
      </button>
      <span>
        {text.charAt(0).toUpperCase() + text.slice(1)}
        {event.role !== BY_CANDIDATE && event.actor_name ? (
          <span class="muted"> ({event.actor_name})</span>
        ) : null}
      </span>
    </li>
  )
}

function Events({ of }: { of: Case }): JSX.Element {
  const all = of.events.value
  if (!all.length) return <p class="muted">{t('events.none')}</p>
  return (
    <ol class="event-list">
      {all.map((event) => (
        <EventRow key={event.ver} of={of} event={event} />
      ))}
    </ol>
  )
}

const CHOICES: ReadonlySet<string> = new Set(['single_choice', 'multiple_choice', 'true_false'])

function Given({ item, answer }: { item: MarkedItem; answer: MarkedAnswer | undefined }) {
  if (!answer?.value) return <p class="muted">{t('answers.empty')}</p>
  if (!CHOICES.has(item.kind)) return <p class="answer-text">{answer.value}</p>
  const chosen = new Set(answer.value.split(',').map(Number))
  return (
    <ul>
      {item.options
        .filter((option) => chosen.has(option.number))
        .map((option) => (
          <li key={option.number}>
            <Content nodes={option.text} inline />
          </li>
        ))}
    </ul>
  )
}

function Correct({ item }: { item: MarkedItem }): JSX.Element | null {
  const right = item.options.filter((option) => option.fraction > 0)
  if (!right.length) return null
  return (
    <ul>
      {right.map((option) => (
        <li key={option.number}>
          {option.text.length ? (
            <Content nodes={option.text} inline />
          ) : (
            `${formatNumber(option.low ?? 0)} – ${formatNumber(option.high ?? 0)}`
          )}
          {option.fraction < 1 ? (
            <span class="muted"> ({formatNumber(option.fraction * 100)} %)</span>
          ) : null}
        </li>
      ))}
    </ul>
  )
}

function pointsText(item: MarkedItem, answer: MarkedAnswer | undefined): string {
  if (answer && answer.points === null) return t('answers.waiting')
  return t('answers.points', { points: answer?.points ?? 0, max: item.points })
}

function AnswerCard({ item, answer }: { item: MarkedItem; answer: MarkedAnswer | undefined }) {
  return (
    <li class="answer">
      <div class="row row-apart">
        <h2>{t('answers.number', { n: item.number })}</h2>
        <span class="numbers">{pointsText(item, answer)}</span>
      </div>
      <Content nodes={item.text} />
      <div class="answer-sides">
        <div>
          <h3>{t('answers.given')}</h3>
          <Given item={item} answer={answer} />
          {answer ? (
            <p class="muted small numbers">
              {t('answers.at', { time: formatTime(answer.stored_ms) })}
              {answer.late ? `, ${t('answers.late')}` : ''}
            </p>
          ) : null}
        </div>
        {item.kind === 'essay' ? null : (
          <div>
            <h3>{t('answers.key')}</h3>
            <Correct item={item} />
          </div>
        )}
      </div>
    </li>
  )
}

function Answers({ of }: { of: Case }): JSX.Element {
  const paper = of.paper.value
  if (paper === 'failed' || !paper) return <p class="muted">{t('answers.failed')}</p>
  const by = new Map(paper.answers.map((answer) => [answer.item, answer]))
  return (
    <ol class="answer-list">
      {paper.items.map((item) => (
        <AnswerCard key={item.number} item={item} answer={by.get(item.number)} />
      ))}
    </ol>
  )
}

function Stills({ of }: { of: Case }): JSX.Element {
  const stills = of.recording.value?.stills ?? []
  const player = of.player.value
  const open = of.lock.value === 'open'
  useEffect(() => {
    if (open) for (const still of stills) player?.wantStill(still.place)
  }, [open, stills.length])
  if (!stills.length) return <p class="muted">{t('stills.none')}</p>
  if (!open || !player) return <p class="muted">{t('stills.locked')}</p>
  return (
    <ul class="still-list">
      {stills.map(({ place, t: at }) => {
        const still = player.stills.value.get(place)
        const track = t(still?.track ? 'track.1' : 'track.0')
        return (
          <li key={place}>
            <button type="button" class="still" onClick={() => player.seek(at)}>
              {still?.address ? (
                <img src={still.address} alt={t('stills.alt', { track, time: formatTime(at) })} />
              ) : null}
              <span class="small numbers">
                {track}, {formatTime(at)}
              </span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

function Checks({ of }: { of: Case }): JSX.Element {
  const list = of.detail.value?.checks ?? []
  if (!list.length) return <p class="muted">{t('checks.none')}</p>
  return (
    <ul class="check-list">
      {list.map((check) => {
        const name = checkName(check.check)
        const outcome = check.outcome === 1 || check.outcome === 2 ? check.outcome : 3
        return (
          <li key={check.check}>
            <strong>{name ? checks[name].word : check.check}</strong>: {t(`outcome.${outcome}`)}
            <span class="muted small">
              {' '}
              {check.detail} {formatTime(check.at_ms)}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

const panels: Record<string, (props: { of: Case }) => JSX.Element | null> = {
  events: Events,
  answers: Answers,
  stills: Stills,
  identity: Identity,
  checks: Checks,
}

export function Details({ of }: { of: Case }): JSX.Element {
  const Panel = panels[tab.value] ?? Events
  const shown = Object.values(of.shown.value).filter(({ turns }) => turns > 0).length
  return (
    <Tabs
      label={t('tabs')}
      current={tab.value}
      onChange={(id) => (tab.value = id)}
      tabs={[
        { id: 'events', label: t('tab.events') },
        { id: 'answers', label: t('tab.answers') },
        { id: 'stills', label: t('tab.stills'), badge: of.recording.value?.stills.length ?? 0 },
        { id: 'identity', label: t('tab.identity'), badge: shown },
        { id: 'checks', label: t('tab.checks') },
      ]}
    >
      <Panel of={of} />
    </Tabs>
  )
}
