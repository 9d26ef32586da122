// "I cannot do this": a reason, on record, and the way goes on.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '@/exam/door/text'
import type { Exam } from '@/exam/exam'
import { limits, proofs, type Proof } from '@/lib/gen/words'
import { refusalText } from '@/lib/words'
import { Button, Dialog, TextArea } from '@/ui'

export function Cannot(props: { exam: Exam; proof: Proof; onDone: () => void }): JSX.Element {
  const { exam, proof } = props
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const [error, setError] = useState('')
  const declare = async (): Promise<void> => {
    if (!reason.trim()) return setError(t('cannot.missing'))
    const told = { kind: 'declare_alternative' as const, proof: proofs[proof].id }
    const { refusal } = await exam.ask({ ...told, reason: reason.trim() })
    if (refusal) return setError(refusalText(refusal))
    setOpen(false)
    props.onDone()
  }
  return (
    <>
      <Button look="quiet" size="touch" onClick={() => setOpen(true)}>
        {t('cannot')}
      </Button>
      <Dialog
        open={open}
        title={t('cannot.title')}
        onClose={() => setOpen(false)}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>{t('cancel')}</Button>
            <Button look="primary" onClick={() => void declare()}>
              {t('cannot.go')}
            </Button>
          </>
        }
      >
        <div class="stack">
          <p>{t('cannot.text')}</p>
          <TextArea
            label={t('cannot.reason')}
            rows={3}
            maxLength={Math.floor(limits.TEXT_BYTES_MAX / 4)}
            error={error || undefined}
            value={reason}
            onInput={(text) => {
              setReason(text)
              setError('')
            }}
          />
        </div>
      </Dialog>
    </>
  )
}
