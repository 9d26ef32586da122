// Choosing or dropping one file, with its size checked before it is sent.
import type { ComponentChildren, JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import * as limits from '@/lib/gen/limits'
import { t } from './text.ts'

const MEGA = 1024 * 1024
const inMega = (bytes: number): string => (bytes / MEGA).toFixed(1)

/** Why a file cannot be sent; empty: it can. */
export function fileFault(file: File | null): string {
  if (!file) return t('import.file.missing')
  const most = limits.IMPORT_BYTES_MAX
  return file.size > most
    ? t('import.file.large', { size: inMega(file.size), most: inMega(most) })
    : ''
}

export function FileField(props: {
  label: string
  hint: ComponentChildren
  accept: string
  error: string
  file: File | null
  onFile: (file: File) => void
}): JSX.Element {
  const id = useId()
  const [over, setOver] = useState(false)
  const take = (files: FileList | null | undefined): void => {
    const file = files?.[0]
    if (file) props.onFile(file)
  }
  return (
    <div
      class={`field drop ${over ? 'drop-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer?.files)
      }}
    >
      <label class="field-label" for={id}>
        {props.label}
      </label>
      <input
        id={id}
        type="file"
        accept={props.accept}
        aria-describedby={`${id}-hint${props.error ? ` ${id}-error` : ''}`}
        aria-invalid={props.error ? 'true' : undefined}
        onChange={(event) => take(event.currentTarget.files)}
      />
      <span class="muted">
        {t('import.drop')}
        {props.file ? `: ${props.file.name}` : ''}
      </span>
      <div class="field-hint" id={`${id}-hint`}>
        {props.hint}
      </div>
      {props.error ? (
        <div class="field-error" id={`${id}-error`} role="alert">
          {props.error}
        </div>
      ) : null}
    </div>
  )
}
