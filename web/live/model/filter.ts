// Which rows are shown: by state group and by what was typed into the find box. Pure.
import type { Row } from '@/lib/gen/wire'
import { needsAttention } from './order.ts'
import { GROUPS, groupOf, type Group } from './state.ts'

export interface Filter {
  groups: ReadonlySet<Group> // empty: all
  find: string
  proctor?: number // only whom this person looks after; 0 or none: all
}

const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()

/** Every word must be found in name or number; accents and case do not matter. */
export function matchesFind(row: Row, find: string): boolean {
  const hay = fold(`${row.name} ${row.number}`)
  return fold(find)
    .split(/\s+/)
    .every((word) => hay.includes(word))
}

export function matches(row: Row, filter: Filter, now: number): boolean {
  if (filter.groups.size > 0 && !filter.groups.has(groupOf(row, now))) return false
  if (filter.proctor && row.proctor !== filter.proctor) return false
  return matchesFind(row, filter.find)
}

export function isFiltering(filter: Filter): boolean {
  return filter.groups.size > 0 || filter.find.trim() !== '' || !!filter.proctor
}

export function countGroups(rows: readonly Row[], now: number): Record<Group, number> {
  const counts = Object.fromEntries(GROUPS.map((group) => [group, 0])) as Record<Group, number>
  for (const row of rows) counts[groupOf(row, now)]++
  return counts
}

/** How many need attention and are not shown: a filter must never hide a request. */
export function attentionOutside(
  rows: readonly Row[],
  filter: Filter,
  now: number,
  waitingRoom: boolean,
): number {
  return rows.filter((row) => needsAttention(row, now, waitingRoom) && !matches(row, filter, now))
    .length
}

export function toggleGroup(groups: ReadonlySet<Group>, group: Group): Set<Group> {
  const next = new Set(groups)
  if (!next.delete(group)) next.add(group)
  return next
}
