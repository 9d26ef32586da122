// Whom an action touches: numbers before and after.
import type { JSX } from 'preact'
import { refusalText } from '@/lib/words'
import { Banner, markWord } from '@/ui'
import { useLive } from '../context.ts'
import type { Action, IncidentAction, Split, Summary } from '../model/mass.ts'
import { t } from '../text.ts'

function untouched(split: Split): string {
  return split.left
    .map(({ shown, count }) => `${count} ${markWord(shown).toLowerCase()}`)
    .join(', ')
}

export function Before({
  action,
  split,
  all,
}: {
  action: Action | IncidentAction
  split: Split
  all: number
}): JSX.Element {
  return (
    <div class="stack-small">
      <p>
        <strong>
          {t('dialog.targets', { action: t(`act.${action}`), n: split.can.length, all })}
        </strong>
      </p>
      {split.left.length > 0 ? <p>{t('dialog.untouched', { list: untouched(split) })}</p> : null}
      {split.offline.length > 0 ? <p>{t('dialog.offline', { n: split.offline.length })}</p> : null}
      {split.can.length === 0 ? <Banner tone="warn">{t('dialog.nobody')}</Banner> : null}
    </div>
  )
}

export function After({ summary }: { summary: Summary }): JSX.Element {
  const { control } = useLive()
  const { done, already, refused } = summary
  return (
    <div class="stack-small" role="status">
      <p>
        <strong>{t('dialog.result.done', { n: done })}</strong>
      </p>
      {already > 0 ? <p>{t('dialog.result.already', { n: already })}</p> : null}
      {refused.map(({ refusal, attempts }) => (
        <div key={refusal}>
          <p>
            {t('dialog.result.refused', { n: attempts.length })}: {refusalText(refusal)}
          </p>
          <ul class="refused-names">
            {attempts.map((id) => (
              <li key={id}>{control.nameOf(id)}</li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  )
}
