// Where a request stands in line and how long it may take. Loaded when somebody waits.
import type { JSX } from 'preact'
import type { Exam } from '@/exam/exam'
import { texts } from '@/lib/i18n'
import words from '@/lib/text/en/place.json'

const t = texts(words)
const MINUTE = 60_000

/** What is not known is not said. */
export function placeText(place: number, wait_ms: number): string {
  const where = place === 1 ? t('next') : t('place', { n: place })
  if (wait_ms === 0) return where
  const n = Math.max(1, Math.round(wait_ms / MINUTE))
  return `${where} ${n === 1 ? t('wait.one') : t('wait', { n })}`
}

export function Place({ exam, request }: { exam: Exam; request: number }): JSX.Element | null {
  const known = exam.places.value[request]
  if (!known) return null
  return (
    <p class="place" role="status">
      {placeText(known.place, known.wait_ms)}
    </p>
  )
}
