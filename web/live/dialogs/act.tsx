// An action that asks first: for its words, and for many with numbers before and after.
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { clock } from '@/lib/clock'
import type { Row } from '@/lib/gen/wire'
import { Button, Dialog } from '@/ui'
import { useLive } from '../context.ts'
import {
  fieldFault,
  makeCommand,
  NO_FIELDS,
  type FieldFault,
  type Fields,
} from '../model/command.ts'
import { splitTargets, type Action, type Split, type Summary } from '../model/mass.ts'
import type { Group } from '../model/state.ts'
import { inGroups } from '../model/state.ts'
import { presets } from '../presets.ts'
import { t } from '../text.ts'
import { Audience, Preview } from './audience.tsx'
import { ActionFields } from './fields.tsx'
import { UndoLast } from '../notes.tsx'
import { After, Before } from './touched.tsx'

function startFields(action: Action, only: Row | undefined): Fields {
  const at = clock.now()
  const lock = action === 'lock' ? presets('lock')[0] : undefined
  return {
    ...NO_FIELDS,
    step: action === 'warn' && only ? only.warnings + 1 : 0,
    text: lock?.text ?? '',
    opened_ms: at,
    from_ms: at,
    to_ms: at,
  }
}

/** Rows fixed when the dialog opens: what is asked for is what is done, whatever arrives meanwhile. */
function useRows(attempts: readonly number[]): Row[] {
  const { monitor } = useLive()
  return useMemo(
    () => attempts.map((id) => monitor.peek(id)).filter((row): row is Row => row !== undefined),
    [],
  )
}

function Buttons(props: {
  action: Action
  split: Split
  many: boolean
  busy: boolean
  onClose: () => void
}): JSX.Element {
  const { action, split, many, busy } = props
  const danger = action === 'refuse' || action === 'end'
  const word = t(`act.${action}`)
  const verb = many ? t('dialog.mass', { action: word, n: split.can.length }) : word
  return (
    <>
      <Button onClick={props.onClose}>{t('dialog.cancel')}</Button>
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
}

export function ActDialog(props: { action: Action; attempts: readonly number[] }): JSX.Element {
  const { action, attempts } = props
  const { control } = useLive()
  const rows = useRows(attempts)
  const many = attempts.length > 1
  const [fields, setFields] = useState<Fields>(() =>
    startFields(action, many ? undefined : rows[0]),
  )
  const [fault, setFault] = useState<FieldFault | null>(null)
  const [groups, setGroups] = useState<ReadonlySet<Group>>(new Set())
  const [busy, setBusy] = useState(false)
  const [summary, setSummary] = useState<Summary | null>(null)
  const opened = fields.opened_ms
  const split = useMemo(
    () => splitTargets(inGroups(rows, groups, opened), action, opened),
    [rows, groups],
  )
  const close = (): void => void (control.asking.value = null)
  const set = (change: Partial<Fields>): void => setFields((old) => ({ ...old, ...change }))

  const run = async (ids: readonly number[]): Promise<void> => {
    const found = fieldFault(action, fields)
    setFault(found)
    if (found || busy) return
    setBusy(true)
    const done = control.act(action, makeCommand(action, fields), ids)
    if (!many) return close()
    const result = await done
    setBusy(false)
    // What went well is said at the foot of the page, with the way back.
    if (result.refused.length === 0) return close()
    setSummary(result)
  }

  const failed = summary?.refused.flatMap((entry) => entry.attempts) ?? []
  const title = many ? t(`act.${action}`) : `${t(`act.${action}`)}: ${rows[0]?.name ?? ''}`
  const actions = summary ? (
    <>
      <UndoLast />
      <Button busy={busy} onClick={() => void run(failed)}>
        {t('note.retry')}
      </Button>
      <Button look="primary" onClick={close}>
        {t('dialog.close')}
      </Button>
    </>
  ) : (
    <Buttons action={action} split={split} many={many} busy={busy} onClose={close} />
  )
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
          <After summary={summary} />
        ) : (
          <>
            {many && action === 'message' ? (
              <Audience rows={rows} at={opened} groups={groups} onChange={setGroups} />
            ) : null}
            {many ? <Before action={action} split={split} all={rows.length} /> : null}
            <ActionFields action={action} fields={fields} fault={fault} set={set} />
            {many && action === 'message' ? <Preview text={fields.text} /> : null}
          </>
        )}
      </form>
    </Dialog>
  )
}
