// Encode, seal, send, open, decode: the whole road of a picture in one real browser, without a server.
import { expect, test, type Page } from '@playwright/test'
import { CHROMIUM, QUIET } from './harness.ts'
import { servePage, type TestPage } from './media/serve.ts'

// A tone is made by the page itself, without a click.
test.use({ launchOptions: { executablePath: CHROMIUM, args: QUIET } })

interface Picture {
  status: string
  ageMs: number
  why: string
}
interface RigApi {
  beginOffline(): Promise<void>
  stored(): number[][]
  lose(stream: number, seq: number): void
  damage(stream: number, seq: number): void
  openReview(): Promise<{ seq: number; key: boolean }[]>
  review: { show(nth: number): Promise<{ status: string; count: number; painted: number }> }
  level: number
  heard(): Promise<{ hertz: number; seconds: number; loudest: number }>
  older(): { records: number; holes: number }
  begin(): Promise<void>
  watch(unlocked: boolean): void
  unlock(): void
  count(name: string): number
  age(name: string): number
  verify(): Promise<Verified>
  pictures: Record<string, Picture>
  evidenceState: { link: string; watchers: number; tracks: Record<string, string> } | undefined
  evidence: {
    stop(): Promise<void>
    snapshot(): void
    set(track: string, s: MediaStream | null): void
  }
  camera: { stream: MediaStream }
  loop: {
    cut(): void
    mend(): void
    stored: { header: { stream: number; kind: number } }[]
    change: ((r: Uint8Array) => void) | undefined
  }
}
interface Verified {
  problems: string[]
  end: Record<string, number>
  stills: number[]
  counts: Record<string, number>
  bytes: Record<string, number>
  late: number
}
declare const rig: RigApi
declare const violations: string[]

let server: TestPage
test.beforeAll(async () => {
  server = await servePage()
})
test.afterAll(() => server.close())

async function open(page: Page): Promise<void> {
  page.on('pageerror', (error) => console.error('page:', error.message))
  await page.goto(server.url)
  await page.waitForFunction(() => 'rig' in globalThis)
  await page.evaluate(() => rig.begin())
}

const names = ['webcam full', 'webcam low', 'screen full', 'screen low']
const allLive = (page: Page) =>
  page.waitForFunction((all) => all.every((n) => rig.pictures[n]?.status === 'live'), names)

test('what is painted into camera and screen is what the proctor sees, a moment later', async ({
  page,
}) => {
  await open(page)
  await page.evaluate(() => rig.watch(true))
  await allLive(page)
  const ages: Record<string, number[]> = { 'webcam full': [], 'screen full': [] }
  for (let i = 0; i < 20; i++) {
    for (const name of Object.keys(ages)) {
      const age = await page.evaluate((n) => rig.age(n), name)
      if (age >= 0) ages[name]!.push(age)
    }
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)))
  }
  for (const [name, list] of Object.entries(ages)) {
    const median = list.sort((a, b) => a - b)[list.length >> 1]!
    console.log(`${name}: ${list.length} of 20 readable, median age ${median} ms`)
    expect(list.length, `${name} is readable`).toBeGreaterThan(12)
    expect(median, `${name} is recent`).toBeLessThan(1000)
  }
  expect(await page.evaluate(() => violations)).toEqual([])
})

test('an outage leaves no hole: what was kept comes late, and the last record says how much there was', async ({
  page,
}) => {
  await open(page)
  await page.waitForFunction(() => rig.loop.stored.length > 20)
  await page.evaluate(() => rig.loop.cut())
  const before = await page.evaluate(() => rig.loop.stored.length)
  await page.waitForFunction(() => rig.evidenceState?.link === 'offline')
  const cutAt = await page.evaluate(() => performance.now())
  // What waits counts as late by its age: the outage must outlast it.
  await page.waitForFunction(
    ([at, late]) =>
      performance.now() - at > late &&
      (rig.evidenceState as never as { waitingRecords: number }).waitingRecords > 100,
    [cutAt, 10_000] as const,
  )
  expect(await page.evaluate(() => rig.loop.stored.length)).toBe(before)
  await page.evaluate(() => rig.loop.mend())
  await page.waitForFunction(() => rig.evidenceState?.link === 'sending')
  await page.evaluate(() => rig.evidence.snapshot())
  await page.waitForFunction(
    () => rig.loop.stored.filter((s) => s.header.stream === 33).length === 2,
  )
  await page.evaluate(() => rig.evidence.stop())
  const verified = await page.evaluate(() => rig.verify())
  console.log(JSON.stringify(verified))
  expect(verified.problems).toEqual([])
  expect(verified.late).toBeGreaterThan(0)
  expect(verified.stills.sort()).toEqual([0, 1])
  for (const stream of ['0', '1', '16', '17'])
    expect(verified.end[stream], `stream ${stream}`).toBeGreaterThan(0)
})

