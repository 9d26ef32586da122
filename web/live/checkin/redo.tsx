// "Ask to redo": what, and why; the candidate reads the reason.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { limits, proofs, type Proof } from '@/lib/gen/words'
import type { Row } from '@/lib/gen/wire'
import { ProofIs, proofState } from '@/lib/proofs'
import { Button, CheckField, Dialog, Menu, TextArea } from '@/ui'
import type { Desk } from './desk.ts'
import { t } from './text.ts'

const PRESETS = ['redo.1', 'redo.2', 'redo.3', 'redo.4', 'redo.5'] as const
const CHARS_MAX = Math.floor(limits.TEXT_BYTES_MAX / 4)

export function RedoDialog(props: { desk: Desk; row: Row; onClose: () => void }): JSX.Element {
  const { desk, row, onClose } = props
  const [what, setWhat] = useState<ReadonlySet<Proof>>(new Set())
  const [checks, setChecks] = useState(false)
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const nothing = !what.size && !checks
  const there = desk.wanted.filter((name) => proofState(row.proofs, name) !== ProofIs.none)
  const toggle = (name: Proof): void => {
    const next = new Set(what)
    if (!next.delete(name)) next.add(name)
    setWhat(next)
  }
  const ask = (): void => {
    setTried(true)
    if (nothing || !reason.trim()) return
    onClose()
    void desk.redo([...what], checks, reason.trim())
  }
  return (
    <Dialog
      open
      title={t('redo.title', { name: row.name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" onClick={ask}>
            {t('redo.do')}
          </Button>
        </>
      }
    >
      <div class="stack">
        <fieldset class="rules">
          <legend>{t('redo.what')}</legend>
          {there.map((name) => (
            <CheckField
              key={name}
              label={proofs[name].word}
              checked={what.has(name)}
              onChange={() => toggle(name)}
            />
          ))}
          <CheckField label={t('redo.checks')} checked={checks} onChange={setChecks} />
          {tried && nothing ? (
            <p class="field-error" role="alert">
              {t('redo.none')}
            </p>
          ) : null}
        </fieldset>
        <div>
          <Menu
            label={t('redo.presets')}
            size="dense"
            entries={PRESETS.map((key) => ({ label: t(key), onSelect: () => setReason(t(key)) }))}
          />
        </div>
        <TextArea
          label={t('redo.why')}
          hint={t('redo.hint')}
          error={tried && !reason.trim() ? t('redo.needed') : undefined}
          rows={3}
          maxLength={CHARS_MAX}
          value={reason}
          onInput={setReason}
        />
      </div>
    </Dialog>
  )
}
