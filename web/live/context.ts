import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Control } from './control.ts'
import type { Looks } from './looks.ts'
import type { Pictures } from './pictures.ts'
import type { Sounds } from './sound.ts'
import type { Freshness, Monitor } from './store.ts'

/** All that the parts of the monitor of one session share. */
export interface Live {
  monitor: Monitor
  control: Control
  pictures: Pictures
  looks: Looks
  sounds: Sounds
  freshness: Freshness
}

export const LiveContext = createContext<Live | null>(null)

export function useLive(): Live {
  const live = useContext(LiveContext)
  if (!live) throw new Error('outside a live session')
  return live
}
