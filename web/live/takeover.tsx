// A candidate asks to go on on another device: who that is decides a person.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { formatLength, formatMinute, now } from '@/lib/clock'
import * as limits from '@/lib/gen/limits'
import { Banner, Button, Dialog, TextArea } from '@/ui'
import { useLive } from './context.ts'
import { t } from './text.ts'

const CHARS_MAX = Math.floor(limits.TEXT_BYTES_MAX / 4)

export function TakeoverDialog({ attempt }: { attempt: number }): JSX.Element | null {
  const { control, monitor } = useLive()
  void monitor.pulse.value
  const row = monitor.row(attempt)?.value
  const [note, setNote] = useState('')
  const [missing, setMissing] = useState(false)
  if (!row) return null
  const close = (): void => void (control.asking.value = null)
  const { wants_device: device, takeover_asked_ms: asked } = row
  const decide = (approve: 0 | 1): void => {
    // Who is declined reads why, and what to do now.
    if (!approve && !note.trim()) return setMissing(true)
    close()
    const command = { kind: 'decide_takeover' as const, device, approve, note: note.trim() }
    void control.act('decide_takeover', command, [attempt])
  }
  const actions = device ? (
    <>
      <Button onClick={close}>{t('dialog.cancel')}</Button>
      <Button onClick={() => decide(0)}>{t('queue.decline')}</Button>
      <Button look="primary" onClick={() => decide(1)}>
        {t('takeover.approve')}
      </Button>
    </>
  ) : (
    <Button onClick={close}>{t('dialog.close')}</Button>
  )
  return (
    <Dialog open title={t('takeover.title', { name: row.name })} onClose={close} actions={actions}>
      <div class="stack">
        {device ? (
          <p>
            {t('takeover.asked', {
              time: formatMinute(asked),
              age: formatLength(now.value - asked),
            })}{' '}
            {t(row.connected ? 'takeover.connected' : 'takeover.gone')}
          </p>
        ) : (
          <Banner>{t('takeover.over')}</Banner>
        )}
        <p>{t('takeover.help')}</p>
        <TextArea
          label={t('takeover.note')}
          hint={t('takeover.note.hint')}
          error={missing && !note.trim() ? t('reason.needed') : undefined}
          rows={3}
          maxLength={CHARS_MAX}
          autofocus
          value={note}
          onInput={setNote}
        />
      </div>
    </Dialog>
  )
}
