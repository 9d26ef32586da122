// One session for the planner: what it is, who takes part, who holds its key.
import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { api } from '@/lib/api'
import { formatLength, formatMoment, now } from '@/lib/clock'
import { settings } from '@/lib/gen/settings'
import type { Setting, Settings } from '@/lib/gen/words'
import type { Row } from '@/lib/gen/wire'
import { hasRole } from '@/staff/account'
import { go, linkTo, place } from '@/staff/place'
import { roleWords } from '@/staff/text'
import type { SessionDetail } from '@/staff/types'
import {
  Button,
  Dialog,
  Empty,
  ErrorState,
  Icon,
  Loading,
  StateMark,
  Tabs,
  TextArea,
  toast,
  type Column,
  DataTable,
} from '@/ui'
import { refusalText } from '@/lib/words'
import { groupOf, shownState, type Group } from '@/live/model/state'
import { staffLoader } from './create.tsx'
import { giveKey, askOnSession } from './give.ts'
import { Loader } from './load.ts'
import { Roster } from './roster.tsx'
import { t } from './text.ts'
import { Told } from './told.tsx'

interface Loads {
  detail: Loader<SessionDetail>
  attempts: Loader<{ attempts: Row[] }>
}

const REFRESH_MS = 10_000

function copy(text: string): void {
  void navigator.clipboard?.writeText(text).then(() => toast(t('session.copied')))
}

function Copyable({ text }: { text: string }): JSX.Element {
  return (
    <span class="row">
      <code class="copyable">{text}</code>
      <Button size="dense" onClick={() => copy(text)}>
        {t('session.copy')}
        <span class="visually-hidden"> {text}</span>
      </Button>
    </span>
  )
}

function settingText(name: Setting, value: number): string {
  const { unit } = settings[name]
  if (unit === 'yes_no') return t(value ? 'session.yes' : 'session.no')
  if (unit === 'ms') return formatLength(value)
  if (unit === 'days') return t('session.days', { n: value })
  return name === 'max_candidates' && value === 0 ? t('session.nolimit') : String(value)
}

function RuleList({ values }: { values: Settings }): JSX.Element {
  return (
    <dl class="facts">
      {(Object.keys(settings) as Setting[]).map((name) => (
        <div key={name} class="fact">
          <dt>{settings[name].word}</dt>
          <dd>{settingText(name, values[name])}</dd>
        </div>
      ))}
    </dl>
  )
}

function Overview({ detail }: { detail: SessionDetail }): JSX.Element {
  const link = `${location.origin}/exam/?code=${encodeURIComponent(detail.code)}`
  return (
    <div class="overview">
      <dl class="facts card">
        <div class="fact">
          <dt>{t('session.code')}</dt>
          <dd>
            <Copyable text={detail.code} />
          </dd>
        </div>
        <div class="fact">
          <dt>{t('session.link')}</dt>
          <dd>
            <Copyable text={link} />
          </dd>
        </div>
        <div class="fact">
          <dt>{t('session.when')}</dt>
          <dd>
            {formatMoment(detail.started_ms || detail.starts_ms)}
            <br />
            <span class="muted">{t('session.opens', { time: formatMoment(detail.opens_ms) })}</span>
          </dd>
        </div>
        <div class="fact">
          <dt>{t('session.duration')}</dt>
          <dd>{formatLength(detail.duration_ms)}</dd>
        </div>
        <div class="fact">
          <dt>{t('session.assessment')}</dt>
          <dd>
            <a {...linkTo({ view: 'assessments', assessment: detail.assessment })}>
              {detail.assessment_name}
            </a>
          </dd>
        </div>
      </dl>
      <section class="card stack" aria-labelledby="told">
        <h3 id="told">{t('create.told')}</h3>
        <Told settings={detail.settings} staff={detail.staff} />
      </section>
      <section class="card stack overview-wide" aria-labelledby="rules">
        <h3 id="rules">{t('session.rules')}</h3>
        <RuleList values={detail.settings} />
      </section>
    </div>
  )
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'name',
    head: t('row.name'),
    sticky: true,
    sortBy: (row) => row.name,
    cell: (row) => row.name,
  },
  { id: 'number', head: t('row.number'), sortBy: (row) => row.number, cell: (row) => row.number },
  {
    id: 'state',
    head: t('row.state'),
    sortBy: (row) => row.state,
    cell: (row) => <StateMark mark={shownState(row, now.value)} />,
  },
  {
    id: 'progress',
    head: t('row.progress'),
    end: true,
    sortBy: (row) => row.answered,
    cell: (row) => (row.state >= 4 && row.state <= 6 ? `${row.answered} / ${row.items}` : ''),
  },
  {
    id: 'time',
    head: t('row.time'),
    end: true,
    sortBy: (row) => row.limit_ms,
    cell: (row) => (row.limit_ms > 0 ? formatLength(row.limit_ms + row.extra_ms) : ''),
  },
  {
    id: 'points',
    head: t('row.points'),
    end: true,
    sortBy: (row) => row.points_milli,
    cell: (row) =>
      row.max_milli > 0 ? `${row.points_milli / 1000} / ${row.max_milli / 1000}` : '',
  },
]

