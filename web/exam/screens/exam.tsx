// C11: the exam: status above, the map beside, the question, and the way through. What holds the exam
// takes the place of the questions: then they are not in the page.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Exam } from '@/exam/exam'
import { Added } from '@/exam/screens/added'
import { AnswerForm } from '@/exam/screens/answer'
import { HelpDrawer } from '@/exam/screens/help'
import { FullscreenAsk, HoldScreen, TimeOver } from '@/exam/screens/hold'
import { QuestionMap } from '@/exam/screens/map'
import { Notices } from '@/exam/screens/notices'
import { ReviewScreen } from '@/exam/screens/review'
import { LinkBanner, LinkState, SaveState, WatchState } from '@/exam/screens/status'
import { t } from '@/exam/text'
import { refusalText } from '@/lib/words'
import type { PaperItem } from '@/lib/types'
import { Banner, Button, Content, Dialog, ErrorState, Loading, Timer } from '@/ui'

const timeHidden = signal(false)
const inFullscreen = signal(true)

/** Full screen is asked for while the exam runs; a pause relaxes the rule. */
function useFullscreen(exam: Exam): boolean {
  useEffect(() => {
    const look = (): void => {
      inFullscreen.value = document.fullscreenElement !== null
    }
    look()
    document.addEventListener('fullscreenchange', look)
    return () => document.removeEventListener('fullscreenchange', look)
  }, [])
  return exam.on('fullscreen') && document.fullscreenEnabled && !inFullscreen.value
}

export function ExamScreen({ exam, told }: { exam: Exam; told: JSX.Element }): JSX.Element {
  const [help, setHelp] = useState(false)
  const held = exam.held.value
  const needsFull = useFullscreen(exam) && !held && exam.handIn.state.value === 'no'
  return (
    <div class="exam">
      <a class="skip-link" href="#question">
        {t('skip')}
      </a>
      <TopBar exam={exam} onHelp={() => setHelp(true)} />
      <LinkBanner exam={exam} />
      {told}
      <Notices exam={exam} onHelp={() => setHelp(true)} />
      {held ? (
        <HoldScreen exam={exam} hold={held} />
      ) : exam.leftMs.value <= 0 && exam.handIn.state.value === 'no' ? (
        <TimeOver exam={exam} />
      ) : needsFull ? (
        <FullscreenAsk exam={exam} />
      ) : (
        <Working exam={exam} />
      )}
      <HelpDrawer exam={exam} open={help} onClose={() => setHelp(false)} />
    </div>
  )
}

function TopBar({ exam, onHelp }: { exam: Exam; onHelp: () => void }): JSX.Element {
  const last = exam.leftMs.value <= 5 * 60000
  const hidden = timeHidden.value && !last
  return (
    <header class="top">
      <h1 class="top-title">{exam.info.session_name}</h1>
      <div class="top-time">
        <Timer
          leftMs={exam.leftMs.value}
          endsMs={exam.endsMs.value}
          runs={exam.clockRuns.value}
          hidden={timeHidden.value}
          label={t('top.time')}
        />
        <Button
          look="quiet"
          size="dense"
          class="hide-time"
          disabled={last}
          title={last ? t('top.lastMinutes') : undefined}
          aria-label={t(hidden ? 'top.show' : 'top.hideTime')}
          onClick={() => (timeHidden.value = !timeHidden.value)}
        >
          {t(hidden ? 'top.show' : 'top.hide')}
        </Button>
        {hidden ? null : <Added exam={exam} />}
      </div>
      <div class="top-status">
        <SaveState exam={exam} />
        <LinkState exam={exam} />
        <WatchState exam={exam} />
      </div>
      <Button icon="help" onClick={onHelp} class="top-help">
        {t('top.help')}
        {exam.unread.value ? (
          <span class="badge strong">
            {exam.unread.value}
            <span class="visually-hidden"> {t('top.unread', { n: exam.unread.value })}</span>
          </span>
        ) : null}
      </Button>
    </header>
  )
}

