// C13: a question by raised hand, a pause, and messages. A drawer beside the exam, and in the overlays.
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ChatLine, Exam } from '@/exam/exam'
import { Receipts } from '@/exam/screens/receipts'
import { t, type TextKey } from '@/exam/text'
import { formatLength, formatMinute, now } from '@/lib/clock'
import * as limits from '@/lib/gen/limits'
import { Banner, Button, Dialog, later, SelectField, TextArea, TextField } from '@/ui'

export const Place = later(() => import('@/exam/screens/place').then((part) => part.Place))

/** Texts are counted in bytes; most letters of any language need at most four. */
const TEXT_CHARS_MAX = Math.floor(limits.TEXT_BYTES_MAX / 4)

export function HelpDrawer(props: { exam: Exam; open: boolean; onClose: () => void }): JSX.Element {
  const { exam } = props
  // Whoever has messages opens this to read them.
  const chatFirst = exam.chat.value.length > 0
  return (
    <Dialog open={props.open} look="drawer" title={t('help.title')} onClose={props.onClose}>
      <div class="stack help">
        {chatFirst ? <Chat exam={exam} /> : null}
        <Hand exam={exam} />
        {exam.state.value === 'active' ? <Pause exam={exam} /> : null}
        {chatFirst ? null : <Chat exam={exam} />}
        <Receipts exam={exam} heading="h3" />
        {exam.info.support?.text ? (
          <p class="muted small">{t('help.contact', { contact: exam.info.support.text })}</p>
        ) : null}
      </div>
    </Dialog>
  )
}

function Chat({ exam }: { exam: Exam }): JSX.Element {
  return (
    <section class="stack-small">
      <h3>{t('help.chat')}</h3>
      <ChatPanel exam={exam} />
    </section>
  )
}

function Hand({ exam }: { exam: Exam }): JSX.Element {
  const [text, setText] = useState('')
  const since = exam.handUp.value
  return (
    <section class="stack-small">
      <h3>{t('help.hand')}</h3>
      {since ? (
        <>
          <Banner tone="good" icon="hand" live>
            {t('help.raised', {
              time: formatMinute(since),
              length: formatLength(now.value - since),
            })}
          </Banner>
          <Place exam={exam} request={2} />
          <div>
            <Button onClick={() => void exam.ask({ kind: 'lower_hand', note: '' })}>
              {t('help.lower')}
            </Button>
          </div>
        </>
      ) : (
        <>
          {exam.handAnswer.value ? (
            <Banner live>{t('help.handAnswer', { note: exam.handAnswer.value })}</Banner>
          ) : null}
          <p class="muted small">{t('help.handText')}</p>
          <TextField
            label={t('help.handWhat')}
            hint={t('help.optional')}
            value={text}
            onInput={setText}
            maxLength={TEXT_CHARS_MAX}
          />
          <div>
            <Button
              icon="hand"
              onClick={() => {
                void exam.ask({ kind: 'raise_hand', text })
                setText('')
              }}
            >
              {t('help.raise')}
            </Button>
          </div>
        </>
      )}
    </section>
  )
}

const PURPOSES = ['0', '1', '2', '3', '4'] as const

function Pause({ exam }: { exam: Exam }): JSX.Element {
  const [purpose, setPurpose] = useState('0')
  const [note, setNote] = useState('')
  const asked = exam.pauseAsked.value
  const answer = exam.pauseAnswer.value
  if (asked)
    return (
      <section class="stack-small">
        <h3>{t('help.pause')}</h3>
        <Banner tone="good" icon="pause" live>
          {t('help.pauseAsked', { time: formatMinute(asked) })}
        </Banner>
        <Place exam={exam} request={3} />
        <div>
          <Button onClick={() => void exam.ask({ kind: 'withdraw_pause' })}>
            {t('help.pauseWithdraw')}
          </Button>
        </div>
      </section>
    )
  return (
    <section class="stack-small">
      <h3>{t('help.pause')}</h3>
      {answer && !answer.approved ? (
        <Banner live>
          {answer.note ? t('help.pauseNoNote', { note: answer.note }) : t('help.pauseNo')}
        </Banner>
      ) : null}
      <p class="muted small">
        {t(exam.on('credit_pause') ? 'help.pauseClock' : 'help.pauseClockRuns')}
      </p>
      <SelectField
        label={t('help.pausePurpose')}
        hint={t('help.purposeHint')}
        value={purpose}
        onChange={setPurpose}
        options={PURPOSES.map((value) => ({
          value,
          label: value === '0' ? '–' : t(`help.pause.${value}` as TextKey),
        }))}
      />
      <TextField
        label={t('help.pauseNote')}
        hint={t('help.optional')}
        value={note}
        onInput={setNote}
        maxLength={TEXT_CHARS_MAX}
      />
      <div>
        <Button
          icon="pause"
          onClick={() => {
            void exam.ask({ kind: 'request_pause', purpose: Number(purpose), reason: note })
            setNote('')
          }}
        >
          {t('help.pauseAsk')}
        </Button>
      </div>
    </section>
  )
}

/** The messages and a line to write; whatever is shown counts as seen. */
export function ChatPanel({ exam }: { exam: Exam }): JSX.Element {
  const [text, setText] = useState('')
  const box = useRef<HTMLDivElement>(null)
  const lines = exam.chat.value
  useEffect(() => {
    // Only the box moves, not the page around it.
    box.current?.scrollTo(0, box.current.scrollHeight)
    exam.sawChat()
  }, [lines.length])
  const send = (): void => {
    if (!text.trim()) return
    void exam.say(text.trim())
    setText('')
  }
  return (
    <div class="stack-small">
      <div ref={box} class="chat" role="log" aria-label={t('help.chat')} tabIndex={0}>
        <ol>
          {lines.length ? null : <li class="muted small">{t('help.chatEmpty')}</li>}
          {lines.map((line) => (
            <ChatRow key={`${line.ver}-${line.at_ms}-${line.text}`} line={line} />
          ))}
        </ol>
      </div>
      <form
        class="stack-small"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <TextArea
          label={t('help.write')}
          rows={2}
          value={text}
          onInput={setText}
          maxLength={TEXT_CHARS_MAX}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey) return
            event.preventDefault()
            send()
          }}
        />
        <div>
          <Button type="submit" icon="chat">
            {t('help.send')}
          </Button>
        </div>
      </form>
    </div>
  )
}

function ChatRow({ line }: { line: ChatLine }): JSX.Element {
  return (
    <li class={`chat-line ${line.mine ? 'mine' : ''}`}>
      <span class="muted small">
        {t(line.mine ? 'help.you' : 'help.proctor')}, {formatMinute(line.at_ms)}
        {line.mine ? `, ${t(`help.state.${line.state}`)}` : ''}
      </span>
      <span class="chat-text">{line.text}</span>
    </li>
  )
}
