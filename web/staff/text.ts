import words from '@/lib/text/en/staff.json'
import { texts } from '@/lib/i18n'
import type { AssignedName } from '@/lib/types'

export const t = texts(words)

/** "proctor or planner". */
export function roleWords(
  roles: readonly AssignedName[],
  type: 'conjunction' | 'disjunction',
): string {
  const words = roles.map((role) => t(`role.${role}`))
  return new Intl.ListFormat('en', { type }).format(words)
}
