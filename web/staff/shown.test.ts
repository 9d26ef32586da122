// What was shown at the door, from events and index: the newest of each part, and what was decided (P3, R3).
import { describe, expect, test } from 'vitest'
import type { Event } from '@/lib/gen/wire'
import type { IndexEntry } from '@/lib/media/record'
import { lastOf, partsOf, readShown } from './shown.ts'

const head = { role: 1, at_ms: 5, actor: 1, cmd: 1 }
const shown = (proof: number, from_seq: number, upto_seq: number, more = {}): Event => ({
  kind: 'proof_shown',
  ...{ proof, from_seq, upto_seq, detail: 1, source: 1, epoch: 9, ...head, ...more },
})
const entry = (place: number, stream: number, seq: number, epoch = 9): IndexEntry => ({
  ...{ place, stream, seq, epoch, atUs: 1, keySeq: seq, bytes: 100, kind: 2, flags: 1 },
  ...{ late: false, receivedMs: 1 },
})

describe('what was shown at the door', () => {
  test('is found by its numbers, in their order, and only of its own page load', () => {
    const entries = [entry(7, 3, 1), entry(2, 3, 0), entry(3, 4, 0), entry(4, 3, 0, 8)]
    const { id_photo } = readShown([shown(3, 0, 1)], entries)
    expect(id_photo.shots.map((shot) => shot.place)).toEqual([2, 7])
    expect(id_photo).toMatchObject({ state: 1, turns: 1, fromFile: false })
  })

  test('what was never shown has nothing', () => {
    expect(readShown([], [entry(0, 3, 0)]).face_photo).toMatchObject({ state: 0, shots: [] })
  })

  test('a later picture replaces an earlier one', () => {
    const events = [shown(4, 0, 0), shown(4, 1, 1, { source: 2 })]
    const { face_photo } = readShown(events, [entry(0, 4, 0), entry(1, 4, 1)])
    const opened = new Map([
      [0, { track: 0, address: 'blob:old' }],
      [1, { track: 0, address: 'blob:new' }],
    ])
    expect(lastOf(face_photo.shots, opened)).toBe('blob:new')
    expect(face_photo.fromFile).toBe(true)
  })

  test('of a room only the view that was taken again is replaced', () => {
    const events = [shown(5, 0, 3), shown(5, 4, 4)]
    const entries = [0, 1, 2, 3, 4].map((seq) => entry(seq, 5, seq))
    const opened = new Map([
      [0, { track: 1, address: 'desk 1' }],
      [1, { track: 1, address: 'desk 2' }],
      [2, { track: 2, address: 'sides' }],
      [3, { track: 4, address: '' }],
      [4, { track: 1, address: 'desk again' }],
    ])
    const parts = partsOf(readShown(events, entries).room_scan.shots, opened)
    expect([...parts]).toEqual([
      [1, ['desk again']],
      [2, ['sides']],
    ])
  })

  test('says what was declared and what was decided', () => {
    const decided = (outcome: number, reason: string): Event => ({
      kind: 'proof_decided',
      ...{ proof: 5, outcome, reason, ...head },
    })
    const told: Event = { kind: 'alternative_declared', proof: 5, reason: 'Fixed desk', ...head }
    expect(readShown([told], []).room_scan).toMatchObject({ state: 2, alternative: 'Fixed desk' })
    expect(readShown([told, decided(2, 'Try')], []).room_scan).toMatchObject({
      state: 4,
      reason: 'Try',
    })
    expect(readShown([told, decided(1, '')], []).room_scan).toMatchObject({ state: 3, reason: '' })
  })
})
