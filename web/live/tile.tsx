// One candidate in the grid.
import type { JSX } from 'preact'
import { now } from '@/lib/clock'
import type { Row } from '@/lib/gen/wire'
import { Icon, type IconName } from '@/ui'
import { decideTakeover, start, toggle } from './actions.ts'
import { useLive, type Live } from './context.ts'
import type { Density } from './control.ts'
import { applies } from './model/mass.ts'
import { isPresent, shownState, untilEnd } from './model/state.ts'
import { Picture } from './picture.tsx'
import {
  Badges,
  ChecksDone,
  Look,
  RowProgress,
  rowLabel,
  rowNote,
  RowState,
  TimeLeft,
} from './row.tsx'
import { LevelBar } from './sound.tsx'
import { t } from './text.ts'

export interface TileProps {
  attempt: number
  density: Density
  position: number
  /** The one that the Tab key reaches. */
  active: boolean
  onOpen: (attempt: number) => void
}

function TileButton(props: {
  icon: IconName
  label: string
  active: boolean
  pressed?: boolean
  onClick: () => void
}): JSX.Element {
  return (
    <button
      type="button"
      class="tile-button"
      title={props.label}
      aria-label={props.label}
      aria-pressed={props.pressed}
      tabIndex={props.active ? 0 : -1}
      onClick={(event) => {
        event.stopPropagation()
        props.onClick()
      }}
    >
      <Icon name={props.icon} size="1em" />
    </button>
  )
}

function TileActions({
  row,
  active,
  live,
}: {
  row: Row
  active: boolean
  live: Live
}): JSX.Element {
  const one = [row.attempt]
  const pinned = live.control.pinned.value.has(row.attempt)
  const button = (icon: IconName, label: string, onClick: () => void): JSX.Element => (
    <TileButton icon={icon} label={label} active={active} onClick={onClick} />
  )
  const can = (action: Parameters<typeof start>[1]): boolean => applies(row, action)
  return (
    <span class="tile-actions" role="group" aria-label={t('tile.actions', { name: row.name })}>
      {can('admit') ? button('check', t('act.admit'), () => start(live, 'admit', one)) : null}
      {row.wants_device
        ? button('displays', t('takeover.decide'), () => decideTakeover(live, one))
        : null}
      {can('pause') ? button('pause', t('act.pause'), () => start(live, 'pause', one)) : null}
      {can('resume') ? button('play', t('act.resume'), () => start(live, 'resume', one)) : null}
      {can('lock') || can('unlock')
        ? button(can('lock') ? 'lock' : 'unlock', t(can('lock') ? 'act.lock' : 'act.unlock'), () =>
            toggle(live, 'lock', 'unlock', one),
          )
        : null}
      {can('ask_snapshot')
        ? button('snapshot', t('act.ask_snapshot'), () => start(live, 'ask_snapshot', one))
        : null}
      {can('message') ? button('chat', t('act.message'), () => start(live, 'message', one)) : null}
      <TileButton
        icon="pin"
        label={t(pinned ? 'act.unpin' : 'act.pin')}
        active={active}
        pressed={pinned}
        onClick={() => live.control.pin(row.attempt)}
      />
    </span>
  )
}

/** Pictures with the badges upon them, so that a badge never moves anything. */
function TileMiddle({ row, density }: { row: Row; density: Density }): JSX.Element {
  if (density === 'compact') return <Badges row={row} />
  return (
    <div class="tile-middle">
      <TilePictures row={row} density={density} />
      <TileLevel row={row} />
      <Badges row={row} />
    </div>
  )
}

function TileLevel({ row }: { row: Row }): JSX.Element | null {
  const { monitor } = useLive()
  if (!monitor.settings.value?.microphone || !isPresent(row)) return null
  return (
    <div class="tile-level">
      <LevelBar attempt={row.attempt} name={row.name} />
    </div>
  )
}

function TilePictures({ row, density }: { row: Row; density: Density }): JSX.Element {
  const { control } = useLive()
  if (!isPresent(row)) return <div class="picture picture-empty" />
  const { attempt, name } = row
  if (density === 'medium')
    return <Picture attempt={attempt} name={name} track={control.picture.value} quality="low" />
  return (
    <div class="tile-pair">
      <Picture attempt={attempt} name={name} track="webcam" quality="low" />
      <Picture attempt={attempt} name={name} track="screen" quality="low" />
    </div>
  )
}

export function Tile({
  attempt,
  density,
  position,
  active,
  onOpen,
}: TileProps): JSX.Element | null {
  const live = useLive()
  const { control, monitor } = live
  const row = monitor.row(attempt)?.value
  if (!row) return null
  const at = now.value
  const selected = control.selection.value.has(attempt)
  const note = rowNote(untilEnd(row, monitor.course.value.end?.end_ms ?? 0), at)
  const pinned = control.pinned.value.has(attempt)
  return (
    <div
      role="gridcell"
      id={`tile-${attempt}`}
      class={`tile tile-${density} tile-${shownState(row, at)} ${selected ? 'tile-selected' : ''}`}
      aria-selected={selected}
      aria-label={rowLabel(row, at)}
      tabIndex={active ? 0 : -1}
      data-attempt={attempt}
      data-position={position}
      onClick={(event) => {
        control.current.value = attempt
        if (event.ctrlKey || event.metaKey) control.toggle(attempt)
        else if (event.shiftKey) control.selectRange(control.lastSelected, attempt)
      }}
      onDblClick={() => onOpen(attempt)}
    >
      <div class="tile-head">
        <RowState row={row} />
        {pinned ? <Icon name="pin" size="0.9em" /> : null}
        <input
          type="checkbox"
          class="tile-check"
          checked={selected}
          aria-label={t('select', { name: row.name })}
          tabIndex={active ? 0 : -1}
          onClick={(event) => event.stopPropagation()}
          onChange={() => control.toggle(attempt)}
        />
      </div>
      {density === 'compact' ? null : <TileMiddle row={row} density={density} />}
      <button
        type="button"
        class="tile-name"
        tabIndex={active ? 0 : -1}
        onClick={(event) => {
          event.stopPropagation()
          onOpen(attempt)
        }}
      >
        <span class="tile-person">{row.name}</span> <span class="muted numbers">{row.number}</span>
      </button>
      <div class="tile-facts">
        {row.state === 2 || row.state === 3 ? <ChecksDone row={row} /> : null}
        {row.state >= 4 && row.state <= 6 ? <RowProgress row={row} /> : null}
        <TimeLeft row={row} words={density === 'compact' ? 'none' : 'left'} />
      </div>
      {density === 'compact' ? null : <div class="tile-note muted">{note}</div>}
      {density === 'compact' ? null : <Look row={row} />}
      {density === 'compact' ? <TileMiddle row={row} density={density} /> : null}
      <TileActions row={row} active={active} live={live} />
    </div>
  )
}
