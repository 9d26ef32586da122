// The question map: number + shape + word for each question.
import type { JSX } from 'preact'
import type { Exam } from '@/exam/exam'
import { t } from '@/exam/text'
import type { PaperItem } from '@/lib/types'
import { Icon } from '@/ui'

export interface ItemState {
  answered: boolean
  marked: boolean
  seen: boolean
  unsaved: boolean
  /** What was typed does not count as it is. */
  refused: boolean
}

export function itemState(exam: Exam, item: PaperItem): ItemState {
  const view = exam.answers.view(item.number).value
  const refused = view.state === 'refused'
  return {
    answered: view.value.trim() !== '' && !refused,
    marked: exam.marked(item.number),
    seen: exam.seen.value.has(item.number) || view.rev > 0,
    unsaved: view.state === 'kept',
    refused,
  }
}

export function itemWords(state: ItemState): string {
  const answer = state.answered ? 'map.answered' : state.seen ? 'map.unanswered' : 'map.unseen'
  const words = [t(state.refused ? 'map.refused' : answer)]
  if (state.marked) words.push(t('map.marked'))
  if (state.unsaved && state.answered) words.push(t('map.notSaved'))
  return words.join(', ')
}

export function QuestionMap(props: { exam: Exam; onGo?: () => void }): JSX.Element | null {
  const { exam } = props
  const items = exam.paper.value?.items
  if (!items) return null
  const done = items.filter((item) => itemState(exam, item).answered).length
  return (
    <nav class="map" aria-label={t('map.title')}>
      <p class="small muted numbers">{t('map.progress', { done, all: items.length })}</p>
      <ol class="map-list">
        {items.map((item) => (
          <li key={item.number}>
            <MapButton exam={exam} item={item} onGo={props.onGo} />
          </li>
        ))}
      </ol>
      <Legend />
    </nav>
  )
}

function MapButton(props: {
  exam: Exam
  item: PaperItem
  onGo?: (() => void) | undefined
}): JSX.Element {
  const { exam, item } = props
  const state = itemState(exam, item)
  const current = exam.view.value === 'questions' && exam.current.value === item.number
  const classes = [
    'map-item',
    state.answered ? 'answered' : '',
    state.seen ? '' : 'unseen',
    current ? 'current' : '',
  ]
  return (
    <button
      type="button"
      class={classes.join(' ')}
      aria-current={current ? 'true' : undefined}
      aria-label={`${t('map.item', { n: item.number })}: ${itemWords(state)}`}
      onClick={() => {
        exam.go(item.number)
        props.onGo?.()
      }}
    >
      <span>{item.number}</span>
      {state.marked ? (
        <span class="map-mark">
          <Icon name="mark" size="0.8rem" />
        </span>
      ) : null}
    </button>
  )
}

function Legend(): JSX.Element {
  return (
    <dl class="legend small muted" aria-hidden="true">
      <div>
        <dt class="map-item answered" />
        <dd>{t('map.answered')}</dd>
      </div>
      <div>
        <dt class="map-item" />
        <dd>{t('map.unanswered')}</dd>
      </div>
      <div>
        <dt class="map-item unseen" />
        <dd>{t('map.unseen')}</dd>
      </div>
      <div>
        <dt class="map-item">
          <span class="map-mark">
            <Icon name="mark" size="0.8rem" />
          </span>
        </dt>
        <dd>{t('map.marked')}</dd>
      </div>
    </dl>
  )
}
