// Bodies of the HTTP interface (docs/reference/api.md) that more than one page reads.
import type { ItemKind, Settings } from '@/lib/gen/words'

/** A text, or an element: tag, attributes, children. From the server's closed list of tags. */
export type QuestionNode = string | [string, Record<string, string>, ...QuestionNode[]]

export type RoleName =
  'candidate' | 'proctor' | 'reviewer' | 'grader' | 'planner' | 'administrator' | 'server'

/** In a session somebody may also lead the others. */
export type AssignedName = RoleName | 'lead'

export interface Me {
  signed_in: boolean
  user: number
  name: string
  email: string
  roles: RoleName[]
  attempt: number
  session: number
  has_identity: boolean
  /** Of staff: how much room the server's disk has. */
  room?: number
}

export interface ServerInfo {
  version: string
  organization: string
  now_ms: number
  sign_public: string
  support: { text: string }
}

export interface StaffMember {
  user?: number
  name: string
  roles: RoleName[]
}

export interface JoinLook {
  session: number
  name: string
  organization: string
  assessment_name: string
  items: number
  opens_ms: number
  starts_ms: number
  duration_ms: number
  state: string
  needs_name: boolean
  roster_only: boolean
  settings: Settings
  disclosure: number
  public_key: string
  staff: StaffMember[]
  sign_public: string
}

export interface ExamInfo {
  attempt: number
  session: number
  name: string
  number: string
  session_name: string
  organization: string
  settings: Settings
  disclosure: number
  public_key: string
  staff: StaffMember[]
  sign_public: string
  now_ms: number
  support: { text: string }
}

export interface PaperOption {
  number: number
  text: QuestionNode[]
}

export interface PaperItem {
  number: number
  kind: ItemKind
  points: number
  text: QuestionNode[]
  options: PaperOption[]
}

export interface Paper {
  name: string
  items: PaperItem[]
}

export interface StoredAnswer {
  item: number
  rev: number
  value: string
  stored_ms: number
}

export interface ExamResult {
  state: string
  points: number
  max: number
  unmarked: number
  items: {
    number: number
    points: number
    max: number
    marked_by: 'machine' | 'person' | 'waiting'
  }[]
}
