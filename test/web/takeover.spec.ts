// One exam, several devices and tabs: another device asks, a proctor decides, the old one is told and can
// do nothing more; of two tabs one leads (E1, S1.62, S3.38).
import { expect, test, type Browser, type BrowserContext, type Page } from '@playwright/test'
import {
  candidateBrowser,
  createSession,
  giveName,
  joinPlain,
  newPage,
  PLAIN_SETTINGS,
  Program,
  record,
  signIn,
  STAFF,
} from './harness.ts'
import { found, look } from './look.ts'

test.describe.configure({ mode: 'serial' })

let program: Program
let browser: Browser
let home: BrowserContext
let first: Page
let second: Page
let proctor: Page
let session: number
const faults: string[] = []

test.beforeAll(async () => {
  program = await Program.start()
  browser = await candidateBrowser()
  session = await createSession(program, {
    code: 'TWODEVICES',
    name: 'Two devices',
    // The end of the session is the end of the exam, without a minute of grace.
    settings: { ...PLAIN_SETTINGS, grace_ms: 0 },
  })
  const opened = await newPage(browser, faults, 'first')
  home = opened.context
  first = opened.page
  second = (await newPage(browser, faults, 'second')).page
  proctor = (await newPage(browser, faults, 'proctor')).page
  await signIn(proctor, program.url, STAFF.proctor)
  await proctor.goto(`${program.url}/live/?session=${session}`)
})

test.afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

const queue = () => proctor.getByRole('tabpanel', { name: /Queue/ })
const dialog = () => proctor.locator('dialog[open]')
const saved = (page: Page) => expect(page.getByTestId('save-state')).toHaveText(/^Saved at \d/)
const question = (page: Page, n: number) =>
  page.getByRole('heading', { name: `Question ${n} of 8` })

const handIn = async (page: Page) => {
  await page.getByRole('button', { name: 'Review and hand in' }).click()
  await page.getByRole('button', { name: 'Hand in', exact: true }).click()
  await page.locator('dialog[open]').getByRole('button', { name: 'Hand in', exact: true }).click()
  await expect(page.getByRole('heading', { name: /^Handed in on this device/ })).toBeVisible()
}

const letGoOn = async () => {
  await queue().getByRole('button', { name: 'Decide' }).click()
  await dialog().getByRole('button', { name: 'Let the other device go on' }).click()
}

test('a taken seat offers to continue on this device, and says who decides', async () => {
  await joinPlain(first, program.url, 'TWODEVICES', 'Tariq Two')
  await first.getByRole('radio', { name: '2000' }).check()
  await saved(first)
  await giveName(second, program.url, 'TWODEVICES', 'Tariq Two')
  await expect(second.getByText('A proctor is asked')).toBeVisible()
  await look(second, 'seat-taken')
  await second.getByRole('button', { name: 'Continue on this device' }).click()
  await expect(second.getByText("Waiting for a proctor's decision")).toBeVisible()
  await expect(second.getByText(/^Asked at .* ago$/)).toBeVisible()
  await look(second, 'seat-waiting')
})

test('the device that has the exam is told, and goes on', async () => {
  await expect(first.getByText('If that is not you, tell the proctor.')).toBeVisible()
  await look(first, 'exam-device-asks')
  await first.getByRole('radio', { name: '1900' }).check()
  await saved(first)
})

test('the proctor declines with a reason; the other device reads it and asks again', async () => {
  await expect(queue()).toContainText('Asks to go on on another device')
  await queue().getByRole('button', { name: 'Decide' }).click()
  await dialog().getByRole('button', { name: 'Decline' }).click()
  await expect(dialog()).toContainText('Say why: a reason is needed.')
  await look(proctor, 'live-takeover')
  await dialog().getByLabel('What you write to the candidate').fill('Come to the desk first.')
  await dialog().getByRole('button', { name: 'Decline' }).click()
  await expect(second.getByText('The proctor writes: Come to the desk first.')).toBeVisible()
  await look(second, 'seat-declined')
  await expect(first.getByText('If that is not you')).toBeHidden()
  await second.getByRole('button', { name: 'Ask again' }).click()
  await expect(second.getByText("Waiting for a proctor's decision")).toBeVisible()
})

test('by key the proctor agrees: the exam opens there with the answers', async () => {
  const tile = proctor.getByRole('gridcell', { name: /Tariq Two/ })
  await expect(tile).toContainText('Another device asks')
  await look(proctor, 'live-queue-takeover')
  await tile.focus()
  await proctor.keyboard.press('d')
  await dialog().getByRole('button', { name: 'Let the other device go on' }).click()
  await expect(question(second, 1)).toBeVisible()
  await expect(second.getByRole('radio', { name: '1900' })).toBeChecked()
  await second.getByRole('radio', { name: '2000' }).check()
  await saved(second)
})

