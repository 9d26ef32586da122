// The report of a session: what is in its rows, and what only its events hold.
import { signal } from '@preact/signals'
import { api } from '@/lib/api'
import type { Row } from '@/lib/gen/wire'

export interface Given {
  at_ms: number
  ms: number
  reason: string
}

export interface ReportLine {
  attempt: number
  joined_ms: number
  began_ms: number
  over_ms: number
  cause: number
  factor_permille: number
  pauses: number
  locks: number
  interruptions: number
  outages: number
  hands: number
  said: number
  messaged: number
  given: Given[]
  email?: string
}

export interface Entry {
  row: Row
  line: ReportLine
}

export const lines = signal<ReadonlyMap<number, ReportLine> | null>(null)
export const failed = signal('')

/** In pieces, so that no reply is long. */
export async function loadReport(session: number): Promise<void> {
  const all = new Map<number, ReportLine>()
  failed.value = ''
  for (let from = 0, more = true; more;) {
    const answer = await api<{ lines: ReportLine[]; next: number }>('session_report', {
      id: session,
      query: { from },
    })
    if (!answer.ok) return void (failed.value = answer.text)
    for (const line of answer.value.lines) all.set(line.attempt, line)
    from = answer.value.next
    more = from > 0
  }
  lines.value = all
}

export function entriesOf(rows: readonly Row[]): Entry[] {
  const known = lines.value
  if (!known) return []
  return rows
    .map((row) => ({ row, line: known.get(row.attempt) }))
    .filter((entry): entry is Entry => entry.line !== undefined)
    .sort((a, b) => a.row.name.localeCompare(b.row.name))
}
