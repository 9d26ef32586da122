// Anybody opens a file of receipts here, and each is proved or refuted in the browser, by the same rules
// as `invigil receipt verify`. Nothing is sent.
import type { JSX } from 'preact'
import { useEffect, useId, useState } from 'preact/hooks'
import { api } from '@/lib/api'
import { formatMoment, formatTime } from '@/lib/clock'
import { texts } from '@/lib/i18n'
import {
  agrees,
  answerDigest,
  checkReceipt,
  importServerKey,
  openReceiptFile,
  readReceipt,
  type OpenedFile,
  type ReceiptLine,
  type Said,
  type Verdict,
} from '@/lib/receipt'
import words from '@/lib/text/en/receipt.json'
import type { ServerInfo } from '@/lib/types'
import { Banner, TextArea } from '@/ui'

const t = texts(words)
const FILE_BYTES_MAX = 8 << 20

interface Proof {
  line: ReceiptLine
  said: Said | null
  verdict: Verdict | 'changed'
}

interface Result {
  file: OpenedFile
  /** Which key they were checked with. */
  key: 'ours' | 'other' | 'unknown'
  proofs: Proof[]
}

async function prove(line: ReceiptLine, key: CryptoKey): Promise<Proof> {
  const said = readReceipt(line.receipt)
  const verdict = await checkReceipt(line.receipt, key)
  const changed = verdict === 'genuine' && said && !agrees(line, said)
  return { line, said, verdict: changed ? 'changed' : verdict }
}

/** A text: why it cannot be checked. */
async function check(content: File, ours: string): Promise<Result | string> {
  if (content.size > FILE_BYTES_MAX) return t('file.large')
  const file = openReceiptFile(await content.text())
  if (!file) return t('file.bad')
  const key = !ours ? 'unknown' : file.server_public === ours ? 'ours' : 'other'
  let server: CryptoKey
  try {
    server = await importServerKey(ours || file.server_public)
  } catch {
    return t('browser')
  }
  return { file, key, proofs: await Promise.all(file.lines.map((line) => prove(line, server))) }
}

export function ReceiptPage(): JSX.Element {
  const id = useId()
  const [ours, setOurs] = useState<string | null>(null)
  const [result, setResult] = useState<Result | string | null>(null)
  useEffect(() => {
    document.title = `${t('title')} · Invigil`
    void api<ServerInfo>('server').then((answer) =>
      setOurs(answer.ok ? answer.value.sign_public : ''),
    )
  }, [])
  const take = async (file: File | undefined): Promise<void> => {
    if (file && ours !== null) setResult(await check(file, ours))
  }
  return (
    <main class="page receipt-page" id="main">
      <div class="stack">
        <h1>{t('title')}</h1>
        <p>{t('intro')}</p>
        <div class="field">
          <label class="field-label" for={id}>
            {t('file')}
          </label>
          <input
            id={id}
            type="file"
            accept=".json,application/json"
            disabled={ours === null}
            aria-describedby={`${id}-hint`}
            // The same file, chosen again after it was changed, is a choice, too.
            onClick={(event) => (event.currentTarget.value = '')}
            onChange={(event) => void take(event.currentTarget.files?.[0])}
          />
          <div class="field-hint" id={`${id}-hint`}>
            {t('file.hint')}
          </div>
        </div>
        {typeof result === 'string' ? (
          <Banner tone="bad" live>
            {result}
          </Banner>
        ) : result ? (
          <ResultView result={result} />
        ) : null}
      </div>
    </main>
  )
}

function ResultView({ result }: { result: Result }): JSX.Element {
  const { file, key, proofs } = result
  const good = proofs.filter(({ verdict }) => verdict === 'genuine').length
  return (
    <>
      <section class="card stack-small" aria-labelledby="about">
        <h2 id="about">{t('about')}</h2>
        <dl class="receipt-facts">
          {(['organization', 'session', 'exam', 'name'] as const).map((name) => (
            <div key={name}>
              <dt class="muted">{t(`about.${name}`)}</dt>
              <dd>{file[name] || t('about.none')}</dd>
            </div>
          ))}
        </dl>
        <p class="muted small">{t('about.note')}</p>
      </section>
      {key === 'ours' ? null : (
        <Banner tone={key === 'other' ? 'bad' : 'warn'} title={t(`key.${key}`)} live>
          {t(`key.${key}Text`)}
        </Banner>
      )}
      <div role="status">
        <h2>{t('count', { good, all: proofs.length })}</h2>
      </div>
      <ol class="receipt-list">
        {proofs.map((proof, index) => (
          <li key={index} class="card stack-small">
            <ProofView proof={proof} n={index + 1} known={key !== 'unknown'} />
          </li>
        ))}
      </ol>
    </>
  )
}

const timeOf = (said: Said): string =>
  `${formatMoment(said.stored_ms)} (${formatTime(said.stored_ms)})`

function ProofView(props: { proof: Proof; n: number; known: boolean }): JSX.Element {
  const { said, verdict } = props.proof
  if (!said)
    return (
      <>
        <h3>{t('line.unreadable', { n: props.n })}</h3>
        <Banner tone="bad" title={t('unreadable')}>
          {t('unreadable.text')}
        </Banner>
      </>
    )
  const facts = { question: said.item, revision: said.rev, time: timeOf(said) }
  const genuine = props.known ? 'genuine.text' : 'genuine.unknown'
  return (
    <>
      <h3>{t('line', facts)}</h3>
      <Banner tone={verdict === 'genuine' ? 'good' : 'bad'} title={t(verdict)}>
        {t(verdict === 'genuine' ? genuine : `${verdict}.text`, facts)}
      </Banner>
      {verdict === 'genuine' || verdict === 'changed' ? <Digest said={said} /> : null}
    </>
  )
}

/** The text itself is not in the receipt: whoever has it can show that it is that one. */
function Digest({ said }: { said: Said }): JSX.Element {
  const [text, setText] = useState('')
  const [same, setSame] = useState<boolean | null>(null)
  const compare = async (value: string): Promise<void> => {
    setText(value)
    setSame(value ? (await answerDigest(value)) === said.answer : null)
  }
  return (
    <>
      <dl class="receipt-facts">
        <div>
          <dt class="muted">{t('digest')}</dt>
          <dd class="receipt-digest">{said.answer}</dd>
        </div>
        <div>
          <dt class="muted">{t('attempt')}</dt>
          <dd class="numbers">{said.attempt}</dd>
        </div>
      </dl>
      <TextArea
        label={t('answer')}
        hint={t('answer.hint')}
        rows={2}
        value={text}
        onInput={(value) => void compare(value)}
      />
      {same === null ? null : (
        <Banner tone={same ? 'good' : 'bad'} live>
          {t(same ? 'answer.same' : 'answer.other')}
        </Banner>
      )}
    </>
  )
}
