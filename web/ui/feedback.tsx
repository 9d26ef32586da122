// What a page says about itself: banners, steps, the time left, and the shared states empty, loading,
// failed and not allowed.
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { formatMinute, formatSpan } from '@/lib/clock'
import { Button } from '@/ui/controls'
import { Icon, type IconName } from '@/ui/icons'
import { t } from '@/ui/text'

export type Tone = 'info' | 'good' | 'warn' | 'bad'

const toneIcons: Record<Tone, IconName> = { info: 'info', good: 'check', warn: 'warn', bad: 'fail' }

export function Banner(props: {
  tone?: Tone
  icon?: IconName
  title?: ComponentChildren
  children?: ComponentChildren
  actions?: ComponentChildren
  /** Read out when it appears. Off for what stands there from the beginning. */
  live?: boolean
}): JSX.Element {
  const { tone = 'info' } = props
  const role = props.live ? (tone === 'bad' ? 'alert' : 'status') : undefined
  return (
    <div class={`banner ${tone}`} role={role}>
      <span class="banner-icon">
        <Icon name={props.icon ?? toneIcons[tone]} size="1.25em" />
      </span>
      <div class="banner-text">
        {props.title ? <div class="banner-title">{props.title}</div> : null}
        {props.children}
      </div>
      {props.actions ? <div class="row">{props.actions}</div> : null}
    </div>
  )
}

export interface StepItem {
  id: string
  label: string
  state: 'todo' | 'current' | 'done' | 'problem'
}

const stepWords = {
  todo: '',
  current: '',
  done: t('step.done'),
  problem: t('step.problem'),
} as const

export function Stepper(props: {
  label: string
  steps: readonly StepItem[]
  across?: boolean
}): JSX.Element {
  return (
    <nav aria-label={props.label}>
      <ol class={`stepper ${props.across ? 'across' : ''}`}>
        {props.steps.map((step, index) => (
          <li
            key={step.id}
            class={`step ${step.state}`}
            aria-current={step.state === 'current' ? 'step' : undefined}
          >
            <span class="step-mark" aria-hidden="true">
              {step.state === 'done' ? <Icon name="check" /> : index + 1}
            </span>
            <span>
              {step.label}
              {stepWords[step.state] ? (
                <span class="visually-hidden">, {stepWords[step.state]}</span>
              ) : null}
            </span>
          </li>
        ))}
      </ol>
    </nav>
  )
}

const SPOKEN_MIN = [30, 10, 5, 1]

/** Time left. Silent but for 30, 10, 5 and 1 minutes; can be hidden until the last 5 minutes. */
export function Timer(props: {
  leftMs: number
  /** The instant of the end, shown beneath; nothing while the clock stands. */
  endsMs?: number | undefined
  runs?: boolean
  hidden?: boolean
  label?: string
}): JSX.Element {
  const { leftMs, runs = true } = props
  const spoken = useRef<number | null>(null)
  const [said, say] = useState('')
  const minutes = Math.ceil(leftMs / 60000)
  useEffect(() => {
    const before = spoken.current
    spoken.current = minutes
    if (before === null || minutes >= before) return
    const passed = SPOKEN_MIN.find((mark) => minutes <= mark && before > mark)
    if (passed) say(t('time.minutes', { n: passed }))
  }, [minutes])
  const hidden = props.hidden && leftMs > 5 * 60000
  return (
    <span class="timer">
      {hidden ? null : (
        <span role="timer" aria-label={props.label ?? t('time.left')} class="timer-left">
          {formatSpan(leftMs)}
        </span>
      )}
      {hidden || !runs || !props.endsMs ? null : (
        <span class="small muted">{t('time.ends', { time: formatMinute(props.endsMs) })}</span>
      )}
      {!hidden && !runs ? <span class="small muted">{t('time.stopped')}</span> : null}
      <span class="visually-hidden" role="status">
        {said}
      </span>
    </span>
  )
}

/** Nothing there: why, and what to do next. */
export function Empty(props: {
  title: ComponentChildren
  icon?: IconName
  children?: ComponentChildren
  actions?: ComponentChildren
}): JSX.Element {
  return (
    <div class="state-page">
      <Icon name={props.icon ?? 'empty'} size="2.5em" />
      <h2>{props.title}</h2>
      {props.children ? <div class="muted">{props.children}</div> : null}
      {props.actions ? <div class="row">{props.actions}</div> : null}
    </div>
  )
}

/** Keeps the place: bars after 300 ms, a sentence after 3 s. */
export function Loading({
  what = t('loading'),
  lines = 3,
}: {
  what?: string
  lines?: number
}): JSX.Element {
  return (
    <div class="stack" aria-busy="true">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} class="skeleton loading-soon" aria-hidden="true" />
      ))}
      <p class="muted loading-late" role="status">
        {t('loading.late', { what })}
      </p>
    </div>
  )
}

/** Something failed: what, whether work is safe, and a way on. */
export function ErrorState(props: {
  title: ComponentChildren
  children?: ComponentChildren
  onRetry?: () => void
  reference?: string
}): JSX.Element {
  return (
    <div class="state-page" role="alert">
      <Icon name="warn" size="2.5em" />
      <h2>{props.title}</h2>
      {props.children ? <div>{props.children}</div> : null}
      {props.onRetry ? (
        <Button look="primary" onClick={props.onRetry}>
          {t('again')}
        </Button>
      ) : null}
      {props.reference ? (
        <p class="muted small">{t('reference', { reference: props.reference })}</p>
      ) : null}
    </div>
  )
}
