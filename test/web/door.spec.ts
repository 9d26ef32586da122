// The door: a candidate shows identity and room, a proctor compares and asks again, another proctor is kept
// away, somebody else declares why it cannot be shown; the server never has a plain picture (C7, C8, P3,
// R3, S2.7-S2.12, E18).
import { expect, test, type Browser, type Page } from '@playwright/test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkCamera,
  addUser,
  candidateBrowser,
  createSession,
  giveName,
  newPage,
  PLAIN_SETTINGS,
  Program,
  signIn,
  STAFF,
  staffBrowser,
} from './harness.ts'
import { found, look } from './look.ts'

test.describe.configure({ mode: 'serial' })

const LENA = {
  name: 'Lena Second',
  email: 'lena@example.org',
  password: 'a second proctor',
}
const SETTINGS = {
  ...PLAIN_SETTINGS,
  id_check: 1,
  room_scan: 1,
  webcam: 1,
  waiting_room: 1,
} as const

let program: Program
let cameras: Browser
let desks: Browser
let ada: Page
let bo: Page
let proctor: Page
let lena: Page
let session: number
const faults: string[] = []

test.beforeAll(async () => {
  program = await Program.start()
  addUser(program, LENA, 'proctor')
  cameras = await candidateBrowser()
  desks = await staffBrowser()
  session = await createSession(program, {
    code: 'THEDOOR1',
    name: 'At the door',
    settings: SETTINGS,
    staff: [{ email: LENA.email, roles: ['proctor'] }],
    recorded: true,
    listed: ['Ada Door,ada@example.org,4711', 'Bo Bench,bo@example.org,4712'],
  })
  ada = (await newPage(cameras, faults, 'ada')).page
  bo = (await newPage(cameras, faults, 'bo')).page
  proctor = (await newPage(desks, faults, 'proctor')).page
  lena = (await newPage(desks, faults, 'lena')).page
})

test.afterAll(async () => {
  await cameras?.close()
  await desks?.close()
  await program?.stop()
})

const card = (page: Page, proof: string) => page.locator(`li[data-proof=${proof}]`)
const dialog = (page: Page) => page.locator('dialog[open]')
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name })
const atTheDoor = (page: Page) => page.getByRole('navigation', { name: 'At the door' })
const checklist = (page: Page) => page.getByRole('complementary', { name: 'Checklist' })

async function toTheDoor(page: Page, name: string): Promise<void> {
  await giveName(page, program.url, 'THEDOOR1', name)
  await page.getByRole('button', { name: 'Agree and continue' }).waitFor()
  for (const box of await page.getByRole('checkbox').all()) await box.check()
  await page.getByRole('button', { name: 'Agree and continue' }).click()
  await checkCamera(page)
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(heading(page, 'Show who you are and where you sit')).toBeVisible()
}

async function getReady(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'I am ready' }).click()
  await expect(page.getByText('What staff have checked')).toBeVisible()
}

test('before consent the list says what will be shown, to whom, and how long it is kept', async () => {
  await giveName(ada, program.url, 'THEDOOR1', 'Ada Door')
  const line = ada.getByRole('row', { name: /A picture of your identity document/ })
  await expect(line).toContainText('Before the exam, when you take and send them')
  await expect(line).toContainText('Demo Proctor')
  await expect(line).toContainText('30 days after the session')
  await expect(ada.getByLabel('I agree that I show my desk and my room.')).not.toBeChecked()
  await ada.goto('about:blank')
})

test('a document is taken, partly covered with keys alone, and sent', async () => {
  await toTheDoor(ada, 'Ada Door')
  const document = card(ada, 'id_photo')
  await document.getByLabel('Which document').selectOption('Identity card')
  await expect(document.getByRole('status').filter({ hasText: /picture|reflects/ })).toBeVisible()
  await look(ada, 'door-document')
  await document.getByRole('button', { name: 'Take the picture' }).click()
  await document.getByRole('button', { name: 'Cover a part' }).click()
  const cover = document.getByRole('button', { name: 'Cover 1' })
  const before = await cover.boundingBox()
  await cover.press('ArrowLeft')
  await cover.press('Shift+ArrowRight')
  const after = await cover.boundingBox()
  expect(after!.x).toBeLessThan(before!.x)
  expect(after!.width).toBeGreaterThan(before!.width)
  await look(ada, 'door-cover')
  await document.getByRole('button', { name: 'Send this picture' }).click()
  await expect(document).toContainText('Sent; a proctor looks at it')
})

