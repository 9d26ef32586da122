// The hints on a picture of a document: dark, glare, out of focus (C7).
import { describe, expect, test } from 'vitest'
import { judgePicture, lumaOf } from './judge.ts'

const WIDTH = 64
const HEIGHT = 48

/** A card with lines of text: stripes of ink on paper. */
function card(ink: number, paper: number, soft = false): Uint8Array {
  const out = new Uint8Array(WIDTH * HEIGHT)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const wave = soft ? (1 + Math.sin(x / 6)) / 2 : x % 4 < 2 ? 1 : 0
      out[y * WIDTH + x] = ink + (paper - ink) * wave
    }
  return out
}

describe('a picture is judged on the device', () => {
  test('a sharp, well lit card needs no hint', () => {
    expect(judgePicture(card(60, 200), WIDTH)).toEqual([])
  })
  test('a dark one is said to be dark', () => {
    expect(judgePicture(card(5, 60), WIDTH)).toEqual(['dark'])
  })
  test('one with slow changes only is said to be blurred', () => {
    expect(judgePicture(card(90, 180, true), WIDTH)).toEqual(['blurred'])
  })
  test('a reflection over a part of it is said to glare', () => {
    const glaring = card(60, 200)
    glaring.fill(255, 0, glaring.length / 10)
    expect(judgePicture(glaring, WIDTH)).toEqual(['glare'])
  })
  test('brightness is what an eye sees: green counts most', () => {
    const rgba = Uint8ClampedArray.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255)
    const [red, green, blue] = lumaOf(rgba)
    expect(green).toBeGreaterThan(red!)
    expect(red).toBeGreaterThan(blue!)
  })
})
