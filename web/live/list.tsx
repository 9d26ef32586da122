// P5: the same rows as a table, and as a file.
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { formatLength, formatMinute, now } from '@/lib/clock'
import { download } from '@/lib/download'
import type { Row } from '@/lib/gen/wire'
import { Button, Icon, Severity, toast } from '@/ui'
import { useLive } from './context.ts'
import { csvOf } from './model/csv.ts'
import type { Sort } from './model/order.ts'
import { isDisconnected, isPresent, leftMs, shownState } from './model/state.ts'
import { Badges, Look, RowProgress, RowState, TimeLeft } from './row.tsx'
import { t, type TextKey } from './text.ts'
import { useWindow } from './window.ts'

const ROW_HEIGHT = 40

interface Column {
  id: string
  head: TextKey
  sort?: Sort
  end?: boolean
  cell: (row: Row, at: number) => JSX.Element | string
}

function connection(row: Row, at: number): string {
  if (!isPresent(row)) return ''
  if (row.connected) return t('connected')
  return t('not.connected', { age: formatLength(at - row.heard_ms) })
}

function extra(row: Row): string {
  const parts: string[] = []
  if (row.extra_ms > 0) parts.push(t('tile.extra', { time: formatLength(row.extra_ms) }))
  if (row.credit_ms > 0) parts.push(t('tile.credit', { time: formatLength(row.credit_ms) }))
  return parts.join(', ')
}

const COLUMNS: readonly Column[] = [
  { id: 'number', head: 'col.number', sort: 'number', cell: (row) => row.number },
  { id: 'state', head: 'col.state', sort: 'attention', cell: (row) => <RowState row={row} /> },
  { id: 'requests', head: 'col.requests', cell: (row) => <Badges row={row} /> },
  {
    id: 'progress',
    head: 'col.progress',
    sort: 'progress',
    cell: (row) => <RowProgress row={row} />,
  },
  { id: 'left', head: 'col.left', sort: 'left', cell: (row) => <TimeLeft row={row} /> },
  { id: 'extra', head: 'col.extra', cell: extra },
  {
    id: 'saved',
    head: 'col.saved',
    cell: (row) => (row.saved_ms > 0 ? formatMinute(row.saved_ms) : ''),
  },
  { id: 'connection', head: 'col.connection', cell: connection },
  { id: 'looked', head: 'col.looked', sort: 'looked', cell: (row) => <Look row={row} /> },
  {
    id: 'flags',
    head: 'col.flags',
    sort: 'flags',
    cell: (row) =>
      row.flags_total > 0 ? (
        <span class="row-flags">
          <span class="numbers">
            {row.flags_open} / {row.flags_total}
          </span>
          {row.worst_flag > 0 ? <Severity severity={row.worst_flag} /> : null}
        </span>
      ) : (
        ''
      ),
  },
]

function Head({ column }: { column: { head: TextKey; sort?: Sort } }): JSX.Element {
  const { control } = useLive()
  const { sort } = column
  if (!sort) return <th scope="col">{t(column.head)}</th>
  const sorted = control.sort.value === sort
  const down = control.descending.value
  return (
    <th scope="col" aria-sort={sorted ? (down ? 'descending' : 'ascending') : undefined}>
      <button type="button" class="sort-button" onClick={() => control.sortBy(sort)}>
        {t(column.head)} <Icon name={sorted ? (down ? 'down' : 'up') : 'sort'} size="0.9em" />
      </button>
    </th>
  )
}

function Line(props: {
  attempt: number
  index: number
  onOpen: (attempt: number) => void
}): JSX.Element | null {
  const { attempt } = props
  const { control, monitor } = useLive()
  const row = monitor.row(attempt)?.value
  if (!row) return null
  const at = now.value
  const selected = control.selection.value.has(attempt)
  return (
    <tr
      aria-rowindex={props.index + 2}
      class={`list-row list-${shownState(row, at)} ${selected ? 'list-selected' : ''}`}
      onDblClick={() => props.onOpen(attempt)}
      onClick={() => (control.current.value = attempt)}
    >
      <td>
        <input
          type="checkbox"
          checked={selected}
          aria-label={t('select', { name: row.name })}
          onChange={() => control.toggle(attempt)}
        />
      </td>
      <th scope="row" class="sticky">
        <button
          type="button"
          class="link-button"
          id={`line-${attempt}`}
          onFocus={() => (control.current.value = attempt)}
          onClick={() => props.onOpen(attempt)}
        >
          {row.name}
        </button>
      </th>
      {COLUMNS.map((column) => (
        <td key={column.id}>{column.cell(row, at)}</td>
      ))}
    </tr>
  )
}

