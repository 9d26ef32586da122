// What happened, newest first: the important, everything, or one kind; of all or of one name.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { formatTime } from '@/lib/clock'
import { BY_ADMINISTRATOR, BY_PLANNER, BY_PROCTOR, BY_REVIEWER } from '@/lib/gen/wire'
import { Empty, SelectField, TextField } from '@/ui'
import { useLive } from './context.ts'
import { FEED_KINDS, isOfKind, type FeedKind } from './model/feed.ts'
import { matchesFind } from './model/filter.ts'
import type { Happening } from './store.ts'
import { t } from './text.ts'
import { isImportant } from './words.ts'

type Choice = 'important' | 'all' | FeedKind
const CHOICES: readonly Choice[] = ['important', 'all', ...FEED_KINDS]
const choice = signal<Choice>('important')
const find = signal('')

const STAFF = BY_PROCTOR | BY_REVIEWER | BY_PLANNER | BY_ADMINISTRATOR
const LINES_MAX = 100

function isChosen({ event }: Happening): boolean {
  const chosen = choice.value
  if (chosen === 'all') return true
  return chosen === 'important' ? isImportant(event) : isOfKind(event, chosen, STAFF)
}

function Line({ one }: { one: Happening }): JSX.Element | null {
  const { control } = useLive()
  const text = control.eventLine(one)
  if (!text) return null
  const name = control.nameOf(one.attempt)
  return (
    <li class="feed-line">
      <time class="muted small">{formatTime(one.event.at_ms)}</time>
      <span class={name ? '' : 'sentence'}>
        {name ? (
          <button type="button" class="link-button" onClick={() => control.open(one.attempt)}>
            {name}
          </button>
        ) : null}{' '}
        {text}
      </span>
    </li>
  )
}

export function Feed(): JSX.Element {
  const { monitor } = useLive()
  const named = (one: Happening): boolean => {
    const row = monitor.peek(one.attempt)
    return !find.value.trim() || (row !== undefined && matchesFind(row, find.value))
  }
  const lines = monitor.activity.value.filter((one) => isChosen(one) && named(one))
  return (
    <div>
      <div class="feed-choice">
        <SelectField
          label={t('feed.kind')}
          value={choice.value}
          onChange={(value) => (choice.value = value as Choice)}
          options={CHOICES.map((value) => ({ value, label: t(`feed.kind.${value}`) }))}
        />
        <TextField
          label={t('feed.find')}
          type="search"
          value={find.value}
          onInput={(value) => (find.value = value)}
        />
      </div>
      {lines.length === 0 ? (
        <Empty title={t(monitor.activity.value.length === 0 ? 'feed.empty' : 'feed.none')} />
      ) : (
        <ol class="feed">
          {lines.slice(0, LINES_MAX).map((one) => (
            <Line key={`${one.attempt}/${one.ver}`} one={one} />
          ))}
        </ol>
      )}
    </div>
  )
}
