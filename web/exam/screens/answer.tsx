// The answer to one question, in the form of its kind. Values: see src/core/paper.h.
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { t } from '@/exam/text'
import * as limits from '@/lib/gen/limits'
import type { PaperItem, QuestionNode } from '@/lib/types'
import { Content } from '@/ui'

export interface AnswerProps {
  exam: Exam
  item: PaperItem
  /** The id of the question's text, so that the field is read with it. */
  labelledBy: string
}

export function AnswerForm(props: AnswerProps): JSX.Element {
  switch (props.item.kind) {
    case 'single_choice':
      return <Choice {...props} options={listed(props.item)} hint={t('item.one')} />
    case 'true_false':
      return <Choice {...props} options={trueFalse()} hint={t('item.one')} />
    case 'multiple_choice':
      return <Several {...props} />
    case 'numeric':
      return <NumberLine {...props} />
    case 'short_text':
      return <Line {...props} />
    case 'essay':
      return <Essay {...props} />
  }
}

interface Option {
  value: string
  text: readonly QuestionNode[]
}

const listed = (item: PaperItem): Option[] =>
  item.options.map((option) => ({ value: String(option.number), text: option.text }))

const trueFalse = (): Option[] => [
  { value: 'true', text: [t('item.true')] },
  { value: 'false', text: [t('item.false')] },
]

function Choice(props: AnswerProps & { options: Option[]; hint: string }): JSX.Element {
  const { exam, item } = props
  const { value } = exam.answers.view(item.number).value
  const name = useId()
  return (
    <fieldset class="options" aria-labelledby={props.labelledBy} data-answer>
      <legend class="muted small">{props.hint}</legend>
      {props.options.map((option) => (
        <label key={option.value} class="option">
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={value === option.value}
            onChange={() => exam.answers.write(item.number, option.value)}
          />
          <Content nodes={option.text} inline />
        </label>
      ))}
    </fieldset>
  )
}

function Several(props: AnswerProps): JSX.Element {
  const { exam, item } = props
  const { value } = exam.answers.view(item.number).value
  const chosen = new Set(value ? value.split(',') : [])
  const toggle = (option: string, on: boolean): void => {
    const next = new Set(chosen)
    if (on) next.add(option)
    else next.delete(option)
    const ascending = [...next].sort((a, b) => Number(a) - Number(b))
    exam.answers.write(item.number, ascending.join(','))
  }
  return (
    <fieldset class="options" aria-labelledby={props.labelledBy} data-answer>
      <legend class="muted small">{t('item.many')}</legend>
      {listed(item).map((option) => (
        <label key={option.value} class="option">
          <input
            type="checkbox"
            checked={chosen.has(option.value)}
            onChange={(event) => toggle(option.value, event.currentTarget.checked)}
          />
          <Content nodes={option.text} inline />
        </label>
      ))}
    </fieldset>
  )
}

const NUMBER = /^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*$/

function NumberLine(props: AnswerProps): JSX.Element {
  const { exam, item } = props
  const { value } = exam.answers.view(item.number).value
  const id = useId()
  const wrong = value !== '' && !NUMBER.test(value)
  return (
    <div class="field" data-answer>
      <label class="field-label" for={id}>
        {t('item.answer')}
      </label>
      <input
        id={id}
        class="input touch number-input"
        inputMode="decimal"
        autocomplete="off"
        value={value}
        aria-describedby={`${props.labelledBy} ${id}-hint`}
        aria-invalid={wrong ? 'true' : undefined}
        onInput={(event) => exam.answers.write(item.number, event.currentTarget.value)}
        onBlur={() => exam.answers.flush(item.number)}
      />
      <div class={wrong ? 'field-error' : 'field-hint'} id={`${id}-hint`}>
        {t(wrong ? 'item.notNumber' : 'item.numberHint')}
      </div>
    </div>
  )
}

function Line(props: AnswerProps): JSX.Element {
  const { exam, item } = props
  const { value } = exam.answers.view(item.number).value
  const id = useId()
  return (
    <div class="field" data-answer>
      <label class="field-label" for={id}>
        {t('item.answer')}
      </label>
      <input
        id={id}
        class="input touch"
        autocomplete="off"
        spellcheck={false}
        maxLength={1000}
        value={value}
        aria-describedby={props.labelledBy}
        onInput={(event) => exam.answers.write(item.number, event.currentTarget.value)}
        onBlur={() => exam.answers.flush(item.number)}
      />
    </div>
  )
}

const bytes = new TextEncoder()
const words = (text: string): number => (text.match(/\S+/g) ?? []).length

function Essay(props: AnswerProps): JSX.Element {
  const { exam, item } = props
  const { value } = exam.answers.view(item.number).value
  const id = useId()
  // Counting bytes of a long text at each key is only needed near the limit.
  const near = value.length > limits.ANSWER_BYTES_MAX / 4
  const tooLong = near && bytes.encode(value).length > limits.ANSWER_BYTES_MAX
  return (
    <div class="field" data-answer>
      <label class="field-label" for={id}>
        {t('item.answer')}
      </label>
      <textarea
        id={id}
        class="input essay"
        value={value}
        aria-describedby={`${props.labelledBy} ${id}-count`}
        aria-invalid={tooLong ? 'true' : undefined}
        onInput={(event) => exam.answers.write(item.number, event.currentTarget.value)}
        onBlur={() => exam.answers.flush(item.number)}
      />
      <div class={tooLong ? 'field-error' : 'field-hint'} id={`${id}-count`}>
        {tooLong ? t('item.tooLong') : t('item.words', { n: words(value) })}
      </div>
    </div>
  )
}