function Spacer({ height }: { height: number }): JSX.Element | null {
  if (height <= 0) return null
  return (
    <tr aria-hidden="true">
      <td colSpan={COLUMNS.length + 2} class="list-space" style={{ height: `${height}px` }} />
    </tr>
  )
}

/** The head of the table covers the first line of what is scrolled under it. */
function keepInSight(box: HTMLElement | null, index: number): void {
  if (!box) return
  const top = index * ROW_HEIGHT
  const room = box.clientHeight - 2 * ROW_HEIGHT
  if (top < box.scrollTop) box.scrollTop = top
  else if (top > box.scrollTop + room) box.scrollTop = top - room
}

export function List({ onOpen }: { onOpen: (attempt: number) => void }): JSX.Element {
  const { control } = useLive()
  const order = control.shown.value
  const { ref, first, last, onScroll } = useWindow(order.length, ROW_HEIGHT)
  const moving = useRef(0)
  useEffect(() => {
    if (moving.current === 0) return
    document.getElementById(`line-${moving.current}`)?.focus({ preventScroll: true })
    moving.current = 0
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const at = order.indexOf(control.current.peek())
    const next = order[at + step]
    const onLine = (event.target as HTMLElement).id.startsWith('line-')
    if (step === 0 || !onLine || next === undefined) return
    event.preventDefault()
    if (event.shiftKey) control.selectRange(order[at] ?? next, next)
    keepInSight(ref.current, at + step)
    moving.current = next
    control.current.value = next
    onScroll()
  }
  const all = order.length > 0 && order.every((id) => control.selection.value.has(id))
  return (
    <div
      ref={ref}
      class="list table-wrap"
      tabIndex={0}
      role="region"
      aria-label={t('list.label')}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onPointerEnter={() => control.hold('pointer')}
      onPointerLeave={() => control.release('pointer')}
      onFocusCapture={() => control.hold('focus')}
      onBlurCapture={() => control.release('focus')}
    >
      <table class="table table-windowed" aria-rowcount={order.length + 1}>
        <caption class="visually-hidden">{t('list.label')}</caption>
        <thead>
          <tr>
            <td>
              <input
                type="checkbox"
                checked={all}
                aria-label={t('select.all')}
                onChange={() => (all ? control.clearSelection() : control.selectShown())}
              />
            </td>
            <Head column={{ head: 'col.name', sort: 'name' }} />
            {COLUMNS.map((column) => (
              <Head key={column.id} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={first * ROW_HEIGHT} />
          {order.slice(first, last).map((attempt, index) => (
            <Line key={attempt} attempt={attempt} index={first + index} onOpen={onOpen} />
          ))}
          <Spacer height={(order.length - last) * ROW_HEIGHT} />
        </tbody>
      </table>
    </div>
  )
}

export function CsvButton(): JSX.Element {
  const { control, monitor } = useLive()
  const save = (): void => {
    const at = now.peek()
    const rows = control.shown.peek().map((id) => monitor.peek(id))
    const lines = rows
      .filter((row) => row !== undefined)
      .map((row) => [
        row.name,
        row.number,
        shownState(row, at),
        `${row.answered}`,
        `${row.items}`,
        row.state === 4 ? `${Math.round(leftMs(row, at) / 1000)}` : '',
        `${Math.round((row.extra_ms + row.credit_ms) / 1000)}`,
        row.saved_ms > 0 ? new Date(row.saved_ms).toISOString() : '',
        isDisconnected(row, at) ? 'no' : 'yes',
        `${row.flags_open}`,
        `${row.flags_total}`,
      ])
    const heads =
      'name number state answered items left_s extra_s last_saved connected flags_open flags_total'
    const name = `${monitor.detail.peek()?.name ?? 'session'}.csv`
    download(name, csvOf([heads.split(' '), ...lines]), 'text/csv')
    toast(name)
  }
  return (
    <Button look="quiet" size="dense" onClick={save}>
      {t('csv')}
    </Button>
  )
}