test('a face may come from a file', async () => {
  const face = card(ada, 'face_photo')
  const picture = await ada.screenshot({ clip: { x: 0, y: 0, width: 320, height: 240 } })
  await face.getByLabel('Choose a picture from a file').setInputFiles({
    ...{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') },
  })
  await expect(face.getByRole('alert')).toContainText('not a picture')
  await face
    .getByLabel('Choose a picture from a file')
    .setInputFiles({ name: 'face.png', mimeType: 'image/png', buffer: picture })
  await face.getByRole('button', { name: 'Send this picture' }).click()
  await expect(face).toContainText('Sent; a proctor looks at it')
})

test('the room is shown in four views, each of which can be played and taken again', async () => {
  const room = card(ada, 'room_scan')
  const send = room.getByRole('button', { name: 'Send the views' })
  for (const view of ['Desk', 'Left and right', 'Behind you', 'Under the desk']) {
    await expect(send).toBeDisabled()
    await room.getByRole('button', { name: `Record: ${view}` }).click()
    await expect(room.getByText(`${view}: recorded`)).toBeVisible()
  }
  const desk = room.getByRole('figure', { name: /^Desk/ })
  await desk.getByRole('button', { name: /^Play/ }).click()
  await expect(desk.getByRole('slider')).toHaveAttribute('aria-valuetext', 'picture 9')
  await look(ada, 'door-room')
  await send.click()
  await expect(room).toContainText('Sent; a proctor looks at it')
  await getReady(ada)
  await look(ada, 'door-lobby')
})

test('who cannot show something says why and goes on', async () => {
  await toTheDoor(bo, 'Bo Bench')
  for (const proof of ['id_photo', 'face_photo', 'room_scan']) {
    await card(bo, proof).getByRole('button', { name: 'I cannot do this' }).click()
    if (proof === 'id_photo') await look(bo, 'door-cannot')
    await dialog(bo).getByLabel('Reason').fill('The camera is fixed to the wall.')
    await dialog(bo).getByRole('button', { name: 'Go on without it' }).click()
    await expect(card(bo, proof)).toContainText('You said that you cannot show this')
  }
  await getReady(bo)
})

test('a proctor compares document, face and list, and plays the room', async () => {
  await signIn(proctor, program.url, STAFF.proctor)
  await proctor.goto(`${program.url}/live/?session=${session}`)
  await proctor.getByRole('link', { name: 'Check-in (2)' }).click()
  await atTheDoor(proctor)
    .getByRole('button', { name: /^Ada Door/ })
    .click()
  await proctor.getByRole('button', { name: 'Unlock' }).click()
  await dialog(proctor).getByLabel('Passphrase').fill(STAFF.proctor.passphrase)
  await dialog(proctor).getByRole('button', { name: 'Unlock' }).click()
  const document = proctor.getByRole('region', { name: 'Identity document' }).first()
  await expect(document).toContainText('Identity card')
  const picture = document.getByRole('img')
  await expect.poll(() => picture.evaluate((e: HTMLImageElement) => e.naturalWidth)).toBe(640)
  // What was covered is black in the picture itself.
  const covered = await picture.evaluate((image: HTMLImageElement) => {
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight)
    const context = canvas.getContext('2d')!
    context.drawImage(image, 0, 0)
    return [...context.getImageData(320, 312, 1, 1).data]
  })
  expect(Math.max(...covered.slice(0, 3))).toBeLessThan(24)
  await expect(proctor.getByText('From a file, not from the camera')).toBeVisible()
  await expect(proctor.getByText('ada@example.org')).toBeVisible()
  await document.getByRole('button', { name: /^Larger/ }).click()
  await expect(document).toContainText('150 %')
  const room = proctor.getByRole('region', { name: 'Room', exact: true })
  await expect(room.getByRole('figure')).toHaveCount(4)
  const behind = room.getByRole('figure', { name: 'Behind the person' })
  await behind.getByRole('button', { name: /^Play/ }).click()
  await expect(behind.getByRole('slider')).toHaveAttribute('aria-valuetext', 'picture 9')
  await look(proctor, 'checkin')
})

test('another proctor is told who looks after this candidate, and can do nothing', async () => {
  await signIn(lena, program.url, LENA)
  await lena.goto(`${program.url}/live/?session=${session}&view=checkin`)
  await atTheDoor(lena)
    .getByRole('button', { name: /^Ada Door.*Demo Proctor is checking in/ })
    .click()
  await expect(lena.getByText('Demo Proctor is checking this candidate in')).toBeVisible()
  await expect(checklist(lena)).toHaveCount(0)
  await look(lena, 'checkin-held')
})

