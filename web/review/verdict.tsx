// The verdict on the attempt: a person's word, with a note. There are two, and leaving it open.
import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { formatMoment } from '@/lib/clock'
import { Banner, Button, TextArea } from '@/ui'
import type { Case } from './case.ts'
import { VerdictWord } from './results.tsx'
import type { Verdict as Given } from './model/timeline.ts'
import { t } from './text.ts'

function Line({ verdict }: { verdict: Given }): JSX.Element {
  const outcome = verdict.outcome === 1 ? 1 : 2
  return (
    <li>
      {t('verdict.by', {
        verdict: t(`verdict.${outcome}`),
        name: verdict.by,
        time: formatMoment(verdict.at),
      })}
      {verdict.note ? <p class="flag-note">{verdict.note}</p> : null}
    </li>
  )
}

export function Verdict({ of }: { of: Case }): JSX.Element {
  const [note, setNote] = useState('')
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const { verdicts, flags, beganAt, endedAt } = of.timeline.value
  const open = flags.filter((flag) => flag.decision === 0).length
  const give = async (outcome: 1 | 2): Promise<void> => {
    if (outcome === 2 && !note.trim()) return setError(t('verdict.note.needed'))
    setError('')
    setBusy(true)
    if (await of.giveVerdict(outcome, note.trim())) setNote('')
    setBusy(false)
  }
  return (
    <section class="verdict" aria-labelledby="verdict-title">
      <div class="row row-apart">
        <h2 id="verdict-title">{t('verdict.title')}</h2>
        <VerdictWord outcome={verdicts.at(-1)?.outcome ?? 0} />
      </div>
      {verdicts.length ? (
        <ul class="verdict-list small">
          {[...verdicts].reverse().map((verdict) => (
            <Line key={verdict.at} verdict={verdict} />
          ))}
        </ul>
      ) : null}
      {endedAt ? (
        <>
          {open ? <p class="muted">{t('verdict.open', { n: open })}</p> : null}
          <TextArea
            label={t('verdict.note')}
            hint={t('verdict.help')}
            error={error || undefined}
            value={note}
            onInput={setNote}
            maxLength={1000}
          />
          <div class="row">
            <Button look="primary" icon="check" busy={busy} onClick={() => void give(1)}>
              {t('verdict.clear')}
            </Button>
            <Button icon="up" busy={busy} onClick={() => void give(2)}>
              {t('verdict.escalate')}
            </Button>
          </div>
        </>
      ) : (
        <Banner>{t(beganAt ? 'verdict.notyet' : 'verdict.notbegun')}</Banner>
      )}
    </section>
  )
}
