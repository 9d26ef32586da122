import words from '@/lib/text/en/manage.json'
import { texts } from '@/lib/i18n'

export const t = texts(words)
