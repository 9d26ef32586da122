// The pages of a reviewer, by the address: ?attempt=N, ?session=N, or the queue.
import type { JSX } from 'preact'
import { placeNumber } from '@/staff/place'
import { Page } from '@/staff/chrome'
import { later } from '@/ui'
import { Queue } from './queue.tsx'
import { ResultsPage } from './results.tsx'

// The player and all around it: not needed before a case is opened.
const CasePage = later(() => import('./casepage.tsx').then((part) => part.CasePage))

function Place(): JSX.Element {
  const attempt = placeNumber('attempt')
  if (attempt) return <CasePage attempt={attempt} />
  const session = placeNumber('session')
  return session ? <ResultsPage session={session} /> : <Queue />
}

export function App(): JSX.Element {
  return (
    <Page current="review" roles={['reviewer']}>
      {() => <Place />}
    </Page>
  )
}
