import { texts } from '@/lib/i18n'
import words from '@/lib/text/en/told.json'

export const t = texts(words)
