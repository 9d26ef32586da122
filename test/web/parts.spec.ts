// The parts of the pages that need a real browser: the journal, question content, the primitives.
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test, type Page } from '@playwright/test'
import { fileURLToPath } from 'node:url'
import type { Memory } from '@/exam/memory'
import type { Journal } from '@/lib/journal'
import type { buildNodes } from '@/lib/nodes'
import type { Vault } from '@/lib/vault'
import { servePage, type TestPage } from './media/serve.ts'

declare const parts: {
  Journal: typeof Journal
  Memory: typeof Memory
  Vault: typeof Vault
  buildNodes: typeof buildNodes
}
declare const violations: string[]

let server: TestPage
test.beforeAll(async () => {
  server = await servePage(fileURLToPath(new URL('./parts', import.meta.url)))
})
test.afterAll(() => server.close())

async function open(page: Page): Promise<void> {
  await page.goto(server.url)
  await page.waitForFunction(() => 'parts' in globalThis)
}

test.describe('what a device remembers of an exam', () => {
  const write = (page: Page) =>
    page.evaluate(async () => {
      const vault = await parts.Vault.open()
      const memory = await parts.Memory.open(vault, 9)
      memory.set('place', { current: 3, seen: [1, 3] })
      memory.set('wish', { at_ms: 5, device_ms: 6 })
      memory.saw('session', 1, Uint8Array.of(1))
      memory.saw('attempt', 1, Uint8Array.of(10))
      memory.saw('attempt', 2, Uint8Array.of(20), 4)
      await memory.flush()
      memory.saw('attempt', 3, null)
      memory.saw('attempt', 4, Uint8Array.of(40), 4)
      memory.saw('attempt', 6, Uint8Array.of(60))
      await memory.flush()
    })
  const read = (page: Page) =>
    page.evaluate(async () => {
      const memory = await parts.Memory.open(await parts.Vault.open(), 9)
      const { upto, events } = memory.streams.attempt
      const seen = [...events].map(([ver, bytes]) => `${ver}:${bytes.join()}`).sort()
      const { place, wish } = memory.all()
      return { upto, seen, place: place?.current, wish: wish?.at_ms, complete: memory.complete }
    })
  const again = async (page: Page) => {
    await page.reload()
    await page.waitForFunction(() => 'parts' in globalThis)
  }

  test('is there after a reload: events without a gap, the newest answer of each question', async ({
    page,
  }) => {
    await open(page)
    await write(page)
    await again(page)
    const { upto, seen, place, wish, complete } = await read(page)
    expect({ upto, place, wish, complete }).toEqual({ upto: 4, place: 3, wish: 5, complete: false })
    expect(seen).toEqual(['1:10', '4:40'])
  })

  test('is forgotten but for receipts and the wish to hand in', async ({ page }) => {
    await open(page)
    await write(page)
    const names = await page.evaluate(async () => {
      const journal = await parts.Journal.open(9)
      const entry = { rev: 1, device_ms: 5, receipt: null, stored_ms: 0, refusal: 0 }
      await journal.put({ ...entry, item: 1, value: 'words' })
      await journal.confirm(1, 1, Uint8Array.of(9, 8), 77)
      await (await parts.Memory.open(await parts.Vault.open(), 9)).forget()
      await journal.wipe()
      const after = await parts.Journal.open(9)
      const vault = await parts.Vault.open()
      const kept = await vault!.read('kept', 9)
      return {
        kept: [...kept.keys()].sort(),
        texts: after.all().length,
        proofs: after.receipts().map((receipt) => receipt.join()),
      }
    })
    expect(names).toEqual({ kept: ['receipt-1', 'wish'], texts: 0, proofs: ['9,8'] })
    await again(page)
    expect(await read(page)).toMatchObject({ upto: 0, seen: [], wish: 5 })
  })

  test('says which exam was opened last', async ({ page }) => {
    await open(page)
    const last = await page.evaluate(async () => {
      const vault = await parts.Vault.open()
      const before = await vault!.last()
      await vault!.setLast(9)
      return [before, await vault!.last()]
    })
    expect(last).toEqual([0, 9])
  })
})

