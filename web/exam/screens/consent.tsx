// C4: what is recorded, drawn from the session's real settings, and consent for each part.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { disclosureLines } from '@/exam/disclosure'
import type { Exam } from '@/exam/exam'
import { ChatPanel } from '@/exam/screens/help'
import { Page } from '@/exam/screens/page'
import { t } from '@/exam/text'
import { refusalText } from '@/lib/words'
import { Banner, Button, CheckField, Dialog } from '@/ui'

/** What is recorded or shown: each needs a consent of its own. */
const RECORDED = ['webcam', 'screen', 'microphone', 'phone', 'id_check', 'room_scan'] as const

function DisclosureTable({ exam }: { exam: Exam }): JSX.Element {
  const heads = ['consent.what', 'consent.when', 'consent.who', 'consent.kept'] as const
  return (
    <div class="table-wrap">
      <table class="table disclosure">
        <caption class="visually-hidden">{t('consent.caption')}</caption>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {t(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {disclosureLines(exam).map((line) => (
            <tr key={line.what}>
              <th scope="row">{line.what}</th>
              <td data-head={t('consent.when')}>{line.when}</td>
              <td data-head={t('consent.who')}>{line.who}</td>
              <td data-head={t('consent.kept')}>{line.kept}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function ConsentScreen({ exam }: { exam: Exam }): JSX.Element {
  const items = [...RECORDED.filter((source) => exam.on(source)), 'rest' as const]
  const [agreed, setAgreed] = useState<ReadonlySet<string>>(new Set())
  const [missing, setMissing] = useState(false)
  const [refused, setRefused] = useState('')
  const [declining, setDeclining] = useState(false)
  const [busy, setBusy] = useState(false)

  const tick = (item: string, on: boolean): void => {
    const next = new Set(agreed)
    if (on) next.add(item)
    else next.delete(item)
    setAgreed(next)
    setMissing(false)
  }
  const send = async (): Promise<void> => {
    if (items.some((item) => !agreed.has(item))) return setMissing(true)
    setBusy(true)
    const reply = await exam.consent()
    setBusy(false)
    if (reply.refusal) setRefused(refusalText(reply.refusal))
  }
  const contact = exam.info.support?.text ?? ''

  return (
    <Page title={t('consent.title')} over={exam.info.session_name} step="consent" exam={exam} wide>
      <p>{t('consent.intro')}</p>
      <DisclosureTable exam={exam} />
      <div class="stack-small reading">
        {items.length > 1 ? <p>{t('consent.seal')}</p> : null}
        <p>{t('consent.ai')}</p>
        <p>{contact ? t('consent.alternative', { contact }) : t('consent.alternativeNone')}</p>
      </div>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <div class="stack-small">
          {items.map((item) => (
            <CheckField
              key={item}
              label={t(`consent.agree.${item}`)}
              checked={agreed.has(item)}
              onChange={(on) => tick(item, on)}
            />
          ))}
        </div>
        {missing ? (
          <Banner tone="warn" live>
            {t('consent.missing')}
          </Banner>
        ) : null}
        {refused ? (
          <Banner tone="bad" live>
            {refused}
          </Banner>
        ) : null}
        <div class="row">
          <Button look="primary" size="touch" type="submit" busy={busy}>
            {t('consent.go')}
          </Button>
          <Button look="quiet" size="touch" onClick={() => setDeclining(true)}>
            {t('consent.decline')}
          </Button>
        </div>
      </form>
      <DeclineDialog exam={exam} open={declining} onClose={() => setDeclining(false)} />
    </Page>
  )
}

function DeclineDialog(props: { exam: Exam; open: boolean; onClose: () => void }): JSX.Element {
  const { exam } = props
  const told = exam.handUp.value !== 0
  return (
    <Dialog
      open={props.open}
      title={t('consent.declineTitle')}
      onClose={props.onClose}
      actions={
        <>
          <Button onClick={props.onClose}>{t('consent.declineBack')}</Button>
          {told ? null : (
            <Button
              look="primary"
              onClick={() => void exam.ask({ kind: 'raise_hand', text: t('consent.declineHand') })}
            >
              {t('consent.declineTell')}
            </Button>
          )}
        </>
      }
    >
      <div class="stack">
        <p>{t('consent.declineText')}</p>
        {told ? (
          <>
            <Banner tone="good" live>
              {t('consent.declineSaid')}
            </Banner>
            <ChatPanel exam={exam} />
          </>
        ) : null}
      </div>
    </Dialog>
  )
}
