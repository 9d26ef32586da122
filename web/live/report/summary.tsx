// P11: what is left of a session: attendance, times given, issues, messages. Can be printed and saved.
import type { JSX } from 'preact'
import { formatLength, formatMinute, formatTime, now } from '@/lib/clock'
import { download } from '@/lib/download'
import { Button, DataTable, type Column } from '@/ui'
import { useLive } from '../context.ts'
import { csvOf } from '../model/csv.ts'
import { workedMs } from '../model/figures.ts'
import { shownState } from '../model/state.ts'
import { Report } from './frame.tsx'
import type { Entry } from './lines.ts'
import { t, type TextKey } from './text.ts'
import { WHO } from './who.tsx'

const time = (ms: number): string => (ms ? formatTime(ms) : '–')
const length = (ms: number): string => (ms >= 1000 ? formatLength(ms) : '–')

function howOver({ row, line }: Entry): string {
  if (row.state === 5) return t('over.submitted')
  if (row.state !== 6) return '–'
  const key = `over.${line.cause}` as TextKey
  return t(row.limit_ms ? key : 'over.never')
}

/** Everything that interrupted: on the candidate's side and by staff. */
function issuesOf({ line }: Entry): string {
  const parts = (['outages', 'interruptions', 'pauses', 'locks'] as const)
    .filter((kind) => line[kind] > 0)
    .map((kind) => t(`issues.${kind}`, { n: line[kind] }))
  return parts.join(', ') || '–'
}

const COLUMNS: readonly Column<Entry>[] = [
  ...WHO,
  {
    id: 'began',
    head: t('col.began'),
    end: true,
    sortBy: (e) => e.line.began_ms,
    cell: (e) => time(e.line.began_ms),
  },
  {
    id: 'over',
    head: t('col.over'),
    end: true,
    sortBy: (e) => e.line.over_ms,
    cell: (e) => time(e.line.over_ms),
  },
  { id: 'how', head: t('col.how'), cell: howOver },
  {
    id: 'answered',
    head: t('col.answered'),
    end: true,
    sortBy: (e) => e.row.answered,
    cell: (e) => (e.row.limit_ms ? `${e.row.answered} / ${e.row.items}` : '–'),
  },
  {
    id: 'given',
    head: t('col.given'),
    end: true,
    sortBy: (e) => e.row.extra_ms,
    cell: (e) => length(e.row.extra_ms),
  },
  {
    id: 'credit',
    head: t('col.credit'),
    end: true,
    sortBy: (e) => e.row.credit_ms,
    cell: (e) => length(e.row.credit_ms),
  },
  { id: 'issues', head: t('col.issues'), cell: issuesOf },
  {
    id: 'warnings',
    head: t('col.warnings'),
    end: true,
    sortBy: (e) => e.row.warnings,
    cell: (e) => e.row.warnings || '–',
  },
  {
    id: 'flags',
    head: t('col.flags'),
    end: true,
    sortBy: (e) => e.row.flags_total,
    cell: (e) => e.row.flags_total || '–',
  },
  {
    id: 'messages',
    head: t('col.messages'),
    end: true,
    sortBy: (e) => e.line.said + e.line.messaged,
    cell: (e) => e.line.said + e.line.messaged || '–',
  },
]

function saveCsv(name: string, entries: readonly Entry[]): void {
  const iso = (ms: number): string => (ms ? new Date(ms).toISOString() : '')
  const heads =
    'name number state began over how answered items worked_s given_s credit_s outages interruptions pauses locks warnings flags hands messages_from messages_to points max_points'
  const rows = entries.map((entry) => {
    const { row, line } = entry
    const numbers = [
      row.answered,
      row.items,
      row.limit_ms ? Math.round(workedMs(row) / 1000) : 0,
      Math.round(row.extra_ms / 1000),
      Math.round(row.credit_ms / 1000),
      line.outages,
      line.interruptions,
      line.pauses,
      line.locks,
      row.warnings,
      row.flags_total,
      line.hands,
      line.said,
      line.messaged,
      row.points_milli / 1000,
      row.max_milli / 1000,
    ]
    const words = [row.name, row.number, shownState(row, now.peek()), iso(line.began_ms)]
    return [...words, iso(line.over_ms), howOver(entry), ...numbers.map(String)]
  })
  download(name, csvOf([heads.split(' '), ...rows]), 'text/csv')
}

