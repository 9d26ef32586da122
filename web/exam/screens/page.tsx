// The frame of every screen but the exam itself: a heading that gets the focus when the screen changes,
// the steps, one column.
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { t } from '@/exam/text'
import { isOpen, wantedProofs } from '@/lib/proofs'
import { Stepper, type StepItem } from '@/ui'
import { LinkBanner } from '@/exam/screens/status'

/** Whether identity or room are to be shown before the exam. */
export const asksAtDoor = (exam?: Exam): boolean =>
  !!exam && wantedProofs((setting) => exam.on(setting)).length > 0

/** Whether something is asked for again. */
export const asksAgain = (exam: Exam): boolean =>
  wantedProofs((setting) => exam.on(setting)).some((name) => isOpen(exam.proof(name)))

const STEPS = ['consent', 'checks', 'door', 'ready', 'lobby'] as const
export type SetupStep = (typeof STEPS)[number]

function steps(current: SetupStep, door: boolean): StepItem[] {
  const shown = STEPS.filter((id) => door || id !== 'door')
  const at = shown.indexOf(current)
  return shown.map((id, index) => ({
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
            <Stepper label={t('steps')} steps={steps(props.step, asksAtDoor(props.exam))} across />
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
