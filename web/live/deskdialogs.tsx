// Dialogs of the own desk: how loud each tone is, and the rotation.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button, Dialog, SelectField } from '@/ui'
import { useLive } from './context.ts'
import { COUNTS, SECONDS } from './model/rotation.ts'
import { TONES, type Tone } from './model/tones.ts'
import { t } from './text.ts'

const STEP = 20

function ToneRow({ tone }: { tone: Tone }): JSX.Element {
  const { sounds } = useLive()
  const level = sounds.levels.value[tone]
  const id = `tone-${tone}`
  const test = async (): Promise<void> => {
    await sounds.allow()
    sounds.play(tone)
  }
  return (
    <div class="tone">
      <label for={id}>{t(`sound.${tone}`)}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={100}
        step={STEP}
        value={level}
        aria-valuetext={level === 0 ? t('sound.off') : t('sound.level', { level })}
        onInput={(event) => sounds.set(tone, Number(event.currentTarget.value))}
      />
      <span class="numbers muted">{level === 0 ? t('sound.off') : `${level} %`}</span>
      <Button
        size="dense"
        disabled={level === 0}
        aria-label={t('sound.test.label', { tone: t(`sound.${tone}`) })}
        onClick={() => void test()}
      >
        {t('sound.test')}
      </Button>
    </div>
  )
}

export function SoundDialog(): JSX.Element {
  const { control } = useLive()
  const close = (): void => void (control.asking.value = null)
  const actions = (
    <Button look="primary" onClick={close}>
      {t('dialog.close')}
    </Button>
  )
  return (
    <Dialog open title={t('sound.title')} onClose={close} actions={actions}>
      <div class="stack">
        <p>{t('sound.help')}</p>
        <div class="tones">
          {TONES.map((tone) => (
            <ToneRow key={tone} tone={tone} />
          ))}
        </div>
      </div>
    </Dialog>
  )
}

export function RotationDialog(): JSX.Element {
  const { control } = useLive()
  const [rotation, setRotation] = useState(control.rotation.peek())
  const close = (): void => void (control.asking.value = null)
  const start = (): void => {
    close()
    control.startRotation(rotation)
  }
  const actions = (
    <>
      <Button onClick={close}>{t('dialog.cancel')}</Button>
      <Button look="primary" onClick={start}>
        {t('rotation.start')}
      </Button>
    </>
  )
  const options = (list: readonly number[]): { value: string; label: string }[] =>
    list.map((n) => ({ value: String(n), label: String(n) }))
  return (
    <Dialog open title={t('rotation.title')} onClose={close} actions={actions}>
      <div class="stack">
        <p>{t('rotation.help')}</p>
        <SelectField
          label={t('rotation.count')}
          autofocus
          value={String(rotation.count)}
          options={options(COUNTS)}
          onChange={(count) => setRotation({ ...rotation, count: Number(count) })}
        />
        <SelectField
          label={t('rotation.seconds')}
          value={String(rotation.seconds)}
          options={options(SECONDS)}
          onChange={(seconds) => setRotation({ ...rotation, seconds: Number(seconds) })}
        />
      </div>
    </Dialog>
  )
}
