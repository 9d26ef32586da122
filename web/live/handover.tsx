// Handing candidates over: one, a selection, all of a proctor, with a note for each; and going on a break.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { limits } from '@/lib/gen/words'
import { refusalText } from '@/lib/words'
import { Banner, Button, Dialog, SelectField, TextField } from '@/ui'
import { useLive, type Live } from './context.ts'
import { isThere, type Desk } from './model/desk.ts'
import type { StaffLine } from '@/staff/types'
import { t } from './text.ts'

const CHARS_MAX = Math.floor(limits.TEXT_BYTES_MAX / 4)
/** Above this a note for each is too much to write at once. */
const NOTES_MOST = 12
/** The server gives them to whoever has the fewest: a proctor does not see the others' candidates. */
const BY_LOAD = 0

export type Notes = ReadonlyMap<number, string>

/** By proctor and note: who gets the same is handed over as one. */
function batches(
  targets: ReadonlyMap<number, number>,
  notes: Notes,
): { proctor: number; note: string; attempts: number[] }[] {
  const all = new Map<string, { proctor: number; note: string; attempts: number[] }>()
  for (const [attempt, proctor] of targets) {
    const note = (notes.get(attempt) ?? '').trim()
    const key = `${proctor} ${note}`
    const batch = all.get(key) ?? { proctor, note, attempts: [] }
    batch.attempts.push(attempt)
    all.set(key, batch)
  }
  return [...all.values()]
}

/** Hands over and says what came of it. True: all are. */
export async function giveTo(
  live: Live,
  targets: ReadonlyMap<number, number>,
  notes: Notes,
): Promise<boolean> {
  const { control, monitor } = live
  const whom = new Map([...targets.keys()].map((id) => [id, control.nameOf(id)]))
  const outcomes = await Promise.all(
    batches(targets, notes).map(({ proctor, note, attempts }) =>
      monitor.act({ kind: 'hand_over', proctor, note }, attempts),
    ),
  )
  const refused = outcomes.flat().filter((one) => one.refusal !== 0)
  const done = outcomes.flat().length - refused.length
  const parts = refused.map((one) => `${whom.get(one.attempt)}: ${refusalText(one.refusal)}`)
  if (done > 0) parts.unshift(t('hand.done', { n: done }))
  control.say(parts.join(' '))
  control.clearSelection()
  return refused.length === 0
}

function takerLabel(desk: Desk, { user, name }: StaffLine): string {
  return desk.present.has(user) ? name : t('hand.to.absent', { name })
}

/** Without a ratio there is nobody to take; with one, at least somebody else must be there. */
export function HandOverDialog(props: {
  attempts: readonly number[]
  leaves: boolean
}): JSX.Element {
  const live = useLive()
  const { control, monitor } = live
  const { attempts, leaves } = props
  void monitor.pulse.value
  const desk = monitor.desk.value
  const owners = new Set(attempts.map((id) => monitor.peek(id)?.proctor))
  const [owner] = owners
  const from = leaves ? desk.me : owners.size === 1 ? (owner ?? 0) : 0
  const takers = desk.staff.filter((one) => isThere(one) && one.user !== from)
  const [to, setTo] = useState(BY_LOAD)
  const [notes, setNotes] = useState<Notes>(new Map())
  const [busy, setBusy] = useState(false)
  const close = (): void => void (control.asking.value = null)
  const go = async (): Promise<void> => {
    setBusy(true)
    const targets = new Map(attempts.map((attempt) => [attempt, to]))
    const given = targets.size === 0 || (await giveTo(live, targets, notes))
    if (given && leaves) await leave(live)
    close()
  }
  const nobody = takers.length === 0 && attempts.length > 0
  const actions = (
    <>
      <Button onClick={close}>{t('dialog.cancel')}</Button>
      <Button look="primary" type="submit" form="hand-over" busy={busy} disabled={nobody}>
        {t(leaves ? 'away.confirm' : 'hand.confirm', { n: attempts.length })}
      </Button>
    </>
  )
  const title = leaves ? t('away.do') : t('hand.title', { n: attempts.length })
  return (
    <Dialog open title={title} onClose={close} actions={actions}>
      <form
        id="hand-over"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy && !nobody) void go()
        }}
      >
        {leaves ? <p>{t(attempts.length > 0 ? 'away.ask' : 'away.ask.none')}</p> : null}
        {nobody ? <Banner tone="warn">{t('hand.nobody')}</Banner> : null}
        {attempts.length > 0 && !nobody ? (
          <>
            <SelectField
              label={t('hand.to')}
              autofocus
              value={String(to)}
              onChange={(value) => setTo(Number(value))}
              options={[
                { value: String(BY_LOAD), label: t('hand.to.any') },
                ...takers.map((one) => ({ value: String(one.user), label: takerLabel(desk, one) })),
              ]}
            />
            <NoteFields attempts={attempts} notes={notes} set={setNotes} />
          </>
        ) : null}
      </form>
    </Dialog>
  )
}

async function leave({ control, monitor }: Live): Promise<void> {
  const { me } = monitor.desk.peek()
  const refusal = await monitor.actOnSession({ kind: 'step_away', user: me, note: '' })
  if (refusal) control.say(refusalText(refusal))
}

function NoteFields(props: {
  attempts: readonly number[]
  notes: Notes
  set: (notes: Notes) => void
}): JSX.Element {
  const { control, monitor } = useLive()
  const { attempts, notes, set } = props
  if (attempts.length > NOTES_MOST) return <p class="muted">{t('hand.notes.many')}</p>
  return (
    <fieldset class="plain-fieldset stack-small">
      <legend>{t('hand.notes')}</legend>
      {attempts.map((attempt) => (
        <TextField
          key={attempt}
          label={`${control.nameOf(attempt)} ${monitor.peek(attempt)?.number ?? ''}`}
          maxLength={CHARS_MAX}
          value={notes.get(attempt) ?? ''}
          onInput={(note) => set(new Map(notes).set(attempt, note))}
        />
      ))}
    </fieldset>
  )
}
