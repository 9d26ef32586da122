import { describe, expect, it } from 'vitest'
import { streamKey, type Bytes } from '../keys.ts'
import { Flag, Kind, openRecord, readHeader, readJson, type StreamEnds } from './record.ts'
import { Sender } from './sender.ts'
import { Lane, MemoryShelf, RecordSpool } from './spool.ts'

const EPOCH = 77
const secret = new Uint8Array(32).fill(5)

class Rig {
  now = 1000
  readonly spool = new RecordSpool(new MemoryShelf(1_000_000))
  readonly sent: { lane: number; record: Bytes; name: string }[] = []
  readonly sender = new Sender(
    EPOCH,
    secret,
    this.spool,
    (lane, record) => {
      const { stream, seq } = readHeader(record)
      this.sent.push({ lane, record, name: `${stream}:${seq}` })
    },
    () => this.now,
  )

  picture(stream: number, key = false, size = 100): void {
    const flags = key ? Flag.key : 0
    const plain = new Uint8Array(size).fill(1)
    const made = { kind: Kind.video, flags, atUs: this.now * 1000, durationUs: 1, plain }
    this.sender.add(stream, Lane.cameras, made)
  }

  /** Until everything that was made is sealed, and sent as far as it may. */
  async settle(): Promise<void> {
    await this.sender.sealed()
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }

  names(): string[] {
    return this.sent.map((one) => one.name)
  }

  acknowledgeAll(): void {
    for (const { record } of this.sent) {
      const { epoch, stream, seq } = readHeader(record)
      this.sender.acknowledged(epoch, stream, seq)
    }
  }
}

describe('the sender', () => {
  it('numbers each stream without a gap and says which key frame a picture needs', async () => {
    const rig = new Rig()
    rig.sender.connected()
    rig.picture(0, true)
    rig.picture(1, true)
    rig.picture(0)
    rig.picture(0, true)
    rig.picture(0)
    await rig.settle()
    const of = (stream: number) =>
      rig.sent.map((s) => readHeader(s.record)).filter((h) => h.stream === stream)
    expect(of(0).map((h) => [h.seq, h.keySeq])).toEqual([
      [0, 0],
      [1, 0],
      [2, 2],
      [3, 2],
    ])
    expect(of(1).map((h) => h.seq)).toEqual([0])
  })

  it('sends nothing before the connection is there, and all of it then', async () => {
    const rig = new Rig()
    for (let i = 0; i < 5; i++) rig.picture(0, i === 0)
    await rig.settle()
    expect(rig.sent).toEqual([])
    rig.sender.connected()
    await rig.settle()
    expect(rig.names()).toEqual(['0:0', '0:1', '0:2', '0:3', '0:4'])
  })

  it('sends again after a reconnect what is not durable, and nothing else', async () => {
    const rig = new Rig()
    rig.sender.connected()
    for (let i = 0; i < 4; i++) rig.picture(0, i === 0)
    await rig.settle()
    rig.acknowledgeAll()
    rig.sender.have(EPOCH, 0, 1, true)
    rig.sender.disconnected()
    rig.sent.length = 0
    rig.sender.connected()
    await rig.settle()
    expect(rig.names()).toEqual(['0:2', '0:3'])
  })

  it('lets something late go although the window is too small for it, so that it holds nothing up', async () => {
    const rig = new Rig()
    rig.sender.connected()
    rig.picture(1)
    await rig.settle()
    const plain = new Uint8Array(30_000).fill(1)
    const made = { kind: Kind.video, flags: Flag.key, atUs: 1, durationUs: 1, plain }
    rig.sender.add(0, Lane.late, made)
    await rig.settle()
    expect(rig.names()).toEqual(['1:0'])
    rig.now += 2500
    rig.sender.tend()
    await rig.settle()
    expect(rig.names()).toEqual(['1:0', '0:0'])
  })

  it('marks what is old as late, so that nobody takes it for now', async () => {
    const rig = new Rig()
    rig.picture(0, true)
    await rig.settle()
    rig.now += 20_000
    rig.picture(0, true)
    await rig.settle()
    rig.sender.connected()
    await rig.settle()
    rig.acknowledgeAll()
    await rig.settle()
    expect(rig.sent.map((s) => [s.name, s.lane])).toEqual([
      ['0:1', Lane.cameras],
      ['0:0', Lane.late],
    ])
  })

  it('makes no picture while the one before still waits, but at least two a second', async () => {
    const rig = new Rig()
    rig.sender.connected()
    rig.picture(0, true, 50_000)
    rig.picture(0, false, 50_000)
    await rig.settle()
    expect(rig.names()).toEqual(['0:0'])
    expect(rig.sender.mayMake(0, 100)).toBe(false)
    expect(rig.sender.mayMake(0, 500)).toBe(true)
    expect(rig.sender.mayMake(1, 100)).toBe(true)
    rig.sender.disconnected()
    expect(rig.sender.mayMake(0, 100)).toBe(true)
  })

  it('tries again when the server was too busy to answer', async () => {
    const rig = new Rig()
    rig.sender.connected()
    rig.picture(0, true)
    await rig.settle()
    rig.now += 5000
    rig.sender.tend()
    await rig.settle()
    expect(rig.names()).toEqual(['0:0', '0:0'])
  })

  it('ends with a record that says how much there was', async () => {
    const rig = new Rig()
    rig.sender.connected()
    rig.picture(0, true)
    rig.picture(0)
    rig.picture(17, true)
    await rig.sender.end(rig.now * 1000)
    await rig.settle()
    const last = rig.sent.at(-1)!.record
    expect(readHeader(last).kind).toBe(Kind.end)
    const plain = await openRecord(await streamKey(secret, EPOCH, 32), last)
    expect(readJson<StreamEnds>(plain)).toEqual({ streams: { 0: 1, 17: 0 } })
  })
})
