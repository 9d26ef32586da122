// State = shape + word + colour; severity = bars + word, without colour. The word is always there: a
// mark alone says nothing to somebody who cannot see the difference.
import type { ComponentChildren, JSX } from 'preact'
import { attemptStates, holds } from '@/lib/gen/words'
import { t } from '@/ui/text'
import { attemptStateName, strongestHold } from '@/lib/words'

export type Mark =
  | 'active'
  | 'paused'
  | 'locked'
  | 'system_paused'
  | 'disconnected'
  | 'waiting'
  | 'complete'
  | 'invited'
  | 'joined'
  | 'refused'
  | 'absent'
  | 'set_aside'

const shapes: Record<Mark, JSX.Element> = {
  active: <circle cx="8" cy="8" r="6" fill="currentColor" />,
  paused: <path d="M4 2.5h3v11H4zM9 2.5h3v11H9z" fill="currentColor" />,
  locked: (
    <g>
      <path d="M2.5 7h11v7.5h-11z" fill="currentColor" />
      <path d="M5 7V5a3 3 0 016 0v2" fill="none" stroke="currentColor" stroke-width="2" />
    </g>
  ),
  system_paused: (
    <g>
      <path d="M8 1l7 7-7 7-7-7z" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M9 4.5L6.8 7.7l2.6.8L7 11.6" fill="none" stroke="currentColor" stroke-width="1.6" />
    </g>
  ),
  disconnected: (
    <g fill="none" stroke="currentColor" stroke-width="2">
      <circle cx="8" cy="8" r="6" />
      <path d="M3.8 12.2l8.4-8.4" />
    </g>
  ),
  waiting: (
    <g>
      <circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="1.4" />
      <path d="M5.5 4.5h5L8 8l2.5 3.5h-5L8 8z" fill="currentColor" />
    </g>
  ),
  complete: (
    <path d="M2.5 8.5l3.8 3.8 7.2-8" fill="none" stroke="currentColor" stroke-width="2.4" />
  ),
  invited: (
    <circle
      cx="8"
      cy="8"
      r="6"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-dasharray="1.5 2.27"
    />
  ),
  joined: (
    <g>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.8" />
      <path d="M8 2a6 6 0 010 12z" fill="currentColor" />
    </g>
  ),
  refused: <path d="M3 3l10 10M13 3L3 13" fill="none" stroke="currentColor" stroke-width="2.2" />,
  absent: <path d="M3 8h10" fill="none" stroke="currentColor" stroke-width="2.4" />,
  set_aside: (
    <g fill="none" stroke="currentColor" stroke-width="2">
      <path d="M2.5 2.5h11v11h-11z" />
      <path d="M8 4.5V9M8 10.5v1.6" />
    </g>
  ),
}

const words: Record<Mark, string> = {
  active: attemptStates.active.word,
  paused: holds.paused.word,
  locked: holds.locked.word,
  system_paused: holds.system_paused.word,
  disconnected: t('mark.disconnected'),
  waiting: attemptStates.waiting.word,
  complete: t('mark.complete'),
  invited: attemptStates.invited.word,
  joined: attemptStates.joined.word,
  refused: attemptStates.refused.word,
  absent: attemptStates.absent.word,
  set_aside: t('mark.set_aside'),
}

export const markWord = (mark: Mark): string => words[mark]

/** The mark of an attempt; a lost connection is shown while the attempt is going on. */
export function attemptMark(state: number, holdBits: number, connected: boolean): Mark {
  const name = attemptStateName(state)
  if (name === 'submitted' || name === 'ended') return 'complete'
  const going = name === 'active' || name === 'waiting' || name === 'joined'
  if (going && !connected) return 'disconnected'
  if (name === 'active') return strongestHold(holdBits) ?? 'active'
  return name === 'none' ? 'invited' : name
}

export function MarkShape({ mark }: { mark: Mark }): JSX.Element {
  return (
    <svg class={`mark mark-${mark}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {shapes[mark]}
    </svg>
  )
}

export function StateMark(props: {
  mark: Mark
  /** Instead of the usual word. */
  word?: string
  /** After the word: an age, a reason. */
  children?: ComponentChildren
}): JSX.Element {
  return (
    <span class="state-mark">
      <MarkShape mark={props.mark} />
      <span>
        {props.word ?? words[props.mark]}
        {props.children ? <> {props.children}</> : null}
      </span>
    </span>
  )
}

const SEVERITIES = ['severity.0', 'severity.1', 'severity.2', 'severity.3', 'severity.4'] as const
export const severityWord = (severity: number): string => t(SEVERITIES[severity] ?? 'severity.1')

export function Severity({ severity }: { severity: number }): JSX.Element {
  const bars = Math.min(4, Math.max(1, severity))
  return (
    <span class="state-mark">
      <svg class="mark" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {[0, 1, 2, 3].map((bar) => (
          <rect
            key={bar}
            x={1 + bar * 3.8}
            y={11 - bar * 3}
            width="2.6"
            height={4 + bar * 3}
            fill={bar < bars ? 'currentColor' : 'none'}
            stroke="currentColor"
            stroke-width="0.6"
          />
        ))}
      </svg>
      <span>{severityWord(severity)}</span>
    </span>
  )
}
