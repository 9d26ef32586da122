// How much time was added to the exam, beside the clock, and each part of it with its cause.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Credit } from '@/exam/credits'
import type { Exam } from '@/exam/exam'
import { t } from '@/exam/text'
import { formatExact, formatLength, formatTime } from '@/lib/clock'
import { stopCauses } from '@/lib/gen/words'
import { Button, Dialog } from '@/ui'

const sum = (credits: readonly Credit[], given: boolean): number =>
  credits
    .filter((credit) => (credit.cause === 'given') === given)
    .reduce((total, { ms }) => total + ms, 0)

/** "+15 min planned, +3 min for interruptions"; empty: nothing was added. */
export function addedText(planned: number, credits: readonly Credit[]): string {
  const parts = [
    ['added.planned', planned],
    ['added.given', sum(credits, true)],
    ['added.credit', sum(credits, false)],
  ] as const
  return parts
    .filter(([, ms]) => ms >= 1000)
    .map(([key, ms]) => t(key, { length: formatLength(ms) }))
    .join(', ')
}

function Line({ credit }: { credit: Credit }): JSX.Element {
  const cause = credit.cause === 'given' ? t('added.byPerson') : stopCauses[credit.cause].word
  return (
    <li>
      <strong class="numbers">+{formatExact(credit.ms)}</strong> {cause}
      {credit.reason ? `: ${credit.reason}` : ''}{' '}
      <span class="muted numbers">{t('added.at', { time: formatTime(credit.at_ms) })}</span>
    </li>
  )
}

export function Added({ exam }: { exam: Exam }): JSX.Element | null {
  const [open, setOpen] = useState(false)
  const credits = exam.credits.value.filter((credit) => credit.ms > 0)
  const planned = exam.plannedMs.value
  const text = addedText(planned, credits)
  if (!text) return null
  return (
    <>
      <Button look="quiet" size="dense" class="top-added" onClick={() => setOpen(true)}>
        {text}
      </Button>
      <Dialog open={open} title={t('added.title')} onClose={() => setOpen(false)}>
        <ul class="plain-list">
          {planned > 0 ? (
            <li>
              <strong class="numbers">+{formatExact(planned)}</strong> {t('added.byPlan')}
            </li>
          ) : null}
          {credits.map((credit) => (
            <Line key={`${credit.at_ms}-${credit.cause}`} credit={credit} />
          ))}
        </ul>
        <p class="muted">{t('added.text')}</p>
      </Dialog>
    </>
  )
}
