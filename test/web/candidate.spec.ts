// The candidate's pages by themselves: sat with the keyboard alone, looked at by axe in light and dark,
// under the real policy. The session needs no proctor, so that nothing else can be the reason.
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test, type Browser, type Page } from '@playwright/test'
import { randomBytes } from 'node:crypto'
import { candidateBrowser, newPage, Program, STAFF } from './harness.ts'

let program: Program
let browser: Browser
const faults: string[] = []

test.beforeAll(async () => {
  program = await Program.start()
  browser = await candidateBrowser()
})
test.afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

async function post(path: string, body: unknown, cookie = ''): Promise<Response> {
  const headers = { 'Content-Type': 'application/json', Origin: program.url, cookie }
  const response = await fetch(program.url + path, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  expect(response.ok, await response.clone().text()).toBe(true)
  return response
}

/** A session that starts by itself; the demo's assessment. */
async function session(code: string, settings: Record<string, number>, startsInMs: number) {
  const signedIn = await post('/api/signin', STAFF.planner)
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0]!
  const listed = await fetch(`${program.url}/api/assessments`, { headers: { cookie } })
  const { assessments } = (await listed.json()) as { assessments: { assessment: number }[] }
  const now = Date.now()
  const body = {
    name: 'Keyboard and colours',
    assessment: assessments[0]!.assessment,
    code,
    opens_ms: now - 1000,
    starts_ms: now + startsInMs,
    duration_ms: 600_000,
    settings: { waiting_room: 0, start_by_proctor: 0, fullscreen: 0, ...settings },
    staff: [],
    public_key: randomBytes(32).toString('base64url'),
    keys: [],
  }
  await post('/api/sessions', body, cookie)
}

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).waitFor()

test('an exam can be sat with the keyboard alone', async () => {
  await session('KEYS22', { webcam: 1, screen: 1 }, 0)
  const { page, context } = await newPage(browser, faults, 'keyboard')
  await context.grantPermissions(['camera'])
  const name = () =>
    page.evaluate(() => {
      const at = document.activeElement as HTMLInputElement
      return (at.getAttribute('aria-label') ?? at.labels?.[0]?.innerText ?? at.innerText).trim()
    })
  const tabTo = async (wanted: RegExp) => {
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab')
      if (wanted.test(await name())) return
    }
    throw new Error(`Tab never came to ${wanted}; it is at ${await name()}`)
  }
  const press = async (wanted: RegExp, key = 'Enter') => {
    await tabTo(wanted)
    await page.keyboard.press(key)
  }

  await page.goto(`${program.url}/exam/`)
  await page.getByLabel('Enrollment code').waitFor()
  await tabTo(/Enrollment code/)
  await page.keyboard.type('KEYS22')
  await page.keyboard.press('Enter')
  await page.getByLabel('Your name').waitFor()
  await tabTo(/Your name/)
  await page.keyboard.type('Keyboard Person')
  await page.keyboard.press('Enter')
  await heading(page, 'What is recorded, and who sees it')
  for (const line of [/my camera/, /my whole screen/, /I have read/]) await press(line, 'Space')
  await press(/Agree and continue/)
  await press(/Check: Camera/)
  await page.locator('[data-check=camera].good').waitFor()
  expect(await name()).toContain('Camera')
  await press(/Share the entire screen/)
  await page.locator('[data-check=screen].good').waitFor()
  await press(/^Continue/)
  await press(/I have read this/, 'Space')
  await press(/I am ready/)

  await heading(page, /Question 1 of/)
  expect(await name()).toMatch(/^Question 1 of/)
  await press(/2000/, 'Space')
  await page.keyboard.press('Alt+f')
  await expect(page.getByRole('button', { name: /^Marked/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await press(/^Next/)
  await heading(page, /Question 2 of/)
  await press(/^Review and hand in/)
  await heading(page, 'Review')
  await press(/^Hand in/)
  await page.getByRole('alertdialog').waitFor()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('alertdialog')).toBeHidden()
  expect(await name()).toBe('Hand in')
  await page.keyboard.press('Enter')
  await press(/^Hand in/)
  await heading(page, 'You have handed in')
  await expect(page.getByText('1 answer is stored')).toBeVisible()
  expect(faults).toEqual([])
  await context.close()
})

test('axe finds nothing on any screen, in light and dark', async () => {
  test.setTimeout(300_000)
  await session('LOOK22', { webcam: 0, screen: 0, microphone: 1 }, 20_000)
  const { page, context } = await newPage(browser, faults, 'axe')
  await context.grantPermissions(['microphone'])
  const look = async (screen: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const { violations } = await new AxeBuilder({ page }).analyze()
      const found = violations.map((each) => `${each.id}: ${each.nodes[0]?.html}`)
      expect(found, `${screen}, ${colorScheme}`).toEqual([])
    }
  }
  const go = (name: string) => page.getByRole('button', { name, exact: true }).click()

  await page.goto(`${program.url}/exam/`)
  await heading(page, 'Join your exam')
  await look('code')
  await page.getByLabel('Enrollment code').fill('NOBODY')
  await go('Continue')
  await page.getByRole('alert').waitFor()
  await look('wrong code')
  await page.getByLabel('Enrollment code').fill('LOOK22')
  await go('Continue')
  await heading(page, 'Who is taking this exam?')
  await look('name')
  await page.getByLabel('Your name').fill('Somebody')
  await go('Continue')
  await heading(page, 'What is recorded, and who sees it')
  await look('disclosure')
  for (const box of await page.getByRole('checkbox').all()) await box.check()
  await go('Agree and continue')
  await heading(page, 'Check your device')
  await page.getByRole('button', { name: 'Check: Microphone' }).click()
  await look('checks')
  await page.getByRole('button', { name: 'Continue', exact: true }).click({ timeout: 20_000 })
  await look('rules')
  await page.getByRole('checkbox').check()
  await go('I am ready')
  await heading(page, /Waiting|Question 1 of/)
  await look('waiting')
  await page.getByRole('heading', { name: /Question 1 of/ }).waitFor({ timeout: 30_000 })
  for (let item = 1; item <= 8; item++) {
    await heading(page, new RegExp(`Question ${item} of`))
    await look(`question ${item}`)
    if (item < 8) await go('Next')
  }
  await go('Help')
  await look('help')
  await page.keyboard.press('Escape')
  await go('Review and hand in')
  await look('review')
  await go('Hand in')
  await page.getByRole('alertdialog').waitFor()
  await look('confirm')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Hand in' }).click()
  await page.getByText('You may close this page now').waitFor()
  await look('result')
  expect(faults).toEqual([])
  await context.close()
})
