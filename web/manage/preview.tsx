// Questions as the candidate sees them, with the candidate's own components; on demand with the keys.
import { signal, type Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { AnswerForm } from '@/exam/screens/answer'
import { itemKinds } from '@/lib/gen/words'
import { CheckField, Content, Icon } from '@/ui'
import { t } from './text.ts'
import type { KeyItem, KeyOption } from './types.ts'

interface Typed {
  value: string
}

/** As much of an exam as an answer form uses: keeps what is tried out on this page only. */
function makeTryout(): Exam {
  const typed = new Map<number, Signal<Typed>>()
  const view = (item: number): Signal<Typed> => {
    const known = typed.get(item) ?? signal({ value: '' })
    typed.set(item, known)
    return known
  }
  const answers = {
    view,
    write: (item: number, value: string) => void (view(item).value = { value }),
    flush: () => undefined,
  }
  return { answers } as unknown as Exam
}

function keyText(item: KeyItem, option: KeyOption): JSX.Element | string {
  if (item.kind === 'numeric' && option.low !== undefined && option.high !== undefined)
    return option.low === option.high
      ? String(option.low)
      : t('preview.between', { low: String(option.low), high: String(option.high) })
  if (item.kind === 'true_false') return t(option.number === 1 ? 'preview.true' : 'preview.false')
  return <Content nodes={option.text} inline />
}

function Keys({ item }: { item: KeyItem }): JSX.Element {
  if (item.kind === 'essay') return <p class="muted">{t('preview.essay')}</p>
  const right = item.options.filter((option) => option.fraction > 0)
  const exact = item.kind !== 'numeric' && item.kind !== 'short_text'
  return (
    <div class="preview-keys">
      <strong>{t(exact ? 'preview.key' : 'preview.accepted')}</strong>
      <ul>
        {right.map((option) => (
          <li key={option.number}>
            {keyText(item, option)}
            {option.fraction < 1 ? (
              <span class="muted">
                {' '}
                {t('preview.worth', { percent: Math.round(option.fraction * 100) })}
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      {item.feedback && item.feedback.length > 0 ? (
        <p>
          <strong>{t('preview.feedback')}:</strong> <Content nodes={item.feedback} inline />
        </p>
      ) : null}
    </div>
  )
}

function Question(props: { item: KeyItem; exam: Exam; keys: boolean }): JSX.Element {
  const { item } = props
  const id = `preview-${item.number}`
  return (
    <li class="card preview">
      <div class="row row-apart muted small">
        <span>
          {t('preview.question', { n: item.number })} · {itemKinds[item.kind].word}
          {item.line > 0 ? ` · ${t('preview.line', { n: item.line })}` : ''}
        </span>
        <span>{t('preview.points', { n: item.points })}</span>
      </div>
      <div id={id} class="preview-text">
        <Content nodes={item.text} />
      </div>
      <AnswerForm exam={props.exam} item={item} labelledBy={id} />
      {props.keys ? <Keys item={item} /> : null}
    </li>
  )
}

const PAGE = 20

export function Preview({ items }: { items: readonly KeyItem[] }): JSX.Element {
  const [keys, setKeys] = useState(false)
  const [most, setMost] = useState(PAGE)
  const exam = useMemo(makeTryout, [items])
  return (
    <div class="stack">
      <CheckField label={t('preview.keys')} checked={keys} onChange={setKeys} />
      <ol class="previews">
        {items.slice(0, most).map((item) => (
          <Question key={item.number} item={item} exam={exam} keys={keys} />
        ))}
      </ol>
      {items.length > most ? (
        <button type="button" class="button" onClick={() => setMost(most + PAGE)}>
          <Icon name="down" /> {most} / {items.length}
        </button>
      ) : null}
    </div>
  )
}
