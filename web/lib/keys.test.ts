import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { openRecord, readHeader, sealRecord } from './media/record.ts'
import {
  fromBase64url,
  fromHex,
  KeyError,
  makeEpoch,
  makeIdentity,
  makeMediaKey,
  makeSessionKey,
  openMediaKey,
  openSessionKey,
  shareSessionKey,
  streamKey,
  toBase64url,
  unlockIdentity,
  type Identity,
  type StoredIdentity,
} from './keys.ts'

// Passphrases are slow on purpose: two people for all tests, and time for a busy machine.
let ada: StoredIdentity
let ben: StoredIdentity
let adaOpen: Identity
let benOpen: Identity
beforeAll(async () => {
  ada = await makeIdentity('caf\u00e9 au lait')
  ben = await makeIdentity('another long phrase')
  adaOpen = await unlockIdentity(ada, 'caf\u00e9 au lait')
  benOpen = await unlockIdentity(ben, 'another long phrase')
}, 60_000)

describe('keys', () => {
  it('an identity opens with its passphrase and with no other', async () => {
    expect(toBase64url(adaOpen.boxPublic)).toBe(ada.box_public)
    await expect(unlockIdentity(ada, 'cafe noir')).rejects.toThrow(KeyError)
  }, 30_000)

  it('a passphrase typed with combining accents is the same passphrase', async () => {
    await expect(unlockIdentity(ada, 'cafe\u0301 au lait')).resolves.toBeTruthy()
  }, 30_000)

  it('a session key opens for its recipients only, and can be shared by one of them', async () => {
    const session = await makeSessionKey([{ user: 7, box_public: ada.box_public }])
    const stored = { public_key: session.public_key, wrapped: session.keys[0]!.wrapped }
    await expect(openSessionKey(benOpen, stored)).rejects.toThrow(KeyError)
    const wrapped = await shareSessionKey(adaOpen, stored, { user: 8, box_public: ben.box_public })
    const key = await openSessionKey(benOpen, { ...stored, wrapped })
    expect(toBase64url(key.publicKey)).toBe(session.public_key)
  })

  it('a media key opens for its attempt and epoch only', async () => {
    const made = await makeSessionKey([{ user: 7, box_public: ada.box_public }])
    const session = await openSessionKey(adaOpen, {
      public_key: made.public_key,
      wrapped: made.keys[0]!.wrapped,
    })
    const epoch = makeEpoch()
    const media = await makeMediaKey(session.publicKey, 42, epoch)
    expect(await openMediaKey(session, 42, epoch, media.wrapped)).toEqual(media.secret)
    await expect(openMediaKey(session, 43, epoch, media.wrapped)).rejects.toThrow(KeyError)
    await expect(openMediaKey(session, 42, epoch + 1, media.wrapped)).rejects.toThrow(KeyError)
    const changed = media.wrapped.slice()
    changed[40]! ^= 1
    await expect(openMediaKey(session, 42, epoch, changed)).rejects.toThrow(KeyError)
  })

  it('each stream has a key of its own', async () => {
    const secret = new Uint8Array(32).fill(9)
    const iv = new Uint8Array(12)
    const sealed = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv },
      await streamKey(secret, 5, 0),
      new Uint8Array(8),
    )
    const other = await streamKey(secret, 5, 1)
    await expect(crypto.subtle.decrypt({ name: 'AES-GCM', iv }, other, sealed)).rejects.toThrow()
  })

  it('an epoch is a random number that fits a double exactly', () => {
    const seen = new Set(Array.from({ length: 100 }, makeEpoch))
    expect(seen.size).toBe(100)
    for (const epoch of seen) expect(Number.isSafeInteger(epoch)).toBe(true)
  })

  it('a stored key that asks for gigabytes of work is refused before any work', async () => {
    const wrapped = fromBase64url(ada.wrapped_private)
    new DataView(wrapped.buffer).setUint32(21, 0xffffffff, true)
    const hostile = { ...ada, wrapped_private: toBase64url(wrapped) }
    await expect(unlockIdentity(hostile, 'a long phrase')).rejects.toThrow(/unreasonable/)
  })

  it('damaged or short wraps say so instead of failing oddly', async () => {
    const cut = { ...ada, wrapped_private: ada.wrapped_private.slice(0, 20) }
    await expect(unlockIdentity(cut, 'a long phrase')).rejects.toThrow(/too short/)
    const odd = { ...ada, wrapped_private: '%%%' }
    await expect(unlockIdentity(odd, 'a long phrase')).rejects.toThrow(/base64url/)
  })
})

// Known bytes, which the C tests compute anew on every run.
const vectors = JSON.parse(
  readFileSync(new URL('../../test/seal/vectors.json', import.meta.url), 'utf8'),
)

describe('the byte forms of src/seal', () => {
  const { identity, sessionKey, mediaKey, mediaRecord } = vectors
  const stored = {
    box_public: toBase64url(fromHex(identity.boxPublic)),
    sign_public: toBase64url(fromHex(identity.signPublic)),
    wrapped_private: toBase64url(fromHex(identity.wrapped)),
  }

  it('an identity that C wrapped opens, and with it a session, a media key and a record', async () => {
    const opened = await unlockIdentity(stored, identity.passphrase)
    const session = await openSessionKey(opened, {
      public_key: toBase64url(fromHex(mediaKey.recipientPublic)),
      wrapped: toBase64url(fromHex(sessionKey.wrapped)),
    })
    const { attempt, epoch, stream } = mediaRecord
    const secret = await openMediaKey(session, attempt, epoch, fromHex(mediaKey.wrapped))
    expect(Buffer.from(secret).toString('hex')).toBe(mediaKey.secret)
    const key = await streamKey(secret, epoch, stream)
    const plain = await openRecord(key, fromHex(mediaRecord.record))
    expect(new TextDecoder().decode(plain)).toBe(mediaRecord.plain)
  })

  it('a record that is sealed here has the bytes that C makes', async () => {
    const { epoch, stream, secret, plain } = mediaRecord
    const { len: _, ...header } = readHeader(fromHex(mediaRecord.header))
    const key = await streamKey(fromHex(secret), epoch, stream)
    const sealed = await sealRecord(key, header, new TextEncoder().encode(plain))
    expect(Buffer.from(sealed).toString('hex')).toBe(mediaRecord.record)
  })

  it('signs as the identity that C made', async () => {
    const { signPrivate, signPublic } = await unlockIdentity(stored, identity.passphrase)
    const text = new TextEncoder().encode('a list of staff keys')
    const signature = await crypto.subtle.sign('Ed25519', signPrivate, text)
    const key = await crypto.subtle.importKey('raw', signPublic, 'Ed25519', true, ['verify'])
    expect(await crypto.subtle.verify('Ed25519', key, signature, text)).toBe(true)
  })
})
