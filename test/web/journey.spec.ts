// The main job, end to end, in real browsers against the real program: a candidate with a camera and a
// shared screen sits an exam, a proctor watches and acts, a reviewer decides (S0.1-S0.24, S1.29-S1.49,
// S3.5-S3.11, S4.12, S4.18, S4.22, E1, E5, E7, E20).
import { expect, test, type Browser, type Locator, type Page } from '@playwright/test'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkCamera,
  candidateBrowser,
  collectReceipts,
  newPage,
  Program,
  signIn,
  STAFF,
  staffBrowser,
  stopSharing,
  verifyReceipt,
  type SavedReceipt,
} from './harness.ts'

test.describe.configure({ mode: 'serial' })

let program: Program
let cameras: Browser
let desks: Browser
let candidate: Page
let proctor: Page
let reviewer: Page
let receipts: SavedReceipt[]
const faults: string[] = []

test.beforeAll(async () => {
  program = await Program.start()
  cameras = await candidateBrowser()
  desks = await staffBrowser()
  candidate = (await newPage(cameras, faults, 'candidate')).page
  receipts = collectReceipts(candidate)
  proctor = (await newPage(desks, faults, 'proctor')).page
  reviewer = (await newPage(desks, faults, 'reviewer')).page
})

test.afterAll(async () => {
  await cameras?.close()
  await desks?.close()
  await program?.stop()
})

const tile = () => proctor.getByRole('gridcell', { name: /Candidate Two/ })
const queue = () => proctor.getByRole('tabpanel', { name: /Queue/ })
const dialog = (page: Page) => page.locator('dialog[open]')

/** Decrypted pictures that move: the same canvas looks different again and again. */
async function movingPicture(canvas: Locator): Promise<void> {
  const seen = new Set<string>()
  const look = async () => {
    const shot = await canvas.screenshot()
    return seen.add(shot.toString('base64')).size
  }
  await expect.poll(look, { timeout: 30_000 }).toBeGreaterThan(3)
}

test('wrong codes are told apart', async () => {
  await candidate.goto(`${program.url}/exam/`)
  await candidate.getByLabel(/code/i).first().fill('demo2026')
  await candidate.keyboard.press('Enter')
  await expect(candidate.getByText('No session has this code')).toBeVisible()
})

test('a candidate joins by code, sees what is recorded, agrees and passes the checks', async () => {
  await candidate.getByLabel(/code/i).first().fill('DEMO2026')
  await candidate.keyboard.press('Enter')
  await candidate.getByLabel('Your name').fill('Candidate Two')
  await candidate.getByLabel('Candidate number').fill('1002')
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await expect(
    candidate.getByRole('heading', { name: 'What is recorded, and who sees it' }),
  ).toBeVisible()
  await expect(candidate.getByRole('row', { name: /Your whole screen/ })).toContainText(
    'Demo Proctor',
  )
  for (const box of await candidate.getByRole('checkbox').all()) await box.check()
  await candidate.getByRole('button', { name: 'Agree and continue' }).click()
  await checkCamera(candidate)
  await candidate.getByRole('button', { name: /Share the entire screen/ }).click()
  await candidate.getByRole('button', { name: /Try full screen/ }).click()
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await candidate.getByRole('checkbox').check()
  await candidate.getByRole('button', { name: 'I am ready' }).click()
  await expect(candidate.getByRole('heading', { name: 'Waiting' })).toBeVisible()
})

test('the proctor sees the candidate wait, starts the session and admits', async () => {
  await signIn(proctor, program.url, STAFF.proctor)
  await proctor.goto(`${program.url}/live/?session=1`)
  await expect(tile()).toContainText('Waiting')
  await proctor.getByRole('button', { name: 'Start session' }).click()
  await dialog(proctor).getByRole('button', { name: 'Start session' }).click()
  await expect(candidate.getByRole('heading', { name: 'Waiting' })).toBeVisible()
  await queue().getByRole('button', { name: 'Admit' }).click()
  await expect(tile()).toContainText('Active')
  await expect(candidate.getByRole('heading', { name: 'Waiting' })).toBeHidden()
})

test('the proctor unlocks the pictures and sees webcam and screen move', async () => {
  await proctor.getByRole('button', { name: 'Unlock pictures' }).click()
  await dialog(proctor).getByLabel('Passphrase').fill(STAFF.proctor.passphrase)
  await dialog(proctor).getByRole('button', { name: 'Unlock' }).click()
  await tile()
    .getByRole('button', { name: /Candidate Two/ })
    .first()
    .click()
  await movingPicture(proctor.getByRole('img', { name: 'Webcam of Candidate Two' }))
  await movingPicture(proctor.getByRole('img', { name: 'Screen of Candidate Two' }))
  await expect(candidate.getByText('one person is watching')).toBeVisible()
})

