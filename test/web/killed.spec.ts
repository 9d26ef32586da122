// A browser that is killed while somebody types, with the server there or gone: what the page called kept or
// saved is there when the same browser is opened again, and reaches the server.
import { chromium, expect, test, type Browser, type Page } from '@playwright/test'
import { createHash, randomBytes } from 'node:crypto'
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  CHROMIUM,
  collectReceipts,
  Program,
  QUIET,
  STAFF,
  verifyReceipt,
  type SavedReceipt,
} from './harness.ts'

// A kill takes three to six seconds, most of them to start a browser; 50 are a matter of minutes.
const KILLS = Number(process.env.INVIGIL_BROWSER_KILLS ?? 20)
const TYPED = 40 // letters that are on their way when it is killed
const HASH_AT = 29 // of the answer's text in a receipt

let program: Program
test.beforeAll(async () => {
  program = await Program.start()
})
test.afterAll(() => program?.stop())

// ---- a browser that can be killed ----

/** What a start can do without: fifty are waited for. */
const QUICK = [
  '--headless=new',
  '--disable-extensions',
  '--disable-component-extensions-with-background-pages',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-dev-shm-usage',
  '--no-default-browser-check',
  '--no-pings',
  '--no-service-autorun',
  '--password-store=basic',
  '--disable-features=MediaRouter,OptimizationHints,Translate,DialMediaRouteProvider',
]

class Killable {
  private constructor(
    private readonly child: ChildProcess,
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  /** The same person's browser: what an earlier one stored is there. */
  static async open(profile: string): Promise<Killable> {
    const args = ['--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank']
    const child = spawn(CHROMIUM, [...QUIET, ...QUICK, ...args], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const browser = await chromium.connectOverCDP(await said(child))
    const context = browser.contexts()[0]!
    return new Killable(child, browser, context.pages()[0] ?? (await context.newPage()))
  }

  /** All of its processes at once, in the middle of whatever they do. */
  async kill(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done))
    process.kill(-this.child.pid!, 'SIGKILL')
    await ended
    await this.browser.close().catch(() => undefined)
  }

  async quit(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done))
    const session = await this.browser.newBrowserCDPSession()
    await session.send('Browser.close').catch(() => undefined)
    await ended
  }
}

function said(child: ChildProcess): Promise<string> {
  return new Promise((found, fail) => {
    createInterface({ input: child.stderr! }).on('line', (line) => {
      const address = line.match(/DevTools listening on (ws:\S+)/)?.[1]
      if (address) found(address)
    })
    child.once('exit', (code) => fail(new Error(`the browser ended with ${code}`)))
  })
}

// ---- an exam of one question ----

async function post(path: string, body: unknown, cookie = ''): Promise<Response> {
  const text = typeof body === 'string'
  const response = await fetch(program.url + path, {
    method: 'POST',
    headers: {
      'Content-Type': text ? 'application/octet-stream' : 'application/json',
      Origin: program.url,
      cookie,
    },
    body: text ? body : JSON.stringify(body),
  })
  expect(response.ok, await response.clone().text()).toBe(true)
  return response
}

async function session(code: string): Promise<void> {
  const signedIn = await post('/api/signin', STAFF.planner)
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0]!
  const checked = await post('/api/imports?name=one.gift&format=gift', 'Describe it. {}\n', cookie)
  const { import: id } = (await checked.json()) as { import: string }
  const made = await post('/api/assessments', { import: id, name: 'One question' }, cookie)
  const { assessment } = (await made.json()) as { assessment: number }
  const now = Date.now()
  const off = { waiting_room: 0, webcam: 0, screen: 0, fullscreen: 0, start_by_proctor: 0 }
  await post(
    '/api/sessions',
    {
      name: 'Killed browsers',
      assessment,
      code,
      opens_ms: now - 1000,
      starts_ms: now,
      duration_ms: 3_600_000,
      settings: off,
      staff: [],
      public_key: randomBytes(32).toString('base64url'),
      keys: [],
    },
    cookie,
  )
}

async function enter(page: Page, code: string): Promise<void> {
  const go = (name: string) => page.getByRole('button', { name, exact: true }).click()
  await page.goto(`${program.url}/exam/`)
  await page.getByLabel('Enrollment code').fill(code)
  await go('Continue')
  await page.getByLabel('Your name').fill('Kim Killed')
  await go('Continue')
  await page.getByRole('heading', { name: /What is recorded/ }).waitFor()
  for (const box of await page.getByRole('checkbox').all()) await box.check()
  await go('Agree and continue')
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.getByRole('checkbox').check()
  await go('I am ready')
  await page.locator('textarea').waitFor()
}

// ---- what the page says, and what is true ----

interface Shown {
  text: string
  state: string
}

const shown = (page: Page): Promise<Shown> =>
  page.evaluate(() => ({
    text: document.querySelector('textarea')!.value,
    state: document.querySelector('[data-testid=save-state]')!.textContent!,
  }))

/** Types, looks again and again, kills at a random moment; returns the last text that was called safe. */
async function killWhileTyping(browser: Killable, typed: string): Promise<string> {
  const { page } = browser
  const until = performance.now() + 80 + Math.random() * 700
  let safe = (await shown(page)).text
  await page.locator('textarea').focus()
  await page.keyboard.press('Control+End')
  const typing = page.keyboard.type(typed, { delay: 12 }).catch(() => undefined)
  while (performance.now() < until) {
    const { text, state } = await shown(page)
    if (/^(Kept|Saved)/.test(state)) safe = text
  }
  await browser.kill()
  await typing
  return safe
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const promised = (receipt: SavedReceipt) =>
  receipt.bytes.subarray(HASH_AT, HASH_AT + 32).toString('hex')

test(`a browser killed ${KILLS} times while typing loses nothing that was called kept or saved`, async () => {
  test.setTimeout(120_000 + KILLS * 15_000)
  const profile = join(program.folder, 'profile')
  const ledger: SavedReceipt[] = []
  await session('KILL22')
  const first = await Killable.open(profile)
  await enter(first.page, 'KILL22')
  await first.quit() // the sign-in is written behind by the browser

  let before = ''
  for (let round = 0; round <= KILLS; round++) {
    const browser = await Killable.open(profile)
    const receipts = collectReceipts(browser.page)
    await browser.page.goto(`${program.url}/exam/`)
    await browser.page.locator('textarea').waitFor()
    const { text } = await shown(browser.page)
    expect(text.startsWith(before), `round ${round}: "${before.slice(-60)}" was called safe`).toBe(
      true,
    )
    await expect(browser.page.getByTestId('save-state')).toHaveText(/^(Saved|Nothing)/)
    if (receipts.length) expect(promised(receipts.at(-1)!)).toBe(hashOf(text))
    if (round === KILLS) {
      ledger.push(...receipts)
      await browser.quit()
      break
    }
    const serverDown = round % 2 === 1
    if (serverDown) await program.kill9()
    before = await killWhileTyping(browser, ` ${round}${'abcdefghij'.repeat(TYPED / 10)}`)
    ledger.push(...receipts)
    if (serverDown) await program.run()
  }

  const answer = await fetch(`${program.url}/api/server`)
  const { sign_public } = (await answer.json()) as { sign_public: string }
  expect(ledger.length).toBeGreaterThan(KILLS / 4)
  const highest = Math.max(...ledger.map(({ rev }) => rev))
  for (const receipt of ledger) {
    expect(receipt.rev).toBeLessThanOrEqual(highest)
    expect(verifyReceipt(program, receipt, sign_public)).toContain('genuine')
  }
})
