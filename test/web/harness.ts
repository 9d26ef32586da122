// What every journey needs: the real program on an empty data directory, and people with browsers of
// their own. A candidate's camera is a moving test picture from a file; the screen is Chromium's own.
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test'
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeSessionKey } from '../../web/lib/keys.ts'

const PROGRAM = resolve(process.env.INVIGIL ?? 'build/release/invigil')
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]

/** The running program. It can be killed and started again on the same port and data. */
export class Program {
  private child: ChildProcess | undefined
  readonly folder = mkdtempSync(join(tmpdir(), 'invigil-journey-'))
  readonly data = join(this.folder, 'data')
  port = 0
  log = ''

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  static async start(...options: string[]): Promise<Program> {
    const program = new Program()
    program.port = await freePort()
    await program.run(...options)
    return program
  }

  /** Starts, and waits until it says that it listens. */
  run(...options: string[]): Promise<void> {
    const child = spawn(PROGRAM, [
      'serve',
      '--demo',
      '--data',
      this.data,
      '--listen',
      `127.0.0.1:${this.port}`,
      ...options,
    ])
    this.child = child
    return new Promise((done, fail) => {
      const read = (bytes: Buffer) => {
        this.log += bytes.toString()
        if (this.log.includes('fact=listening')) done()
      }
      this.log = ''
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('exit', (code) => fail(new Error(`the program stopped with ${code}: ${this.log}`)))
      child.once('error', fail)
    })
  }

  /** As when the power of the process is cut: no chance to say goodbye. */
  kill9(): Promise<void> {
    return this.stopWith('SIGKILL')
  }

  /** As an administrator stops it: everything is in its place, and the data stay. */
  quit(): Promise<void> {
    return this.stopWith('SIGTERM')
  }

  private stopWith(signal: NodeJS.Signals): Promise<void> {
    const child = this.child
    this.child = undefined
    if (!child || child.exitCode !== null) return Promise.resolve()
    return new Promise((done) => {
      child.removeAllListeners('exit')
      child.once('exit', () => done())
      child.kill(signal)
    })
  }

  async stop(): Promise<void> {
    await this.stopWith('SIGTERM')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? done(address.port) : fail(new Error('no port')),
      )
    })
  })
}

/**
 * A moving picture with a counter in it, made once; several workers may ask at the same time. Its path is what
 * the browser says is the name of the camera: as long as such a name gets, and without a space.
 */
export function cameraFile(): string {
  const file = resolve('build/camera-with-a-name-as-long-as-makers-of-cameras-give-them.mjpeg')
  if (existsSync(file)) return file
  mkdirSync('build', { recursive: true })
  const mine = `${file}.${process.pid}.mjpeg`
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=640x480:rate=10', '-t', '20']
  const form = ['-pix_fmt', 'yuvj420p', '-q:v', '5']
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...source, ...form, mine])
  renameSync(mine, file)
  return file
}

/** A tone of 440 Hz as the sound of a microphone, made once. */
export function toneFile(): string {
  const file = resolve('build/tone.wav')
  if (existsSync(file)) return file
  mkdirSync('build', { recursive: true })
  const mine = `${file}.${process.pid}.wav`
  const source = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=10']
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...source, '-ar', '48000', mine])
  renameSync(mine, file)
  return file
}

/** A browser with a camera from a file, a microphone that hears a tone, and a screen that may be shared. */
export function candidateBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...QUIET,
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream=display-media-type=monitor',
      `--use-file-for-fake-video-capture=${cameraFile()}`,
      `--use-file-for-fake-audio-capture=${toneFile()}`,
    ],
  })
}

export function staffBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: QUIET })
}

/** A browser that keeps what it stores, as a person's own does when it is closed and opened again. */
export function keptBrowser(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    args: QUIET,
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
  })
}