test('what the microphone hears is recorded without a gap, and its loudness is seen while it is', async ({
  page,
}) => {
  await open(page)
  await page.evaluate(() => rig.watch(true))
  await page.waitForFunction(() => rig.level > 100)
  const secondsHeard = () => page.evaluate(async () => (await rig.heard()).seconds)
  await expect.poll(secondsHeard).toBeGreaterThan(4)
  await page.evaluate(() => rig.evidence.stop())
  const verified = await page.evaluate(() => rig.verify())
  expect(verified.problems).toEqual([])
  expect(verified.end['9']).toBeGreaterThan(7)
  expect(verified.end['25']).toBeGreaterThan(0)
  const heard = await page.evaluate(() => rig.heard())
  console.log(JSON.stringify(heard), `${verified.bytes['9']! / heard.seconds} bytes a second`)
  expect(Math.abs(heard.hertz - 440)).toBeLessThan(15)
})

test('without the session key the proctor is told to unlock, and sees pictures after it', async ({
  page,
}) => {
  await open(page)
  await page.evaluate(() => rig.watch(false))
  await page.waitForFunction(() => rig.pictures['webcam full']?.status === 'no-key')
  expect(await page.evaluate(() => rig.pictures['webcam full']!.why)).toContain('Unlock')
  await page.evaluate(() => rig.unlock())
  await allLive(page)
})

test('a record that was changed on the way is named, not shown', async ({ page }) => {
  await open(page)
  await page.evaluate(() => rig.watch(true))
  await allLive(page)
  await page.evaluate(() => {
    rig.loop.change = (record) => (record[60] = record[60]! ^ 1)
  })
  await page.waitForFunction(() => rig.pictures['webcam full']?.status === 'changed')
})

const filesOnDevice = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    const folder = await (
      await root.getDirectoryHandle('invigil-evidence')
    ).getDirectoryHandle('42')
    let count = 0
    for await (const _ of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) count++
    return count
  })

test('what a page could not send before it was closed is sent by the next one', async ({
  page,
}) => {
  await page.goto(server.url)
  await page.evaluate(() => rig.beginOffline())
  const kept = () =>
    page.evaluate(
      () => (rig.evidenceState as never as { waitingRecords: number })?.waitingRecords ?? 0,
    )
  await expect.poll(kept).toBeGreaterThan(60)
  const before = await kept()
  await page.reload()
  await page.evaluate(() => rig.begin())
  await expect.poll(() => page.evaluate(() => rig.older().records)).toBeGreaterThanOrEqual(before)
  expect((await page.evaluate(() => rig.older())).holes).toBe(0)
  await page.evaluate(() => rig.evidence.stop())
  expect((await page.evaluate(() => rig.verify())).problems).toEqual([])
  expect(await filesOnDevice(page)).toBe(0)
})

test('a page that opens before the last one is gone sends what that one kept, once it is', async ({
  page,
  context,
}) => {
  await page.goto(server.url)
  await page.evaluate(() => rig.beginOffline())
  const kept = () =>
    page.evaluate(
      () => (rig.evidenceState as never as { waitingRecords: number })?.waitingRecords ?? 0,
    )
  await expect.poll(kept).toBeGreaterThan(60)
  const next = await context.newPage()
  await next.goto(server.url)
  await next.evaluate(() => rig.begin())
  await next.waitForFunction(() => rig.loop.stored.length > 20)
  expect((await next.evaluate(() => rig.older())).records).toBe(0)
  const before = await kept()
  await page.close()
  await expect.poll(() => next.evaluate(() => rig.older().records)).toBeGreaterThanOrEqual(before)
  expect((await next.evaluate(() => rig.older())).holes).toBe(0)
})

