// The columns with which each report begins: who it is, and how it stands.
import { now } from '@/lib/clock'
import { StateMark, type Column } from '@/ui'
import { shownState } from '../model/state.ts'
import type { Entry } from './lines.ts'
import { t } from './text.ts'

export const WHO: readonly Column<Entry>[] = [
  {
    id: 'name',
    head: t('col.name'),
    sticky: true,
    sortBy: (e) => e.row.name,
    cell: (e) => e.row.name,
  },
  {
    id: 'number',
    head: t('col.number'),
    sortBy: (e) => e.row.number,
    cell: (e) => e.row.number || '–',
  },
  {
    id: 'state',
    head: t('col.state'),
    sortBy: (e) => e.row.state,
    cell: (e) => <StateMark mark={shownState(e.row, now.value)} />,
  },
]
