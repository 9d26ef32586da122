// Right: the checklist, notes, and what may be done.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { formatMinute } from '@/lib/clock'
import { attemptStates, limits, proofs, type Proof } from '@/lib/gen/words'
import type { Row } from '@/lib/gen/wire'
import { ProofIs, proofState } from '@/lib/proofs'
import { t as shownText, type TextKey as ShownKey } from '@/staff/shown-text'
import { Button, Icon, TextArea, type IconName } from '@/ui'
import { useLive } from '../context.ts'
import { checksText } from '../row.tsx'
import { actorName } from '../words.ts'
import type { Desk } from './desk.ts'
import { missing, toDecide } from './model.ts'
import { words } from './queue.tsx'
import { RedoDialog } from './redo.tsx'
import { t } from './text.ts'

const ICONS: Record<number, IconName> = { 1: 'eye', 2: 'chat', 3: 'check', 4: 'warn' }

function Item({ desk, row, proof }: { desk: Desk; row: Row; proof: Proof }): JSX.Element {
  const state = proofState(row.proofs, proof)
  const alternative = desk.pictures.value?.shown.value?.[proof].alternative
  const open = toDecide(row, [proof]).length > 0
  return (
    <li class="checkin-item">
      <Icon name={ICONS[state] ?? 'clock'} />
      <div>
        <strong>{proofs[proof].word}</strong>
        <div class="small">{shownText(`state.${state}` as ShownKey)}</div>
        {state === ProofIs.alternative && alternative ? (
          <div class="small">{shownText('alternative', { reason: alternative })}</div>
        ) : null}
      </div>
      {open ? (
        <Button
          size="dense"
          aria-label={t('accept.of', { what: proofs[proof].word })}
          onClick={() => void desk.accept(proof)}
        >
          {t('accept')}
        </Button>
      ) : null}
    </li>
  )
}

function Checklist({ desk, row }: { desk: Desk; row: Row }): JSX.Element {
  const { monitor } = useLive()
  return (
    <section class="stack-small" aria-labelledby="checklist">
      <h2 id="checklist">{t('checklist')}</h2>
      <ul class="checkin-items">
        <li class="checkin-item">
          <Icon name={row.state === attemptStates.waiting.id ? 'check' : 'clock'} />
          <div>
            <strong>{t('checks')}</strong>
            <div class="small">{checksText(row, monitor.settings.value)}</div>
          </div>
        </li>
        {desk.wanted.map((proof) => (
          <Item key={proof} desk={desk} row={row} proof={proof} />
        ))}
      </ul>
    </section>
  )
}

function NotesPart({ desk, row }: { desk: Desk; row: Row }): JSX.Element {
  const { monitor } = useLive()
  const [text, setText] = useState('')
  const notes = (monitor.histories.value.get(row.attempt) ?? []).flatMap(({ event, ver }) =>
    event.kind === 'checkin_noted' ? [{ event, ver }] : [],
  )
  const add = async (): Promise<void> => {
    if (text.trim() && (await desk.note(text.trim()))) setText('')
  }
  return (
    <section class="stack-small" aria-labelledby="checkin-notes">
      <h2 id="checkin-notes">{t('notes')}</h2>
      {notes.length ? (
        <ul class="checkin-items">
          {notes.map(({ event, ver }) => (
            <li key={ver} class="small">
              {event.text}
              <div class="muted">
                {t('note.by', {
                  who: actorName(event, monitor.detail.value),
                  time: formatMinute(event.at_ms),
                })}
              </div>
            </li>
          ))}
        </ul>
      ) : null}
      <TextArea
        label={t('note')}
        hint={t('note.hint')}
        rows={2}
        maxLength={Math.floor(limits.TEXT_BYTES_MAX / 4)}
        value={text}
        onInput={setText}
      />
      <div>
        <Button size="dense" onClick={() => void add()}>
          {t('note.add')}
        </Button>
      </div>
    </section>
  )
}

/** Why nobody can be let in yet; '': it may be done. */
function whyNot(row: Row, wanted: readonly Proof[]): string {
  if (row.state !== attemptStates.waiting.id) return t('admit.setup')
  const open = missing(row, wanted)
  return open.length ? t('admit.missing', { what: words(open) }) : ''
}

export function CheckinSide({ desk, row }: { desk: Desk; row: Row }): JSX.Element {
  const [redo, setRedo] = useState(false)
  const why = whyNot(row, desk.wanted)
  const open = toDecide(row, desk.wanted).length
  return (
    <aside class="checkin-side stack" aria-label={t('checklist')}>
      <Checklist desk={desk} row={row} />
      <div class="stack-small">
        <Button
          look="primary"
          icon="check"
          wide
          disabled={why !== ''}
          onClick={() => void desk.admit(row)}
        >
          {t(open ? 'admit.all' : 'admit')}
        </Button>
        {why ? <p class="small muted">{why}</p> : null}
        <div class="row">
          <Button onClick={() => setRedo(true)}>{t('redo')}</Button>
          <Button look="danger" onClick={() => desk.decline(row.attempt)}>
            {t('decline')}
          </Button>
          <Button look="quiet" icon="next" onClick={() => desk.next()}>
            {t('next')}
          </Button>
        </div>
      </div>
      <NotesPart desk={desk} row={row} />
      {redo ? <RedoDialog desk={desk} row={row} onClose={() => setRedo(false)} /> : null}
    </aside>
  )
}
