// Keys of staff, sessions and media: made, wrapped and opened in the browser only. The server stores
// wrapped keys and cannot open them. Byte forms: docs/reference/keys.md, the same as src/seal.
//
// An identity (X25519 to receive keys, Ed25519 to sign) opens session keys; a session key opens the
// media keys of its attempts; a media key, one per page load (epoch), gives one key per stream.

export type Bytes = Uint8Array<ArrayBuffer>

/** What the server keeps of a staff member's identity; base64url. */
export interface StoredIdentity {
  box_public: string
  sign_public: string
  wrapped_private: string
}

export interface Identity {
  boxPublic: Bytes
  signPublic: Bytes
  boxPrivate: CryptoKey
  signPrivate: CryptoKey
}

export interface SessionKey {
  publicKey: Bytes
  privateKey: CryptoKey
}

export interface MediaKey {
  secret: Bytes
  wrapped: Bytes
}

/** The passphrase or the key does not fit, or somebody changed the bytes. */
export class KeyError extends Error {
  override name = 'KeyError'
}

const KEY_BYTES = 32
const TAG_BYTES = 16
const FORM_VERSION = 1
const ZERO_NONCE = new Uint8Array(12)
// The cost of one guess at a passphrase: about a quarter of a second on a laptop.
const ARGON2_OPS = 3
const ARGON2_MEM_KIB = 65536
// A stored wrap names its own cost. More than this only a hostile server would ask for.
const ARGON2_OPS_MAX = 16
const ARGON2_MEM_KIB_MAX = 1048576
const PASSPHRASE_HEAD_BYTES = 1 + 16 + 4 + 4 + 12

const X25519_PKCS8 = fromHex('302e020100300506032b656e04220420')
const ED25519_PKCS8 = fromHex('302e020100300506032b657004220420')

// ---- bytes ----

export function fromHex(hex: string): Bytes {
  const out = new Uint8Array(hex.length >> 1)
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return out
}

export function toBase64url(bytes: Uint8Array): string {
  let binary = ''
  for (const b of bytes) binary += String.fromCharCode(b)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

export function fromBase64url(text: string): Bytes {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(binary, (c) => c.charCodeAt(0))
  } catch {
    throw new KeyError('A key is damaged: it is not base64url.')
  }
}

const text = (s: string): Bytes => new TextEncoder().encode(s)

function join(...parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** A number below 2^53 as u64, little endian. */
export function u64(value: number): Bytes {
  const out = new Uint8Array(8)
  new DataView(out.buffer).setBigUint64(0, BigInt(value), true)
  return out
}

function random(count: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(count))
}

// ---- contexts: what a wrap is for, so that one cannot stand in for another ----

const identityContext = (): Bytes => text('invigil identity v1')
const sessionContext = (publicKey: Bytes): Bytes => join(text('invigil session key v1'), publicKey)
const mediaContext = (attempt: number, epoch: number): Bytes =>
  join(text('invigil media key v1'), u64(attempt), u64(epoch))

// ---- AES-GCM ----

async function encrypt(
  key: CryptoKey,
  iv: Bytes,
  additionalData: Bytes,
  plain: Bytes,
): Promise<Bytes> {
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plain)
  return new Uint8Array(sealed)
}

async function decrypt(
  key: CryptoKey,
  iv: Bytes,
  additionalData: Bytes,
  sealed: Bytes,
): Promise<Bytes> {
  try {
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, sealed)
    return new Uint8Array(plain)
  } catch {
    throw new KeyError('The key does not fit, or the data was changed.')
  }
}

function aesKey(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

async function derived(secret: Bytes, salt: Bytes, info: Bytes): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt, info }
  return crypto.subtle.deriveKey(hkdf, base, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
}

// ---- X25519 ----

function boxPublic(raw: Bytes): Promise<CryptoKey> {
  if (raw.length !== KEY_BYTES) throw new KeyError('A public key has the wrong length.')
  return crypto.subtle.importKey('raw', raw, 'X25519', true, [])
}

function boxPrivate(raw: Bytes): Promise<CryptoKey> {
  const form = join(X25519_PKCS8, raw)
  return crypto.subtle.importKey('pkcs8', form, 'X25519', false, ['deriveBits'])
}

function signPrivate(seed: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', join(ED25519_PKCS8, seed), 'Ed25519', false, ['sign'])
}

