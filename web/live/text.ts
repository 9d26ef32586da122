import words from '@/lib/text/en/live.json'
import { texts } from '@/lib/i18n'

export const t = texts(words)
export type TextKey = keyof typeof words

export const hasText = (key: string): key is TextKey => key in words
