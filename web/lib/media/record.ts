// One encrypted media record: the unit that is made on the candidate's device, spooled, sent, stored,
// relayed and opened by those who hold the key. The form is that of src/app/media.h: a header of
// 40 bytes that everybody may read and nobody may change, then AES-256-GCM ciphertext and tag.
import type { Bytes } from '../keys.ts'

export const HEADER_BYTES = 40
export const TAG_BYTES = 16
export const RECORD_BYTES_MAX = 2097152 // MEDIA_RECORD_BYTES_MAX
export const INDEX_BYTES = 64

export const Kind = { video: 0, audio: 1, still: 2, event: 3, config: 4, call: 5, end: 6 } as const
export const Flag = { key: 1, heartbeat: 2, discontinuity: 4 } as const
export const Stream = {
  webcam: 0,
  screen: 1,
  phone: 2,
  microphone: 9,
  low: 16,
  levels: 25,
  events: 32,
  stills: 33,
} as const

const VERSION = 1
const TWO32 = 2 ** 32

export interface Header {
  kind: number
  stream: number
  flags: number
  seq: number
  /** Capture time on the candidate's clock, microseconds since 1970. */
  atUs: number
  /** The key frame that this record needs. */
  keySeq: number
  /** Bytes after the header. */
  len: number
  epoch: number
  durationUs: number
}

/** The record is not one, or it is not what was sealed. */
export class RecordError extends Error {
  override name = 'RecordError'
}

function putU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % TWO32, true)
  view.setUint32(at + 4, Math.floor(value / TWO32), true)
}

function getU64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * TWO32 + view.getUint32(at, true)
}

export function writeHeader(h: Header): Bytes {
  const out = new Uint8Array(HEADER_BYTES)
  const view = new DataView(out.buffer)
  out[0] = VERSION
  out[1] = h.kind
  out[2] = h.stream
  out[3] = h.flags
  view.setUint32(4, h.seq, true)
  putU64(view, 8, h.atUs)
  view.setUint32(16, h.keySeq, true)
  view.setUint32(20, h.len, true)
  putU64(view, 24, h.epoch)
  view.setUint32(32, h.durationUs, true)
  return out
}

export function readHeader(bytes: Uint8Array, at = 0): Header {
  if (bytes.length < at + HEADER_BYTES) throw new RecordError('A media record is cut off.')
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES)
  if (view.getUint8(0) !== VERSION) throw new RecordError('A media record has an unknown form.')
  return {
    kind: view.getUint8(1),
    stream: view.getUint8(2),
    flags: view.getUint8(3),
    seq: view.getUint32(4, true),
    atUs: getU64(view, 8),
    keySeq: view.getUint32(16, true),
    len: view.getUint32(20, true),
    epoch: getU64(view, 24),
    durationUs: view.getUint32(32, true),
  }
}

/** Splits records that stand back to back. */
export function splitRecords(bytes: Bytes): Bytes[] {
  const out: Bytes[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + HEADER_BYTES + readHeader(bytes, at).len
    if (end > bytes.length) throw new RecordError('A media record is cut off.')
    out.push(bytes.subarray(at, end))
    at = end
  }
  return out
}

// The number of the record, under a key of its own stream: never the same twice.
function nonce(seq: number): Bytes {
  const out = new Uint8Array(12)
  new DataView(out.buffer).setUint32(8, seq, true)
  return out
}

export async function sealRecord(
  key: CryptoKey,
  header: Omit<Header, 'len'>,
  plain: Bytes,
): Promise<Bytes> {
  const additionalData = writeHeader({ ...header, len: plain.length + TAG_BYTES })
  const form = { name: 'AES-GCM', iv: nonce(header.seq), additionalData }
  const sealed = new Uint8Array(await crypto.subtle.encrypt(form, key, plain))
  const out = new Uint8Array(HEADER_BYTES + sealed.length)
  out.set(additionalData)
  out.set(sealed, HEADER_BYTES)
  return out
}

/** RecordError when the key does not fit or one bit of header or content was changed. */
export async function openRecord(key: CryptoKey, record: Bytes): Promise<Bytes> {
  const header = readHeader(record)
  if (record.length !== HEADER_BYTES + header.len)
    throw new RecordError('A media record has the wrong length.')
  const additionalData = record.subarray(0, HEADER_BYTES)
  const form = { name: 'AES-GCM', iv: nonce(header.seq), additionalData }
  try {
    return new Uint8Array(await crypto.subtle.decrypt(form, key, record.subarray(HEADER_BYTES)))
  } catch {
    throw new RecordError('A media record does not fit its key, or was changed.')
  }
}

// ---- what is inside ----

/** The content of a CONFIG record. */
export interface StreamConfig {
  codec: string
  width: number
  height: number
  fps: number
  colorSpace?: VideoColorSpaceInit
  /** base64url */
  description?: string
  label?: string
  surface?: string
}

/** The content of the END record: the last record number of each stream. */
export interface StreamEnds {
  streams: Record<string, number>
}

export function packJson(value: unknown): Bytes {
  return new TextEncoder().encode(JSON.stringify(value))
}

export function readJson<T>(plain: Bytes): T {
  return JSON.parse(new TextDecoder().decode(plain)) as T
}

/** A still: the track that it shows (of a picture shown at the door: the part), then a WebP or JPEG
 * picture. */
export function packStill(track: number, picture: Uint8Array): Bytes {
  const out = new Uint8Array(1 + picture.length)
  out[0] = track
  out.set(picture, 1)
  return out
}

// ---- the index of what is stored (src/store/pack_form.h) ----

export interface IndexEntry {
  /** Its place in the list, by which it is asked for. */
  place: number
  epoch: number
  atUs: number
  seq: number
  keySeq: number
  bytes: number
  stream: number
  kind: number
  flags: number
  late: boolean
  receivedMs: number
}

export function readIndex(bytes: Uint8Array): IndexEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const out: IndexEntry[] = []
  for (let place = 0; (place + 1) * INDEX_BYTES <= bytes.length; place++) {
    const at = place * INDEX_BYTES
    out.push({
      place,
      epoch: getU64(view, at + 8),
      atUs: getU64(view, at + 16),
      seq: view.getUint32(at + 40, true),
      keySeq: view.getUint32(at + 44, true),
      bytes: view.getUint32(at + 48, true),
      stream: view.getUint8(at + 56),
      kind: view.getUint8(at + 57),
      flags: view.getUint8(at + 58),
      late: view.getUint8(at + 59) !== 0,
      receivedMs: getU64(view, at + 32),
    })
  }
  return out
}
