// T6: a new session on one page. The key pair of its recordings is made here, in the browser, and
// wrapped for everybody who is assigned and has a passphrase.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { api, type Refused } from '@/lib/api'
import { clock, formatMoment } from '@/lib/clock'
import { isRecorded, type Setting } from '@/lib/words'
import { settings } from '@/lib/gen/settings'
import * as limits from '@/lib/gen/limits'
import { makeSessionKey } from '@/lib/keys'
import { person } from '@/staff/account'
import { unlocked } from '@/staff/identity'
import { go, linkTo, placeNumber } from '@/staff/place'
import { t as st } from '@/staff/text'
import {
  Banner,
  Button,
  CheckField,
  Empty,
  ErrorState,
  Loading,
  SelectField,
  TextField,
  toast,
} from '@/ui'
import { assessments, ImportLink } from './assessments.tsx'
import { Loader } from './load.ts'
import { lookAlikes, makeCode } from './model/code.ts'
import {
  formFaults,
  HOUR,
  roomFor,
  SETTING_GROUPS,
  settingFits,
  standardSettings,
  toRequest,
  unitMs,
  type FormFaults,
  type SessionForm,
} from './model/form.ts'
import {
  ASSIGNED_ROLES,
  keyHolders,
  toAssignments,
  type AssignedRole,
  type StaffUser,
} from './model/people.ts'
import { formatInZone, instantOf, knownZones, localOf, ownZone } from './model/zone.ts'
import { t } from './text.ts'
import { Told } from './told.tsx'
import type { AssessmentLine } from './types.ts'

export const staffLoader = new Loader(() => api<{ users: StaffUser[] }>('staff_list'))

const OPENS = [0, 15, 30, 60, 1440] as const

function startForm(me: number, staff: readonly StaffUser[]): SessionForm {
  const zone = ownZone()
  const nextHour = Math.ceil((clock.now() + HOUR / 4) / HOUR) * HOUR
  const only = (role: AssignedRole): Set<number> => {
    const able = staff.filter((user) => user.roles.includes(role))
    return new Set(
      able.length === 1
        ? able.map((user) => user.user)
        : able.filter((u) => u.user === me).map((u) => u.user),
    )
  }
  return {
    name: '',
    assessment: placeNumber('assessment'),
    starts: localOf(nextHour, zone),
    zone,
    opensMinutes: 30,
    durationMinutes: 60,
    code: '',
    staff: { proctor: only('proctor'), reviewer: only('reviewer') },
    leads: new Set(),
    planner: me,
    settings: standardSettings(),
  }
}

interface PartProps {
  form: SessionForm
  faults: FormFaults
  set: (change: Partial<SessionForm>) => void
}

function What({
  form,
  faults,
  set,
  lines,
}: PartProps & { lines: readonly AssessmentLine[] }): JSX.Element {
  return (
    <section class="stack" aria-labelledby="what">
      <h3 id="what">{t('create.what')}</h3>
      <TextField
        label={t('create.name')}
        hint={t('create.name.hint')}
        error={faults.name ? t('create.name.missing') : undefined}
        value={form.name}
        maxLength={200}
        onInput={(name) => set({ name })}
      />
      <SelectField
        label={t('create.assessment')}
        error={faults.assessment ? t('create.assessment.missing') : undefined}
        value={String(form.assessment)}
        onChange={(value) => set({ assessment: Number(value) })}
        options={[
          { value: '0', label: '–' },
          ...lines.map((line) => ({
            value: String(line.assessment),
            label: t('create.assessment.option', { name: line.name, n: line.items }),
          })),
        ]}
      />
    </section>
  )
}

function zoneNote(form: SessionForm): string {
  const instant = instantOf(form.starts, form.zone)
  if (!instant) return ''
  const there = formatInZone(instant.ms, form.zone)
  if (instant.note) return t(`create.zone.${instant.note}`, { time: there })
  return form.zone === ownZone() ? '' : t('create.zone.here', { time: formatMoment(instant.ms) })
}

