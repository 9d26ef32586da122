// P6: one candidate, large.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { formatLength, formatMinute, formatSpan, formatTime, now } from '@/lib/clock'
import { checks } from '@/lib/gen/words'
import type { EventOf, Row } from '@/lib/gen/wire'
import { api } from '@/lib/api'
import { go, linkTo } from '@/staff/place'
import { Banner, Button, Empty, Icon, Loading, Menu, Tabs, type MenuEntry } from '@/ui'
import { decideTakeover, forbidden, start } from './actions.ts'
import { Conversation } from './chat.tsx'
import { useLive } from './context.ts'
import type { Picture as Track } from './control.ts'
import { Flags } from './flags.tsx'
import { loadHistory } from './history.ts'
import { handOverNote, nameOfUser } from './model/desk.ts'
import { dropsOf, questionLines, type Health } from './model/health.ts'
import { applies, type Action } from './model/mass.ts'
import { endsMs, isPresent, leftMs } from './model/state.ts'
import { Badges, Look, RowProgress, RowState, useCut, warningsText } from './row.tsx'
import { Picture, tracksOf } from './picture.tsx'
import { Sound } from './sound.tsx'
import type { Happening } from './store.ts'
import { t } from './text.ts'
import { addedText } from './words.ts'

type Tab = 'timeline' | 'flags' | 'chat' | 'questions' | 'technical'
const tab = signal<Tab>('timeline')
const large = signal<Track>('webcam')

function Streams({ row }: { row: Row }): JSX.Element {
  const settings = useLive().monitor.settings.value
  const small = tracksOf(settings).filter((track) => track !== large.value)
  return (
    <div class="streams">
      <div class="stream-large">
        <Picture
          key={`l${large.value}`}
          attempt={row.attempt}
          name={row.name}
          track={large.value}
          quality="full"
        />
      </div>
      <div class="streams-small">
        {small.map((track) => (
          <SmallStream key={track} row={row} track={track} />
        ))}
      </div>
      {settings?.microphone ? <Sound row={row} /> : null}
    </div>
  )
}

function SmallStream({ row, track }: { row: Row; track: Track }): JSX.Element {
  const swap = t('focus.swap', { track: t(`picture.${track}`) })
  return (
    <button
      type="button"
      class="stream-small"
      aria-label={swap}
      title={swap}
      onClick={() => (large.value = track)}
    >
      <Picture attempt={row.attempt} name={row.name} track={track} quality="full" />
    </button>
  )
}

const BUTTONS: readonly Action[] = [
  'admit',
  'ask_again',
  'pause',
  'resume',
  'lock',
  'unlock',
  'message',
  'warn',
  'flag',
  'ask_snapshot',
]
const MORE: readonly Action[] = ['extend', 'refuse', 'end', 'reopen']

function Actions({ row }: { row: Row }): JSX.Element {
  const live = useLive()
  const one = [row.attempt]
  const more: MenuEntry[] = MORE.filter((action) => applies(row, action)).map((action) => ({
    label: t(`act.${action}`),
    disabled: forbidden(live, action) !== '',
    danger: action === 'refuse' || action === 'end',
    onSelect: () => start(live, action, one),
  }))
  if (row.set_aside)
    return (
      <Banner tone="bad" title={t('set_aside')}>
        {t('set_aside.help')}
      </Banner>
    )
  const why = applies(row, 'extend') ? forbidden(live, 'extend') : ''
  return (
    <div class="stack-small">
      {row.wants_device ? <Asks row={row} /> : null}
      <div class="row">
        {BUTTONS.filter((action) => applies(row, action) && !forbidden(live, action)).map(
          (action) => (
            <Button
              key={action}
              size="dense"
              look={action === 'admit' ? 'primary' : 'plain'}
              onClick={() => start(live, action, one)}
            >
              {t(`act.${action}`)}
            </Button>
          ),
        )}
        {more.length > 0 ? <Menu label={t('act.more')} size="dense" entries={more} /> : null}
      </div>
      {why ? <p class="muted small">{why}</p> : null}
    </div>
  )
}

