// Ready-made texts. Their numbers stand in the log, so a number keeps its meaning for ever.
import { hasText, t } from './text.ts'

export interface Preset {
  id: number
  text: string
}

export type PresetKind = 'message' | 'ask_again' | 'lock' | 'warn' | 'incident'

export function presets(kind: PresetKind): Preset[] {
  const all: Preset[] = []
  for (let id = 1; ; id++) {
    const key = `${kind}.${id}`
    if (!hasText(key)) return all
    all.push({ id, text: t(key) })
  }
}
