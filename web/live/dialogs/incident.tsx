// P12: something has happened to the session as a whole. Declared with a reason that everybody reads; then
// all who are active are paused as one, and only they are resumed.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { clock } from '@/lib/clock'
import { refusalText } from '@/lib/words'
import { Banner, Button, CheckField, Dialog } from '@/ui'
import { useLive, type Live } from '../context.ts'
import { LimitedText, tooLong } from '../limited.tsx'
import { splitTargets, type IncidentAction } from '../model/mass.ts'
import { t } from '../text.ts'
import { PresetMenu } from './fields.tsx'
import { Before } from './touched.tsx'

/** All whom the incident's action would change now. */
function targetsOf({ monitor }: Live, action: IncidentAction): number[] {
  return splitTargets(monitor.all(), action, clock.now()).can.map((row) => row.attempt)
}

export async function pauseForIncident(live: Live, reason: string): Promise<void> {
  const attempts = targetsOf(live, 'pause_for_incident')
  if (attempts.length === 0) return
  await live.control.act('pause_for_incident', { kind: 'pause_for_incident', reason }, attempts)
}

async function resumeAfterIncident(live: Live, note: string): Promise<void> {
  const attempts = targetsOf(live, 'resume_after_incident')
  if (attempts.length === 0) return
  await live.control.act('resume_after_incident', { kind: 'resume_after_incident', note }, attempts)
}

function useWords(start: string): {
  text: string
  set: (text: string) => void
  fault: boolean
  check: () => boolean
} {
  const [text, set] = useState(start)
  const [fault, setFault] = useState(false)
  const check = (): boolean => {
    const wrong = !text.trim() || tooLong(text) !== ''
    setFault(wrong)
    return !wrong
  }
  const type = (words: string): void => {
    set(words)
    setFault(false)
  }
  return { text, set: type, fault, check }
}

export function IncidentDialog(): JSX.Element {
  const live = useLive()
  const { control, monitor } = live
  const words = useWords('')
  const [pause, setPause] = useState(true)
  const [busy, setBusy] = useState(false)
  const close = (): void => void (control.asking.value = null)
  void monitor.pulse.value
  const split = splitTargets(monitor.all(), 'pause_for_incident', clock.now())
  const declare = async (): Promise<void> => {
    if (!words.check() || busy) return
    setBusy(true)
    const reason = words.text.trim()
    const refusal = await monitor.actOnSession({ kind: 'declare_incident', reason })
    if (refusal) control.say(t('incident.failed', { why: refusalText(refusal) }))
    else if (pause) await pauseForIncident(live, reason)
    close()
  }
  const actions = (
    <>
      <Button onClick={close}>{t('dialog.cancel')}</Button>
      <Button look="primary" type="submit" form="incident" busy={busy}>
        {t('incident.declare')}
      </Button>
    </>
  )
  return (
    <Dialog open title={t('incident.title')} onClose={close} actions={actions}>
      <form
        id="incident"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void declare()
        }}
      >
        <p>{t('incident.help')}</p>
        <PresetMenu
          kind="incident"
          label={t('ask_again.presets')}
          set={({ text }) => words.set(text ?? '')}
        />
        <LimitedText
          label={t('incident.reason')}
          hint={t('incident.reason.hint')}
          error={words.fault ? t('reason.needed') : undefined}
          rows={3}
          autofocus
          value={words.text}
          onInput={words.set}
        />
        <CheckField
          label={t('incident.pause')}
          hint={t('incident.pause.help')}
          checked={pause}
          onChange={setPause}
        />
        {pause ? (
          <Before action="pause_for_incident" split={split} all={monitor.ids.value.length} />
        ) : null}
      </form>
    </Dialog>
  )
}

export function CloseIncidentDialog(): JSX.Element {
  const live = useLive()
  const { control, monitor } = live
  const words = useWords(t('incident.note.plain'))
  const [resume, setResume] = useState(true)
  const [busy, setBusy] = useState(false)
  const close = (): void => void (control.asking.value = null)
  void monitor.pulse.value
  const split = splitTargets(monitor.all(), 'resume_after_incident', clock.now())
  const finish = async (): Promise<void> => {
    if (!words.check() || busy) return
    setBusy(true)
    const note = words.text.trim()
    if (resume) await resumeAfterIncident(live, note)
    const refusal = await monitor.actOnSession({ kind: 'close_incident', note })
    control.say(
      refusal ? t('incident.failed', { why: refusalText(refusal) }) : t('incident.closed'),
    )
    close()
  }
  const actions = (
    <>
      <Button onClick={close}>{t('dialog.cancel')}</Button>
      <Button look="primary" type="submit" form="close-incident" busy={busy}>
        {t('incident.close')}
      </Button>
    </>
  )
  return (
    <Dialog open title={t('incident.close')} onClose={close} actions={actions}>
      <form
        id="close-incident"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void finish()
        }}
      >
        <LimitedText
          label={t('incident.note')}
          hint={t('reason.seen')}
          error={words.fault ? t('reason.needed') : undefined}
          rows={2}
          autofocus
          value={words.text}
          onInput={words.set}
        />
        {split.can.length > 0 ? (
          <>
            <CheckField
              label={t('incident.resume', { n: split.can.length })}
              hint={t('incident.resume.help')}
              checked={resume}
              onChange={setResume}
            />
            {resume ? null : <Banner tone="warn">{t('incident.stay')}</Banner>}
          </>
        ) : (
          <p>{t('incident.nobody')}</p>
        )}
      </form>
    </Dialog>
  )
}
