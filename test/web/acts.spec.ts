// What staff can do to many, and how a session is ended well: warnings on record, an incident, mass actions
// with their way back and their failures, time, chat, the announced end and what is left of it. Each from both
// sides (S1.61-73, S2.20-28, E5, P8, P9, P11, P12, C12).
import { expect, test, type Browser, type Locator, type Page } from '@playwright/test'
import {
  createSession,
  joinPlain,
  newPage,
  PLAIN_SETTINGS,
  Program,
  signIn,
  STAFF,
  staffBrowser,
} from './harness.ts'
import { found, look } from './look.ts'

test.describe.configure({ mode: 'serial' })

const CODE = 'MANYACTS'
const SCRIPT = '<img src=x onerror=document.title=1>'
let program: Program
let browser: Browser
let ada: Page
let ben: Page
let proctor: Page
let other: Page
let chief: Page
let session: number
const faults: string[] = []

test.beforeAll(async () => {
  program = await Program.start()
  browser = await staffBrowser()
  // The end of the session is the end of the exams, without a minute of grace.
  const settings = { ...PLAIN_SETTINGS, grace_ms: 0, credit_pause: 0, alerts: 1 } as const
  session = await createSession(program, { code: CODE, name: 'Many acts', settings })
  const pages = await Promise.all(
    ['ada', 'ben', 'proctor', 'other', 'chief'].map((name) => newPage(browser, faults, name)),
  )
  ;[ada, ben, proctor, other, chief] = pages.map(({ page }) => page) as [
    Page,
    Page,
    Page,
    Page,
    Page,
  ]
  await Promise.all([
    joinPlain(ada, program.url, CODE, 'Ada Acts'),
    joinPlain(ben, program.url, CODE, 'Ben Acts'),
    open(proctor, STAFF.proctor),
    open(other, STAFF.proctor),
    open(chief, STAFF.administrator),
  ])
})

test.afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

async function open(page: Page, who: (typeof STAFF)['proctor']): Promise<void> {
  await signIn(page, program.url, who)
  await page.goto(`${program.url}/live/?session=${session}`)
}

const dialog = (page: Page = proctor) => page.locator('dialog[open]')
const tile = (name: string, page: Page = proctor) =>
  page.getByRole('gridcell', { name: new RegExp(name) })
const notes = (page: Page = proctor) => page.getByRole('list', { name: 'What was done' })
const paused = (page: Page) => page.getByRole('heading', { name: 'Your exam is paused' })

async function all(action: string): Promise<void> {
  await proctor.getByRole('button', { name: 'All candidates' }).click()
  await proctor.getByRole('menuitem', { name: action, exact: true }).click()
  await expect(dialog()).toBeVisible()
}

/** Opens one candidate and asks for something from there. */
async function focusOn(name: string, page: Page = proctor): Promise<Locator> {
  await tile(name, page).dblclick()
  const region = page.getByRole('region', { name: new RegExp(name) })
  await expect(region).toBeVisible()
  return region
}

const back = (page: Page = proctor) => page.getByRole('link', { name: 'Back to all' }).click()

test('pause all says numbers before and after, and is undone as one', async () => {
  await expect(tile('Ada Acts')).toContainText('Active')
  await expect(tile('Ben Acts')).toContainText('Active')
  await all('Pause all')
  await expect(dialog()).toContainText('Pause: 2 of 2')
  await look(proctor, 'mass-before')
  await dialog().getByRole('button', { name: 'Pause 2' }).click()
  await expect(paused(ada)).toBeVisible()
  await expect(paused(ben)).toBeVisible()
  await expect(notes()).toContainText('Paused: 2 candidates.')
  // Somebody else resumes Ben meanwhile: the undo leaves him alone.
  await tile('Ben Acts', other).focus()
  await other.keyboard.press('p')
  await expect(tile('Ben Acts')).toContainText('Active')
  await tile('Ben Acts', other).focus()
  await other.keyboard.press('p')
  await expect(tile('Ben Acts')).toContainText('Paused')
  await notes().getByRole('button', { name: /^Undo/ }).click()
  await expect(notes()).toContainText('1 was changed meanwhile and stays as it is.')
  await expect(paused(ada)).toBeHidden()
  await expect(paused(ben)).toBeVisible()
  await tile('Ben Acts').focus()
  await proctor.keyboard.press('p')
  await expect(paused(ben)).toBeHidden()
})

