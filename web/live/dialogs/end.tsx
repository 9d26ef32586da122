// The end of one exam: it cannot be taken back, so it is confirmed by a name.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { attemptStates } from '@/lib/gen/words'
import type { Row } from '@/lib/gen/wire'
import { Banner, Button, CheckField, Dialog, TextField } from '@/ui'
import { useLive } from '../context.ts'
import { LimitedText, tooLong } from '../limited.tsx'
import { callName } from '../model/state.ts'
import { t } from '../text.ts'

/** Typed names are compared without regard to case and spaces at the ends. */
export function sameTyped(typed: string, wanted: string): boolean {
  return typed.trim().toLowerCase() === wanted.trim().toLowerCase()
}

/** Why the exam cannot be ended yet: nobody has warned, and it is not marked as a clear breach. */
function Warned({
  row,
  breach,
  onBreach,
  fault,
}: {
  row: Row
  breach: boolean
  onBreach: (on: boolean) => void
  fault: boolean
}): JSX.Element | null {
  const { control } = useLive()
  if (row.state !== attemptStates.active.id) return null
  const one = [row.attempt]
  const warn = (): void =>
    void (control.asking.value = { kind: 'act', action: 'warn', attempts: one })
  return (
    <>
      {row.warnings > 0 ? (
        <p>{t('end.warned', { n: row.warnings })}</p>
      ) : (
        <Banner
          title={t('end.not.warned')}
          actions={
            <Button size="dense" onClick={warn}>
              {t('act.warn')}
            </Button>
          }
        >
          {t('end.not.warned.help')}
        </Banner>
      )}
      <CheckField
        label={t('end.breach')}
        hint={t('end.breach.help')}
        error={fault ? t('end.breach.needed') : undefined}
        checked={breach}
        onChange={onBreach}
      />
    </>
  )
}

export function EndDialog({ attempt }: { attempt: number }): JSX.Element | null {
  const { control, monitor } = useLive()
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const [breach, setBreach] = useState(false)
  const [faults, setFaults] = useState({ reason: false, typed: false, breach: false })
  const row = monitor.row(attempt)?.value
  if (!row) return null
  const what = callName(row)
  const needsBreach = row.state === attemptStates.active.id && row.warnings === 0
  const close = (): void => void (control.asking.value = null)
  const end = (): void => {
    const found = {
      reason: !reason.trim() || tooLong(reason) !== '',
      typed: !sameTyped(typed, what),
      breach: needsBreach && !breach,
    }
    setFaults(found)
    if (found.reason || found.typed || found.breach) return
    close()
    const kind = breach ? 'end_for_breach' : 'end'
    void control.act('end', { kind, reason: reason.trim() }, [attempt])
  }
  const actions = (
    <>
      <Button onClick={close}>{t('dialog.cancel')}</Button>
      <Button look="danger" type="submit" form="end">
        {t('end.do')}
      </Button>
    </>
  )
  return (
    <Dialog open alert title={t('end.title', { name: row.name })} onClose={close} actions={actions}>
      <form
        id="end"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          end()
        }}
      >
        <Banner tone="warn">{t('end.help')}</Banner>
        <Warned row={row} breach={breach} onBreach={setBreach} fault={faults.breach} />
        <LimitedText
          label={t('reason')}
          hint={t('reason.seen')}
          error={faults.reason ? t('reason.needed') : undefined}
          rows={3}
          autofocus
          value={reason}
          onInput={setReason}
        />
        <TextField
          label={t('end.type', { what })}
          error={faults.typed ? t('end.mismatch', { what }) : undefined}
          value={typed}
          autocomplete="off"
          onInput={setTyped}
        />
      </form>
    </Dialog>
  )
}