/** A context whose page errors and CSP violations fail the journey. */
export async function newPage(
  browser: Browser,
  faults: string[],
  name: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  await context.addInitScript(keepShares)
  const page = await context.newPage()
  page.on('pageerror', (e) => faults.push(`${name}: ${e.message}`))
  page.on('console', (m) => {
    if (m.type() === 'error' && /Content Security Policy|Trusted/i.test(m.text()))
      faults.push(`${name}: ${m.text()}`)
  })
  return { context, page }
}

/** Counts what the page plays and how loud it is: what its speakers would get. */
export function countPlayed(): void {
  const heard = { seconds: 0, loudest: 0 }
  Object.assign(window, { heard })
  const { start } = AudioBufferSourceNode.prototype
  AudioBufferSourceNode.prototype.start = function (this: AudioBufferSourceNode, ...rest) {
    const samples = this.buffer?.getChannelData(0) ?? []
    heard.seconds += this.buffer?.duration ?? 0
    for (const sample of samples) heard.loudest = Math.max(heard.loudest, Math.abs(sample))
    start.apply(this, rest)
  }
}

/** Keeps what the page shares, so that a journey can stop it as the browser's own bar would. */
function keepShares(): void {
  const devices = navigator.mediaDevices
  if (!devices?.getDisplayMedia) return
  const ask = devices.getDisplayMedia.bind(devices)
  devices.getDisplayMedia = async (options) => {
    const stream = await ask(options)
    ;(window as unknown as { shared: MediaStream }).shared = stream
    return stream
  }
}

/** "Stop sharing" in the browser's bar: the track ends and says so. */
export async function stopSharing(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const track of (window as unknown as { shared: MediaStream }).shared.getTracks()) {
      track.stop()
      track.dispatchEvent(new Event('ended'))
    }
  })
}

export interface SavedReceipt {
  item: number
  rev: number
  bytes: Buffer
}

/** Collects the receipts that the page gets: the last field of `reply` messages (schema/wire.def). */
export function collectReceipts(page: Page): SavedReceipt[] {
  const receipts: SavedReceipt[] = []
  const REPLY = 102
  const AT = 1 + 8 + 8 + 2 + 8 + 8 // kind, cmd, target, refusal, ver, at_ms
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const bytes = Buffer.from(payload as Buffer)
      if (bytes[0] !== REPLY || bytes.readUInt16LE(17) !== 0) return
      const receipt = bytes.subarray(AT + 4, AT + 4 + bytes.readUInt32LE(AT))
      if (receipt.length > 93)
        receipts.push({
          item: receipt.readUInt32LE(13),
          rev: receipt.readUInt32LE(17),
          bytes: receipt,
        })
    }),
  )
  return receipts
}

export function verifyReceipt(program: Program, receipt: SavedReceipt, publicKey: string): string {
  const file = join(program.folder, 'receipt.bin')
  writeFileSync(file, receipt.bytes)
  return execFileSync(PROGRAM, ['receipt', 'verify', file, '--public', publicKey]).toString()
}

/** `invigil receipt verify` of a file, as the exam page saves it. */
export function verifyFile(file: string, publicKey: string): { status: number; text: string } {
  const words = ['receipt', 'verify', file, '--public', publicKey]
  const { status, stdout } = spawnSync(PROGRAM, words, { encoding: 'utf8' })
  return { status: status ?? -1, text: stdout }
}

export const STAFF = {
  planner: {
    email: 'planner@example.org',
    password: 'demo-planner',
    passphrase: 'keys of the planner',
  },
  proctor: {
    email: 'proctor@example.org',
    password: 'demo-proctor',
    passphrase: 'keys of the proctor',
  },
  reviewer: {
    email: 'reviewer@example.org',
    password: 'demo-reviewer',
    passphrase: 'keys of the reviewer',
  },
  administrator: {
    email: 'administrator@example.org',
    password: 'demo-administrator',
    passphrase: '',
  },
}

export async function signIn(
  page: Page,
  url: string,
  who: { email: string; password: string },
): Promise<void> {
  await page.goto(url)
  await page.getByLabel('E-mail address').fill(who.email)
  await page.getByLabel('Password', { exact: true }).fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: /^Account: / }).waitFor()
}

