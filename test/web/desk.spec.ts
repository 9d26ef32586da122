// The proctors' desks: two proctors share five candidates, one leads. Who sees whom, who is on what, what
// goes to the lead, hand-overs with notes, breaks, who was looked at (E6, S1.45, S2.14, S2.15).
import { expect, test, type Browser, type Page } from '@playwright/test'
import {
  addUser,
  createSession,
  getReady,
  giveName,
  joinLightly,
  newPage,
  Program,
  signIn,
  STAFF,
  staffBrowser,
} from './harness.ts'
import { found, look } from './look.ts'

test.describe.configure({ mode: 'serial' })

const OMAR = { email: 'omar@example.org', name: 'Omar Other', password: 'desk of omar' }
const IDA = { email: 'ida@example.org', name: 'Ida Lead', password: 'desk of ida in front' }
const NAMES = ['Ada Adler', 'Ben Berg', 'Cleo Chen', 'Dan Diaz', 'Eve Ek']
const CODE = 'FIVEATDESK'

let program: Program
let browser: Browser
let session: number
let lena: Page // the demo's proctor
let omar: Page
let ida: Page
const candidates: Page[] = []
const faults: string[] = []

async function openDesk(who: { email: string; password: string }): Promise<Page> {
  const { page } = await newPage(browser, faults, who.email)
  await page.addInitScript(countTones)
  await signIn(page, program.url, who)
  await page.goto(`${program.url}/live/?session=${session}`)
  return page
}

/** Counts the notes that the page really starts. */
function countTones(): void {
  const counted = window as unknown as { notes: number }
  counted.notes = 0
  const { start } = OscillatorNode.prototype
  OscillatorNode.prototype.start = function (at?: number) {
    counted.notes++
    start.call(this, at)
  }
}

test.beforeAll(async () => {
  program = await Program.start()
  addUser(program, OMAR, 'proctor')
  addUser(program, IDA, 'proctor')
  session = await createSession(program, {
    code: CODE,
    name: 'Five at the desk',
    settings: { webcam: 0, screen: 0, fullscreen: 0, start_by_proctor: 0, ratio: 2 },
    staff: [
      { email: OMAR.email, roles: ['proctor'] },
      { email: IDA.email, roles: ['proctor', 'lead'] },
    ],
  })
  browser = await staffBrowser()
  ;[lena, omar, ida] = await Promise.all([openDesk(STAFF.proctor), openDesk(OMAR), openDesk(IDA)])
})

test.afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

const [ADA, BEN, CLEO, DAN, EVE] = [0, 1, 2, 3, 4] as const
const tile = (page: Page, who: number) =>
  page.getByRole('gridcell', { name: new RegExp(NAMES[who]!) })
const card = (page: Page, who: number) =>
  page.locator('.request', { has: page.getByRole('button', { name: new RegExp(NAMES[who]!) }) })
const dialog = (page: Page) => page.locator('dialog[open]')
const seat = (who: string) => ida.getByRole('region', { name: who })
const board = () => ida.getByRole('button', { name: 'Board' }).click()

async function sees(page: Page, who: readonly number[]): Promise<void> {
  await expect(page.getByRole('gridcell')).toHaveCount(who.length)
  for (const one of who) await expect(tile(page, one)).toBeVisible()
}

const inBrowser = (who: number) => who === ADA || who === BEN

test('candidates are shared by load, and each proctor sees the own ones', async () => {
  for (const [who, name] of NAMES.entries()) {
    const { page } = await newPage(browser, faults, name)
    candidates.push(page)
    if (inBrowser(who)) await giveName(page, program.url, CODE, name)
    else await joinLightly(page, program.url, CODE, name)
    if (inBrowser(who)) await page.getByRole('button', { name: 'Agree and continue' }).waitFor()
  }
  await sees(lena, [ADA, CLEO, EVE])
  await sees(omar, [BEN, DAN])
  await sees(ida, [ADA, BEN, CLEO, DAN, EVE])
})

test('in the lobby a candidate is told the place in line', async () => {
  await Promise.all([candidates[ADA]!, candidates[BEN]!].map(getReady))
  await expect(candidates[ADA]!.getByText('You are number 3 in line.')).toBeVisible()
  await expect(candidates[BEN]!.getByText('You are number 2 in line.')).toBeVisible()
  await look(candidates[ADA]!, 'lobby-place')
})

