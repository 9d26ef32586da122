// C17: a phone as second camera. A browser of its own opens the page that the exam's code leads to; its
// picture is recorded and seen, survives a lost connection, and its right can do nothing else (S2.17).
import { expect, test, type Browser, type BrowserContext, type Page } from '@playwright/test'
import { readIndex } from '../../web/lib/media/record.ts'
import { findHoles } from '../../web/review/model/recording.ts'
import {
  candidateBrowser,
  createSession,
  newPage,
  PLAIN_SETTINGS,
  Program,
  signIn,
  STAFF,
} from './harness.ts'
import { found, look, SIZES } from './look.ts'

test.describe.configure({ mode: 'serial' })

let program: Program
let browser: Browser
let phones: Browser
let pocket: BrowserContext
let candidate: Page
let phone: Page
let proctor: Page
let session: number
let address: string
const faults: string[] = []
const NAME = 'Pia Phone'

test.beforeAll(async () => {
  program = await Program.start()
  browser = await candidateBrowser()
  phones = await candidateBrowser()
  session = await createSession(program, {
    code: 'PHONE2026',
    name: 'With a phone',
    settings: { ...PLAIN_SETTINGS, phone: 1 },
    recorded: true,
  })
  candidate = (await newPage(browser, faults, 'candidate')).page
  proctor = (await newPage(browser, faults, 'proctor')).page
  const opened = await newPage(phones, faults, 'phone', {
    viewport: SIZES.phone,
    isMobile: true,
    hasTouch: true,
  })
  pocket = opened.context
  phone = opened.page
})

test.afterAll(async () => {
  await browser?.close()
  await phones?.close()
  await program?.stop()
})

const status = () => phone.getByRole('status').first()

