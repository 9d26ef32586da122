// The person's own keys: made from a passphrase at first use, unlocked when pictures are wanted. The
// private half stays in the memory of this tab. Put <IdentityHost/> once into a page, then ask with
// unlocked().
import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { api } from '@/lib/api'
import {
  KeyError,
  makeIdentity,
  unlockIdentity,
  type Identity,
  type StoredIdentity,
} from '@/lib/keys'
import { Banner, Button, CheckField, Dialog, TextField, toast } from '@/ui'
import { account, hasRole, person } from './account.ts'
import { t } from './text.ts'

const PASSPHRASE_LEAST = 12

/** Unlocked in this tab; null: locked or not made yet. */
export const identity = signal<Identity | null>(null)

interface Asking {
  stored: StoredIdentity | null // null: none yet, one is made
  done: (got: Identity | null) => void
}
const asking = signal<Asking | null>(null)

export function lockIdentity(): void {
  identity.value = null
}

/** The unlocked identity; asks for the passphrase when needed. null: the person does not want to. */
export async function unlocked(): Promise<Identity | null> {
  if (identity.value) return identity.value
  const answer = await api<StoredIdentity>('identity_show')
  if (!answer.ok) {
    toast(answer.text, { urgent: true })
    return null
  }
  const stored = answer.value.wrapped_private ? answer.value : null
  return new Promise((resolve) => {
    asking.value?.done(null)
    asking.value = { stored, done: resolve }
  })
}

function finish(got: Identity | null): void {
  const open = asking.value
  asking.value = null
  if (got) identity.value = got
  open?.done(got)
}

export function IdentityHost(): JSX.Element | null {
  const open = asking.value
  if (!open) return null
  return open.stored ? <UnlockDialog stored={open.stored} /> : <MakeDialog />
}

function PassphraseField(props: {
  label: string
  hint?: string
  error?: string | undefined
  value: string
  shown: boolean
  fresh: boolean
  first?: boolean
  onInput: (value: string) => void
}): JSX.Element {
  return (
    <TextField
      label={props.label}
      hint={props.hint}
      error={props.error}
      value={props.value}
      onInput={props.onInput}
      type={props.shown ? 'text' : 'password'}
      autocomplete={props.fresh ? 'new-password' : 'current-password'}
      autofocus={props.first}
      autocapitalize="off"
      spellcheck={false}
    />
  )
}

function UnlockDialog({ stored }: { stored: StoredIdentity }): JSX.Element {
  const [passphrase, setPassphrase] = useState('')
  const [shown, setShown] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')

  const unlock = async (): Promise<void> => {
    if (busy) return
    if (!passphrase) return setError(t('unlock.empty'))
    setBusy(true)
    setError('')
    try {
      const got = await unlockIdentity(stored, passphrase)
      toast(t('unlock.done'))
      finish(got)
    } catch (problem) {
      setError(problem instanceof KeyError ? t('unlock.wrong') : String(problem))
      setBusy(false)
    }
  }

  const actions = (
    <>
      <Button onClick={() => finish(null)}>{t('cancel')}</Button>
      <Button look="primary" type="submit" form="unlock" busy={busy}>
        {busy ? t('unlock.working') : t('unlock.do')}
      </Button>
    </>
  )
  return (
    <Dialog open title={t('unlock.title')} onClose={() => finish(null)} actions={actions}>
      <form
        id="unlock"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void unlock()
        }}
      >
        <AccountName />
        <PassphraseField
          first
          label={t('unlock.field')}
          error={error}
          value={passphrase}
          shown={shown}
          fresh={false}
          onInput={setPassphrase}
        />
        <CheckField label={t('show')} checked={shown} onChange={setShown} />
        <p class="muted">{t('unlock.what')}</p>
      </form>
    </Dialog>
  )
}

/** Tells password managers whose passphrase this is. */
function AccountName(): JSX.Element {
  const name = `${person()?.email ?? ''} (recordings)`
  return (
    <input
      class="visually-hidden"
      type="text"
      autocomplete="username"
      value={name}
      readOnly
      tabIndex={-1}
      aria-hidden="true"
    />
  )
}

interface Faults {
  first?: string
  again?: string
  understood?: string
}

export function passphraseFaults(first: string, again: string, understood: boolean): Faults {
  const faults: Faults = {}
  const length = [...first].length
  if (length < PASSPHRASE_LEAST) faults.first = t('make.short', { n: PASSPHRASE_LEAST - length })
  else if (first !== again) faults.again = t('make.different')
  if (!understood) faults.understood = t('make.understood.needed')
  return faults
}

async function createIdentity(passphrase: string): Promise<Identity | string> {
  const made = await makeIdentity(passphrase)
  const saved = await api('identity_set', { body: made })
  if (!saved.ok) return saved.text
  const me = person()
  if (me) account.value = { ...me, has_identity: true }
  return unlockIdentity(made, passphrase)
}

function MakeDialog(): JSX.Element {
  const [first, setFirst] = useState('')
  const [again, setAgain] = useState('')
  const [understood, setUnderstood] = useState(false)
  const [shown, setShown] = useState(false)
  const [busy, setBusy] = useState(false)
  const [faults, setFaults] = useState<Faults>({})
  const [failed, setFailed] = useState('')

  const make = async (): Promise<void> => {
    if (busy) return
    const found = passphraseFaults(first, again, understood)
    setFaults(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    const got = await createIdentity(first).catch((problem: unknown) => String(problem))
    setBusy(false)
    if (typeof got === 'string') return setFailed(got)
    toast(t('make.done'))
    finish(got)
  }

  const actions = (
    <>
      <Button onClick={() => finish(null)}>{t('make.later')}</Button>
      <Button look="primary" type="submit" form="make-identity" busy={busy}>
        {busy ? t('make.working') : t('make.do')}
      </Button>
    </>
  )
  return (
    <Dialog open title={t('make.title')} onClose={() => finish(null)} actions={actions}>
      <form
        id="make-identity"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <p>{t('make.what')}</p>
        <Banner tone="warn">{t('make.lost')}</Banner>
        {failed ? (
          <Banner tone="bad" live>
            {failed}
          </Banner>
        ) : null}
        <AccountName />
        <PassphraseField
          first
          label={t('make.first')}
          hint={t('make.first.hint')}
          error={faults.first}
          value={first}
          shown={shown}
          fresh
          onInput={setFirst}
        />
        <PassphraseField
          label={t('make.again')}
          error={faults.again}
          value={again}
          shown={shown}
          fresh
          onInput={setAgain}
        />
        <CheckField label={t('show')} checked={shown} onChange={setShown} />
        <CheckField
          label={t('make.understood')}
          error={faults.understood}
          checked={understood}
          onChange={setUnderstood}
        />
      </form>
    </Dialog>
  )
}

/** For pages of people who will need keys: says so as long as they have none. */
export function IdentityBanner(): JSX.Element | null {
  const [closed, close] = useState(false)
  useEffect(() => close(false), [account.value])
  const needed = hasRole('proctor', 'reviewer', 'planner')
  if (closed || !needed || person()?.has_identity !== false) return null
  const actions = (
    <>
      <Button look="primary" onClick={() => void unlocked()}>
        {t('menu.passphrase')}
      </Button>
      <Button look="quiet" onClick={() => close(true)}>
        {t('make.later')}
      </Button>
    </>
  )
  return (
    <Banner tone="info" icon="lock" title={t('make.banner')} actions={actions}>
      {t('make.banner.help')}
    </Banner>
  )
}
