// An exam and its supervision without a mouse: every step is Tab, a key and typing, and wherever the
// keyboard is, it can be seen. Full screen and camera are tried elsewhere.
import { expect, test, type Browser, type Page } from '@playwright/test'
import { createSession, newPage, Program, STAFF, staffBrowser } from './harness.ts'

test.describe.configure({ mode: 'serial' })

const NAME = 'Without a mouse'
let program: Program
let browser: Browser
let candidate: Page
let proctor: Page
const faults: string[] = []

test.beforeAll(async () => {
  program = await Program.start()
  const settings = { webcam: 0, screen: 0, fullscreen: 0 } as const
  await createSession(program, { code: 'NOMOUSE2', name: NAME, settings })
  browser = await staffBrowser()
  candidate = (await newPage(browser, faults, 'candidate')).page
  proctor = (await newPage(browser, faults, 'proctor')).page
})

test.afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

interface Place {
  name: string
  /** The ring, as an outline of the element or of the label that stands for it, is in sight. */
  seen: boolean
}

function here(page: Page): Promise<Place> {
  return page.evaluate(() => {
    const at = document.activeElement as HTMLElement & { labels?: NodeListOf<HTMLElement> }
    const outlined = (element: Element | null): boolean => {
      if (!element) return false
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2
    }
    const box = at.getBoundingClientRect()
    const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
    const name = at.getAttribute('aria-label') ?? at.labels?.[0]?.innerText ?? at.innerText
    return { name: name.trim(), seen: inside && (outlined(at) || outlined(at.closest('label'))) }
  })
}

/** Tab until there; each stop on the way must be visible. */
async function tabTo(page: Page, wanted: RegExp, key = 'Tab'): Promise<void> {
  const way: string[] = []
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press(key)
    const place = await here(page)
    if (place.name) expect(place.seen, `the focus on "${place.name}" can be seen`).toBe(true)
    if (wanted.test(place.name)) return
    way.push(place.name)
  }
  throw new Error(`Tab never came to ${wanted}, but to: ${way.join(' | ')}`)
}

async function press(page: Page, wanted: RegExp, key = 'Enter'): Promise<void> {
  await tabTo(page, wanted)
  await page.keyboard.press(key)
}

async function type(page: Page, wanted: RegExp, text: string): Promise<void> {
  await tabTo(page, wanted)
  await page.keyboard.type(text)
}

const heading = (page: Page, name: string | RegExp) =>
  expect(page.getByRole('heading', { name }).first()).toBeVisible()

/** On the pages of an exam the heading of a new screen takes the focus, so that Tab leads on from there. */
const arrive = (name: string) =>
  expect(candidate.getByRole('heading', { name, exact: true })).toBeFocused()

test('a candidate joins, agrees and gets ready', async () => {
  await candidate.goto(`${program.url}/exam/`)
  await arrive('Join your exam')
  await type(candidate, /^Enrollment code/, 'NOMOUSE2')
  await candidate.keyboard.press('Enter')
  await arrive('Who is taking this exam?')
  await type(candidate, /^Your name/, 'Keyboard Person')
  await type(candidate, /^Candidate number/, '77')
  await candidate.keyboard.press('Enter')
  await arrive('What is recorded, and who sees it')
  await press(candidate, /I have read the list/, 'Space')
  await press(candidate, /^Agree and continue/)
  await arrive('Check your device')
  await expect(candidate.getByRole('button', { name: 'Continue', exact: true })).toBeEnabled()
  await press(candidate, /^Continue/)
  await arrive('Before you begin')
  await press(candidate, /^I have read this/, 'Space')
  await press(candidate, /^I am ready/)
  await arrive('Waiting')
})

const tile = () => proctor.getByRole('gridcell', { name: /Keyboard Person/ })
const dialog = () => proctor.locator('dialog[open]')

test('a proctor signs in, opens the session, starts it and admits', async () => {
  await proctor.goto(program.url)
  await heading(proctor, 'Sign in')
  await type(proctor, /^E-mail address/, STAFF.proctor.email)
  await type(proctor, /^Password/, STAFF.proctor.password)
  await proctor.keyboard.press('Enter')
  await heading(proctor, 'Hello, Demo Proctor')
  await press(proctor, /^Open live monitor/)
  await heading(proctor, 'My sessions')
  await press(proctor, new RegExp(`^Open ${NAME}`))
  await expect(tile()).toContainText('Waiting')
  await press(proctor, /^Start session/)
  await expect(dialog()).toBeVisible()
  await press(proctor, /^Start session/)
  await expect(proctor.getByRole('button', { name: 'End session' })).toBeVisible()
  await expect(dialog()).toHaveCount(0)
  await tabTo(proctor, /^Keyboard Person, 77, Waiting/)
  await proctor.keyboard.press('a')
  await expect(tile()).toContainText('Active')
  await arrive('Question 1 of 8')
})