function Asks({ row }: { row: Row }): JSX.Element {
  const live = useLive()
  const age = formatLength(now.value - row.takeover_asked_ms)
  return (
    <Banner
      tone="warn"
      icon="displays"
      title={t('queue.takeover')}
      actions={
        <Button size="dense" onClick={() => decideTakeover(live, [row.attempt])}>
          {t('takeover.decide')}
        </Button>
      }
    >
      {t('queue.waits', { age })}
    </Banner>
  )
}

/** Each time that was added, with its cause and to the second. */
function Credits({ attempt }: { attempt: number }): JSX.Element | null {
  const { monitor, control } = useLive()
  const lines = (monitor.histories.value.get(attempt) ?? []).filter(
    ({ event }) => event.kind === 'credited' || event.kind === 'extended',
  )
  if (!lines.length) return null
  return (
    <ul class="plain-list small">
      {lines.map((one) => (
        <li key={one.ver}>
          <span class="muted numbers">{formatTime(one.event.at_ms)}</span> {control.eventLine(one)}
        </li>
      ))}
    </ul>
  )
}

function Fact({
  name,
  children,
}: {
  name: string
  children: JSX.Element | string
}): JSX.Element | null {
  if (children === '') return null
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Facts(props: { row: Row }): JSX.Element {
  const row = useCut(props.row)
  const at = now.value
  const ends = row.state === 4 ? endsMs(row) : null
  const added = addedText(row)
  return (
    <dl class="facts">
      <Fact name={t('focus.state')}>
        <RowState row={row} />
      </Fact>
      <Fact name={t('focus.clock')}>
        {row.state === 4 || row.state === 3 ? (
          <>
            <strong class="numbers facts-clock">{formatSpan(leftMs(row, at))}</strong>{' '}
            {row.running || row.state === 3 ? null : <span class="muted">{t('tile.stopped')}</span>}
          </>
        ) : (
          ''
        )}
      </Fact>
      <Fact name={t('focus.ends')}>{ends ? formatMinute(ends) : ''}</Fact>
      <Fact name={t('focus.added')}>
        {added ? (
          <>
            {added}
            <Credits attempt={row.attempt} />
          </>
        ) : (
          ''
        )}
      </Fact>
      <Fact name={t('focus.warnings')}>{row.warnings ? warningsText(row) : ''}</Fact>
      <Fact name={t('focus.progress')}>
        <RowProgress row={row} wide />
      </Fact>
      <Fact name={t('focus.saved')}>
        {row.saved_ms > 0 ? formatTime(row.saved_ms) : t('saved.never')}
      </Fact>
      <Fact name={t('focus.connection')}>
        {isPresent(row)
          ? row.connected
            ? t('connected')
            : t('not.connected', { age: formatLength(at - row.heard_ms) })
          : ''}
      </Fact>
      <Desk row={row} />
      <Fact name={t('focus.reason', { reason: '' }).replace(/:? *$/, '')}>
        {row.holds ? row.hold_reason : ''}
      </Fact>
    </dl>
  )
}

/** Who looks after the candidate, who is on it, who looked last, and what the last one noted. */
function Desk({ row }: { row: Row }): JSX.Element {
  const { monitor } = useLive()
  const { ratio, staff } = monitor.desk.value
  const person = (user: number): string => nameOfUser(staff, user) || t('desk.somebody')
  const note = handOverNote(monitor.histories.value.get(row.attempt) ?? [], staff)
  return (
    <>
      <Fact name={t('focus.proctor')}>
        {ratio > 0 ? (row.proctor ? person(row.proctor) : t('board.nobody')) : ''}
      </Fact>
      <Fact name={t('focus.note')}>{note}</Fact>
      <Fact name={t('focus.claimed')}>{row.claimed_by ? person(row.claimed_by) : ''}</Fact>
      <Fact name={t('look.label')}>{isPresent(row) ? <Look row={row} /> : ''}</Fact>
    </>
  )
}

function Timeline({ lines }: { lines: readonly Happening[] }): JSX.Element {
  const { control } = useLive()
  const shown = lines.filter((one) => control.eventLine(one) !== null).reverse()
  if (shown.length === 0) return <p class="muted">{t('focus.nothing')}</p>
  return (
    <ol class="feed">
      {shown.map((one) => (
        <li key={one.ver} class="feed-line">
          <time class="muted small">{formatTime(one.event.at_ms)}</time>
          <span class="sentence">{control.eventLine(one)}</span>
        </li>
      ))}
    </ol>
  )
}

/** How often each question was answered, when last, and whether it is marked (S1.39). */
function Questions(props: { lines: readonly Happening[]; items: number }): JSX.Element {
  const { rows, left } = questionLines(props.lines, props.items)
  if (rows.length === 0) return <p class="muted">{t('questions.none')}</p>
  return (
    <>
      <table class="table questions">
        <caption class="visually-hidden">{t('focus.questions')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('questions.item')}</th>
            <th scope="col">{t('questions.times')}</th>
            <th scope="col">{t('questions.last')}</th>
            <th scope="col">{t('questions.marked')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((line) => (
            <tr key={line.item}>
              <th scope="row">{line.item}</th>
              <td class="numbers">{line.times}</td>
              <td class="numbers">{line.last_ms ? formatTime(line.last_ms) : '–'}</td>
              <td>{line.marked ? t('questions.yes') : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted small">{t('questions.left', { n: left })}</p>
    </>
  )
}

const HEALTH_EVERY_MS = 5_000

/** What the candidate's device said of its connection; asked for while somebody looks. */
function useHealth(attempt: number): Health | null {
  const [health, setHealth] = useState<Health | null>(null)
  useEffect(() => {
    const ask = async (): Promise<void> => {
      const answer = await api<{ health: Health }>('attempt_show', { id: attempt })
      if (answer.ok) setHealth(answer.value.health)
    }
    void ask()
    const timer = setInterval(() => void ask(), HEALTH_EVERY_MS)
    return () => clearInterval(timer)
  }, [attempt])
  return health
}

function HealthFacts({ row }: { row: Row }): JSX.Element {
  const health = useHealth(row.attempt)
  const known = health !== null && health.at_ms > 0
  const age = known ? t('health.age', { age: formatLength(now.value - health.at_ms) }) : ''
  return (
    <>
      <Fact name={t('health.roundTrip')}>
        {known ? `${t('health.ms', { n: health.round_trip_ms })} (${age})` : t('health.none')}
      </Fact>
      <Fact name={t('health.backlog')}>
        {known ? t('health.kb', { n: health.backlog_kb }) : t('health.none')}
      </Fact>
    </>
  )
}

function Technical({ row, lines }: { row: Row; lines: readonly Happening[] }): JSX.Element {
  const reports = lines
    .map((one) => one.event)
    .filter((event): event is EventOf<'check_reported'> => event.kind === 'check_reported')
  const { drops, longest_ms } = dropsOf(lines, now.value)
  const newest = (id: number): EventOf<'check_reported'> | undefined =>
    reports.findLast((event) => event.check === id)
  return (
    <dl class="facts">
      <HealthFacts row={row} />
      <Fact name={t('health.drops')}>
        {drops > 0
          ? t('health.drops.longest', { n: drops, age: formatLength(longest_ms) })
          : t('health.drops.none')}
      </Fact>
      {Object.values(checks).map((check) => {
        const report = newest(check.id)
        const outcome = report?.outcome === 1 || report?.outcome === 2 ? report.outcome : 3
        return (
          <Fact key={check.id} name={check.word}>
            {report
              ? `${t(`outcome.${outcome}`)}${report.detail ? ` – ${report.detail}` : ''}`
              : '–'}
          </Fact>
        )
      })}
      <Fact name={t('focus.version')}>{String(row.ver)}</Fact>
    </dl>
  )
}

function FocusTabs({ row }: { row: Row }): JSX.Element {
  const { monitor } = useLive()
  const [failed, setFailed] = useState('')
  const { attempt } = row
  const lines = monitor.histories.value.get(attempt)
  useEffect(() => {
    void loadHistory(monitor, attempt).then(setFailed)
  }, [attempt])
  const tabs = [
    { id: 'timeline', label: t('focus.timeline') },
    { id: 'flags', label: t('focus.flags'), badge: row.flags_open },
    { id: 'chat', label: t('focus.chat'), badge: row.unread },
    { id: 'questions', label: t('focus.questions') },
    { id: 'technical', label: t('focus.technical') },
  ]
  return (
    <Tabs
      label={row.name}
      tabs={tabs}
      current={tab.value}
      onChange={(id) => (tab.value = id as Tab)}
    >
      {failed ? (
        <Banner tone="warn" title={t('focus.failed')}>
          {failed}
        </Banner>
      ) : null}
      {tab.value === 'chat' ? (
        <Conversation key={attempt} attempt={attempt} />
      ) : !lines ? (
        failed ? null : (
          <Loading />
        )
      ) : tab.value === 'flags' ? (
        <Flags attempt={attempt} lines={lines} />
      ) : tab.value === 'questions' ? (
        <Questions lines={lines} items={row.items} />
      ) : tab.value === 'technical' ? (
        <Technical row={row} lines={lines} />
      ) : (
        <Timeline lines={lines} />
      )}
    </Tabs>
  )
}

function Neighbours({ attempt }: { attempt: number }): JSX.Element {
  const { monitor, control } = useLive()
  const order = control.shown.value
  const at = order.indexOf(attempt)
  const move = (step: number): void => {
    const next = order[at + step]
    if (next === undefined) return
    control.current.value = next
    go({ session: monitor.session, attempt: next }, 'replace')
  }
  return (
    <span class="row">
      <Button
        size="dense"
        aria-label={t('focus.previous')}
        disabled={at <= 0}
        onClick={() => move(-1)}
      >
        <Icon name="back" />
      </Button>
      <Button
        size="dense"
        aria-label={t('focus.next')}
        disabled={at < 0 || at >= order.length - 1}
        onClick={() => move(1)}
      >
        <Icon name="next" />
      </Button>
    </span>
  )
}

export function Focus({ attempt }: { attempt: number }): JSX.Element {
  const { monitor, looks } = useLive()
  const roles = monitor.detail.value?.my_roles ?? []
  const readsHistory = roles.includes('proctor') || roles.includes('reviewer')
  void monitor.pulse.value
  useEffect(() => looks.begin(attempt), [attempt])
  const row = monitor.row(attempt)?.value
  const back = linkTo({ session: monitor.session })
  if (!row)
    return (
      <Empty
        title={t('focus.gone')}
        actions={
          <a class="button" {...back}>
            {t('focus.back')}
          </a>
        }
      />
    )
  return (
    <section class="focus" aria-labelledby="focus-name">
      <div class="focus-head">
        <a class="button dense" {...back}>
          <Icon name="back" size="1em" /> {t('focus.back')}
        </a>
        <h2 id="focus-name">
          {row.name} <span class="muted numbers">{row.number}</span>
        </h2>
        <Badges row={row} />
        <Neighbours attempt={attempt} />
      </div>
      <div class="focus-body">
        <Streams row={row} />
        <div class="focus-side">
          <Actions row={row} />
          <Facts row={row} />
          {readsHistory ? <FocusTabs row={row} /> : <p class="muted">{t('focus.closed')}</p>}
        </div>
      </div>
    </section>
  )
}
