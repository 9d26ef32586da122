// What the buttons and keys do: at once, or by asking first.
import {
  BY_ADMINISTRATOR,
  BY_CANDIDATE,
  BY_GRADER,
  BY_PLANNER,
  BY_PROCTOR,
  BY_REVIEWER,
  commandTable,
  type CommandKind,
} from '@/lib/gen/wire'
import { AT_ONCE, makeCommand, NO_FIELDS } from './model/command.ts'
import { applies, type Action } from './model/mass.ts'
import { isPresent } from './model/state.ts'
import type { Live } from './context.ts'
import { t } from './text.ts'

const BITS = {
  candidate: BY_CANDIDATE,
  proctor: BY_PROCTOR,
  reviewer: BY_REVIEWER,
  grader: BY_GRADER,
  planner: BY_PLANNER,
  administrator: BY_ADMINISTRATOR,
}

/** Whether one of the person's roles in this session may ask it. */
export function mayAsk(live: Live, kind: CommandKind): boolean {
  const roles = live.monitor.detail.value?.my_roles ?? []
  return roles.some(
    (role) => (commandTable[kind].who & (BITS[role as keyof typeof BITS] ?? 0)) !== 0,
  )
}

/** Why an action is not offered at all; empty: it is. */
export function forbidden(live: Live, action: Action): string {
  const { settings, detail } = live.monitor
  if (!mayAsk(live, action)) return t(action === 'reopen' ? 'reopen.forbidden' : 'act.forbidden')
  if (action === 'reopen' && detail.value?.state !== 'running') return t('reopen.over')
  const roles = detail.value?.my_roles ?? []
  const others = roles.includes('planner') || roles.includes('administrator')
  const closed = action === 'extend' && settings.value?.proctor_may_extend === 0 && !others
  return closed ? t('extend.forbidden') : ''
}

/** For one that can be taken back: at once. Everything else, and many: asks first. */
export function start(live: Live, action: Action, attempts: readonly number[]): void {
  const { control, monitor } = live
  if (attempts.length === 0 || forbidden(live, action)) return
  const [only] = attempts
  if (attempts.length > 1 || only === undefined) {
    control.asking.value = { kind: 'act', action, attempts }
    return
  }
  const row = monitor.peek(only)
  if (!row || !applies(row, action)) return
  if (AT_ONCE.has(action)) void control.act(action, makeCommand(action, NO_FIELDS), [only])
  else if (action === 'end') control.asking.value = { kind: 'end', attempt: only }
  else control.asking.value = { kind: 'act', action, attempts }
}

/** Pause or resume, lock or unlock: whichever makes sense for most of them. */
export function toggle(live: Live, on: Action, off: Action, attempts: readonly number[]): void {
  const rows = attempts.map((id) => live.monitor.peek(id)).filter((row) => row !== undefined)
  start(live, rows.some((row) => applies(row, on)) ? on : off, attempts)
}

/** Whom a key or a button of the bar acts on: the selected, else the one that is looked at. */
export function targets(live: Live): number[] {
  const { selection, current } = live.control
  if (selection.value.size > 0) return [...selection.value]
  return current.value > 0 ? [current.value] : []
}

/** The first of them that asks to go on on another device. */
export function decideTakeover(live: Live, attempts: readonly number[]): void {
  const attempt = attempts.find((id) => live.monitor.peek(id)?.wants_device)
  if (attempt) live.control.asking.value = { kind: 'takeover', attempt }
}

/** Asks to whom; only where candidates are shared. */
export function handOver(live: Live, attempts: readonly number[]): void {
  if (live.monitor.desk.peek().ratio === 0) return live.control.say(t('hand.noratio'))
  const present = attempts.filter((id) => {
    const row = live.monitor.peek(id)
    return row !== undefined && isPresent(row)
  })
  if (present.length > 0)
    live.control.asking.value = { kind: 'hand_over', attempts: present, leaves: false }
}
