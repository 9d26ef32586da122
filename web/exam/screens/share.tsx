// One button for each source that is gone: the browser wants a click before it shares a screen.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import type { SourceName, SourceProblem } from '@/exam/sources'
import { t, type TextKey } from '@/exam/text'
import { Button } from '@/ui'

export function problemText(name: SourceName, problem: SourceProblem): string {
  const own: Record<SourceName, readonly SourceProblem[]> = {
    webcam: ['denied', 'none', 'taken', 'unsupported', 'failed'],
    screen: ['denied', 'notWhole', 'cancelled', 'unsupported', 'failed'],
    microphone: ['denied', 'none', 'failed'],
  }
  const key = own[name].includes(problem) ? problem : 'failed'
  return t(`checks.${name === 'webcam' ? 'camera' : name}.${key}` as TextKey)
}

export function ShareAgain({ exam, autofocus }: { exam: Exam; autofocus?: boolean }): JSX.Element {
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const missing = exam.capture.missing.value
  const share = async (name: SourceName): Promise<void> => {
    setBusy(true)
    setProblem('')
    const got = await exam.share(name)
    setBusy(false)
    if (!got.ok) setProblem(problemText(name, got.problem))
  }
  return (
    <div class="stack-small">
      <div class="row">
        {missing.map((name, index) => (
          <Button
            key={name}
            look="primary"
            size="touch"
            icon={name === 'webcam' ? 'camera' : 'screen'}
            busy={busy}
            autofocus={autofocus && index === 0}
            onClick={() => void share(name)}
          >
            {t(name === 'webcam' ? 'hold.shareCamera' : 'hold.shareScreen')}
          </Button>
        ))}
      </div>
      {problem ? (
        <p class="field-error" role="alert">
          {problem}
        </p>
      ) : null}
    </div>
  )
}
