// The parts that tile, list and focus view show of a row in the same way.
import type { JSX } from 'preact'
import { formatLength, formatMinute, formatSpan, now } from '@/lib/clock'
import type { Row } from '@/lib/gen/wire'
import { checks, type Settings } from '@/lib/gen/words'
import { Icon, Severity, StateMark, markWord, type IconName } from '@/ui'
import { useLive } from './context.ts'
import type { StaffLine } from '@/staff/types'
import { nameOfUser } from './model/desk.ts'
import { needsAdmission } from './model/order.ts'
import {
  endsMs,
  isDisconnected,
  isPresent,
  isReconnecting,
  leftMs,
  progressOf,
  shownState,
  untilEnd,
} from './model/state.ts'
import { t } from './text.ts'

const MINUTE = 60_000

/** To the minute until the last ten, so that most tiles do not change each second. */
export function roundedLeft(left: number): string {
  if (left < 10 * MINUTE) return formatSpan(left)
  return formatLength(Math.ceil(left / MINUTE) * MINUTE)
}

function ageText(row: Row, at: number): string {
  const shown = shownState(row, at)
  if (shown === 'disconnected') return formatSpan(at - row.heard_ms)
  const timed = shown === 'paused' || shown === 'locked' || shown === 'system_paused'
  return timed || shown === 'waiting' ? formatSpan(at - row.since_ms) : ''
}

/** Mark, word and, where it matters, for how long. */
export function RowState({ row }: { row: Row }): JSX.Element {
  const at = now.value
  const shown = shownState(row, at)
  return (
    <span class="row-state">
      <StateMark mark={shown}>
        <span class="numbers muted">{ageText(row, at)}</span>
      </StateMark>
      {isReconnecting(row, at) ? <span class="row-reconnecting">{t('reconnecting')}</span> : null}
    </span>
  )
}

/** The row with the time that the announced end of the session leaves. */
export function useCut(row: Row): Row {
  const { monitor } = useLive()
  return untilEnd(row, monitor.course.value.end?.end_ms ?? 0)
}

/** How much is said beside the time: when it ends, that it is what is left, or nothing. */
type TimeWords = 'end' | 'left' | 'none'

export function TimeLeft(props: { row: Row; words?: TimeWords }): JSX.Element | null {
  const { words = 'end' } = props
  const row = useCut(props.row)
  if ((row.state !== 4 && row.state !== 3) || row.set_aside) return null
  const at = now.value
  const left = leftMs(row, at)
  const running = row.running === 1
  const ends = endsMs(row)
  const short = left < 5 * MINUTE && row.state === 4
  return (
    <span class={`time-left ${short ? 'time-short' : ''}`}>
      {row.state === 4 && !running ? <Icon name="pause" size="0.9em" /> : null}
      <strong class="numbers">{roundedLeft(left)}</strong>
      {words === 'none' ? null : (
        <span class="muted">{words === 'left' ? t('tile.left') : timeNote(row, ends)}</span>
      )}
    </span>
  )
}

function timeNote(row: Row, ends: number | null): string {
  if (row.state !== 4) return t('tile.limit')
  return ends ? t('tile.ends', { time: formatMinute(ends) }) : t('tile.stopped')
}

export function RowProgress({ row, wide }: { row: Row; wide?: boolean }): JSX.Element {
  const label = t('tile.progress', { answered: row.answered, items: row.items })
  return (
    <span class={`row-progress ${wide ? 'row-progress-wide' : ''}`}>
      <progress class="progress" value={progressOf(row)} max={1} aria-label={label} />
      <span class="numbers" aria-hidden="true">
        {t('tile.progress.short', { answered: row.answered, items: row.items })}
      </span>
    </span>
  )
}

/** How many of the required checks have passed. */
export function checksText(
  row: Row,
  settings: Settings | null,
  key: 'queue.checks' | 'tile.checks' = 'queue.checks',
): string {
  const needed = Object.values(checks).filter(
    (check) => check.setting === null || settings?.[check.setting] !== 0,
  )
  const done = needed.filter((check) => row.checks_passed & (1 << check.id))
  return t(key, { done: done.length, all: needed.length })
}

export function ChecksDone({ row }: { row: Row }): JSX.Element {
  const { monitor } = useLive()
  return <span class="muted">{checksText(row, monitor.settings.value, 'tile.checks')}</span>
}

function Badge(props: { icon: IconName; text: string; strong?: boolean }): JSX.Element {
  return (
    <span class={`tile-badge ${props.strong ? 'tile-badge-strong' : ''}`} title={props.text}>
      <Icon name={props.icon} size="1em" />
      <span class="tile-badge-text">{props.text}</span>
    </span>
  )
}

