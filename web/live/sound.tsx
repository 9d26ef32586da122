// The microphone of a candidate: how loud it is, and listening to it. Nothing is heard until somebody
// asks for it, and never more than one candidate.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { now } from '@/lib/clock'
import type { Row } from '@/lib/gen/wire'
import { Button } from '@/ui'
import { useLive } from './context.ts'
import { t } from './text.ts'

/** Without a word for this long there is no sound. */
const SILENT_MS = 5000
const FULL = 255

/** The newest loudness; -1: nothing comes. */
function useLevel(attempt: number): number {
  const { pictures } = useLive()
  const [heard, setHeard] = useState({ level: -1, at: 0 })
  const open = pictures.lock.value === 'open'
  useEffect(() => {
    if (!open) return
    return pictures.viewer.level(attempt, (level) => setHeard({ level, at: now.peek() }))
  }, [attempt, open])
  return now.value - heard.at > SILENT_MS ? -1 : heard.level
}

export function LevelBar({ attempt, name }: { attempt: number; name: string }): JSX.Element {
  const level = useLevel(attempt)
  return (
    <span
      class="level"
      role="meter"
      aria-label={t('sound.of', { name })}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((100 * Math.max(0, level)) / FULL)}
      aria-valuetext={level < 0 ? t('sound.none') : undefined}
      data-level={level}
    >
      <span class="level-bar" style={{ inlineSize: `${(100 * Math.max(0, level)) / FULL}%` }} />
    </span>
  )
}

/** Who is listened to; 0: nobody. */
const listening = signal(0)

function useListening(attempt: number): boolean {
  const { pictures } = useLive()
  const on = listening.value === attempt
  useEffect(() => (on ? pictures.viewer.listen(attempt) : undefined), [on])
  useEffect(() => () => void (listening.value = 0), [attempt])
  return on
}

export function Sound({ row }: { row: Row }): JSX.Element {
  const on = useListening(row.attempt)
  const open = useLive().pictures.lock.value === 'open'
  return (
    <div class="row sound">
      <Button
        size="dense"
        icon={on ? 'sound' : 'mute'}
        aria-pressed={on}
        disabled={!open}
        onClick={() => (listening.value = on ? 0 : row.attempt)}
      >
        {t('sound.listen')}
      </Button>
      <LevelBar attempt={row.attempt} name={row.name} />
    </div>
  )
}
