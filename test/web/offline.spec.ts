// The server is gone in mid-exam: the page opens again, is written in, marked and handed in; the browser
// is closed; and when the server is back, everything arrives (E1, E14, S1.58-S1.61, S1.69). The
// receipts of it are proved in the browser and by the program.
import { expect, test, type BrowserContext, type Page } from '@playwright/test'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSession, joinPlain, keptBrowser, PLAIN_SETTINGS, Program } from './harness.ts'

test.describe.configure({ mode: 'serial' })

let program: Program
let context: BrowserContext
let page: Page
const profile = () => join(program.folder, 'profile')
const receipts = () => join(program.folder, 'receipts.json')

async function openBrowser(): Promise<void> {
  context = await keptBrowser(profile())
  page = context.pages()[0] ?? (await context.newPage())
}

/** The page is kept by the service worker, and the newest events are on the disk. */
async function isKept(): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
}

const saveState = () => page.getByTestId('save-state')
const question = (n: number) => page.getByRole('heading', { name: `Question ${n} of 8` })
const next = () => page.getByRole('button', { name: 'Next' }).click()

test.beforeAll(async () => {
  program = await Program.start()
  await createSession(program, {
    code: 'OFFLINE1',
    name: 'Without a net',
    settings: PLAIN_SETTINGS,
  })
  await openBrowser()
})

test.afterAll(async () => {
  await context?.close()
  await program?.stop()
})

test('what is written with a connection is saved, with its time', async () => {
  await joinPlain(page, program.url, 'OFFLINE1', 'Mara Without')
  await page.getByRole('radio', { name: '2000' }).check()
  await expect(saveState()).toHaveText(/^Saved at \d/)
  await isKept()
})

test('without the server the exam goes on, and the save state says where the answers are', async () => {
  await program.kill9()
  await next()
  await page.getByRole('checkbox', { name: '17', exact: true }).check()
  await expect(saveState()).toHaveText('Kept on this device, 1 waiting')
  await next()
  await page.getByRole('radio', { name: 'True' }).check()
  await page.getByRole('button', { name: /^Mark for later/ }).click()
  await expect(saveState()).toHaveText('Kept on this device, 2 waiting')
})

test('a reload without the server opens the same question with all answers', async () => {
  await page.reload()
  await expect(question(3)).toBeVisible()
  await expect(page.getByRole('radio', { name: 'True' })).toBeChecked()
  await expect(page.getByRole('button', { name: /^Marked/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await expect(page.getByText(/worked out from this device's clock/)).toBeVisible()
  await expect(page.getByRole('timer')).toHaveText(/^\d+:\d\d$/)
  await page.getByRole('button', { name: /^Question 1:/ }).click()
  await expect(page.getByRole('radio', { name: '2000' })).toBeChecked()
  await expect(saveState()).toHaveText('Kept on this device, 2 waiting')
})

test('it is written in and handed in without the server', async () => {
  await page.getByRole('button', { name: /^Question 5:/ }).click()
  await page.getByLabel('Your answer').fill('Jupiter')
  await expect(saveState()).toHaveText('Kept on this device, 3 waiting')
  await page.getByRole('button', { name: 'Review and hand in' }).click()
  await page.getByRole('button', { name: 'Hand in', exact: true }).click()
  await page.locator('dialog[open]').getByRole('button', { name: 'Hand in', exact: true }).click()
  await expect(page.getByRole('heading', { name: /^Handed in on this device at / })).toBeVisible()
  await expect(page.getByText('3 answers wait on this device')).toBeVisible()
})

test('a restarted browser without the server still knows that it was handed in', async () => {
  await context.close()
  await openBrowser()
  await page.goto(`${program.url}/exam/`)
  await expect(page.getByRole('heading', { name: /^Handed in on this device at / })).toBeVisible()
})

test('with the server back everything arrives: the answers first, then the exam', async () => {
  await program.run()
  await expect(page.getByRole('heading', { name: 'You have handed in' })).toBeVisible()
  await expect(page.getByText('4 answers are stored with the institution.')).toBeVisible()
  await expect(page.getByText('Everything has arrived.')).toBeVisible()
})

test('the receipts can be had after the texts are gone, also after a reload', async () => {
  await page.reload()
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download my receipts' }).click()
  await (await waiting).saveAs(receipts())
  const file = JSON.parse(readFileSync(receipts(), 'utf8'))
  expect(file.session).toBe('Without a net')
  expect(file.receipts.map((line: { question: number }) => line.question)).toEqual([1, 2, 3, 5])
})
