// A data table: sortable heads, an optional selection, and for long lists only the rows in sight
// (rowHeight given: every row has exactly that height).
import type { ComponentChildren, JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { Icon } from '@/ui/icons'

export interface Column<Row> {
  id: string
  head: ComponentChildren
  cell: (row: Row) => ComponentChildren
  /** Makes the head a button; rows are ordered by this. */
  sortBy?: (row: Row) => number | string
  /** Numbers and times. */
  end?: boolean
  /** Stays in sight while scrolling sideways; reads as the name of the row. */
  sticky?: boolean
}

export interface Sorting {
  column: string
  down: boolean
}

export interface DataTableProps<Row> {
  /** What the table shows, for screen readers. */
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string | number
  sorting?: Sorting | null
  onSort?: (sorting: Sorting) => void
  selected?: (row: Row) => boolean
  onOpen?: (row: Row) => void
  /** Instead of rows when there are none. */
  empty?: ComponentChildren
  rowHeight?: number
  /** Height of the box when rows are windowed, as a class. */
  class?: string
}

export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting | null | undefined,
): readonly Row[] {
  const by = columns.find((column) => column.id === sorting?.column)?.sortBy
  if (!by || !sorting) return rows
  const sign = sorting.down ? -1 : 1
  const order = (a: Row, b: Row): number => {
    const [x, y] = [by(a), by(b)]
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y)
    return sign * String(x).localeCompare(String(y), undefined, { numeric: true })
  }
  return [...rows].sort(order)
}

function Head<Row>(props: {
  column: Column<Row>
  sorting: Sorting | null | undefined
  onSort: (sorting: Sorting) => void
}): JSX.Element {
  const { column, sorting } = props
  const sorted = sorting?.column === column.id
  const direction = sorting?.down ? 'descending' : 'ascending'
  const icon = sorted ? (sorting.down ? 'down' : 'up') : 'sort'
  return (
    <th
      scope="col"
      class={`${column.end ? 'end' : ''} ${column.sticky ? 'sticky' : ''}`}
      aria-sort={sorted ? direction : undefined}
    >
      {column.sortBy ? (
        <button
          type="button"
          class="sort-button"
          onClick={() => props.onSort({ column: column.id, down: sorted ? !sorting.down : false })}
        >
          {column.head} <Icon name={icon} size="0.9em" />
        </button>
      ) : (
        column.head
      )}
    </th>
  )
}

function Spacer({ height, span }: { height: number; span: number }): JSX.Element | null {
  if (height <= 0) return null
  return (
    <tr aria-hidden="true">
      <td colSpan={span} style={{ height: `${height}px`, padding: 0, border: 0 }} />
    </tr>
  )
}

const OVER = 8

export function DataTable<Row>(props: DataTableProps<Row>): JSX.Element {
  const { columns, rowHeight } = props
  const box = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 800 })
  const [own, setOwn] = useState<Sorting | null>(null)
  const sorting = props.sorting === undefined ? own : props.sorting
  const rows = sortRows(props.rows, columns, sorting)

  const first = rowHeight ? Math.max(0, Math.floor(view.top / rowHeight) - OVER) : 0
  const shown = rowHeight ? Math.ceil(view.height / rowHeight) + 2 * OVER : rows.length
  const part = rows.slice(first, first + shown)
  const after = rows.length - first - part.length

  const onScroll = (): void => {
    if (!rowHeight || !box.current) return
    const { scrollTop: top, clientHeight: height } = box.current
    if (Math.abs(top - view.top) > rowHeight * 4 || height !== view.height) setView({ top, height })
  }

  return (
    <div
      ref={box}
      class={`table-wrap ${props.class ?? ''}`}
      tabIndex={0}
      role="region"
      aria-label={props.caption}
      onScroll={onScroll}
    >
      <table class={`table ${rowHeight ? 'table-windowed' : ''}`} aria-rowcount={rows.length + 1}>
        <caption class="visually-hidden">{props.caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head
                key={column.id}
                column={column}
                sorting={sorting}
                onSort={props.onSort ?? setOwn}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {rowHeight ? <Spacer height={first * rowHeight} span={columns.length} /> : null}
          {part.map((row, index) => (
            <TableRow key={props.rowKey(row)} {...props} row={row} index={first + index} />
          ))}
          {rowHeight ? <Spacer height={after * rowHeight} span={columns.length} /> : null}
          {!rows.length && props.empty ? (
            <tr>
              <td colSpan={columns.length}>{props.empty}</td>
            </tr>
          ) : null}
        </tbody>
      </table>
    </div>
  )
}

function TableRow<Row>(props: DataTableProps<Row> & { row: Row; index: number }): JSX.Element {
  const { row, columns, onOpen, rowHeight } = props
  return (
    <tr
      aria-rowindex={props.index + 2}
      aria-selected={props.selected?.(row) ? 'true' : undefined}
      style={rowHeight ? { height: `${rowHeight}px` } : undefined}
      onDblClick={onOpen ? () => onOpen(row) : undefined}
    >
      {columns.map((column) => {
        const classes = `${column.end ? 'end' : ''} ${column.sticky ? 'sticky' : ''}`
        return column.sticky ? (
          <th key={column.id} scope="row" class={classes}>
            {column.cell(row)}
          </th>
        ) : (
          <td key={column.id} class={classes}>
            {column.cell(row)}
          </td>
        )
      })}
    </tr>
  )
}
