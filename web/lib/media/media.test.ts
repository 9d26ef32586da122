import { describe, expect, it } from 'vitest'
import { streamKey } from '../keys.ts'
import { Adapter, Pacer } from './pacer.ts'
import {
  Flag,
  HEADER_BYTES,
  Kind,
  openRecord,
  packJson,
  readHeader,
  readIndex,
  readJson,
  RecordError,
  sealRecord,
  splitRecords,
  Stream,
  writeHeader,
  type Header,
} from './record.ts'
import { Lane, MemoryShelf, RecordSpool } from './spool.ts'

const header = (more: Partial<Header> = {}): Header => ({
  kind: Kind.video,
  stream: Stream.screen,
  flags: Flag.key,
  seq: 7,
  atUs: 1_795_000_000_123_456,
  keySeq: 7,
  len: 0,
  epoch: 2 ** 52 + 12345,
  durationUs: 200_000,
  ...more,
})
const key = (stream = 1) => streamKey(new Uint8Array(32).fill(3), 99, stream)

describe('a media record', () => {
  it('has the header that the server reads, byte for byte', () => {
    const bytes = writeHeader(
      header({ len: 0x1234, atUs: 0x0102030405060, epoch: 0x1f00000000000a }),
    )
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '01000101' +
        '07000000' +
        '6050403020100000' +
        '07000000' +
        '34120000' +
        '0a00000000001f00' +
        '400d0300' +
        '00000000',
    )
  })

  it('comes back as it went in', async () => {
    const sealed = await sealRecord(await key(), header(), packJson({ hello: 1 }))
    const { len, ...rest } = readHeader(sealed)
    expect({ ...rest, len: 0 }).toEqual(header())
    expect(len).toBe(sealed.length - HEADER_BYTES)
    expect(readJson(await openRecord(await key(), sealed))).toEqual({ hello: 1 })
  })

  it('does not open when any byte of header or content was changed, or under another key', async () => {
    const sealed = await sealRecord(await key(), header(), packJson({ hello: 1 }))
    for (const at of [1, 3, 5, 12, 17, 27, 33, HEADER_BYTES, sealed.length - 1]) {
      const changed = sealed.slice()
      changed[at]! ^= 1
      await expect(openRecord(await key(), changed)).rejects.toThrow(RecordError)
    }
    await expect(openRecord(await key(2), sealed)).rejects.toThrow(RecordError)
  })

  it('is found among others that stand back to back, and a cut one is named', async () => {
    const one = await sealRecord(await key(), header(), packJson(1))
    const two = await sealRecord(await key(), header({ seq: 8 }), packJson(22))
    const both = new Uint8Array([...one, ...two])
    expect(splitRecords(both).map((r) => readHeader(r).seq)).toEqual([7, 8])
    expect(() => splitRecords(both.slice(0, -1))).toThrow(RecordError)
    expect(() => readHeader(both.slice(0, 39))).toThrow(/cut off/)
  })

  it('has an index entry of 64 bytes', () => {
    const bytes = new Uint8Array(64 * 2 + 5)
    const view = new DataView(bytes.buffer)
    view.setBigUint64(64, 42n, true)
    view.setBigUint64(72, 2n ** 52n, true)
    view.setBigUint64(80, 1_795_000_000_123_456n, true)
    view.setBigInt64(96, 1_795_000_000_200n, true)
    view.setUint32(104, 9, true)
    view.setUint32(108, 4, true)
    view.setUint32(112, 500, true)
    bytes.set([17, 0, 1, 1], 120)
    const entries = readIndex(bytes)
    expect(entries).toHaveLength(2)
    expect(entries[1]).toEqual({
      place: 1,
      epoch: 2 ** 52,
      atUs: 1_795_000_000_123_456,
      seq: 9,
      keySeq: 4,
      bytes: 500,
      stream: 17,
      kind: 0,
      flags: 1,
      late: true,
      receivedMs: 1_795_000_000_200,
    })
  })
})

