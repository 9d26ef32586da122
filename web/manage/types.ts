// Bodies of the HTTP interface that the planner's pages read (docs/reference/api.md).
import type { PaperItem, QuestionNode } from '@/lib/types'

export interface AssessmentLine {
  assessment: number
  name: string
  items: number
  points: number
  source: string
  created_ms: number
  sessions: number
}

export interface KeyOption {
  number: number
  text: QuestionNode[]
  fraction: number
  low?: number
  high?: number
  feedback?: QuestionNode[]
}

export interface KeyItem extends Omit<PaperItem, 'options'> {
  name: string
  line: number
  feedback?: QuestionNode[]
  options: KeyOption[]
}

export interface FileLine {
  line: number
  reason?: string
  text?: string
}

export interface CheckedFile {
  import: string
  format: string
  name: string
  items: KeyItem[]
  errors: FileLine[]
  more_errors?: boolean
  notes: FileLine[]
}

export type RosterStatus = 'new' | 'unchanged' | 'duplicate' | 'error'

export interface RosterRow {
  line: number
  name: string
  email: string
  number: string
  time_factor: number
  status: RosterStatus
  reason: string
}

export interface CheckedRoster {
  import: string
  rows: RosterRow[]
  counts: Record<RosterStatus, number>
  notes: FileLine[]
}
