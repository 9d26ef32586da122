// The frame of every screen but the exam itself: a heading that gets the focus when the screen changes,
// the steps, one column.
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { t } from '@/exam/text'
import { Stepper, type StepItem } from '@/ui'
import { LinkBanner } from '@/exam/screens/status'

const STEPS = ['consent', 'checks', 'ready', 'lobby'] as const
export type SetupStep = (typeof STEPS)[number]

function steps(current: SetupStep): StepItem[] {
  const at = STEPS.indexOf(current)
  return STEPS.map((id, index) => ({
    id,
    label: t(`steps.${id}`),
    state: index < at ? 'done' : index === at ? 'current' : 'todo',
  }))
}

export function Page(props: {
  title: string
  /** Above the title: the institution, the session. */
  over?: ComponentChildren
  step?: SetupStep
  exam?: Exam
  wide?: boolean
  children: ComponentChildren
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [props.title])
  return (
    <div class="page">
      {props.exam ? <LinkBanner exam={props.exam} /> : null}
      <div class={`page-inner ${props.wide ? 'wide' : ''}`}>
        {props.step ? (
          <div class="page-steps">
            <Stepper label={t('steps')} steps={steps(props.step)} across />
          </div>
        ) : null}
        <main class="stack page-main">
          <div class="stack-small">
            {props.over ? <p class="muted">{props.over}</p> : null}
            <h1 ref={heading} tabIndex={-1}>
              {props.title}
            </h1>
          </div>
          {props.children}
        </main>
      </div>
    </div>
  )
}
