// The flags of one attempt, newest first, and what may be done about them while the exam runs.
import type { JSX } from 'preact'
import { formatTime } from '@/lib/clock'
import type { EventOf } from '@/lib/gen/wire'
import { Button, Empty, Severity } from '@/ui'
import { mayAsk } from './actions.ts'
import { useLive } from './context.ts'
import type { Happening } from './store.ts'
import { t } from './text.ts'
import { flagWord } from './words.ts'

const FLAG_OPEN = 0
const FLAG_CONFIRMED = 1
const FLAG_DISMISSED = 2

interface FlagEntry {
  event: EventOf<'flagged'>
  decision: number
}

/** Flags with their newest decision, newest first. Pure. */
export function flagEntries(lines: readonly Happening[]): FlagEntry[] {
  const decisions = new Map<number, number>()
  for (const { event } of lines)
    if (event.kind === 'flag_decided') decisions.set(event.flag, event.decision)
  return lines
    .map((one) => one.event)
    .filter((event): event is EventOf<'flagged'> => event.kind === 'flagged')
    .map((event) => ({ event, decision: decisions.get(event.flag) ?? 0 }))
    .reverse()
}

const DECISIONS = ['focus.undecided', 'focus.confirmed', 'focus.dismissed'] as const

export function Flags(props: { attempt: number; lines: readonly Happening[] }): JSX.Element {
  const live = useLive()
  const { attempt } = props
  const entries = flagEntries(props.lines)
  if (entries.length === 0)
    return (
      <Empty title={t('focus.noflags')} icon="mark">
        {t('focus.noflags.help')}
      </Empty>
    )
  return (
    <ul class="flags">
      {entries.map(({ event, decision }) => (
        <li key={event.flag} class="flag">
          <div class="row row-apart">
            <strong>{flagWord(event.type)}</strong>
            <Severity severity={event.severity} />
          </div>
          <p class="muted small">
            {t('focus.from', { from: formatTime(event.from_ms), to: formatTime(event.to_ms) })} ·{' '}
            {t(DECISIONS[decision] ?? 'focus.undecided')}
          </p>
          {event.note ? <p>{event.note}</p> : null}
          {mayAsk(live, 'decide_flag') ? (
            <Decide attempt={attempt} flag={event.flag} decision={decision} />
          ) : null}
        </li>
      ))}
    </ul>
  )
}

/** Who watches may say that there is nothing to it, and take that back; confirming is the review's. */
function Decide(props: { attempt: number; flag: number; decision: number }): JSX.Element | null {
  const { control, monitor } = useLive()
  const { attempt, flag } = props
  const reviews = monitor.detail.value?.my_roles.includes('reviewer') ?? false
  const proctors = monitor.detail.value?.my_roles.includes('proctor') ?? false
  const decide = (decision: number): void =>
    void control.act('decide_flag', { kind: 'decide_flag', flag, decision, note: '' }, [attempt])
  if (props.decision === FLAG_CONFIRMED) return null
  if (props.decision === FLAG_DISMISSED)
    return (
      <div>
        <Button size="dense" onClick={() => decide(FLAG_OPEN)}>
          {t('focus.undismiss')}
        </Button>
      </div>
    )
  return (
    <div class="row">
      {reviews && !proctors ? (
        <Button size="dense" onClick={() => decide(FLAG_CONFIRMED)}>
          {t('focus.confirm')}
        </Button>
      ) : null}
      <Button size="dense" onClick={() => decide(FLAG_DISMISSED)}>
        {t('focus.dismiss')}
      </Button>
    </div>
  )
}
