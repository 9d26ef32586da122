// T1: the assessments; what one looks like.
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { api } from '@/lib/api'
import { formatMoment } from '@/lib/clock'
import { hasRole } from '@/staff/account'
import { linkTo } from '@/staff/place'
import { Button, DataTable, Empty, ErrorState, Icon, Loading, type Column } from '@/ui'
import { go } from '@/staff/place'
import { Loader } from './load.ts'
import { Preview } from './preview.tsx'
import { t } from './text.ts'
import type { AssessmentLine, KeyItem } from './types.ts'

export const assessments = new Loader(() =>
  api<{ assessments: AssessmentLine[] }>('assessment_list'),
)

const COLUMNS: readonly Column<AssessmentLine>[] = [
  {
    id: 'name',
    head: t('assessments.name'),
    sticky: true,
    sortBy: (line) => line.name,
    cell: (line) => (
      <a {...linkTo({ view: 'assessments', assessment: line.assessment })}>{line.name}</a>
    ),
  },
  {
    id: 'items',
    head: t('assessments.items'),
    end: true,
    sortBy: (line) => line.items,
    cell: (line) => line.items,
  },
  {
    id: 'points',
    head: t('assessments.points'),
    end: true,
    sortBy: (line) => line.points,
    cell: (line) => line.points,
  },
  { id: 'source', head: t('assessments.source'), cell: (line) => line.source },
  {
    id: 'created',
    head: t('assessments.created'),
    sortBy: (line) => line.created_ms,
    cell: (line) => formatMoment(line.created_ms),
  },
  {
    id: 'sessions',
    head: t('assessments.sessions'),
    cell: (line) =>
      line.sessions > 0
        ? t('assessments.sessions.n', { n: line.sessions })
        : t('assessments.sessions.none'),
  },
]

export function ImportLink({ primary }: { primary?: boolean }): JSX.Element | null {
  if (!hasRole('planner')) return null
  return (
    <a class={`button ${primary ? 'primary' : ''}`} {...linkTo({ view: 'import' })}>
      {t('assessments.new')}
    </a>
  )
}

export function Assessments(): JSX.Element {
  useEffect(() => void assessments.load(), [])
  const state = assessments.state.value
  if (!state) return <Loading />
  if ('ok' in state)
    return (
      <ErrorState title={t('failed')} onRetry={() => void assessments.load()}>
        {state.text}
      </ErrorState>
    )
  const lines = state.value.assessments
  if (lines.length === 0)
    return (
      <Empty title={t('assessments.empty')} actions={<ImportLink primary />}>
        {t('assessments.empty.help')}
      </Empty>
    )
  return (
    <div class="stack">
      <div class="row row-apart">
        <h2>{t('assessments.title')}</h2>
        <ImportLink primary />
      </div>
      <DataTable
        caption={t('assessments.title')}
        columns={COLUMNS}
        rows={lines}
        rowKey={(line) => line.assessment}
      />
    </div>
  )
}

export function Assessment({ id }: { id: number }): JSX.Element {
  const loader = useMemo(
    () => new Loader(() => api<{ name: string; items: KeyItem[] }>('assessment_show', { id })),
    [id],
  )
  useEffect(() => void loader.load(), [loader])
  const state = loader.state.value
  if (!state) return <Loading />
  if ('ok' in state)
    return (
      <ErrorState title={t('failed')} onRetry={() => void loader.load()}>
        {state.text}
      </ErrorState>
    )
  return (
    <div class="stack">
      <div>
        <a class="button quiet dense" {...linkTo({ view: 'assessments' })}>
          <Icon name="back" size="1em" /> {t('assessments.title')}
        </a>
      </div>
      <div class="row row-apart">
        <h2>{state.value.name}</h2>
        {hasRole('planner') ? (
          <Button look="primary" onClick={() => go({ view: 'create', assessment: id })}>
            {t('assessments.use')}
          </Button>
        ) : null}
      </div>
      <p class="muted">{t('assessments.published')}</p>
      <Preview items={state.value.items} />
    </div>
  )
}