test('a warning covers the exam until it was read, and its step is on record', async () => {
  const region = await focusOn('Ada Acts')
  await region.getByRole('button', { name: 'Warn' }).click()
  await dialog().getByRole('button', { name: 'Common reasons' }).click()
  await proctor.getByRole('menuitem', { name: /Please stay in the picture/ }).click()
  await dialog().getByRole('button', { name: 'Warn', exact: true }).click()
  await expect(region).toContainText('1 warning, not read yet')
  const warning = ada.getByRole('alertdialog', { name: 'First warning' })
  await expect(warning).toContainText('Please stay in the picture of the camera.')
  await look(ada, 'warning')
  // It goes on where it was after a reload, and Escape does not read it.
  await ada.keyboard.press('Escape')
  await expect(warning).toBeVisible()
  await ada.reload()
  await expect(warning).toBeVisible()
  await warning.getByRole('button', { name: 'I have read this' }).click()
  await expect(warning).toBeHidden()
  await expect(region).toContainText('has read: First warning')
  await expect(region.getByText('not read yet')).toHaveCount(0)
  await look(proctor, 'focus-warned')
  await back()
  await expect(tile('Ada Acts')).toHaveAccessibleName(/1 warning/)
})

test('an exam is not ended before a warning, unless it is marked as a clear breach', async () => {
  const region = await focusOn('Ben Acts')
  await region.getByRole('button', { name: 'More actions' }).click()
  await proctor.getByRole('menuitem', { name: 'End exam' }).click()
  await expect(dialog()).toContainText('Nobody has warned this candidate yet')
  await dialog().getByLabel('Reason').fill('Somebody else sits there.')
  await dialog()
    .getByLabel(/^Type /)
    .fill('Ben Acts')
  await dialog().getByRole('button', { name: 'End exam' }).click()
  await expect(dialog()).toContainText('Warn first, or mark that it is a clear breach.')
  await look(proctor, 'end-not-warned')
  await dialog().getByLabel('This is a clear breach of the rules').check()
  await dialog().getByRole('button', { name: 'End exam' }).click()
  await expect(ben.getByText('Somebody else sits there.')).toBeVisible()
  await expect(region).toContainText('marked as a clear breach')
  await back()
})

test('what has just ended refuses, and the others are done all the same', async () => {
  await expect(tile('Ben Acts')).toContainText('Complete')
  await all('Lock all')
  await expect(dialog()).toContainText('Lock: 1 of 2')
  await expect(dialog()).toContainText('Not touched: 1 complete')
  // She hands in while the dialog is open.
  await ada.getByRole('button', { name: 'Review and hand in' }).click()
  await ada.getByRole('button', { name: 'Hand in' }).click()
  await ada.getByRole('alertdialog').getByRole('button', { name: 'Hand in' }).click()
  await expect(ada.getByRole('heading', { name: 'You have handed in' })).toBeVisible()
  await dialog().getByRole('button', { name: 'Lock 1' }).click()
  await expect(dialog()).toContainText('1 not done: The exam is over.')
  await expect(dialog()).toContainText('Ada Acts')
  await look(proctor, 'mass-failed')
  await dialog().getByRole('button', { name: 'Try again' }).click()
  await expect(dialog()).toContainText('0 done')
  await dialog().getByRole('button', { name: 'Close', exact: true }).last().click()
})

test('an administrator reopens both exams, with time and a reason', async () => {
  for (const [page, name] of [
    [ada, 'Ada Acts'],
    [ben, 'Ben Acts'],
  ] as const) {
    const region = await focusOn(name, chief)
    await region.getByRole('button', { name: 'More actions' }).click()
    await chief.getByRole('menuitem', { name: 'Reopen' }).click()
    await dialog(chief).getByLabel('Minutes').fill('7')
    await dialog(chief).getByLabel('Reason').fill('Ended by mistake.')
    await dialog(chief).getByRole('button', { name: 'Reopen' }).click()
    await expect(page.getByRole('timer')).toBeVisible()
    await expect(tile(name)).toContainText('Active')
    await back(chief)
  }
})

