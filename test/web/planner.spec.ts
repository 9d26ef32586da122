// From a question file and a candidate list to a sat exam: what a planner does, and what happens to
// those who have the code. Nobody needs a camera here, because the planner's rules do not ask for one.
import { expect, test, type Browser, type Locator, type Page } from '@playwright/test'
import { newPage, Program, signIn, STAFF, staffBrowser } from './harness.ts'

test.describe.configure({ mode: 'serial' })

let program: Program
let browser: Browser
let planner: Page
let proctor: Page
let candidate: Page
const faults: string[] = []

test.beforeAll(async () => {
  program = await Program.start()
  browser = await staffBrowser()
  planner = (await newPage(browser, faults, 'planner')).page
  proctor = (await newPage(browser, faults, 'proctor')).page
  candidate = (await newPage(browser, faults, 'candidate')).page
})

test.afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

// ---- files ----

const QUESTIONS = `// Six kinds of questions, one of each.

::Nearest:: Which planet is nearest to the sun? { =Mercury ~Venus ~Mars }

::Metals:: Which of these are metals? { ~%50%Iron ~%50%Copper ~%-100%Chalk ~%-100%Glass }

::Ice:: Ice floats on water. {T}

::Legs:: How many legs do three spiders have together? {#24:0}

::Opposite:: What is the opposite of north? {=south}

::Rules:: Say in two sentences why rules should be known before an exam. {}
`
// The number in line 4 is written in letters.
const FAULTY = `::Ice:: Ice floats on water. {T}

::Legs:: How many legs
do three spiders have together? {#twentyfour}
`
const AIKEN = `Which gas do plants take in?
A. Oxygen
B. Carbon dioxide
ANSWER: B
`
const ROSTER = `name,email,number,time_factor
Grace Adeyemi,grace@example.org,2001,
Henrik Olsen,henrik@example.org,2002,125
Mina Sato,not an address,2003,
Grace A.,second@example.org,2001,
`

const file = (name: string, text: string | Buffer) => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.isBuffer(text) ? text : Buffer.from(text),
})

async function openImport(): Promise<void> {
  await planner.goto(`${program.url}/manage/?view=import`)
  await expect(planner.getByLabel('Question file')).toBeVisible()
}

async function check(name: string, text: string | Buffer): Promise<void> {
  await planner.getByLabel('Question file').setInputFiles(file(name, text))
  await planner.getByRole('button', { name: 'Check the file' }).click()
}

async function assessments(): Promise<string[]> {
  const answer = await planner.request.get(`${program.url}/api/assessments`)
  const { assessments: all } = (await answer.json()) as { assessments: { name: string }[] }
  return all.map(({ name }) => name)
}

// ---- sessions ----

interface Wanted {
  name: string
  code: string
  changes?: (page: Page) => Promise<void>
}

const choose = (label: string | RegExp, value: string | { label: string }) =>
  planner.getByLabel(label).selectOption(value)

/** Everything but the sending, as a planner fills it in. */
async function fillSession({ name, code, changes }: Wanted): Promise<void> {
  await planner.goto(`${program.url}/manage/?view=create`)
  await planner.getByLabel('Name of the session').fill(name)
  await choose('Assessment', { label: 'Six kinds (6 questions)' })
  await planner.getByLabel('Duration in minutes').fill('30')
  await choose('Candidates may join', { label: 'from now on' })
  await planner.getByLabel('Enrollment code').fill(code)
  await planner.getByLabel('Proctor: watches live, Demo Proctor').check()
  await planner.getByLabel('Reviewer: looks at recordings, Demo Reviewer').check()
  for (const rule of ['Waiting room', 'Webcam', 'Screen', 'Full screen'])
    await planner.getByLabel(rule, { exact: true }).uncheck()
  await changes?.(planner)
}

async function sendSession(): Promise<void> {
  await planner.getByRole('button', { name: 'Create session' }).click()
}

async function makeSession(wanted: Wanted): Promise<number> {
  await fillSession(wanted)
  await sendSession()
  await expect(planner.getByRole('heading', { name: wanted.name })).toBeVisible()
  return Number(new URL(planner.url()).searchParams.get('session'))
}

