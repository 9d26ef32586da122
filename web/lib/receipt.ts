// Receipts in the browser: the same rules as src/seal/receipt.c. A receipt is a signed statement of the
// server that an answer was stored; it holds the digest of the text, not the text. Integers are little
// endian. The signature is over a Merkle tree of all answers of one transaction (RFC 6962).
import { fromBase64url, toBase64url, toHex } from '@/lib/wire/bytes'

const BODY_BYTES = 93
const HEAD_BYTES = BODY_BYTES + 8
const HASH_BYTES = 32
const SIGNATURE_BYTES = 64
const LEVELS_MAX = 33
const FORMAT = 'invigil receipts 1'
const RECEIPTS_MAX = 10000

type Bytes = Uint8Array<ArrayBuffer>

/** What a receipt says. */
export interface Said {
  attempt: number
  item: number
  rev: number
  stored_ms: number
  /** SHA-256 of the answer's text, hexadecimal. */
  answer: string
}

/** forged: this server did not sign it, or it was changed. unreadable: no receipt at all. */
export type Verdict = 'genuine' | 'forged' | 'unreadable'

export interface ReceiptFile {
  organization: string
  session: string
  exam: string
  name: string
  server_public: string
  receipts: Uint8Array[]
}

/** One line of a file: the receipt, and what the file says of it in the clear. */
export interface ReceiptLine {
  question: number
  revision: number
  stored_ms: number
  answer_sha256: string
  receipt: Bytes
}

const hasMark = (bytes: Uint8Array): boolean =>
  String.fromCharCode(...bytes.subarray(0, 5)) === 'INVR\x01'

/** What it says, genuine or not; null: no receipt. */
export function readReceipt(bytes: Uint8Array): Said | null {
  const long = bytes.length >= HEAD_BYTES + SIGNATURE_BYTES
  const most = HEAD_BYTES + LEVELS_MAX * HASH_BYTES + SIGNATURE_BYTES
  if (!long || bytes.length > most || !hasMark(bytes)) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    attempt: Number(view.getBigUint64(5, true)),
    item: view.getUint32(13, true),
    rev: view.getUint32(17, true),
    stored_ms: Number(view.getBigInt64(21, true)),
    answer: toHex(bytes.subarray(29, 61)),
  }
}

async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', all))
}

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** The root that leaf and path lead to; null: the path does not fit the place in the tree. */
async function rootOf(receipt: Uint8Array, index: number, size: number): Promise<Bytes | null> {
  let path = receipt.subarray(HEAD_BYTES, receipt.length - SIGNATURE_BYTES)
  let root = await sha256(LEAF, receipt.subarray(0, BODY_BYTES))
  for (let at = index, width = size; width > 1; at >>>= 1, width = Math.ceil(width / 2)) {
    if ((at ^ 1) >>> 0 >= width) continue
    if (path.length < HASH_BYTES) return null
    const beside = path.subarray(0, HASH_BYTES)
    root = at & 1 ? await sha256(NODE, beside, root) : await sha256(NODE, root, beside)
    path = path.subarray(HASH_BYTES)
  }
  return path.length ? null : root
}

/** Browsers that cannot check such signatures reject. */
export function importServerKey(text: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', fromBase64url(text), 'Ed25519', false, ['verify'])
}

export async function checkReceipt(bytes: Bytes, key: CryptoKey): Promise<Verdict> {
  if (!readReceipt(bytes)) return 'unreadable'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const index = view.getUint32(BODY_BYTES, true)
  const size = view.getUint32(BODY_BYTES + 4, true)
  const root = index < size ? await rootOf(bytes, index, size) : null
  if (!root) return 'unreadable'
  const head = new TextEncoder().encode('invigil receipt v1\n')
  const signed = new Uint8Array(head.length + 4 + HASH_BYTES)
  signed.set(head)
  new DataView(signed.buffer).setUint32(head.length, size, true)
  signed.set(root, head.length + 4)
  const signature = bytes.subarray(bytes.length - SIGNATURE_BYTES)
  const fine = await crypto.subtle.verify('Ed25519', key, signature, signed)
  return fine ? 'genuine' : 'forged'
}

/** The digest as a receipt has it: of the UTF-8 bytes, without any change of blanks or line ends. */
export const answerDigest = async (text: string): Promise<string> =>
  toHex(await sha256(new TextEncoder().encode(text)))

// ---- the file ----

export function receiptFile(file: ReceiptFile): string {
  const lines = file.receipts.flatMap((receipt) => {
    const said = readReceipt(receipt)
    if (!said) return []
    const { item: question, rev: revision, stored_ms, answer: answer_sha256 } = said
    const stored_at = new Date(stored_ms).toISOString()
    return [
      { question, revision, stored_at, stored_ms, answer_sha256, receipt: toBase64url(receipt) },
    ]
  })
  return `${JSON.stringify({ format: FORMAT, ...file, receipts: lines }, null, 2)}\n`
}

export interface OpenedFile extends Omit<ReceiptFile, 'receipts'> {
  lines: ReceiptLine[]
}

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 1000) : '')
const longText = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number => (typeof value === 'number' ? value : NaN)

function readLine(line: Record<string, unknown>): ReceiptLine {
  return {
    question: number(line.question),
    revision: number(line.revision),
    stored_ms: number(line.stored_ms),
    answer_sha256: text(line.answer_sha256),
    receipt: fromBase64url(longText(line.receipt)),
  }
}

/** null: not a file of receipts. */
export function openReceiptFile(content: string): OpenedFile | null {
  try {
    const file = JSON.parse(content) as Record<string, unknown>
    const list = file.receipts as Record<string, unknown>[]
    if (file.format !== FORMAT || list.length > RECEIPTS_MAX) return null
    return {
      organization: text(file.organization),
      session: text(file.session),
      exam: text(file.exam),
      name: text(file.name),
      server_public: text(file.server_public),
      lines: list.map(readLine),
    }
  } catch {
    return null
  }
}

/** Does what the file says in the clear agree with the receipt? */
export function agrees(line: ReceiptLine, said: Said): boolean {
  const { question, revision, stored_ms, answer_sha256 } = line
  return (
    question === said.item &&
    revision === said.rev &&
    stored_ms === said.stored_ms &&
    answer_sha256 === said.answer
  )
}
