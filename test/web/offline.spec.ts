// The server is gone in mid-exam: the page opens again, is written in, marked and handed in; the browser
// is closed; and when the server is back, everything arrives (E1, E14, S1.58-S1.61, S1.69). The
// receipts of it are proved in the browser and by the program.
import { expect, test, type BrowserContext, type Page } from '@playwright/test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createSession,
  joinPlain,
  keptBrowser,
  PLAIN_SETTINGS,
  Program,
  verifyFile,
} from './harness.ts'
import { found, look } from './look.ts'

test.describe.configure({ mode: 'serial' })

let program: Program
let context: BrowserContext
let page: Page
const profile = () => join(program.folder, 'profile')
const receipts = () => join(program.folder, 'receipts.json')
const changed = () => join(program.folder, 'changed.json')

async function openBrowser(): Promise<void> {
  context = await keptBrowser(profile())
  page = context.pages()[0] ?? (await context.newPage())
}

/** The page is kept by the service worker, and the newest events are on the disk. */
async function isKept(): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
}

/** What the person did is on the disk, as it is a moment later: names of what is remembered. */
const remembered = () =>
  page.evaluate(
    () =>
      new Promise<string[]>((done) => {
        const opening = indexedDB.open('invigil-journal')
        opening.onsuccess = () => {
          const db = opening.result
          const keys = db.transaction('kept').objectStore('kept').getAllKeys()
          keys.onsuccess = () => done(keys.result.map((key) => (key as [number, string])[1]))
          db.close()
        }
      }),
  )

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
  await expect.poll(remembered).toContain('marks')
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
  await look(page, 'exam-offline')
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
  await look(page, 'handed-in-offline')
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
  await look(page, 'handed-in')
  const file = JSON.parse(readFileSync(receipts(), 'utf8'))
  expect(file.session).toBe('Without a net')
  expect(file.receipts.map((line: { question: number }) => line.question)).toEqual([1, 2, 3, 5])
})

test('the program proves the file, and refutes a changed one', () => {
  const { server_public: key } = JSON.parse(readFileSync(receipts(), 'utf8'))
  const good = verifyFile(receipts(), key)
  expect(good.text).toContain('4 of 4 receipts are genuine')
  expect(good.status).toBe(0)
  writeFileSync(
    changed(),
    readFileSync(receipts(), 'utf8').replace('"revision": 1', '"revision": 9'),
  )
  const bad = verifyFile(changed(), key)
  expect(bad.text).toContain('the file was changed')
  expect(bad.status).toBe(1)
})

const open = (file: string) => page.getByLabel('File of receipts').setInputFiles(file)

test('the page proves each receipt, and with the text that it was this text', async () => {
  await page.goto(`${program.url}/receipt/`)
  await look(page, 'receipt-empty')
  await open(receipts())
  await expect(page.getByRole('heading', { name: '4 of 4 receipts are proved' })).toBeVisible()
  const line = page.getByRole('listitem').filter({ hasText: 'Question 5' })
  await expect(line).toContainText('Stored by this server at')
  await line.getByLabel('Answer text').fill('Saturn')
  await expect(line).toContainText('This is another text')
  await line.getByLabel('Answer text').fill('Jupiter')
  await expect(line).toContainText('This is the text that was stored.')
  await look(page, 'receipt-good')
})

test('the page refutes a changed file and a forged receipt, item by item', async () => {
  const file = JSON.parse(readFileSync(changed(), 'utf8'))
  const { receipt } = file.receipts[3]
  // One letter in the middle of the time, which is signed.
  file.receipts[3].receipt = `${receipt.slice(0, 30)}${receipt[30] === 'A' ? 'B' : 'A'}${receipt.slice(31)}`
  writeFileSync(changed(), JSON.stringify(file))
  await open(changed())
  await expect(page.getByText('Refuted: the file was changed')).not.toHaveCount(0)
  await expect(page.getByText('This server did not sign it, or it was changed.')).toHaveCount(1)
  await look(page, 'receipt-bad')
  const none = join(program.folder, 'hello.json')
  writeFileSync(none, 'hello')
  await open(none)
  await expect(page.getByText('This is no file of receipts.')).toBeVisible()
})

test('another server refutes all of them, and says where to go', async () => {
  const other = await Program.start()
  try {
    await page.goto(`${other.url}/receipt/`)
    await open(receipts())
    await expect(page.getByText('The file names the key of another server')).toBeVisible()
    await expect(page.getByRole('heading', { name: '0 of 4 receipts are proved' })).toBeVisible()
  } finally {
    await other.stop()
  }
})

test('axe has nothing to say of the screens, and nothing is too wide', () => {
  expect(found).toEqual([])
})
