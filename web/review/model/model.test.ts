import { describe, expect, it } from 'vitest'
import type { IndexEntry } from '@/lib/media/record'
import {
  clockOffsets,
  decodeFrom,
  findGaps,
  findHoles,
  gapAt,
  neighbour,
  perLane,
  pictureAt,
  readRecording,
  type Span,
} from './recording.ts'
import { neighbourFlag, readTimeline, type CaseEvent } from './timeline.ts'

const SKEW = 5000 // the device's clock is behind by this
let place = 0
function entry(t: number, seq: number, more: Partial<IndexEntry> = {}): IndexEntry {
  return {
    place: place++,
    epoch: 1,
    atUs: (t - SKEW) * 1000,
    seq,
    keySeq: 0,
    bytes: 100,
    stream: 0,
    kind: 0,
    flags: 0,
    late: false,
    receivedMs: t + 20,
    ...more,
  }
}
const config = (t: number, seq: number, more: Partial<IndexEntry> = {}) =>
  entry(t, seq, { kind: 4, ...more })
const key = (t: number, seq: number, more: Partial<IndexEntry> = {}) =>
  entry(t, seq, { flags: 1, ...more })
const calm = { lost: perLane((): Span[] => []), disconnected: [] }

describe('a recording', () => {
  it('is put on the server clock by the record that came quickest', () => {
    const entries = [
      entry(1000, 0, { receivedMs: 1900 }),
      entry(1100, 1),
      entry(1200, 2, { receivedMs: 99_000, late: true }),
    ]
    expect(clockOffsets(entries).get(1)).toBe(SKEW + 20)
    expect(readRecording(entries).tracks[0].map((p) => p.t)).toEqual([1020, 1120, 1220])
  })

  it('puts late records where they belong in time', () => {
    const r = readRecording([
      key(1000, 0),
      entry(3000, 2),
      entry(2000, 1, { late: true, receivedMs: 60_000 }),
    ])
    expect(r.tracks[0].map((p) => p.seq)).toEqual([0, 1, 2])
    expect(r.late).toBe(1)
  })

  it('needs few records to know how loud it was', () => {
    const level = (t: number, seq: number, flags: number, epoch = 1) =>
      entry(t, seq, { stream: 25, kind: 1, flags, epoch })
    const r = readRecording([
      level(1000, 0, 1),
      level(2000, 1, 0),
      level(3000, 2, 1),
      level(4000, 3, 0),
      level(9000, 0, 0, 2),
    ])
    expect(r.levels.map((p) => p.t - 1000)).toEqual([20, 2020, 3020, 8020])
    expect(r.sound).toEqual([])
  })

  it('finds the picture of an instant and where to decode from', () => {
    const { tracks } = readRecording([
      config(1000, 0),
      key(1000, 1),
      entry(1100, 2),
      entry(1200, 3),
      config(5000, 4),
      key(5000, 5),
      entry(5100, 6),
    ])
    const list = tracks[0]
    expect(pictureAt(list, 900)).toBe(-1)
    expect(list[pictureAt(list, 1130)]!.seq).toBe(2)
    expect(list[pictureAt(list, 5020)]!.seq).toBe(5)
    expect(decodeFrom(list, 3)).toBe(0)
    expect(decodeFrom(list, 6)).toBe(4)
    expect(neighbour(list, 1120, true)).toBe(1220)
    expect(neighbour(list, 1220, true)).toBe(5020)
    expect(neighbour(list, 5020, false)).toBe(1220)
    expect(neighbour(list, 1020, false)).toBeUndefined()
  })

  it('cannot be shown where its key frame is missing, also across page loads', () => {
    const { tracks } = readRecording([config(1000, 0), key(1000, 1), entry(2000, 5, { epoch: 2 })])
    expect(decodeFrom(tracks[0], 2)).toBe(-1)
  })

  it('names the numbers that did not come', () => {
    const entries = [key(1000, 0), entry(1100, 1), entry(1500, 5), entry(1000, 2, { stream: 1 })]
    expect(findHoles(entries, clockOffsets(entries))).toMatchObject([
      { stream: 0, fromSeq: 2, toSeq: 4 },
      { stream: 1, fromSeq: 0, toSeq: 1 },
    ])
  })

  it('says why there are no pictures for a while', () => {
    const r = readRecording([
      key(1000, 0),
      entry(2000, 1),
      entry(12_000, 2),
      entry(13_000, 3),
      entry(23_000, 9),
      key(40_000, 0, { epoch: 2, atUs: (40_000 - SKEW) * 1000 }),
    ])
    const known = { ...calm, lost: { ...calm.lost, 0: [{ from: 3000, to: 11_000 }] } }
    const gaps = findGaps(r, 0, { from: 0, to: 60_000 }, known)
    expect(gaps.map((g) => g.cause)).toEqual(['track_lost', 'missing', 'reloaded', 'none'])
    expect(gapAt(gaps, 7000)?.cause).toBe('track_lost')
    expect(gapAt(gaps, 12_500)).toBeUndefined()
    expect(findGaps(r, 1, { from: 0, to: 10_000 }, calm)).toEqual([
      { from: 0, to: 10_000, cause: 'none' },
    ])
  })
})

