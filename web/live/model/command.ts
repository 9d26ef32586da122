// From a filled form to the command. Pure.
import type { Command } from '@/lib/gen/wire'
import type { Action } from './mass.ts'

export interface Fields {
  text: string
  preset: number
  minutes: number
  flag: number
  severity: number
  from_ms: number
  to_ms: number
}

export const MINUTES_MOST = 600

/** Actions that need words: the candidate reads them, or the record does. */
export const REASON_NEEDED: ReadonlySet<Action> = new Set([
  'ask_again',
  'refuse',
  'lock',
  'extend',
  'flag',
  'end',
])

/** Actions that are done at once for one candidate: they need no words and can be taken back. */
export const AT_ONCE: ReadonlySet<Action> = new Set([
  'admit',
  'pause',
  'resume',
  'unlock',
  'ask_snapshot',
])

export type FieldFault = 'reason' | 'text' | 'minutes'

export function fieldFault(action: Action, fields: Fields): FieldFault | null {
  const { minutes } = fields
  const good = Number.isInteger(minutes) && minutes >= 1 && minutes <= MINUTES_MOST
  if (action === 'extend' && !good) return 'minutes'
  if (fields.text.trim()) return null
  if (action === 'message') return 'text'
  return REASON_NEEDED.has(action) ? 'reason' : null
}

export function makeCommand(action: Action, fields: Fields): Command {
  const text = fields.text.trim()
  switch (action) {
    case 'admit':
    case 'ask_snapshot':
      return { kind: action }
    case 'ask_again':
    case 'refuse':
    case 'pause':
    case 'lock':
    case 'end':
      return { kind: action, reason: text }
    case 'resume':
    case 'unlock':
      return { kind: action, note: text }
    case 'message':
      return { kind: 'message', preset: fields.preset, text }
    case 'extend':
      return { kind: 'extend', ms: fields.minutes * 60_000, reason: text }
    case 'flag':
      return {
        kind: 'flag',
        type: fields.flag,
        severity: fields.severity,
        from_ms: fields.from_ms,
        to_ms: fields.to_ms,
        note: text,
      }
  }
}

export const NO_FIELDS: Fields = {
  text: '',
  preset: 0,
  minutes: 5,
  flag: 24,
  severity: 1,
  from_ms: 0,
  to_ms: 0,
}
