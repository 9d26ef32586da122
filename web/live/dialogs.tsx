// Dialogs that ask before something is done: for the words that a candidate reads, for actions on many
// (numbers before and after), for what cannot be taken back (named confirm).
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { clock, formatLength } from '@/lib/clock'
import { flags } from '@/lib/gen/words'
import type { Row } from '@/lib/gen/wire'
import { refusalText } from '@/lib/words'
import {
  Banner,
  Button,
  CheckField,
  Dialog,
  later,
  markWord,
  Menu,
  SelectField,
  severityWord,
  TextArea,
  TextField,
} from '@/ui'
import { useLive } from './context.ts'
import {
  fieldFault,
  makeCommand,
  MINUTES_MOST,
  NO_FIELDS,
  REASON_NEEDED,
  type FieldFault,
  type Fields,
} from './model/command.ts'
import { splitTargets, type Action, type Split, type Summary } from './model/mass.ts'
import { openItems } from './model/open.ts'
import { callName } from './model/state.ts'
import { presets } from './presets.ts'
import { TakeoverDialog } from './takeover.tsx'
import { t, type TextKey } from './text.ts'

const MINUTE = 60_000

const HandOverDialog = later(() => import('./handover.tsx').then((part) => part.HandOverDialog))
const SoundDialog = later(() => import('./deskdialogs.tsx').then((part) => part.SoundDialog))
const RotationDialog = later(() => import('./deskdialogs.tsx').then((part) => part.RotationDialog))

// ---- the fields of an action ----

interface FieldsProps {
  action: Action
  fields: Fields
  fault: FieldFault | null
  set: (change: Partial<Fields>) => void
}

function PresetMenu(props: {
  kind: 'message' | 'ask_again' | 'lock'
  label: string
  set: (change: Partial<Fields>) => void
}): JSX.Element {
  return (
    <div>
      <Menu
        label={props.label}
        size="dense"
        entries={presets(props.kind).map((preset) => ({
          label: preset.text,
          onSelect: () => props.set({ text: preset.text, preset: preset.id }),
        }))}
      />
    </div>
  )
}

function clockHelp(action: Action, given: boolean | undefined): string {
  if (action === 'lock')
    return `${t('lock.help')} ${t(given ? 'lock.clock.given' : 'lock.clock.runs')}`
  if (action === 'pause') return t(given ? 'pause.clock.given' : 'pause.clock.runs')
  return action === 'refuse' || action === 'ask_again' ? t(`${action}.help`) : ''
}

function ReasonField({ action, fields, fault, set }: FieldsProps): JSX.Element {
  const { monitor } = useLive()
  const settings = monitor.settings.value
  const given = action === 'lock' ? settings?.credit_lock !== 0 : settings?.credit_pause !== 0
  const needed = REASON_NEEDED.has(action)
  const seen = needed || action === 'pause'
  return (
    <>
      {clockHelp(action, given) ? <p>{clockHelp(action, given)}</p> : null}
      {action === 'ask_again' || action === 'lock' ? (
        <PresetMenu kind={action} label={t('ask_again.presets')} set={set} />
      ) : null}
      <TextArea
        label={needed ? t('reason') : t('reason.optional')}
        hint={seen ? t('reason.seen') : undefined}
        error={fault === 'reason' ? t('reason.needed') : undefined}
        rows={3}
        autofocus
        value={fields.text}
        onInput={(text) => set({ text })}
      />
    </>
  )
}

function MessageFields({ fields, fault, set }: FieldsProps): JSX.Element {
  return (
    <>
      <PresetMenu kind="message" label={t('message.presets')} set={set} />
      <TextArea
        label={t('message.text')}
        error={fault === 'text' ? t('message.empty') : undefined}
        rows={4}
        autofocus
        value={fields.text}
        onInput={(text) => set({ text, preset: 0 })}
      />
    </>
  )
}

function ExtendFields({ fields, fault, set }: FieldsProps): JSX.Element {
  return (
    <>
      <TextField
        label={t('extend.minutes')}
        hint={t('extend.help')}
        error={fault === 'minutes' ? t('extend.bad') : undefined}
        type="number"
        autofocus
        min={1}
        max={MINUTES_MOST}
        inputMode="numeric"
        value={String(fields.minutes || '')}
        onInput={(value) => set({ minutes: Number(value) })}
      />
      <TextArea
        label={t('reason')}
        hint={t('reason.seen')}
        error={fault === 'reason' ? t('reason.needed') : undefined}
        rows={2}
        value={fields.text}
        onInput={(text) => set({ text })}
      />
    </>
  )
}

const BACK_MS = [0, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE]
const SEVERITIES = [1, 2, 3, 4]
// What a person may see; the lower ones are raised by the page itself.
const FLAGS_BY_PEOPLE = Object.values(flags).filter((flag) => flag.id >= 20)

