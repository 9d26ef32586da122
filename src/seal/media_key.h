/* media_key.h - how a device seals its media records. The server never holds these keys; the programs
 * that do are clients: tests, the load generator, and whoever reads an exported evidence pack.
 *
 * K(epoch, stream) = HKDF-SHA-256(secret, salt = epoch u64 LE, info = "stream" + stream u8)
 * record = 40 header bytes, AES-256-GCM(K, nonce = 8 zero bytes + seq u32 LE, AAD = the header) */
#ifndef INVIGIL_MEDIA_KEY_H
#define INVIGIL_MEDIA_KEY_H

#include "seal/seal.h"

enum { MEDIA_SECRET_BYTES = 32, MEDIA_KEY_BYTES = 32, MEDIA_SEALED_HEADER_BYTES = 40 };

Err media_key(const u8 secret[MEDIA_SECRET_BYTES], u64 epoch, u8 stream,
              u8 key[MEDIA_KEY_BYTES]) MUST_CHECK;
/* Appends header and ciphertext; the header must already tell the ciphertext's length. */
Err media_seal(const u8 key[MEDIA_KEY_BYTES], const u8 header[MEDIA_SEALED_HEADER_BYTES],
               Span plain, Buf *out) MUST_CHECK;
/* Appends the plaintext of one whole record. ERR_CRYPTO: another key, or a changed byte. */
Err media_unseal(const u8 key[MEDIA_KEY_BYTES], Span record, Buf *out) MUST_CHECK;

#endif