test.describe('the journal', () => {
  const write = (page: Page) =>
    page.evaluate(async () => {
      const journal = await parts.Journal.open(7)
      const entry = { device_ms: 5, receipt: null, stored_ms: 0, refusal: 0 }
      await journal.put({ ...entry, item: 1, rev: 1, value: 'first' })
      await journal.put({ ...entry, item: 2, rev: 4, value: 'secret words', device_ms: 3 })
      await journal.put({ ...entry, item: 1, rev: 2, value: 'second' })
      await journal.confirm(1, 2, Uint8Array.of(9, 8), 77)
      return journal.durable
    })
  const read = (page: Page, attempt = 7) =>
    page.evaluate(async (of) => {
      const journal = await parts.Journal.open(of)
      return journal.all().map((entry) => ({ ...entry, receipt: entry.receipt?.join() ?? null }))
    }, attempt)

  test('has the newest revision and its receipt after a reload', async ({ page }) => {
    await open(page)
    expect(await write(page)).toBe(true)
    await page.reload()
    await page.waitForFunction(() => 'parts' in globalThis)
    expect(await read(page)).toEqual([
      { item: 1, rev: 2, value: 'second', device_ms: 5, receipt: '9,8', stored_ms: 77, refusal: 0 },
      {
        item: 2,
        rev: 4,
        value: 'secret words',
        device_ms: 3,
        receipt: null,
        stored_ms: 0,
        refusal: 0,
      },
    ])
  })

  test('shows nothing of another attempt', async ({ page }) => {
    await open(page)
    await write(page)
    expect(await read(page, 8)).toEqual([])
  })

  test('holds no readable answer, and a key that cannot be taken away', async ({ page }) => {
    await open(page)
    await write(page)
    const found = await page.evaluate(async () => {
      const request = indexedDB.open('invigil-journal')
      const db: IDBDatabase = await new Promise((done) => {
        request.onsuccess = () => done(request.result)
      })
      const all = (store: string): Promise<unknown[]> =>
        new Promise((done) => {
          const asked = db.transaction(store).objectStore(store).getAll()
          asked.onsuccess = () => done(asked.result)
        })
      const rows = (await all('answers')) as { bytes: ArrayBuffer }[]
      const text = rows.map((row) => new TextDecoder('latin1').decode(row.bytes)).join()
      const [key] = (await all('keys')) as CryptoKey[]
      return { rows: rows.length, readable: text.includes('secret'), takeable: key?.extractable }
    })
    expect(found).toEqual({ rows: 2, readable: false, takeable: false })
  })

  test('is empty after it was wiped', async ({ page }) => {
    await open(page)
    await write(page)
    await page.evaluate(async () => (await parts.Journal.open(7)).wipe())
    expect(await read(page)).toEqual([])
  })

  test('says that it keeps nothing when the browser stores nothing', async ({ page }) => {
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, 'indexedDB', { value: undefined })
    })
    await open(page)
    const durable = await page.evaluate(async () => (await parts.Journal.open(7)).durable)
    expect(durable).toBe(false)
  })
})