test('a browser without track processors records as well', async ({ page }) => {
  await page.addInitScript(() => {
    delete (globalThis as { MediaStreamTrackProcessor?: unknown }).MediaStreamTrackProcessor
  })
  await open(page)
  await page.evaluate(() => rig.watch(true))
  await allLive(page)
  const before = await page.evaluate(() => rig.count('webcam full'))
  await page.waitForFunction((count) => rig.count('webcam full') > count, before)
  await page.waitForFunction(() => rig.loop.stored.filter((s) => s.header.stream === 0).length > 8)
  await page.evaluate(() => rig.evidence.stop())
  expect((await page.evaluate(() => rig.verify())).problems).toEqual([])
})

test('recording goes on with another camera in the same stream', async ({ page }) => {
  await open(page)
  await page.evaluate(() => rig.watch(true))
  await allLive(page)
  await page.evaluate(() => rig.evidence.set('webcam', null))
  await page.waitForFunction(() => rig.pictures['webcam full']?.status === 'late')
  await page.evaluate(() => rig.evidence.set('webcam', rig.camera.stream.clone()))
  await page.waitForFunction(() => rig.pictures['webcam full']?.status === 'live')
  await page.evaluate(() => rig.evidence.stop())
  expect((await page.evaluate(() => rig.verify())).problems).toEqual([])
})

/** Serves the records as the program does: some of a list, back to back. */
async function serveRecords(page: Page): Promise<void> {
  const records = (await page.evaluate(() => rig.stored())).map((record) => Buffer.from(record))
  await page.context().route('**/api/attempts/42/records*', (route) => {
    const query = new URL(route.request().url()).searchParams
    const from = Number(query.get('from'))
    const some = records.slice(from, from + Number(query.get('count')))
    return route.fulfill({ body: Buffer.concat(some), contentType: 'application/octet-stream' })
  })
}

test('the review player shows exactly the picture of an instant, and names what is lost or changed', async ({
  page,
}) => {
  await open(page)
  await page.waitForFunction(
    () => rig.loop.stored.filter((s) => s.header.stream === 0).length > 150,
    undefined,
    { timeout: 60_000 },
  )
  await page.evaluate(() => rig.evidence.stop())
  const seqs = await page.evaluate(() =>
    rig.loop.stored.map((s) => s.header).filter((h) => h.stream === 0 && h.kind === 0),
  )
  const headers = seqs as unknown as { seq: number; flags: number }[]
  // Groups of pictures that are long enough to look around in.
  const ends = headers.filter((h) => h.flags & 1).map((h) => h.seq)
  const keys = ends.filter((seq, i) => (ends[i + 1] ?? Infinity) - seq > 10)
  expect(keys.length).toBeGreaterThan(2)
  // In the second group one record is lost, in the third one is changed.
  await page.evaluate(
    ([a, b]) => (rig.lose(0, a!), rig.damage(0, b!)),
    [keys[1]! + 5, keys[2]! + 5],
  )
  await serveRecords(page)
  const pictures = await page.evaluate(() => rig.openReview())
  const at = (seq: number) => pictures.findIndex((p) => p.seq === seq)
  const show = (seq: number) => page.evaluate((nth) => rig.review.show(nth), at(seq))

  const first = keys[0]!
  const seen = new Map<number, number>()
  for (const seq of [first + 6, first + 2, first + 8, first, first + 6, first + 2]) {
    const shown = await show(seq)
    expect(shown.status, `picture ${seq}`).toBe('shown')
    expect(Math.abs(shown.painted - shown.count), `age of picture ${seq}`).toBeLessThan(1000)
    expect(seen.get(seq) ?? shown.count, `picture ${seq} again`).toBe(shown.count)
    seen.set(seq, shown.count)
  }
  expect((await show(keys[1]! + 3)).status).toBe('shown')
  expect((await show(keys[1]! + 6)).status).toBe('incomplete')
  expect((await show(keys[2]! + 3)).status).toBe('shown')
  expect((await show(keys[2]! + 6)).status).toBe('changed')
})
