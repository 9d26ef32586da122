// The bar at the foot when something is selected: what can be done with all of them.
import type { JSX } from 'preact'
import { Button, Menu, type MenuEntry } from '@/ui'
import { forbidden, handOver, start } from './actions.ts'
import { useLive } from './context.ts'
import { ACTIONS, applies, type Action } from './model/mass.ts'
import { t } from './text.ts'

const FIRST: readonly Action[] = ['admit', 'pause', 'resume', 'lock', 'unlock', 'message']

export function SelectionBar(): JSX.Element | null {
  const live = useLive()
  const { control, monitor } = live
  const selected = [...control.selection.value]
  if (selected.length === 0) return null
  void monitor.pulse.value
  const rows = selected.map((id) => monitor.peek(id)).filter((row) => row !== undefined)
  const some = (action: Action): boolean => rows.some((row) => applies(row, action))
  const rest: MenuEntry[] = ACTIONS.filter((action) => !FIRST.includes(action)).map((action) => ({
    label: t(`act.${action}`),
    disabled: !some(action) || forbidden(live, action) !== '',
    danger: action === 'end' || action === 'refuse',
    onSelect: () => start(live, action, selected),
  }))
  return (
    <div class="selection" role="toolbar" aria-label={t('selected', { n: selected.length })}>
      <strong>{t('selected', { n: selected.length })}</strong>
      {FIRST.filter(some).map((action) => (
        <Button key={action} size="dense" onClick={() => start(live, action, selected)}>
          {t(`act.${action}`)}
        </Button>
      ))}
      {monitor.desk.value.ratio > 0 ? (
        <Button size="dense" onClick={() => handOver(live, selected)}>
          {t('act.hand_over')}
        </Button>
      ) : null}
      <Menu label={t('act.more')} size="dense" entries={rest} />
      <Button size="dense" look="quiet" onClick={() => control.clearSelection()}>
        {t('select.clear')}
      </Button>
    </div>
  )
}
