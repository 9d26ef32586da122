import { describe, expect, it } from 'vitest'
import type { Bytes } from '@/lib/keys'
import { readHeader, writeHeader } from '@/lib/media/record'
import { Records } from './records.ts'

function record(seq: number): Bytes {
  const header = {
    kind: 0,
    stream: 0,
    flags: 0,
    seq,
    atUs: 1,
    keySeq: 0,
    len: 16,
    epoch: 1,
    durationUs: 0,
  }
  return new Uint8Array([...writeHeader(header), ...new Uint8Array(16)])
}

function server(total: number, most = Infinity) {
  const asked: string[] = []
  const fetchSome = async (from: number, count: number): Promise<Bytes> => {
    asked.push(`${from}+${count}`)
    const last = Math.min(total, from + Math.min(count, most))
    const parts: number[] = []
    for (let seq = from; seq < last; seq++) parts.push(...record(seq))
    return new Uint8Array(parts)
  }
  return { asked, fetchSome }
}

describe('stored records', () => {
  it('are fetched in blocks, each once', async () => {
    const { asked, fetchSome } = server(150)
    const records = new Records(150, fetchSome)
    records.prefetch(70)
    expect(readHeader(await records.read(70)).seq).toBe(70)
    expect(readHeader(await records.read(127)).seq).toBe(127)
    expect(readHeader(await records.read(149)).seq).toBe(149)
    expect(asked).toEqual(['64+64', '128+22'])
  })

  it('are asked for again where a reply held fewer', async () => {
    const { asked, fetchSome } = server(64, 40)
    const records = new Records(64, fetchSome)
    expect(readHeader(await records.read(63)).seq).toBe(63)
    expect(asked).toEqual(['0+64', '40+24'])
  })

  it('that the server does not have are named', async () => {
    const { fetchSome } = server(10)
    await expect(new Records(64, fetchSome).read(20)).rejects.toThrow(/not stored/)
  })

  it('can be fetched after the server was away', async () => {
    const { fetchSome } = server(10)
    let away = true
    const records = new Records(10, (from, count) =>
      away ? Promise.reject(new Error('away')) : fetchSome(from, count),
    )
    await expect(records.read(3)).rejects.toThrow('away')
    away = false
    expect(readHeader(await records.read(3)).seq).toBe(3)
  })
})
