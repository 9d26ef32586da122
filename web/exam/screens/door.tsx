// C7 and C8, and what the lobby says of them: loaded when a session asks for identity or room.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { Page } from '@/exam/screens/page'
import { t } from '@/exam/text'
import { ErrorState, Loading } from '@/ui'

type Parts = typeof import('@/exam/door/door')
const parts = signal<Parts | 'failed' | null>(null)

async function load(): Promise<void> {
  if (typeof parts.peek() === 'object' && parts.peek()) return
  parts.value = null
  parts.value = await import('@/exam/door/door').catch(() => 'failed' as const)
}

function useParts(): Parts | null {
  useEffect(() => void load(), [])
  return typeof parts.value === 'string' ? null : parts.value
}

export function DoorScreen(props: {
  exam: Exam
  onBack: () => void
  onDone: () => void
}): JSX.Element {
  const door = useParts()
  if (door) return <door.Door {...props} />
  return (
    <Page title={t('steps.door')} over={props.exam.info.session_name} step="door" exam={props.exam}>
      {parts.value === 'failed' ? (
        <ErrorState title={t('failed.title')} onRetry={() => void load()} />
      ) : (
        <Loading what={t('loading')} />
      )}
    </Page>
  )
}

/** In the lobby: what staff have accepted, and what is asked for again. */
export function DoorState({ exam }: { exam: Exam }): JSX.Element | null {
  const door = useParts()
  return door ? <door.DoorList exam={exam} /> : null
}