test('one key pauses and resumes, one locks with a reason and unlocks', async () => {
  await expect(tile()).toBeFocused()
  await proctor.keyboard.press('p')
  await arrive('Your exam is paused')
  await expect(tile()).toContainText('Paused')
  await proctor.keyboard.press('p')
  await expect(candidate.getByRole('heading', { name: 'Your exam is paused' })).toBeHidden()
  await proctor.keyboard.press('l')
  await expect(dialog().getByRole('textbox')).toBeFocused()
  await proctor.keyboard.press('Control+a')
  await proctor.keyboard.type('Something fell down.')
  await press(proctor, /^Lock$/)
  await expect(candidate.getByText('Something fell down.')).toBeVisible()
  await expect(tile()).toContainText('Locked')
  await expect(tile()).toBeFocused()
  await proctor.keyboard.press('l')
  await expect(tile()).toContainText('Active')
})

test('m writes, f flags, Escape takes neither', async () => {
  await proctor.keyboard.press('m')
  await expect(dialog()).toBeVisible()
  await proctor.keyboard.press('Escape')
  await expect(dialog()).toHaveCount(0)
  await expect(tile()).toBeFocused()
  await proctor.keyboard.press('m')
  await expect(dialog().getByLabel('Text')).toBeFocused()
  await proctor.keyboard.type('All is well now.')
  await press(proctor, /^Message$/)
  await expect(candidate.getByText('All is well now.').first()).toBeVisible()
  await expect(tile()).toBeFocused()
  await proctor.keyboard.press('f')
  await expect(dialog()).toBeVisible()
  await type(proctor, /^Note/, 'Something fell down.')
  await press(proctor, /^Flag$/)
  await expect(tile()).toHaveAccessibleName(/1 open flag|1 flag/)
})

test('Enter opens one candidate, Escape goes back, / finds', async () => {
  await expect(tile()).toBeFocused()
  await proctor.keyboard.press('Enter')
  await expect(proctor.getByRole('region', { name: /Keyboard Person/ })).toBeVisible()
  await proctor.keyboard.press('Escape')
  await expect(tile()).toBeVisible()
  await proctor.keyboard.press('/')
  await expect(proctor.getByRole('searchbox')).toBeFocused()
  expect((await here(proctor)).seen).toBe(true)
  await proctor.keyboard.type('nobody of this name')
  await expect(tile()).toHaveCount(0)
  await proctor.keyboard.press('Escape')
  await expect(tile()).toBeVisible()
})

/** To the next question, whose heading takes the focus. */
async function next(number: number): Promise<void> {
  await press(candidate, /^Next/)
  await arrive(`Question ${number} of 8`)
}

test('every kind of question is answered, one is marked for later', async () => {
  await arrive('Question 1 of 8')
  await press(candidate, /^2000/, 'Space')
  await candidate.keyboard.press('ArrowDown')
  await expect(candidate.getByRole('radio', { name: '1900' })).toBeChecked()
  await candidate.keyboard.press('ArrowUp')
  await expect(candidate.getByRole('radio', { name: '2000' })).toBeChecked()
  await next(2)
  for (const prime of [/^2$/, /^17$/, /^41$/]) await press(candidate, prime, 'Space')
  await next(3)
  await press(candidate, /^True/, 'Space')
  await next(4)
  await type(candidate, /^Your answer/, '19.62')
  await candidate.keyboard.press('Alt+f')
  const marked = candidate.getByRole('button', { name: /^Marked/ })
  await expect(marked).toHaveAttribute('aria-pressed', 'true')
  await next(5)
  await type(candidate, /^Your answer/, 'Jupiter')
  await next(6)
  await type(candidate, /^Your answer/, '10')
  await next(7)
  await press(candidate, /^Other teams/, 'Space')
  await next(8)
  await type(candidate, /^Your answer/, 'Rules that everybody knows.')
  await expect(candidate.getByText(/^Saved at \d/)).toBeVisible()
  await expect(candidate.getByText('8 of 8 answered')).toBeVisible()
})

test('help is opened, used and left', async () => {
  await tabTo(candidate, /^Help/, 'Shift+Tab')
  await candidate.keyboard.press('Enter')
  await expect(candidate.getByRole('dialog', { name: 'Help' })).toBeVisible()
  await type(candidate, /^What is it about/, 'May I leave early?')
  await press(candidate, /^Raise hand/)
  await expect(candidate.getByText(/^Your hand is up since/)).toBeVisible()
  await candidate.keyboard.press('Escape')
  await expect(candidate.getByRole('dialog', { name: 'Help' })).toHaveCount(0)
  await expect.poll(async () => (await here(candidate)).name).toMatch(/^Help/)
  await expect(proctor.getByRole('tabpanel')).toContainText('May I leave early?')
})

test('the exam is reviewed and handed in', async () => {
  await press(candidate, /^Review and hand in/)
  await arrive('Review')
  await expect(candidate.getByRole('row', { name: /Question 4/ })).toContainText('Marked')
  await press(candidate, /^Hand in/)
  await expect(candidate.getByRole('alertdialog')).toBeVisible()
  await press(candidate, /^Hand in/)
  await arrive('You have handed in')
  await expect(candidate.getByText('7 of 7 points')).toBeVisible()
  await expect(tile()).toContainText('Complete')
})

test('no page broke a rule of its policy or threw an error', () => {
  expect(faults).toEqual([])
})
