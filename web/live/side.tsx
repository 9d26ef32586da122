// The column on the right: what waits, what happened, who writes.
import type { JSX } from 'preact'
import { Icon, Tabs } from '@/ui'
import { Chat } from './chat.tsx'
import { useLive } from './context.ts'
import type { SideTab } from './control.ts'
import { Feed } from './feed.tsx'
import { Queue } from './queue.tsx'
import { t } from './text.ts'

export function Side(): JSX.Element {
  const { control, monitor } = useLive()
  void monitor.pulse.value
  const unread = monitor.all().filter((row) => row.unread > 0).length
  const tabs = [
    { id: 'queue', label: t('side.queue'), badge: control.untaken.value.length },
    { id: 'feed', label: t('side.feed') },
    { id: 'chat', label: t('side.chat'), badge: unread },
  ]
  const current = control.side.value
  return (
    <aside class={`side ${control.sideOpen.value ? 'side-open' : ''}`} aria-label={t('side.label')}>
      <button
        type="button"
        class="close-button side-close"
        aria-label={t('side.close')}
        onClick={() => (control.sideOpen.value = false)}
      >
        <Icon name="close" />
      </button>
      <Tabs
        label={t('side.label')}
        tabs={tabs}
        current={current}
        onChange={(id) => (control.side.value = id as SideTab)}
      >
        {current === 'queue' ? <Queue /> : current === 'feed' ? <Feed /> : <Chat />}
      </Tabs>
    </aside>
  )
}
