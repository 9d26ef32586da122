import words from '@/lib/text/en/staff.json'
import { texts } from '@/lib/i18n'
import type { RoleName } from '@/lib/types'

export const t = texts(words)

/** "proctor or planner". */
export function roleWords(roles: readonly RoleName[], type: 'conjunction' | 'disjunction'): string {
  const words = roles.map((role) => t(`role.${role}`))
  return new Intl.ListFormat('en', { type }).format(words)
}
