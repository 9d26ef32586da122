// Single keys of the review page. They can be switched off, and rest while somebody types.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { Button, CheckField, Dialog } from '@/ui'
import type { Case } from './case.ts'
import { noting } from './flags.tsx'
import { nextLayout, toFlag } from './stage.tsx'
import { t } from './text.ts'

const STORED = 'invigil.review.keys'
const help = signal(false)

function stored(): boolean {
  try {
    return localStorage.getItem(STORED) !== 'off'
  } catch {
    return true
  }
}
const enabled = signal(stored())

function setEnabled(on: boolean): void {
  enabled.value = on
  try {
    localStorage.setItem(STORED, on ? 'on' : 'off')
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

function decide(of: Case, decision: 1 | 2): void {
  const flag = of.chosen.peek()
  if (flag) void of.decide(flag, decision)
}

/** What a key does; undefined: nothing. */
function actionOf(of: Case, event: KeyboardEvent): (() => void) | undefined {
  const player = of.player.peek()
  const skip = event.shiftKey ? 10_000 : 2000
  const actions: Record<string, (() => void) | undefined> = {
    ' ': () => player?.toggle(),
    j: () => toFlag(of, true),
    k: () => toFlag(of, false),
    ArrowLeft: () => player?.skip(-skip),
    ArrowRight: () => player?.skip(skip),
    ',': () => player?.step(false),
    '.': () => player?.step(true),
    '<': () => player?.faster(-1),
    '>': () => player?.faster(1),
    c: () => decide(of, 1),
    d: () => decide(of, 2),
    n: () => void (noting.value = of.chosen.peek()),
    u: () => of.undo?.(),
    z: () => nextLayout(of),
    m: () => player?.mute(),
    '?': () => void (help.value = true),
  }
  return actions[event.key]
}

const TYPING = 'input:not([type=range]), textarea, select, [contenteditable]'

/** Space and arrows belong to the control that has the focus. */
function taken(event: KeyboardEvent): boolean {
  const at = event.target as HTMLElement | null
  if (!at?.closest || at.closest(TYPING) || at.closest('dialog')) return true
  const own = event.key === ' ' || event.key.startsWith('Arrow')
  return own && !!at.closest('button, a, summary, [role=tab], [role=menu], input')
}

export function useKeys(of: Case): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (!enabled.value || event.ctrlKey || event.metaKey || event.altKey) return
      if (taken(event)) return
      const action = actionOf(of, event)
      if (!action) return
      event.preventDefault()
      action()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [of])
}

const LINES = [
  [['Space'], 'keys.play'],
  [['j', 'k'], 'keys.flag'],
  [['←', '→'], 'keys.skip'],
  [['Shift ←', 'Shift →'], 'keys.skip10'],
  [[',', '.'], 'keys.frame'],
  [['<', '>'], 'keys.speed'],
  [['c'], 'keys.confirm'],
  [['d'], 'keys.dismiss'],
  [['n'], 'keys.note'],
  [['u'], 'keys.undo'],
  [['z'], 'keys.zoom'],
  [['m'], 'keys.mute'],
  [['?'], 'keys.help'],
] as const

export function KeysHelp(): JSX.Element {
  return (
    <>
      <Button look="quiet" size="dense" icon="help" onClick={() => (help.value = true)}>
        {t('play.keys')}
      </Button>
      <Dialog open={help.value} title={t('keys.title')} onClose={() => (help.value = false)}>
        <div class="stack">
          <CheckField label={t('keys.off')} checked={enabled.value} onChange={setEnabled} />
          <dl class="key-list">
            {LINES.map(([keys, words]) => (
              <div key={words}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{t(words)}</dd>
              </div>
            ))}
          </dl>
        </div>
      </Dialog>
    </>
  )
}
