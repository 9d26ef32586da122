// A field for words that are stored: says how much room is left when it gets short, and that it is too long
// before anything is sent.
import type { JSX } from 'preact'
import * as limits from '@/lib/gen/limits'
import { TextArea, type TextAreaProps } from '@/ui'
import { textBytes } from './model/command.ts'
import { t } from './text.ts'

/** From here on the counter is shown. */
const SHORT = limits.TEXT_BYTES_MAX / 4

/** Why it cannot be stored; empty: it can. */
export function tooLong(text: string): string {
  const over = textBytes(text) - limits.TEXT_BYTES_MAX
  return over > 0 ? t('text.long', { n: over, most: limits.TEXT_BYTES_MAX }) : ''
}

export function LimitedText(props: TextAreaProps): JSX.Element {
  const left = limits.TEXT_BYTES_MAX - textBytes(props.value)
  const counter = left >= 0 && left <= SHORT ? t('text.left', { n: left }) : ''
  const hint = [props.hint, counter].filter(Boolean).join(' ')
  return (
    <TextArea {...props} hint={hint || undefined} error={tooLong(props.value) || props.error} />
  )
}