function Participants({ loads, detail }: { loads: Loads; detail: SessionDetail }): JSX.Element {
  const [group, setGroup] = useState<Group | null>(null)
  const state = loads.attempts.state.value
  if (!state) return <Loading />
  if ('ok' in state)
    return (
      <ErrorState title={t('failed')} onRetry={() => void loads.attempts.load()}>
        {state.text}
      </ErrorState>
    )
  const all = state.value.attempts
  const at = now.value
  const groups = [...new Set(all.map((row) => groupOf(row, at)))]
  const rows = group ? all.filter((row) => groupOf(row, at) === group) : all
  const mayAdd = detail.state === 'planned' || detail.state === 'running'
  const add = mayAdd ? (
    <Button
      look="primary"
      onClick={() => go({ view: 'sessions', session: detail.session, part: 'roster' })}
    >
      {t('session.add')}
    </Button>
  ) : null
  if (all.length === 0)
    return (
      <Empty title={t('session.nobody')} icon="people" actions={add}>
        {t('session.nobody.help')}
      </Empty>
    )
  return (
    <div class="stack">
      <div class="row row-apart">
        <div class="row" role="group" aria-label={t('row.state')}>
          <Button size="dense" aria-pressed={group === null} onClick={() => setGroup(null)}>
            {t('session.all')} {all.length}
          </Button>
          {groups.map((one) => (
            <Button
              key={one}
              size="dense"
              aria-pressed={group === one}
              onClick={() => setGroup(one)}
            >
              <StateMark mark={one} /> {all.filter((row) => groupOf(row, at) === one).length}
            </Button>
          ))}
        </div>
        {add}
      </div>
      <DataTable
        caption={t('session.participants')}
        columns={COLUMNS}
        rows={rows}
        rowKey={(row) => row.attempt}
        rowHeight={40}
        class="participants"
      />
    </div>
  )
}

