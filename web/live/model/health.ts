// What the record says of a connection and of the questions. Pure.
import type { Event } from '@/lib/gen/wire'

/** As the candidate's device found it; at_ms 0: not said yet. */
export interface Health {
  at_ms: number
  round_trip_ms: number
  backlog_kb: number
}

type Lines = readonly { event: Event }[]

/** How often the connection was lost, and for how long at most; one that lasts counts until now. */
export function dropsOf(lines: Lines, now: number): { drops: number; longest_ms: number } {
  let drops = 0
  let since = 0
  let longest_ms = 0
  for (const { event } of lines) {
    if (event.kind !== 'disconnected' && event.kind !== 'connected') continue
    if (since) longest_ms = Math.max(longest_ms, event.at_ms - since)
    since = event.kind === 'disconnected' ? event.since_ms : 0
    drops += Number(event.kind === 'disconnected')
  }
  if (since) longest_ms = Math.max(longest_ms, now - since)
  return { drops, longest_ms }
}

export interface QuestionLine {
  item: number
  times: number // answers that were stored
  last_ms: number
  marked: boolean
}

/** One line for each question that was touched, and how many were not. */
export function questionLines(lines: Lines, items: number): { rows: QuestionLine[]; left: number } {
  const all = new Map<number, QuestionLine>()
  const line = (item: number): QuestionLine => {
    const known = all.get(item) ?? { item, times: 0, last_ms: 0, marked: false }
    all.set(item, known)
    return known
  }
  for (const { event } of lines) {
    if (event.kind === 'answered') {
      line(event.item).times++
      line(event.item).last_ms = event.at_ms
    }
    if (event.kind === 'marked') line(event.item).marked = event.on !== 0
  }
  const rows = [...all.values()].sort((a, b) => a.item - b.item)
  return { rows, left: Math.max(0, items - rows.filter((row) => row.times > 0).length) }
}
