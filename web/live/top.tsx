// The head of the live page: the session, counts by state, find, order, view; and the banner that says
// when what is shown is old.
import type { JSX } from 'preact'
import { formatLength, formatMinute, formatTime, now } from '@/lib/clock'
import { go, linkTo, placeNumber } from '@/staff/place'
import {
  Banner,
  Button,
  Icon,
  later,
  MarkShape,
  Menu,
  toast,
  type Mark,
  type MenuEntry,
} from '@/ui'
import { forbidden, mayAsk } from './actions.ts'
import { useLive } from './context.ts'
import { DENSITIES } from './control.ts'
import { DeskMenu } from './desk.tsx'
import { CheckinLink } from './door.tsx'
import { nameOfUser } from './model/desk.ts'
import { isFiltering, toggleGroup } from './model/filter.ts'
import { SORTS, type Sort } from './model/order.ts'
import { GROUPS, type Group } from './model/state.ts'
import { tracksOf } from './picture.tsx'
import { t } from './text.ts'

const CsvButton = later(() => import('./list.tsx').then((part) => part.CsvButton))

function useTimes(): string {
  const { monitor } = useLive()
  const detail = monitor.detail.value
  if (!detail) return ''
  if (detail.state === 'running')
    return t('ran', {
      from: formatMinute(detail.started_ms),
      to: formatMinute(detail.started_ms + detail.duration_ms),
    })
  if (detail.state !== 'planned')
    return t('ran', { from: formatMinute(detail.started_ms), to: formatMinute(detail.ended_ms) })
  const own = detail.settings.start_by_proctor === 0
  return t(own ? 'starts.self' : 'starts.at', { time: formatMinute(detail.starts_ms) })
}

function copyCode(code: string): void {
  void navigator.clipboard?.writeText(code).then(() => toast(t('top.copied')))
}

const MASS = [
  'message',
  'warn',
  'admit',
  'pause',
  'resume',
  'lock',
  'unlock',
  'ask_snapshot',
  'extend',
] as const

function MassMenu(): JSX.Element {
  const live = useLive()
  const entries: MenuEntry[] = MASS.map((action) => ({
    label: t(`all.${action}`),
    note: forbidden(live, action) ? <Icon name="lock" size="1em" /> : undefined,
    onSelect: () => {
      const why = forbidden(live, action)
      if (why) return live.control.say(why)
      const attempts = [...live.monitor.ids.value]
      live.control.asking.value = { kind: 'act', action, attempts }
    },
    line: action === 'pause' || action === 'ask_snapshot',
  }))
  if (mayAsk(live, 'declare_incident') && !live.monitor.course.value.incident)
    entries.push({
      label: t('incident.declare'),
      line: true,
      onSelect: () => (live.control.asking.value = { kind: 'incident' }),
    })
  return <Menu label={t('top.more')} icon="people" entries={entries} />
}

export function Head(): JSX.Element {
  const live = useLive()
  const { monitor, control } = live
  const detail = monitor.detail.value
  return (
    <div class="live-head">
      <a
        class="button quiet dense"
        {...linkTo({})}
        aria-label={t('top.back')}
        title={t('top.back')}
      >
        <Icon name="back" />
      </a>
      <div class="live-title">
        <h1>{detail?.name}</h1>
        <span class="muted">
          {detail ? t(`state.${detail.state === 'none' ? 'planned' : detail.state}`) : ''} ·{' '}
          {useTimes()}
        </span>
      </div>
      {detail?.code ? (
        <button
          type="button"
          class="live-code"
          title={t('top.copy')}
          onClick={() => copyCode(detail.code)}
        >
          <span class="muted small">{t('top.code')}</span> <code>{detail.code}</code>
          <span class="visually-hidden">{t('top.copy')}</span>
        </button>
      ) : null}
      <time class="live-clock numbers" title={t('top.clock')}>
        {formatTime(now.value)}
      </time>
      <div class="row live-do">
        {detail?.state === 'planned' && mayAsk(live, 'start_session') ? (
          <Button
            look="primary"
            icon="play"
            onClick={() => (control.asking.value = { kind: 'start_session' })}
          >
            {t('top.start')}
          </Button>
        ) : null}
        <CheckinLink />
        {detail && (detail.state === 'running' || detail.state === 'planned') ? <MassMenu /> : null}
        {detail?.state === 'running' || detail?.state === 'ended' ? (
          <a class="button" {...linkTo({ session: monitor.session, part: 'summary' })}>
            {t('top.summary')}
          </a>
        ) : null}
        {detail?.state === 'running' && mayAsk(live, 'end_session') ? (
          <Button onClick={() => (control.asking.value = { kind: 'end_session' })}>
            {t('top.end')}
          </Button>
        ) : null}
        <DeskMenu />
        <Button
          look="quiet"
          aria-label={t('top.help')}
          title={`${t('top.help')} (?)`}
          onClick={() => (control.asking.value = { kind: 'help' })}
        >
          <Icon name="help" />
        </Button>
      </div>
    </div>
  )
}

