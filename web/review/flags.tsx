// The flags of the attempt: what was seen, when, by whom, and the decision about each.
import { computed, signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { formatSpan, formatTime } from '@/lib/clock'
import { flags as flagTable, flagName } from '@/lib/words'
import {
  Button,
  Dialog,
  Empty,
  SelectField,
  Severity,
  severityWord,
  TextArea,
  TextField,
} from '@/ui'
import type { Case } from './case.ts'
import type { FlagLine } from './model/timeline.ts'
import { chooseFlag } from './stage.tsx'
import { t } from './text.ts'

type Filter = 'all' | 'open' | 'high'
const filter = signal<Filter>('all')

/** The flag whose note is being written; 0: none. */
export const noting = signal(0)
export const adding = signal(false)

function word(type: number): string {
  const name = flagName(type)
  return name ? flagTable[name].word : String(type)
}

const fits: Record<Filter, (flag: FlagLine) => boolean> = {
  all: () => true,
  open: (flag) => flag.decision === 0,
  high: (flag) => flag.severity >= 3,
}

function Decision({ flag }: { flag: FlagLine }): JSX.Element {
  const decision = t(`flags.decision.${flag.decision as 0 | 1 | 2}`)
  return (
    <p class="small">
      <strong>
        {flag.decidedBy ? t('flags.decided', { decision, name: flag.decidedBy }) : decision}
      </strong>
      {flag.decisionNote ? <span class="muted"> – {flag.decisionNote}</span> : null}
    </p>
  )
}

function FlagActions({ of, flag }: { of: Case; flag: FlagLine }): JSX.Element {
  const decide = (decision: 0 | 1 | 2): void => void of.decide(flag.flag, decision)
  return (
    <div class="row flag-actions">
      {flag.decision === 0 ? (
        <>
          <Button size="dense" icon="check" onClick={() => decide(1)}>
            {t('flags.confirm')}
          </Button>
          <Button size="dense" icon="close" onClick={() => decide(2)}>
            {t('flags.dismiss')}
          </Button>
        </>
      ) : (
        <Button size="dense" onClick={() => decide(0)}>
          {t('flags.reopen')}
        </Button>
      )}
      <Button size="dense" look="quiet" onClick={() => (noting.value = flag.flag)}>
        {t('flags.note')}
      </Button>
    </div>
  )
}

function technical(type: number): boolean {
  const name = flagName(type)
  return !!name && flagTable[name].class === 'TECHNICAL'
}

function FlagItem({ of, flag }: { of: Case; flag: FlagLine }): JSX.Element {
  const chosen = of.chosen.value === flag.flag
  const item = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (chosen) item.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const length = flag.to > flag.from ? ` (${formatSpan(flag.to - flag.from)})` : ''
  return (
    <li ref={item} class={`flag ${chosen ? 'chosen' : ''} decision-${flag.decision}`}>
      <button
        type="button"
        class="flag-open"
        aria-pressed={chosen}
        onClick={() => chooseFlag(of, flag.flag, flag.from)}
      >
        <span class="flag-word">{word(flag.type)}</span>
        <Severity severity={flag.severity} />
        <span class="muted small numbers">
          {formatTime(flag.from)}
          {length} · {t(`flags.by.${flag.source}`, { name: flag.by })}
          {technical(flag.type) ? ` · ${t('flags.technical')}` : ''}
        </span>
      </button>
      {flag.note ? <p class="flag-note">{flag.note}</p> : null}
      {flag.decision ? <Decision flag={flag} /> : null}
      <FlagActions of={of} flag={flag} />
    </li>
  )
}

function NoteDialog({ of }: { of: Case }): JSX.Element | null {
  const flag = of.timeline.value.flags.find((line) => line.flag === noting.value)
  const [note, setNote] = useState('')
  const known = flag?.decisionNote ?? ''
  useEffect(() => setNote(known), [noting.value])
  if (!flag) return null
  const close = (): void => void (noting.value = 0)
  const save = (): void => {
    close()
    void of.decide(flag.flag, flag.decision as 0 | 1 | 2, note.trim())
  }
  return (
    <Dialog
      open
      title={t('flags.note.title')}
      onClose={close}
      actions={
        <>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button look="primary" onClick={save} disabled={!note.trim()}>
            {t('save')}
          </Button>
        </>
      }
    >
      <div class="stack">
        <p>
          <strong>{word(flag.type)}</strong>, {severityWord(flag.severity)}, {formatTime(flag.from)}
        </p>
        <TextArea
          label={t('flags.note.field')}
          hint={t('flags.note.help')}
          value={note}
          onInput={setNote}
          maxLength={1000}
        />
      </div>
    </Dialog>
  )
}

const MANUAL = Object.values(flagTable).filter((flag) => flag.id >= 20)
const clockText = (at: number): string => new Date(at).toTimeString().slice(0, 8)

/** "HH:MM:SS" on the day of the exam; NaN when it is none. */
export function instantOf(text: string, near: number): number {
  const parts = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim())
  if (!parts) return Number.NaN
  const day = new Date(near)
  day.setHours(Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0), 0)
  return day.getTime()
}

