// The browser's codec against the bytes that the C side keeps of every event ever shipped.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { eventTable, rowFields, type Row } from '@/lib/gen/wire'
import { fromHex, Reader, toBase64url, fromBase64url, toHex, Writer } from '@/lib/wire/bytes'
import {
  decodeCommand,
  decodeDown,
  decodeEvent,
  decodeRow,
  decodeUp,
  encodeCommand,
  encodeEvent,
  encodeMessage,
  encodeRow,
  streamId,
  streamKind,
  streamObject,
  WireError,
} from '@/lib/wire/codec'

const FOLDER = new URL('../store/golden/', import.meta.url)
const golden = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.hex'))
  .map((name) => ({
    name: name.slice(0, -4),
    hex: readFileSync(new URL(name, FOLDER), 'utf8').trim(),
  }))

describe('stored events', () => {
  it('has golden bytes for every kind of event', () => {
    expect(golden.map((each) => each.name).sort()).toEqual(Object.keys(eventTable).sort())
  })

  // item_added has a field named kind, which only the server reads; it cannot be written again here.
  const both = golden.filter((each) => each.name !== 'item_added')
  it.each(both)('$name is read and written as in C', ({ name, hex }) => {
    const event = decodeEvent(fromHex(hex))
    expect(event.kind).toBe(name)
    expect(event.at_ms).toBe(1763716800123)
    expect(event.actor).toBe(42)
    expect(event.cmd).toBe(Number.MAX_SAFE_INTEGER)
    expect(toHex(encodeEvent(event))).toBe(hex)
  })

  it.each(golden)('$name cut short at any byte is refused', ({ hex }) => {
    const bytes = fromHex(hex)
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeEvent(bytes.subarray(0, length))).toThrow(WireError)
  })

  it('refuses bytes after the end', () => {
    const bytes = fromHex(`${golden[0]!.hex}00`)
    expect(() => decodeEvent(bytes)).toThrow('too long')
  })

  it('refuses a kind that does not exist', () => {
    expect(() => decodeEvent(fromHex('ffff'))).toThrow('no message kind 65535')
  })
})

describe('commands', () => {
  it('writes the id and the fields, little endian', () => {
    const bytes = encodeCommand({ kind: 'answer', item: 2, rev: 3, device_ms: 5, value: 'é' })
    expect(toHex(bytes)).toBe(
      '0a00' + '02000000' + '03000000' + '0500000000000000' + '02000000c3a9',
    )
  })

  it('reads back what it writes', () => {
    const command = { kind: 'extend', ms: -5, reason: 'fire alarm' } as const
    expect(decodeCommand(encodeCommand(command))).toEqual(command)
  })
})

describe('live messages', () => {
  it('reads what comes down', () => {
    const message = { kind: 'pong', device_ms: 12, server_ms: 1763716800123 } as const
    expect(decodeDown(encodeMessage(message))).toEqual(message)
  })

  it('reads what goes up', () => {
    const message = { kind: 'follow', stream: streamId('attempt', 7), seen_ver: 3 } as const
    expect(decodeUp(encodeMessage(message))).toEqual(message)
  })

  it('does not take what goes up for what comes down', () => {
    const up = encodeMessage({ kind: 'ping', device_ms: 1 })
    expect(() => decodeDown(up)).toThrow(WireError)
  })
})

describe('rows', () => {
  it('reads back every field', () => {
    const row = Object.fromEntries(
      rowFields.map(([name, type], place) => [name, type === 'str' ? `t${place}` : place]),
    ) as unknown as Row
    expect(decodeRow(encodeRow(row))).toEqual(row)
  })
})

describe('numbers', () => {
  it.each([0, 1, -1, 2 ** 32, -(2 ** 32), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
    'keeps %d as 64 bits',
    (value) => {
      const out = new Writer()
      out.i64(value)
      expect(new Reader(out.done()).i64()).toBe(value)
    },
  )

  it('refuses to round a number that a browser cannot hold', () => {
    expect(() => new Reader(fromHex('0000000000002000')).u64()).toThrow('too large')
    expect(() => new Writer().u64(2 ** 53)).toThrow('does not fit')
  })

  it('numbers are whole wherever the buffer has to grow', () => {
    for (let before = 240; before <= 256; before++) {
      const out = new Writer()
      out.blob(new Uint8Array(before - 4))
      out.u32(0x01020304)
      out.u16(0x0506)
      out.u8(7)
      out.f64(1.5)
      const from = new Reader(out.done())
      from.blob()
      expect([from.u32(), from.u16(), from.u8(), from.f64()]).toEqual([0x01020304, 0x0506, 7, 1.5])
    }
  })

  it('refuses a value out of its field', () => {
    expect(() => new Writer().u8(256)).toThrow(WireError)
    expect(() => new Writer().u16(-1)).toThrow(WireError)
    expect(() => new Writer().u32(1.5)).toThrow(WireError)
  })

  it('refuses text that is not UTF-8', () => {
    expect(() => new Reader(fromHex('01000000ff')).str()).toThrow('not UTF-8')
  })
})

describe('ids', () => {
  it('packs a stream as wire.h does', () => {
    expect(streamId('session', 5)).toBe(2 ** 50 + 5)
    expect(streamKind(streamId('assessment', 9))).toBe('assessment')
    expect(streamObject(streamId('attempt', 123456789))).toBe(123456789)
  })

  it('writes base64url without padding', () => {
    const bytes = Uint8Array.of(251, 255, 0, 1)
    expect(toBase64url(bytes)).toBe('-_8AAQ')
    expect(fromBase64url('-_8AAQ')).toEqual(bytes)
  })
})