const focus = () => proctor.getByRole('region', { name: /Candidate Two/ })
const act = (name: string) => focus().getByRole('button', { name, exact: true })
const timer = () => candidate.getByRole('timer')
const seconds = async () => {
  const [minutes, rest] = ((await timer().textContent()) ?? '').match(/\d+/g)!.map(Number)
  return minutes! * 60 + rest!
}
const question = (n: number) =>
  candidate.getByRole('button', { name: new RegExp(`^Question ${n}:`) })
const saved = () => expect(candidate.getByText(/^Saved at \d/)).toBeVisible({ timeout: 20_000 })

test('the candidate answers, and is told that it is saved', async () => {
  await candidate.getByRole('radio', { name: '2000' }).check()
  await saved()
  await expect(question(1)).toHaveAccessibleName(/answered/)
  await expect(focus()).toContainText('1 / 8')
  expect(receipts.length).toBeGreaterThan(0)
})

test('a pause stops the clock, hides the question and keeps the time', async () => {
  await act('Pause').click()
  const confirm = dialog(proctor).getByRole('button', { name: /^Pause/ })
  if (await confirm.isVisible().catch(() => false)) await confirm.click()
  await expect(candidate.getByRole('heading', { name: 'Your exam is paused' })).toBeVisible()
  await expect(candidate.getByRole('radio')).toHaveCount(0)
  await expect(act('Resume')).toBeVisible()
  const left = await seconds()
  await expect(candidate.getByText('Your clock stands still.')).toBeVisible()
  await act('Resume').click()
  await expect(candidate.getByRole('heading', { name: 'Your exam is paused' })).toBeHidden()
  expect(Math.abs((await seconds()) - left)).toBeLessThanOrEqual(3)
})

test('a lock shows its reason and hears the explanation', async () => {
  await act('Lock').click()
  await dialog(proctor).getByRole('textbox').fill('A second voice was heard.')
  await dialog(proctor).getByRole('button', { name: /^Lock/ }).click()
  await expect(candidate.getByRole('heading', { name: 'Your exam is on hold' })).toBeVisible()
  await expect(candidate.getByText('A second voice was heard.')).toBeVisible()
  await expect(candidate.getByText('Demo Proctor writes')).toBeVisible()
  await expect(candidate.getByRole('radio')).toHaveCount(0)
  await candidate.getByText('Somebody came into the room.').click()
  await expect(proctor.getByText('Somebody came into the room.').first()).toBeVisible()
  await act('Unlock').click()
  await expect(candidate.getByRole('heading', { name: 'Your exam is on hold' })).toBeHidden()
})

test('stopping the screen share pauses by itself, sharing again resumes', async () => {
  await stopSharing(candidate)
  await expect(candidate.getByRole('heading', { name: 'The exam waits for you' })).toBeVisible()
  await expect(focus()).toContainText('System-paused')
  await candidate.getByRole('button', { name: /Share .*again/ }).click()
  await expect(candidate.getByRole('heading', { name: 'The exam waits for you' })).toBeHidden()
  await expect(focus()).toContainText('Active')
})

test('a raised hand reaches the proctor, a message reaches the candidate', async () => {
  await candidate.getByRole('button', { name: 'Help' }).click()
  await candidate.getByLabel('What is it about?').fill('May I use a calculator?')
  await candidate.getByRole('button', { name: 'Raise hand' }).click()
  await expect(queue()).toContainText('May I use a calculator?')
  await act('Message').click()
  await dialog(proctor).getByLabel('Text').fill('Yes, you may.')
  await dialog(proctor).getByRole('button', { name: 'Message', exact: true }).click()
  await expect(candidate.getByRole('log', { name: 'Messages' })).toContainText('Yes, you may.')
  await dialog(candidate).getByRole('button', { name: 'Close' }).first().click()
})

test('twenty seconds without a network while typing lose nothing', async () => {
  await question(8).click()
  const box = candidate.getByRole('textbox').first()
  await box.click()
  await candidate.context().setOffline(true)
  const essay = 'Knowing is not the same as being told. '
  await box.pressSequentially(essay, { delay: 520, timeout: 60_000 })
  await expect(candidate.getByText(/Kept on this device/)).toBeVisible()
  await candidate.context().setOffline(false)
  await saved()
  await expect.poll(async () => (await storedAnswers()).get(8)?.trim()).toBe(essay.trim())
})

