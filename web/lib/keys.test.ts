import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  fromBase64url,
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
} from './keys.ts'

const vectors = new URL('../../test/seal/vectors.json', import.meta.url)

describe('keys', () => {
  it('an identity opens with its passphrase and with no other', async () => {
    const stored = await makeIdentity('one two three four')
    const identity = await unlockIdentity(stored, 'one two three four')
    expect(toBase64url(identity.boxPublic)).toBe(stored.box_public)
    await expect(unlockIdentity(stored, 'one two three five')).rejects.toThrow(KeyError)
  })

  it('a passphrase typed with combining accents is the same passphrase', async () => {
    const stored = await makeIdentity('caf\u00e9 au lait')
    await expect(unlockIdentity(stored, 'cafe\u0301 au lait')).resolves.toBeTruthy()
  })

  it('a session key opens for its recipients only, and can be shared by one of them', async () => {
    const [ada, ben] = [await makeIdentity('a long phrase'), await makeIdentity('b long phrase')]
    const session = await makeSessionKey([{ user: 7, box_public: ada.box_public }])
    const stored = { public_key: session.public_key, wrapped: session.keys[0]!.wrapped }
    const [adaOpen, benOpen] = [
      await unlockIdentity(ada, 'a long phrase'),
      await unlockIdentity(ben, 'b long phrase'),
    ]
    await expect(openSessionKey(benOpen, stored)).rejects.toThrow(KeyError)
    const wrapped = await shareSessionKey(adaOpen, stored, { user: 8, box_public: ben.box_public })
    const key = await openSessionKey(benOpen, { ...stored, wrapped })
    expect(toBase64url(key.publicKey)).toBe(session.public_key)
  })

  it('a media key opens for its attempt and epoch only', async () => {
    const ada = await makeIdentity('a long phrase')
    const made = await makeSessionKey([{ user: 7, box_public: ada.box_public }])
    const session = await openSessionKey(await unlockIdentity(ada, 'a long phrase'), {
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
    const stored = await makeIdentity('a long phrase')
    const wrapped = fromBase64url(stored.wrapped_private)
    new DataView(wrapped.buffer).setUint32(21, 0xffffffff, true)
    const hostile = { ...stored, wrapped_private: toBase64url(wrapped) }
    await expect(unlockIdentity(hostile, 'a long phrase')).rejects.toThrow(/unreasonable/)
  })

  it('damaged or short wraps say so instead of failing oddly', async () => {
    const stored = await makeIdentity('a long phrase')
    const cut = { ...stored, wrapped_private: stored.wrapped_private.slice(0, 20) }
    await expect(unlockIdentity(cut, 'a long phrase')).rejects.toThrow(/too short/)
    const odd = { ...stored, wrapped_private: '%%%' }
    await expect(unlockIdentity(odd, 'a long phrase')).rejects.toThrow(/base64url/)
  })
})

describe.runIf(existsSync(vectors))('the byte forms of src/seal', () => {
  it('are read as they are written there', () => {
    expect(JSON.parse(readFileSync(vectors, 'utf8'))).toBeTruthy()
  })
})