test('the lead sees who looks after whom, and who has more than planned', async () => {
  await board()
  await expect(seat('Demo Proctor')).toContainText('3 of 2: more than planned')
  await expect(seat('Omar Other')).toContainText('2 of 2')
  await expect(seat('Omar Other')).toContainText('there')
  await expect(seat('Ida Lead')).toContainText('No candidates')
  await look(ida, 'desk-board')
  await expect(omar.getByRole('button', { name: 'Board' })).toHaveCount(0)
})

test('all are let in, each by the own proctor', async () => {
  await lena.getByRole('button', { name: 'Admit all 3 who wait' }).click()
  await dialog(lena).getByRole('button', { name: 'Admit 3' }).click()
  await expect(dialog(lena)).toHaveCount(0)
  for (const one of [BEN, DAN]) await card(omar, one).getByRole('button', { name: 'Admit' }).click()
  for (const page of candidates.filter((_, who) => inBrowser(who)))
    await expect(page.getByRole('heading', { name: /^Question 1 of / })).toBeVisible()
})

async function raiseHand(who: number): Promise<void> {
  const page = candidates[who]!
  await page.getByRole('button', { name: 'Help' }).first().click()
  await page.getByRole('button', { name: 'Raise hand' }).click()
  await expect(page.getByText('You are next.')).toBeVisible()
  await page.keyboard.press('Escape')
}

test('sounds are asked for, tried, and heard when somebody raises the hand', async () => {
  await lena.getByRole('button', { name: 'Turn sounds on' }).click()
  await lena.getByRole('button', { name: 'My desk' }).click()
  await lena.getByRole('menuitem', { name: 'Sounds' }).click()
  await expect(dialog(lena).getByRole('slider')).toHaveCount(4)
  await look(lena, 'desk-sounds')
  await dialog(lena).getByRole('button', { name: 'Test: Message' }).click()
  const notes = () => lena.evaluate(() => (window as unknown as { notes: number }).notes)
  await expect.poll(notes).toBe(1)
  await dialog(lena).getByRole('button', { name: 'Close' }).last().click()
  await raiseHand(ADA)
  await expect(card(lena, ADA)).toContainText('Hand raised')
  await expect(lena).toHaveTitle(/^\(1\) /)
  await expect.poll(notes).toBe(3) // two notes of a request
})

test('one is on it, and the others see who', async () => {
  await card(lena, ADA).getByRole('button', { name: 'I am on it' }).click()
  await expect(card(lena, ADA)).toContainText('You are on it')
  await expect(ida.getByText('Nothing waits for you')).toBeVisible()
  await ida.getByRole('checkbox', { name: /^Also what is for others/ }).check()
  await expect(card(ida, ADA)).toContainText('Demo Proctor is on it')
  await expect(ida).toHaveTitle(/^Five at the desk/) // taken: not counted
  await look(lena, 'desk-claimed')
})

test('of two who claim at once one has it; the other is told and may take over', async () => {
  await raiseHand(BEN)
  const claim = (page: Page) => card(page, BEN).getByRole('button', { name: 'I am on it' })
  await Promise.all([claim(omar).waitFor(), claim(ida).waitFor()])
  await Promise.all([omar.keyboard.press('c'), ida.keyboard.press('c')])
  await expect(card(omar, BEN).getByText(/is on it|are on it/)).toBeVisible()
  await expect(card(ida, BEN).getByText(/is on it|are on it/)).toBeVisible()
  const mine = (page: Page) => card(page, BEN).getByText('You are on it').isVisible()
  const omarHas = await mine(omar)
  expect(await mine(ida)).toBe(!omarHas)
  const [loser, winner] = omarHas ? [ida, omar] : [omar, ida]
  await card(loser, BEN).getByRole('button', { name: 'Take over' }).click()
  await expect(card(loser, BEN)).toContainText('You are on it')
  await expect(card(winner, BEN)).toContainText('is on it')
  await card(loser, BEN).getByRole('button', { name: 'Answered' }).click()
  await expect(card(winner, BEN)).toHaveCount(0)
})

test('two act on one candidate at once: both see what came of it', async () => {
  await ida.getByRole('button', { name: 'Grid' }).click()
  await tile(omar, BEN).focus()
  await tile(ida, BEN).focus()
  await Promise.all([omar.keyboard.press('p'), ida.keyboard.press('p')])
  await expect(tile(omar, BEN)).toContainText('Paused')
  await expect(tile(ida, BEN)).toContainText('Paused')
  await expect(candidates[BEN]!.getByRole('heading', { name: /paused/i })).toBeVisible()
  // One paused, for the other it was so already: nothing failed.
  for (const page of [omar, ida]) await expect(page.getByText('Not done')).toHaveCount(0)
})