function FlagFields({ fields, fault, set }: FieldsProps): JSX.Element {
  const back = fields.to_ms - fields.from_ms
  return (
    <>
      <p>{t('flag.help')}</p>
      <SelectField
        label={t('flag.type')}
        autofocus
        hint={FLAGS_BY_PEOPLE.find((flag) => flag.id === fields.flag)?.help}
        value={String(fields.flag)}
        onChange={(value) => {
          const flag = FLAGS_BY_PEOPLE.find((entry) => entry.id === Number(value))
          if (flag) set({ flag: flag.id, severity: flag.severity })
        }}
        options={FLAGS_BY_PEOPLE.map((flag) => ({ value: String(flag.id), label: flag.word }))}
      />
      <SelectField
        label={t('flag.severity')}
        value={String(fields.severity)}
        onChange={(value) => set({ severity: Number(value) })}
        options={SEVERITIES.map((level) => ({ value: String(level), label: severityWord(level) }))}
      />
      <SelectField
        label={t('flag.from')}
        value={String(back)}
        onChange={(value) => set({ from_ms: fields.to_ms - Number(value) })}
        options={BACK_MS.map((age) => ({
          value: String(age),
          label: age === 0 ? t('flag.now') : t('flag.back', { age: formatLength(age) }),
        }))}
      />
      <TextArea
        label={t('flag.note')}
        error={fault === 'reason' ? t('flag.note.needed') : undefined}
        rows={3}
        autofocus
        value={fields.text}
        onInput={(text) => set({ text })}
      />
    </>
  )
}

function ActionFields(props: FieldsProps): JSX.Element | null {
  switch (props.action) {
    case 'message':
      return <MessageFields {...props} />
    case 'extend':
      return <ExtendFields {...props} />
    case 'flag':
      return <FlagFields {...props} />
    case 'pause':
    case 'lock':
    case 'refuse':
    case 'ask_again':
    case 'end':
      return <ReasonField {...props} />
    default:
      return null
  }
}

// ---- who is touched ----

function untouched(split: Split): string {
  return split.left
    .map(({ shown, count }) => `${count} ${markWord(shown).toLowerCase()}`)
    .join(', ')
}

function Before({
  action,
  split,
  all,
}: {
  action: Action
  split: Split
  all: number
}): JSX.Element {
  return (
    <div class="stack-small">
      <p>
        <strong>
          {t('dialog.targets', { action: t(`act.${action}`), n: split.can.length, all })}
        </strong>
      </p>
      {split.left.length > 0 ? <p>{t('dialog.untouched', { list: untouched(split) })}</p> : null}
      {split.offline.length > 0 ? <p>{t('dialog.offline', { n: split.offline.length })}</p> : null}
      {split.can.length === 0 ? <Banner tone="warn">{t('dialog.nobody')}</Banner> : null}
    </div>
  )
}

