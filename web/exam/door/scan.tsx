// C8: the room in four views, each a few pictures while the camera moves. A view can be taken again alone,
// also after the others were sent.
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { bytesOf, frameOf } from '@/exam/door/camera'
import { LivePicture } from '@/exam/door/live'
import type { ShowProps } from '@/exam/door/photo'
import { sendProof, Source } from '@/exam/door/sending'
import { t, type TextKey } from '@/exam/door/text'
import { proofs } from '@/lib/gen/words'
import type { Bytes } from '@/lib/keys'
import { Button, Icon, Progress } from '@/ui'
import { Flip } from '@/ui/flip'

/** A bit each: of `detail` in show_proof, and the part in the records. */
const VIEWS = [1, 2, 4, 8] as const
const PICTURES = 9
const EACH_MS = 333
const MOST = 960

interface View {
  pictures: Bytes[]
  addresses: string[]
}

const nothing: View = { pictures: [], addresses: [] }
const word = (view: number): string => t(`view.${view}` as TextKey)

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Takes the pictures of one view; told after each. */
async function record(video: HTMLVideoElement, taken: (count: number) => void): Promise<Bytes[]> {
  const pictures: Bytes[] = []
  while (pictures.length < PICTURES) {
    const next = soon(EACH_MS)
    const frame = frameOf(video, MOST)
    if (frame) pictures.push(await bytesOf(frame))
    taken(pictures.length)
    await next
    if (!video.isConnected) break
  }
  return pictures
}

const addressOf = (bytes: Bytes): string => URL.createObjectURL(new Blob([bytes]))

const flipWords = {
  play: t('flip.play'),
  stop: t('flip.stop'),
  at: (n: number) => t('flip.at', { n }),
}

function ViewRow(props: {
  view: number
  done: View
  sent: boolean
  /** Pictures taken so far while it is recorded; -1: it is not. */
  progress: number
  off: boolean
  onRecord: () => void
}): JSX.Element {
  const { view, done, sent, progress, off } = props
  const there = done.pictures.length > 0
  const button = t(there || sent ? 'view.again' : 'view.record')
  const left = Math.ceil(((PICTURES - progress) * EACH_MS) / 1000)
  return (
    <li class="door-view">
      <div class="row row-apart">
        <h3>{word(view)}</h3>
        <span role="status">
          {there || sent ? (
            <>
              <Icon name="check" /> {t(there ? 'view.done' : 'view.sent', { view: word(view) })}
            </>
          ) : null}
        </span>
      </div>
      <p class="muted">{t(`view.${view}.how` as TextKey)}</p>
      {there ? (
        <Flip
          pictures={done.addresses}
          label={t('view.play', { view: word(view) })}
          words={flipWords}
        />
      ) : null}
      {progress >= 0 ? (
        <div class="stack-small">
          <Progress value={progress} max={PICTURES} label={word(view)} />
          <p role="status">{t('view.recording', { n: left })}</p>
        </div>
      ) : (
        <div>
          <Button
            look={there || sent ? 'plain' : 'primary'}
            icon="camera"
            aria-disabled={off}
            aria-label={`${button}: ${word(view)}`}
            onClick={off ? undefined : props.onRecord}
          >
            {button}
          </Button>
        </div>
      )}
    </li>
  )
}

export function Scan({ exam, camera, onSent }: ShowProps): JSX.Element {
  const video = useRef<HTMLVideoElement>(null)
  const [views, setViews] = useState<Record<number, View>>({})
  const [now, setNow] = useState({ view: 0, taken: 0 })
  const sent = exam.proofNotes.value[proofs.room_scan.id]?.detail ?? 0
  const kept = useRef(views)
  kept.current = views
  useEffect(
    () => () => {
      for (const { addresses } of Object.values(kept.current))
        addresses.forEach((address) => URL.revokeObjectURL(address))
    },
    [],
  )
  const take = async (view: number): Promise<void> => {
    if (!video.current || now.view) return
    setNow({ view, taken: 0 })
    const pictures = await record(video.current, (taken) => setNow({ view, taken }))
    setNow({ view: 0, taken: 0 })
    views[view]?.addresses.forEach((address) => URL.revokeObjectURL(address))
    setViews((all) => ({ ...all, [view]: { pictures, addresses: pictures.map(addressOf) } }))
  }
  const fresh = VIEWS.filter((view) => views[view])
  const missing = VIEWS.filter((view) => !views[view] && !(sent & view))
  const send = async (): Promise<void> => {
    const parts = fresh.flatMap((part) => views[part]!.pictures.map((bytes) => ({ part, bytes })))
    const detail = fresh.reduce((bits, view) => bits | view, 0)
    if (await sendProof(exam, 'room_scan', parts, { detail, source: Source.camera })) onSent()
  }
  return (
    <div class="stack">
      <p class="reading">{t('room_scan.how')}</p>
      <details>
        <summary>{t('scan.script')}</summary>
        <p class="reading">{t('scan.script.text')}</p>
      </details>
      <div class="door-scan">
        <div class="door-scan-live">
          <LivePicture camera={camera} proof="room_scan" video={video} />
        </div>
        <ol class="door-views">
          {VIEWS.map((view) => (
            <ViewRow
              key={view}
              view={view}
              done={views[view] ?? nothing}
              sent={(sent & view) !== 0}
              progress={now.view === view ? now.taken : -1}
              off={!camera.stream.value || now.view !== 0}
              onRecord={() => void take(view)}
            />
          ))}
        </ol>
      </div>
      <div class="row">
        <Button
          look="primary"
          size="touch"
          disabled={missing.length > 0 || fresh.length === 0}
          onClick={() => void send()}
        >
          {t('scan.send')}
        </Button>
        {missing.length ? <span class="muted">{t('scan.left')}</span> : null}
      </div>
    </div>
  )
}
