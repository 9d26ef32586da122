// Buttons and form fields. Fields always have a visible label; hints and errors are tied to them.
import type { AllHTMLAttributes, ComponentChildren, JSX } from 'preact'
import { useId } from 'preact/hooks'
import { Icon, type IconName } from '@/ui/icons'

type ButtonAttributes = Omit<JSX.IntrinsicElements['button'], 'size' | 'icon'>

export interface ButtonProps extends ButtonAttributes {
  look?: 'plain' | 'primary' | 'danger' | 'quiet'
  size?: 'dense' | 'normal' | 'touch'
  wide?: boolean
  icon?: IconName
  /** Something asked for is under way: stays focusable, does nothing. */
  busy?: boolean
}

export function Button(props: ButtonProps): JSX.Element {
  const { look = 'plain', size = 'normal', wide, icon, busy, children, onClick, ...rest } = props
  const classes = ['button', look, size, wide ? 'wide' : '', String(rest.class ?? '')]
  return (
    <button
      type="button"
      {...rest}
      class={classes.join(' ').trim()}
      aria-disabled={busy || rest['aria-disabled'] ? 'true' : undefined}
      aria-busy={busy ? 'true' : undefined}
      onClick={busy ? undefined : onClick}
    >
      {icon ? <Icon name={icon} /> : null}
      {children}
    </button>
  )
}

interface FieldParts {
  id: string
  describedBy: string | undefined
  invalid: 'true' | undefined
}

export interface FieldProps {
  label: ComponentChildren
  hint?: ComponentChildren
  error?: ComponentChildren
  children: (parts: FieldParts) => ComponentChildren
}

/** A label, a control made by children(), a hint and an error, tied together for screen readers. */
export function Field({ label, hint, error, children }: FieldProps): JSX.Element {
  const id = useId()
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean)
  const describedBy = described.length ? described.join(' ') : undefined
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {children({ id, describedBy, invalid: error ? 'true' : undefined })}
      {hint ? (
        <div class="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      ) : null}
      {error ? (
        <div class="field-error" id={`${id}-error`} role="alert">
          {error}
        </div>
      ) : null}
    </div>
  )
}

type Common = Pick<FieldProps, 'label' | 'hint' | 'error'> & { touch?: boolean }
const inputClass = (touch: boolean | undefined, more?: unknown): string =>
  ['input', touch ? 'touch' : '', String(more ?? '')].join(' ').trim()

export interface TextFieldProps
  extends Common, Omit<AllHTMLAttributes<HTMLInputElement>, keyof Common | 'value' | 'onInput'> {
  value: string
  onInput: (value: string) => void
}

export function TextField(props: TextFieldProps): JSX.Element {
  const { label, hint, error, touch, value, onInput, ...rest } = props
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <input
          {...(rest as object)}
          id={id}
          class={inputClass(touch, rest.class)}
          value={value}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

export interface TextAreaProps
  extends Common, Omit<AllHTMLAttributes<HTMLTextAreaElement>, keyof Common | 'value' | 'onInput'> {
  value: string
  onInput: (value: string) => void
}

export function TextArea(props: TextAreaProps): JSX.Element {
  const { label, hint, error, touch, value, onInput, ...rest } = props
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <textarea
          {...(rest as object)}
          id={id}
          class={inputClass(touch, rest.class)}
          value={value}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

export interface SelectProps
  extends Common, Omit<AllHTMLAttributes<HTMLSelectElement>, keyof Common | 'value' | 'onChange'> {
  value: string
  onChange: (value: string) => void
  options: readonly { value: string; label: string; disabled?: boolean }[]
}

export function SelectField(props: SelectProps): JSX.Element {
  const { label, hint, error, touch, value, onChange, options, ...rest } = props
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <select
          {...(rest as object)}
          id={id}
          class={inputClass(touch, rest.class)}
          value={value}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

export interface CheckProps {
  label: ComponentChildren
  hint?: ComponentChildren
  error?: ComponentChildren
  checked: boolean
  onChange: (checked: boolean) => void
  disabled?: boolean
  /** radio when a name is given. */
  name?: string
}

export function CheckField(props: CheckProps): JSX.Element {
  const id = useId()
  const described = [props.hint ? `${id}-hint` : '', props.error ? `${id}-error` : '']
  return (
    <div class="check">
      <input
        id={id}
        type={props.name ? 'radio' : 'checkbox'}
        name={props.name}
        checked={props.checked}
        disabled={props.disabled}
        aria-describedby={described.filter(Boolean).join(' ') || undefined}
        aria-invalid={props.error ? 'true' : undefined}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <label for={id}>{props.label}</label>
      {props.hint ? (
        <div class="field-hint" id={`${id}-hint`}>
          {props.hint}
        </div>
      ) : null}
      {props.error ? (
        <div class="field-error" id={`${id}-error`} role="alert">
          {props.error}
        </div>
      ) : null}
    </div>
  )
}

export function Progress(props: { value: number; max: number; label: string }): JSX.Element {
  const max = Math.max(1, props.max)
  return <progress class="progress" value={props.value} max={max} aria-label={props.label} />
}