function AddDialog({ of }: { of: Case }): JSX.Element {
  const now = of.player.peek()?.t.peek() ?? of.timeline.peek().to
  const [type, setType] = useState(String(flagTable.observation.id))
  const [severity, setSeverity] = useState('2')
  const [note, setNote] = useState('')
  const [from, setFrom] = useState(clockText(now))
  const [to, setTo] = useState(clockText(now))
  const [tried, setTried] = useState(false)
  const from_ms = instantOf(from, now)
  const to_ms = instantOf(to, now)
  const badSpan = !(to_ms >= from_ms)
  const close = (): void => void (adding.value = false)
  const add = async (): Promise<void> => {
    setTried(true)
    if (!note.trim() || badSpan) return
    const flag = { type: Number(type), severity: Number(severity), note: note.trim() }
    if (await of.addFlag({ ...flag, from_ms, to_ms })) close()
  }
  const types = MANUAL.map((flag) => ({ value: String(flag.id), label: flag.word }))
  const severities = ['1', '2', '3', '4'].map((value) => ({
    value,
    label: severityWord(Number(value)),
  }))
  return (
    <Dialog
      open
      title={t('add.title')}
      onClose={close}
      actions={
        <>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button look="primary" onClick={() => void add()}>
            {t('add.do')}
          </Button>
        </>
      }
    >
      <div class="stack">
        <SelectField label={t('add.type')} value={type} onChange={setType} options={types} />
        <SelectField
          label={t('add.severity')}
          value={severity}
          onChange={setSeverity}
          options={severities}
        />
        <div class="row">
          <TextField label={t('add.from')} value={from} onInput={setFrom} />
          <TextField
            label={t('add.to')}
            value={to}
            onInput={setTo}
            error={tried && badSpan ? t('add.span.bad') : undefined}
          />
        </div>
        <TextArea
          label={t('add.note')}
          hint={t('add.note.help')}
          error={tried && !note.trim() ? t('add.note.needed') : undefined}
          value={note}
          onInput={setNote}
          maxLength={1000}
        />
      </div>
    </Dialog>
  )
}

export function Flags({ of }: { of: Case }): JSX.Element {
  const shown = computed(() => of.timeline.value.flags.filter(fits[filter.value])).value
  const all = of.timeline.value.flags
  const done = all.filter((flag) => flag.decision).length
  return (
    <section class="flags" aria-labelledby="flags-title">
      <div class="row row-apart">
        <h2 id="flags-title">{t('flags.title')}</h2>
        <Button size="dense" icon="mark" onClick={() => (adding.value = true)}>
          {t('flags.add')}
        </Button>
      </div>
      {all.length ? (
        <div class="row row-apart">
          <span class="muted small">{t('flags.count', { done, all: all.length })}</span>
          <label class="control-select">
            <span class="visually-hidden">{t('flags.filter')}</span>
            <select
              class="input"
              value={filter.value}
              onChange={(event) => (filter.value = event.currentTarget.value as Filter)}
            >
              <option value="all">{t('flags.filter.all')}</option>
              <option value="open">{t('flags.filter.open')}</option>
              <option value="high">{t('flags.filter.high')}</option>
            </select>
          </label>
        </div>
      ) : (
        <Empty title={t('flags.none')} icon="check">
          {t('flags.none.help')}
        </Empty>
      )}
      {all.length && !shown.length ? <p class="muted">{t('flags.none.filter')}</p> : null}
      <ol class="flag-list">
        {shown.map((flag) => (
          <FlagItem key={flag.flag} of={of} flag={flag} />
        ))}
      </ol>
      <NoteDialog of={of} />
      {adding.value ? <AddDialog of={of} /> : null}
    </section>
  )
}
