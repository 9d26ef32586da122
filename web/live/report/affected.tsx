// P12: whom an incident touches, how far each had come, and the way to another date.
import type { JSX } from 'preact'
import { formatLength, formatTime } from '@/lib/clock'
import { download } from '@/lib/download'
import { holds } from '@/lib/gen/words'
import { hasRole } from '@/staff/account'
import { Button, DataTable, type Column } from '@/ui'
import { start } from '../actions.ts'
import { useLive } from '../context.ts'
import { csvOf } from '../model/csv.ts'
import { applies } from '../model/mass.ts'
import { isPresent } from '../model/state.ts'
import { Report } from './frame.tsx'
import type { Entry } from './lines.ts'
import { t } from './text.ts'
import { WHO } from './who.tsx'

const COLUMNS: readonly Column<Entry>[] = [
  ...WHO,
  {
    id: 'paused',
    head: t('col.by'),
    sortBy: (e) => e.row.holds & holds.incident.id,
    cell: (e) => t(e.row.holds & holds.incident.id ? 'by.incident' : 'by.none'),
  },
  {
    id: 'answered',
    head: t('col.kept'),
    end: true,
    sortBy: (e) => e.row.answered,
    cell: (e) => `${e.row.answered} / ${e.row.items}`,
  },
  {
    id: 'saved',
    head: t('col.saved'),
    end: true,
    sortBy: (e) => e.row.saved_ms,
    cell: (e) => (e.row.saved_ms ? formatTime(e.row.saved_ms) : '–'),
  },
  {
    id: 'credit',
    head: t('col.credit'),
    end: true,
    sortBy: (e) => e.row.credit_ms,
    cell: (e) => (e.row.credit_ms >= 1000 ? formatLength(e.row.credit_ms) : '–'),
  },
]

/** As a roster is read (docs/guides/planner.md), so that another session can be made for the same people. */
function saveRoster(name: string, entries: readonly Entry[]): void {
  const rows = entries.map(({ row, line }) => [
    row.name,
    line.email ?? '',
    row.number,
    String(line.factor_permille / 1000),
  ])
  download(name, csvOf([['name', 'email', 'number', 'time_factor'], ...rows]), 'text/csv')
}

function Buttons({ entries }: { entries: readonly Entry[] }): JSX.Element {
  const live = useLive()
  const name = live.monitor.detail.value?.name ?? ''
  const reachable = entries
    .filter(({ row }) => applies(row, 'message'))
    .map(({ row }) => row.attempt)
  return (
    <>
      {reachable.length > 0 ? (
        <Button size="dense" onClick={() => start(live, 'message', reachable)}>
          {t('affected.message')}
        </Button>
      ) : null}
      <Button size="dense" onClick={() => saveRoster(`${name} - roster.csv`, entries)}>
        {t('affected.roster')}
      </Button>
      {hasRole('planner') ? (
        <a class="button dense" href="/manage/?view=create">
          {t('affected.session')}
        </a>
      ) : null}
    </>
  )
}

export function Affected(): JSX.Element {
  const mine = (entries: readonly Entry[]): Entry[] => entries.filter(({ row }) => isPresent(row))
  return (
    <Report title={t('affected')} buttons={(entries) => <Buttons entries={mine(entries)} />}>
      {(entries) => (
        <>
          <p>{t('affected.help')}</p>
          <DataTable
            caption={t('affected')}
            columns={COLUMNS}
            rows={mine(entries)}
            rowKey={({ row }) => row.attempt}
            class="report-table"
            empty={<p class="muted">{t('nobody')}</p>}
          />
        </>
      )}
    </Report>
  )
}
