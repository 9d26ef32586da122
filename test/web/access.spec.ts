// Every screen in light and dark, on a laptop and on a telephone: axe finds nothing, nothing has to be
// scrolled sideways, no rule of the policy is broken and nothing is written to the console as an error.
// With SHOTS=folder a picture of each is kept, for people to look at.
import { expect, test, type Browser, type Locator, type Page } from '@playwright/test'
import {
  checkCamera,
  candidateBrowser,
  createSession,
  newPage,
  Program,
  signIn,
  STAFF,
  stopSharing,
} from './harness.ts'
import { found, look, SIZES } from './look.ts'

test.describe.configure({ mode: 'serial', timeout: 240_000 })

let program: Program
let browser: Browser
let nobody: Page
let candidate: Page
let planner: Page
let proctor: Page
let reviewer: Page
const faults: string[] = []

/** A page that reports whatever it complains of. Refusals of the server are answers, not faults. */
async function open(name: string): Promise<Page> {
  const { page } = await newPage(browser, faults, name, { reducedMotion: 'reduce' })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)
    })
  })
  page.on('console', (message) => {
    const refusal = /^Failed to load resource: the server responded with a status of 4/
    if (message.type() === 'error' && !refusal.test(message.text()))
      faults.push(`${name}: ${message.text()}`)
  })
  return page
}

test.beforeAll(async () => {
  program = await Program.start()
  browser = await candidateBrowser()
  nobody = await open('nobody')
  candidate = await open('candidate')
  planner = await open('planner')
  proctor = await open('proctor')
  reviewer = await open('reviewer')
})

test.afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

const dialog = (page: Page): Locator => page.locator('dialog[open]')
const go = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click()
const close = (page: Page) => page.keyboard.press('Escape')
const heading = (page: Page, name: string | RegExp) =>
  expect(page.getByRole('heading', { name }).first()).toBeVisible()

test('signing in, and the first page of each role', async () => {
  await nobody.goto(program.url)
  await heading(nobody, 'Sign in')
  await nobody.getByRole('button', { name: 'Sign in' }).click()
  await expect(nobody.getByRole('alert').first()).toBeVisible()
  await look(nobody, 'signin')
  await signIn(nobody, program.url, STAFF.administrator)
  await heading(nobody, 'Hello, Demo Administrator')
  await look(nobody, 'home-administrator')
  const staff = { planner, proctor, reviewer }
  for (const [role, page] of Object.entries(staff)) {
    await signIn(page, program.url, STAFF[role as keyof typeof staff])
    await heading(page, /^Hello, /)
    await look(page, `home-${role}`)
  }
  await go(proctor, /^Account: /)
  await look(proctor, 'account-menu')
  await close(proctor)
  await proctor.goto(`${program.url}/manage/`)
  await heading(proctor, 'Your account has no right to this page')
  await look(proctor, 'no-right')
})

test('from the code to the waiting room', async () => {
  await candidate.goto(`${program.url}/exam/`)
  await candidate.getByLabel('Enrollment code').fill('nosuch')
  await go(candidate, 'Continue')
  await expect(candidate.getByRole('alert')).toBeVisible()
  await look(candidate, 'exam-code')
  await candidate.getByLabel('Enrollment code').fill('DEMO2026')
  await go(candidate, 'Continue')
  await heading(candidate, 'Who is taking this exam?')
  await look(candidate, 'exam-name')
  await candidate.getByLabel('Your name').fill('Candidate Two')
  await candidate.getByLabel('Candidate number').fill('1002')
  await go(candidate, 'Continue')
  await heading(candidate, 'What is recorded, and who sees it')
  await look(candidate, 'exam-disclosure')
  await go(candidate, 'I do not agree')
  await look(candidate, 'exam-decline')
  await close(candidate)
  for (const box of await candidate.getByRole('checkbox').all()) await box.check()
  await go(candidate, 'Agree and continue')
  await heading(candidate, 'Check your device')
  await look(candidate, 'exam-checks')
  await checkCamera(candidate)
  await go(candidate, /Share the entire screen/)
  await go(candidate, /Try full screen/)
  await expect(candidate.getByRole('button', { name: 'Continue' })).toBeEnabled()
  await look(candidate, 'exam-checks-done')
  await go(candidate, 'Continue')
  await heading(candidate, 'Before you begin')
  await look(candidate, 'exam-rules')
  await candidate.getByRole('checkbox').check()
  await go(candidate, 'I am ready')
  await heading(candidate, 'Waiting')
  await look(candidate, 'exam-lobby')
})

