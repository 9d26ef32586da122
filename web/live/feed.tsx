// What happened, newest first.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { formatTime } from '@/lib/clock'
import { Button, Empty } from '@/ui'
import { useLive } from './context.ts'
import type { Happening } from './store.ts'
import { t } from './text.ts'
import { isImportant } from './words.ts'

const all = signal(false)

function Line({ one }: { one: Happening }): JSX.Element | null {
  const { control } = useLive()
  const text = control.eventLine(one)
  if (!text) return null
  return (
    <li class="feed-line">
      <time class="muted small">{formatTime(one.event.at_ms)}</time>
      <span>
        <button type="button" class="link-button" onClick={() => control.open(one.attempt)}>
          {control.nameOf(one.attempt)}
        </button>{' '}
        {text}
      </span>
    </li>
  )
}

export function Feed(): JSX.Element {
  const { monitor } = useLive()
  const lines = monitor.activity.value.filter((one) => all.value || isImportant(one.event))
  return (
    <div>
      <div class="row feed-choice" role="group" aria-label={t('side.feed')}>
        <Button size="dense" aria-pressed={!all.value} onClick={() => (all.value = false)}>
          {t('feed.important')}
        </Button>
        <Button size="dense" aria-pressed={all.value} onClick={() => (all.value = true)}>
          {t('feed.all')}
        </Button>
      </div>
      {lines.length === 0 ? (
        <Empty title={t('feed.empty')} />
      ) : (
        <ol class="feed">
          {lines.slice(0, 100).map((one) => (
            <Line key={`${one.attempt}/${one.ver}`} one={one} />
          ))}
        </ol>
      )}
    </div>
  )
}
