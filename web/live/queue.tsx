// The list of what waits for a person. Each entry ends in an outcome.
import type { JSX } from 'preact'
import { formatLength, now } from '@/lib/clock'
import { trackBit, tracks } from '@/lib/words'
import type { EventOf } from '@/lib/gen/wire'
import { linkTo } from '@/staff/place'
import { Button, CheckField, Empty, MarkShape, Icon, severityWord } from '@/ui'
import { decideTakeover, start } from './actions.ts'
import { useLive } from './context.ts'
import { asksAtDoor, checkinPlace } from './door.tsx'
import type { Happening } from './store.ts'
import { iLead, isTaken, nameOfUser } from './model/desk.ts'
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
  else if (request.kind === 'flag')
    text = `${t('tile.flags', { n: row.flags_open })}, ${severityWord(row.worst_flag)}`
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
          {asksAtDoor(live) ? (
            <a
              class="button dense primary"
              {...linkTo(checkinPlace(live.monitor.session, request.attempt))}
            >
              {t('queue.checkin')}
            </a>
          ) : (
            button('act.admit', () => start(live, 'admit', one), true)
          )}
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
    case 'flag':
      return (
        <>
          {button('queue.look', () => control.open(request.attempt), true)}
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

/** Who is on it, and the way to be that person. */
function Claim({ request, who }: { request: Request; who: string }): JSX.Element {
  const { control, monitor } = useLive()
  const { me, staff } = monitor.desk.value
  const { claimed_by: by } = request
  const claim = (text: TextKey): JSX.Element => (
    <Button
      size="dense"
      look="quiet"
      class="request-claim"
      aria-label={t('queue.claim.label', { what: t(text), who })}
      onClick={() => void control.claim(request)}
    >
      {t(text)}
    </Button>
  )
  if (!by) return claim('queue.claim')
  const age = formatLength(now.value - request.claimed_ms)
  if (by !== me)
    return (
      <span class="request-taken row">
        {t('queue.claimed', { name: nameOfUser(staff, by) || t('desk.somebody'), age })}
        {claim('queue.claim.over')}
      </span>
    )
  return (
    <span class="request-taken row">
      <Icon name="check" size="0.9em" /> {t('queue.claimed.me', { age })}
      <Button size="dense" look="quiet" onClick={() => void control.letGo(request)}>
        {t('queue.release')}
      </Button>
    </span>
  )
}

function RequestMark({ kind }: { kind: Request['kind'] }): JSX.Element {
  if (kind === 'system_paused' || kind === 'disconnected') return <MarkShape mark={kind} />
  if (kind === 'admit') return <MarkShape mark="waiting" />
  if (kind === 'takeover') return <Icon name="displays" size="1.1em" />
  if (kind === 'flag') return <Icon name="mark" size="1.1em" />
  return <Icon name={kind === 'message' ? 'chat' : kind} size="1.1em" />
}

function RequestCard({ request }: { request: Request }): JSX.Element {
  const { control, monitor } = useLive()
  const desk = monitor.desk.value
  const row = monitor.row(request.attempt)?.value
  const waited = formatLength(now.value - request.since_ms)
  const press = pressure(request, now.value)
  const late = iLead(desk) ? 'queue.overdue.lead' : 'queue.overdue'
  const waits = t(press === 3 ? late : 'queue.waits', { age: waited })
  const taken = isTaken(desk, request, now.value)
  return (
    <li
      class={`request pressure-${press} ${taken ? 'request-other' : ''}`}
      data-request={request.key}
    >
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
      <Claim request={request} who={row?.name ?? ''} />
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
  flag_decided: true,
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

/** A lead with a ratio sees what is a lead's; this shows the rest. */
function Everything(): JSX.Element | null {
  const { control, monitor } = useLive()
  const desk = monitor.desk.value
  if (desk.ratio === 0 || !iLead(desk)) return null
  return (
    <CheckField
      label={t('queue.everything', { n: control.allRequests.value.length })}
      checked={control.everything.value}
      onChange={(on) => (control.everything.value = on)}
    />
  )
}

const MANY = 3

export function Queue(): JSX.Element {
  const live = useLive()
  const { control } = live
  const requests = control.requests.value
  const others = control.allRequests.value.length > requests.length
  const waiting = requests.filter((one) => one.kind === 'admit').map((one) => one.attempt)
  return (
    <div class="queue">
      <Everything />
      {waiting.length >= MANY ? (
        <Button icon="check" onClick={() => start(live, 'admit', waiting)}>
          {t('queue.admit.all', { n: waiting.length })}
        </Button>
      ) : null}
      {requests.length === 0 ? (
        <Empty title={t(others ? 'queue.empty.mine' : 'queue.empty')} icon="check">
          {t(others ? 'queue.empty.mine.help' : 'queue.empty.help')}
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
