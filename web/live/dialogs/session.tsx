// The beginning and the end of a session.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { clock, formatLength, formatMinute } from '@/lib/clock'
import { refusalText } from '@/lib/words'
import { Banner, Button, Dialog, SelectField, TextField } from '@/ui'
import { useLive } from '../context.ts'
import { LimitedText, tooLong } from '../limited.tsx'
import { openItems, type OpenItems } from '../model/open.ts'
import type { Monitor } from '../store.ts'
import { t, type TextKey } from '../text.ts'
import { sameTyped } from './end.tsx'

export function StartDialog(): JSX.Element {
  const { control, monitor } = useLive()
  const [busy, setBusy] = useState(false)
  const close = (): void => void (control.asking.value = null)
  const items = openItems(monitor.all(), 0)
  const start = async (): Promise<void> => {
    setBusy(true)
    const refusal = await monitor.actOnSession({ kind: 'start_session' })
    control.say(refusal === 0 ? t('start.done') : t('start.failed', { why: refusalText(refusal) }))
    close()
  }
  const actions = (
    <>
      <Button onClick={close}>{t('dialog.cancel')}</Button>
      <Button look="primary" busy={busy} onClick={() => void start()}>
        {t('start.do')}
      </Button>
    </>
  )
  const { ready, settingUp, invited } = items
  return (
    <Dialog open title={t('start.title')} onClose={close} actions={actions}>
      <div class="stack">
        <p>{t(monitor.waitingRoom.value ? 'start.help' : 'start.help.open')}</p>
        <p>{t('start.counts', { waiting: ready, setting_up: settingUp, invited })}</p>
      </div>
    </Dialog>
  )
}

/** What is open, in words; nothing of it forbids the end. */
function openLines(items: OpenItems): [TextKey, number][] {
  const lines: [TextKey, number][] = [
    ['finish.active', items.active],
    ['finish.waiting', items.ready + items.settingUp],
    ['finish.requests', items.requests],
    ['finish.high', items.highFlags],
    ['finish.flags', items.flags],
    ['finish.missing', items.missing],
  ]
  return lines.filter(([, n]) => n > 0)
}

function OpenItemsList({ open }: { open: [TextKey, number][] }): JSX.Element {
  if (open.length === 0) return <p>{t('finish.nothing')}</p>
  return (
    <Banner tone="warn" title={t('finish.open')}>
      <ul>
        {open.map(([key, n]) => (
          <li key={key}>{t(key, { n })}</li>
        ))}
      </ul>
    </Banner>
  )
}

/** Minutes from now; 0: at once. */
const GRACE_MINUTES = [0, 1, 2, 5, 10, 15, 30, 60]

function GraceField(props: { minutes: number; onChange: (minutes: number) => void }): JSX.Element {
  return (
    <SelectField
      label={t('finish.when')}
      hint={t(props.minutes > 0 ? 'finish.when.later' : 'finish.when.now')}
      value={String(props.minutes)}
      onChange={(value) => props.onChange(Number(value))}
      options={GRACE_MINUTES.map((minutes) => ({
        value: String(minutes),
        label:
          minutes === 0
            ? t('finish.now')
            : t('finish.in', { length: formatLength(minutes * MINUTE), time: endOf(minutes) }),
      }))}
    />
  )
}

const MINUTE = 60_000
const endOf = (minutes: number): string => formatMinute(clock.now() + minutes * MINUTE)

const plainReason = (minutes: number): string => t(minutes > 0 ? 'finish.soon' : 'finish.plain')

interface Faults {
  typed: boolean
  reason: boolean
}

/** Asks for the end, now or in some minutes; the sentence to say. */
async function askEnd(monitor: Monitor, minutes: number, reason: string): Promise<string> {
  const refusal = await monitor.actOnSession(
    minutes > 0
      ? { kind: 'announce_end', ms: minutes * MINUTE, reason }
      : { kind: 'end_session', reason },
  )
  if (refusal) return t('finish.failed', { why: refusalText(refusal) })
  return minutes > 0 ? t('finish.announced', { time: endOf(minutes) }) : t('finish.done')
}

export function FinishDialog(): JSX.Element {
  const { control, monitor } = useLive()
  const [reason, setReason] = useState(() => plainReason(0))
  const [typed, setTyped] = useState('')
  const [minutes, setMinutes] = useState(0)
  const [faults, setFaults] = useState<Faults>({ typed: false, reason: false })
  const [busy, setBusy] = useState(false)
  const code = monitor.detail.value?.code ?? ''
  const close = (): void => void (control.asking.value = null)
  void monitor.pulse.value
  const open = openLines(openItems(monitor.all(), control.requests.value.length))
  /** The words that stand there from the beginning go with the choice. */
  const choose = (next: number): void => {
    if (reason === plainReason(minutes)) setReason(plainReason(next))
    setMinutes(next)
  }
  // What can be withdrawn needs no confirmation.
  const confirmed = open.length > 0 && minutes === 0
  const finish = async (): Promise<void> => {
    const found = {
      typed: confirmed && !sameTyped(typed, code),
      reason: !reason.trim() || tooLong(reason) !== '',
    }
    setFaults(found)
    if (found.typed || found.reason || busy) return
    setBusy(true)
    control.say(await askEnd(monitor, minutes, reason.trim()))
    close()
  }
  const actions = (
    <>
      <Button onClick={close}>{t('dialog.cancel')}</Button>
      <Button look={minutes > 0 ? 'primary' : 'danger'} type="submit" form="finish" busy={busy}>
        {t(minutes > 0 ? 'finish.announce' : 'finish.do')}
      </Button>
    </>
  )
  return (
    <Dialog open alert title={t('finish.title')} onClose={close} actions={actions}>
      <form
        id="finish"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void finish()
        }}
      >
        <OpenItemsList open={open} />
        <GraceField minutes={minutes} onChange={choose} />
        <LimitedText
          label={t('reason')}
          hint={t('finish.reason')}
          error={faults.reason ? t('reason.needed') : undefined}
          rows={2}
          autofocus
          value={reason}
          onInput={setReason}
        />
        {confirmed ? (
          <TextField
            label={t('finish.type', { code })}
            error={faults.typed ? t('finish.mismatch') : undefined}
            value={typed}
            autocomplete="off"
            onInput={setTyped}
          />
        ) : null}
      </form>
    </Dialog>
  )
}
