// Left: who is at the door, how long, and what is missing.
import type { JSX } from 'preact'
import { formatLength, now } from '@/lib/clock'
import { attemptStates, proofs, type Proof } from '@/lib/gen/words'
import type { Row } from '@/lib/gen/wire'
import { Button, Empty, Icon } from '@/ui'
import { useLive } from '../context.ts'
import { me, type Desk } from './desk.ts'
import { heldBy, isChecked, missing, toDecide } from './model.ts'
import { t } from './text.ts'

export const words = (names: readonly Proof[]): string =>
  names.map((name) => proofs[name].word).join(', ')

/** The name of another one who checks this candidate in; '': nobody does. */
export function useHolder(row: Row | undefined): string {
  const { monitor } = useLive()
  const holder = row ? heldBy(row, me(), now.value) : 0
  if (!holder) return ''
  const staff = monitor.detail.value?.staff ?? []
  return staff.find((one) => one.user === holder)?.name ?? t('held.somebody')
}

function lineOf(row: Row, wanted: readonly Proof[]): string {
  if (row.state === attemptStates.joined.id) return t('queue.setup')
  const open = missing(row, wanted)
  if (open.length) return t('queue.missing', { what: words(open) })
  const left = toDecide(row, wanted)
  if (left.length) return t('queue.decide', { what: words(left) })
  return t('queue.checked')
}

function Line({ desk, row }: { desk: Desk; row: Row }): JSX.Element {
  const holder = useHolder(row)
  const waits = row.ready_ms
    ? t('queue.waits', { age: formatLength(now.value - row.ready_ms) })
    : ''
  return (
    <li>
      <button
        type="button"
        class="checkin-line"
        aria-current={desk.current.value === row.attempt ? 'true' : undefined}
        onClick={() => desk.open(row.attempt)}
      >
        <strong>
          {row.name} <span class="muted numbers">{row.number}</span>
        </strong>
        <span class="small">{lineOf(row, desk.wanted)}</span>
        {waits ? <span class="small muted numbers">{waits}</span> : null}
        {holder ? (
          <span class="small">
            <Icon name="people" size="1em" /> {t('queue.held', { name: holder })}
          </span>
        ) : null}
      </button>
    </li>
  )
}

export function DoorQueue({ desk }: { desk: Desk }): JSX.Element {
  const rows = desk.rows()
  const checked = rows.filter((row) => isChecked(row, desk.wanted)).map((row) => row.attempt)
  const waiting = rows.filter((row) => row.state === attemptStates.waiting.id).length
  return (
    <nav class="checkin-queue stack-small" aria-label={t('queue')}>
      <h2>
        {t('queue')} <span class="muted numbers small">{t('queue.n', { n: waiting })}</span>
      </h2>
      {checked.length ? (
        <Button icon="check" onClick={() => desk.admitAll(checked)}>
          {t('queue.admit', { n: checked.length })}
        </Button>
      ) : null}
      {rows.length ? (
        <ol class="checkin-lines">
          {rows.map((row) => (
            <Line key={row.attempt} desk={desk} row={row} />
          ))}
        </ol>
      ) : (
        <Empty title={t('empty')} icon="check">
          {t('empty.help')}
        </Empty>
      )}
    </nav>
  )
}