function Totals({ entries }: { entries: readonly Entry[] }): JSX.Element {
  const count = (test: (entry: Entry) => boolean): number => entries.filter(test).length
  const facts: [TextKey, string][] = [
    ['total.listed', String(entries.length)],
    ['total.joined', String(count(({ line }) => line.joined_ms > 0))],
    ['total.began', String(count(({ line }) => line.began_ms > 0))],
    ['total.submitted', String(count(({ row }) => row.state === 5))],
    ['total.ended', String(count(({ row }) => row.state === 6 && row.limit_ms > 0))],
    ['total.given', String(count(({ row }) => row.extra_ms > 0))],
    ['total.warned', String(count(({ row }) => row.warnings > 0))],
    ['total.flags', String(entries.reduce((sum, { row }) => sum + row.flags_total, 0))],
    [
      'total.messages',
      String(entries.reduce((sum, { line }) => sum + line.said + line.messaged, 0)),
    ],
  ]
  return (
    <dl class="facts card">
      {facts.map(([key, value]) => (
        <div key={key} class="fact">
          <dt>{t(key)}</dt>
          <dd class="numbers">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Incidents(): JSX.Element | null {
  const { monitor } = useLive()
  const { incidents } = monitor.course.value
  if (incidents.length === 0) return null
  return (
    <section class="stack-small">
      <h3>{t('incidents')}</h3>
      <ul>
        {incidents.map((one) => (
          <li key={one.at_ms}>
            {formatMinute(one.at_ms)}
            {one.closed_ms ? `–${formatMinute(one.closed_ms)}` : ''}: {one.reason}
            {one.note ? ` ${one.note}` : ''}
          </li>
        ))}
      </ul>
    </section>
  )
}

function TimesGiven({ entries }: { entries: readonly Entry[] }): JSX.Element | null {
  const given = entries.flatMap(({ row, line }) => line.given.map((one) => ({ row, one })))
  if (given.length === 0) return null
  return (
    <section class="stack-small">
      <h3>{t('given')}</h3>
      <ul>
        {given.map(({ row, one }) => (
          <li key={`${row.attempt}-${one.at_ms}`}>
            {t('given.line', {
              name: row.name,
              time: formatMinute(one.at_ms),
              length: formatLength(one.ms),
              reason: one.reason,
            })}
          </li>
        ))}
      </ul>
    </section>
  )
}

export function Summary(): JSX.Element {
  const { monitor } = useLive()
  const detail = monitor.detail.value
  const name = detail?.name ?? ''
  return (
    <Report
      title={t('summary')}
      buttons={(entries) => (
        <>
          <Button size="dense" onClick={() => saveCsv(`${name} - summary.csv`, entries)}>
            {t('csv')}
          </Button>
          <Button size="dense" onClick={() => print()}>
            {t('print')}
          </Button>
        </>
      )}
    >
      {(entries) => (
        <>
          {detail ? (
            <p class="muted">
              {t('ran', {
                name,
                from: detail.started_ms ? formatMinute(detail.started_ms) : '–',
                to: detail.ended_ms ? formatMinute(detail.ended_ms) : '–',
              })}
            </p>
          ) : null}
          <Totals entries={entries} />
          <Incidents />
          <TimesGiven entries={entries} />
          <DataTable
            caption={t('attendance')}
            columns={COLUMNS}
            rows={entries}
            rowKey={({ row }) => row.attempt}
            class="report-table"
            empty={<p class="muted">{t('nobody')}</p>}
          />
        </>
      )}
    </Report>
  )
}
