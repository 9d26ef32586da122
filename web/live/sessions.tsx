// P1: the sessions that are assigned to this proctor.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { api } from '@/lib/api'
import { formatLength, formatMoment, now } from '@/lib/clock'
import { hasRole } from '@/staff/account'
import { IdentityBanner } from '@/staff/identity'
import { linkTo } from '@/staff/place'
import type { SessionLine } from '@/staff/types'
import { Banner, Empty, ErrorState, Loading } from '@/ui'
import { sessionShelves, SHELVES, type Shelf } from './model/shelves.ts'
import { t } from './text.ts'

const sessions = signal<readonly SessionLine[] | null>(null)
const failed = signal('')
const REFRESH_MS = 10_000

/** Who is no proctor looks at all sessions, and acts as far as the own role goes. */
const mine = (line: SessionLine): boolean =>
  line.my_roles.includes('proctor') || !hasRole('proctor')

async function load(): Promise<void> {
  const answer = await api<{ sessions: SessionLine[] }>('session_list')
  if (answer.ok) sessions.value = answer.value.sessions.filter(mine)
  failed.value = answer.ok ? '' : answer.text
}

function when(line: SessionLine): string {
  if (line.state === 'running') return formatMoment(line.started_ms)
  return formatMoment(line.ended_ms || line.starts_ms)
}

function note(line: SessionLine): string {
  if (line.state !== 'planned') return ''
  const late = now.value - line.starts_ms
  if (late > 60_000) return t('sessions.late', { age: formatLength(late) })
  return late > -1000 ? t('sessions.now') : t('sessions.in', { age: formatLength(-late) })
}

function SessionCard({ line }: { line: SessionLine }): JSX.Element {
  const waiting = line.waiting
  const joined =
    line.candidates > line.joined
      ? t('sessions.joined', { joined: line.joined, all: line.candidates })
      : t('sessions.joined.only', { n: line.joined })
  const late = line.state === 'planned' && now.value - line.starts_ms > 60_000
  return (
    <li class="card session-card">
      <div>
        <h3>
          <a {...linkTo({ session: line.session })}>{line.name}</a>
        </h3>
        <p class="muted">{line.assessment_name}</p>
      </div>
      <div>
        <time>{when(line)}</time>
        <p class={late ? 'session-late' : 'muted'}>{note(line)}</p>
      </div>
      <div>
        <p>{joined}</p>
        {waiting > 0 ? (
          <p class="session-attention">{t('sessions.attention', { n: waiting })}</p>
        ) : null}
      </div>
      <p class="muted">{line.staff.map((person) => person.name).join(', ')}</p>
      <a
        class={`button ${line.state === 'running' ? 'primary' : ''}`}
        aria-label={t('sessions.open.label', { name: line.name })}
        {...linkTo({ session: line.session })}
      >
        {t('sessions.open')}
      </a>
    </li>
  )
}

function ShelfView({
  shelf,
  lines,
}: {
  shelf: Shelf
  lines: readonly SessionLine[]
}): JSX.Element | null {
  if (lines.length === 0) return null
  return (
    <section class="stack-small" aria-labelledby={`shelf-${shelf}`}>
      <h2 id={`shelf-${shelf}`}>{t(`sessions.${shelf}`)}</h2>
      <ul class="session-cards">
        {lines.map((line) => (
          <SessionCard key={line.session} line={line} />
        ))}
      </ul>
    </section>
  )
}

export function SessionList(): JSX.Element {
  useEffect(() => {
    document.title = `${t('sessions.title')} · Invigil`
    void load()
    const timer = setInterval(() => void load(), REFRESH_MS)
    return () => clearInterval(timer)
  }, [])
  const lines = sessions.value
  if (!lines)
    return failed.value ? (
      <ErrorState title={t('sessions.failed')} onRetry={() => void load()}>
        <h1 class="visually-hidden">{t('sessions.title')}</h1>
        {failed.value}
      </ErrorState>
    ) : (
      <Loading />
    )
  const shelves = sessionShelves(lines, now.value)
  return (
    <div class="stack">
      <h1>{t('sessions.title')}</h1>
      <IdentityBanner />
      {failed.value ? <Banner tone="warn">{failed.value}</Banner> : null}
      {lines.length === 0 ? (
        <Empty title={t('sessions.empty')}>{t('sessions.empty.help')}</Empty>
      ) : null}
      {SHELVES.map((shelf) => (
        <ShelfView key={shelf} shelf={shelf} lines={shelves[shelf]} />
      ))}
    </div>
  )
}