/** Adds somebody to the people of the running program, as its administrator would on the command line. */
export function addUser(
  program: Program,
  who: { email: string; name: string; password: string },
  roles: string,
): void {
  const words = ['user', 'add', '--data', program.data, '--email', who.email]
  const input = `${who.password}\n`
  execFileSync(PROGRAM, [...words, '--name', who.name, '--roles', roles], { input, stdio: 'pipe' })
}

export interface SessionWanted {
  code: string
  name: string
  settings?: Record<string, number>
  duration_ms?: number
  /** Beside the demo's proctor, by address. */
  staff?: { email: string; roles: string[] }[]
  /** With a key that proctor and reviewer of the demo can open. */
  recorded?: boolean
  /** Lines "name,email,number" of its list. */
  listed?: string[]
}

interface StaffLine {
  user: number
  email: string
  box_public: string
}

type Ask = (path: string, body?: unknown) => Promise<Record<string, unknown>>

async function list(ask: Ask, session: number, lines: string[]): Promise<void> {
  const address = `/api/sessions/${session}/roster`
  const csv = ['name,email,number', ...lines, ''].join('\n')
  const { import: id } = await ask(`${address}/check`, csv)
  await ask(address, { import: id })
}

/** A session of the demo's assessment with the demo's proctor, made as the planner, without a page. */
export async function createSession(program: Program, wanted: SessionWanted): Promise<number> {
  let cookie = ''
  const ask: Ask = async (path, body) => {
    const plain = typeof body === 'string'
    const type = plain ? 'application/octet-stream' : 'application/json'
    const response = await fetch(program.url + path, {
      method: body ? 'POST' : 'GET',
      headers: { 'Content-Type': type, Origin: program.url, cookie },
      body: plain ? body : body ? JSON.stringify(body) : undefined,
    })
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return (await response.json()) as Record<string, unknown>
  }
  await ask('/api/signin', STAFF.planner)
  const { users } = (await ask('/api/staff')) as { users: StaffLine[] }
  const { assessments } = (await ask('/api/assessments')) as {
    assessments: { assessment: number; name: string }[]
  }
  const idOf = (address: string): number => users.find(({ email }) => email === address)!.user
  const staff = [
    { user: idOf(STAFF.proctor.email), roles: ['proctor'] },
    ...(wanted.recorded ? [{ user: idOf(STAFF.reviewer.email), roles: ['reviewer'] }] : []),
    ...(wanted.staff ?? []).map(({ email, roles }) => ({ user: idOf(email), roles })),
  ]
  const assigned = users.filter(({ user }) => staff.some((one) => one.user === user))
  const key = wanted.recorded
    ? await makeSessionKey(assigned.filter((user) => user.box_public))
    : { public_key: '', keys: [] }
  const demo = assessments.find(({ name }) => name.startsWith('Ways of knowing'))!.assessment
  const now = Date.now()
  const made = await ask('/api/sessions', {
    code: wanted.code,
    name: wanted.name,
    settings: wanted.settings ?? {},
    assessment: demo,
    opens_ms: now - 1000,
    starts_ms: now,
    duration_ms: wanted.duration_ms ?? 1_800_000,
    staff,
    ...key,
  })
  if (wanted.listed) await list(ask, made.session as number, wanted.listed)
  return made.session as number
}

/** An event: `at` is the server's clock, `device_ms` the device's own. */
export interface Recorded {
  kind: string
  at: number
  device_ms?: number
  late?: number
  [field: string]: unknown
}

/** What the record says of the only attempt of a session, as its proctor may read it. */
export async function record(proctor: Page, url: string, session: number): Promise<Recorded[]> {
  const get = async <T>(path: string): Promise<T> => {
    const response = await proctor.request.get(`${url}/api/${path}`)
    if (!response.ok()) throw new Error(`${path}: ${await response.text()}`)
    return (await response.json()) as T
  }
  const { attempts } = await get<{ attempts: { attempt: number }[] }>(
    `sessions/${session}/attempts`,
  )
  const { attempt } = attempts[0]!
  return (await get<{ events: Recorded[] }>(`attempts/${attempt}/events`)).events
}

