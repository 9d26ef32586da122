// Evidence and its review with the real program: what a candidate's device recorded through a killed
// server and a closed page is there without a hole, plays in one clock, and can be decided on.
import AxeBuilder from '@axe-core/playwright'
import { expect, test, type Browser, type Page } from '@playwright/test'
import { readIndex } from '../../web/lib/media/record.ts'
import { findHoles } from '../../web/review/model/recording.ts'
import {
  candidateBrowser,
  newPage,
  Program,
  signIn,
  STAFF,
  staffBrowser,
  checkCamera,
} from './harness.ts'
import { inScheme } from './look.ts'

test.describe.configure({ mode: 'serial' })

let program: Program
let cameras: Browser
let desks: Browser
let candidate: Page
let proctor: Page
let reviewer: Page
const faults: string[] = []
const NAME = 'Robin Evidence'

test.beforeAll(async () => {
  program = await Program.start()
  cameras = await candidateBrowser()
  desks = await staffBrowser()
  candidate = (await newPage(cameras, faults, 'candidate')).page
  proctor = (await newPage(desks, faults, 'proctor')).page
  reviewer = (await newPage(desks, faults, 'reviewer')).page
})

test.afterAll(async () => {
  await cameras?.close()
  await desks?.close()
  await program?.stop()
})

const dialog = (page: Page) => page.locator('dialog[open]')

async function unlock(page: Page, passphrase: string): Promise<void> {
  await dialog(page).getByLabel('Passphrase').fill(passphrase)
  await dialog(page).getByRole('button', { name: 'Unlock' }).click()
  await expect(dialog(page)).toHaveCount(0)
}

/** The index of the newest attempt, as the server tells it to a reviewer. */
async function index(): Promise<Uint8Array> {
  const list = await reviewer.evaluate(async (name) => {
    const get = (path: string) => fetch(path).then((r) => r.json())
    const { attempts } = await get('/api/sessions/1/attempts')
    const attempt = attempts.find((row: { name: string }) => row.name === name).attempt
    const bytes = await fetch(`/api/attempts/${attempt}/media`).then((r) => r.arrayBuffer())
    return [...new Uint8Array(bytes)]
  }, NAME)
  return new Uint8Array(list)
}

test('a candidate is recorded from the waiting room on', async () => {
  await candidate.goto(`${program.url}/exam/?code=DEMO2026`)
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await candidate.getByLabel('Your name').fill(NAME)
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await candidate.getByRole('button', { name: 'Agree and continue' }).waitFor()
  for (const box of await candidate.getByRole('checkbox').all()) await box.check()
  await candidate.getByRole('button', { name: 'Agree and continue' }).click()
  await checkCamera(candidate)
  await candidate.getByRole('button', { name: /Share the entire screen/ }).click()
  await candidate.getByRole('button', { name: /Try full screen/ }).click()
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await candidate.getByRole('checkbox').check()
  await candidate.getByRole('button', { name: 'I am ready' }).click()
  await expect(candidate.getByText(/Camera and screen recorded/)).toBeVisible()
})

test('the exam begins, and the proctor takes a snapshot', async () => {
  await signIn(proctor, program.url, STAFF.proctor)
  await proctor.goto(`${program.url}/live/?session=1`)
  await proctor.getByRole('button', { name: 'Start session' }).click()
  await dialog(proctor).getByRole('button', { name: 'Start session' }).click()
  await proctor
    .getByRole('tabpanel', { name: /Queue/ })
    .getByRole('button', { name: 'Admit' })
    .click()
  await proctor.getByRole('button', { name: 'Unlock pictures' }).click()
  await unlock(proctor, STAFF.proctor.passphrase)
  await proctor
    .getByRole('gridcell', { name: new RegExp(NAME) })
    .getByRole('button', { name: NAME })
    .first()
    .click()
  await proctor.getByRole('button', { name: 'Snapshot', exact: true }).click()
  await candidate.getByRole('radio', { name: '2000' }).check()
  await expect(candidate.getByText(/^Saved at \d/)).toBeVisible()
})

/** Bytes of sealed records on the candidate's disk. */
const keptOnDevice = () =>
  candidate.evaluate(async () => {
    type Folder = FileSystemDirectoryHandle & { values(): AsyncIterable<FileSystemHandle> }
    const size = async (folder: Folder): Promise<number> => {
      let sum = 0
      for await (const handle of folder.values())
        if (handle.kind === 'file') sum += (await (handle as FileSystemFileHandle).getFile()).size
        else sum += await size(handle as Folder)
      return sum
    }
    return size((await navigator.storage.getDirectory()) as Folder)
  })

test('the server is killed and the page closed in the outage: nothing of the recording is missing', async () => {
  await program.kill9()
  await expect(candidate.getByText(/offline|not connected|no connection/i).first()).toBeVisible({
    timeout: 30_000,
  })
  const before = await keptOnDevice()
  await expect.poll(keptOnDevice, { timeout: 30_000 }).toBeGreaterThan(before + 60_000)
  const context = candidate.context()
  await candidate.close()
  await program.run()
  candidate = await context.newPage()
  await candidate.goto(`${program.url}/exam/`)
  await signIn(reviewer, program.url, STAFF.reviewer)
  // The webcam goes on by itself; the screen is away until it is shared again.
  const webcamAgain = async () => {
    const entries = readIndex(await index())
    return entries.filter((e) => e.stream === 0 && e.epoch !== entries[0]?.epoch).length
  }
  await expect.poll(webcamAgain, { timeout: 30_000 }).toBeGreaterThan(50)
  await candidate.getByRole('button', { name: /Share the entire screen/ }).click()
  await expect(candidate.getByText(/Camera and screen recorded/)).toBeVisible()

  await expect
    .poll(async () => readIndex(await index()).filter((e) => e.late).length, { timeout: 30_000 })
    .toBeGreaterThan(20)
  const entries = readIndex(await index())
  expect(new Set(entries.map((e) => e.epoch)).size).toBe(2)
  await expect.poll(async () => findHoles(readIndex(await index()), new Map())).toEqual([])
})

