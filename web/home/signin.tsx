// S1: signing in. Refusals never tell whether an address has an account.
import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { api, type Refused } from '@/lib/api'
import { clock, formatSpan, now } from '@/lib/clock'
import type { Me } from '@/lib/types'
import { account, server } from '@/staff/account'
import { Banner, Button, TextField } from '@/ui'
import { t } from './text.ts'

/** Where to go after signing in: only a path of this server. */
export function safeNext(query: string): string | null {
  const next = new URLSearchParams(query).get('next')
  return next && /^\/(?![/\\])/.test(next) ? next : null
}

/** Until when the server takes no more tries; 0: it did not say. */
export function waitUntil(detail: Record<string, unknown>, at: number): number {
  const { until_ms: until, wait_ms: wait } = detail
  if (typeof until === 'number') return until
  return typeof wait === 'number' ? at + wait : 0
}

interface Faults {
  email?: string
  password?: string
}

function Refusal({ refused, until }: { refused: Refused; until: number }): JSX.Element {
  if (refused.refusal !== 'TOO_MANY_TRIES')
    return (
      <Banner tone="bad" live>
        {refused.text}
      </Banner>
    )
  const left = until - now.value
  return (
    <Banner tone="warn" icon="clock" live>
      {until > 0 && left > 0
        ? t('signin.wait', { time: formatSpan(left) })
        : t('signin.wait.unknown')}
    </Banner>
  )
}

export function SignIn(): JSX.Element {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [faults, setFaults] = useState<Faults>({})
  const [refused, setRefused] = useState<Refused | null>(null)
  const [until, setUntil] = useState(0)
  const [busy, setBusy] = useState(false)
  const [caps, setCaps] = useState(false)
  const waiting = until > now.value

  const signIn = async (): Promise<void> => {
    if (busy || waiting) return
    const missing: Faults = {}
    if (!email.trim()) missing.email = t('signin.email.missing')
    if (!password) missing.password = t('signin.password.missing')
    setFaults(missing)
    if (Object.keys(missing).length > 0) return
    setBusy(true)
    const answer = await api<Me>('signin', { body: { email: email.trim(), password } })
    setBusy(false)
    if (answer.ok) return signedIn(answer.value)
    setRefused(answer)
    setUntil(answer.refusal === 'TOO_MANY_TRIES' ? waitUntil(answer.detail, clock.now()) : 0)
  }

  return (
    <main class="signin" id="main">
      <div class="signin-card card stack">
        <div class="signin-head">
          <p class="signin-brand">{t('title')}</p>
          <p class="muted">{server.value?.organization ?? t('signin.tagline')}</p>
        </div>
        <h1>{t('signin.title')}</h1>
        {refused ? <Refusal refused={refused} until={until} /> : null}
        <form
          class="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void signIn()
          }}
        >
          <TextField
            label={t('signin.email')}
            error={faults.email}
            type="email"
            name="email"
            autocomplete="username"
            value={email}
            onInput={setEmail}
          />
          <TextField
            label={t('signin.password')}
            error={faults.password}
            hint={caps ? t('signin.caps') : undefined}
            type="password"
            name="password"
            autocomplete="current-password"
            value={password}
            onInput={setPassword}
            onKeyUp={(event) => setCaps(event.getModifierState('CapsLock'))}
          />
          <Button look="primary" type="submit" wide busy={busy} disabled={waiting}>
            {busy ? t('signin.working') : t('signin.do')}
          </Button>
        </form>
      </div>
      <section class="signin-card card row row-apart" aria-labelledby="candidate">
        <div>
          <h2 id="candidate" class="signin-other">
            {t('signin.candidate')}
          </h2>
          <p class="muted">{t('signin.candidate.help')}</p>
        </div>
        <a class="button" href="/exam/">
          {t('signin.candidate.do')}
        </a>
      </section>
      <p class="small">
        <a href="/receipt/">{t('signin.receipt')}</a>
      </p>
      {server.value?.support.text ? (
        <p class="muted small">
          {t('signin.support')} {server.value.support.text}
        </p>
      ) : null}
    </main>
  )
}

function signedIn(me: Me): void {
  const next = safeNext(location.search)
  if (next) location.replace(next)
  else account.value = { ...me, signed_in: true }
}