test('the proctor asks for the document again; the candidate reads why and takes it again', async () => {
  await checklist(proctor).getByRole('button', { name: 'Ask to redo' }).click()
  await dialog(proctor).getByRole('button', { name: 'Ask', exact: true }).click()
  await expect(dialog(proctor)).toContainText('Choose at least one.')
  await dialog(proctor).getByLabel('Identity document').check()
  await dialog(proctor).getByLabel('Why').fill('Please uncover the name.')
  await look(proctor, 'checkin-redo')
  await dialog(proctor).getByRole('button', { name: 'Ask', exact: true }).click()
  await expect(card(ada, 'id_photo')).toContainText('Please uncover the name.')
  await look(ada, 'door-again')
  await expect(checklist(proctor).getByText('Still to show: Identity document.')).toBeVisible()
  await card(ada, 'id_photo').getByRole('button', { name: 'Take the picture' }).click()
  await card(ada, 'id_photo').getByRole('button', { name: 'Send this picture' }).click()
  await expect(card(ada, 'id_photo')).toContainText('Sent; a proctor looks at it')
  await expect(proctor.getByText('Shown 2 times')).toBeVisible()
})

test('a note stays for colleagues; accepted and admitted, the candidate begins', async () => {
  await checklist(proctor).getByLabel('Note for colleagues').fill('Wears glasses today.')
  await checklist(proctor).getByRole('button', { name: 'Add note' }).click()
  await expect(checklist(proctor)).toContainText('Demo Proctor,')
  await checklist(proctor).getByRole('button', { name: 'Accept: Face' }).click()
  await expect(ada.getByText('Your face: Accepted')).toBeVisible()
  await checklist(proctor).getByRole('button', { name: 'Accept all and admit' }).click()
  await expect(heading(ada, /^Question 1 of /)).toBeVisible()
})

test('the next one is there: the reason is read, and both proctors see how it ends', async () => {
  await expect(heading(proctor, /^Bo Bench/)).toBeVisible()
  await expect(checklist(proctor)).toContainText('The camera is fixed to the wall.')
  await checklist(proctor).getByRole('button', { name: 'Accept all and admit' }).click()
  await expect(heading(bo, /^Question 1 of /)).toBeVisible()
  await expect(proctor.getByRole('heading', { name: 'Everyone is in' }).first()).toBeVisible()
  await expect(lena.getByText('This candidate is not at the door any more.')).toBeVisible()
  await look(proctor, 'checkin-empty')
})

test('a reviewer sees the same pictures and what was decided', async () => {
  const page = (await newPage(desks, faults, 'reviewer')).page
  await signIn(page, program.url, STAFF.reviewer)
  const attempt = await page.evaluate(async (id) => {
    const { attempts } = await fetch(`/api/sessions/${id}/attempts`).then((r) => r.json())
    return attempts.find((row: { name: string }) => row.name === 'Ada Door').attempt as number
  }, session)
  await page.goto(`${program.url}/review/?attempt=${attempt}`)
  await page.getByRole('button', { name: 'Unlock' }).click()
  await dialog(page).getByLabel('Passphrase').fill(STAFF.reviewer.passphrase)
  await dialog(page).getByRole('button', { name: 'Unlock' }).click()
  await page.getByRole('tab', { name: /^Identity/ }).click()
  const panel = page.getByRole('tabpanel', { name: /^Identity/ })
  await expect(panel.getByText('Identity document: Accepted')).toBeVisible()
  await expect(panel.getByRole('img', { name: 'Identity document' })).toBeVisible()
  await expect(panel.getByRole('figure', { name: 'Under the desk' })).toBeVisible()
  await look(page, 'review-identity')
})

/** All files of the server, with its log and its evidence. */
function filesBelow(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
}

test('the server has no plain picture anywhere', () => {
  const files = filesBelow(program.data)
  // The reviewer has just been given two documents, a face and 36 views of a room out of these files.
  expect(files.length).toBeGreaterThan(2)
  for (const sign of ['WEBPVP8', 'JFIF', '\x89PNG\r\n\x1a\n'])
    expect(files.filter((file) => file.includes(Buffer.from(sign, 'latin1')))).toEqual([])
})

test('axe has nothing to say of the screens, and nothing is too wide', () => {
  expect(found).toEqual([])
})

test('no page broke a rule of its policy or threw an error', () => {
  expect(faults).toEqual([])
})
