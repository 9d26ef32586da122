// The pictures that a candidate showed at the door, for staff: at check-in and at review.
import type { JSX } from 'preact'
import '@/staff/shown.css'
import { ProofIs } from '@/lib/proofs'
import { lastOf, partsOf, type Opened, type Shown } from '@/staff/shown'
import { t, type TextKey } from '@/staff/shown-text'
import { Zoom } from '@/staff/zoom'
import { Flip } from '@/ui/flip'

type Pictures = ReadonlyMap<number, Opened>

const flipWords = {
  play: t('flip.play'),
  stop: t('flip.stop'),
  at: (n: number) => t('flip.at', { n }),
}

function Nothing({ shown, opened }: { shown: Shown; opened: Pictures }): JSX.Element {
  if (shown.state === ProofIs.alternative || shown.alternative)
    return <p class="muted">{t('alternative', { reason: shown.alternative })}</p>
  const last = shown.shots.at(-1)
  if (!last) return <p class="muted">{t(shown.turns ? 'coming' : 'none')}</p>
  return <p class="muted">{t(opened.has(last.place) ? 'broken' : 'coming')}</p>
}

export function stateWord(shown: Shown): string {
  return t(`state.${shown.state}` as TextKey)
}

/** What belongs beside the picture: from a file, shown more than once, asked for again. */
export function ShownNotes({ shown }: { shown: Shown }): JSX.Element {
  const lines = [
    shown.fromFile ? t('file') : '',
    shown.turns > 1 ? t('turns', { n: shown.turns }) : '',
    shown.reason ? t('reason', { reason: shown.reason }) : '',
  ].filter(Boolean)
  return (
    <>
      {lines.map((line) => (
        <p key={line} class="small muted">
          {line}
        </p>
      ))}
    </>
  )
}

export function OnePicture(props: {
  proof: 'id_photo' | 'face_photo'
  shown: Shown
  opened: Pictures
}): JSX.Element {
  const { proof, shown, opened } = props
  const address = lastOf(shown.shots, opened)
  const document = proof === 'id_photo' && shown.detail ? shown.detail : 0
  return (
    <section class="shown stack-small" aria-label={t(proof)}>
      <p class="shown-title">
        {t(proof)}
        {document ? <span class="muted"> {t(`document.${document}` as TextKey)}</span> : null}
      </p>
      {address ? (
        <Zoom address={address} label={t(proof)} />
      ) : (
        <Nothing shown={shown} opened={opened} />
      )}
      <ShownNotes shown={shown} />
    </section>
  )
}

export function RoomPictures({ shown, opened }: { shown: Shown; opened: Pictures }): JSX.Element {
  const parts = [...partsOf(shown.shots, opened)].sort(([a], [b]) => a - b)
  return (
    <section class="shown stack-small" aria-label={t('room_scan')}>
      <p class="shown-title">{t('room_scan')}</p>
      {parts.length ? (
        <ul class="shown-views" aria-label={t('views')}>
          {parts.map(([part, pictures]) => (
            <li key={part}>
              <p class="small shown-title">{t(`view.${part}` as TextKey)}</p>
              <Flip pictures={pictures} label={t(`view.${part}` as TextKey)} words={flipWords} />
            </li>
          ))}
        </ul>
      ) : (
        <Nothing shown={shown} opened={opened} />
      )}
      <ShownNotes shown={shown} />
    </section>
  )
}