test('the old device says that the exam goes on elsewhere, also after a reload', async () => {
  const heading = first.getByRole('heading', { name: 'Your exam goes on on another device' })
  await expect(heading).toBeVisible()
  await expect(first.getByText('Nothing on this device waits to be sent.')).toBeVisible()
  await expect(first.getByRole('radio')).toHaveCount(0)
  await first.reload()
  await expect(first.getByRole('button', { name: 'Ask to go on here' })).toBeVisible()
  await expect(first.getByRole('radio')).toHaveCount(0)
})

test('what a device without a connection kept is handed over when it is asked back', async () => {
  // The second device loses its connection, writes, and the first one takes the exam back meanwhile.
  await second.context().setOffline(true)
  await second.getByRole('button', { name: /^Question 5:/ }).click()
  await second.getByLabel('Your answer').fill('Jupiter')
  await expect(second.getByTestId('save-state')).toHaveText('Kept on this device, 1 waiting')
  await first.getByRole('button', { name: 'Ask to go on here' }).click()
  await letGoOn()
  await expect(question(first, 1)).toBeVisible()
  await expect(first.getByRole('radio', { name: '2000' })).toBeChecked()
  await second.context().setOffline(false)
  await expect(second.getByText('1 answer on this device could not be sent')).toBeVisible()
  await look(second, 'seat-lost')
  await second.getByRole('button', { name: 'Ask to go on here again' }).click()
  await letGoOn()
  await expect(question(second, 5)).toBeVisible()
  await saved(second)
  await expect(second.getByText('2 of 8 answered')).toBeVisible()
})

test('what was handed in on a device that lost the exam meanwhile ends nothing, and is not hidden', async () => {
  await second.context().setOffline(true)
  await handIn(second)
  await first.getByRole('button', { name: 'Ask to go on here' }).click()
  await letGoOn()
  await expect(question(first, 1)).toBeVisible()
  await second.context().setOffline(false)
  await expect(second.getByText(/^You handed in on this device at/)).toBeVisible()
  await expect(second.getByText('The record of the exam says when you handed in')).toBeVisible()
  await look(second, 'seat-handed-in')
  const told = (await record(proctor, program.url, session)).filter(
    (e) => e.kind === 'hand_in_told',
  )
  expect(told).toHaveLength(1)
  expect(told[0]!.device_ms).toBeLessThanOrEqual(told[0]!.at)
  await second.reload()
  await expect(second.getByText(/^You handed in on this device at/)).toBeVisible()
  await second.getByRole('button', { name: /^Ask to go on here/ }).click()
  await letGoOn()
  await expect(question(second, 5)).toBeVisible()
  expect((await record(proctor, program.url, session)).map((e) => e.kind)).not.toContain(
    'submitted',
  )
})

test('of two tabs one leads, and changes only when the person says so', async () => {
  const tab = await second.context().newPage()
  await tab.goto(`${program.url}/exam/`)
  const other = (page: Page) =>
    page.getByRole('heading', { name: 'Your exam is open in another tab' })
  await expect(other(tab)).toBeVisible()
  await look(tab, 'other-tab')
  await tab.getByRole('button', { name: 'Go on here' }).click()
  await expect(question(tab, 5)).toBeVisible()
  await expect(other(second)).toBeVisible()
  await tab.reload()
  await expect(question(tab, 5)).toBeVisible()
  await tab.getByLabel('Your answer').fill('Saturn')
  await saved(tab)
  await tab.close()
  await second.getByRole('button', { name: 'Go on here' }).click()
  await expect(question(second, 5)).toBeVisible()
  await expect(second.getByLabel('Your answer')).toHaveValue('Saturn')
})

test('what was handed in without a connection when the session ended arrives, and is marked', async () => {
  await second.context().setOffline(true)
  await second.getByRole('button', { name: /^Question 6:/ }).click()
  await second.getByLabel('Your answer').fill('10')
  await handIn(second)
  await proctor.getByRole('button', { name: 'End session' }).click()
  await dialog()
    .getByLabel(/^Type the code/)
    .fill('TWODEVICES')
  await dialog().getByRole('button', { name: 'End session' }).click()
  await expect(proctor.getByRole('gridcell', { name: /Tariq Two/ })).toContainText('Complete')
  await second.context().setOffline(false)
  await expect(second.getByRole('heading', { name: 'The exam is over' })).toBeVisible()
  await expect(second.getByText('You handed in on this device at')).toBeVisible()
  await expect(second.getByText('1 answer from this device arrived after the end.')).toBeVisible()
  await expect(second.getByText('Everything has arrived.')).toBeVisible()
  await look(second, 'ended-late')
})

test('axe has nothing to say of the screens, and nothing is too wide', () => {
  expect(found).toEqual([])
})

test('no page broke a rule of its policy or threw an error', () => {
  expect(faults).toEqual([])
  expect(home.pages()).toHaveLength(1)
})
