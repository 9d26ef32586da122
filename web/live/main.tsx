import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import '@/ui/ui.css'
import '@/staff/staff.css'
import './live.css'
import './side.css'
import './report.css'
import { startTicking } from '@/lib/clock'
import { Page } from '@/staff/chrome'
import { place, placeNumber } from '@/staff/place'
import { SessionScreen } from './session.tsx'
import { SessionList } from './sessions.tsx'

function Live() {
  useEffect(() => startTicking(), [])
  void place.value
  const session = placeNumber('session')
  return (
    <Page current="live" roles={['proctor', 'planner', 'administrator']} full={session > 0}>
      {() => (session > 0 ? <SessionScreen key={session} session={session} /> : <SessionList />)}
    </Page>
  )
}

const root = document.getElementById('app')
if (root) render(<Live />, root)
