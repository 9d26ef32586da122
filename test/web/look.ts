// A screen in light and dark, on a laptop and on a telephone: what axe says of it, and whether anything has
// to be scrolled sideways. With SHOTS=folder a picture of each is kept, for people to look at.
import type { Page } from '@playwright/test'
import axe from 'axe-core'
import { mkdirSync } from 'node:fs'

const SHOTS = process.env.SHOTS
if (SHOTS) mkdirSync(SHOTS, { recursive: true })
export const SIZES = {
  laptop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
}

/** What can be scrolled sideways, other than what is made for it. */
const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const root = document.documentElement
    return Math.max(root.scrollWidth - root.clientWidth, document.body.scrollWidth - innerWidth)
  })

// All rules see the light page in both sizes; whether a page is dark only matters to those about colours.
const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

/** axe comes into a page once and only says what is wrong: many times faster than a full report. */
async function findings(page: Page, rules: string[] | null): Promise<string[]> {
  if (await page.evaluate(() => !('axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async (only) => {
    const { axe: inside } = window as unknown as { axe: typeof import('axe-core') }
    const options = only ? { runOnly: only } : {}
    const { violations } = await inside.run(document, { ...options, resultTypes: ['violations'] })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.html.slice(0, 160)}`),
    )
  }, rules)
}

/** What is there at two looks: a screen that changed under the first one is not what is judged. */
async function lasting<T>(look: () => Promise<T[]>): Promise<T[]> {
  const first = await look()
  if (!first.length) return first
  const second = new Set(await look())
  return first.filter((each) => second.has(each))
}

/** Light or dark, with what moves at its end: colours that fade from one to the other are not what is judged. */
export async function inScheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.evaluate(() => {
    for (const each of document.getAnimations())
      if (each.effect?.getComputedTiming().endTime !== Infinity) each.finish()
  })
}

/** Of all screens of a file: said together at its end, so that one fault does not hide the next. */
export const found: string[] = []

export async function look(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await inScheme(page, colorScheme)
      const screen = `${name}-${size}-${colorScheme}`
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/${screen}.png`, animations: 'disabled' })
      const rules = colorScheme === 'light' ? null : COLOUR_RULES
      const wrong = await lasting(() => findings(page, rules))
      found.push(...wrong.map((what) => `${screen}: ${what}`))
    }
    const over = await lasting(async () => [await sideways(page)].filter((px) => px > 0))
    found.push(...over.map((px) => `${name}-${size}: ${px} px too wide`))
  }
  await page.setViewportSize(SIZES.laptop)
}