function When({ form, faults, set }: PartProps): JSX.Element {
  return (
    <section class="stack" aria-labelledby="when">
      <h3 id="when">{t('create.when')}</h3>
      <div class="form-row">
        <TextField
          label={t('create.starts')}
          hint={zoneNote(form)}
          error={faults.starts ? t(`create.starts.${faults.starts}`) : undefined}
          type="datetime-local"
          value={form.starts}
          onInput={(starts) => set({ starts })}
        />
        <SelectField
          label={t('create.zone')}
          value={form.zone}
          onChange={(zone) => set({ zone })}
          options={knownZones().map((zone) => ({
            value: zone,
            label: zone === ownZone() ? t('create.zone.own', { zone }) : zone,
          }))}
        />
        <TextField
          label={t('create.duration')}
          hint={t('create.duration.hint')}
          error={faults.duration ? t('create.duration.bad') : undefined}
          type="number"
          min={1}
          max={1440}
          inputMode="numeric"
          value={String(form.durationMinutes || '')}
          onInput={(value) => set({ durationMinutes: Number(value) })}
        />
        <SelectField
          label={t('create.opens')}
          value={String(form.opensMinutes)}
          onChange={(value) => set({ opensMinutes: Number(value) })}
          options={OPENS.map((minutes) => ({
            value: String(minutes),
            label: t(`create.opens.${minutes}`),
          }))}
        />
      </div>
    </section>
  )
}

function Access({ form, faults, set, taken }: PartProps & { taken: string }): JSX.Element {
  const alike = lookAlikes(form.code)
  const hint =
    alike.length > 0 ? t('create.code.alike', { letters: alike.join(', ') }) : t('create.code.hint')
  return (
    <section class="stack" aria-labelledby="access">
      <h3 id="access">{t('create.access')}</h3>
      <div class="code-row">
        <TextField
          label={t('create.code')}
          hint={hint}
          error={
            faults.code
              ? t(`create.code.${faults.code}`, { n: limits.CODE_CHARS_MAX })
              : taken || undefined
          }
          value={form.code}
          class="code-input"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={(code) => set({ code: code.trim() })}
        />
        <Button onClick={() => set({ code: makeCode() })}>{t('create.code.make')}</Button>
      </div>
    </section>
  )
}

const RATIOS = [0, 4, 8] as const
const OTHER = 'other'

/** Who sees whom: all see all, or each proctor has so many (S2.15). */
function RatioPart({ form, set }: PartProps): JSX.Element {
  const { ratio } = form.settings
  const [other, setOther] = useState(!(RATIOS as readonly number[]).includes(ratio))
  const put = (next: number): void => set({ settings: { ...form.settings, ratio: next } })
  const room = roomFor(form)
  const tooMany = room !== null && form.settings.max_candidates > room
  return (
    <>
      <SelectField
        label={t('create.ratio')}
        hint={settings.ratio.help}
        value={other ? OTHER : String(ratio)}
        options={[
          ...RATIOS.map((n) => ({
            value: String(n),
            label: n === 0 ? t('create.ratio.all') : t('create.ratio.one', { n }),
          })),
          { value: OTHER, label: t('create.ratio.other') },
        ]}
        onChange={(value) => {
          setOther(value === OTHER)
          put(value === OTHER ? 10 : Number(value))
        }}
      />
      {other ? <SettingField name="ratio" form={form} faults={{}} set={set} /> : null}
      {room !== null ? (
        <p class="muted" role="status">
          {t(tooMany ? 'create.ratio.over' : 'create.ratio.room', { n: room })}
        </p>
      ) : null}
    </>
  )
}

function LeadCheck({ form, set, user }: PartProps & { user: StaffUser }): JSX.Element | null {
  if (!form.staff.proctor.has(user.user)) return null
  const toggle = (): void => {
    const next = new Set(form.leads)
    if (!next.delete(user.user)) next.add(user.user)
    set({ leads: next })
  }
  return (
    <label class="staff-check">
      <input type="checkbox" checked={form.leads.has(user.user)} onChange={toggle} />{' '}
      {t('create.staff.lead')}
      <span class="visually-hidden">, {user.name}</span>
    </label>
  )
}

