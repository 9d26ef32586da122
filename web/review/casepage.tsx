// R3: one attempt under review: pictures, time line, flags, answers, verdict.
import { useEffect, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { formatNumber } from '@/lib/i18n'
import { linkTo } from '@/staff/place'
import { attemptMark, Banner, ErrorState, Icon, Loading, StateMark } from '@/ui'
import { Case } from './case.ts'
import { Details } from './details.tsx'
import { Flags } from './flags.tsx'
import { KeysHelp, useKeys } from './keys.tsx'
import { Lanes } from './lanes.tsx'
import { reviewOrder } from './results.tsx'
import { Stage } from './stage.tsx'
import { t } from './text.ts'
import { Verdict } from './verdict.tsx'

function Neighbours({ attempt }: { attempt: number }): JSX.Element | null {
  const order = reviewOrder.value
  const at = order.indexOf(attempt)
  if (at < 0) return null
  const [before, after] = [order[at - 1], order[at + 1]]
  return (
    <span class="control-group">
      {before ? (
        <a class="button dense" {...linkTo({ attempt: before })}>
          <Icon name="back" /> {t('case.previous')}
        </a>
      ) : null}
      {after ? (
        <a class="button dense" {...linkTo({ attempt: after })}>
          {t('case.next')} <Icon name="next" />
        </a>
      ) : null}
    </span>
  )
}

function Head({ of }: { of: Case }): JSX.Element | null {
  const detail = of.detail.value
  if (!detail) return null
  const { row } = detail
  const points = {
    points: formatNumber(row.points_milli / 1000),
    max: formatNumber(row.max_milli / 1000),
  }
  return (
    <header class="case-head">
      <div>
        <a class="review-back" {...linkTo({ session: detail.session })}>
          <Icon name="back" /> {t('back.session', { name: detail.session_name })}
        </a>
        <h1>
          {row.name} {row.number ? <span class="muted case-number">{row.number}</span> : null}
        </h1>
      </div>
      <div class="row">
        <StateMark mark={attemptMark(row.state, row.holds, row.connected === 1)} />
        {row.max_milli ? <span class="numbers">{t('case.points', points)}</span> : null}
        <Neighbours attempt={of.attempt} />
        <KeysHelp />
      </div>
    </header>
  )
}

function Offline({ of }: { of: Case }): JSX.Element | null {
  if (of.socket.state.value !== 'offline') return null
  return (
    <Banner tone="warn" icon="offline" title={t('link.offline')} live>
      {t('link.offline.help')}
    </Banner>
  )
}

function Ready({ of }: { of: Case }): JSX.Element {
  useKeys(of)
  return (
    <div class="case">
      <Head of={of} />
      <Offline of={of} />
      <div class="case-body">
        <div class="case-main">
          <Stage of={of} />
          {of.timeline.value.bands.length || of.recording.value ? <Lanes of={of} /> : null}
          <Details of={of} />
        </div>
        <aside class="case-side" aria-label={t('flags.title')}>
          <Flags of={of} />
          <Verdict of={of} />
        </aside>
      </div>
    </div>
  )
}

function Opened({ of }: { of: Case }): JSX.Element {
  const state = of.state.value
  if (state === 'loading') return <Loading what={t('case.loading')} lines={8} />
  if (typeof state === 'object')
    return (
      <ErrorState title={t('failed')} onRetry={() => void of.load()}>
        {state.failed}
      </ErrorState>
    )
  return <Ready of={of} />
}

export function CasePage({ attempt }: { attempt: number }): JSX.Element | null {
  const [of, setOf] = useState<Case | null>(null)
  useEffect(() => {
    const opened = new Case(attempt)
    opened.open()
    setOf(opened)
    return () => opened.close()
  }, [attempt])
  return of?.attempt === attempt ? <Opened key={attempt} of={of} /> : null
}
