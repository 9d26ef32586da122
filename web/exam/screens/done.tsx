// C14 and C15: handed in or over, what is still on its way, and the result. And: not let in.
import type { JSX } from 'preact'
import type { Exam } from '@/exam/exam'
import { ChatPanel } from '@/exam/screens/help'
import { Page } from '@/exam/screens/page'
import { Receipts } from '@/exam/screens/receipts'
import { t, type TextKey } from '@/exam/text'
import { formatMinute, formatTime } from '@/lib/clock'
import { formatNumber } from '@/lib/i18n'
import type { ExamResult } from '@/lib/types'
import { isRecorded } from '@/lib/words'
import { Banner, Button, DataTable, type Column } from '@/ui'

function size(bytes: number): string {
  const mega = bytes / 1048576
  return mega < 0.1 ? `${Math.ceil(bytes / 1024)} kB` : `${mega.toFixed(1)} MB`
}

function Delivery({ exam }: { exam: Exam }): JSX.Element {
  const waiting = exam.answers.waiting.value
  const bytes = exam.capture.evidence.value?.waitingBytes ?? 0
  if (exam.handIn.state.value === 'done' && !waiting)
    return (
      <Banner tone="good" live title={t('done.close')}>
        {isRecorded((name) => exam.on(name)) ? t('done.stopped') : null}
      </Banner>
    )
  return (
    <Banner icon="clock" live>
      {waiting ? <p>{t('done.unsaved', { n: waiting })}</p> : null}
      <p>{bytes ? t('done.recordings', { size: size(bytes) }) : t('done.recordingsSoon')}</p>
      <progress class="progress" aria-label={t('done.recordingsSoon')} />
    </Banner>
  )
}

export function DoneScreen({ exam, onOther }: { exam: Exam; onOther: () => void }): JSX.Element {
  const over = exam.state.value === 'ended' ? exam.ended.value : null
  const contact = exam.info.support?.text
  return (
    <Page
      title={t(over ? 'done.ended' : 'done.submitted')}
      over={exam.info.session_name}
      exam={exam}
    >
      {over ? (
        <div class="stack-small">
          <p>{t(`done.cause.${over.cause || 1}` as TextKey)}</p>
          {over.reason ? <p>{t('done.reason', { reason: over.reason })}</p> : null}
          <p class="muted numbers">{t('done.at', { time: formatTime(over.at_ms) })}</p>
        </div>
      ) : null}
      <p>{t('done.saved', { n: exam.answeredCount.value })}</p>
      {over ? <Late exam={exam} /> : null}
      <Delivery exam={exam} />
      <Result exam={exam} />
      <Receipts exam={exam} heading="h2" />
      {contact ? <p class="muted">{t('done.contact', { contact })}</p> : null}
      <div>
        <Button look="quiet" onClick={onOther}>
          {t('code.other')}
        </Button>
      </div>
    </Page>
  )
}

/** What this device did without a connection, and what came of it when the exam was over. */
function Late({ exam }: { exam: Exam }): JSX.Element | null {
  const wish = exam.handIn.wish.value
  const late = exam.lateArrivals.value
  const refused = exam.answers.refused.value.length
  if (!wish && !late && !refused) return null
  return (
    <Banner tone="warn" live>
      {wish ? <p>{t('done.wish', { time: formatMinute(wish.at_ms) })}</p> : null}
      {late ? <p>{t('done.late', { n: late })}</p> : null}
      {refused ? <p>{t('done.refused', { n: refused })}</p> : null}
    </Banner>
  )
}

type ResultLine = ExamResult['items'][number]

const columns: Column<ResultLine>[] = [
  {
    id: 'question',
    head: t('result.question'),
    sticky: true,
    cell: (line) => t('map.item', { n: line.number }),
  },
  {
    id: 'points',
    head: t('result.got'),
    end: true,
    cell: (line) =>
      line.marked_by === 'waiting'
        ? `– / ${formatNumber(line.max)}`
        : `${formatNumber(line.points)} / ${formatNumber(line.max)}`,
  },
  { id: 'by', head: t('result.by'), cell: (line) => t(`result.by.${line.marked_by}`) },
]

function Result({ exam }: { exam: Exam }): JSX.Element | null {
  const result = exam.result.value
  if (!result) return null
  if ('ok' in result)
    return (
      <section class="stack-small">
        <h2>{t('result.title')}</h2>
        <p>{t(result.refusal === 'POLICY_FORBIDS' ? 'result.hidden' : 'result.wait')}</p>
        {result.refusal === 'POLICY_FORBIDS' ? null : (
          <div>
            <Button onClick={() => void exam.fetchResult()}>{t('result.check')}</Button>
          </div>
        )}
      </section>
    )
  return (
    <section class="stack-small">
      <h2>{t('result.title')}</h2>
      <p class="score numbers">{t('result.points', { points: result.points, max: result.max })}</p>
      <p class="muted">{t('result.machine')}</p>
      {result.unmarked ? <p>{t('result.unmarked', { n: result.unmarked })}</p> : null}
      <DataTable
        caption={t('result.caption')}
        columns={columns}
        rows={result.items}
        rowKey={(line) => line.number}
      />
    </section>
  )
}

export function NotInScreen({ exam, onOther }: { exam: Exam; onOther: () => void }): JSX.Element {
  const why = exam.cancelled.value
    ? 'cancelled'
    : exam.state.value === 'refused'
      ? 'refused'
      : 'absent'
  const reason = exam.refusedReason.value || exam.ended.value?.reason
  const contact = exam.info.support?.text
  return (
    <Page title={t(`${why}.title`)} over={exam.info.session_name} exam={exam}>
      <p>{t(`${why}.text`)}</p>
      {reason ? (
        <blockquote class="card">
          <p class="muted small">{t('hold.reason')}</p>
          <p>{reason}</p>
        </blockquote>
      ) : null}
      {exam.chat.value.length ? <ChatPanel exam={exam} /> : null}
      {contact ? <p class="muted">{t('done.contact', { contact })}</p> : null}
      <div>
        <Button onClick={onOther}>{t('code.other')}</Button>
      </div>
    </Page>
  )
}
