// The keys of the live page. Everything that they do has a button too; ending has no key.
import { decideTakeover, forbidden, handOver, start, targets, toggle } from './actions.ts'
import type { Live } from './context.ts'
import { DENSITIES } from './control.ts'
import { toggleGroup } from './model/filter.ts'
import { GROUPS } from './model/state.ts'
import { t } from './text.ts'

function typing(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.closest('dialog, [role=menu]')) return true
  if (target instanceof HTMLInputElement)
    return target.type !== 'checkbox' && target.type !== 'radio'
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

function density(live: Live, step: number): void {
  const { control } = live
  const at = DENSITIES.indexOf(control.density.peek()) + step
  const next = DENSITIES[at]
  if (next) control.density.value = next
}

function pin(live: Live): void {
  for (const attempt of targets(live)) live.control.pin(attempt)
}

function toQueue(live: Live): void {
  live.control.side.value = 'queue'
  live.control.sideOpen.value = true
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>('.requests button, .side [role=tabpanel]')?.focus(),
  )
}

/** The request whose card has the focus, else the oldest that nobody is on. */
function claimNext(live: Live): void {
  const focused = document.activeElement?.closest<HTMLElement>('[data-request]')?.dataset.request
  const open = live.control.untaken.peek()
  const request = focused
    ? open.find((one) => one.key === focused)
    : open.find((one) => one.claimed_by === 0)
  if (request) void live.control.claim(request)
  else live.control.say(t('queue.claim.none'))
}

type Key = (live: Live) => void

const KEYS: Record<string, Key> = {
  p: (live) => toggle(live, 'pause', 'resume', targets(live)),
  l: (live) => toggle(live, 'lock', 'unlock', targets(live)),
  a: (live) => start(live, 'admit', targets(live)),
  m: (live) => start(live, 'message', targets(live)),
  f: (live) => start(live, 'flag', targets(live)),
  s: (live) => start(live, 'ask_snapshot', targets(live)),
  e: (live) => {
    const why = forbidden(live, 'extend')
    if (why) live.control.say(why)
    else start(live, 'extend', targets(live))
  },
  d: (live) => decideTakeover(live, targets(live)),
  t: pin,
  q: toQueue,
  c: claimNext,
  h: (live) => handOver(live, targets(live)),
  r: (live) => void (live.control.asking.value = { kind: 'rotation' }),
  b: (live) => {
    if (live.control.mayBoard.peek()) live.control.view.value = 'board'
  },
  g: (live) => void (live.control.view.value = 'grid'),
  v: (live) => void (live.control.view.value = 'list'),
  o: (live) => live.control.applyOrder(),
  '[': (live) => density(live, 1),
  ']': (live) => density(live, -1),
  '/': () => document.querySelector<HTMLInputElement>('.find input')?.focus(),
  '?': (live) => void (live.control.asking.value = { kind: 'help' }),
}

/** Handles one key; true: it was one of ours. `back` closes the focus view. */
export function onKey(live: Live, event: KeyboardEvent, back: () => boolean): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false
  if (typing(event)) return false
  const { control } = live
  if (event.key === 'Escape') {
    if (back()) return true
    if (control.selection.peek().size === 0) return false
    control.clearSelection()
    return true
  }
  if (!control.keysOn.peek()) return false
  const group = GROUPS[Number(event.key) - 1]
  if (group) {
    const filter = control.filter.peek()
    control.filter.value = { ...filter, groups: toggleGroup(filter.groups, group) }
    return true
  }
  const key = KEYS[event.key]
  key?.(live)
  return key !== undefined
}
