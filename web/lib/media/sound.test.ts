import { describe, expect, it } from 'vitest'
import { levelOf, packSound, readSound } from './sound.ts'
import { packWants } from './viewer.ts'

const tone = (peak: number): Float32Array =>
  Float32Array.from({ length: 4800 }, (_, at) => peak * Math.sin((2 * Math.PI * at) / 100))

describe('the sound in a record', () => {
  it('comes out as it went in', () => {
    const frames = [
      { level: 0, data: Uint8Array.of() },
      { level: 255, data: Uint8Array.from({ length: 700 }, (_, at) => at & 255) },
      { level: 7, data: Uint8Array.of(1, 2, 3) },
    ]
    expect(readSound(packSound(frames))).toEqual(frames)
  })

  it('ends where a frame is cut off', () => {
    const bytes = packSound([
      { level: 1, data: Uint8Array.of(1, 2) },
      { level: 2, data: Uint8Array.of(3, 4) },
    ])
    for (let length = 0; length < bytes.length; length++)
      expect(readSound(bytes.subarray(0, length)).length).toBe(length < 5 ? 0 : 1)
  })
})

describe('loudness', () => {
  it('is nothing for silence, and all for the loudest that can be told', () => {
    expect(levelOf(new Float32Array(480))).toBe(0)
    expect(levelOf(new Float32Array(0))).toBe(0)
    expect(levelOf(new Float32Array(480).fill(1))).toBe(255)
  })

  it('grows as ears hear it: ten times the pressure is a third of the scale', () => {
    const [quiet, middle, loud] = [0.01, 0.1, 1].map((peak) => levelOf(tone(peak)))
    expect(loud! - middle!).toBe(85)
    expect(middle! - quiet!).toBe(85)
  })
})

it('all sound of an attempt is asked for with the last bit', () => {
  const wants = packWants([
    { attempt: 5, stream: 2 },
    { attempt: 5, stream: 9 },
    { attempt: 5, stream: 25 },
  ])
  expect([...wants.slice(8)]).toEqual([0x80, 0x84])
})
