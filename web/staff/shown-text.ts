import words from '@/lib/text/en/shown.json'
import { texts } from '@/lib/i18n'

export const t = texts(words)
export type TextKey = keyof typeof words
