// The live monitor of one session.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { LiveSocket } from '@/lib/socket'
import { room } from '@/staff/account'
import { go, linkTo, place, placeNumber } from '@/staff/place'
import { Button, Empty, ErrorState, later, Loading } from '@/ui'
import { LiveContext, useLive, type Live } from './context.ts'
import { Control } from './control.ts'
import { AwayBanner, RotationBanner, SoundBanner, useRotationStop } from './desk.tsx'
import { EndBanner, IncidentBanner } from './course.tsx'
import { CheckinScreen } from './door.tsx'
import { Grid } from './grid.tsx'
import { onKey } from './keyboard.ts'
import { laterScreen } from './later.tsx'
import { Looks } from './looks.ts'
import { isFiltering } from './model/filter.ts'
import type { Group } from './model/state.ts'
import { Notes } from './notes.tsx'
import { Pictures } from './pictures.ts'
import { SelectionBar } from './selection.tsx'
import { Side } from './side.tsx'
import { Sounds } from './sound.ts'
import { Freshness, Monitor } from './store.ts'
import { t } from './text.ts'
import { Chips, Head, LinkBanner, PictureBanner, Tools } from './top.tsx'

const Summary = laterScreen(() => import('./report/index.tsx').then((part) => part.Summary))
const Affected = laterScreen(() => import('./report/index.tsx').then((part) => part.Affected))
const Numbers = laterScreen(() => import('./report/index.tsx').then((part) => part.Numbers))
const Dialogs = later(() => import('./dialogs/index.tsx').then((part) => part.Dialogs))
const List = later(() => import('./list.tsx').then((part) => part.List))
const Focus = later(() => import('./focus.tsx').then((part) => part.Focus))
const Board = later(() => import('./board.tsx').then((part) => part.Board))

function openLive(session: number): Live & { close: () => void } {
  const socket = new LiveSocket()
  socket.on('welcome', () => (room.value = 0)) // less than enough is told right behind it
  socket.on('room', ({ level }) => (room.value = level))
  const monitor = new Monitor(session, socket)
  const sounds = new Sounds()
  const control = new Control(monitor, sounds)
  const looks = new Looks(session, socket)
  const pictures = new Pictures(session, socket)
  monitor.open()
  socket.connect()
  const close = (): void => {
    control.close()
    looks.close()
    sounds.close()
    pictures.close()
    monitor.close()
    socket.close()
  }
  return { monitor, control, pictures, looks, sounds, freshness: new Freshness(socket), close }
}

function Nobody(): JSX.Element {
  const { monitor, control } = useLive()
  const detail = monitor.detail.value
  if (isFiltering(control.filter.value) && control.total.value > 0) {
    const clear = (): void => void (control.filter.value = { groups: new Set<Group>(), find: '' })
    return (
      <Empty
        title={t('filter.none')}
        icon="search"
        actions={
          <Button look="primary" onClick={clear}>
            {t('filter.clear')}
          </Button>
        }
      >
        {t('filter.none.help')}
      </Empty>
    )
  }
  const state = detail?.state
  if (state === 'ended' || state === 'cancelled')
    return <Empty title={t('empty.ended')} icon="people" />
  return (
    <Empty title={t(state === 'running' ? 'empty.running' : 'empty.planned')} icon="people">
      {t('empty.planned.help', { code: detail?.code ?? '' })}
    </Empty>
  )
}

function Centre(): JSX.Element {
  const { control, monitor } = useLive()
  const attempt = Number(place.value.get('attempt')) || 0
  const open = (id: number): void => control.open(id)
  if (!monitor.fed.value)
    return (
      <div class="page">
        <Loading />
      </div>
    )
  if (place.value.get('view') === 'checkin') return <CheckinScreen />
  if (attempt > 0) return <Focus attempt={attempt} />
  const part = place.value.get('part')
  if (part === 'summary') return <Summary />
  if (part === 'affected') return <Affected />
  return (
    <>
      <Tools />
      {control.view.value === 'numbers' ? <Numbers /> : <People onOpen={open} />}
      <SelectionBar />
    </>
  )
}

function People({ onOpen }: { onOpen: (attempt: number) => void }): JSX.Element {
  const { control } = useLive()
  return (
    <>
      <PictureBanner />
      <RotationBanner />
      {control.boardShown.value ? (
        <Board />
      ) : control.order.value.length === 0 ? (
        <Nobody />
      ) : control.view.value === 'list' ? (
        <List onOpen={onOpen} />
      ) : (
        <Grid onOpen={onOpen} />
      )}
    </>
  )
}

function useTitle(): void {
  const { control, monitor } = useLive()
  const name = monitor.detail.value?.name
  const waiting = control.untaken.value.length
  useEffect(() => {
    const count = waiting > 0 ? `(${waiting}) ` : ''
    document.title = `${count}${name ?? t('title')} · Invigil`
  }, [name, waiting])
}

function Screen(): JSX.Element {
  const live = useLive()
  const { monitor, freshness } = live
  useTitle()
  useEffect(() => {
    const back = (): boolean => {
      const elsewhere = place.peek().get('part') ?? place.peek().get('view')
      if (placeNumber('attempt') === 0 && !elsewhere) return false
      go({ session: monitor.session })
      return true
    }
    const heard = (event: KeyboardEvent): void => {
      if (onKey(live, event, back)) event.preventDefault()
    }
    document.addEventListener('keydown', heard)
    return () => document.removeEventListener('keydown', heard)
  }, [live])
  useRotationStop(live)

  const door = place.value.get('view') === 'checkin'
  const loading = monitor.loading.value
  if (loading === 'loading')
    return (
      <div class="page">
        <Loading />
      </div>
    )
  if (loading === 'ended')
    return (
      <Empty
        title={t('desk.ended')}
        icon="people"
        actions={
          <a class="button" {...linkTo({})}>
            {t('load.back')}
          </a>
        }
      >
        {t('desk.ended.help')}
      </Empty>
    )
  if (loading !== 'ready')
    return (
      <ErrorState title={t('load.failed')} onRetry={() => void monitor.load()}>
        <h1 class="visually-hidden">{t('title')}</h1>
        <p>{loading.failed}</p>
        <p>
          <a {...linkTo({})}>{t('load.back')}</a>
        </p>
      </ErrorState>
    )
  return (
    <div class={`live ${freshness.state.value === 'stale' ? 'live-stale' : ''}`}>
      <Head />
      <Chips />
      <LinkBanner />
      <AwayBanner />
      <SoundBanner />
      <IncidentBanner />
      <EndBanner />
      <div class={`live-body ${door ? 'live-body-whole' : ''}`}>
        <div class="live-centre">
          <Centre />
        </div>
        {door ? null : <Side />}
      </div>
      <Notes />
      <Dialogs />
    </div>
  )
}

export function SessionScreen({ session }: { session: number }): JSX.Element | null {
  const [live, setLive] = useState<Live | null>(null)
  useEffect(() => {
    const opened = openLive(session)
    setLive(opened)
    return () => opened.close()
  }, [session])
  if (!live) return null
  return (
    <LiveContext.Provider value={live}>
      <Screen />
    </LiveContext.Provider>
  )
}