test.describe('question content', () => {
  const built = (page: Page, nodes: unknown) =>
    page.evaluate((given) => {
      const place = document.createElement('div')
      place.append(parts.buildNodes(given as never).fragment)
      document.body.append(place)
      const html = place.outerHTML
      const spaces = [...place.querySelectorAll('*')].map((e) => e.namespaceURI?.split('/').at(-1))
      place.remove()
      return { html, spaces }
    }, nodes)

  test('becomes elements, text stays text', async ({ page }) => {
    await open(page)
    const { html } = await built(page, ['a < b & ', ['b', {}, 'H', ['sub', {}, '2'], 'O']])
    expect(html).toBe('<div>a &lt; b &amp; <b>H<sub>2</sub>O</b></div>')
  })

  test('drops what is not on the list and keeps its words', async ({ page }) => {
    await open(page)
    const { html } = await built(page, [
      ['script', {}, 'alert(1)'],
      ['p', { onclick: 'alert(1)', style: 'color:red', title: 'fine' }, 'text'],
      ['iframe', { src: 'https://example.org' }],
    ])
    expect(html).toBe('<div>alert(1)<p title="fine">text</p></div>')
  })

  test('shows formulas as MathML', async ({ page }) => {
    await open(page)
    const fraction = ['math', {}, ['mfrac', {}, ['mn', {}, '1'], ['mi', {}, 'x']]]
    const { spaces } = await built(page, [['p', {}, fraction]])
    expect(spaces).toEqual(['xhtml', 'MathML', 'MathML', 'MathML', 'MathML'])
  })

  test('shows pictures that it holds itself, and no others', async ({ page }) => {
    await open(page)
    const dot = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'
    const { html } = await built(page, [
      ['img', { src: dot, alt: 'a dot' }],
      ['img', { src: 'https://example.org/x.png', alt: 'far away' }],
    ])
    expect(html).toMatch(/^<div><img src="blob:[^"]+" alt="a dot">far away<\/div>$/)
  })

  test('moves headings below those of the page', async ({ page }) => {
    await open(page)
    expect((await built(page, [['h1', {}, 'Big']])).html).toBe('<div><h3>Big</h3></div>')
  })
})

test.describe('primitives, by keyboard', () => {
  test('a dialog takes the focus, Escape gives it back', async ({ page }) => {
    await open(page)
    await page.getByRole('button', { name: 'Open dialog' }).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog', { name: 'A dialog' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Close' })).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toBeHidden()
    await expect(page.getByRole('button', { name: 'Open dialog' })).toBeFocused()
  })

  test('a menu moves by arrows and letters, skips nothing, returns the focus', async ({ page }) => {
    await open(page)
    const button = page.getByRole('button', { name: 'Actions' })
    await button.focus()
    await page.keyboard.press('ArrowDown')
    await expect(page.getByRole('menuitem', { name: 'Pause' })).toBeFocused()
    await page.keyboard.press('ArrowUp')
    await expect(page.getByRole('menuitem', { name: 'Extend' })).toBeFocused()
    await page.keyboard.press('m')
    await expect(page.getByRole('menuitem', { name: 'Message' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page.getByText('Chosen: Message')).toBeVisible()
    await expect(button).toBeFocused()
    await expect(page.getByRole('menu')).toBeHidden()
  })

  test('tabs move by arrows', async ({ page }) => {
    await open(page)
    await page.getByRole('tab', { name: 'First' }).focus()
    await page.keyboard.press('ArrowRight')
    await expect(page.getByRole('tab', { name: /Second/ })).toBeFocused()
    await expect(page.getByRole('tabpanel')).toHaveText('Panel two')
  })

  test('what was done can be taken back for a while', async ({ page }) => {
    await open(page)
    await page.getByRole('button', { name: 'Lock 42' }).click()
    await expect(page.getByRole('status').filter({ hasText: 'Locked 42' })).toBeVisible()
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect(page.getByText('Chosen: undone')).toBeVisible()
  })

  test('a long table draws the rows in sight and sorts all of them', async ({ page }) => {
    await open(page)
    const table = page.getByRole('table', { name: 'People' })
    expect(await table.getByRole('row').count()).toBeLessThan(60)
    await table.getByRole('button', { name: 'Points' }).click()
    await expect(table.getByRole('columnheader', { name: 'Points' })).toHaveAttribute(
      'aria-sort',
      'ascending',
    )
    await expect(table.getByRole('row').nth(1)).toContainText('0')
    await page.getByRole('region', { name: 'People' }).evaluate((box) => box.scrollTo(0, 36 * 399))
    await expect(table.getByText('100', { exact: true }).last()).toBeVisible()
  })
})

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds nothing, open or closed, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme })
    await open(page)
    const findings = async () =>
      (await new AxeBuilder({ page }).analyze()).violations.map((each) => each.id)
    expect(await findings()).toEqual([])
    await page.getByRole('button', { name: 'Actions' }).click()
    expect(await findings()).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Open dialog' }).click()
    expect(await findings()).toEqual([])
    expect(await page.evaluate(() => violations)).toEqual([])
  })
