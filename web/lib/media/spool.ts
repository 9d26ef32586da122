// Where sealed records wait until the server has them on disk. A record is put here before it is sent,
// and leaves only when the server says that it is durable: a lost connection, a full network or a
// restarted server costs nothing.
//
// Order inside a stream is the order of its numbers. Records of lower lanes go first; late ones (older
// than a while, after an outage) go last, beside what happens now.
import type { Bytes } from '../keys.ts'

export const Lane = { events: 0, cameras: 1, screen: 2, late: 3 } as const

export interface SpoolEntry {
  epoch: number
  stream: number
  seq: number
  lane: number
  /** When it was made, on the device's monotonic clock, milliseconds. */
  madeMs: number
  bytes: number
  state: 'waiting' | 'sent' | 'acknowledged'
  sentMs: number
}

/** The seam for a spool that outlives the page: the same promises, on OPFS or IndexedDB. */
export interface Spool {
  readonly bytes: number
  /** Bytes that wait to be sent. */
  readonly waitingBytes: number
  readonly waitingCount: number
  /** False: there is no room; the maker must make less, and say so. */
  readonly hasRoom: boolean
  put(entry: Omit<SpoolEntry, 'state' | 'sentMs' | 'bytes'>, record: Bytes): void
  /** The next to send, lowest lane and oldest first; lane `late` only when asked for. */
  next(late: boolean): SpoolEntry | undefined
  read(entry: SpoolEntry): Promise<Bytes>
  sent(entry: SpoolEntry, nowMs: number): void
  /** The server has it in memory. Answers the entry, once. */
  acknowledge(epoch: number, stream: number, seq: number): SpoolEntry | undefined
  /** The server has everything up to here on disk: it may go. */
  durable(epoch: number, stream: number, uptoSeq: number): void
  /** The connection is gone: what was sent or acknowledged but is not durable waits again. */
  rewind(): void
  /** No acknowledgement came: what was sent without one waits again. */
  rewindSent(): void
  /** What has waited for too long goes to the late lane. Answers how many records did. */
  demote(madeBeforeMs: number): number
  /** Live records of this stream that wait. */
  waitingIn(stream: number): number
  /** Records of this stream that the server has not acknowledged. */
  leftIn(epoch: number, stream: number): number
  /** When the oldest waiting live record was made; undefined: none waits. */
  oldestMs(): number | undefined
}

/** About ten minutes of everything. */
export const MEMORY_BYTES = 96 * 1024 * 1024

/** Where the bytes lie. Answers the same bytes until they are dropped. */
export interface Shelf {
  /** How much it takes before the maker must make less. */
  readonly bytesMax: number
  put(name: string, record: Bytes): void
  read(name: string): Bytes | undefined
  drop(name: string): void
}

export class MemoryShelf implements Shelf {
  private readonly records = new Map<string, Bytes>()

  constructor(readonly bytesMax = MEMORY_BYTES) {}

  put(name: string, record: Bytes): void {
    this.records.set(name, record)
  }

  read(name: string): Bytes | undefined {
    return this.records.get(name)
  }

  drop(name: string): void {
    this.records.delete(name)
  }
}

export const recordName = (epoch: number, stream: number, seq: number): string =>
  `${epoch}/${stream}/${seq}`

export class RecordSpool implements Spool {
  bytes = 0
  waitingBytes = 0
  waitingCount = 0
  // By epoch and stream, then by number: both are walked from the oldest on.
  private readonly streams = new Map<string, Map<number, SpoolEntry>>()
  private readonly lanes: Set<SpoolEntry>[] = [new Set(), new Set(), new Set(), new Set()]

  constructor(private readonly shelf: Shelf) {}

  get hasRoom(): boolean {
    return this.bytes < this.shelf.bytesMax
  }

  private held(epoch: number, stream: number): Map<number, SpoolEntry> {
    const name = `${epoch}/${stream}`
    let all = this.streams.get(name)
    if (!all) this.streams.set(name, (all = new Map()))
    return all
  }

