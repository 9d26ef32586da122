import { texts } from '@/lib/i18n'
import common from '@/lib/text/en/common.json'

/** The words that every page shares. */
export const t = texts(common)
