// C14: all questions with their state, and handing in.
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { itemState, itemWords } from '@/exam/screens/map'
import { t } from '@/exam/text'
import { formatMinute } from '@/lib/clock'
import type { PaperItem } from '@/lib/types'
import { refusalText } from '@/lib/words'
import { Banner, Button, DataTable, Dialog, Icon, type Column } from '@/ui'

interface Line {
  item: PaperItem
  answered: boolean
  marked: boolean
  words: string
}

function lines(exam: Exam): Line[] {
  const all = (exam.paper.value?.items ?? []).map((item) => {
    const state = itemState(exam, item)
    const words = itemWords({ ...state, seen: true, marked: false })
    return { item, answered: state.answered, marked: state.marked, words }
  })
  return [...all.filter((line) => !line.answered), ...all.filter((line) => line.answered)]
}

const columns = (exam: Exam): Column<Line>[] => [
  {
    id: 'question',
    head: t('review.question'),
    sticky: true,
    cell: ({ item }) => (
      <button type="button" class="link-button" onClick={() => exam.go(item.number)}>
        {t('map.item', { n: item.number })}
      </button>
    ),
  },
  {
    id: 'state',
    head: t('review.state'),
    cell: (line) => (
      <span class="state-mark">
        <Icon name={line.answered ? 'check' : 'warn'} /> {line.words}
      </span>
    ),
  },
  {
    id: 'marked',
    head: t('review.marked'),
    cell: (line) =>
      line.marked ? (
        <span class="state-mark">
          <Icon name="mark" /> {t('review.yes')}
        </span>
      ) : null,
  },
]

export function ReviewScreen({ exam }: { exam: Exam }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  const [sure, setSure] = useState(false)
  const refused = exam.handIn.refusal.value
  useEffect(() => heading.current?.focus(), [])
  const all = lines(exam)
  const open = all.filter((line) => !line.answered).length
  const marked = all.filter((line) => line.marked).length
  const notTaken = exam.answers.refused.value.length
  const hand = (): void => {
    setSure(false)
    void exam.handIn.ask()
  }
  if (exam.handIn.state.value !== 'no') return <Handing exam={exam} />
  return (
    <section class="stack question">
      <h2 ref={heading} tabIndex={-1}>
        {t('review.title')}
      </h2>
      <p>{t('review.intro')}</p>
      {refused ? (
        <Banner tone="bad" live>
          {t('review.refused', { why: refusalText(refused) })}
        </Banner>
      ) : null}
      <Counts open={open} marked={marked} notTaken={notTaken} />
      <DataTable
        caption={t('review.caption')}
        columns={columns(exam)}
        rows={all}
        rowKey={(line) => line.item.number}
      />
      <nav class="ways">
        <Button size="touch" icon="back" onClick={() => exam.go(exam.current.value)}>
          {t('review.back')}
        </Button>
        <Button look="primary" size="touch" onClick={() => setSure(true)}>
          {t('review.submit')}
        </Button>
      </nav>
      <Dialog
        open={sure}
        title={t('review.sure')}
        alert
        onClose={() => setSure(false)}
        actions={
          <>
            <Button size="touch" onClick={() => setSure(false)}>
              {t('review.cancel')}
            </Button>
            <Button look="primary" size="touch" onClick={hand}>
              {t('review.submit')}
            </Button>
          </>
        }
      >
        <Counts open={open} marked={marked} notTaken={notTaken} />
        <p>{t('review.sureText')}</p>
      </Dialog>
    </section>
  )
}

function Counts(props: { open: number; marked: number; notTaken: number }): JSX.Element {
  const { open, marked, notTaken } = props
  return (
    <ul class="plain-list">
      <li>{open ? t('review.unanswered', { n: open }) : t('review.all')}</li>
      {notTaken ? <li>{t('save.refused', { n: notTaken })}</li> : null}
      {marked ? <li>{t('review.markedCount', { n: marked })}</li> : null}
    </ul>
  )
}

function Handing({ exam }: { exam: Exam }): JSX.Element {
  const { state, wish } = exam.handIn
  const waiting = exam.answers.waiting.value
  const live = exam.socket.state.value === 'live' || exam.socket.state.value === 'delayed'
  if (!live && wish.value) return <Wished exam={exam} at={wish.value.at_ms} />
  return (
    <section class="stack question" role="status">
      <h2>{t(state.value === 'asking' ? 'submit.asking' : 'submit.answers')}</h2>
      {waiting ? <p>{t('submit.waiting', { n: waiting })}</p> : null}
      <progress class="progress" aria-label={t('submit.asking')} />
    </section>
  )
}

/** Handed in without a connection: what that means, and what is still to do. */
function Wished({ exam, at }: { exam: Exam; at: number }): JSX.Element {
  const waiting = exam.answers.waiting.value
  const { durable } = exam.answers
  return (
    <section class="stack question" role="status">
      <h2>{t('submit.wish', { time: formatMinute(at) })}</h2>
      <p>{t('submit.wishText')}</p>
      <p>{waiting ? t('submit.wishWaiting', { n: waiting }) : t('submit.wishSaved')}</p>
      <p>{t(durable ? 'submit.wishKeep' : 'submit.wishOpen')}</p>
    </section>
  )
}
