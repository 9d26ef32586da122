// The first page: signing in, or the start page of whoever is signed in.
import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { startTicking } from '@/lib/clock'
import { account, loadAccount, person } from '@/staff/account'
import { Page } from '@/staff/chrome'
import { Home } from './home.tsx'
import { SignIn } from './signin.tsx'

export function Start(): JSX.Element {
  useEffect(() => {
    document.documentElement.dataset.density = 'staff'
    void loadAccount()
    return startTicking()
  }, [])
  const known = account.value
  if (known !== 'unknown' && !('ok' in known) && !known.signed_in) return <SignIn />
  return (
    <Page current="home" roles={null}>
      {() => {
        const me = person()
        return me ? <Home me={me} /> : null
      }}
    </Page>
  )
}
