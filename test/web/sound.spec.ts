// The microphone as a track: told before, recorded and sealed like the pictures, seen and heard by the
// proctor who asks for it, and in the recording (S2.14, S2.16, E4).
import { expect, test, type Browser, type Page } from '@playwright/test'
import { readIndex } from '../../web/lib/media/record.ts'
import { findHoles } from '../../web/review/model/recording.ts'
import {
  candidateBrowser,
  countPlayed,
  createSession,
  newPage,
  PLAIN_SETTINGS,
  Program,
  signIn,
  STAFF,
} from './harness.ts'
import { found, look } from './look.ts'

test.describe.configure({ mode: 'serial' })

let program: Program
let browser: Browser
let candidate: Page
let proctor: Page
let reviewer: Page
let session: number
const faults: string[] = []
const NAME = 'Mika Sound'

test.beforeAll(async () => {
  program = await Program.start()
  browser = await candidateBrowser()
  session = await createSession(program, {
    code: 'SOUND2026',
    name: 'With sound',
    settings: { ...PLAIN_SETTINGS, microphone: 1 },
    recorded: true,
  })
  const opened = await newPage(browser, faults, 'candidate')
  await opened.context.grantPermissions(['microphone'])
  candidate = opened.page
  proctor = (await newPage(browser, faults, 'proctor')).page
  reviewer = (await newPage(browser, faults, 'reviewer')).page
  for (const page of [proctor, reviewer]) await page.addInitScript(countPlayed)
})

test.afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

const unlock = async (page: Page, passphrase: string): Promise<void> => {
  await page.getByRole('dialog').getByLabel('Passphrase').fill(passphrase)
  await page.getByRole('dialog').getByRole('button', { name: 'Unlock' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
}
const heard = (page: Page) =>
  page.evaluate(() => (window as unknown as { heard: { seconds: number; loudest: number } }).heard)
const meter = () => proctor.getByRole('meter', { name: `Sound of ${NAME}` })
const level = async () => Number(await meter().getAttribute('data-level'))

test('the candidate is told that the microphone is recorded, agrees, and is heard', async () => {
  await candidate.goto(`${program.url}/exam/?code=SOUND2026`)
  await candidate.getByLabel('Your name').fill(NAME)
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await expect(candidate.getByRole('rowheader', { name: /what is said and heard/ })).toBeVisible()
  for (const box of await candidate.getByRole('checkbox').all()) await box.check()
  await candidate.getByRole('button', { name: 'Agree and continue' }).click()
  await candidate.getByRole('button', { name: 'Check: Microphone' }).click()
  await expect(candidate.getByText('Your voice arrives.')).toBeVisible()
  await candidate.getByRole('button', { name: 'Continue' }).click()
  await candidate.getByRole('checkbox').check()
  await candidate.getByRole('button', { name: 'I am ready' }).click()
  await candidate.getByRole('heading', { name: /^Question 1 of / }).waitFor()
  await expect(candidate.getByText(/Microphone recorded/)).toBeVisible()
})

test('the proctor sees how loud it is, and hears nothing before asking for it', async () => {
  await signIn(proctor, program.url, STAFF.proctor)
  await proctor.goto(`${program.url}/live/?session=${session}`)
  await proctor.getByRole('button', { name: 'Unlock pictures' }).click()
  await unlock(proctor, STAFF.proctor.passphrase)
  await expect.poll(level).toBeGreaterThan(50)
  await proctor
    .getByRole('gridcell', { name: new RegExp(NAME) })
    .getByRole('button', { name: NAME })
    .first()
    .click()
  await expect.poll(level).toBeGreaterThan(50)
  expect((await heard(proctor)).seconds).toBe(0)
  const listen = proctor.getByRole('button', { name: 'Listen' })
  await expect(listen).toHaveAttribute('aria-pressed', 'false')
  await listen.click()
  await expect.poll(async () => (await heard(proctor)).seconds).toBeGreaterThan(1)
  expect((await heard(proctor)).loudest).toBeGreaterThan(0.02)
  await look(proctor, 'sound-focus')
  await listen.click()
  const before = (await heard(proctor)).seconds
  await expect.poll(level).toBeGreaterThan(50)
  expect((await heard(proctor)).seconds - before).toBeLessThan(1.5)
})

/** As when a headset is unplugged: the track ends and says so. */
const unplug = () =>
  candidate.evaluate(() => {
    const { taken } = window as unknown as { taken: MediaStreamTrack[] }
    for (const track of taken) {
      track.stop()
      track.dispatchEvent(new Event('ended'))
    }
  })

test('a microphone that is unplugged is named and started again; the exam goes on meanwhile', async () => {
  // Loaded again so that what it takes can be unplugged; it comes back by itself.
  await candidate.addInitScript(() => {
    const taken: MediaStreamTrack[] = []
    Object.assign(window, { taken })
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted)
      taken.push(...stream.getTracks())
      return stream
    }
  })
  await candidate.reload()
  await expect(candidate.getByText(/Microphone recorded/)).toBeVisible()
  await unplug()
  const again = candidate.getByRole('button', { name: 'Start the microphone again' })
  await expect(again).toBeVisible()
  await look(candidate, 'sound-lost')
  await candidate.getByRole('radio', { name: '2000' }).check()
  await expect(candidate.getByTestId('save-state')).toHaveText(/^Saved at \d/)
  await again.click()
  await expect(again).toHaveCount(0)
  await expect(proctor.getByText('Microphone is back')).toBeVisible()
  await expect(proctor.getByText('Microphone lost').first()).toBeVisible()
})

