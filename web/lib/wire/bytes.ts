// Little-endian bytes, as src/wire/wire.h says. 64-bit numbers are JavaScript numbers here: ids stay
// below 2^53 and instants far below, so whatever does not fit is refused instead of rounded.

const TWO32 = 4294967296

export class WireError extends Error {}

const utf8 = new TextEncoder()
const fromUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class Writer {
  private bytes = new Uint8Array(256)
  private view = new DataView(this.bytes.buffer)
  private length = 0

  /** Where to write. Call it before naming this.view: it may replace the view. */
  private grow(more: number): number {
    const at = this.length
    this.length += more
    if (this.length > this.bytes.length) {
      const bigger = new Uint8Array(Math.max(this.length, this.bytes.length * 2))
      bigger.set(this.bytes)
      this.bytes = bigger
      this.view = new DataView(bigger.buffer)
    }
    return at
  }

  private whole(value: number, least: number, most: number): number {
    if (!Number.isInteger(value) || value < least || value > most)
      throw new WireError(`${value} does not fit into its field`)
    return value
  }

  u8(value: number): void {
    const at = this.grow(1)
    this.view.setUint8(at, this.whole(value, 0, 0xff))
  }
  u16(value: number): void {
    const at = this.grow(2)
    this.view.setUint16(at, this.whole(value, 0, 0xffff), true)
  }
  u32(value: number): void {
    const at = this.grow(4)
    this.view.setUint32(at, this.whole(value, 0, 0xffffffff), true)
  }
  u64(value: number): void {
    this.i64(this.whole(value, 0, Number.MAX_SAFE_INTEGER))
  }
  i64(value: number): void {
    this.whole(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    const at = this.grow(8)
    const high = Math.floor(value / TWO32)
    this.view.setUint32(at, value - high * TWO32, true)
    this.view.setInt32(at + 4, high, true)
  }
  f64(value: number): void {
    const at = this.grow(8)
    this.view.setFloat64(at, value, true)
  }
  blob(value: Uint8Array): void {
    this.u32(value.length)
    const at = this.grow(value.length)
    this.bytes.set(value, at)
  }
  str(value: string): void {
    this.blob(utf8.encode(value))
  }
  /** A copy of what was written. */
  done(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length)
  }
}

export class Reader {
  private readonly view: DataView
  private at = 0

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  private take(count: number): number {
    const at = this.at
    if (count > this.bytes.length - at) throw new WireError('the message ends too early')
    this.at += count
    return at
  }

  u8(): number {
    return this.view.getUint8(this.take(1))
  }
  u16(): number {
    return this.view.getUint16(this.take(2), true)
  }
  u32(): number {
    return this.view.getUint32(this.take(4), true)
  }
  private wide(low: number, high: number): number {
    const value = high * TWO32 + low
    if (!Number.isSafeInteger(value)) throw new WireError('a number is too large for a browser')
    return value
  }
  u64(): number {
    const at = this.take(8)
    return this.wide(this.view.getUint32(at, true), this.view.getUint32(at + 4, true))
  }
  i64(): number {
    const at = this.take(8)
    return this.wide(this.view.getUint32(at, true), this.view.getInt32(at + 4, true))
  }
  f64(): number {
    return this.view.getFloat64(this.take(8), true)
  }
  /** Points into the input; copy what must outlive it. */
  blob(): Uint8Array {
    const length = this.u32()
    const at = this.take(length)
    return this.bytes.subarray(at, at + length)
  }
  str(): string {
    try {
      return fromUtf8.decode(this.blob())
    } catch (error) {
      if (error instanceof WireError) throw error
      throw new WireError('a text is not UTF-8')
    }
  }
  /** A message must be read to its last byte. */
  end(): void {
    if (this.at !== this.bytes.length) throw new WireError('the message is too long')
  }
}

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new WireError('this is not hexadecimal')
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** base64url without padding, as the HTTP interface writes binary values. */
export function toBase64url(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
}
