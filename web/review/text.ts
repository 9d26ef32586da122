import words from '@/lib/text/en/review.json'
import { texts } from '@/lib/i18n'

export const t = texts(words)