const ROSTER = 'name,number,time_factor\nGrace,2001,125\nHenrik,2002,9\nGrace A.,2001,\n'
const FAULTY = '::Ice:: Ice floats on water. {T}\n\n::Legs:: How many? {#many}\n'
const upload = (page: Page, label: string, name: string, text: string) =>
  page.getByLabel(label).setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })

test('planning', async () => {
  const at = (query: string) => planner.goto(`${program.url}/manage/${query}`)
  await at('')
  await heading(planner, 'Plan exams')
  await expect(planner.getByRole('row')).not.toHaveCount(0)
  await look(planner, 'manage-sessions')
  await at('?view=assessments')
  await expect(planner.getByRole('link', { name: /Ways of knowing/ })).toBeVisible()
  await look(planner, 'manage-assessments')
  await planner.getByRole('link', { name: /Ways of knowing/ }).click()
  await planner.getByRole('checkbox', { name: 'Show the right answers' }).check()
  await look(planner, 'manage-assessment')
  await at('?view=import')
  await heading(planner, 'Import an assessment')
  await look(planner, 'manage-import')
  await upload(planner, 'Question file', 'faulty.gift', FAULTY)
  await go(planner, 'Check the file')
  await expect(planner.getByRole('row', { name: /many/ })).toBeVisible()
  await look(planner, 'manage-import-errors')
  await at('?view=create')
  await heading(planner, 'New session')
  await go(planner, 'Create session')
  await expect(planner.getByText('Give the session a name.')).toBeVisible()
  await look(planner, 'manage-create')
})

test('the pages of a session', async () => {
  const at = (part: string) =>
    planner.goto(`${program.url}/manage/?view=sessions&session=1&part=${part}`)
  await at('overview')
  await heading(planner, 'Rules')
  await look(planner, 'manage-session')
  await at('participants')
  await expect(planner.getByRole('row', { name: /Candidate One/ })).toBeVisible()
  await look(planner, 'manage-participants')
  await at('staff')
  await heading(planner, 'Keys to the recordings')
  await expect(planner.getByRole('button', { name: /Give the key/ }).first()).toBeVisible()
  await look(planner, 'manage-staff')
  await at('roster')
  await upload(planner, 'Candidate list (CSV)', 'list.csv', ROSTER)
  await look(planner, 'manage-roster')
  await go(planner, 'Check the file')
  await go(planner, /^All/)
  await expect(planner.getByRole('row', { name: /Henrik/ })).toBeVisible()
  await look(planner, 'manage-roster-check')
})

const tile = () => proctor.getByRole('gridcell', { name: /Candidate Two/ })
const tab = (page: Page, name: RegExp) => page.getByRole('tab', { name }).first().click()

test('the live page before the start', async () => {
  const wanted = { code: 'NOBODY26', name: 'A session without anybody' }
  const empty = await createSession(program, wanted)
  await proctor.goto(`${program.url}/live/`)
  await heading(proctor, 'My sessions')
  await look(proctor, 'live-sessions')
  await proctor.goto(`${program.url}/live/?session=${empty}`)
  await heading(proctor, 'A session without anybody')
  await look(proctor, 'live-empty')
  await proctor.goto(`${program.url}/live/?session=1`)
  await expect(tile()).toContainText('Waiting')
  await look(proctor, 'live-waiting')
  await go(proctor, 'Unlock pictures')
  await look(proctor, 'live-unlock')
  await dialog(proctor).getByLabel('Passphrase').fill(STAFF.proctor.passphrase)
  await dialog(proctor).getByRole('button', { name: 'Unlock' }).click()
  await expect(dialog(proctor)).toHaveCount(0)
  await go(proctor, 'Start session')
  await look(proctor, 'live-start')
  await dialog(proctor).getByRole('button', { name: 'Start session' }).click()
  await expect(proctor.getByRole('button', { name: 'End session' })).toBeVisible()
  await proctor.getByRole('tabpanel').getByRole('button', { name: 'Admit' }).click()
  await expect(tile()).toContainText('Active')
})

