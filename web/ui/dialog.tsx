// Dialogs and drawers on <dialog>: the browser keeps the focus inside, makes the rest inert and gives
// the focus back. onClose is called for Escape and the close button; without it neither exists.
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Icon } from '@/ui/icons'
import { t } from '@/ui/text'

export interface DialogProps {
  open: boolean
  title: ComponentChildren
  children: ComponentChildren
  actions?: ComponentChildren
  onClose?: () => void
  look?: 'normal' | 'large' | 'drawer'
  /** For dialogs that must be answered: alertdialog. */
  alert?: boolean
  class?: string
}

export function Dialog(props: DialogProps): JSX.Element | null {
  return props.open ? <OpenDialog {...props} /> : null
}

function OpenDialog(props: DialogProps): JSX.Element {
  const { look = 'normal', onClose } = props
  const element = useRef<HTMLDialogElement>(null)
  const id = useId()

  useEffect(() => {
    const dialog = element.current
    if (!dialog) return
    const before = document.activeElement
    dialog.showModal()
    return () => {
      dialog.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])

  const closeButton = onClose ? (
    <button type="button" class="close-button" aria-label={t('close')} onClick={onClose}>
      <Icon name="close" />
    </button>
  ) : null

  return (
    <dialog
      ref={element}
      class={`dialog ${look} ${props.class ?? ''}`}
      role={props.alert ? 'alertdialog' : undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
      onKeyDown={(event) => {
        // A second Escape would close the dialog without asking.
        if (event.key === 'Escape') {
          event.preventDefault()
          onClose?.()
        }
        event.stopPropagation()
      }}
    >
      <div class="dialog-head">
        <h2 id={id}>{props.title}</h2>
        {closeButton}
      </div>
      <div class="dialog-body">{props.children}</div>
      {props.actions ? <div class="dialog-actions">{props.actions}</div> : null}
    </dialog>
  )
}
