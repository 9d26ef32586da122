import { texts } from '@/lib/i18n'
import words from '@/lib/text/en/door.json'

export const t = texts(words)
export type TextKey = keyof typeof words
