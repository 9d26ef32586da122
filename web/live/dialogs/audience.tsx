// Who hears an announcement, and what it looks like there.
import type { JSX } from 'preact'
import { clock, formatMinute } from '@/lib/clock'
import type { Row } from '@/lib/gen/wire'
import { MarkShape } from '@/ui'
import { countGroups, toggleGroup } from '../model/filter.ts'
import { splitTargets } from '../model/mass.ts'
import { GROUPS, type Group } from '../model/state.ts'
import { t } from '../text.ts'

export function Audience(props: {
  rows: readonly Row[]
  at: number
  groups: ReadonlySet<Group>
  onChange: (groups: ReadonlySet<Group>) => void
}): JSX.Element {
  const { rows, at, groups } = props
  const counts = countGroups(splitTargets(rows, 'message', at).can, at)
  return (
    <div class="row" role="group" aria-label={t('audience')}>
      <button
        type="button"
        class="chip"
        aria-pressed={groups.size === 0}
        onClick={() => props.onChange(new Set())}
      >
        {t('audience.all')}
      </button>
      {GROUPS.filter((group) => counts[group] > 0).map((group) => (
        <button
          key={group}
          type="button"
          class="chip"
          aria-pressed={groups.has(group)}
          onClick={() => props.onChange(toggleGroup(groups, group))}
        >
          <MarkShape mark={group} /> {t(`group.${group}`)}{' '}
          <strong class="numbers">{counts[group]}</strong>
        </button>
      ))}
    </div>
  )
}

export function Preview({ text }: { text: string }): JSX.Element | null {
  const words = text.trim()
  if (!words) return null
  return (
    <figure class="preview">
      <figcaption class="muted small">{t('message.preview')}</figcaption>
      <p class="bubble">
        {words}
        <span class="small bubble-by">
          {t('message.from', { time: formatMinute(clock.now()) })}
        </span>
      </p>
    </figure>
  )
}
