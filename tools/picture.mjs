// picture.mjs [FILE]: makes the picture of the live page that the README shows, from a real session in
// real browsers. The faces are drawn: circles before a colour.
import { chromium } from 'playwright-core'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const file = process.argv[2] ?? 'docs/images/live.png'
const PORT = 18473
const URL = `http://127.0.0.1:${PORT}`
const QUIET = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
const SHARE = [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream=display-media-type=monitor',
]
const NAMES = [
  'Candidate One',
  'Candidate Two',
  'Candidate Three',
  'Candidate Four',
  'Candidate Five',
  'Candidate Six',
]
const NUMBERS = ['1001', '1002', '1003', '2001', '2002', '2003']

/** A camera that draws a figure which moves a little. */
function drawnCamera(hue) {
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 })
    const pen = canvas.getContext('2d')
    let tick = 0
    const circle = (x, y, rx, ry, colour) => {
      pen.fillStyle = colour
      pen.beginPath()
      pen.ellipse(x, y, rx, ry, 0, 0, 7)
      pen.fill()
    }
    const draw = () => {
      const sway = Math.sin(tick++ / 9) * 12
      const back = pen.createLinearGradient(0, 0, 640, 480)
      back.addColorStop(0, `hsl(${hue} 30% 72%)`)
      back.addColorStop(1, `hsl(${hue + 40} 25% 48%)`)
      pen.fillStyle = back
      pen.fillRect(0, 0, 640, 480)
      circle(320 + sway / 2, 520, 210, 190, `hsl(${hue + 180} 25% 35%)`)
      circle(320 + sway, 230, 96, 122, 'hsl(28 35% 64%)')
      circle(320 + sway, 168, 104, 78, `hsl(${hue + 90} 20% 24%)`)
    }
    draw()
    setInterval(draw, 100)
    return canvas.captureStream(10)
  }
}

async function candidate(browser, i) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  await context.addInitScript(drawnCamera, i * 57 + 200)
  const page = await context.newPage()
  const press = (name) => page.getByRole('button', { name }).first().click()
  await page.goto(`${URL}/exam/`)
  await page.getByLabel(/code/i).first().fill('DEMO2026')
  await page.keyboard.press('Enter')
  await page.getByLabel('Your name').fill(NAMES[i])
  await page.getByLabel('Candidate number').fill(NUMBERS[i])
  await press('Continue')
  await page.getByRole('checkbox').first().waitFor()
  for (const box of await page.getByRole('checkbox').all()) await box.check()
  await press('Agree and continue')
  await press('Check: Camera')
  await press(/Share the entire screen/)
  await press(/Try full screen/)
  await press('Continue')
  await page.getByRole('checkbox').check()
  await press('I am ready')
  await page.getByRole('heading', { name: 'Waiting' }).waitFor()
  return page
}

async function answer(page, n) {
  for (let i = 1; i <= n; i++) {
    await page.getByRole('button', { name: new RegExp(`^Question ${i}:`) }).click()
    const choice = page.getByRole('article').locator('input, textarea').first()
    if (['radio', 'checkbox'].includes(await choice.getAttribute('type'))) await choice.check()
    else await choice.fill('42')
  }
  await page.getByText(/^Saved \d/).waitFor()
}

async function proctor(browser) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(URL)
  await page.getByLabel('E-mail address').fill('proctor@example.org')
  await page.getByLabel('Password', { exact: true }).fill('demo-proctor')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: /^Account: / }).waitFor()
  await page.goto(`${URL}/live/?session=1`)
  await page.getByRole('button', { name: 'Unlock pictures' }).click()
  await page.getByLabel('Passphrase').fill('keys of the proctor')
  await page.keyboard.press('Enter')
  return page
}

const folder = mkdtempSync(join(tmpdir(), 'invigil-picture-'))
const server = spawn('build/release/invigil', [
  'serve',
  '--demo',
  '--data',
  join(folder, 'data'),
  '--listen',
  `127.0.0.1:${PORT}`,
])
await new Promise((done) =>
  [server.stdout, server.stderr].forEach((s) =>
    s.on('data', (b) => `${b}`.includes('fact=listening') && done()),
  ),
)
const cameras = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [...QUIET, ...SHARE],
})
const desks = await chromium.launch({ executablePath: '/usr/bin/chromium', args: QUIET })
try {
  const pages = []
  for (let i = 0; i < NAMES.length; i++) pages.push(await candidate(cameras, i))
  const desk = await proctor(desks)
  await desk.getByRole('button', { name: 'Start session' }).click()
  await desk.locator('dialog[open]').getByRole('button', { name: 'Start session' }).click()
  for (let i = 0; i < NAMES.length - 1; i++) {
    await desk
      .getByRole('tabpanel')
      .getByRole('listitem')
      .filter({ hasText: NAMES[i] })
      .getByRole('button', { name: 'Admit' })
      .first()
      .click()
    await pages[i]
      .getByRole('heading', { name: /Question/ })
      .or(pages[i].getByRole('button', { name: 'Go to full screen' }))
      .first()
      .waitFor()
    const full = pages[i].getByRole('button', { name: 'Go to full screen' })
    if (await full.isVisible()) await full.click()
    await answer(pages[i], [5, 3, 7, 2, 4][i])
  }
  await pages[1].getByRole('button', { name: 'Help' }).click()
  await pages[1].getByLabel('What is it about?').fill('Is a calculator allowed in question 4?')
  await pages[1].getByRole('button', { name: 'Raise hand' }).click()
  const focus = async (name, press) => {
    await desk
      .getByRole('gridcell', { name: new RegExp(name) })
      .getByRole('button', { name: new RegExp(name) })
      .first()
      .click()
    await desk.getByRole('button', { name: press, exact: true }).first().click()
  }
  await focus('Candidate Three', 'Pause')
  await desk.getByRole('link', { name: 'Back to all' }).click()
  await focus('Candidate Four', 'Lock')
  await desk
    .locator('dialog[open]')
    .getByRole('textbox')
    .fill('A second voice was heard. One moment, please.')
  await desk.locator('dialog[open]').getByRole('button', { name: /^Lock/ }).click()
  await desk.getByRole('link', { name: 'Back to all' }).click()
  await desk.getByRole('gridcell', { name: /Candidate Four, .*Locked/ }).waitFor()
  await desk.waitForTimeout(6000) // a picture for people, not a test: let the pictures arrive
  mkdirSync(dirname(file), { recursive: true })
  await desk.screenshot({ path: file })
  console.log(`${file} is made`)
} finally {
  await cameras.close()
  await desks.close()
  server.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
}