function After({
  summary,
  names,
}: {
  summary: Summary
  names: (id: number) => string
}): JSX.Element {
  return (
    <div class="stack-small" role="status">
      <p>
        <strong>{t('dialog.result.done', { n: summary.done })}</strong>
      </p>
      {summary.already > 0 ? <p>{t('dialog.result.already', { n: summary.already })}</p> : null}
      {summary.refused.map(({ refusal, attempts }) => (
        <div key={refusal}>
          <p>
            {t('dialog.result.refused', { n: attempts.length })}: {refusalText(refusal)}
          </p>
          <ul class="refused-names">
            {attempts.map((id) => (
              <li key={id}>{names(id)}</li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  )
}

function startFields(action: Action): Fields {
  const at = clock.now()
  const lock = action === 'lock' ? presets('lock')[0] : undefined
  return { ...NO_FIELDS, text: lock?.text ?? '', from_ms: at, to_ms: at }
}

export function ActDialog({
  action,
  attempts,
}: {
  action: Action
  attempts: readonly number[]
}): JSX.Element {
  const { control, monitor } = useLive()
  const [fields, setFields] = useState<Fields>(() => startFields(action))
  const [fault, setFault] = useState<FieldFault | null>(null)
  const [busy, setBusy] = useState(false)
  const [summary, setSummary] = useState<Summary | null>(null)
  // Fixed when the dialog opens: what is asked for is what is done, whatever arrives meanwhile.
  const split = useMemo(() => {
    const rows = attempts
      .map((id) => monitor.peek(id))
      .filter((row): row is Row => row !== undefined)
    return splitTargets(rows, action, clock.now())
  }, [])
  const many = attempts.length > 1
  const close = (): void => void (control.asking.value = null)

  const run = async (ids: readonly number[]): Promise<void> => {
    const found = fieldFault(action, fields)
    setFault(found)
    if (found || busy) return
    setBusy(true)
    const done = control.act(action, makeCommand(action, fields), ids)
    if (!many) return close()
    setSummary(await done)
    setBusy(false)
  }

  const failed = summary?.refused.flatMap((entry) => entry.attempts) ?? []
  const verb = many
    ? t('dialog.mass', { action: t(`act.${action}`), n: split.can.length })
    : t(`act.${action}`)
  const danger = action === 'refuse' || action === 'end'
  const actions = summary ? (
    <>
      {failed.length > 0 ? (
        <Button onClick={() => void run(failed)}>{t('note.retry')}</Button>
      ) : null}
      <Button look="primary" onClick={close}>
        {t('dialog.close')}
      </Button>
    </>
  ) : (
    <>
      <Button onClick={close}>{t('dialog.cancel')}</Button>
      <Button
        look={danger ? 'danger' : 'primary'}
        type="submit"
        form="act"
        busy={busy}
        disabled={split.can.length === 0}
      >
        {busy ? t('dialog.working') : verb}
      </Button>
    </>
  )
  const [only] = attempts
  const title = many ? t(`act.${action}`) : `${t(`act.${action}`)}: ${control.nameOf(only ?? 0)}`
  return (
    <Dialog open title={title} onClose={close} actions={actions}>
      <form
        id="act"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void run(split.can.map((row) => row.attempt))
        }}
      >
        {summary ? (
          <After summary={summary} names={(id) => control.nameOf(id)} />
        ) : (
          <>
            {many ? <Before action={action} split={split} all={attempts.length} /> : null}
            <ActionFields
              action={action}
              fields={fields}
              fault={fault}
              set={(change) => setFields((old) => ({ ...old, ...change }))}
            />
          </>
        )}
      </form>
    </Dialog>
  )
}

// ---- what cannot be taken back ----

/** Typed names are compared without regard to case and spaces at the ends. */
function sameTyped(typed: string, wanted: string): boolean {
  return typed.trim().toLowerCase() === wanted.trim().toLowerCase()
}

export function EndDialog({ attempt }: { attempt: number }): JSX.Element | null {
  const { control, monitor } = useLive()
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const [faults, setFaults] = useState({ reason: false, typed: false })
  const row = monitor.peek(attempt)
  if (!row) return null
  const what = callName(row)
  const close = (): void => void (control.asking.value = null)
  const end = (): void => {
    const found = { reason: !reason.trim(), typed: !sameTyped(typed, what) }
    setFaults(found)
    if (found.reason || found.typed) return
    close()
    void control.act('end', { kind: 'end', reason: reason.trim() }, [attempt])
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
        <TextArea
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

export function FinishDialog(): JSX.Element {
  const { control, monitor } = useLive()
  const [reason, setReason] = useState(() => t('finish.plain'))
  const [typed, setTyped] = useState('')
  const [faults, setFaults] = useState({ typed: false, reason: false })
  const [busy, setBusy] = useState(false)
  const code = monitor.detail.value?.code ?? ''
  const close = (): void => void (control.asking.value = null)
  const items = openItems(monitor.all(), control.requests.value.length)
  const lines: [TextKey, number][] = [
    ['finish.active', items.active],
    ['finish.waiting', items.ready + items.settingUp],
    ['finish.requests', items.requests],
    ['finish.flags', items.flags],
  ]
  const open = lines.filter(([, n]) => n > 0)
  const finish = async (): Promise<void> => {
    const found = {
      typed: open.length > 0 && !sameTyped(typed, code),
      reason: !reason.trim(),
    }
    setFaults(found)
    if (found.typed || found.reason) return
    setBusy(true)
    const refusal = await monitor.actOnSession({ kind: 'end_session', reason: reason.trim() })
    control.say(
      refusal === 0 ? t('finish.done') : t('finish.failed', { why: refusalText(refusal) }),
    )
    close()
  }
  const actions = (
    <>
      <Button onClick={close}>{t('dialog.cancel')}</Button>
      <Button look="danger" type="submit" form="finish" busy={busy}>
        {t('finish.do')}
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
          if (!busy) void finish()
        }}
      >
        {open.length > 0 ? (
          <Banner tone="warn" title={t('finish.open')}>
            <ul>
              {open.map(([key, n]) => (
                <li key={key}>{t(key, { n })}</li>
              ))}
            </ul>
          </Banner>
        ) : (
          <p>{t('finish.nothing')}</p>
        )}
        <TextArea
          label={t('reason')}
          hint={t('finish.reason')}
          error={faults.reason ? t('reason.needed') : undefined}
          rows={2}
          autofocus
          value={reason}
          onInput={setReason}
        />
        {open.length > 0 ? (
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

export function Dialogs(): JSX.Element | null {
  const asking = useLive().control.asking.value
  switch (asking?.kind) {
    case 'act':
      return <ActDialog action={asking.action} attempts={asking.attempts} />
    case 'end':
      return <EndDialog attempt={asking.attempt} />
    case 'takeover':
      return <TakeoverDialog attempt={asking.attempt} />
    case 'start_session':
      return <StartDialog />
    case 'end_session':
      return <FinishDialog />
    case 'hand_over':
      return <HandOverDialog attempts={asking.attempts} leaves={asking.leaves} />
    case 'sounds':
      return <SoundDialog />
    case 'rotation':
      return <RotationDialog />
    case 'help':
      return <HelpDialog />
    case undefined:
      return null
  }
}
