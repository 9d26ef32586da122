// What was recorded, from the index alone: pictures of each track on the server's clock, where there
// are none and why, and what is missing from the numbered records. Opens nothing.
import { Flag, Kind, Stream, type IndexEntry } from '@/lib/media/record'

/** Webcam, screen, and the phone as a second camera. */
export type TrackId = 0 | 1 | 2
export const TRACKS: readonly TrackId[] = [0, 1, 2]
export const SOUND = Stream.microphone
/** What has a lane: tracks of pictures, and the sound. */
export type LaneId = TrackId | typeof SOUND
export const LANES: readonly LaneId[] = [...TRACKS, SOUND]

export const perTrack = <T>(make: (track: TrackId) => T): Record<TrackId, T> => ({
  0: make(0),
  1: make(1),
  2: make(2),
})
export const perLane = <T>(make: (lane: LaneId) => T): Record<LaneId, T> => ({
  ...perTrack(make),
  [SOUND]: make(SOUND),
})

export interface Picture {
  /** Server time, milliseconds. */
  t: number
  place: number
  epoch: number
  seq: number
  atUs: number
  key: boolean
  /** A CONFIG record, not a picture. */
  config: boolean
}

export interface Span {
  from: number
  to: number
}

export type GapCause = 'track_lost' | 'disconnected' | 'reloaded' | 'missing' | 'none'

export interface Gap extends Span {
  cause: GapCause
}

export interface Hole {
  epoch: number
  stream: number
  fromSeq: number
  toSeq: number
  /** Where it is on the time line. */
  t: number
}

export interface Recording {
  tracks: Record<TrackId, Picture[]>
  /** Records of the microphone. */
  sound: Picture[]
  /** Records of its loudness, as few as tell all of it. */
  levels: Picture[]
  /** Snapshots; what was shown at the door is read by web/staff/shown.ts. */
  stills: Picture[]
  /** END records, to be opened: they say how much there should be. */
  ends: Picture[]
  holes: Hole[]
  /** Records that came after an outage. */
  late: number
  from: number
  to: number
}

// Longer than the slowest rate at which pictures are made: 2 a second, screens 1 a second.
const GAP_MS = 3000

/** What to add to each epoch's device clock to get the server's: the quickest record tells best. */
export function clockOffsets(entries: readonly IndexEntry[]): Map<number, number> {
  const offsets = new Map<number, number>()
  const late = new Map<number, number>()
  for (const { epoch, atUs, receivedMs, late: isLate } of entries) {
    const into = isLate ? late : offsets
    into.set(epoch, Math.min(into.get(epoch) ?? Infinity, receivedMs - atUs / 1000))
  }
  for (const [epoch, offset] of late) if (!offsets.has(epoch)) offsets.set(epoch, offset)
  return offsets
}

function pictureOf(entry: IndexEntry, offsets: ReadonlyMap<number, number>): Picture {
  const { place, epoch, seq, atUs, flags, kind } = entry
  const t = Math.round(atUs / 1000 + (offsets.get(epoch) ?? 0))
  return { t, place, epoch, seq, atUs, key: (flags & Flag.key) !== 0, config: kind === Kind.config }
}

const inOrder = (a: Picture, b: Picture): number => a.t - b.t || a.seq - b.seq

/** Numbers that did not come although later ones did. */
export function findHoles(
  entries: readonly IndexEntry[],
  offsets: ReadonlyMap<number, number>,
): Hole[] {
  const streams = new Map<string, IndexEntry[]>()
  for (const entry of entries) {
    const name = `${entry.epoch}/${entry.stream}`
    const list = streams.get(name)
    if (list) list.push(entry)
    else streams.set(name, [entry])
  }
  const holes: Hole[] = []
  for (const list of streams.values()) {
    list.sort((a, b) => a.seq - b.seq)
    let next = 0
    for (const entry of list) {
      const { epoch, stream, seq } = entry
      const t = pictureOf(entry, offsets).t
      if (seq > next) holes.push({ epoch, stream, fromSeq: next, toSeq: seq - 1, t })
      next = Math.max(next, seq + 1)
    }
  }
  return holes
}

/** Key records have what the others before them say; behind the last one of an epoch each counts. */
function sparse(levels: readonly Picture[]): Picture[] {
  const lastKey = new Map<number, number>()
  for (const { key, epoch, seq } of levels) if (key) lastKey.set(epoch, seq)
  return levels.filter(({ key, epoch, seq }) => key || seq > (lastKey.get(epoch) ?? -1))
}

const isTrack = (stream: number): stream is TrackId =>
  (TRACKS as readonly number[]).includes(stream)