test('an incident pauses all who are active, says so to everybody, and resumes only them', async () => {
  await tile('Ben Acts').focus()
  await proctor.keyboard.press('p')
  await expect(paused(ben)).toBeVisible()
  await all('Declare an incident')
  await dialog().getByRole('button', { name: 'Declare an incident' }).click()
  await expect(dialog()).toContainText('Say why: a reason is needed.')
  await dialog().getByLabel('What has happened').fill(`The network is down. ${SCRIPT}`)
  await expect(dialog()).toContainText('Not touched: 1 paused')
  await look(proctor, 'incident-declare')
  await dialog().getByRole('button', { name: 'Declare an incident' }).click()
  await expect(paused(ada)).toBeVisible()
  await expect(ada.getByText('Your answers are saved.').first()).toBeVisible()
  await expect(ada.getByText(SCRIPT).first()).toBeVisible()
  await look(ada, 'incident-candidate')
  // The other proctor and the administrator see it, too.
  for (const page of [proctor, other, chief])
    await expect(page.getByText('1 paused by it, 0 not.')).toBeVisible()
  await proctor.getByRole('link', { name: 'Affected candidates' }).click()
  const row = proctor.getByRole('row', { name: /Ada Acts/ })
  await expect(row).toContainText('by the incident')
  await look(proctor, 'incident-affected')
  const saved = proctor.waitForEvent('download')
  await proctor.getByRole('button', { name: 'Save as a roster' }).click()
  expect((await saved).suggestedFilename()).toBe('Many acts - roster.csv')
  await proctor.getByRole('link', { name: 'Back to the candidates' }).click()
  await proctor.getByRole('button', { name: 'Close the incident' }).click()
  await look(proctor, 'incident-close')
  await dialog().getByRole('button', { name: 'Close the incident' }).click()
  await expect(paused(ada)).toBeHidden()
  await expect(ada.getByText('The disturbance is over')).toBeVisible()
  await expect(paused(ben)).toBeVisible()
  // Pauses do not stop the clock in this session; an incident does.
  await ada.getByRole('button', { name: /for interruptions/ }).click()
  await expect(ada.getByRole('dialog')).toContainText('Incident')
  await ada.keyboard.press('Escape')
  await tile('Ben Acts').focus()
  await proctor.keyboard.press('p')
  await expect(paused(ben)).toBeHidden()
})

test('an announcement goes to the chosen states, with a preview', async () => {
  await all('Message to all')
  await dialog()
    .getByRole('button', { name: /^Active 2/ })
    .click()
  await dialog().getByLabel('Text').fill('x'.repeat(5000))
  await expect(dialog()).toContainText('Too long: 904 over 4,096 characters.')
  await dialog().getByLabel('Text').fill(`Ten minutes. ${SCRIPT}`)
  await expect(dialog().getByRole('figure')).toContainText(SCRIPT)
  await look(proctor, 'announcement')
  await dialog().getByRole('button', { name: 'Message 2' }).click()
  for (const page of [ada, ben]) await expect(page.getByText(SCRIPT).first()).toBeVisible()
})

test('a message that comes in moves neither caret nor button; delivered and seen are told', async () => {
  const region = await focusOn('Ada Acts')
  await region.getByRole('tab', { name: /Chat/ }).click()
  const field = region.getByLabel('Write to Ada Acts')
  await field.fill('I am typing this')
  await field.press('Home')
  await field.press('ArrowRight')
  const button = region.getByRole('button', { name: 'Send' })
  const before = await button.boundingBox()
  await expect(region.getByText(/^Ten minutes\. /)).toBeVisible()
  await expect(region.getByText(/· Delivered$/)).toBeVisible()
  await ada.getByRole('button', { name: /^Help/ }).click()
  await ada.getByLabel('Write to the proctor').fill(`A word from me ${SCRIPT}`)
  await ada.getByRole('button', { name: 'Send' }).click()
  await expect(region.getByText(/A word from me/)).toBeVisible()
  await expect(region.getByText(/· Seen$/)).toBeVisible()
  expect(await button.boundingBox()).toEqual(before)
  expect(await field.evaluate((box: HTMLTextAreaElement) => box.selectionStart)).toBe(1)
  await expect(field).toBeFocused()
  await look(proctor, 'chat')
  await field.press('End')
  await field.press('Enter')
  await expect(ada.getByText('I am typing this').first()).toBeVisible()
  await ada.keyboard.press('Escape')
  expect(await ada.title()).not.toBe('1')
})

test('a flag is raised with its span, dismissed, and the dismissal taken back', async () => {
  const region = proctor.getByRole('region', { name: /Ada Acts/ })
  await region.getByRole('button', { name: 'Flag', exact: true }).click()
  await dialog().getByLabel('What', { exact: true }).selectOption({ label: 'Rule not kept' })
  await dialog().getByLabel('From').selectOption({ index: 2 })
  await dialog().getByLabel('Until').selectOption({ index: 1 })
  await dialog().getByLabel('Note for the review').fill('Looked away for a minute.')
  await dialog().getByRole('button', { name: 'Flag', exact: true }).click()
  await region.getByRole('tab', { name: /Flags/ }).click()
  const flag = region.getByRole('listitem').filter({ hasText: 'Looked away for a minute.' })
  await expect(flag).toContainText('not decided')
  await flag.getByRole('button', { name: 'Dismiss' }).click()
  await expect(flag).toContainText('dismissed')
  await flag.getByRole('button', { name: 'Take back' }).click()
  await expect(flag).toContainText('not decided')
  await back()
})