const dialog = (page: Page): Locator => page.locator('dialog[open]')

async function startSession(session: number): Promise<void> {
  await proctor.goto(`${program.url}/live/?session=${session}`)
  await proctor.getByRole('button', { name: 'Start session' }).click()
  await dialog(proctor).getByRole('button', { name: 'Start session' }).click()
  await expect(proctor.getByRole('button', { name: 'End session' })).toBeVisible()
}

// ---- the way of a file ----

test('a planner signs in and sees what a planner may do', async () => {
  await signIn(planner, program.url, STAFF.planner)
  await expect(planner.getByRole('heading', { name: 'Plan exams' })).toBeVisible()
  await expect(planner.getByRole('link', { name: 'Live', exact: true })).toHaveCount(0)
  await planner.getByRole('link', { name: 'Open planning' }).click()
  await expect(planner.getByRole('heading', { name: 'Plan exams', level: 1 })).toBeVisible()
})

test('an error in a file is named with line and reason, and nothing is stored', async () => {
  const before = await assessments()
  await openImport()
  await check('faulty.gift', FAULTY)
  const line = planner.getByRole('row', { name: /twentyfour/ })
  await expect(line).toContainText('4')
  await expect(line).toContainText('is not a number. Write a number')
  await expect(planner.getByText('1 error: nothing can be imported').first()).toBeVisible()
  await expect(planner.getByRole('button', { name: 'Import', exact: true })).toHaveCount(0)
  expect(await assessments()).toEqual(before)
})

test('a file that is not text and an empty one are refused in words', async () => {
  await planner.getByRole('button', { name: 'Choose another file' }).click()
  await check('latin.gift', Buffer.from('::Gruss:: Gr\xfc\xdfe {T}\n', 'latin1'))
  await expect(planner.getByText('The file is not UTF-8 text. Save it as UTF-8')).toBeVisible()
  await check('empty.gift', '')
  await expect(planner.getByText('The file is empty. Choose another file.')).toBeVisible()
})

test('a good file is shown as candidates will see it, and stored when confirmed', async () => {
  await openImport()
  await check('six.gift', QUESTIONS)
  await expect(planner.getByText('6 questions, 6 points')).toBeVisible()
  for (const kind of [
    'Single choice',
    'Multiple choice',
    'True or false',
    'Number',
    'Short text',
    'Essay',
  ])
    await expect(planner.getByText(`· ${kind}`)).toBeVisible()
  await planner.getByRole('checkbox', { name: 'Show the right answers' }).check()
  await expect(planner.getByText('Right answer').first()).toBeVisible()
  expect(await assessments()).not.toContain('Six kinds')
  await planner.getByLabel('Name of the assessment').fill('Six kinds')
  await planner.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(planner.getByRole('heading', { name: 'Six kinds' })).toBeVisible()
  expect(await assessments()).toContain('Six kinds')
})

test('an Aiken file is recognised', async () => {
  await openImport()
  await check('gases.txt', AIKEN)
  await expect(planner.getByText('1 question, 1 point')).toBeVisible()
  await expect(planner.getByText('Carbon dioxide')).toBeVisible()
  await planner.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(planner.getByRole('heading', { name: 'gases' })).toBeVisible()
})

// ---- a session and its list ----

let session = 0

test('a code that another session uses is refused in words, and the form is kept', async () => {
  await fillSession({ name: 'Six kinds, first sitting', code: 'DEMO2026' })
  await sendSession()
  await expect(planner.getByText('Another session uses this code already.')).toBeVisible()
  await expect(planner.getByLabel('Name of the session')).toHaveValue('Six kinds, first sitting')
  await expect(planner.getByText('No camera, no screen and no sound are recorded.')).toBeVisible()
})