export function readRecording(entries: readonly IndexEntry[]): Recording {
  const offsets = clockOffsets(entries)
  const tracks = perTrack((): Picture[] => [])
  const sound: Picture[] = []
  const levels: Picture[] = []
  const stills: Picture[] = []
  const ends: Picture[] = []
  let from = Infinity
  let to = -Infinity
  for (const entry of entries) {
    const picture = pictureOf(entry, offsets)
    const isPicture = entry.kind === Kind.video || entry.kind === Kind.config
    if (isPicture && isTrack(entry.stream)) tracks[entry.stream].push(picture)
    if (entry.kind === Kind.audio && entry.stream === SOUND) sound.push(picture)
    if (entry.stream === Stream.levels) levels.push(picture)
    if (entry.kind === Kind.still && entry.stream === Stream.stills) stills.push(picture)
    if (entry.kind === Kind.end) ends.push(picture)
    from = Math.min(from, picture.t)
    to = Math.max(to, picture.t)
  }
  for (const list of [...Object.values(tracks), sound, levels, stills]) list.sort(inOrder)
  const late = entries.filter((entry) => entry.late).length
  const fewest = sparse(levels)
  const holes = findHoles(entries, offsets)
  return { tracks, sound, levels: fewest, stills, ends, holes, late, from, to }
}

/** The newest picture at or before t; -1: none. */
export function pictureAt(pictures: readonly Picture[], t: number): number {
  let low = 0
  let high = pictures.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (pictures[middle]!.t <= t) low = middle + 1
    else high = middle
  }
  let at = low - 1
  while (at >= 0 && pictures[at]!.config) at--
  return at
}

/** Where decoding must begin to show this picture: its key frame, or the CONFIG before that. -1: what
 * it needs is not there. */
export function decodeFrom(pictures: readonly Picture[], at: number): number {
  const epoch = pictures[at]?.epoch
  let key = at
  while (
    key >= 0 &&
    pictures[key]!.epoch === epoch &&
    !(pictures[key]!.key && !pictures[key]!.config)
  )
    key--
  if (key < 0 || pictures[key]!.epoch !== epoch) return -1
  let config = key
  while (config >= 0 && pictures[config]!.epoch === epoch && !pictures[config]!.config) config--
  if (config < 0 || pictures[config]!.epoch !== epoch) return -1
  return config
}

/** The next picture's instant after t, or the one before it; undefined: none. */
export function neighbour(
  pictures: readonly Picture[],
  t: number,
  forward: boolean,
): number | undefined {
  const at = pictureAt(pictures, t)
  if (forward) return pictures.slice(at + 1).find((p) => !p.config && p.t > t)?.t
  for (let i = at; i >= 0; i--)
    if (!pictures[i]!.config && pictures[i]!.t < t) return pictures[i]!.t
  return undefined
}

/** Known interruptions, from the events. */
export interface Interruptions {
  lost: Record<LaneId, readonly Span[]>
  disconnected: readonly Span[]
}

const touches = (spans: readonly Span[], gap: Span): boolean =>
  spans.some((span) => span.from < gap.to && span.to > gap.from)

/** Times of [from, to] without pictures of a track or without sound, and what is known about why. */
export function findGaps(
  recording: Recording,
  lane: LaneId,
  within: Span,
  known: Interruptions,
): Gap[] {
  const all = lane === SOUND ? recording.sound : recording.tracks[lane]
  const pictures = all.filter((p) => !p.config)
  const gaps: Gap[] = []
  const add = (from: number, to: number, cause: GapCause): void => {
    const [a, b] = [Math.max(from, within.from), Math.min(to, within.to)]
    if (b - a > GAP_MS) gaps.push({ from: a, to: b, cause: causeOf({ from: a, to: b }, cause) })
  }
  const causeOf = (gap: Span, otherwise: GapCause): GapCause => {
    if (touches(known.lost[lane], gap)) return 'track_lost'
    if (touches(known.disconnected, gap)) return 'disconnected'
    return otherwise
  }
  let last: Picture | undefined
  for (const picture of pictures) {
    const before = last
    last = picture
    const start = before?.t ?? within.from
    if (picture.t - start <= GAP_MS) continue
    const missing = before?.epoch === picture.epoch && picture.seq > before.seq + 2
    const reloaded = before !== undefined && before.epoch !== picture.epoch
    add(start, picture.t, missing ? 'missing' : reloaded ? 'reloaded' : 'none')
  }
  add(last?.t ?? within.from, within.to, 'none')
  return gaps
}

export function gapAt(gaps: readonly Gap[], t: number): Gap | undefined {
  return gaps.find((gap) => t > gap.from + 1000 && t < gap.to)
}