  put(made: Omit<SpoolEntry, 'state' | 'sentMs' | 'bytes'>, record: Bytes): void {
    this.shelf.put(recordName(made.epoch, made.stream, made.seq), record)
    this.restore(made, record.length)
  }

  /** Takes over a record that lies on the shelf already, from an earlier page load. */
  restore(made: Omit<SpoolEntry, 'state' | 'sentMs' | 'bytes'>, bytes: number): void {
    const entry: SpoolEntry = { ...made, bytes, state: 'waiting', sentMs: 0 }
    this.held(made.epoch, made.stream).set(made.seq, entry)
    this.bytes += bytes
    this.wait(entry)
  }

  private wait(entry: SpoolEntry): void {
    entry.state = 'waiting'
    this.lanes[entry.lane]!.add(entry)
    this.waitingBytes += entry.bytes
    this.waitingCount++
  }

  private leaveLane(entry: SpoolEntry): void {
    if (!this.lanes[entry.lane]!.delete(entry)) return
    this.waitingBytes -= entry.bytes
    this.waitingCount--
  }

  next(late: boolean): SpoolEntry | undefined {
    for (const lane of this.lanes.slice(0, late ? Lane.late + 1 : Lane.late))
      for (const entry of lane) return entry
    return undefined
  }

  read(entry: SpoolEntry): Promise<Bytes> {
    const record = this.shelf.read(recordName(entry.epoch, entry.stream, entry.seq))
    if (!record) return Promise.reject(new Error('The record has left the spool.'))
    return Promise.resolve(record)
  }

  sent(entry: SpoolEntry, nowMs: number): void {
    this.leaveLane(entry)
    entry.state = 'sent'
    entry.sentMs = nowMs
  }

  acknowledge(epoch: number, stream: number, seq: number): SpoolEntry | undefined {
    const entry = this.held(epoch, stream).get(seq)
    if (!entry || entry.state === 'acknowledged') return undefined
    this.leaveLane(entry)
    entry.state = 'acknowledged'
    return entry
  }

  durable(epoch: number, stream: number, uptoSeq: number): void {
    const all = this.held(epoch, stream)
    for (const [seq, entry] of all) {
      if (seq > uptoSeq) break
      all.delete(seq)
      this.shelf.drop(recordName(epoch, stream, seq))
      this.leaveLane(entry)
      this.bytes -= entry.bytes
    }
  }

  rewind(): void {
    this.waitAgain(() => true)
  }

  rewindSent(): void {
    this.waitAgain((entry) => entry.state !== 'acknowledged')
  }

  private waitAgain(which: (entry: SpoolEntry) => boolean): void {
    for (const lane of this.lanes) lane.clear()
    this.waitingBytes = 0
    this.waitingCount = 0
    const all = [...this.streams.values()].flatMap((stream) => [...stream.values()])
    const chosen = all.filter(which)
    chosen.sort((a, b) => a.madeMs - b.madeMs || a.seq - b.seq)
    for (const entry of chosen) this.wait(entry)
  }

  demote(madeBeforeMs: number): number {
    let moved = 0
    for (const lane of this.lanes.slice(0, Lane.late)) {
      for (const entry of lane) {
        if (entry.madeMs >= madeBeforeMs) break
        lane.delete(entry)
        entry.lane = Lane.late
        this.lanes[Lane.late]!.add(entry)
        moved++
      }
    }
    return moved
  }

  waitingIn(stream: number): number {
    let count = 0
    for (const lane of this.lanes.slice(0, Lane.late))
      for (const entry of lane) if (entry.stream === stream) count++
    return count
  }

  leftIn(epoch: number, stream: number): number {
    let count = 0
    for (const entry of this.held(epoch, stream).values())
      if (entry.state !== 'acknowledged') count++
    return count
  }

  oldestMs(): number | undefined {
    let oldest: number | undefined
    for (const lane of this.lanes.slice(0, Lane.late))
      for (const entry of lane) {
        if (oldest === undefined || entry.madeMs < oldest) oldest = entry.madeMs
        break
      }
    return oldest
  }
}
