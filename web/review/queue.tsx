// R1: the sessions of a reviewer, those with something to review first.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { api } from '@/lib/api'
import { formatMoment } from '@/lib/clock'
import { sessionStates } from '@/lib/words'
import { IdentityBanner } from '@/staff/identity'
import { linkTo } from '@/staff/place'
import type { SessionLine } from '@/staff/types'
import { DataTable, Empty, ErrorState, Loading, SelectField, type Column } from '@/ui'
import { t } from './text.ts'

type Loaded = 'loading' | { failed: string } | SessionLine[]
const loaded = signal<Loaded>('loading')
const onlyOpen = signal(true)

async function load(): Promise<void> {
  const answer = await api<{ sessions: SessionLine[] }>('session_list')
  loaded.value = answer.ok
    ? answer.value.sessions.filter((line) => line.my_roles.includes('reviewer'))
    : { failed: answer.text }
}

const columns: readonly Column<SessionLine>[] = [
  {
    id: 'name',
    head: t('queue.session'),
    cell: (line) => (
      <a {...linkTo({ session: line.session })} class="review-link">
        {line.name}
        <span class="muted small review-under">{line.assessment_name}</span>
      </a>
    ),
    sortBy: (line) => line.name,
    sticky: true,
  },
  {
    id: 'when',
    head: t('queue.when'),
    cell: (line) => <time>{formatMoment(line.started_ms || line.starts_ms)}</time>,
    sortBy: (line) => line.started_ms || line.starts_ms,
  },
  { id: 'state', head: t('queue.state'), cell: (line) => sessionStates[line.state].word },
  {
    id: 'finished',
    head: t('queue.finished'),
    cell: (line) => `${line.complete} / ${line.candidates}`,
    sortBy: (line) => line.complete,
    end: true,
  },
  {
    id: 'flags',
    head: t('queue.flags'),
    cell: (line) => line.flags_open,
    sortBy: (line) => line.flags_open,
    end: true,
  },
  {
    id: 'review',
    head: t('queue.toreview'),
    cell: (line) => <strong>{line.to_review}</strong>,
    sortBy: (line) => line.to_review,
    end: true,
  },
]

function NothingOpen({ all }: { all: readonly SessionLine[] }): JSX.Element {
  if (all.every((line) => line.complete === 0))
    return <Empty title={t('queue.none')}>{t('queue.none.ended')}</Empty>
  return (
    <Empty title={t('queue.alldone')} icon="check">
      {t('queue.alldone.help')}
    </Empty>
  )
}

function Table({ all }: { all: readonly SessionLine[] }): JSX.Element {
  const shown = onlyOpen.value ? all.filter((line) => line.to_review || line.flags_open) : all
  const byNeed = [...shown].sort((a, b) => b.to_review - a.to_review || b.starts_ms - a.starts_ms)
  return (
    <>
      <div class="review-filter">
        <SelectField
          label={t('queue.filter')}
          value={onlyOpen.value ? 'open' : 'all'}
          onChange={(value) => (onlyOpen.value = value === 'open')}
          options={[
            { value: 'open', label: t('queue.filter.open') },
            { value: 'all', label: t('queue.filter.all') },
          ]}
        />
      </div>
      {byNeed.length ? (
        <DataTable
          caption={t('title')}
          columns={columns}
          rows={byNeed}
          rowKey={(line) => line.session}
        />
      ) : (
        <NothingOpen all={all} />
      )}
    </>
  )
}

export function Queue(): JSX.Element {
  useEffect(() => void load(), [])
  const known = loaded.value
  return (
    <div class="stack">
      <h1>{t('title')}</h1>
      <IdentityBanner />
      {known === 'loading' ? <Loading what={t('title')} /> : null}
      {typeof known === 'object' && 'failed' in known ? (
        <ErrorState title={t('failed')} onRetry={() => void load()}>
          {known.failed}
        </ErrorState>
      ) : null}
      {Array.isArray(known) && !known.length ? (
        <Empty title={t('queue.none')}>{t('queue.none.help')}</Empty>
      ) : null}
      {Array.isArray(known) && known.length ? <Table all={known} /> : null}
    </div>
  )
}
