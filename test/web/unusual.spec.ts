// What seldom happens in an exam under way, and must not end it: a browser that stores nothing, a new version
// of the pages, a record that was damaged (E1, E11, E14, S1.58, S1.60).
import { expect, test, type Browser, type Page } from '@playwright/test'
import { cpSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

let program: Program
let browser: Browser
let session: number
const faults: string[] = []

const before = () => join(program.folder, 'before')
const after = () => join(program.folder, 'after')
const saveState = (page: Page) => page.getByTestId('save-state')
const saved = (page: Page) => expect(saveState(page)).toHaveText(/^Saved at \d/)
const next = (page: Page) => page.getByRole('button', { name: 'Next' }).click()
const answer = (page: Page, name: string) => page.getByRole('radio', { name, exact: true })

test.beforeAll(async () => {
  program = await Program.start()
  browser = await staffBrowser()
  session = await createSession(program, {
    code: 'UNUSUAL1',
    name: 'Unusual',
    settings: PLAIN_SETTINGS,
  })
})

test.afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

// ---- a browser that stores nothing ----

test('where the browser stores nothing, the page says that what waits is only in it', async () => {
  const { page, context } = await newPage(browser, faults, 'locked down')
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('stores nothing', 'SecurityError')
    }
  })
  await joinPlain(page, program.url, 'UNUSUAL1', 'Lara Locked')
  await answer(page, '2000').check()
  await saved(page)
  await context.setOffline(true)
  await answer(page, '1900').check()
  await expect(saveState(page)).toHaveText('Only in this page, 1 waiting: do not close it')
  await look(page, 'only-in-this-page')
  await context.setOffline(false)
  await saved(page)
  await context.close()
})

// ---- a new version of the pages ----

const REVIEW = 'Review and hand in'
const REVIEW_AFTER = 'Look over and hand in'

/** The same pages as another build of them: other names of files, another list, another word. */
function otherBuild(from: string, to: string): void {
  cpSync(from, to, { recursive: true })
  const assets = readdirSync(join(to, 'assets'))
  const renamed = assets.map((name) => [name, name.replace(/(-[\w-]{7})[\w-](\.\w+)$/, '$1_$2')])
  for (const [name, other] of renamed)
    renameSync(join(to, 'assets', name!), join(to, 'assets', other!))
  for (const entry of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    const file = join(to, entry)
    if (!statSync(file).isFile() || !/\.(js|css|html)$/.test(file)) continue
    let text = readFileSync(file, 'utf8').replaceAll(REVIEW, REVIEW_AFTER)
    for (const [name, other] of renamed) text = text.replaceAll(name!, other!)
    writeFileSync(file, text.replace(/EXAM_VERSION="\w{4}/, 'EXAM_VERSION="next'))
  }
}

/** Something that the exam page loads later, by the name that it has before. */
const laterFile = () =>
  `/assets/${readdirSync(join(before(), 'assets')).find((name) => name.startsWith('candidate-'))!}`

const versions = (page: Page) => page.evaluate(() => caches.keys())

test('a new version of the pages leaves an exam under way what it began with', async () => {
  cpSync('web/dist', before(), { recursive: true })
  otherBuild(before(), after())
  await program.quit()
  await program.run('--web-root', before())
  const { page, context } = await newPage(browser, faults, 'upgraded')
  await joinPlain(page, program.url, 'UNUSUAL1', 'Uma Upgraded')
  await answer(page, '2000').check()
  await saved(page)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))

  await program.kill9()
  await program.run('--web-root', after())
  expect((await fetch(program.url + laterFile())).status).toBe(404)
  expect(await page.evaluate(async (path) => (await fetch(path)).ok, laterFile())).toBe(true)
  await answer(page, '1900').check()
  await saved(page)
  await expect(page.getByRole('button', { name: REVIEW })).toBeVisible()

  // With a connection the page itself is the new one; its files are fetched beside the old ones.
  await page.reload()
  await expect(page.getByRole('button', { name: REVIEW_AFTER })).toBeVisible()
  await expect(answer(page, '1900')).toBeChecked()
  const waits = () =>
    page.evaluate(async () => !!(await navigator.serviceWorker.getRegistration())?.waiting)
  await expect.poll(waits).toBe(true)
  expect(await versions(page)).toHaveLength(2)

  // Without one it is what is kept: whole, and with all answers.
  await program.kill9()
  await answer(page, '2000').check()
  await expect(saveState(page)).toHaveText('Kept on this device, 1 waiting')
  await page.reload()
  await expect(page.getByRole('button', { name: REVIEW })).toBeVisible()
  await expect(answer(page, '2000')).toBeChecked()
  await next(page)
  await page.getByRole('checkbox', { name: '17', exact: true }).check()
  await expect(saveState(page)).toHaveText('Kept on this device, 2 waiting')
  await program.run('--web-root', after())
  await saved(page)
  await expect(page.getByText('2 of 8 answered')).toBeVisible()

  // When no page of the old version is open any more, the new one takes over.
  const watch = await context.newPage()
  await watch.goto(`${program.url}/receipt/`)
  await page.close()
  await expect.poll(() => versions(watch)).toEqual([expect.stringContaining('-next')])
  await context.close()
})

// ---- a record that was damaged ----

/** Changes a text in the log, as no program of ours does. */
function damage(text: string, other: string): void {
  const file = join(program.data, 'log.db')
  const bytes = readFileSync(file)
  const at = bytes.indexOf(text)
  expect(at).toBeGreaterThan(0)
  bytes.write(other, at)
  writeFileSync(file, bytes)
}

test('an attempt whose record was changed is set aside, and everybody is told', async () => {
  const { page } = await newPage(browser, faults, 'damaged')
  const other = (await newPage(browser, faults, 'whole')).page
  const proctor = (await newPage(browser, faults, 'proctor')).page
  await joinPlain(page, program.url, 'UNUSUAL1', 'Dora Damaged')
  await page.getByRole('button', { name: /^Question 5:/ }).click()
  await page.getByLabel('Your answer').fill('Jupiter of Dora')
  await saved(page)
  await joinPlain(other, program.url, 'UNUSUAL1', 'Willa Whole')
  await program.quit()
  damage('Jupiter of Dora', 'Saturn, of Dora')
  await program.run()

  await signIn(proctor, program.url, STAFF.proctor)
  await proctor.goto(`${program.url}/live/?session=${session}`)
  const tile = proctor.getByRole('gridcell', { name: /Dora Damaged/ })
  await expect(tile).toContainText('Set aside')
  await look(proctor, 'live-set-aside')
  await tile
    .getByRole('button', { name: /Dora Damaged/ })
    .first()
    .click()
  const focus = proctor.getByRole('region', { name: /Dora Damaged/ })
  await expect(focus).toContainText('Set aside: its record cannot be read completely')
  await expect(focus.getByRole('button', { name: 'Pause', exact: true })).toHaveCount(0)

  await page.getByLabel('Your answer').fill('Neptune')
  await expect(saveState(page)).toHaveText('1 answer was not taken')
  await expect(page.getByText('The record of this exam cannot be read completely.')).toBeVisible()
  await look(page, 'exam-set-aside')
  await answer(other, '2000').check()
  await saved(other)
})

test('axe has nothing to say of the screens, and nothing is too wide', () => {
  expect(found).toEqual([])
})

test('no page broke a rule of its policy or threw an error', () => {
  expect(faults).toEqual([])
})