test('the candidate hands in, and all of the recording arrives', async () => {
  const full = candidate.getByRole('button', { name: /full screen/i })
  if (await full.count()) await full.first().click()
  await candidate.getByRole('button', { name: 'Review and hand in' }).click()
  await candidate.getByRole('button', { name: 'Hand in', exact: true }).click()
  await dialog(candidate).getByRole('button', { name: 'Hand in', exact: true }).click()
  await expect(candidate.getByText(/Everything has arrived/)).toBeVisible({ timeout: 30_000 })
})

async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([])
}

test('the reviewer finds the attempt; without the passphrase nothing can be seen', async () => {
  await reviewer.goto(`${program.url}/review/`)
  await accessible(reviewer)
  await reviewer.getByRole('link', { name: /Demo: proctored exam/ }).click()
  await accessible(reviewer)
  await reviewer.getByRole('link', { name: NAME }).click()
  await expect(reviewer.getByText('The recording is locked')).toBeVisible()
  await expect(reviewer.locator('.track').first()).toContainText('Locked')
  await accessible(reviewer)
})

/** Distinct colours in what a canvas shows: a flat picture has few. */
const colours = (track: number) =>
  reviewer.locator(`[data-track="${track}"] canvas`).evaluate((shown: HTMLCanvasElement) => {
    const copy = document.createElement('canvas')
    copy.width = 64
    copy.height = 48
    const context = copy.getContext('2d')!
    context.drawImage(shown, 0, 0, 64, 48)
    const { data } = context.getImageData(0, 0, 64, 48)
    const seen = new Set<number>()
    for (let i = 0; i < data.length; i += 4)
      seen.add(((data[i]! >> 5) << 6) | ((data[i + 1]! >> 5) << 3) | (data[i + 2]! >> 5))
    return seen.size
  })

const clock = () => reviewer.locator('.player-clock').innerText()

test('with it webcam and screen play in one clock, complete and unchanged', async () => {
  await reviewer.getByRole('button', { name: 'Unlock' }).first().click()
  await unlock(reviewer, STAFF.reviewer.passphrase)
  await expect.poll(() => colours(0)).toBeGreaterThan(6)
  await expect.poll(() => colours(1)).toBeGreaterThan(2)
  await expect(reviewer.getByText('Records are missing')).toHaveCount(0)
  await expect(reviewer.getByText('The upload is not complete')).toHaveCount(0)
  const before = await clock()
  await reviewer.getByRole('button', { name: 'Play', exact: true }).click()
  await expect.poll(clock).not.toBe(before)
  await reviewer.getByRole('button', { name: 'Pause', exact: true }).click()
  await accessible(reviewer)
})

test('keys step, skip, change the speed and decide', async () => {
  await reviewer.getByRole('heading', { name: NAME }).click()
  await reviewer.keyboard.press('j')
  const flag = reviewer.locator('.flag.chosen')
  await expect(flag).toHaveCount(1)
  await reviewer.keyboard.press('d')
  await expect(flag).toContainText('Dismissed by Demo Reviewer')
  await reviewer.keyboard.press('u')
  await expect(flag).not.toContainText('Dismissed')
  await reviewer.keyboard.press('c')
  await expect(flag).toContainText('Confirmed by Demo Reviewer')
  const before = await clock()
  await reviewer.keyboard.press('Shift+ArrowRight')
  await expect.poll(clock).not.toBe(before)
  await reviewer.keyboard.press('>')
  await expect(reviewer.getByLabel('Speed')).toHaveValue('1.5')
})

test('a gap says why there is no picture', async () => {
  await expect(reviewer.locator('.lane-gap').first()).not.toBeEmpty()
  await reviewer.locator('.lane-gap').first().click()
  await expect(reviewer.locator('.track-cover').first()).toContainText(/until/)
})

test('the snapshot that the proctor took opens', async () => {
  await reviewer.getByRole('tab', { name: /Snapshots/ }).click()
  const still = reviewer.getByRole('img', { name: /Snapshot of the/ }).first()
  await expect(still).toBeVisible()
  await expect
    .poll(() => still.evaluate((img: HTMLImageElement) => img.naturalWidth))
    .toBeGreaterThan(300)
})

test('answers show what was right; a verdict to escalate needs a reason', async () => {
  await reviewer.getByRole('tab', { name: 'Answers' }).click()
  await expect(reviewer.getByText('1 of 1 points').first()).toBeVisible()
  await inScheme(reviewer, 'dark')
  await accessible(reviewer)
  await reviewer.getByRole('button', { name: 'Escalate' }).click()
  await expect(reviewer.getByText('Say what should be looked at.')).toBeVisible()
  await reviewer.getByRole('textbox', { name: 'Note' }).fill('The page was closed for a while.')
  await reviewer.getByRole('button', { name: 'Escalate' }).click()
  await expect(reviewer.getByText(/Escalated by Demo Reviewer/)).toBeVisible()
  expect(faults).toEqual([])
})