test('handing in ends the recording of sound', async () => {
  await candidate.getByRole('button', { name: 'Review and hand in' }).click()
  await candidate.getByRole('button', { name: 'Hand in', exact: true }).click()
  const sure = candidate
    .locator('dialog[open]')
    .getByRole('button', { name: 'Hand in', exact: true })
  await sure.click()
  await expect(candidate.getByText('Nothing is recorded any more.')).toBeVisible()
  const states = () =>
    candidate.evaluate(() =>
      (window as unknown as { taken: MediaStreamTrack[] }).taken.map((track) => track.readyState),
    )
  expect(new Set(await states())).toEqual(new Set(['ended']))
})

test('the reviewer sees the sound on the time line without a hole, and hears it in its place', async () => {
  await signIn(reviewer, program.url, STAFF.reviewer)
  const attempt = await reviewer.evaluate(async (id) => {
    const { attempts } = await fetch(`/api/sessions/${id}/attempts`).then((r) => r.json())
    return attempts[0].attempt as number
  }, session)
  const bytes = await reviewer.evaluate(
    async (id) => [
      ...new Uint8Array(
        (await fetch(`/api/attempts/${id}/media`).then((r) => r.arrayBuffer())) as ArrayBuffer,
      ),
    ],
    attempt,
  )
  const entries = readIndex(new Uint8Array(bytes))
  expect(findHoles(entries, new Map())).toEqual([])
  expect(entries.filter((entry) => entry.stream === 9).length).toBeGreaterThan(8)
  await reviewer.goto(`${program.url}/review/?attempt=${attempt}`)
  await reviewer.getByRole('button', { name: 'Unlock' }).first().click()
  await unlock(reviewer, STAFF.reviewer.passphrase)
  await expect(reviewer.getByRole('img', { name: 'How loud it was' })).toBeVisible()
  await reviewer.getByRole('button', { name: 'Play', exact: true }).click()
  await expect.poll(async () => (await heard(reviewer)).seconds).toBeGreaterThan(1)
  expect((await heard(reviewer)).loudest).toBeGreaterThan(0.02)
  await look(reviewer, 'sound-review')
})

test('no page had an error, and no screen a finding', () => {
  expect(faults).toEqual([])
  expect(found).toEqual([])
})