const MARKS: Record<Group, Mark> = {
  active: 'active',
  paused: 'paused',
  locked: 'locked',
  system_paused: 'system_paused',
  disconnected: 'disconnected',
  waiting: 'waiting',
  complete: 'complete',
  invited: 'invited',
}

export function Chips(): JSX.Element {
  const { control, monitor } = useLive()
  const counts = control.counts.value
  const { groups } = control.filter.value
  const set = (next: ReadonlySet<Group>): void => {
    control.filter.value = { ...control.filter.peek(), groups: next }
    // From the focus view a filter leads back to those it shows.
    if (placeNumber('attempt') > 0) go({ session: monitor.session })
  }
  return (
    <div class="chips" role="group" aria-label={t('filter.label')}>
      <button
        type="button"
        class="chip"
        aria-pressed={groups.size === 0}
        onClick={() => set(new Set<Group>())}
      >
        {t('group.all')} <strong class="numbers">{control.total.value}</strong>
      </button>
      {GROUPS.map((group) => (
        <button
          key={group}
          type="button"
          class={`chip ${counts[group] === 0 ? 'chip-none' : ''}`}
          aria-pressed={groups.has(group)}
          onClick={() => set(toggleGroup(groups, group))}
        >
          <MarkShape mark={MARKS[group]} /> {t(`group.${group}`)}{' '}
          <strong class="numbers">{counts[group]}</strong>
        </button>
      ))}
    </div>
  )
}

function Find(): JSX.Element {
  const { control } = useLive()
  const { find } = control.filter.value
  const set = (text: string): void =>
    void (control.filter.value = { ...control.filter.peek(), find: text })
  return (
    <label class="find">
      <span class="visually-hidden">{t('find')}</span>
      <Icon name="search" size="1em" />
      <input
        type="search"
        class="input"
        placeholder={`${t('find.placeholder')} ( / )`}
        value={find}
        onInput={(event) => set(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          set('')
          event.currentTarget.blur()
          event.stopPropagation()
        }}
      />
    </label>
  )
}

function Choice<T extends string>(props: {
  label: string
  value: T
  options: readonly T[]
  word: (option: T) => string
  onChange: (option: T) => void
}): JSX.Element {
  return (
    <label class="choice">
      <span class="visually-hidden">{props.label}</span>
      <select
        class="input"
        title={props.label}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value as T)}
      >
        {props.options.map((option) => (
          <option key={option} value={option}>
            {props.word(option)}
          </option>
        ))}
      </select>
    </label>
  )
}

const VIEWS = ['grid', 'list', 'board', 'numbers'] as const

/** Leads may look at the candidates of one proctor. */
function ProctorChoice(): JSX.Element | null {
  const { control, monitor } = useLive()
  if (!control.mayBoard.value) return null
  const proctors = monitor.desk.value.staff.filter((one) => one.roles.includes('proctor'))
  const chosen = String(control.filter.value.proctor ?? 0)
  return (
    <Choice
      label={t('desk.of')}
      value={chosen}
      options={['0', ...proctors.map((one) => String(one.user))]}
      word={(user) =>
        user === '0'
          ? t('desk.all')
          : t('desk.of.name', { name: nameOfUser(proctors, Number(user)) })
      }
      onChange={(user) =>
        (control.filter.value = { ...control.filter.peek(), proctor: Number(user) })
      }
    />
  )
}

