// The list of what waits for a person. Each entry ends in an outcome.
import type { JSX } from 'preact'
import { formatLength, now } from '@/lib/clock'
import { trackBit, tracks } from '@/lib/words'
import type { EventOf } from '@/lib/gen/wire'
import { Button, Empty, MarkShape, Icon } from '@/ui'
import { decideTakeover, start } from './actions.ts'
import { useLive } from './context.ts'
import type { Happening } from './store.ts'
import { pressure, type Request } from './model/queue.ts'
import { checksText } from './row.tsx'
import { t, type TextKey } from './text.ts'

/** What the person wrote with the request, from the newest event of that kind. */
function said(activity: readonly Happening[], request: Request): string {
  const kind = request.kind === 'hand' ? 'hand_raised' : 'pause_requested'
  const found = activity.find((one) => one.attempt === request.attempt && one.event.kind === kind)
  if (!found) return ''
  if (kind === 'hand_raised') return (found.event as EventOf<'hand_raised'>).text
  const asked = found.event as EventOf<'pause_requested'>
  const purpose = t(`queue.purpose.${Math.min(4, asked.purpose)}` as TextKey)
  return [purpose, asked.reason].filter(Boolean).join(': ')
}

function lastLine(talk: readonly Happening[] | undefined): string {
  const line = talk?.findLast((one) => one.event.kind === 'said')
  return line ? (line.event as EventOf<'said'>).text : ''
}

function lostTracks(bits: number): string {
  const lost = Object.values(tracks).filter((track) => bits & trackBit(track.id))
  return lost.map((track) => track.word).join(', ')
}

function Detail({ request }: { request: Request }): JSX.Element | null {
  const { monitor } = useLive()
  const row = monitor.row(request.attempt)?.value
  if (!row) return null
  let text = ''
  if (request.kind === 'hand' || request.kind === 'pause')
    text = said(monitor.activity.value, request)
  else if (request.kind === 'message') text = lastLine(monitor.talk.value.get(request.attempt))
  else if (request.kind === 'admit') text = checksText(row, monitor.settings.value)
  else if (request.kind === 'takeover')
    text = t(row.connected ? 'takeover.connected' : 'takeover.gone')
  else if (request.kind === 'system_paused' && row.lost_tracks)
    text = t('queue.lost', { tracks: lostTracks(row.lost_tracks) })
  return text ? <p class="request-text">{text}</p> : null
}

function Answers({ request }: { request: Request }): JSX.Element {
  const live = useLive()
  const { control } = live
  const one = [request.attempt]
  const write = (): void => {
    control.chatWith.value = request.attempt
    control.side.value = 'chat'
  }
  const button = (text: TextKey, onClick: () => void, primary = false): JSX.Element => (
    <Button key={text} size="dense" look={primary ? 'primary' : 'plain'} onClick={onClick}>
      {t(text)}
    </Button>
  )
  const decide = (approve: number): void =>
    void control.act('decide_pause', { kind: 'decide_pause', approve, note: '' }, one)
  switch (request.kind) {
    case 'admit':
      return (
        <>
          {button('act.admit', () => start(live, 'admit', one), true)}
          {button('act.ask_again', () => start(live, 'ask_again', one))}
          {button('act.refuse', () => start(live, 'refuse', one))}
        </>
      )
    case 'pause':
      return (
        <>
          {button('queue.approve', () => decide(1), true)}
          {button('queue.decline', () => decide(0))}
        </>
      )
    case 'takeover':
      return (
        <>
          {button('takeover.decide', () => decideTakeover(live, one), true)}
          {button('act.message', write)}
        </>
      )
    case 'hand':
      return (
        <>
          {button('queue.reply', write, true)}
          {button('queue.answered', () => {
            void control.act('lower_hand', { kind: 'lower_hand', note: '' }, one)
          })}
        </>
      )
    case 'message':
      return (
        <>
          {button('queue.reply', write, true)}
          {button('queue.aside', () => control.setAside(request.key))}
        </>
      )
    case 'system_paused':
    case 'disconnected':
      return (
        <>
          {button('act.message', write)}
          {button('queue.aside', () => control.setAside(request.key))}
        </>
      )
  }
}

function RequestMark({ kind }: { kind: Request['kind'] }): JSX.Element {
  if (kind === 'system_paused' || kind === 'disconnected') return <MarkShape mark={kind} />
  if (kind === 'admit') return <MarkShape mark="waiting" />
  if (kind === 'takeover') return <Icon name="displays" size="1.1em" />
  return <Icon name={kind === 'message' ? 'chat' : kind} size="1.1em" />
}

function RequestCard({ request }: { request: Request }): JSX.Element {
  const { control, monitor } = useLive()
  const row = monitor.row(request.attempt)?.value
  const waited = formatLength(now.value - request.since_ms)
  const press = pressure(request, now.value)
  const waits =
    press === 3 ? t('queue.overdue', { age: waited }) : t('queue.waits', { age: waited })
  return (
    <li class={`request pressure-${press}`}>
      <div class="request-head">
        <RequestMark kind={request.kind} />
        <span class="request-kind">{t(`queue.${request.kind}`)}</span>
      </div>
      <div class="request-who">
        <button
          type="button"
          class="link-button request-name"
          onClick={() => control.open(request.attempt)}
        >
          {row?.name} <span class="muted numbers">{row?.number}</span>
        </button>
        <span class="muted small numbers">{waits}</span>
      </div>
      <Detail request={request} />
      <div class="row request-answers" role="group" aria-label={`${row?.name ?? ''}`}>
        <Answers request={request} />
      </div>
    </li>
  )
}

const OUTCOMES: Partial<Record<Happening['event']['kind'], true>> = {
  admitted: true,
  asked_again: true,
  refused: true,
  hand_lowered: true,
  pause_decided: true,
  pause_withdrawn: true,
  takeover_decided: true,
  system_resumed: true,
}

function Settled(): JSX.Element | null {
  const { monitor, control } = useLive()
  const lines = monitor.activity.value.filter((one) => OUTCOMES[one.event.kind]).slice(0, 5)
  if (lines.length === 0) return null
  return (
    <section class="settled" aria-labelledby="settled">
      <h2 id="settled">{t('queue.recent')}</h2>
      <ul>
        {lines.map((one) => (
          <li key={`${one.attempt}/${one.ver}`} class="small muted">
            {control.nameOf(one.attempt)} {control.eventLine(one)}
            <span class="numbers"> · {formatLength(now.value - one.event.at_ms)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const MANY = 3

export function Queue(): JSX.Element {
  const live = useLive()
  const { control } = live
  const requests = control.requests.value
  const waiting = requests.filter((one) => one.kind === 'admit').map((one) => one.attempt)
  return (
    <div class="queue">
      {waiting.length >= MANY ? (
        <Button icon="check" onClick={() => start(live, 'admit', waiting)}>
          {t('queue.admit.all', { n: waiting.length })}
        </Button>
      ) : null}
      {requests.length === 0 ? (
        <Empty title={t('queue.empty')} icon="check">
          {t('queue.empty.help')}
        </Empty>
      ) : (
        <ol class="requests" aria-label={t('side.queue')}>
          {requests.map((request) => (
            <RequestCard key={request.key} request={request} />
          ))}
        </ol>
      )}
      <Settled />
    </div>
  )
}
