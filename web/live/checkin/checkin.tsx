// P3: who is at the door, one candidate in the middle, and what may be done.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import './checkin.css'
import type { Row } from '@/lib/gen/wire'
import { linkTo, placeNumber } from '@/staff/place'
import { OnePicture, RoomPictures } from '@/staff/shown-pictures'
import { Banner, Empty, Icon } from '@/ui'
import { useLive } from '../context.ts'
import { Picture } from '../picture.tsx'
import { PictureBanner } from '../top.tsx'
import { Desk } from './desk.ts'
import { DoorQueue, useHolder } from './queue.tsx'
import { CheckinSide } from './side.tsx'
import { t } from './text.ts'

function Registered({ desk, row }: { desk: Desk; row: Row }): JSX.Element {
  const email = desk.pictures.value?.registered.value?.email ?? ''
  const facts = [
    [t('registered.name'), row.name],
    [t('registered.number'), row.number],
    [t('registered.email'), email],
  ] as const
  return (
    <section aria-labelledby="registered">
      <h3 id="registered" class="small">
        {t('registered')}
      </h3>
      <dl class="checkin-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt class="muted small">{name}</dt>
            <dd>{value || t('registered.none')}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Compare({ desk, row }: { desk: Desk; row: Row }): JSX.Element {
  const { monitor } = useLive()
  const pictures = desk.pictures.value
  const shown = pictures?.shown.value
  const settings = monitor.settings.value
  return (
    <div class="stack">
      <Registered desk={desk} row={row} />
      {pictures?.problem.value ? <Banner tone="warn">{pictures.problem.value}</Banner> : null}
      <div class="checkin-compare">
        {settings?.id_check && shown && pictures ? (
          <>
            <OnePicture proof="id_photo" shown={shown.id_photo} opened={pictures.opened.value} />
            <OnePicture
              proof="face_photo"
              shown={shown.face_photo}
              opened={pictures.opened.value}
            />
          </>
        ) : null}
        {settings?.webcam ? (
          <section class="shown stack-small" aria-label={t('live')}>
            <p class="shown-title">{t('live')}</p>
            <Picture attempt={row.attempt} name={row.name} track="webcam" quality="full" />
          </section>
        ) : null}
      </div>
      {settings?.room_scan && shown && pictures ? (
        <RoomPictures shown={shown.room_scan} opened={pictures.opened.value} />
      ) : null}
    </div>
  )
}

function Candidate({ desk, row }: { desk: Desk; row: Row }): JSX.Element {
  const holder = useHolder(row)
  const gone = row.state > 3 || (row.state === 3 && row.admitted === 1)
  return (
    <section class="checkin-centre stack" aria-labelledby="checkin-who">
      <h2 id="checkin-who">
        {row.name} <span class="muted numbers">{row.number}</span>
      </h2>
      {gone ? <Banner>{t('gone')}</Banner> : null}
      {holder ? (
        <Banner icon="people" title={t('held', { name: holder })} live>
          {t('held.help', { name: holder })}
        </Banner>
      ) : (
        <Compare desk={desk} row={row} />
      )}
    </section>
  )
}

function Centre({ desk, row }: { desk: Desk; row: Row | undefined }): JSX.Element {
  const holder = useHolder(row)
  if (!row)
    return (
      <section class="checkin-centre">
        <Empty title={t(desk.rows().length ? 'choose' : 'empty')} icon="people" />
      </section>
    )
  const there = row.state === 2 || (row.state === 3 && row.admitted === 0)
  return (
    <>
      <Candidate desk={desk} row={row} />
      {there && !holder ? <CheckinSide desk={desk} row={row} /> : null}
    </>
  )
}

/** The queue of the monitor is not in sight here: it says that somebody waits there. */
function Others(): JSX.Element | null {
  const { control } = useLive()
  const others = control.requests.value.filter((one) => one.kind !== 'admit').length
  return others ? <span role="status">{t('others', { n: others })}</span> : null
}

export function Checkin(): JSX.Element | null {
  const live = useLive()
  const [desk, setDesk] = useState<Desk | null>(null)
  const attempt = placeNumber('attempt')
  useEffect(() => {
    const opened = new Desk(live)
    setDesk(opened)
    return () => opened.close()
  }, [live])
  useEffect(() => desk?.choose(attempt), [desk, attempt])
  if (!desk) return null
  void live.monitor.pulse.value
  return (
    <div class="checkin">
      <div class="checkin-head">
        <a class="button dense" {...linkTo({ session: live.monitor.session })}>
          <Icon name="back" /> {t('back')}
        </a>
        <strong>{t('title')}</strong>
        <Others />
      </div>
      <PictureBanner />
      <div class="checkin-body">
        <DoorQueue desk={desk} />
        <Centre key={attempt} desk={desk} row={live.monitor.row(attempt)?.value} />
      </div>
    </div>
  )
}
