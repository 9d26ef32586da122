// Import of a question file: choose, check, confirm. Nothing is stored before the last step.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { api, type Refused } from '@/lib/api'
import * as limits from '@/lib/gen/limits'
import { go, linkTo } from '@/staff/place'
import { Banner, Button, SelectField, Stepper, TextField, toast } from '@/ui'
import { FileField, fileFault } from './file.tsx'
import { Preview } from './preview.tsx'
import { t } from './text.ts'
import type { CheckedFile, FileLine } from './types.ts'

const FORMATS = ['auto', 'gift', 'aiken'] as const
type Format = (typeof FORMATS)[number]

export function FileLines({
  lines,
  caption,
}: {
  lines: readonly FileLine[]
  caption: string
}): JSX.Element {
  return (
    <div class="table-wrap lines" tabIndex={0} role="region" aria-label={caption}>
      <table class="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col" class="end">
              {t('import.lines')}
            </th>
            <th scope="col">{t('import.reason')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, index) => (
            <tr key={index}>
              <td class="end">{line.line > 0 ? line.line : ''}</td>
              <td>{line.reason ?? line.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** A file that cannot be read at all, with the lines that say why. */
export function RefusedFile({ refused }: { refused: Refused }): JSX.Element {
  const errors = Array.isArray(refused.detail.errors) ? (refused.detail.errors as FileLine[]) : []
  // What is said of the whole file says it better than the general words.
  const general = errors.length === 0 || errors.some((line) => line.line > 0)
  return (
    <Banner tone="bad" title={t('import.refused')} live>
      {general ? <p>{refused.text}</p> : null}
      {errors.length > 0 ? (
        <ul>
          {errors.map((line, index) => (
            <li key={index}>
              {line.line > 0 ? `${t('import.line', { n: line.line })}: ` : ''}
              {line.reason ?? line.text}
            </li>
          ))}
        </ul>
      ) : null}
    </Banner>
  )
}

function Steps({ at }: { at: 'file' | 'check' }): JSX.Element {
  return (
    <Stepper
      across
      label={t('import.steps')}
      steps={[
        { id: 'file', label: t('import.step.file'), state: at === 'file' ? 'current' : 'done' },
        { id: 'check', label: t('import.step.check'), state: at === 'check' ? 'current' : 'todo' },
        { id: 'done', label: t('import.step.done'), state: 'todo' },
      ]}
    />
  )
}

export function Import(): JSX.Element {
  const [checked, setChecked] = useState<CheckedFile | null>(null)
  return (
    <div class="stack">
      <h2>{t('import.title')}</h2>
      <Steps at={checked ? 'check' : 'file'} />
      {checked ? (
        <Confirm checked={checked} onOther={() => setChecked(null)} />
      ) : (
        <Choose onChecked={setChecked} />
      )}
    </div>
  )
}

function Choose({ onChecked }: { onChecked: (checked: CheckedFile) => void }): JSX.Element {
  const [file, setFile] = useState<File | null>(null)
  const [format, setFormat] = useState<Format>('auto')
  const [fault, setFault] = useState('')
  const [refused, setRefused] = useState<Refused | null>(null)
  const [busy, setBusy] = useState(false)

  const check = async (): Promise<void> => {
    const found = fileFault(file)
    setFault(found)
    if (found || !file || busy) return
    setBusy(true)
    const query = { name: file.name, format }
    const answer = await api<CheckedFile>('import_check', { query, bytes: file })
    setBusy(false)
    if (answer.ok) onChecked(answer.value)
    else setRefused(answer)
  }

  return (
    <form
      class="stack narrow"
      onSubmit={(event) => {
        event.preventDefault()
        void check()
      }}
    >
      {refused ? <RefusedFile refused={refused} /> : null}
      <FileField
        label={t('import.file')}
        hint={t('import.file.hint', { size: limits.IMPORT_BYTES_MAX / (1024 * 1024) })}
        accept=".gift,.txt,text/plain"
        error={fault}
        file={file}
        onFile={(chosen) => {
          setFile(chosen)
          setFault('')
          setRefused(null)
        }}
      />
      <SelectField
        label={t('import.format')}
        value={format}
        onChange={(value) => setFormat(value as Format)}
        options={FORMATS.map((value) => ({ value, label: t(`import.format.${value}`) }))}
      />
      <div class="row">
        <Button look="primary" type="submit" busy={busy}>
          {busy ? t('import.checking') : t('import.check')}
        </Button>
        <a class="button" {...linkTo({ view: 'assessments' })}>
          {t('cancel')}
        </a>
      </div>
    </form>
  )
}

function Confirm({ checked, onOther }: { checked: CheckedFile; onOther: () => void }): JSX.Element {
  const [name, setName] = useState(checked.name.replace(/\.(gift|txt|aiken)$/i, ''))
  const [fault, setFault] = useState('')
  const [refused, setRefused] = useState<Refused | null>(null)
  const [busy, setBusy] = useState(false)
  const { errors, notes, items } = checked
  const points = items.reduce((sum, item) => sum + item.points, 0)

  const apply = async (): Promise<void> => {
    const wanted = name.trim()
    setFault(wanted ? '' : t('import.name.missing'))
    if (!wanted || busy) return
    setBusy(true)
    const body = { import: checked.import, name: wanted }
    const answer = await api<{ assessment: number }>('import_apply', { body })
    setBusy(false)
    if (!answer.ok) return setRefused(answer)
    toast(t('import.done', { name: wanted }))
    go({ view: 'assessments', assessment: answer.value.assessment })
  }

  return (
    <div class="stack">
      {errors.length > 0 ? (
        <>
          <Banner tone="bad" title={t('import.errors', { n: errors.length })} live>
            {checked.more_errors ? t('import.errors.more') : null}
          </Banner>
          <FileLines lines={errors} caption={t('import.errors', { n: errors.length })} />
        </>
      ) : (
        <form
          class="stack narrow"
          onSubmit={(event) => {
            event.preventDefault()
            void apply()
          }}
        >
          <Banner tone="good" title={t('import.good', { n: items.length, points })}>
            {t('import.good.help')}
          </Banner>
          {refused ? (
            <Banner tone="bad" live>
              {refused.text}
            </Banner>
          ) : null}
          <TextField
            label={t('import.name')}
            error={fault}
            value={name}
            onInput={setName}
            maxLength={200}
          />
          <div class="row">
            <Button look="primary" type="submit" busy={busy}>
              {busy ? t('import.applying') : t('import.apply')}
            </Button>
            <Button onClick={onOther}>{t('import.other')}</Button>
          </div>
        </form>
      )}
      {errors.length > 0 ? (
        <div>
          <Button look="primary" onClick={onOther}>
            {t('import.other')}
          </Button>
        </div>
      ) : null}
      {notes.length > 0 ? (
        <details>
          <summary>{t('import.notes', { n: notes.length })}</summary>
          <FileLines lines={notes} caption={t('import.notes', { n: notes.length })} />
        </details>
      ) : null}
      {items.length > 0 ? <Preview items={items} /> : null}
    </div>
  )
}
