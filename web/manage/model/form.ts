// The form of a new session: what is wrong with it, and the request that it becomes. Pure.
import { settings } from '@/lib/gen/settings'
import type { Setting, Settings } from '@/lib/gen/words'
import * as limits from '@/lib/gen/limits'
import { codeProblem, type CodeProblem } from './code.ts'
import { toAssignments, type AssignedRole, type Assignment } from './people.ts'
import { instantOf } from './zone.ts'

export interface SessionForm {
  name: string
  assessment: number
  starts: string // as <input type="datetime-local">
  zone: string
  opensMinutes: number // before the start; 0: at once
  durationMinutes: number
  code: string
  staff: Record<AssignedRole, ReadonlySet<number>>
  /** Proctors who lead: they see all candidates and move them. */
  leads: ReadonlySet<number>
  planner: number
  settings: Settings
}

const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DURATION_MOST = 24 * 60

export const standardSettings = (): Settings =>
  Object.fromEntries(
    (Object.keys(settings) as Setting[]).map((name) => [name, settings[name].standard]),
  ) as Settings

export const SETTING_GROUPS: Record<
  'staff' | 'entry' | 'monitoring' | 'time' | 'after',
  Setting[]
> = {
  staff: ['ratio'],
  entry: [
    'waiting_room',
    'start_by_proctor',
    'late_entry',
    'open_to_code',
    'takeover_alone',
    'max_candidates',
    'no_show_ms',
  ],
  monitoring: [
    'id_check',
    'id_hide',
    'room_scan',
    'webcam',
    'screen',
    'microphone',
    'phone',
    'fullscreen',
    'focus',
    'alerts',
  ],
  time: [
    'limit_for_session',
    'credit_waiting',
    'credit_pause',
    'credit_lock',
    'credit_system_pause',
    'credit_outage',
    'outage_credit_max_ms',
    'proctor_may_extend',
    'grace_ms',
    'late_arrival_ms',
  ],
  after: ['show_result', 'retention_days'],
}
// What has no place yet stands under time: a new row of the table is never missing here.
const placed = new Set(Object.values(SETTING_GROUPS).flat())
SETTING_GROUPS.time.push(
  ...(Object.keys(settings) as Setting[]).filter((name) => !placed.has(name)),
)

/** Lengths of time are typed in seconds, minutes or hours, as fits what is usual. */
export function unitMs(name: Setting): number {
  const { unit, standard } = settings[name]
  if (unit !== 'ms') return 1
  if (standard >= 2 * HOUR) return HOUR
  return standard >= 2 * MINUTE ? MINUTE : 1000
}

/** How many candidates the proctors have room for; null: without a ratio there is no such number. */
export function roomFor(form: SessionForm): number | null {
  const { ratio } = form.settings
  if (ratio === 0) return null
  const proctors = [...form.staff.proctor].filter((user) => !form.leads.has(user)).length
  return (proctors || form.staff.proctor.size) * ratio
}

export interface FormFaults {
  name?: true
  assessment?: true
  starts?: 'missing' | 'past'
  duration?: true
  code?: CodeProblem
  staff?: true
  settings?: Partial<Record<Setting, true>>
}

const PAST_MS = 5 * MINUTE

function startsFault(form: SessionForm, now: number): FormFaults['starts'] {
  const instant = instantOf(form.starts, form.zone)
  if (!instant) return 'missing'
  return instant.ms < now - PAST_MS ? 'past' : undefined
}

export function settingFits(name: Setting, value: number): boolean {
  const { least, most } = settings[name]
  return Number.isInteger(value) && value >= least && value <= most
}

function settingFaults(values: Settings): Partial<Record<Setting, true>> {
  const faults: Partial<Record<Setting, true>> = {}
  for (const name of Object.keys(values) as Setting[])
    if (!settingFits(name, values[name])) faults[name] = true
  return faults
}

export function formFaults(form: SessionForm, now: number): FormFaults {
  const faults: FormFaults = {}
  const bytes = new TextEncoder().encode(form.name.trim()).length
  if (bytes === 0 || bytes > limits.NAME_BYTES_MAX) faults.name = true
  if (form.assessment <= 0) faults.assessment = true
  const starts = startsFault(form, now)
  if (starts) faults.starts = starts
  const minutes = form.durationMinutes
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > DURATION_MOST) faults.duration = true
  const code = codeProblem(form.code)
  if (code) faults.code = code
  if (form.staff.proctor.size === 0) faults.staff = true
  const wrong = settingFaults(form.settings)
  if (Object.keys(wrong).length > 0) faults.settings = wrong
  return faults
}

export interface SessionRequest {
  name: string
  assessment: number
  code: string
  opens_ms: number
  starts_ms: number
  duration_ms: number
  settings: Settings
  staff: Assignment[]
}

/** Only for a form without faults. */
export function toRequest(form: SessionForm, now: number): SessionRequest {
  const starts_ms = instantOf(form.starts, form.zone)?.ms ?? now
  const early = starts_ms - form.opensMinutes * MINUTE
  return {
    name: form.name.trim(),
    assessment: form.assessment,
    code: form.code,
    opens_ms: form.opensMinutes === 0 ? Math.min(now, starts_ms) : early,
    starts_ms,
    duration_ms: form.durationMinutes * MINUTE,
    settings: form.settings,
    staff: toAssignments(form.staff, form.planner, form.leads),
  }
}
