// R2: the attempts of one session, what is decided and what is not.
import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { api } from '@/lib/api'
import { formatNumber } from '@/lib/i18n'
import type { Row } from '@/lib/wire/codec'
import { linkTo } from '@/staff/place'
import type { SessionDetail } from '@/staff/types'
import {
  attemptMark,
  DataTable,
  Empty,
  ErrorState,
  Icon,
  Loading,
  Severity,
  StateMark,
  TextField,
  type Column,
} from '@/ui'
import { t } from './text.ts'

interface Results {
  session: SessionDetail
  rows: Row[]
}
type Loaded = 'loading' | { failed: string } | Results

const loaded = signal<Loaded>('loading')

/** Attempts in the order in which they are reviewed: for going to the next. */
export const reviewOrder = signal<readonly number[]>([])

async function load(id: number): Promise<void> {
  loaded.value = 'loading'
  const [session, attempts] = await Promise.all([
    api<SessionDetail>('session_show', { id }),
    api<{ attempts: Row[] }>('session_attempts', { id }),
  ])
  if (!session.ok) loaded.value = { failed: session.text }
  else if (!attempts.ok) loaded.value = { failed: attempts.text }
  else loaded.value = { session: session.value, rows: inOrder(attempts.value.attempts) }
}

const isOver = (row: Row): boolean => row.state === 5 || row.state === 6

/** What needs a verdict first, then by the weight of what is open. */
function inOrder(rows: readonly Row[]): Row[] {
  const need = (row: Row): number => (isOver(row) && !row.verdict ? 0 : 1)
  const sorted = [...rows].sort(
    (a, b) =>
      need(a) - need(b) ||
      b.worst_flag - a.worst_flag ||
      b.flags_open - a.flags_open ||
      a.name.localeCompare(b.name),
  )
  reviewOrder.value = sorted.filter((row) => row.state >= 2).map((row) => row.attempt)
  return sorted
}

export function VerdictWord({ outcome }: { outcome: number }): JSX.Element {
  const word = outcome === 1 || outcome === 2 ? t(`verdict.${outcome}`) : t('verdict.0')
  const icon = outcome === 1 ? 'check' : outcome === 2 ? 'up' : 'clock'
  return (
    <span class={`state-mark ${outcome ? '' : 'muted'}`}>
      <Icon name={icon} />
      {word}
    </span>
  )
}

function Points({ row }: { row: Row }): JSX.Element | string {
  if (!isOver(row) || !row.max_milli) return '–'
  const points = `${formatNumber(row.points_milli / 1000)} / ${formatNumber(row.max_milli / 1000)}`
  return (
    <>
      {points}
      {row.unmarked ? (
        <span class="muted small review-under">{t('results.unmarked', { n: row.unmarked })}</span>
      ) : null}
    </>
  )
}

const columns: readonly Column<Row>[] = [
  {
    id: 'name',
    head: t('results.candidate'),
    cell: (row) => (
      <a {...linkTo({ attempt: row.attempt })} class="review-link">
        {row.name}
      </a>
    ),
    sortBy: (row) => row.name,
    sticky: true,
  },
  {
    id: 'number',
    head: t('results.number'),
    cell: (row) => row.number || '–',
    sortBy: (row) => row.number,
  },
  {
    id: 'state',
    head: t('results.state'),
    cell: (row) => <StateMark mark={attemptMark(row.state, row.holds, row.connected === 1)} />,
    sortBy: (row) => row.state,
  },
  {
    id: 'flags',
    head: t('results.flags'),
    cell: (row) =>
      row.flags_total
        ? `${row.flags_total - row.flags_open} / ${row.flags_total}`
        : t('results.flags.none'),
    sortBy: (row) => row.flags_open,
    end: true,
  },
  {
    id: 'worst',
    head: t('results.worst'),
    cell: (row) => (row.worst_flag ? <Severity severity={row.worst_flag} /> : '–'),
    sortBy: (row) => row.worst_flag,
  },
  {
    id: 'points',
    head: t('results.points'),
    cell: (row) => <Points row={row} />,
    sortBy: (row) => row.points_milli,
    end: true,
  },
  {
    id: 'verdict',
    head: t('results.verdict'),
    cell: (row) => <VerdictWord outcome={row.verdict} />,
    sortBy: (row) => row.verdict,
  },
]

function Table({ rows }: { rows: readonly Row[] }): JSX.Element {
  const [find, setFind] = useState('')
  const sought = find.trim().toLowerCase()
  const shown = sought
    ? rows.filter((row) => `${row.name} ${row.number}`.toLowerCase().includes(sought))
    : rows
  const over = rows.filter(isOver)
  const done = over.filter((row) => row.verdict).length
  return (
    <>
      <div class="row row-apart review-filter-row">
        <p>{t('results.summary', { done, all: over.length })}</p>
        <TextField label={t('results.find')} type="search" value={find} onInput={setFind} />
      </div>
      <DataTable
        caption={t('title')}
        columns={columns}
        rows={shown}
        rowKey={(row) => row.attempt}
      />
    </>
  )
}

export function ResultsPage({ session }: { session: number }): JSX.Element {
  useEffect(() => void load(session), [session])
  const known = loaded.value
  return (
    <div class="stack">
      <a {...linkTo({})} class="review-back">
        <Icon name="back" /> {t('back.queue')}
      </a>
      {known === 'loading' ? <Loading what={t('title')} lines={6} /> : null}
      {typeof known === 'object' && 'failed' in known ? (
        <ErrorState title={t('failed')} onRetry={() => void load(session)}>
          {known.failed}
        </ErrorState>
      ) : null}
      {typeof known === 'object' && 'rows' in known ? (
        <>
          <div>
            <h1>{known.session.name}</h1>
            <p class="muted">{known.session.assessment_name}</p>
          </div>
          {known.rows.length ? (
            <Table rows={known.rows} />
          ) : (
            <Empty title={t('results.none')} icon="people">
              {t('results.none.help')}
            </Empty>
          )}
        </>
      ) : null}
    </div>
  )
}
