// Short messages at the foot of the page, with Undo for what can be undone. Put <Toasts/> once into a
// page. Never used above an exam's question.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '@/ui/controls'
import { Icon } from '@/ui/icons'
import { t } from '@/ui/text'

export interface ToastOptions {
  /** Shows a button that takes the action back, for as long as the toast is there. */
  undo?: () => void
  undoLabel?: string
  ms?: number
  /** Read out at once instead of at the next pause. */
  urgent?: boolean
}

interface Toast extends ToastOptions {
  id: number
  text: string
}

const PLAIN_MS = 5000
const UNDO_MS = 10000
const MOST = 4

const all = signal<Toast[]>([])
let count = 0

export function dismissToast(id: number): void {
  all.value = all.value.filter((toast) => toast.id !== id)
}

/** Shows a message; the result takes it away. */
export function toast(text: string, options: ToastOptions = {}): () => void {
  const id = ++count
  all.value = [...all.value.slice(1 - MOST), { ...options, id, text }]
  setTimeout(() => dismissToast(id), options.ms ?? (options.undo ? UNDO_MS : PLAIN_MS))
  return () => dismissToast(id)
}

function ToastRow({ toast: shown }: { toast: Toast }): JSX.Element {
  const { id, text, undo } = shown
  return (
    <div class="toast">
      <span>{text}</span>
      {undo ? (
        <Button
          onClick={() => {
            dismissToast(id)
            undo()
          }}
        >
          {shown.undoLabel ?? t('undo')}
        </Button>
      ) : null}
      <button
        type="button"
        class="close-button"
        aria-label={t('dismiss')}
        onClick={() => dismissToast(id)}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}

export function Toasts(): JSX.Element {
  const urgent = all.value.filter((each) => each.urgent)
  const calm = all.value.filter((each) => !each.urgent)
  return (
    <div class="toasts">
      <div role="alert">
        {urgent.map((each) => (
          <ToastRow key={each.id} toast={each} />
        ))}
      </div>
      <div role="status">
        {calm.map((each) => (
          <ToastRow key={each.id} toast={each} />
        ))}
      </div>
    </div>
  )
}