test('a candidate is handed over by key, with a note, and is gone from the desk', async () => {
  await tile(lena, EVE).focus()
  await lena.keyboard.press('h')
  await dialog(lena).getByLabel('To whom').selectOption({ label: 'Omar Other' })
  await dialog(lena)
    .getByLabel(/^Eve Ek/)
    .fill('Reads questions aloud: agreed.')
  await look(lena, 'desk-hand-over')
  await dialog(lena).getByRole('button', { name: 'Hand over' }).click()
  const came = 'Eve Ek is yours now: Reads questions aloud: agreed.'
  await expect(omar.locator('.note-text', { hasText: came })).toBeVisible()
  await sees(lena, [ADA, CLEO])
  await sees(omar, [BEN, DAN, EVE])
  await tile(omar, EVE)
    .getByRole('button', { name: /^Eve Ek/ })
    .click()
  await expect(omar.getByText('Demo Proctor: Reads questions aloud: agreed.')).toBeVisible()
})

test('who looked at a candidate is seen by others, and the least seen come first', async () => {
  await omar.getByRole('tab', { name: 'Technical' }).click()
  await expect(omar.getByText('Recording not sent yet')).toBeVisible()
  await expect(tile(ida, EVE)).toContainText('seen by Omar Other now')
  await expect(tile(ida, CLEO)).toContainText('not seen yet')
  await ida.getByLabel('Order').selectOption('Least seen')
  await expect(ida.getByRole('gridcell').last()).toContainText('Eve Ek')
  await omar.getByRole('link', { name: 'Back to all' }).click()
  await tile(omar, BEN)
    .getByRole('button', { name: /^Ben Berg/ })
    .click()
  await expect(omar.getByText(/^\d+ ms \(/)).toBeVisible() // as Ben's page says
  await omar.getByRole('tab', { name: 'Questions' }).click()
  await look(omar, 'desk-focus')
  await omar.getByRole('link', { name: 'Back to all' }).click()
})

test('rotation shows a few at a time, and any key stops it', async () => {
  await ida.keyboard.press('r')
  await dialog(ida).getByLabel('How many at a time').selectOption('2')
  await dialog(ida).getByRole('button', { name: 'Start rotation' }).click()
  await expect(ida.getByText(/Rotation: 2 at a time/)).toBeVisible()
  await expect(ida.getByRole('gridcell')).toHaveCount(2)
  await ida.keyboard.press('p')
  await sees(ida, [ADA, BEN, CLEO, DAN, EVE])
  await expect(tile(ida, ADA)).not.toContainText('Paused') // the key only stopped it
})

test('on the board the lead moves candidates by keyboard', async () => {
  await ida.keyboard.press('b')
  const pick = seat('Omar Other').getByRole('checkbox', { name: 'Select Ben Berg' })
  await pick.focus()
  await ida.keyboard.press('Space')
  const move = seat('Demo Proctor').getByRole('button', { name: 'Move 1 to Demo Proctor' })
  await move.focus()
  await ida.keyboard.press('Enter')
  await expect(seat('Demo Proctor')).toContainText('Ben Berg')
  await sees(lena, [ADA, BEN, CLEO])
  await sees(omar, [DAN, EVE])
})

const facts = () => seat('Omar Other').locator('.board-facts')

test('on a break the candidates are with others; the last one cannot go', async () => {
  await omar.getByRole('button', { name: 'My desk' }).click()
  await omar.getByRole('menuitem', { name: 'Take a break' }).click()
  await dialog(omar).getByRole('button', { name: 'Hand over and go' }).click()
  await expect(omar.getByText('You are on a break')).toBeVisible()
  await sees(lena, [ADA, BEN, CLEO, DAN, EVE])
  await expect(facts()).toContainText('on a break')
  await look(omar, 'desk-away')
  await omar.getByRole('button', { name: 'I am back' }).click()
  await expect(facts()).toContainText('there')
})

test('axe has nothing to say of the screens, and nothing is too wide', () => {
  expect(found).toEqual([])
})

test('no page broke a rule of its policy or threw an error', () => {
  expect(faults).toEqual([])
})