test('with a free code the session is created', async () => {
  await planner.getByLabel('Enrollment code').fill('SIXKINDS')
  await sendSession()
  await expect(planner.getByRole('heading', { name: 'Six kinds, first sitting' })).toBeVisible()
  session = Number(new URL(planner.url()).searchParams.get('session'))
  await expect(planner.getByRole('code').filter({ hasText: /^SIXKINDS$/ })).toBeVisible()
  await expect(planner.getByText('30 min').first()).toBeVisible()
  const facts = planner.getByRole('region', { name: 'Rules' }).locator('.fact')
  for (const rule of ['Waiting room', 'Webcam', 'Screen'])
    await expect(facts.filter({ has: planner.getByText(rule, { exact: true }) })).toContainText(
      'no',
    )
})

test('a list is checked line by line before anybody is added', async () => {
  await planner.getByRole('tab', { name: 'Candidates' }).click()
  await planner.getByRole('button', { name: 'Add from a file' }).click()
  await planner.getByLabel('Candidate list (CSV)').setInputFiles(file('list.csv', ROSTER))
  await planner.getByRole('button', { name: 'Check the file' }).click()
  await expect(
    planner.getByText('2 new, 0 on the list already, 1 double, 1 with errors'),
  ).toBeVisible()
  await planner.getByRole('group', { name: 'Show' }).getByRole('button', { name: /^All/ }).click()
  const bad = planner.getByRole('row', { name: /Mina Sato/ })
  await expect(bad).toContainText('4')
  await expect(bad).toContainText('"not an address" is not an e-mail address.')
  const twice = planner.getByRole('row', { name: /Grace A\./ })
  await expect(twice).toContainText('The same number stands in line 2')
  const listed = await planner.request.get(`${program.url}/api/sessions/${session}/attempts`)
  expect(((await listed.json()) as { attempts: unknown[] }).attempts).toHaveLength(0)
})

test('the good lines are added', async () => {
  await planner.getByRole('button', { name: 'Add 2 candidates' }).click()
  await expect(planner.getByRole('row', { name: /Grace Adeyemi/ })).toContainText('Invited')
  const slow = planner.getByRole('row', { name: /Henrik Olsen/ })
  await expect(slow).toContainText('Invited')
  await expect(planner.getByRole('row', { name: /Mina Sato/ })).toHaveCount(0)
})

// ---- a candidate of the list ----

test('a candidate of the list joins; no camera is asked for', async () => {
  await signIn(proctor, program.url, STAFF.proctor)
  await startSession(session)
  await candidate.goto(`${program.url}/exam/?code=SIXKINDS`)
  await expect(candidate.getByText('Six kinds, first sitting')).toBeVisible()
  await candidate.getByLabel('Your name').fill('grace adeyemi')
  await candidate.getByLabel('Candidate number').fill('2001')
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await expect(
    candidate.getByRole('heading', { name: 'What is recorded, and who sees it' }),
  ).toBeVisible()
  await expect(candidate.getByRole('row', { name: /camera picture|whole screen/ })).toHaveCount(0)
  await candidate.getByRole('checkbox').check()
  await candidate.getByRole('button', { name: 'Agree and continue' }).click()
  await expect(candidate.getByRole('heading', { name: 'Camera' })).toHaveCount(0)
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await candidate.getByRole('checkbox').check()
  await candidate.getByRole('button', { name: 'I am ready' }).click()
  await expect(candidate.getByRole('heading', { name: 'Question 1 of 6' })).toBeVisible()
})

const next = () => candidate.getByRole('button', { name: 'Next' }).click()

test('all six kinds are answered by mouse and typing', async () => {
  await candidate.getByRole('radio', { name: 'Mercury' }).check()
  await next()
  await candidate.getByRole('checkbox', { name: 'Iron' }).check()
  await next()
  await candidate.getByRole('radio', { name: 'True' }).check()
  await next()
  await candidate.getByLabel('Your answer').fill('24')
  await next()
  await candidate.getByLabel('Your answer').fill('up')
  await next()
  await candidate.getByLabel('Your answer').fill('Nobody should be surprised.')
  await expect(candidate.getByText('4 words')).toBeVisible()
  await expect(candidate.getByText(/^Saved at \d/)).toBeVisible()
  await expect(candidate.getByText('6 of 6 answered')).toBeVisible()
})

