// What an action asks for: the words that a candidate reads, minutes, what was seen.
import type { JSX } from 'preact'
import { formatLength } from '@/lib/clock'
import { flags } from '@/lib/gen/words'
import { Menu, SelectField, severityWord, TextField } from '@/ui'
import { useLive } from '../context.ts'
import { LimitedText } from '../limited.tsx'
import { MINUTES_MOST, REASON_NEEDED, type FieldFault, type Fields } from '../model/command.ts'
import type { Action } from '../model/mass.ts'
import { presets, type PresetKind } from '../presets.ts'
import { t } from '../text.ts'

const MINUTE = 60_000

interface FieldsProps {
  action: Action
  fields: Fields
  fault: FieldFault | null
  set: (change: Partial<Fields>) => void
}

export function PresetMenu(props: {
  kind: PresetKind
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
  return action === 'refuse' || action === 'ask_again' || action === 'warn'
    ? t(`${action}.help`)
    : ''
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
      {action === 'ask_again' || action === 'lock' || action === 'warn' ? (
        <PresetMenu kind={action} label={t('ask_again.presets')} set={set} />
      ) : null}
      <LimitedText
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
      <LimitedText
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

function ExtendFields({ action, fields, fault, set }: FieldsProps): JSX.Element {
  return (
    <>
      {action === 'reopen' ? <p>{t('reopen.help')}</p> : null}
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
      <LimitedText
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
  const opened = fields.opened_ms
  const back = opened - fields.from_ms
  const ended = opened - fields.to_ms
  const flagSpan = (from: number, to: number): Partial<Fields> => ({
    from_ms: opened - from,
    to_ms: opened - to,
  })
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
        onChange={(value) => set(flagSpan(Number(value), Math.min(ended, Number(value))))}
        options={BACK_MS.map((age) => ({
          value: String(age),
          label: age === 0 ? t('flag.now') : t('flag.back', { age: formatLength(age) }),
        }))}
      />
      {back > 0 ? (
        <SelectField
          label={t('flag.to')}
          value={String(ended)}
          onChange={(value) => set(flagSpan(back, Number(value)))}
          options={BACK_MS.filter((age) => age < back).map((age) => ({
            value: String(age),
            label: age === 0 ? t('flag.until.now') : t('flag.until', { age: formatLength(age) }),
          }))}
        />
      ) : null}
      <LimitedText
        label={t('flag.note')}
        error={fault === 'reason' ? t('flag.note.needed') : undefined}
        rows={3}
        value={fields.text}
        onInput={(text) => set({ text })}
      />
    </>
  )
}

export function ActionFields(props: FieldsProps): JSX.Element | null {
  switch (props.action) {
    case 'message':
      return <MessageFields {...props} />
    case 'extend':
    case 'reopen':
      return <ExtendFields {...props} />
    case 'flag':
      return <FlagFields {...props} />
    case 'pause':
    case 'lock':
    case 'warn':
    case 'refuse':
    case 'ask_again':
    case 'end':
      return <ReasonField {...props} />
    default:
      return null
  }
}
