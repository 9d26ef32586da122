import { expect, test } from 'vitest'
import { placeText } from './place.tsx'

test('says the place, and how long it takes only when that is known', () => {
  expect(placeText(1, 0)).toBe('You are next.')
  expect(placeText(3, 0)).toBe('You are number 3 in line.')
  expect(placeText(3, 20_000)).toMatch(/number 3 in line\. That takes about a minute/)
  expect(placeText(2, 260_000)).toMatch(/about 4 minutes/)
})
