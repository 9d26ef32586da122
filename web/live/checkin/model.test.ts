// The queue at the door: who waits, what is missing, who is held by whom (P3).
import { describe, expect, test } from 'vitest'
import { makeRow, NOW } from '../model/testing.ts'
import { atTheDoor, heldBy, isChecked, missing, nextOf, toDecide } from './model.ts'

const waiting = { state: 3, admitted: 0, ready_ms: NOW - 1000 }
const proofs = (id: number, face: number, room: number): number =>
  (id << 12) | (face << 16) | (room << 20)
const all = ['id_photo', 'face_photo', 'room_scan'] as const

describe('the queue at the door', () => {
  test('who has waited longest is first, who is setting up comes behind, others are not there', () => {
    const rows = [
      makeRow({ attempt: 1, state: 4 }),
      makeRow({ attempt: 2, state: 2, admitted: 0, since_ms: NOW - 90_000 }),
      makeRow({ ...waiting, attempt: 3 }),
      makeRow({ ...waiting, attempt: 4, ready_ms: NOW - 5000 }),
      makeRow({ ...waiting, attempt: 5, admitted: 1 }),
    ]
    expect(atTheDoor(rows).map((row) => row.attempt)).toEqual([4, 3, 2])
  })

  test('what is missing and what is to be decided are told apart', () => {
    const row = makeRow({ ...waiting, proofs: proofs(3, 4, 2) })
    expect(missing(row, all)).toEqual(['face_photo'])
    expect(toDecide(row, all)).toEqual(['room_scan'])
    expect(isChecked(row, all)).toBe(false)
    expect(isChecked(makeRow({ ...waiting, proofs: proofs(3, 3, 3) }), all)).toBe(true)
    expect(isChecked(makeRow({ ...waiting }), [])).toBe(true)
  })

  test('another proctor holds a candidate until two minutes have passed', () => {
    const row = makeRow({ ...waiting, checkin_by: 7, checkin_ms: NOW - 119_999 })
    expect(heldBy(row, 8, NOW)).toBe(7)
    expect(heldBy(row, 7, NOW)).toBe(0)
    expect(heldBy(row, 8, NOW + 1)).toBe(0)
  })

  test('the next one is free', () => {
    const held = makeRow({ ...waiting, attempt: 1, checkin_by: 7, checkin_ms: NOW })
    const rows = [held, makeRow({ ...waiting, attempt: 2 }), makeRow({ attempt: 3, state: 2 })]
    expect(nextOf(rows, 9, 8, NOW)).toBe(2)
    expect(nextOf(rows, 2, 8, NOW)).toBe(0)
  })
})
