// The keys of the live page, and the switch that turns them off.
import type { JSX } from 'preact'
import { Button, CheckField, Dialog } from '@/ui'
import { useLive } from '../context.ts'
import { t, type TextKey } from '../text.ts'

const KEYS: readonly [string, TextKey][] = [
  ['← ↑ → ↓', 'keys.move'],
  ['Enter', 'keys.open'],
  ['Esc', 'keys.back'],
  ['Space', 'keys.select'],
  ['Shift + ← ↑ → ↓', 'keys.range'],
  ['p', 'keys.pause'],
  ['l', 'keys.lock'],
  ['a', 'keys.admit'],
  ['d', 'keys.takeover'],
  ['m', 'keys.message'],
  ['f', 'keys.flag'],
  ['s', 'keys.snapshot'],
  ['e', 'keys.extend'],
  ['t', 'keys.pin'],
  ['q', 'keys.queue'],
  ['c', 'keys.claim'],
  ['h', 'keys.hand_over'],
  ['r', 'keys.rotation'],
  ['b', 'keys.board'],
  ['1 – 8', 'keys.filter'],
  ['g', 'keys.grid'],
  ['v', 'keys.list'],
  ['[ ]', 'keys.density'],
  ['o', 'keys.order'],
  ['/', 'keys.find'],
  ['?', 'keys.help'],
]

export function HelpDialog(): JSX.Element {
  const { control } = useLive()
  const close = (): void => void (control.asking.value = null)
  return (
    <Dialog
      open
      title={t('keys.title')}
      onClose={close}
      actions={
        <Button look="primary" onClick={close}>
          {t('dialog.close')}
        </Button>
      }
    >
      <div class="stack">
        <CheckField
          label={t('keys.off')}
          hint={t('keys.off.help')}
          checked={control.keysOn.value}
          onChange={(on) => (control.keysOn.value = on)}
        />
        <dl class="keys">
          {KEYS.map(([key, text]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{t(text)}</dd>
            </div>
          ))}
        </dl>
        <p class="muted">{t('keys.note')}</p>
      </div>
    </Dialog>
  )
}
