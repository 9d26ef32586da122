// While a candidate has no connection: the proctor pauses and locks, and the time runs out. What was decided
// arrives with the connection, what was written arrives late and marked, and the record has both clocks
// (E1, E7, S1.58, S1.61, S1.65).
import { expect, test, type Browser, type Page } from '@playwright/test'
import {
  createSession,
  joinPlain,
  newPage,
  PLAIN_SETTINGS,
  Program,
  record,
  signIn,
  STAFF,
  staffBrowser,
  type Recorded,
} from './harness.ts'
import { found, look } from './look.ts'

test.describe.configure({ mode: 'serial' })

// Long enough to go away and write on a slow machine; the journey waits for its end.
const SHORT_MS = 10_000

let program: Program
let browser: Browser
let candidate: Page
let proctor: Page
let session: number
let short: number
const faults: string[] = []

test.beforeAll(async () => {
  program = await Program.start()
  browser = await staffBrowser()
  const settings = { ...PLAIN_SETTINGS, grace_ms: 0 }
  session = await createSession(program, { code: 'AWAY2026', name: 'Away', settings })
  short = await createSession(program, {
    code: 'SHORT2026',
    name: 'Short',
    settings: { ...settings, credit_outage: 0 },
    duration_ms: SHORT_MS,
  })
  candidate = (await newPage(browser, faults, 'candidate')).page
  proctor = (await newPage(browser, faults, 'proctor')).page
  await signIn(proctor, program.url, STAFF.proctor)
  await proctor.goto(`${program.url}/live/?session=${session}`)
})

test.afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

const tile = () => proctor.getByRole('gridcell', { name: /Ada Away/ })
const focus = () => proctor.getByRole('region', { name: /Ada Away/ })
const dialog = () => proctor.locator('dialog[open]')
const saveState = () => candidate.getByTestId('save-state')
const saved = () => expect(saveState()).toHaveText(/^Saved at \d/)
const offline = (on: boolean) => candidate.context().setOffline(on)

/** The newest event of a kind, once the record has one. */
async function newest(of: number, kind: string): Promise<Recorded> {
  const all = async () => (await record(proctor, program.url, of)).filter((e) => e.kind === kind)
  await expect.poll(async () => (await all()).length).toBeGreaterThan(0)
  return (await all()).at(-1)!
}

const press = (name: string) => focus().getByRole('button', { name, exact: true }).click()

test('a lock that was decided meanwhile arrives with the connection, and says why and by whom', async () => {
  await joinPlain(candidate, program.url, 'AWAY2026', 'Ada Away')
  await candidate.getByRole('radio', { name: '2000' }).check()
  await saved()
  await tile()
    .getByRole('button', { name: /Ada Away/ })
    .first()
    .click()
  await offline(true)
  await press('Lock')
  await dialog().getByRole('textbox').fill('Somebody was heard in the room.')
  await dialog().getByRole('button', { name: /^Lock/ }).click()
  await expect(focus()).toContainText('Locked')
  await candidate.getByRole('radio', { name: '1900' }).check()
  await expect(saveState()).toHaveText('Kept on this device, 1 waiting')
  await offline(false)
  await expect(candidate.getByRole('heading', { name: 'Your exam is on hold' })).toBeVisible()
  await expect(candidate.getByText('Somebody was heard in the room.')).toBeVisible()
  await expect(candidate.getByText(/Demo Proctor/)).toBeVisible()
  await expect(candidate.getByRole('radio')).toHaveCount(0)
  await expect(saveState()).toHaveText('Kept on this device, 1 goes on when the exam does')
})

test('what was written meanwhile is stored when the lock ends, with both clocks in the record', async () => {
  await press('Unlock')
  await expect(candidate.getByRole('radio', { name: '1900' })).toBeChecked()
  await saved()
  const locked = await newest(session, 'locked')
  const unlocked = await newest(session, 'unlocked')
  const answered = await newest(session, 'answered')
  expect(answered.device_ms).toBeGreaterThanOrEqual(locked.at)
  expect(answered.device_ms).toBeLessThan(unlocked.at)
  expect(answered.at).toBeGreaterThanOrEqual(unlocked.at)
  expect(answered.late).toBe(0)
})

test('so does a pause', async () => {
  await offline(true)
  await press('Pause')
  await expect(focus()).toContainText('Paused')
  await candidate.getByRole('radio', { name: '2000' }).check()
  await offline(false)
  await expect(candidate.getByRole('heading', { name: 'Your exam is paused' })).toBeVisible()
  await expect(candidate.getByText('Demo Proctor')).toBeVisible()
  await press('Resume')
  await expect(candidate.getByRole('radio', { name: '2000' })).toBeChecked()
  await saved()
  const paused = await newest(session, 'paused')
  const resumed = await newest(session, 'resumed')
  const answered = await newest(session, 'answered')
  expect(answered.device_ms).toBeGreaterThanOrEqual(paused.at)
  expect(answered.device_ms).toBeLessThan(resumed.at)
  expect(answered.at).toBeGreaterThanOrEqual(resumed.at)
})

test('time that runs out without a connection is over by what the device knows', async () => {
  const other = (await newPage(browser, faults, 'short')).page
  await candidate.context().close()
  candidate = other
  await joinPlain(candidate, program.url, 'SHORT2026', 'Sam Short')
  await offline(true)
  await candidate.getByRole('radio', { name: '2000' }).check()
  await expect(saveState()).toHaveText('Kept on this device, 1 waiting')
  await expect(candidate.getByRole('heading', { name: 'Your time is over' })).toBeVisible()
  await expect(candidate.getByText(/^By what this device knows/)).toBeVisible()
  await expect(candidate.getByText(/^1 answer waits on this device\./)).toBeVisible()
  await expect(candidate.getByRole('radio')).toHaveCount(0)
  await look(candidate, 'over-offline')
})

test('its answers arrive late, are marked, and people decide', async () => {
  const ended = await newest(short, 'ended')
  await offline(false)
  await expect(candidate.getByRole('heading', { name: 'The exam is over' })).toBeVisible()
  await expect(
    candidate.getByText('1 answer from this device arrived after the end.'),
  ).toBeVisible()
  await expect(candidate.getByText('Everything has arrived.')).toBeVisible()
  const answered = await newest(short, 'answered')
  expect(answered.late).toBe(2)
  expect(answered.device_ms).toBeLessThan(ended.at)
  expect(answered.at).toBeGreaterThan(ended.at)
})

test('axe has nothing to say of the screens, and nothing is too wide', () => {
  expect(found).toEqual([])
})

test('no page broke a rule of its policy or threw an error', () => {
  expect(faults).toEqual([])
})