function ViewSwitch(): JSX.Element {
  const { control } = useLive()
  const shownView =
    control.view.value === 'board' && !control.mayBoard.value ? 'grid' : control.view.value
  return (
    <span class="switch" role="group" aria-label={t('view')}>
      {VIEWS.filter((view) => view !== 'board' || control.mayBoard.value).map((view) => (
        <Button
          key={view}
          size="dense"
          aria-pressed={shownView === view}
          onClick={() => (control.view.value = view)}
        >
          {t(`view.${view}`)}
        </Button>
      ))}
    </span>
  )
}

export function Tools(): JSX.Element {
  const { control, monitor } = useLive()
  const view = control.view.value
  const grid = view !== 'list' && view !== 'numbers' && !control.boardShown.value
  const { moves, outside, untaken } = control
  return (
    <div class="tools">
      <div class="tools-row">
        <Find />
        <Choice<Sort>
          label={t('sort')}
          value={control.sort.value}
          options={SORTS}
          word={(sort) => t(`sort.${sort}`)}
          onChange={(sort) => {
            control.sort.value = sort
            control.descending.value = false
          }}
        />
        <ProctorChoice />
        <ViewSwitch />
        {grid ? (
          <Choice
            label={t('density')}
            value={control.density.value}
            options={DENSITIES}
            word={(density) => t(`density.${density}`)}
            onChange={(density) => (control.density.value = density)}
          />
        ) : view === 'list' ? (
          <CsvButton />
        ) : null}
        {grid ? (
          <Button
            size="dense"
            look="quiet"
            onClick={() => (control.asking.value = { kind: 'rotation' })}
          >
            {t('rotation')}
          </Button>
        ) : null}
        {grid && control.density.value === 'medium' ? (
          <Choice
            label={t('picture')}
            value={control.picture.value}
            options={tracksOf(monitor.settings.value)}
            word={(picture) => t(`picture.${picture}`)}
            onChange={(picture) => (control.picture.value = picture)}
          />
        ) : null}
        {moves.value > 0 ? (
          <button type="button" class="chip chip-news" onClick={() => control.applyOrder()}>
            {t('moved', { n: moves.value })} <kbd>o</kbd>
          </button>
        ) : null}
        {outside.value > 0 ? (
          <button
            type="button"
            class="chip chip-news"
            onClick={() => (control.filter.value = { groups: new Set<Group>(), find: '' })}
          >
            {t('filter.outside', { n: outside.value })}
          </button>
        ) : null}
        {isFiltering(control.filter.value) ? (
          <span class="muted small">
            {t('showing', { shown: control.shown.value.length, all: control.total.value })}
          </span>
        ) : null}
        <span class="tools-side">
          <Button
            size="dense"
            aria-expanded={control.sideOpen.value}
            onClick={() => (control.sideOpen.value = true)}
          >
            {t('top.queue', { n: untaken.value.length })}
          </Button>
        </span>
      </div>
    </div>
  )
}

/** Why there are no pictures, with the way to them. */
export function PictureBanner(): JSX.Element | null {
  const { pictures } = useLive()
  const lock = pictures.lock.value
  if (lock === 'open' || lock === 'asking') return null
  if (lock === 'none')
    return (
      <Banner tone="info" icon="lock">
        {t('unlock.none')}
      </Banner>
    )
  return (
    <Banner
      tone="info"
      icon="lock"
      actions={
        <Button look="primary" size="dense" onClick={() => void pictures.unlock()}>
          {t('unlock.do')}
        </Button>
      }
    >
      {t('unlock.needed')}
    </Banner>
  )
}

export function LinkBanner(): JSX.Element | null {
  const { monitor, freshness } = useLive()
  const { state, refusal } = monitor.socket
  const fresh = freshness.state.value
  if (state.value === 'refused')
    return (
      <Banner tone="bad" icon="offline" title={t('link.refused')} live>
        {refusal.value}
      </Banner>
    )
  if (fresh === 'live') return null
  const age = formatLength(freshness.ageMs())
  const offline = state.value === 'offline' || state.value === 'connecting'
  const again = (
    <Button size="dense" onClick={() => monitor.socket.reconnectNow()}>
      {t('link.again')}
    </Button>
  )
  return (
    <Banner
      tone="warn"
      icon="offline"
      title={t(offline ? 'link.offline' : 'link.late')}
      actions={offline ? again : undefined}
      live
    >
      {t(offline ? 'link.offline.help' : 'link.late.help', { age })}
    </Banner>
  )
}