/** A fresh pair as raw bytes: the private half is the tail of its PKCS #8 form. */
async function rawPair(kind: 'X25519' | 'Ed25519'): Promise<{ publicKey: Bytes; secret: Bytes }> {
  const uses: KeyUsage[] = kind === 'X25519' ? ['deriveBits'] : ['sign', 'verify']
  const pair = (await crypto.subtle.generateKey(kind, true, uses)) as CryptoKeyPair
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  const form = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey))
  return { publicKey, secret: form.slice(-KEY_BYTES) }
}

async function wrapKey(mine: CryptoKey, theirs: Bytes, salt: Bytes): Promise<CryptoKey> {
  try {
    const peer = { name: 'X25519', public: await boxPublic(theirs) }
    const shared = new Uint8Array(await crypto.subtle.deriveBits(peer, mine, 256))
    return await derived(shared, salt, text('invigil wrap v1'))
  } catch (error) {
    if (error instanceof KeyError) throw error
    throw new KeyError('A public key is not usable.') // all zero, or of small order
  }
}

// ---- wraps ----

/** Version u8, ephemeral public key 32, ciphertext and tag. */
export async function wrapTo(recipient: Bytes, context: Bytes, secret: Bytes): Promise<Bytes> {
  const once = await rawPair('X25519')
  const salt = join(once.publicKey, recipient)
  const key = await wrapKey(await boxPrivate(once.secret), recipient, salt)
  const sealed = await encrypt(key, ZERO_NONCE, context, secret)
  return join(Uint8Array.of(FORM_VERSION), once.publicKey, sealed)
}

export async function unwrap(
  own: { publicKey: Bytes; privateKey: CryptoKey },
  context: Bytes,
  wrapped: Bytes,
): Promise<Bytes> {
  if (wrapped.length < 1 + KEY_BYTES + TAG_BYTES) throw new KeyError('A wrapped key is too short.')
  if (wrapped[0] !== FORM_VERSION)
    throw new KeyError('A wrapped key has a form from a newer version.')
  const once = wrapped.slice(1, 1 + KEY_BYTES)
  const key = await wrapKey(own.privateKey, once, join(once, own.publicKey))
  return decrypt(key, ZERO_NONCE, context, wrapped.slice(1 + KEY_BYTES))
}

async function passphraseKey(
  passphrase: string,
  salt: Bytes,
  iterations: number,
  memorySize: number,
): Promise<CryptoKey> {
  const { argon2id } = await import('hash-wasm')
  const raw = await argon2id({
    password: text(passphrase.normalize('NFC')),
    salt,
    iterations,
    memorySize,
    parallelism: 1,
    hashLength: KEY_BYTES,
    outputType: 'binary',
  })
  return aesKey(new Uint8Array(raw))
}

/** Version u8, salt 16, ops u32, memory in KiB u32, nonce 12, ciphertext and tag. */
export async function wrapPassphrase(
  passphrase: string,
  context: Bytes,
  secret: Bytes,
): Promise<Bytes> {
  const head = new Uint8Array(PASSPHRASE_HEAD_BYTES)
  const view = new DataView(head.buffer)
  head[0] = FORM_VERSION
  head.set(random(16), 1)
  view.setUint32(17, ARGON2_OPS, true)
  view.setUint32(21, ARGON2_MEM_KIB, true)
  head.set(random(12), 25)
  const key = await passphraseKey(passphrase, head.slice(1, 17), ARGON2_OPS, ARGON2_MEM_KIB)
  return join(head, await encrypt(key, head.slice(25), context, secret))
}

export async function unwrapPassphrase(
  passphrase: string,
  context: Bytes,
  wrapped: Bytes,
): Promise<Bytes> {
  if (wrapped.length < PASSPHRASE_HEAD_BYTES + TAG_BYTES)
    throw new KeyError('The stored key is too short.')
  if (wrapped[0] !== FORM_VERSION)
    throw new KeyError('The stored key has a form from a newer version.')
  const view = new DataView(wrapped.buffer, wrapped.byteOffset)
  const ops = view.getUint32(17, true)
  const memKib = view.getUint32(21, true)
  if (ops < 1 || ops > ARGON2_OPS_MAX || memKib < 8 || memKib > ARGON2_MEM_KIB_MAX)
    throw new KeyError('The stored key asks for an unreasonable amount of work.')
  const key = await passphraseKey(passphrase, wrapped.slice(1, 17), ops, memKib)
  return decrypt(key, wrapped.slice(25, 37), context, wrapped.slice(PASSPHRASE_HEAD_BYTES))
}

