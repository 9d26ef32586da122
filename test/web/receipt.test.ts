// Receipts in the browser, made here as docs/reference/keys.md says, with Node's own signatures (E7, S1.68).
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  agrees,
  answerDigest,
  checkReceipt,
  importServerKey,
  openReceiptFile,
  readReceipt,
  receiptFile,
} from '@/lib/receipt'
import { toHex } from '@/lib/wire/bytes'

const hash = (...parts: Uint8Array[]): Buffer => {
  const all = createHash('sha256')
  for (const part of parts) all.update(part)
  return all.digest()
}

function body(item: number): Buffer {
  const out = Buffer.alloc(93)
  out.write('INVR\x01', 'latin1')
  out.writeBigUInt64LE(42n, 5)
  out.writeUInt32LE(item, 13)
  out.writeUInt32LE(3, 17)
  out.writeBigInt64LE(1795254741827n, 21)
  hash(Buffer.from('Jupiter')).copy(out, 29)
  return out
}

let secret: KeyObject
let server: CryptoKey
let publicKey: string
beforeAll(async () => {
  const pair = generateKeyPairSync('ed25519')
  secret = pair.privateKey
  publicKey = pair.publicKey.export({ format: 'jwk' }).x!
  server = await importServerKey(publicKey)
})

const number = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(value)
  return out
}

function receipt(
  index: number,
  size: number,
  path: Buffer[],
  root: Buffer,
): Uint8Array<ArrayBuffer> {
  const signed = Buffer.concat([Buffer.from('invigil receipt v1\n'), number(size), root])
  const parts = [body(index), number(index), number(size), ...path, sign(null, signed, secret)]
  return Uint8Array.from(Buffer.concat(parts))
}

/** Three answers of one transaction: the last one goes up a level as it is. */
function three(index: number): Uint8Array<ArrayBuffer> {
  const leaf = [0, 1, 2].map((item) => hash(Buffer.of(0), body(item)))
  const left = hash(Buffer.of(1), leaf[0]!, leaf[1]!)
  const root = hash(Buffer.of(1), left, leaf[2]!)
  const paths = [[leaf[1]!, leaf[2]!], [leaf[0]!, leaf[2]!], [left]]
  return receipt(index, 3, paths[index]!, root)
}

describe('a receipt', () => {
  it('of each place in the tree is genuine and says what it is of', async () => {
    for (const index of [0, 1, 2]) {
      expect(await checkReceipt(three(index), server)).toBe('genuine')
      const answer = hash(Buffer.from('Jupiter')).toString('hex')
      const said = { attempt: 42, item: index, rev: 3, stored_ms: 1795254741827, answer }
      expect(readReceipt(three(index))).toEqual(said)
    }
  })

  it('of one answer alone needs no path', async () => {
    const alone = receipt(0, 1, [], hash(Buffer.of(0), body(0)))
    expect(await checkReceipt(alone, server)).toBe('genuine')
  })

  it('with any byte changed is not genuine', async () => {
    const good = three(1)
    for (let at = 0; at < good.length; at += 7) {
      const bad = Uint8Array.from(good)
      bad[at]! ^= 1
      expect(await checkReceipt(bad, server), `byte ${at}`).not.toBe('genuine')
    }
  })

  it('of another server is forged', async () => {
    const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x!
    expect(await checkReceipt(three(0), await importServerKey(other))).toBe('forged')
  })

  it('with a path too long, too short, or an index outside is none', async () => {
    const root = hash(Buffer.of(0), body(0))
    expect(await checkReceipt(receipt(0, 1, [root], root), server)).toBe('unreadable')
    expect(await checkReceipt(receipt(0, 2, [], root), server)).toBe('unreadable')
    expect(await checkReceipt(receipt(1, 1, [], root), server)).toBe('unreadable')
    expect(await checkReceipt(new Uint8Array(300), server)).toBe('unreadable')
    expect(await checkReceipt(new Uint8Array(), server)).toBe('unreadable')
  })

  it('is of the text whose digest it has', async () => {
    expect(await answerDigest('Jupiter')).toBe(toHex(hash(Buffer.from('Jupiter'))))
    expect(await answerDigest('Jupiter ')).not.toBe(readReceipt(three(0))!.answer)
  })
})

describe('a file of receipts', () => {
  const names = { organization: 'O', session: 'S', exam: 'E', name: 'N' }

  it('has each receipt with what it says in the clear, and no text', () => {
    const text = receiptFile({ ...names, server_public: publicKey, receipts: [three(0), three(2)] })
    expect(text).not.toContain('Jupiter')
    const file = openReceiptFile(text)!
    expect(file).toMatchObject({ ...names, server_public: publicKey })
    expect(file.lines.map(({ question }) => question)).toEqual([0, 2])
    for (const line of file.lines) expect(agrees(line, readReceipt(line.receipt)!)).toBe(true)
    const changed = { ...file.lines[0]!, stored_ms: 1 }
    expect(agrees(changed, readReceipt(changed.receipt)!)).toBe(false)
  })

  it('that is none is told apart', () => {
    const lines = (receipts: unknown) => JSON.stringify({ format: 'invigil receipts 1', receipts })
    for (const text of ['', 'hello', '[]', '{"format":"invigil receipts 2","receipts":[]}'])
      expect(openReceiptFile(text), text).toBe(null)
    expect(openReceiptFile(lines('x'.repeat(20)))).toBe(null)
    expect(openReceiptFile(lines([null]))).toBe(null)
    expect(openReceiptFile(lines([{ receipt: '*' }]))).toBe(null)
    expect(openReceiptFile(lines([]))?.lines).toEqual([])
  })
})
