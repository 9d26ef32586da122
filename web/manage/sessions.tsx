// T5: the sessions of the organization.
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { api } from '@/lib/api'
import { formatMoment } from '@/lib/clock'
import { hasRole } from '@/staff/account'
import { linkTo } from '@/staff/place'
import type { SessionLine } from '@/staff/types'
import { DataTable, Empty, ErrorState, Loading, type Column } from '@/ui'
import { Loader } from './load.ts'
import { t } from './text.ts'

export const sessions = new Loader(() => api<{ sessions: SessionLine[] }>('session_list'))

const COLUMNS: readonly Column<SessionLine>[] = [
  {
    id: 'name',
    head: t('sessions.name'),
    sticky: true,
    sortBy: (line) => line.name,
    cell: (line) => <a {...linkTo({ view: 'sessions', session: line.session })}>{line.name}</a>,
  },
  {
    id: 'state',
    head: t('sessions.state'),
    sortBy: (line) => line.state,
    cell: (line) => t(`state.${line.state}`),
  },
  {
    id: 'starts',
    head: t('sessions.starts'),
    sortBy: (line) => line.started_ms || line.starts_ms,
    cell: (line) => formatMoment(line.started_ms || line.starts_ms),
  },
  { id: 'code', head: t('sessions.code'), cell: (line) => <code>{line.code}</code> },
  {
    id: 'seats',
    head: t('sessions.seats'),
    sortBy: (line) => line.candidates,
    cell: (line) => t('sessions.seats.of', { joined: line.joined, all: line.candidates }),
  },
  {
    id: 'staff',
    head: t('sessions.staff'),
    cell: (line) => line.staff.map((user) => user.name).join(', '),
  },
]

function NewLink(): JSX.Element | null {
  if (!hasRole('planner')) return null
  return (
    <a class="button primary" {...linkTo({ view: 'create' })}>
      {t('sessions.new')}
    </a>
  )
}

export function Sessions(): JSX.Element {
  useEffect(() => void sessions.load(), [])
  const state = sessions.state.value
  if (!state) return <Loading />
  if ('ok' in state)
    return (
      <ErrorState title={t('failed')} onRetry={() => void sessions.load()}>
        {state.text}
      </ErrorState>
    )
  const lines = state.value.sessions
  if (lines.length === 0)
    return (
      <Empty title={t('sessions.empty')} actions={<NewLink />}>
        {t('sessions.empty.help')}
      </Empty>
    )
  const newest = [...lines].sort((a, b) => b.starts_ms - a.starts_ms)
  return (
    <div class="stack">
      <div class="row row-apart">
        <h2>{t('sessions.title')}</h2>
        <NewLink />
      </div>
      <DataTable
        caption={t('sessions.title')}
        columns={COLUMNS}
        rows={newest}
        rowKey={(line) => line.session}
      />
    </div>
  )
}