function StaffPart({
  form,
  faults,
  set,
  staff,
}: PartProps & { staff: readonly StaffUser[] }): JSX.Element {
  const able = staff.filter((user) => ASSIGNED_ROLES.some((role) => user.roles.includes(role)))
  const toggle = (role: AssignedRole, user: number): void => {
    const next = new Set(form.staff[role])
    if (!next.delete(user)) next.add(user)
    set({ staff: { ...form.staff, [role]: next } })
  }
  return (
    <section class="stack" aria-labelledby="staff">
      <h3 id="staff">{t('create.staff')}</h3>
      <p class="muted">{t('create.staff.help')}</p>
      {able.length === 0 ? <Banner tone="warn">{t('create.staff.empty')}</Banner> : null}
      {faults.staff ? (
        <p class="field-error" role="alert">
          {t('create.staff.none')}
        </p>
      ) : null}
      <ul class="staff-list">
        {able.map((user) => (
          <li key={user.user} class="staff-row">
            <span>
              <strong>{user.name}</strong>{' '}
              <span class="muted small">
                {user.email} · {t(user.box_public ? 'create.key' : 'create.nokey')}
              </span>
            </span>
            {ASSIGNED_ROLES.filter((role) => user.roles.includes(role)).map((role) => (
              <label key={role} class="staff-check">
                <input
                  type="checkbox"
                  checked={form.staff[role].has(user.user)}
                  onChange={() => toggle(role, user.user)}
                />{' '}
                {t(`create.staff.${role}`)}
                <span class="visually-hidden">, {user.name}</span>
              </label>
            ))}
            <LeadCheck form={form} faults={faults} set={set} user={user} />
          </li>
        ))}
      </ul>
      <RatioPart form={form} faults={faults} set={set} />
    </section>
  )
}

/** Who could not see pictures, and what that means. */
function KeyNote({
  form,
  staff,
}: {
  form: SessionForm
  staff: readonly StaffUser[]
}): JSX.Element | null {
  const me = person()
  const { without, ready } = keyHolders(staff, toAssignments(form.staff, form.planner, form.leads))
  if (without.length === 0 || !isRecorded((name) => form.settings[name] !== 0)) return null
  const self = without.some((user) => user.user === me?.user)
  const others = without.filter((user) => user.user !== me?.user)
  const choose = (
    <Button look="primary" onClick={() => void unlocked().then(() => staffLoader.load())}>
      {st('menu.passphrase')}
    </Button>
  )
  return (
    <Banner
      tone="warn"
      icon="lock"
      title={t('create.without', { n: without.length })}
      actions={self ? choose : undefined}
    >
      {others.length > 0 ? (
        <p>{t('create.without.help', { names: others.map((user) => user.name).join(', ') })}</p>
      ) : null}
      {self ? <p>{t('create.without.self')}</p> : null}
      {ready.length === 0 ? <p>{t('create.without.nobody')}</p> : null}
    </Banner>
  )
}

function numberLabel(name: Setting): string {
  const { unit, word } = settings[name]
  if (unit === 'days') return t('create.days', { name: word })
  if (unit !== 'ms') return word
  const unitName = { 1000: 'seconds', 60_000: 'minutes', [HOUR]: 'hours' }[unitMs(name)] as
    'seconds' | 'minutes' | 'hours'
  return t(`create.${unitName}`, { name: word })
}

function SettingField({ name, form, set }: PartProps & { name: Setting }): JSX.Element {
  const row = settings[name]
  const value = form.settings[name]
  const put = (next: number): void => set({ settings: { ...form.settings, [name]: next } })
  if (row.unit === 'yes_no')
    return (
      <CheckField
        label={row.word}
        hint={row.help}
        checked={value !== 0}
        onChange={(on) => put(on ? 1 : 0)}
      />
    )
  const unit = unitMs(name)
  const range = { least: String(row.least / unit), most: String(Math.floor(row.most / unit)) }
  return (
    <TextField
      label={numberLabel(name)}
      hint={row.help}
      error={settingFits(name, value) ? undefined : t('create.number.bad', range)}
      type="number"
      class="short-input"
      min={row.least / unit}
      max={Math.floor(row.most / unit)}
      inputMode="numeric"
      value={Number.isFinite(value) ? String(value / unit) : ''}
      onInput={(text) => put(text === '' ? NaN : Math.round(Number(text) * unit))}
    />
  )
}

function Rules(props: PartProps): JSX.Element {
  return (
    <section class="stack" aria-labelledby="rules">
      <h3 id="rules">{t('create.settings')}</h3>
      <p class="muted">{t('create.settings.hint')}</p>
      {(['entry', 'monitoring', 'time', 'after'] as const).map((group) => (
        <fieldset key={group} class="rules">
          <legend>{t(`create.group.${group}`)}</legend>
          {SETTING_GROUPS[group].map((name) => (
            <SettingField key={name} name={name} {...props} />
          ))}
        </fieldset>
      ))}
    </section>
  )
}

function staffNames(form: SessionForm, staff: readonly StaffUser[]): { name: string }[] {
  const ids = new Set([form.planner, ...form.staff.proctor, ...form.staff.reviewer])
  return staff.filter((user) => ids.has(user.user)).map(({ name }) => ({ name }))
}

