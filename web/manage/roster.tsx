// T8: candidates from a CSV file: template, check, confirm.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { api, type Refused } from '@/lib/api'
import { go, linkTo } from '@/staff/place'
import type { SessionDetail } from '@/staff/types'
import { Banner, Button, DataTable, Icon, toast, type Column } from '@/ui'
import { FileField, fileFault } from './file.tsx'
import { FileLines, RefusedFile } from './import.tsx'
import { t } from './text.ts'
import type { CheckedRoster, RosterRow, RosterStatus } from './types.ts'

const STATUSES: readonly RosterStatus[] = ['new', 'unchanged', 'duplicate', 'error']

const COLUMNS: readonly Column<RosterRow>[] = [
  {
    id: 'line',
    head: t('row.line'),
    end: true,
    sortBy: (row) => row.line,
    cell: (row) => row.line,
  },
  {
    id: 'status',
    head: t('row.status'),
    sortBy: (row) => STATUSES.indexOf(row.status),
    cell: (row) => (
      <span class={`roster-${row.status}`}>
        {row.status === 'error' ? <Icon name="fail" size="1em" /> : null}
        {row.status === 'new' ? <Icon name="check" size="1em" /> : null}{' '}
        {t(`roster.status.${row.status}`)}
      </span>
    ),
  },
  {
    id: 'name',
    head: t('row.name'),
    sticky: true,
    sortBy: (row) => row.name,
    cell: (row) => row.name,
  },
  { id: 'number', head: t('row.number'), sortBy: (row) => row.number, cell: (row) => row.number },
  { id: 'email', head: t('row.email'), cell: (row) => row.email },
  {
    id: 'factor',
    head: t('row.factor'),
    end: true,
    cell: (row) => (row.time_factor && row.time_factor !== 1 ? row.time_factor : ''),
  },
  { id: 'reason', head: t('import.reason'), cell: (row) => row.reason },
]

function Choose(props: {
  session: number
  onChecked: (checked: CheckedRoster) => void
}): JSX.Element {
  const [file, setFile] = useState<File | null>(null)
  const [fault, setFault] = useState('')
  const [refused, setRefused] = useState<Refused | null>(null)
  const [busy, setBusy] = useState(false)
  const check = async (): Promise<void> => {
    const found = fileFault(file)
    setFault(found)
    if (found || !file || busy) return
    setBusy(true)
    const answer = await api<CheckedRoster>('roster_check', { id: props.session, bytes: file })
    setBusy(false)
    if (answer.ok) props.onChecked(answer.value)
    else setRefused(answer)
  }
  return (
    <form
      class="stack narrow"
      onSubmit={(event) => {
        event.preventDefault()
        void check()
      }}
    >
      <p>{t('roster.help')}</p>
      <div>
        <a class="button" href="/api/roster-template.csv" download="candidates.csv">
          {t('roster.template')}
        </a>
      </div>
      {refused ? <RefusedFile refused={refused} /> : null}
      <FileField
        label={t('roster.file')}
        hint={t('roster.file.hint')}
        accept=".csv,text/csv,text/plain"
        error={fault}
        file={file}
        onFile={(chosen) => {
          setFile(chosen)
          setFault('')
          setRefused(null)
        }}
      />
      <div class="row">
        <Button look="primary" type="submit" busy={busy}>
          {busy ? t('import.checking') : t('roster.check')}
        </Button>
      </div>
    </form>
  )
}

// Above this, lines are of one height and their reasons are cut short.
const FEW = 300

function Confirm(props: {
  session: number
  checked: CheckedRoster
  onOther: () => void
  onDone: () => void
}): JSX.Element {
  const { checked, session } = props
  const { counts } = checked
  const [shown, setShown] = useState<RosterStatus | null>(counts.error > 0 ? 'error' : null)
  const [refused, setRefused] = useState('')
  const [busy, setBusy] = useState(false)
  const rows = shown ? checked.rows.filter((row) => row.status === shown) : checked.rows
  const apply = async (): Promise<void> => {
    setBusy(true)
    const answer = await api<{ added: number }>('roster_apply', {
      id: session,
      body: { import: checked.import },
    })
    setBusy(false)
    if (!answer.ok) return setRefused(answer.text)
    toast(t('roster.added', { n: answer.value.added }))
    props.onDone()
    go({ view: 'sessions', session, part: 'participants' })
  }
  return (
    <div class="stack">
      <Banner
        tone={counts.error > 0 ? 'warn' : 'info'}
        title={t('roster.counts', { ...counts })}
        live
      >
        {counts.new > 0 ? t('roster.only') : t('roster.nothing')}
      </Banner>
      {refused ? (
        <Banner tone="bad" live>
          {refused}
        </Banner>
      ) : null}
      <div class="row row-apart">
        <div class="row" role="group" aria-label={t('roster.filter')}>
          <Button size="dense" aria-pressed={shown === null} onClick={() => setShown(null)}>
            {t('session.all')} {checked.rows.length}
          </Button>
          {STATUSES.filter((status) => counts[status] > 0).map((status) => (
            <Button
              key={status}
              size="dense"
              aria-pressed={shown === status}
              onClick={() => setShown(status)}
            >
              {t(`roster.status.${status}`)} {counts[status]}
            </Button>
          ))}
        </div>
        <div class="row">
          <Button onClick={props.onOther}>{t('import.other')}</Button>
          <Button
            look="primary"
            busy={busy}
            disabled={counts.new === 0}
            onClick={() => void apply()}
          >
            {busy ? t('roster.adding') : t('roster.confirm', { n: counts.new })}
          </Button>
        </div>
      </div>
      <DataTable
        caption={t('roster.title')}
        columns={COLUMNS}
        rows={rows}
        rowKey={(row) => row.line}
        rowHeight={rows.length > FEW ? 40 : undefined}
        class="participants"
      />
      {checked.notes.length > 0 ? (
        <details>
          <summary>{t('import.notes', { n: checked.notes.length })}</summary>
          <FileLines
            lines={checked.notes}
            caption={t('import.notes', { n: checked.notes.length })}
          />
        </details>
      ) : null}
    </div>
  )
}

export function Roster({
  detail,
  onDone,
}: {
  detail: SessionDetail
  onDone: () => void
}): JSX.Element {
  const [checked, setChecked] = useState<CheckedRoster | null>(null)
  const { session } = detail
  return (
    <div class="stack">
      <div>
        <a
          class="button quiet dense"
          {...linkTo({ view: 'sessions', session, part: 'participants' })}
        >
          <Icon name="back" size="1em" /> {detail.name}
        </a>
      </div>
      <h2>{t('roster.title')}</h2>
      {checked ? (
        <Confirm
          session={session}
          checked={checked}
          onOther={() => setChecked(null)}
          onDone={onDone}
        />
      ) : (
        <Choose session={session} onChecked={setChecked} />
      )}
    </div>
  )
}