test('after handing in the points are right', async () => {
  await candidate.getByRole('button', { name: 'Review and hand in' }).click()
  await expect(candidate.getByText('All questions are answered.').first()).toBeVisible()
  await candidate.getByRole('button', { name: 'Hand in', exact: true }).click()
  await dialog(candidate).getByRole('button', { name: 'Hand in', exact: true }).click()
  await expect(candidate.getByRole('heading', { name: 'You have handed in' })).toBeVisible()
  // Right, half right, right, right, wrong; the essay waits for a person.
  await expect(candidate.getByText('3.5 of 5 points')).toBeVisible()
  const points = ['1 / 1', '0.5 / 1', '1 / 1', '1 / 1', '0 / 1', '– / 1']
  for (const [index, got] of points.entries())
    await expect(candidate.getByRole('row', { name: `Question ${index + 1}` })).toContainText(got)
  await expect(candidate.getByRole('row', { name: 'Question 6' })).toContainText(
    'waiting for a person',
  )
  await expect(candidate.getByText('1 answer is still marked by a person.')).toBeVisible()
})

test('the planner sees that the candidate is done, with the points', async () => {
  await planner.goto(`${program.url}/manage/?view=sessions&session=${session}&part=participants`)
  const row = planner.getByRole('row', { name: /Grace Adeyemi/ })
  await expect(row).toContainText('Complete')
  await expect(row).toContainText('3.5 / 5')
  await expect(planner.getByRole('row', { name: /Henrik Olsen/ })).toContainText('Invited')
})

// ---- codes ----

const stranger = async (): Promise<Page> => (await newPage(browser, faults, 'stranger')).page

async function tryCode(page: Page, code: string): Promise<void> {
  await page.goto(`${program.url}/exam/`)
  await page.getByLabel('Enrollment code').fill(code)
  await page.getByRole('button', { name: 'Continue' }).click()
}

async function tryName(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Continue' }).click()
}

test('each kind of wrong code has words of its own', async () => {
  const tomorrow = async (page: Page): Promise<void> => {
    const starts = page.getByLabel('Date and time of the start')
    const day = new Date(`${await starts.inputValue()}Z`)
    await starts.fill(new Date(day.getTime() + 172_800_000).toISOString().slice(0, 16))
    await choose('Candidates may join', { label: '1 day before' })
  }
  const noLate = (page: Page) => page.getByLabel('Late entry', { exact: true }).uncheck()
  const single = (page: Page) => page.getByLabel('Most candidates').fill('1')
  await makeSession({ name: 'The day after tomorrow', code: 'NOTYET26', changes: tomorrow })
  const closed = await makeSession({ name: 'No late entry', code: 'CLOSED26', changes: noLate })
  await makeSession({ name: 'One seat', code: 'ONESEAT2', changes: single })
  const over = await makeSession({ name: 'Over soon', code: 'OVER2026' })
  await startSession(closed)
  await startSession(over)
  await proctor.getByRole('button', { name: 'End session' }).click()
  await dialog(proctor).getByRole('button', { name: 'End session' }).click()
  await expect(proctor.getByRole('button', { name: 'End session' })).toHaveCount(0)

  const page = await stranger()
  const told: [string, RegExp][] = [
    ['NOSUCH26', /No session has this code/],
    ['NOTYET26', /not open yet.*It opens on .+/],
    ['CLOSED26', /has begun and takes nobody in any more/],
    ['OVER2026', /This session is over/],
  ]
  for (const [code, words] of told) {
    await tryCode(page, code)
    await expect(page.getByRole('alert')).toHaveText(words)
  }
  await tryCode(page, 'ONESEAT2')
  await tryName(page, 'First of one')
  await expect(
    page.getByRole('heading', { name: 'What is recorded, and who sees it' }),
  ).toBeVisible()
  const second = await stranger()
  await tryCode(second, 'ONESEAT2')
  await expect(second.getByRole('alert')).toHaveText(/All seats of this session are taken/)
})

test('no page broke a rule of its policy or threw an error', () => {
  expect(faults).toEqual([])
})
