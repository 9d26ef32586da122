// C17: the phone as second camera. One big status, the picture, and where to put the phone.
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Trouble } from '@/phone/camera'
import { Phone } from '@/phone/phone'
import { awake, battery, charging } from '@/phone/power'
import { t, type TextKey } from '@/phone/text'
import { Banner, Button, Icon, Loading, type IconName, type Tone } from '@/ui'

const phone = new Phone()
const BATTERY_LOW = 20
const BATTERY_UNKNOWN = 255

type Status = 'connected' | 'preview' | 'move' | 'lost' | 'still' | 'over' | 'sending' | 'replaced'

function statusNow(): Status {
  if (phone.wanted.value === 'over') return phone.done.value ? 'over' : 'sending'
  if (phone.socket.closedBy.value) return 'replaced'
  const { state } = phone.socket
  if (state.value !== 'live' && state.value !== 'delayed') return 'lost'
  const trouble = phone.camera.trouble.value
  if (trouble === Trouble.dark) return 'move'
  if (trouble === Trouble.noPicture || trouble === Trouble.hidden) return 'still'
  return phone.wanted.value === 'record' ? 'connected' : 'preview'
}

const looks: Record<Status, { tone: Tone; icon: IconName }> = {
  connected: { tone: 'good', icon: 'check' },
  preview: { tone: 'good', icon: 'check' },
  move: { tone: 'warn', icon: 'warn' },
  lost: { tone: 'bad', icon: 'offline' },
  still: { tone: 'bad', icon: 'camera' },
  over: { tone: 'info', icon: 'check' },
  sending: { tone: 'info', icon: 'clock' },
  replaced: { tone: 'warn', icon: 'phone' },
}

function BigStatus(): JSX.Element {
  const status = statusNow()
  const { tone, icon } = looks[status]
  const waiting = phone.evidence.value?.waitingRecords ?? 0
  return (
    <section class={`big ${tone}`} role="status" data-status={status}>
      <Icon name={icon} size="2.5rem" />
      <p class="big-word">{t(`status.${status}`)}</p>
      <p>{t(`status.${status}.help`)}</p>
      {status === 'lost' || status === 'sending' ? (
        <p class="small">{t('waiting', { n: waiting })}</p>
      ) : null}
      {status === 'still' || status === 'lost' ? (
        <Button size="touch" look="primary" onClick={() => location.reload()}>
          {t('again')}
        </Button>
      ) : null}
    </section>
  )
}

function Picture(): JSX.Element | null {
  const video = useRef<HTMLVideoElement>(null)
  const stream = phone.camera.stream.value
  useEffect(() => {
    if (!video.current) return
    video.current.srcObject = stream
    if (stream) void video.current.play().catch(() => undefined)
  }, [stream])
  if (!stream) return null
  return <video class="view" ref={video} muted playsInline autoplay aria-label={t('picture')} />
}

function NoCamera(): JSX.Element | null {
  const problem = phone.camera.problem.value
  if (phone.camera.stream.value || !problem) return null
  return (
    <Banner
      tone="bad"
      live
      actions={
        <Button size="touch" onClick={() => void phone.start()}>
          {t('camera')}
        </Button>
      }
    >
      {t(`camera.${problem}`)}
    </Banner>
  )
}

function Power(): JSX.Element {
  const n = battery.value
  const low = n <= BATTERY_LOW && !charging.value
  const key: TextKey = low ? 'battery.low' : charging.value ? 'battery.charging' : 'battery'
  return (
    <ul class="plain-list facts-list">
      {n === BATTERY_UNKNOWN ? null : (
        <li class={low ? 'warned' : ''}>
          <Icon name={low ? 'warn' : 'info'} /> {t(key, { n })}
        </li>
      )}
      <li>
        <Icon name={awake.value ? 'check' : 'info'} /> {t(awake.value ? 'awake' : 'awake.no')}
      </li>
    </ul>
  )
}

/** The desk from above and from the side: where the phone stands and what it sees. */
function Drawing(): JSX.Element {
  return (
    <svg class="place" viewBox="0 0 160 90" role="img" aria-label={t('place.alt')}>
      <path class="sight" d="M24 44L104 16v62z" />
      <path d="M40 78h110M52 78v10M140 78v10M118 40h26v26h-26zM131 66v12M104 74h-22" />
      <circle cx="88" cy="30" r="9" />
      <path d="M88 39v26M88 46l16 26" />
      <rect class="device" x="16" y="34" width="10" height="20" rx="2" />
      <path d="M21 54v24M12 78h18" />
    </svg>
  )
}

function Place(): JSX.Element {
  return (
    <section class="stack-small">
      <h2>{t('place')}</h2>
      <Drawing />
      <ul>
        {(['place.1', 'place.2', 'place.3'] as const).map((line) => (
          <li key={line}>{t(line)}</li>
        ))}
      </ul>
    </section>
  )
}

function Paired(): JSX.Element {
  const over = phone.wanted.value === 'over' || phone.socket.closedBy.value !== ''
  return (
    <>
      <BigStatus />
      {over ? null : (
        <>
          <NoCamera />
          <Picture />
          <Power />
          <Place />
          <p class="muted small">{t('camera.help')}</p>
        </>
      )}
    </>
  )
}

function Content(): JSX.Element {
  switch (phone.stage.value) {
    case 'opening':
      return <Loading what={t('opening')} />
    case 'no-ticket':
      return (
        <Banner tone="warn" icon="phone" title={t('no.ticket')}>
          {t('no.ticket.help')}
        </Banner>
      )
    case 'failed':
      return (
        <Banner tone="bad" title={t('failed')} live>
          {phone.why.value?.text}
        </Banner>
      )
    case 'paired':
      return 'VideoEncoder' in globalThis ? (
        <Paired />
      ) : (
        <Banner tone="bad" title={t('failed')}>
          {t('old')}
        </Banner>
      )
  }
}

export function App(): JSX.Element {
  useEffect(() => void phone.open(), [])
  return (
    <main class="phone stack">
      <header>
        <h1>{t('title')}</h1>
        <p class="muted">{phone.pairing.value?.session_name}</p>
      </header>
      <Content />
    </main>
  )
}