let ver = 0
function happened(kind: string, at_ms: number, more: object = {}): CaseEvent {
  return { kind, at_ms, role: 64, actor: 0, cmd: 0, ver: ++ver, actor_name: '', ...more } as never
}

describe('the time line', () => {
  const events = [
    happened('joined', 1000, { role: 1 }),
    happened('became_ready', 2000, { role: 1 }),
    happened('began', 3000),
    happened('paused', 4000, { role: 2, actor_name: 'Ada' }),
    happened('locked', 5000, { role: 2 }),
    happened('unlocked', 6000, { role: 2 }),
    happened('resumed', 7000, { role: 2 }),
    happened('track_lost', 7200, { track: 1 }),
    happened('system_paused', 7200),
    happened('disconnected', 8000, { since_ms: 7500 }),
    happened('connected', 9000),
    happened('track_restored', 9100, { track: 1 }),
    happened('system_resumed', 9100),
    happened('answered', 9200, { role: 1, item: 2, rev: 1 }),
    happened('flagged', 9300, {
      flag: 1,
      type: 2,
      severity: 2,
      from_ms: 8000,
      to_ms: 9000,
      note: '',
    }),
    happened('flagged', 9400, {
      flag: 2,
      type: 20,
      severity: 3,
      from_ms: 4000,
      to_ms: 4000,
      note: 'x',
      role: 2,
      actor_name: 'Ada',
    }),
    happened('said', 9500, { role: 1, text: 'hello' }),
    happened('submitted', 10_000, { role: 1 }),
    happened('flag_decided', 99_000, {
      role: 4,
      flag: 1,
      decision: 2,
      note: 'window',
      actor_name: 'Rey',
    }),
    happened('verdict_given', 99_100, { role: 4, outcome: 1, note: 'fine', actor_name: 'Rey' }),
  ]
  const line = readTimeline(events)

  it('shows the strongest state at each instant', () => {
    expect(line.bands.map((b) => `${b.from} ${b.mark}`)).toEqual([
      '1000 joined',
      '2000 waiting',
      '3000 active',
      '4000 paused',
      '5000 locked',
      '6000 paused',
      '7000 active',
      '7200 system_paused',
      '8000 disconnected',
      '9000 system_paused',
      '9100 active',
    ])
  })

  it('ends with the exam, not with the review', () => {
    expect([line.from, line.to, line.beganAt, line.endedAt]).toEqual([1000, 10_000, 3000, 10_000])
  })

  it('joins flags with their decisions and knows who raised them', () => {
    expect(line.flags.map((f) => [f.flag, f.source, f.by, f.decision, f.decidedBy])).toEqual([
      [2, 'person', 'Ada', 0, ''],
      [1, 'server', '', 2, 'Rey'],
    ])
  })

  it('knows interruptions by their real beginning', () => {
    expect(line.interruptions.disconnected).toEqual([{ from: 7500, to: 9000 }])
    expect(line.interruptions.lost[1]).toEqual([{ from: 7200, to: 9100 }])
  })

  it('keeps answers, chat, actions and verdicts apart', () => {
    expect(line.answers).toHaveLength(1)
    expect(line.chat).toHaveLength(1)
    expect(line.actions.map((p) => p.event.kind)).toContain('paused')
    expect(line.verdicts.map((v) => v.by)).toEqual(['Rey'])
  })

  it('walks from flag to flag', () => {
    expect(neighbourFlag(line.flags, 0, true)?.flag).toBe(2)
    expect(neighbourFlag(line.flags, 4000, true)?.flag).toBe(1)
    expect(neighbourFlag(line.flags, 8000, true)?.flag).toBe(2)
    expect(neighbourFlag(line.flags, 8000, false)?.flag).toBe(2)
  })
})