function Working({ exam }: { exam: Exam }): JSX.Element {
  const [map, setMap] = useState(false)
  const problem = exam.paperProblem.value
  const paper = exam.paper.value
  if (problem)
    return (
      <main>
        <ErrorState title={t('paper.title')} onRetry={() => void exam.fetchPaper()}>
          <p>{problem.text}</p>
          <p>{t('failed.safe')}</p>
        </ErrorState>
      </main>
    )
  if (!paper)
    return (
      <main class="page-inner">
        <Loading what={t('paper.loading')} />
      </main>
    )
  // Whoever is handing in goes nowhere else.
  if (exam.handIn.state.value !== 'no')
    return (
      <main class="work-main alone" id="question">
        <ReviewScreen exam={exam} />
      </main>
    )
  const item = paper.items[exam.current.value - 1]
  return (
    <div class="work">
      <aside class="work-map">
        <QuestionMap exam={exam} />
      </aside>
      <main class="work-main" id="question" tabIndex={-1}>
        <div class="work-map-button">
          <Button icon="menu" onClick={() => setMap(true)}>
            {t('top.questions')}
          </Button>
        </div>
        {exam.view.value === 'review' || !item ? (
          <ReviewScreen exam={exam} />
        ) : (
          <Question key={item.number} exam={exam} item={item} count={paper.items.length} />
        )}
      </main>
      <Dialog open={map} title={t('map.title')} onClose={() => setMap(false)}>
        <QuestionMap exam={exam} onGo={() => setMap(false)} />
      </Dialog>
    </div>
  )
}

interface QuestionProps {
  exam: Exam
  item: PaperItem
  count: number
}

function useMarkKey(exam: Exam, item: number): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!event.altKey || event.code !== 'KeyF') return
      event.preventDefault()
      void exam.toggleMark(item)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [item])
}

function Question({ exam, item, count }: QuestionProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  const view = exam.answers.view(item.number).value
  const marked = exam.marked(item.number)
  useMarkKey(exam, item.number)
  // The focus goes to the new question, so that it is read and Tab leads into the answer.
  useEffect(() => heading.current?.focus(), [])
  return (
    <article class="question">
      <header class="row row-apart">
        <h2 ref={heading} tabIndex={-1}>
          {t('item.number', { n: item.number, all: count })}
        </h2>
        <span class="muted">{t('item.points', { n: item.points })}</span>
      </header>
      <div id={`text-${item.number}`} class="question-text">
        <Content nodes={item.text} />
      </div>
      <AnswerForm exam={exam} item={item} labelledBy={`text-${item.number}`} />
      {view.state === 'refused' ? (
        <Banner tone="bad" live>
          {t('item.refused', { why: refusalText(view.refusal) })}
        </Banner>
      ) : null}
      <div class="row">
        <Button
          look="quiet"
          disabled={view.value === ''}
          onClick={() => {
            exam.answers.write(item.number, '')
            exam.answers.flush(item.number)
          }}
        >
          {t('item.clear')}
        </Button>
        <Button
          icon="mark"
          aria-pressed={marked}
          aria-keyshortcuts="Alt+F"
          onClick={() => void exam.toggleMark(item.number)}
        >
          {t(marked ? 'item.marked' : 'item.mark')} <kbd class="key">{t('item.markKey')}</kbd>
        </Button>
      </div>
      <Ways exam={exam} number={item.number} count={count} />
    </article>
  )
}

function Ways({ exam, number, count }: { exam: Exam; number: number; count: number }): JSX.Element {
  const last = number === count
  const review = (): void => {
    exam.answers.flush()
    exam.view.value = 'review'
  }
  return (
    <nav class="ways" aria-label={t('item.ways')}>
      <Button size="touch" icon="back" disabled={number === 1} onClick={() => exam.go(number - 1)}>
        {t('item.back')}
      </Button>
      {last ? null : (
        <Button look="primary" size="touch" onClick={() => exam.go(number + 1)}>
          {t('item.next')}
        </Button>
      )}
      <Button look={last ? 'primary' : 'quiet'} size="touch" onClick={review}>
        {t('item.review')}
      </Button>
    </nav>
  )
}
