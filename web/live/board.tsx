// P10: the lead's board. Who looks after whom, who is there, what waits longest; and moving candidates.
import type { JSX } from 'preact'
import { formatLength, now } from '@/lib/clock'
import type { Row } from '@/lib/gen/wire'
import { refusalText } from '@/lib/words'
import { Banner, Button, Icon, Menu, type MenuEntry } from '@/ui'
import { useLive, type Live } from './context.ts'
import { stepBack } from './desk.tsx'
import { giveTo } from './handover.tsx'
import { seatsOf, type Seat } from './model/desk.ts'
import { Badges, RowState } from './row.tsx'
import { t } from './text.ts'

const NO_NOTES = new Map<number, string>()

const toOne = (attempts: readonly number[], user: number): Map<number, number> =>
  new Map(attempts.map((attempt) => [attempt, user]))

function seatState(seat: Seat): string {
  if (seat.away) return t('board.away')
  return t(seat.present ? 'board.present' : 'board.absent')
}

function loadText(seat: Seat, ratio: number): string {
  const n = seat.attempts.length
  return t(n > ratio ? 'board.over' : 'board.load', { n, ratio })
}

/** One candidate: selected here, as in grid and list. */
function Person({ row }: { row: Row }): JSX.Element {
  const { control } = useLive()
  const selected = control.selection.value.has(row.attempt)
  return (
    <li class={`board-person ${selected ? 'board-selected' : ''}`}>
      <label class="board-pick">
        <input
          type="checkbox"
          checked={selected}
          onFocus={() => (control.current.value = row.attempt)}
          onChange={() => control.toggle(row.attempt)}
        />
        <span class="visually-hidden">{t('select', { name: row.name })}</span>
      </label>
      <button type="button" class="link-button" onClick={() => control.open(row.attempt)}>
        {row.name} <span class="muted numbers">{row.number}</span>
      </button>
      <RowState row={row} />
      <Badges row={row} />
    </li>
  )
}

function People({ rows, label }: { rows: readonly Row[]; label: string }): JSX.Element {
  if (rows.length === 0) return <p class="muted">{t('board.none')}</p>
  return (
    <ul class="board-people" aria-label={label}>
      {rows.map((row) => (
        <Person key={row.attempt} row={row} />
      ))}
    </ul>
  )
}

async function sendAway(live: Live, user: number): Promise<void> {
  const command = { kind: 'step_away' as const, user, note: '' }
  const refusal = await live.monitor.actOnSession(command)
  if (refusal) live.control.say(refusalText(refusal))
}

function seatEntries(live: Live, seat: Seat): MenuEntry[] {
  const { control, monitor } = live
  const { me } = monitor.desk.peek()
  const attempts = seat.attempts.map((row) => row.attempt)
  const entries: MenuEntry[] = []
  if (attempts.length > 0) {
    if (seat.user !== me)
      entries.push({
        label: t('board.take'),
        onSelect: () => void giveTo(live, toOne(attempts, me), NO_NOTES),
      })
    entries.push({
      label: t('board.give'),
      onSelect: () => (control.asking.value = { kind: 'hand_over', attempts, leaves: false }),
    })
  }
  entries.push(
    seat.away
      ? { label: t('board.back'), onSelect: () => void stepBack(live, seat.user) }
      : { label: t('board.send'), onSelect: () => void sendAway(live, seat.user) },
  )
  return entries
}

function SeatCard({ seat }: { seat: Seat }): JSX.Element {
  const live = useLive()
  const { control, monitor } = live
  const { ratio, me } = monitor.desk.value
  const selected = [...control.selection.value].filter(
    (id) => monitor.peek(id)?.proctor !== seat.user,
  )
  const waits = seat.oldest_ms ? now.value - seat.oldest_ms : 0
  const id = `seat-${seat.user}`
  return (
    <section class={`card board-seat ${seat.present ? '' : 'board-absent'}`} aria-labelledby={id}>
      <div class="board-head">
        <h3 id={id}>
          {seat.name} {seat.lead ? <span class="board-lead">{t('board.lead')}</span> : null}
          {seat.user === me ? <span class="muted small"> {t('board.you')}</span> : null}
        </h3>
        <Menu
          label={t('board.menu')}
          aria-label={t('board.menu.label', { name: seat.name })}
          icon="more"
          size="dense"
          entries={seatEntries(live, seat)}
        />
      </div>
      <p class="board-facts">
        <span>
          <Icon name={seat.present && !seat.away ? 'check' : 'offline'} size="0.9em" />{' '}
          {seatState(seat)}
        </span>
        <strong class="numbers">{loadText(seat, ratio)}</strong>
        <span class={waits >= 90_000 ? 'board-late' : 'muted'}>
          {waits > 0 ? t('board.waits', { age: formatLength(waits) }) : t('board.quiet')}
        </span>
      </p>
      {selected.length > 0 && !seat.away ? (
        <Button
          size="dense"
          look="primary"
          aria-label={t('board.move.label', { n: selected.length, name: seat.name })}
          onClick={() => void giveTo(live, toOne(selected, seat.user), NO_NOTES)}
        >
          {t('board.move', { n: selected.length })}
        </Button>
      ) : null}
      <People rows={seat.attempts} label={t('board.people', { name: seat.name })} />
    </section>
  )
}

export function Board(): JSX.Element {
  const { control, monitor } = useLive()
  void monitor.pulse.value
  const desk = monitor.desk.value
  const { seats, nobody } = seatsOf(desk, monitor.all(), control.allRequests.value)
  const missing = seats.filter((seat) => seat.attempts.length > 0 && (!seat.present || seat.away))
  return (
    <div class="board">
      <h2 class="visually-hidden">{t('board.title')}</h2>
      {missing.length > 0 ? (
        <Banner tone="warn" icon="people" live>
          {t('board.missing', { names: missing.map((seat) => seat.name).join(', ') })}
        </Banner>
      ) : null}
      <p class="muted">{t('board.help')}</p>
      <div class="board-seats">
        {nobody.length > 0 ? (
          <section class="card board-seat board-absent" aria-labelledby="seat-0">
            <h3 id="seat-0">{t('board.nobody')}</h3>
            <People rows={nobody} label={t('board.nobody')} />
          </section>
        ) : null}
        {seats.map((seat) => (
          <SeatCard key={seat.user} seat={seat} />
        ))}
      </div>
    </div>
  )
}
