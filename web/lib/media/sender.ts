// Sealed records on their way: numbers them, seals them in order, spools them, and hands them out as
// the connection carries them. Knows no browser API but the key; runs in a worker and in tests.
import { streamKey, type Bytes } from '../keys.ts'
import { Adapter, Pacer } from './pacer.ts'
import { Flag, Kind, sealRecord, Stream, packJson, type StreamEnds } from './record.ts'
import type { Spool } from './spool.ts'
import type { Made } from './encoder.ts'

/** Bytes a millisecond of what is late that go in any case. */
const LATE_TRICKLE = 10
const LATE_AFTER_MS = 8000
const SELF_CLOCK_FLOOR_MS = 500

interface Numbers {
  key: Promise<CryptoKey>
  next: number
  keySeq: number
}

export class Sender {
  readonly pacer = new Pacer()
  readonly adapter = new Adapter()
  up = false
  /** Why a record could not be made; '': none failed. */
  problem = ''
  private readonly streams = new Map<number, Numbers>()
  private sealing: Promise<void> = Promise.resolve()
  private pumping = false
  /** When a late record went last. */
  private lateMs = 0

  constructor(
    private readonly epoch: number,
    private readonly secret: Bytes,
    private readonly spool: Spool,
    private readonly send: (lane: number, record: Bytes) => void,
    private readonly now: () => number,
  ) {}

  private numbers(stream: number): Numbers {
    let found = this.streams.get(stream)
    if (!found) {
      found = { key: streamKey(this.secret, this.epoch, stream), next: 0, keySeq: 0 }
      this.streams.set(stream, found)
    }
    return found
  }

  /** Numbers, seals and spools; records of one stream keep their order. Answers the number. */
  add(stream: number, lane: number, made: Made): number {
    const numbers = this.numbers(stream)
    const seq = numbers.next++
    if (made.kind !== Kind.video || made.flags & Flag.key) numbers.keySeq = seq
    const { kind, flags, atUs, durationUs, plain } = made
    const header = {
      kind,
      stream,
      flags,
      seq,
      atUs,
      keySeq: numbers.keySeq,
      epoch: this.epoch,
      durationUs,
    }
    const madeMs = this.now()
    this.sealing = this.sealing
      .then(async () => {
        const record = await sealRecord(await numbers.key, header, plain)
        this.spool.put({ epoch: this.epoch, stream, seq, lane, madeMs }, record)
        void this.pump()
      })
      // A number without its record shows as missing at review; those after it still come.
      .catch((error: unknown) => void (this.problem = String(error)))
    return seq
  }

  /** When everything that was made so far is sealed and spooled. */
  sealed(): Promise<void> {
    return this.sealing
  }

  /** The last record says how many there were of each stream, so that a missing tail shows. */
  async end(atUs: number): Promise<void> {
    const ends: StreamEnds = { streams: {} }
    for (const [stream, { next }] of this.streams) if (next) ends.streams[stream] = next - 1
    const flags = Flag.key
    this.add(Stream.events, 0, {
      kind: Kind.end,
      flags,
      atUs,
      durationUs: 0,
      plain: packJson(ends),
    })
    await this.sealing
  }

  /** Whether a full layer should be made now: not while its last picture still waits. Offline
   * everything is made, for the spool. */
  mayMake(stream: number, sinceLastMs: number): boolean {
    if (!this.spool.hasRoom) return false
    if (!this.up) return true
    return sinceLastMs >= SELF_CLOCK_FLOOR_MS || this.spool.waitingIn(stream) === 0
  }

  async pump(): Promise<void> {
    if (this.pumping || !this.up) return
    this.pumping = true
    try {
      for (let entry = this.choose(); entry && this.up; entry = this.choose()) {
        this.spool.sent(entry, this.now())
        this.pacer.sent(entry.bytes, this.now())
        this.send(entry.lane, await this.spool.read(entry))
      }
    } finally {
      this.pumping = false
    }
  }

  private choose() {
    const live = this.spool.next(false)
    if (live) return this.pacer.maySend(live.bytes, false) ? live : undefined
    const late = this.spool.next(true)
    if (!late || !(this.pacer.maySend(late.bytes, true) || this.trickles(late.bytes))) return
    this.lateMs = this.now()
    return late
  }

  /** Something is always on its way: a record larger than the window would else hold up all behind it. */
  private trickles(bytes: number): boolean {
    return (this.now() - this.lateMs) * LATE_TRICKLE >= bytes
  }

  acknowledged(epoch: number, stream: number, seq: number): void {
    const entry = this.spool.acknowledge(epoch, stream, seq)
    if (!entry) return
    this.pacer.acknowledged(entry.bytes, entry.sentMs, this.now())
    void this.pump()
  }

  /** The server tells what it has; not durable means: up to here it need not be sent again. */
  have(epoch: number, stream: number, uptoSeq: number, durable: boolean): void {
    if (durable) this.spool.durable(epoch, stream, uptoSeq)
    else this.spool.acknowledge(epoch, stream, uptoSeq)
    void this.pump()
  }

  /** The connection is there and the server has said what it has. */
  connected(): void {
    this.up = true
    this.spool.demote(this.now() - LATE_AFTER_MS)
    void this.pump()
  }

  disconnected(): void {
    this.up = false
    this.adapter.reset()
    this.pacer.reset(this.now())
    this.spool.rewind()
  }

  /** Looks after the flow, several times a second. True: the share of the bit rate has changed. */
  tend(): boolean {
    const now = this.now()
    if (!this.up) return false
    if (this.pacer.stalled(now)) {
      // The server was busy, or the way is dead: the connection's own heartbeat decides which.
      this.pacer.reset(now)
      this.spool.rewindSent()
    }
    const ageMs = now - (this.spool.oldestMs() ?? now)
    if (ageMs > LATE_AFTER_MS) this.spool.demote(now - LATE_AFTER_MS / 2)
    const changed = this.adapter.observe(now, ageMs, this.pacer.rttMs, this.pacer.minRttMs)
    void this.pump()
    return changed
  }
}