test('each kind of question', async () => {
  await heading(candidate, 'Question 1 of 8')
  await candidate.evaluate(() => document.exitFullscreen())
  await heading(candidate, /Your exam has begun|Back to full screen/)
  await look(candidate, 'exam-full-screen')
  await go(candidate, 'Go to full screen')
  for (let item = 1; item <= 8; item++) {
    await heading(candidate, `Question ${item} of 8`)
    if (item === 1) await candidate.getByRole('radio').first().check()
    if (item === 2) await candidate.getByRole('checkbox').first().check()
    if (item === 4) await candidate.getByLabel('Your answer').fill('nearly 20')
    if (item === 8) await candidate.getByLabel('Your answer').fill('Rules that all know.')
    await look(candidate, `exam-question-${item}`)
    if (item < 8) await candidate.getByRole('button', { name: 'Next' }).click()
  }
})

test('the drawer and the questions on a small screen', async () => {
  await candidate.setViewportSize(SIZES.phone)
  await go(candidate, 'Questions')
  await expect(dialog(candidate)).toBeVisible()
  await look(candidate, 'exam-map')
  await close(candidate)
  await go(candidate, 'Help')
  await dialog(candidate).getByLabel('What is it about?').fill('May I use a calculator?')
  await go(candidate, 'Raise hand')
  await dialog(candidate).getByLabel('Write to the proctor').fill('It is about question 4.')
  await go(candidate, 'Send')
  await expect(dialog(candidate).getByText('It is about question 4.')).toBeVisible()
  await look(candidate, 'exam-help')
  await close(candidate)
})

test('the live page while the exam runs', async () => {
  await expect(proctor.getByRole('tabpanel')).toContainText('May I use a calculator?')
  await look(proctor, 'live-grid')
  await proctor.setViewportSize(SIZES.phone)
  await go(proctor, /^Queue \(2\)/)
  await look(proctor, 'live-queue')
  await proctor.setViewportSize(SIZES.phone)
  await go(proctor, 'Close')
  await proctor.setViewportSize(SIZES.laptop)
  await tab(proctor, /Activity/)
  await look(proctor, 'live-activity')
  await tab(proctor, /Chat/)
  await look(proctor, 'live-chat')
  await proctor
    .getByRole('tabpanel')
    .getByRole('button', { name: /Candidate Two/ })
    .click()
  await look(proctor, 'live-conversation')
  await tab(proctor, /Queue/)
  await tile().getByRole('checkbox').check()
  await go(proctor, 'List')
  await look(proctor, 'live-list')
  await go(proctor, 'Clear selection')
  await go(proctor, 'Grid')
  await tile().focus()
  await proctor.keyboard.press('?')
  await look(proctor, 'live-keys')
  await close(proctor)
  for (const [key, name] of Object.entries({ m: 'message', l: 'lock', f: 'flag' })) {
    await tile().focus()
    await proctor.keyboard.press(key)
    await expect(dialog(proctor)).toBeVisible()
    await look(proctor, `live-${name}`)
    await close(proctor)
  }
  await go(proctor, 'All candidates')
  await look(proctor, 'live-all')
  await proctor.getByRole('menuitem', { name: 'Pause all' }).click()
  await look(proctor, 'live-pause-all')
  await close(proctor)
  await go(proctor, 'End session')
  await look(proctor, 'live-end')
  await close(proctor)
})

const focus = () => proctor.getByRole('region', { name: /Candidate Two/ })
const act = (name: string) => focus().getByRole('button', { name, exact: true }).click()
const send = (name: RegExp) => dialog(proctor).getByRole('button', { name }).last().click()