describe('the spool', () => {
  const record = (size = 10) => new Uint8Array(size)
  const put = (s: RecordSpool, stream: number, seq: number, lane: number, madeMs = seq) =>
    s.put({ epoch: 1, stream, seq, lane, madeMs }, record())
  const order = (s: RecordSpool, late = true) => {
    const out: string[] = []
    for (let e = s.next(late); e; e = s.next(late)) {
      out.push(`${e.stream}:${e.seq}`)
      s.sent(e, 0)
    }
    return out
  }

  it('gives low layers and events first, then cameras, then the screen', () => {
    const s = new RecordSpool(new MemoryShelf(1000))
    put(s, 1, 0, Lane.screen)
    put(s, 0, 0, Lane.cameras)
    put(s, 16, 0, Lane.events)
    put(s, 0, 1, Lane.cameras)
    expect(order(s)).toEqual(['16:0', '0:0', '0:1', '1:0'])
  })

  it('keeps a record until it is durable, not only acknowledged', () => {
    const s = new RecordSpool(new MemoryShelf(1000))
    for (const seq of [0, 1, 2]) put(s, 0, seq, Lane.cameras)
    order(s)
    expect(s.acknowledge(1, 0, 1)?.seq).toBe(1)
    expect(s.acknowledge(1, 0, 1)).toBeUndefined()
    s.durable(1, 0, 0)
    expect(s.bytes).toBe(20)
    s.rewind()
    expect(order(s)).toEqual(['0:1', '0:2'])
    s.durable(1, 0, 2)
    expect([s.bytes, s.waitingBytes, s.waitingCount]).toEqual([0, 0, 0])
  })

  it('sends nothing again that the server has when the connection comes back', () => {
    const s = new RecordSpool(new MemoryShelf(1000))
    for (const seq of [0, 1, 2, 3]) put(s, 0, seq, Lane.cameras)
    order(s)
    s.rewind()
    s.durable(1, 0, 1)
    s.acknowledge(1, 0, 2)
    expect(order(s)).toEqual(['0:3'])
  })

  it('lets what is old go last, beside what happens now', () => {
    const s = new RecordSpool(new MemoryShelf(1000))
    put(s, 0, 0, Lane.cameras, 100)
    put(s, 0, 1, Lane.cameras, 5000)
    put(s, 0, 2, Lane.cameras, 9000)
    expect(s.demote(4000)).toBe(1)
    expect(s.oldestMs()).toBe(5000)
    expect(s.waitingIn(0)).toBe(2)
    expect(order(s, false)).toEqual(['0:1', '0:2'])
    expect(order(s)).toEqual(['0:0'])
  })

  it('says when it is full, and has room again', () => {
    const s = new RecordSpool(new MemoryShelf(15))
    put(s, 0, 0, Lane.cameras)
    expect(s.hasRoom).toBe(true)
    put(s, 0, 1, Lane.cameras)
    expect(s.hasRoom).toBe(false)
    s.durable(1, 0, 0)
    expect(s.hasRoom).toBe(true)
  })
})

describe('pacing', () => {
  it('lets one record go however large, and the next only inside the window', () => {
    const p = new Pacer()
    expect(p.maySend(500_000, false)).toBe(true)
    p.sent(500_000, 0)
    expect(p.maySend(100, false)).toBe(false)
    p.acknowledged(500_000, 0, 50)
    expect(p.maySend(100, false)).toBe(true)
  })

  it('opens the window as fast as the way carries', () => {
    const p = new Pacer()
    for (let now = 0; now < 3000; now += 10) {
      p.sent(2000, now)
      p.acknowledged(2000, now - 20, now)
    }
    // 200 kB/s over 20 + 100 ms, and a quarter more to find out whether there is more.
    expect(p.windowBytes).toBeGreaterThan(25_000)
    expect(p.windowBytes).toBeLessThan(40_000)
  })

  it('keeps room for what happens now when it sends what is late', () => {
    const p = new Pacer()
    p.sent(9000, 0)
    expect(p.maySend(1000, true)).toBe(false)
    expect(p.maySend(1000, false)).toBe(true)
  })

  it('notices a dead connection by silence, not by being idle', () => {
    const p = new Pacer()
    expect(p.stalled(60_000)).toBe(false)
    p.sent(100, 60_000)
    expect(p.stalled(63_000)).toBe(false)
    expect(p.stalled(64_500)).toBe(true)
    p.reset(64_500)
    expect(p.stalled(99_000)).toBe(false)
  })

  it('makes less on a slow way at once, and more again only step by step', () => {
    const a = new Adapter()
    let now = 1000
    for (let i = 0; i < 20; i++) a.observe((now += 800), 900, 20, 10)
    expect(a.scale).toBe(0.12)
    expect(a.observe((now += 800), 200, 20, 10)).toBe(false)
    expect(a.observe((now += 3000), 10, 20, 10)).toBe(true)
    expect(a.scale).toBeCloseTo(0.144)
    expect(a.observe((now += 1000), 10, 20, 10)).toBe(false)
    for (let i = 0; i < 30; i++) a.observe((now += 2600), 10, 20, 10)
    expect(a.scale).toBe(1)
  })
})