test('the checks show a code, and go on only with the phone', async () => {
  await candidate.goto(`${program.url}/exam/?code=PHONE2026`)
  await candidate.getByLabel('Your name').fill(NAME)
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await expect(candidate.getByRole('rowheader', { name: /your phone/ })).toBeVisible()
  for (const box of await candidate.getByRole('checkbox').all()) await box.check()
  await candidate.getByRole('button', { name: 'Agree and continue' }).click()
  await expect(candidate.getByRole('img', { name: /A code for the camera/ })).toBeVisible()
  await expect(candidate.getByRole('button', { name: 'Continue' })).toBeDisabled()
  await look(candidate, 'phone-code')
  await candidate.getByText('Without scanning').click()
  address = (await candidate.getByTestId('phone-address').innerText()).trim()
  expect(address).toMatch(/\/phone\/#\d+\.[\w-]{43}\.[\w-]{43}$/)
})

test('the phone opens it, sees where to stand, and says that it is connected', async () => {
  await phone.goto(address)
  await expect(status()).toHaveAttribute('data-status', 'preview')
  await expect(phone.getByRole('img', { name: /A drawing/ })).toBeVisible()
  await look(phone, 'phone-connected')
  await phone.setViewportSize(SIZES.phone)
  await expect(candidate.getByText('The phone is connected and its picture is fine.')).toBeVisible()
})

test('the code is good once', async () => {
  const answer = await pocket.request.post(`${program.url}/api/phone`, {
    data: { ticket: address.split('#')[1]!.split('.').slice(0, 2).join('.') },
    headers: { Origin: program.url },
  })
  expect(answer.status()).toBe(410)
})

test('what the phone has may do nothing of the exam', async () => {
  for (const path of ['/api/exam', '/api/exam/paper', '/api/exam/answers', '/api/exam/phone'])
    expect(
      await phone.evaluate(
        (p) => fetch(p, { method: p.endsWith('phone') ? 'POST' : 'GET' }).then((r) => r.status),
        path,
      ),
      path,
    ).toBe(401)
  expect(await phone.evaluate(() => document.cookie)).toBe('')
})

test('the exam begins, and the proctor sees the picture of the phone', async () => {
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await candidate.getByRole('checkbox').check()
  await candidate.getByRole('button', { name: 'I am ready' }).click()
  await candidate.getByRole('heading', { name: /^Question 1 of / }).waitFor()
  await expect(status()).toHaveAttribute('data-status', 'connected')
  await signIn(proctor, program.url, STAFF.proctor)
  await proctor.goto(`${program.url}/live/?session=${session}`)
  await proctor.getByRole('button', { name: 'Unlock pictures' }).click()
  await proctor.getByRole('dialog').getByLabel('Passphrase').fill(STAFF.proctor.passphrase)
  await proctor.getByRole('dialog').getByRole('button', { name: 'Unlock' }).click()
  await proctor
    .getByRole('gridcell', { name: new RegExp(NAME) })
    .getByRole('button', { name: NAME })
    .first()
    .click()
  await proctor.getByRole('button', { name: 'Show Phone large' }).click()
  const picture = proctor.locator('.stream-large .picture-phone')
  await expect(picture).not.toHaveClass(/picture-none|picture-late/)
  await expect(picture.getByText(/./)).toHaveCount(0)
  await look(proctor, 'phone-focus')
})

async function index() {
  const bytes = await proctor.evaluate(async (id) => {
    const { attempts } = await fetch(`/api/sessions/${id}/attempts`).then((r) => r.json())
    const path = `/api/attempts/${attempts[0].attempt}/media`
    return [...new Uint8Array((await fetch(path).then((r) => r.arrayBuffer())) as ArrayBuffer)]
  }, session)
  return readIndex(new Uint8Array(bytes))
}

test('without a connection the phone keeps its pictures and sends them later; nobody is held up', async () => {
  await pocket.setOffline(true)
  await expect(status()).toHaveAttribute('data-status', 'lost', { timeout: 40_000 })
  await expect(candidate.getByText('Your phone is not connected')).toBeVisible({ timeout: 40_000 })
  await look(candidate, 'phone-lost')
  await expect(proctor.getByText('Phone lost').first()).toBeVisible({ timeout: 40_000 })
  await candidate.getByRole('radio', { name: '2000' }).check()
  await expect(candidate.getByTestId('save-state')).toHaveText(/^Saved at \d/)
  await pocket.setOffline(false)
  await expect(status()).toHaveAttribute('data-status', 'connected', { timeout: 40_000 })
  await expect(candidate.getByText('Your phone is not connected')).toHaveCount(0)
  await expect
    .poll(async () => (await index()).filter((entry) => entry.late && entry.stream === 2).length, {
      timeout: 30_000,
    })
    .toBeGreaterThan(20)
  await expect.poll(async () => findHoles(await index(), new Map())).toEqual([])
  await expect(proctor.getByText('Phone is back')).toBeVisible()
})

test('the page may be opened again: the phone goes on by itself', async () => {
  const before = new Set((await index()).map((entry) => entry.epoch)).size
  await phone.goto(`${program.url}/phone/`)
  await expect(status()).toHaveAttribute('data-status', 'connected')
  await expect
    .poll(async () => new Set((await index()).map((entry) => entry.epoch)).size)
    .toBe(before + 1)
})

test('with the exam the phone ends, too', async () => {
  await candidate.getByRole('button', { name: 'Review and hand in' }).click()
  await candidate.getByRole('button', { name: 'Hand in', exact: true }).click()
  await candidate
    .locator('dialog[open]')
    .getByRole('button', { name: 'Hand in', exact: true })
    .click()
  await expect(status()).toHaveAttribute('data-status', 'over', { timeout: 30_000 })
  await expect.poll(async () => findHoles(await index(), new Map())).toEqual([])
  await phone.reload()
  await expect(phone.getByText('Scan the code again')).toBeVisible()
})

test('no page had an error, and no screen a finding', () => {
  expect(faults).toEqual([])
  expect(found).toEqual([])
})