/** Open requests, unread messages, flags: what makes somebody look. */
export function Badges({ row }: { row: Row }): JSX.Element {
  const { monitor } = useLive()
  const asksIn = monitor.waitingRoom.value && isPresent(row) && needsAdmission(row)
  const waits = row.state === 3 && row.admitted === 1
  return (
    <span class="tile-badges">
      {row.hand_ms > 0 ? <Badge icon="hand" text={t('tile.hand')} strong /> : null}
      {row.pause_asked_ms > 0 ? <Badge icon="pause" text={t('tile.pause')} strong /> : null}
      {row.takeover_asked_ms > 0 ? <TakeoverBadge row={row} /> : null}
      {asksIn ? <Badge icon="people" text={t('tile.admit')} strong /> : null}
      {waits ? <Badge icon="check" text={t('tile.admitted')} /> : null}
      {row.warnings > 0 ? <Badge icon="warn" text={warningsText(row)} /> : null}
      {row.unread > 0 ? (
        <Badge icon="chat" text={t('tile.unread', { n: row.unread })} strong />
      ) : null}
      {row.flags_open > 0 ? <FlagBadge row={row} /> : null}
    </span>
  )
}

/** How far up the ladder, and whether the candidate has read the latest. */
export function warningsText(row: Row): string {
  const text = t('tile.warnings', { n: row.warnings })
  return row.warnings_seen < row.warnings ? t('tile.warnings.unread', { text }) : text
}

function TakeoverBadge({ row }: { row: Row }): JSX.Element {
  const age = formatLength(now.value - row.takeover_asked_ms)
  return <Badge icon="displays" text={t('tile.takeover', { age })} strong />
}

function FlagBadge({ row }: { row: Row }): JSX.Element {
  return (
    <span class="tile-badge" title={t('tile.flags', { n: row.flags_open })}>
      <Icon name="mark" size="1em" />
      <span class="numbers">{row.flags_open}</span>
      <span class="visually-hidden">{t('tile.flags', { n: row.flags_open })}</span>
      <Severity severity={row.worst_flag} />
    </span>
  )
}

function overNote(row: Row): string {
  const key = row.state === 5 ? 'tile.submitted' : 'tile.ended'
  const over = t(key, { time: formatMinute(row.since_ms) })
  if (row.max_milli === 0) return over
  const points = { points: row.points_milli / 1000, max: row.max_milli / 1000 }
  return `${over} · ${t('tile.points', points)}`
}

/** One line: why it stands still, since when there is no contact, what was saved last. */
export function rowNote(row: Row, at: number): string {
  if (row.set_aside) return t('set_aside')
  if (isDisconnected(row, at)) return t('tile.heard', { age: formatLength(at - row.heard_ms) })
  if (row.holds && row.hold_reason) return row.hold_reason
  if (row.state === 5 || row.state === 6) return overNote(row)
  const parts: string[] = []
  if (row.state === 4) parts.push(timeNote(row, endsMs(row)))
  if (row.state === 4 && row.saved_ms > 0)
    parts.push(t('tile.saved', { time: formatMinute(row.saved_ms) }))
  return parts.join(' · ')
}

/** "Lena, 4 min ago"; who never was looked at is said so once there is somebody to look at. */
export function lookText(row: Row, at: number, staff: readonly StaffLine[]): string {
  if (!isPresent(row)) return ''
  if (row.looked_ms === 0) return t('look.never')
  const age = at - row.looked_ms
  const name = nameOfUser(staff, row.looked_by) || t('desk.somebody')
  if (age < 60_000) return t('look.now', { name })
  return t('look.ago', { name, age: formatLength(Math.floor(age / 60_000) * 60_000) })
}

export function Look({ row }: { row: Row }): JSX.Element | null {
  const { monitor } = useLive()
  const text = lookText(row, now.value, monitor.desk.value.staff)
  return text ? (
    <span class="look muted" title={t('look.label')}>
      <Icon name="eye" size="0.9em" /> {text}
    </span>
  ) : null
}

/** All that a tile says, for those who hear it. */
export function rowLabel(row: Row, at: number): string {
  const parts = [row.name, row.number, markWord(shownState(row, at))]
  if (row.hand_ms > 0) parts.push(t('tile.hand'))
  if (row.pause_asked_ms > 0) parts.push(t('tile.pause'))
  if (row.takeover_asked_ms > 0) parts.push(t('queue.takeover'))
  if (row.warnings > 0) parts.push(warningsText(row))
  if (row.unread > 0) parts.push(t('tile.unread', { n: row.unread }))
  if (row.flags_open > 0) parts.push(t('tile.flags', { n: row.flags_open }))
  if (row.state === 4) parts.push(t('tile.progress', { answered: row.answered, items: row.items }))
  if (row.state === 4) parts.push(`${roundedLeft(leftMs(row, at))} ${t('tile.left')}`)
  return parts.filter(Boolean).join(', ')
}
