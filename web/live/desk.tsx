// What a proctor sets for the own desk: sounds, rotation, a break; and what is said about it at the top.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { refusalText } from '@/lib/words'
import { Banner, Button, Icon, Menu, type MenuEntry } from '@/ui'
import { useLive, type Live } from './context.ts'
import { isPresent } from './model/state.ts'
import { t } from './text.ts'

/** The own candidates who are there. */
const ownAttempts = ({ monitor }: Live): number[] =>
  monitor
    .all()
    .filter((row) => isPresent(row) && row.proctor === monitor.desk.peek().me)
    .map((row) => row.attempt)

export async function stepBack(live: Live, user: number): Promise<void> {
  const refusal = await live.monitor.actOnSession({ kind: 'step_back', user })
  live.control.say(refusal ? refusalText(refusal) : t('away.back.done'))
}

function isAway({ monitor }: Live): boolean {
  const { me, staff } = monitor.desk.value
  return staff.find((one) => one.user === me)?.away ?? false
}

export function DeskMenu(): JSX.Element {
  const live = useLive()
  const { control, monitor } = live
  const shared = monitor.desk.value.ratio > 0 && !isAway(live)
  const ask = (leaves: boolean): void =>
    void (control.asking.value = { kind: 'hand_over', attempts: ownAttempts(live), leaves })
  const entries: MenuEntry[] = [
    { label: t('sound.title'), onSelect: () => (control.asking.value = { kind: 'sounds' }) },
  ]
  if (shared && monitor.detail.value?.state !== 'ended')
    entries.push(
      { label: t('hand.mine'), onSelect: () => ask(false), line: true },
      { label: t('away.do'), onSelect: () => ask(true) },
    )
  return <Menu label={t('desk.menu')} icon="settings" entries={entries} />
}

export function AwayBanner(): JSX.Element | null {
  const live = useLive()
  if (!isAway(live)) return null
  const back = (
    <Button
      look="primary"
      size="dense"
      onClick={() => void stepBack(live, live.monitor.desk.peek().me)}
    >
      {t('away.back')}
    </Button>
  )
  return (
    <Banner tone="info" icon="pause" title={t('away.title')} actions={back}>
      {t('away.help')}
    </Banner>
  )
}

// ---- sounds ----

/** A browser plays nothing before somebody clicked. */
export function SoundBanner(): JSX.Element | null {
  const { sounds } = useLive()
  const [closed, setClosed] = useState(false)
  if (sounds.allowed.value || !sounds.on || closed) return null
  const actions = (
    <>
      <Button look="primary" size="dense" onClick={() => void sounds.allow()}>
        {t('sound.allow')}
      </Button>
      <Button look="quiet" size="dense" onClick={() => setClosed(true)}>
        {t('sound.without')}
      </Button>
    </>
  )
  return (
    <Banner tone="info" actions={actions}>
      {t('sound.needed')}
    </Banner>
  )
}

// ---- rotation ----

export function RotationBanner(): JSX.Element | null {
  const { control } = useLive()
  if (!control.rotating.value) return null
  const { count, seconds } = control.rotation.value
  return (
    <p class="rotation-note" role="status">
      <Icon name="eye" size="1em" /> {t('rotation.on', { n: count, seconds })}
    </p>
  )
}

/** Any input stops the rotation; a key does nothing else then, as what it was meant for may be gone. */
export function useRotationStop({ control }: Live): void {
  useEffect(() => {
    const stop = (event: Event): void => {
      if (!control.rotating.peek()) return
      control.stopRotation()
      if (event.type !== 'keydown') return
      event.preventDefault()
      event.stopPropagation()
    }
    const kinds = ['keydown', 'pointerdown', 'wheel'] as const
    for (const kind of kinds) document.addEventListener(kind, stop, { capture: true })
    return () => {
      for (const kind of kinds) document.removeEventListener(kind, stop, { capture: true })
    }
  }, [control])
}
