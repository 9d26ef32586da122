// Tabs: arrows, Home and End move and show; only the shown panel is in the page.
import type { ComponentChildren, JSX } from 'preact'
import { useId, useRef } from 'preact/hooks'

export interface Tab {
  id: string
  label: ComponentChildren
  /** A count beside the label; nothing for 0. */
  badge?: number
}

export interface TabsProps {
  /** What the tabs are about, for screen readers. */
  label: string
  tabs: readonly Tab[]
  current: string
  onChange: (id: string) => void
  children: ComponentChildren
}

export function Tabs({ label, tabs, current, onChange, children }: TabsProps): JSX.Element {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)

  const onKey = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.id === current)
    const steps: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: tabs.length - 1,
    }
    const to = steps[event.key]
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length]
    if (!next) return
    event.preventDefault()
    onChange(next.id)
    list.current?.querySelector<HTMLElement>(`#${CSS.escape(`${id}-${next.id}`)}`)?.focus()
  }

  return (
    <div>
      <div ref={list} class="tabs-list" role="tablist" aria-label={label} onKeyDown={onKey}>
        {tabs.map((tab) => (
          <button
            type="button"
            key={tab.id}
            id={`${id}-${tab.id}`}
            class="tab"
            role="tab"
            aria-selected={tab.id === current}
            aria-controls={`${id}-panel`}
            tabIndex={tab.id === current ? 0 : -1}
            onClick={() => onChange(tab.id)}
          >
            {tab.label} {tab.badge ? <span class="badge">{tab.badge}</span> : null}
          </button>
        ))}
      </div>
      <div
        id={`${id}-panel`}
        class="tab-panel"
        role="tabpanel"
        aria-labelledby={`${id}-${current}`}
        tabIndex={0}
      >
        {children}
      </div>
    </div>
  )
}
