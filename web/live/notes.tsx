// What was done, at the foot of the page, with the way back for ten seconds.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { now } from '@/lib/clock'
import { refusalText } from '@/lib/words'
import { Button, Icon } from '@/ui'
import { useLive } from './context.ts'
import type { Note } from './control.ts'
import { t } from './text.ts'

/** The way back from the latest action that has one, for dialogs that lie above the notes. */
export function UndoLast(): JSX.Element | null {
  const { control } = useLive()
  const note = control.undoable()
  if (!note?.undo || !control.mayUndo(note)) return null
  const seconds = Math.ceil((note.undo.until_ms - now.value) / 1000)
  return (
    <Button class="numbers" onClick={() => void control.undo(note)}>
      {t('undo.left', { n: Math.min(10, seconds) })}
    </Button>
  )
}

function NoteRow({ note }: { note: Note }): JSX.Element {
  const { control } = useLive()
  const [open, setOpen] = useState(false)
  const seconds = note.undo ? Math.ceil((note.undo.until_ms - now.value) / 1000) : 0
  const left = control.mayUndo(note) ? Math.min(10, seconds) : 0
  return (
    <li class="toast note">
      <div class="note-text">
        {note.text}
        {open ? (
          <ul class="note-why">
            {note.refused.map(({ refusal, attempts }) => (
              <li key={refusal}>
                {attempts.map((id) => control.nameOf(id)).join(', ')}: {refusalText(refusal)}
              </li>
            ))}
          </ul>
        ) : null}
      </div>
      {note.refused.length > 0 && !open ? (
        <Button size="dense" onClick={() => setOpen(true)}>
          {t('note.why')}
        </Button>
      ) : null}
      {note.retry ? (
        <Button
          size="dense"
          onClick={() => {
            control.dismissNote(note.id)
            note.retry?.()
          }}
        >
          {t('note.retry')}
        </Button>
      ) : null}
      {left > 0 ? (
        <Button size="dense" class="numbers" onClick={() => void control.undo(note)}>
          {t('undo.left', { n: left })}
        </Button>
      ) : null}
      <button
        type="button"
        class="close-button"
        aria-label={t('note.dismiss')}
        onClick={() => control.dismissNote(note.id)}
      >
        <Icon name="close" />
      </button>
    </li>
  )
}

export function Notes(): JSX.Element {
  const { control, monitor } = useLive()
  const underway = monitor.underway.value
  return (
    <>
      <div class="visually-hidden" role="status">
        {control.spoken.value}
      </div>
      <div class="notes">
        {underway > 0 && monitor.socket.state.value !== 'live' ? (
          <p class="toast">{t('underway', { n: underway })}</p>
        ) : null}
        <ul aria-label={t('notes.label')}>
          {control.notes.value.map((note) => (
            <NoteRow key={note.id} note={note} />
          ))}
        </ul>
      </div>
    </>
  )
}
