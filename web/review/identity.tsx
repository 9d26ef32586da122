// What the candidate showed before the exam, and what was decided about it.
import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { proofs } from '@/lib/gen/words'
import { wantedProofs } from '@/lib/proofs'
import { OnePicture, RoomPictures, stateWord } from '@/staff/shown-pictures'
import type { Case } from './case.ts'
import { t } from './text.ts'

export function Identity({ of }: { of: Case }): JSX.Element {
  const shown = of.shown.value
  const player = of.player.value
  const open = of.lock.value === 'open'
  const asked = wantedProofs((setting) => of.detail.value?.settings[setting] === 1)
  const places = asked.flatMap((name) => shown[name].shots.map((shot) => shot.place))
  useEffect(() => {
    if (open) for (const place of places) player?.wantStill(place)
  }, [open, player, places.length])
  if (!asked.length) return <p class="muted">{t('identity.none')}</p>
  const opened = player?.stills.value ?? new Map()
  return (
    <div class="stack identity">
      <ul class="check-list">
        {asked.map((name) => (
          <li key={name}>
            <strong>{proofs[name].word}</strong>: {stateWord(shown[name])}
          </li>
        ))}
      </ul>
      {open ? null : <p class="muted">{t('stills.locked')}</p>}
      <div class="identity-pictures">
        {(['id_photo', 'face_photo'] as const)
          .filter((name) => asked.includes(name))
          .map((name) => (
            <OnePicture key={name} proof={name} shown={shown[name]} opened={opened} />
          ))}
      </div>
      {asked.includes('room_scan') ? (
        <RoomPictures shown={shown.room_scan} opened={opened} />
      ) : null}
    </div>
  )
}