interface Created {
  session: number
  code: string
}

async function create(form: SessionForm, staff: readonly StaffUser[]): Promise<Created | Refused> {
  const request = toRequest(form, clock.now())
  const { ready } = keyHolders(staff, request.staff)
  const key =
    ready.length > 0
      ? await makeSessionKey(ready.map(({ user, box_public }) => ({ user, box_public })))
      : { public_key: '', keys: [] }
  const answer = await api<Created>('session_create', { body: { ...request, ...key } })
  return answer.ok ? answer.value : answer
}

/** After the faults have been drawn: to the first field that has one. */
function toFirstFault(): void {
  setTimeout(() => {
    const field = document.querySelector<HTMLElement>(
      '.create [aria-invalid=true], .create .field-error',
    )
    field?.scrollIntoView({ block: 'center' })
    field?.focus({ preventScroll: true })
  }, 0)
}

function CreateForm(props: {
  lines: readonly AssessmentLine[]
  staff: readonly StaffUser[]
}): JSX.Element {
  const { lines, staff } = props
  const [form, setForm] = useState<SessionForm>(() => startForm(person()?.user ?? 0, staff))
  const [tried, setTried] = useState(false)
  const [refused, setRefused] = useState('')
  const [codeTaken, setCodeTaken] = useState(false)
  const [busy, setBusy] = useState(false)
  const faults = tried ? formFaults(form, clock.now()) : {}
  const faulty = Object.keys(faults).length > 0
  const set = (change: Partial<SessionForm>): void => {
    setForm((old) => ({ ...old, ...change }))
    if ('code' in change) setCodeTaken(false)
    setRefused('')
  }

  const submit = async (): Promise<void> => {
    setTried(true)
    if (busy) return
    if (Object.keys(formFaults(form, clock.now())).length > 0) return toFirstFault()
    setBusy(true)
    const got = await create(form, staff)
    setBusy(false)
    if ('ok' in got) {
      setCodeTaken(got.refusal === 'CODE_TAKEN')
      setRefused(got.text)
      return toFirstFault()
    }
    toast(t('create.done', { code: got.code }))
    go({ view: 'sessions', session: got.session })
  }

  const part = { form, faults, set }
  return (
    <form
      class="create"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <div class="stack create-main">
        <What {...part} lines={lines} />
        <When {...part} />
        <Access {...part} taken={codeTaken ? refused : ''} />
        <StaffPart {...part} staff={staff} />
        <Rules {...part} />
      </div>
      <aside class="create-side stack" aria-label={t('create.summary')}>
        <div class="card stack">
          <div>
            <h3>{t('create.told')}</h3>
            <p class="muted small">{t('create.told.help')}</p>
          </div>
          <Told settings={form.settings} staff={staffNames(form, staff)} />
        </div>
        <KeyNote form={form} staff={staff} />
        {refused && !codeTaken ? (
          <Banner tone="bad" live>
            {refused}
          </Banner>
        ) : null}
        {faulty ? (
          <Banner tone="warn" live>
            {t('create.check')}
          </Banner>
        ) : null}
        <div class="row">
          <Button look="primary" type="submit" busy={busy}>
            {busy ? t('create.working') : t('create.do')}
          </Button>
          <a class="button" {...linkTo({})}>
            {t('cancel')}
          </a>
        </div>
      </aside>
    </form>
  )
}

export function Create(): JSX.Element {
  useEffect(() => {
    void assessments.load()
    void staffLoader.load()
  }, [])
  const [lines, staff] = [assessments.state.value, staffLoader.state.value]
  if (!lines || !staff) return <Loading />
  if ('ok' in lines || 'ok' in staff) {
    const again = (): void => {
      void assessments.load()
      void staffLoader.load()
    }
    return (
      <ErrorState title={t('failed')} onRetry={again}>
        {'ok' in lines ? lines.text : 'ok' in staff ? staff.text : ''}
      </ErrorState>
    )
  }
  if (lines.value.assessments.length === 0)
    return (
      <Empty title={t('assessments.empty')} actions={<ImportLink primary />}>
        {t('sessions.noassessment')}
      </Empty>
    )
  return (
    <div class="stack">
      <h2>{t('create.title')}</h2>
      <CreateForm lines={lines.value.assessments} staff={staff.value.users} />
    </div>
  )
}