function Staff({ detail }: { detail: SessionDetail }): JSX.Element {
  const [busy, setBusy] = useState(0)
  useEffect(() => void staffLoader.load(), [])
  const users = staffLoader.value?.users ?? []
  const give = async (user: number): Promise<void> => {
    const to = users.find((entry) => entry.user === user)
    if (!to || busy) return
    setBusy(user)
    const why = await giveKey(detail, to)
    setBusy(0)
    if (why === null) return
    toast(why ? t('session.notdone', { why }) : t('session.keys.given', { name: to.name }), {
      urgent: why !== '',
    })
  }
  return (
    <div class="stack narrow">
      <h3>{t('session.keys')}</h3>
      <p class="muted">{t(detail.public_key ? 'session.keys.help' : 'session.keys.nokey')}</p>
      <ul class="staff-list">
        {detail.staff.map((member) => {
          const ready = Boolean(users.find((user) => user.user === member.user)?.box_public)
          return (
            <li key={member.user} class="staff-row">
              <span>
                <strong>{member.name}</strong>{' '}
                <span class="muted small">
                  {roleWords(member.roles, 'conjunction')} ·{' '}
                  {t(ready ? 'session.keys.has' : 'session.keys.none')}
                </span>
              </span>
              {ready && detail.public_key && hasRole('planner') ? (
                <Button
                  size="dense"
                  busy={busy === member.user}
                  onClick={() => void give(member.user)}
                >
                  {busy === member.user ? t('session.keys.giving') : t('session.keys.give')}
                  <span class="visually-hidden"> {member.name}</span>
                </Button>
              ) : null}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function CancelDialog(props: {
  session: number
  onClose: () => void
  onDone: () => void
}): JSX.Element {
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [missing, setMissing] = useState(false)
  const cancel = async (): Promise<void> => {
    setMissing(!reason.trim())
    if (!reason.trim()) return
    setBusy(true)
    const refusal = await askOnSession(
      { kind: 'cancel_session', reason: reason.trim() },
      props.session,
    )
    toast(refusal ? t('session.notdone', { why: refusalText(refusal) }) : t('session.cancelled'))
    props.onDone()
    props.onClose()
  }
  const actions = (
    <>
      <Button onClick={props.onClose}>{t('session.cancel.keep')}</Button>
      <Button look="danger" busy={busy} onClick={() => void cancel()}>
        {t('session.cancel.do')}
      </Button>
    </>
  )
  return (
    <Dialog open alert title={t('session.cancel.title')} onClose={props.onClose} actions={actions}>
      <div class="stack">
        <p>{t('session.cancel.help')}</p>
        <TextArea
          label={t('session.cancel.reason')}
          error={missing ? t('session.cancel.reason.needed') : undefined}
          rows={2}
          autofocus
          value={reason}
          onInput={setReason}
        />
      </div>
    </Dialog>
  )
}

const PARTS = ['overview', 'participants', 'staff'] as const
type Part = (typeof PARTS)[number]

function Head({ detail, reload }: { detail: SessionDetail; reload: () => void }): JSX.Element {
  const [cancelling, setCancelling] = useState(false)
  return (
    <div class="row row-apart">
      <div>
        <h2>{detail.name}</h2>
        <p class="muted">
          {t(`state.${detail.state}`)} · {formatMoment(detail.started_ms || detail.starts_ms)}
        </p>
      </div>
      <div class="row">
        <a class="button primary" href={`/live/?session=${detail.session}`}>
          {t('session.live')}
        </a>
        {detail.state === 'planned' ? (
          <Button look="danger" onClick={() => setCancelling(true)}>
            {t('session.cancel')}
          </Button>
        ) : null}
      </div>
      {cancelling ? (
        <CancelDialog
          session={detail.session}
          onClose={() => setCancelling(false)}
          onDone={reload}
        />
      ) : null}
    </div>
  )
}

export function SessionPage({ session }: { session: number }): JSX.Element {
  const loads = useMemo<Loads>(
    () => ({
      detail: new Loader(() => api<SessionDetail>('session_show', { id: session })),
      attempts: new Loader(() => api<{ attempts: Row[] }>('session_attempts', { id: session })),
    }),
    [session],
  )
  useEffect(() => {
    const load = (): void => {
      void loads.detail.load()
      void loads.attempts.load()
    }
    load()
    const timer = setInterval(load, REFRESH_MS)
    return () => clearInterval(timer)
  }, [loads])
  const state = loads.detail.state.value
  if (!state) return <Loading />
  if ('ok' in state)
    return (
      <ErrorState title={t('session.failed')} onRetry={() => void loads.detail.load()}>
        {state.text}
      </ErrorState>
    )
  const detail = state.value
  const wanted = place.value.get('part')
  if (wanted === 'roster')
    return <Roster detail={detail} onDone={() => void loads.attempts.load()} />
  const part: Part = PARTS.find((one) => one === wanted) ?? 'overview'
  const tabs = [
    { id: 'overview', label: t('session.overview') },
    {
      id: 'participants',
      label: t('session.participants'),
      badge: loads.attempts.value?.attempts.length ?? 0,
    },
    { id: 'staff', label: t('session.staff') },
  ]
  return (
    <div class="stack">
      <div>
        <a class="button quiet dense" {...linkTo({})}>
          <Icon name="back" size="1em" /> {t('sessions.title')}
        </a>
      </div>
      <Head detail={detail} reload={() => void loads.detail.load()} />
      <Tabs
        label={t('session.parts')}
        tabs={tabs}
        current={part}
        onChange={(id) => go({ view: 'sessions', session, part: id }, 'replace')}
      >
        {part === 'overview' ? (
          <Overview detail={detail} />
        ) : part === 'participants' ? (
          <Participants loads={loads} detail={detail} />
        ) : (
          <Staff detail={detail} />
        )}
      </Tabs>
    </div>
  )
}
