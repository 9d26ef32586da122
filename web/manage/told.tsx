// What the candidate will be told with these rules: the same list as on the candidate's own page.
import type { JSX } from 'preact'
import { disclosureLines } from '@/exam/disclosure'
import { isRecorded, type Settings } from '@/lib/words'
import { t } from './text.ts'

export function Told(props: {
  settings: Settings
  staff: readonly { name: string }[]
}): JSX.Element {
  const { settings, staff } = props
  const lines = disclosureLines({
    info: { staff },
    on: (name) => settings[name] !== 0,
    setting: (name) => settings[name],
  })
  return (
    <div class="stack-small">
      {isRecorded((name) => settings[name] !== 0) ? null : <p>{t('create.told.nothing')}</p>}
      <dl class="told">
        {lines.map((line) => (
          <div key={line.what}>
            <dt>{line.what}</dt>
            <dd>{line.when}</dd>
            <dd class="muted">
              {t('create.told.who')}: {line.who}. {t('create.told.kept')}: {line.kept}.
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