// ---- identities ----

/** The private half is the X25519 key and the Ed25519 seed, 32 bytes each. */
export async function makeIdentity(passphrase: string): Promise<StoredIdentity> {
  const box = await rawPair('X25519')
  const sign = await rawPair('Ed25519')
  const wrapped = await wrapPassphrase(passphrase, identityContext(), join(box.secret, sign.secret))
  return {
    box_public: toBase64url(box.publicKey),
    sign_public: toBase64url(sign.publicKey),
    wrapped_private: toBase64url(wrapped),
  }
}

/** KeyError when the passphrase is wrong. */
export async function unlockIdentity(
  stored: StoredIdentity,
  passphrase: string,
): Promise<Identity> {
  const wrapped = fromBase64url(stored.wrapped_private)
  const secret = await unwrapPassphrase(passphrase, identityContext(), wrapped)
  if (secret.length !== 2 * KEY_BYTES) throw new KeyError('The stored key has the wrong length.')
  return {
    boxPublic: fromBase64url(stored.box_public),
    signPublic: fromBase64url(stored.sign_public),
    boxPrivate: await boxPrivate(secret.slice(0, KEY_BYTES)),
    signPrivate: await signPrivate(secret.slice(KEY_BYTES)),
  }
}

// ---- session keys ----

export interface Recipient {
  user: number
  box_public: string
}

/** A new session's key pair; its private half leaves this function only wrapped. */
export async function makeSessionKey(
  recipients: Recipient[],
): Promise<{ public_key: string; keys: { user: number; wrapped: string }[] }> {
  const pair = await rawPair('X25519')
  const keys = []
  for (const { user, box_public } of recipients) {
    const wrapped = await wrapTo(
      fromBase64url(box_public),
      sessionContext(pair.publicKey),
      pair.secret,
    )
    keys.push({ user, wrapped: toBase64url(wrapped) })
  }
  pair.secret.fill(0)
  return { public_key: toBase64url(pair.publicKey), keys }
}

export interface StoredSessionKey {
  public_key: string
  wrapped: string
}

async function sessionSecret(identity: Identity, stored: StoredSessionKey): Promise<Bytes> {
  const own = { publicKey: identity.boxPublic, privateKey: identity.boxPrivate }
  const context = sessionContext(fromBase64url(stored.public_key))
  return unwrap(own, context, fromBase64url(stored.wrapped))
}

export async function openSessionKey(
  identity: Identity,
  stored: StoredSessionKey,
): Promise<SessionKey> {
  const secret = await sessionSecret(identity, stored)
  return { publicKey: fromBase64url(stored.public_key), privateKey: await boxPrivate(secret) }
}

/** Wraps a session key that the identity can open for one more person; base64url. */
export async function shareSessionKey(
  identity: Identity,
  stored: StoredSessionKey,
  recipient: Recipient,
): Promise<string> {
  const secret = await sessionSecret(identity, stored)
  const context = sessionContext(fromBase64url(stored.public_key))
  const wrapped = await wrapTo(fromBase64url(recipient.box_public), context, secret)
  secret.fill(0)
  return toBase64url(wrapped)
}

// ---- media keys ----

/** An epoch names one page load: random, below 2^53, never used twice. */
export function makeEpoch(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number]
  return (high & 0x1fffff) * 2 ** 32 + low || 1
}

export async function makeMediaKey(
  sessionPublic: Bytes,
  attempt: number,
  epoch: number,
): Promise<MediaKey> {
  const secret = random(KEY_BYTES)
  return { secret, wrapped: await wrapTo(sessionPublic, mediaContext(attempt, epoch), secret) }
}

export function openMediaKey(
  session: SessionKey,
  attempt: number,
  epoch: number,
  wrapped: Bytes,
): Promise<Bytes> {
  return unwrap(session, mediaContext(attempt, epoch), wrapped)
}

/** The key of one stream of one epoch: its nonces are the record numbers, so it must not be shared. */
export function streamKey(secret: Bytes, epoch: number, stream: number): Promise<CryptoKey> {
  return derived(secret, u64(epoch), join(text('stream'), Uint8Array.of(stream)))
}