test('extra time needs a policy that lets this role, and an unlock needs a lock', async () => {
  const region = await focusOn('Ben Acts')
  await expect(region).toContainText('The rules of this session do not let proctors extend time.')
  await expect(region.getByRole('button', { name: 'Unlock' })).toHaveCount(0)
  await region.getByRole('button', { name: 'Lock', exact: true }).click()
  await dialog().getByRole('button', { name: 'Lock', exact: true }).click()
  await expect(ben.getByRole('heading', { name: 'Your exam is on hold' })).toBeVisible()
  await back()
  // Both unlock: whoever comes second is told, and nothing breaks.
  await expect(tile('Ben Acts', other)).toContainText('Locked')
  await Promise.all([tile('Ben Acts').focus(), tile('Ben Acts', other).focus()])
  await Promise.all([proctor.keyboard.press('l'), other.keyboard.press('l')])
  await expect(tile('Ben Acts')).toContainText('Active')
  await expect(ben.getByRole('heading', { name: 'Your exam is on hold' })).toBeHidden()
})

test('an alert says in plain words what the page saw, and goes when it was read', async () => {
  await ada.getByRole('button', { name: 'Question 1: not answered' }).click()
  await expect(ada.getByRole('heading', { name: 'Question 1 of 8' })).toBeVisible()
  await ada.evaluate(() => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text', 'pasted')
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true })
    document.querySelector('[data-answer]')?.dispatchEvent(event)
  })
  const alert = ada.locator('.banner').filter({ hasText: 'Text pasted' })
  await expect(alert).toBeVisible()
  await look(ada, 'alert')
  await alert.getByRole('button').click()
  await expect(alert).toHaveCount(0)
})

test('figures are drawn, and stand in a table for who wants that', async () => {
  await proctor.getByRole('button', { name: 'Figures' }).click()
  await expect(proctor.getByText('2 of 2 have joined.')).toBeVisible()
  await expect(proctor.getByRole('img', { name: /^Progress/ })).toBeVisible()
  await look(proctor, 'figures')
  await proctor.getByRole('button', { name: 'As a table Progress' }).click()
  await expect(proctor.getByRole('table', { name: 'Progress' })).toBeVisible()
  await proctor.getByRole('button', { name: 'Grid' }).click()
})

test('the activity is filtered by kind and name', async () => {
  await proctor.getByRole('tab', { name: 'Activity' }).click()
  const panel = proctor.getByRole('tabpanel', { name: 'Activity' })
  await panel.getByLabel('Kind').selectOption('Pauses, locks, warnings')
  await expect(panel).toContainText('First warning: Please stay in the picture')
  await panel.getByLabel('Name').fill('nobody')
  await expect(panel).toContainText('Nothing of this kind yet')
  await panel.getByLabel('Name').fill('ben')
  await expect(panel).toContainText('Ben Acts')
  await look(proctor, 'activity')
  await panel.getByLabel('Name').fill('')
})

test('the end is announced, seen by everybody, and withdrawn', async () => {
  await proctor.getByRole('button', { name: 'End session' }).click()
  await expect(dialog()).toContainText('2 candidates are still working')
  await dialog().getByLabel('When').selectOption({ index: 3 })
  await look(proctor, 'end-session')
  await dialog().getByRole('button', { name: 'Announce the end' }).click()
  await expect(proctor.getByText(/^The session ends at/)).toBeVisible()
  await expect(ada.getByText(/^The exam ends for everybody at/)).toBeVisible()
  await expect(ada.getByRole('timer')).toContainText(/^0?4:|^0?5:/)
  await look(ada, 'end-announced')
  await proctor.getByRole('button', { name: 'Withdraw' }).click()
  await expect(ada.getByText(/^The exam ends for everybody at/)).toHaveCount(0)
})

test('the session is ended, and its summary says what was', async () => {
  await proctor.getByRole('button', { name: 'End session' }).click()
  await dialog().getByLabel('Type the code').fill(CODE)
  await dialog().getByRole('button', { name: 'End session' }).click()
  await expect(ada.getByText('The session was ended.')).toBeVisible()
  await proctor.getByRole('link', { name: 'Summary' }).click()
  const row = proctor.getByRole('row', { name: /Ada Acts/ })
  await expect(row).toContainText('with the session')
  await expect(row).toContainText('7 min')
  await expect(proctor.getByText(/Ada Acts: 7 min\. Ended by mistake\.$/)).toBeVisible()
  await expect(proctor.getByRole('heading', { name: 'Incidents' })).toBeVisible()
  await look(proctor, 'summary')
  const saved = proctor.waitForEvent('download')
  await proctor.getByRole('button', { name: 'Save as CSV' }).click()
  expect((await saved).suggestedFilename()).toBe('Many acts - summary.csv')
})

test('every screen is fit for all, and no page broke a rule of its policy', () => {
  expect(found).toEqual([])
  expect(faults).toEqual([])
})
