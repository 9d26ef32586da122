// A button that opens a menu: arrows move, a letter jumps, Escape and Tab close, the focus returns.
import type { ComponentChildren, JSX } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import { Button, type ButtonProps } from '@/ui/controls'

export interface MenuEntry {
  label: string
  onSelect: () => void
  disabled?: boolean
  danger?: boolean
  /** At the end of the line: a key, a count. */
  note?: ComponentChildren
  /** A line above this entry. */
  line?: boolean
}

export interface MenuProps extends Omit<ButtonProps, 'label'> {
  label: ComponentChildren
  entries: readonly MenuEntry[]
}

const GAP = 4

function place(menu: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = menu
  const below = at.bottom + GAP + height <= innerHeight || at.top < height
  const left = Math.max(GAP, Math.min(at.left, innerWidth - width - GAP))
  menu.style.setProperty('left', `${left}px`)
  menu.style.setProperty('top', `${below ? at.bottom + GAP : at.top - GAP - height}px`)
}

export function Menu({ label, entries, ...rest }: MenuProps): JSX.Element {
  const id = useId()
  const button = useRef<HTMLDivElement>(null)
  const menu = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)

  const items = (): HTMLElement[] => [
    ...(menu.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? []),
  ]
  const focusItem = (index: number): void => {
    const all = items()
    all[(index + all.length) % all.length]?.focus()
  }
  const close = (): void => {
    menu.current?.hidePopover()
    button.current?.querySelector('button')?.focus()
  }
  const show = (last = false): void => {
    if (!menu.current || !button.current) return
    menu.current.showPopover()
    place(menu.current, button.current)
    focusItem(last ? -1 : 0)
  }

  const onKey = (event: KeyboardEvent): void => {
    const at = items().indexOf(document.activeElement as HTMLElement)
    const letter = event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== ' '
    if (event.key === 'ArrowDown') focusItem(at + 1)
    else if (event.key === 'ArrowUp') focusItem(at - 1)
    else if (event.key === 'Home') focusItem(0)
    else if (event.key === 'End') focusItem(-1)
    else if (event.key === 'Escape') close()
    else if (event.key === 'Tab') return close()
    else if (letter) jump(event.key, at)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const jump = (key: string, at: number): void => {
    const all = items()
    for (let step = 1; step <= all.length; step++) {
      const item = all[(at + step) % all.length]
      if (item?.textContent?.trim().toLowerCase().startsWith(key.toLowerCase())) return item.focus()
    }
  }

  return (
    <span ref={button}>
      <Button
        {...rest}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => (open ? close() : show())}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
          event.preventDefault()
          show(event.key === 'ArrowUp')
        }}
      >
        {label}
      </Button>
      <div
        ref={menu}
        id={id}
        class="menu"
        role="menu"
        popover="auto"
        onToggle={(event) => setOpen((event as unknown as ToggleEvent).newState === 'open')}
        onKeyDown={onKey}
      >
        {entries.map((entry) => [
          entry.line ? <div class="menu-line" role="separator" /> : null,
          <button
            type="button"
            key={entry.label}
            class={`menu-item ${entry.danger ? 'danger' : ''}`}
            role="menuitem"
            tabIndex={-1}
            aria-disabled={entry.disabled ? 'true' : undefined}
            onClick={() => {
              if (entry.disabled) return
              close()
              entry.onSelect()
            }}
          >
            <span>{entry.label}</span>
            {entry.note ? <span class="muted small">{entry.note}</span> : null}
          </button>,
        ])}
      </div>
    </span>
  )
}
