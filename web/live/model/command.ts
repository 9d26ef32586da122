// From a filled form to the command. Pure.
import type { Command } from '@/lib/gen/wire'
import * as limits from '@/lib/gen/limits'
import type { Action } from './mass.ts'

export interface Fields {
  /** Of the ladder: which warning it is; 0 for many, each has its own next one. */
  step: number
  text: string
  preset: number
  minutes: number
  flag: number
  severity: number
  /** When the form was opened: ages of a flag are counted back from here. */
  opened_ms: number
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
  'warn',
  'flag',
  'end',
  'reopen',
])

/** Actions that are done at once for one candidate: they need no words and can be taken back. */
export const AT_ONCE: ReadonlySet<Action> = new Set([
  'admit',
  'pause',
  'resume',
  'unlock',
  'ask_snapshot',
])

export type FieldFault = 'reason' | 'text' | 'minutes' | 'long'

export function fieldFault(action: Action, fields: Fields): FieldFault | null {
  const { minutes } = fields
  const good = Number.isInteger(minutes) && minutes >= 1 && minutes <= MINUTES_MOST
  if ((action === 'extend' || action === 'reopen') && !good) return 'minutes'
  if (textBytes(fields.text) > limits.TEXT_BYTES_MAX) return 'long'
  if (fields.text.trim()) return null
  if (action === 'message') return 'text'
  return REASON_NEEDED.has(action) ? 'reason' : null
}

/** What is stored is counted in bytes. */
export const textBytes = (text: string): number => new TextEncoder().encode(text.trim()).length

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
    case 'warn':
      return { kind: 'warn', step: fields.step, preset: fields.preset, reason: text }
    case 'reopen':
      return { kind: 'reopen', ms: fields.minutes * 60_000, reason: text }
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
  step: 0,
  text: '',
  preset: 0,
  minutes: 5,
  flag: 24,
  severity: 1,
  opened_ms: 0,
  from_ms: 0,
  to_ms: 0,
}
