import { render, type JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import '@/ui/ui.css'
import '@/staff/staff.css'
import './manage.css'
import { startTicking } from '@/lib/clock'
import { Page } from '@/staff/chrome'
import { IdentityBanner } from '@/staff/identity'
import { linkTo, place, placeNumber } from '@/staff/place'
import { Assessment, Assessments } from './assessments.tsx'
import { Create } from './create.tsx'
import { Import } from './import.tsx'
import { SessionPage } from './session.tsx'
import { Sessions } from './sessions.tsx'
import { t } from './text.ts'

function Inside(): JSX.Element {
  const view = place.value.get('view') ?? 'sessions'
  if (view === 'import') return <Import />
  if (view === 'create') return <Create />
  if (view === 'assessments') {
    const assessment = placeNumber('assessment')
    return assessment > 0 ? <Assessment key={assessment} id={assessment} /> : <Assessments />
  }
  const session = placeNumber('session')
  return session > 0 ? <SessionPage key={session} session={session} /> : <Sessions />
}

function Manage(): JSX.Element {
  useEffect(() => {
    document.title = `${t('title')} · Invigil`
    return startTicking()
  }, [])
  const view = place.value.get('view') ?? 'sessions'
  const inAssessments = view === 'assessments' || view === 'import'
  return (
    <Page current="manage" roles={['planner', 'administrator']}>
      {() => (
        <div class="stack">
          <div class="manage-head">
            <h1>{t('title')}</h1>
            <nav class="row" aria-label={t('tabs')}>
              <a
                class="button quiet"
                aria-current={inAssessments ? undefined : 'page'}
                {...linkTo({})}
              >
                {t('tab.sessions')}
              </a>
              <a
                class="button quiet"
                aria-current={inAssessments ? 'page' : undefined}
                {...linkTo({ view: 'assessments' })}
              >
                {t('tab.assessments')}
              </a>
            </nav>
          </div>
          <IdentityBanner />
          <Inside />
        </div>
      )}
    </Page>
  )
}

const root = document.getElementById('app')
if (root) render(<Manage />, root)