test('one candidate, large', async () => {
  await tile().focus()
  await proctor.keyboard.press('Enter')
  await expect(proctor.getByRole('img', { name: 'Webcam of Candidate Two' })).toBeVisible()
  await act('Flag')
  await dialog(proctor).getByLabel(/Note/).fill('A phone lay on the desk.')
  await send(/Flag/)
  for (const name of ['Timeline', 'Flags', 'Chat', 'Technical']) {
    await focus()
      .getByRole('tab', { name: new RegExp(name) })
      .click()
    await look(proctor, `live-focus-${name.toLowerCase()}`)
  }
})

test('an exam that is held', async () => {
  await act('Pause')
  await heading(candidate, 'Your exam is paused')
  await look(candidate, 'exam-paused')
  await act('Resume')
  await act('Lock')
  await dialog(proctor).getByRole('textbox').fill('A second voice was heard.')
  await send(/^Lock/)
  await heading(candidate, 'Your exam is on hold')
  await look(candidate, 'exam-locked')
  await look(proctor, 'live-focus-locked')
  await act('Unlock')
  await expect(candidate.getByRole('heading', { name: 'Your exam is on hold' })).toBeHidden()
  await stopSharing(candidate)
  await heading(candidate, 'The exam waits for you')
  await expect(candidate.getByText(/^Decided by/)).toHaveCount(0)
  await look(candidate, 'exam-system-paused')
  await go(candidate, /Share .*again/)
  await expect(candidate.getByRole('heading', { name: 'The exam waits for you' })).toBeHidden()
})

test('handing in and the result', async () => {
  const full = candidate.getByRole('button', { name: 'Go to full screen' })
  const review = candidate.getByRole('button', { name: 'Review and hand in' })
  await expect(full.or(review).first()).toBeVisible()
  if (await full.isVisible()) await full.click()
  await review.click()
  await heading(candidate, 'Review')
  await look(candidate, 'exam-review')
  await candidate.getByRole('button', { name: 'Hand in', exact: true }).click()
  await expect(dialog(candidate).getByText('1 answer was not taken')).toBeVisible()
  await look(candidate, 'exam-hand-in')
  await dialog(candidate).getByRole('button', { name: 'Hand in', exact: true }).click()
  await heading(candidate, 'You have handed in')
  await expect(candidate.getByText(/ of .* points/).first()).toBeVisible()
  await expect(candidate.getByText('Everything has arrived.')).toBeVisible()
  await look(candidate, 'exam-result')
  await candidate.goto(program.url)
  await heading(candidate, /^Hello, |Sign in/)
  await look(candidate, 'home-candidate')
})

test('review', async () => {
  await reviewer.goto(`${program.url}/review/`)
  await expect(reviewer.getByRole('link', { name: /Demo: proctored exam/ })).toBeVisible()
  await look(reviewer, 'review-queue')
  await reviewer.getByRole('link', { name: /Demo: proctored exam/ }).click()
  await expect(reviewer.getByRole('link', { name: /Candidate Two/ })).toBeVisible()
  await look(reviewer, 'review-results')
  await reviewer.getByRole('link', { name: /Candidate Two/ }).click()
  await expect(reviewer.getByText('A phone lay on the desk.').first()).toBeVisible()
  await look(reviewer, 'review-case-locked')
  await reviewer.getByRole('button', { name: 'Unlock' }).first().click()
  await dialog(reviewer).getByLabel('Passphrase').fill(STAFF.reviewer.passphrase)
  await dialog(reviewer).getByRole('button', { name: 'Unlock' }).click()
  await expect(dialog(reviewer)).toHaveCount(0)
  await reviewer.getByRole('button', { name: 'Play', exact: true }).click()
  await expect(reviewer.getByRole('button', { name: 'Pause', exact: true })).toBeVisible()
  await look(reviewer, 'review-case')
  await reviewer.getByRole('button', { name: 'Pause', exact: true }).click()
  for (const name of await reviewer.getByRole('tab').allTextContents()) {
    await reviewer.getByRole('tab', { name: name.trim() }).click()
    await look(reviewer, `review-case-${name.trim().toLowerCase().replace(/\W+/g, '-')}`)
  }
})

test('nothing was found on any screen', () => {
  expect(found).toEqual([])
})

test('no page broke a rule of its policy or wrote an error', () => {
  expect(faults).toEqual([])
})