/** Without camera, screen and proctor: who joins is in the exam after the last button. */
export const PLAIN_SETTINGS = {
  webcam: 0,
  screen: 0,
  fullscreen: 0,
  waiting_room: 0,
  start_by_proctor: 0,
} as const

export async function giveName(page: Page, url: string, code: string, name: string): Promise<void> {
  await page.goto(`${url}/exam/?code=${code}`)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Continue' }).click()
}

/** After the name, without camera and screen: agrees, and says to be ready. */
export async function getReady(page: Page): Promise<void> {
  await page.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Agree and continue' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'I am ready' }).click()
}

/** From the code to the first question of a session with PLAIN_SETTINGS. */
export async function joinPlain(
  page: Page,
  url: string,
  code: string,
  name: string,
): Promise<void> {
  await giveName(page, url, code, name)
  await getReady(page)
  await page.getByRole('heading', { name: /^Question 1 of / }).waitFor()
}

/** A candidate without the exam page: joins, agrees, is ready and stays connected, over the same routes and
 * socket, so that a hall of them costs little. For sessions without camera, screen and full screen. */
export async function joinLightly(
  page: Page,
  url: string,
  code: string,
  name: string,
): Promise<void> {
  await page.goto(`${url}/receipt/`)
  await page.evaluate(
    async ([code, name]) => {
      const json = async (path: string, body?: object): Promise<Record<string, number>> => {
        const headers = { 'Content-Type': 'application/json' }
        const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : {}
        return (await (await fetch(path, init)).json()) as Record<string, number>
      }
      const { attempt } = await json('/api/join', { code, name, number: '', take_over: 0 })
      const { disclosure } = await json('/api/exam')
      let cmd = 0n
      // kind command, cmd, targets (one), body: all little endian (schema/wire.def).
      const command = (body: ArrayBuffer): Uint8Array<ArrayBuffer> => {
        const out = new DataView(new ArrayBuffer(25 + body.byteLength))
        out.setUint8(0, 4)
        out.setBigUint64(1, ++cmd, true)
        out.setUint32(9, 8, true)
        out.setBigUint64(13, BigInt(attempt!), true)
        out.setUint32(21, body.byteLength, true)
        const bytes = new Uint8Array(out.buffer)
        bytes.set(new Uint8Array(body), 25)
        return bytes
      }
      const consent = new DataView(new ArrayBuffer(6))
      consent.setUint16(0, 3, true)
      consent.setUint32(2, disclosure!, true)
      const ready = new DataView(new ArrayBuffer(2))
      ready.setUint16(0, 5, true)
      const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/live`)
      socket.binaryType = 'arraybuffer'
      const ping = new Uint8Array([5, 0, 0, 0, 0, 0, 0, 0, 0])
      socket.onopen = () => socket.send(new Uint8Array([1, 1]))
      setInterval(() => socket.readyState === 1 && socket.send(ping), 5000)
      await new Promise<void>((done, fail) => {
        let replies = 0
        socket.onclose = () => fail(new Error('the socket was closed'))
        socket.onmessage = ({ data }) => {
          const message = new DataView(data as ArrayBuffer)
          if (message.getUint8(0) === 101) {
            socket.send(command(consent.buffer))
            socket.send(command(ready.buffer))
          }
          if (message.getUint8(0) !== 102) return
          const refusal = message.getUint16(17, true)
          if (refusal) fail(new Error(`refused: ${refusal}`))
          if (++replies === 2) done()
        }
      })
    },
    [code, name] as const,
  )
}

/** Asks for the camera when the checks that run by themselves have said their word: until then the rows move. */
export async function checkCamera(page: Page): Promise<void> {
  for (const check of ['browser', 'network', 'displays'])
    await page.locator(`[data-check=${check}] p`).first().waitFor()
  await page.getByRole('button', { name: 'Check: Camera' }).click()
}