async function storedAnswers(): Promise<Map<number, string>> {
  const answers = await candidate.evaluate(async () => (await fetch('/api/exam/answers')).json())
  return new Map(answers.answers.map((a: { item: number; value: string }) => [a.item, a.value]))
}

test('the server is killed in mid-exam: it starts again, the exam goes on, every receipt holds', async () => {
  await question(2).click()
  const before = await storedAnswers()
  await program.kill9()
  await candidate.getByRole('article').getByRole('checkbox').first().check()
  await expect(candidate.getByText(/Kept on this device/)).toBeVisible()
  await program.run()
  await saved()
  const after = await storedAnswers()
  for (const [item, value] of before) expect(after.get(item)).toBe(value)
  expect(after.has(2)).toBe(true)
  const server = await candidate.evaluate(async () => (await fetch('/api/server')).json())
  for (const receipt of receipts) {
    expect(after.has(receipt.item)).toBe(true)
    verifyReceipt(program, receipt, server.sign_public)
  }
  await expect(focus()).toContainText('Active', { timeout: 30_000 })
})

test('after a reload the exam is as it was', async () => {
  await candidate.reload()
  const again = candidate
    .getByRole('button', { name: /Share .*again|Start the camera again|Start both/ })
    .first()
  await again.click()
  await candidate.getByRole('button', { name: 'Go to full screen' }).click()
  await expect(candidate.getByRole('heading', { name: /Question \d of 8/ })).toBeVisible({
    timeout: 30_000,
  })
  await question(1).click()
  await expect(candidate.getByRole('radio', { name: '2000' })).toBeChecked()
})

test('the proctor flags what a person saw', async () => {
  await act('Flag').click()
  await dialog(proctor)
    .getByLabel(/Note|What/)
    .last()
    .fill('A phone lay on the desk.')
  await dialog(proctor).getByRole('button', { name: /flag/i }).last().click()
  await expect(focus()).toContainText(/flag/i)
})

test('the candidate reviews, hands in and sees the result; recording stops', async () => {
  await candidate.getByRole('button', { name: 'Review and hand in' }).click()
  await candidate.getByRole('button', { name: 'Hand in', exact: true }).click()
  await dialog(candidate).getByRole('button', { name: 'Hand in', exact: true }).click()
  await expect(candidate.getByRole('heading', { name: 'You have handed in' })).toBeVisible({
    timeout: 30_000,
  })
  await expect(candidate.getByText('Nothing is recorded any more.')).toBeVisible()
  await expect(candidate.getByText(/ of .* points/).first()).toBeVisible()
  await expect(
    candidate.getByText('Everything has arrived. You may close this page now.'),
  ).toBeVisible({ timeout: 60_000 })
})

test('the reviewer plays the recording and decides', async () => {
  await signIn(reviewer, program.url, STAFF.reviewer)
  await reviewer.goto(`${program.url}/review/`)
  await reviewer.getByRole('link', { name: /Demo: proctored exam/ }).click()
  await reviewer.getByRole('link', { name: /Candidate Two/ }).click()
  await reviewer.getByRole('button', { name: 'Unlock' }).first().click()
  await dialog(reviewer).getByLabel('Passphrase').fill(STAFF.reviewer.passphrase)
  await dialog(reviewer).getByRole('button', { name: 'Unlock' }).click()
  await reviewer.getByRole('button', { name: 'Play', exact: true }).click()
  await movingPicture(reviewer.locator('canvas').first())
  await reviewer.getByRole('button', { name: 'Confirm' }).first().click()
  await reviewer.getByRole('button', { name: 'Clear', exact: true }).click()
  await expect(reviewer.getByText('The verdict is stored.')).toBeVisible()
})

test('nothing readable of the media lies in the data directory', async () => {
  const words = [
    '"codec"',
    'vp09',
    'av01',
    'webm',
    'matroska',
    'colorSpace',
    STAFF.proctor.passphrase,
    STAFF.reviewer.passphrase,
  ]
  const files = readdirSync(program.data, { recursive: true, encoding: 'utf8' })
    .map((f) => join(program.data, f))
    .filter((f) => statSync(f).isFile())
  const evidence = files
    .filter((f) => f.includes('evidence'))
    .reduce((sum, f) => sum + statSync(f).size, 0)
  expect(evidence).toBeGreaterThan(100_000)
  for (const file of files) {
    const bytes = readFileSync(file)
    for (const word of words) expect(bytes.includes(word), `${word} in ${file}`).toBe(false)
  }
  expect(faults).toEqual([])
})
