// C3: the code, then who it is. Nothing is recorded here.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Page } from '@/exam/screens/page'
import { t } from '@/exam/text'
import { api, type Refused } from '@/lib/api'
import { formatLength, formatMoment } from '@/lib/clock'
import * as limits from '@/lib/gen/limits'
import type { JoinLook } from '@/lib/types'
import { Banner, Button, TextField } from '@/ui'

function refusalText(why: Refused): string {
  const opens = Number(why.detail.opens_ms)
  return opens > 0 ? `${why.text} ${t('code.opens', { when: formatMoment(opens) })}` : why.text
}

export function CodeScreen(props: {
  code: string
  name: string
  onJoined: (takeOver: boolean) => Promise<void>
}): JSX.Element {
  const [code, setCode] = useState(props.code)
  const [look, setLook] = useState<JoinLook | null>(null)
  const [error, setError] = useState('')
  const [caps, setCaps] = useState(false)
  const [busy, setBusy] = useState(false)

  const send = async (): Promise<void> => {
    if (!code) return setError(t('code.empty'))
    setBusy(true)
    const answer = await api<JoinLook>('join_look', { body: { code } })
    setBusy(false)
    if (answer.ok) setLook(answer.value)
    else setError(refusalText(answer))
  }
  useEffect(() => {
    if (props.code) void send()
  }, [])

  if (look)
    return (
      <NameScreen
        code={code}
        look={look}
        name={props.name}
        onJoined={props.onJoined}
        onBack={() => setLook(null)}
      />
    )
  return (
    <Page title={t('code.title')}>
      <form
        class="stack narrow"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <p>{t('code.intro')}</p>
        <TextField
          label={t('code.label')}
          hint={caps ? `${t('code.hint')} ${t('code.caps')}` : t('code.hint')}
          error={error}
          touch
          class="code-input"
          value={code}
          onInput={(value) => {
            setError('')
            setCode(value.replace(/\s+/g, ''))
          }}
          onKeyUp={(event) => setCaps(event.getModifierState('CapsLock'))}
          maxLength={limits.CODE_CHARS_MAX + 8}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          autofocus
        />
        <div>
          <Button look="primary" size="touch" type="submit" busy={busy}>
            {t('code.go')}
          </Button>
        </div>
        <p class="muted small">{t('code.nothing')}</p>
      </form>
    </Page>
  )
}

function NameScreen(props: {
  code: string
  look: JoinLook
  name: string
  onJoined: (takeOver: boolean) => Promise<void>
  onBack: () => void
}): JSX.Element {
  const { look, code } = props
  const [name, setName] = useState(props.name)
  const [number, setNumber] = useState('')
  const [error, setError] = useState('')
  const [refused, setRefused] = useState('')
  const [taken, setTaken] = useState(false)
  const [busy, setBusy] = useState(false)

  const send = async (takeOver: 0 | 1 = 0): Promise<void> => {
    if (!name.trim()) return setError(t('name.empty'))
    setBusy(true)
    const who = { name: name.trim(), number: number.trim() }
    const answer = await api('join', { body: { code, ...who, take_over: takeOver } })
    if (answer.ok) return props.onJoined(takeOver === 1)
    setBusy(false)
    setTaken(answer.detail.may_take_over === true)
    setRefused(refusalText(answer))
  }

  return (
    <Page title={t('name.title')} over={look.organization}>
      <section class="card stack-small narrow">
        <h2>{look.name}</h2>
        <p>{look.assessment_name}</p>
        <p class="muted">
          {[
            t('name.items', { n: look.items }),
            t('name.length', { length: formatLength(look.duration_ms) }),
            t('name.starts', { when: formatMoment(look.starts_ms) }),
          ].join(' · ')}
        </p>
      </section>
      <form
        class="stack narrow"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        {look.roster_only ? <Banner>{t('name.roster')}</Banner> : null}
        <TextField
          label={t('name.name')}
          hint={t('name.nameHint')}
          error={error}
          touch
          value={name}
          onInput={(value) => {
            setError('')
            setTaken(false)
            setName(value)
          }}
          maxLength={limits.NAME_BYTES_MAX}
          autocomplete="name"
        />
        <TextField
          label={t('name.number')}
          hint={t('name.numberHint')}
          touch
          value={number}
          onInput={setNumber}
          maxLength={limits.NAME_BYTES_MAX}
          autocomplete="off"
        />
        {taken ? (
          <Taken busy={busy} onGo={() => void send(1)} />
        ) : refused ? (
          <Banner tone="bad" live>
            {refused}
          </Banner>
        ) : null}
        <div class="row">
          <Button look="primary" size="touch" type="submit" busy={busy}>
            {t('name.go')}
          </Button>
          <Button look="quiet" size="touch" onClick={props.onBack}>
            {t('name.back')}
          </Button>
        </div>
      </form>
    </Page>
  )
}

/** Somebody has this seat: the same person with another device, or not. A proctor finds out. */
function Taken({ busy, onGo }: { busy: boolean; onGo: () => void }): JSX.Element {
  return (
    <Banner tone="warn" title={t('taken.title')} live>
      <div class="stack-small">
        <p>{t('taken.text')}</p>
        <p>{t('taken.next')}</p>
        <div>
          <Button busy={busy} onClick={onGo}>
            {t('taken.go')}
          </Button>
        </div>
      </div>
    </Banner>
  )
}
