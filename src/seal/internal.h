/* internal.h - what the files of this room share, and what tests need to make known bytes again. */
#ifndef INVIGIL_SEAL_INTERNAL_H
#define INVIGIL_SEAL_INTERNAL_H

#include "seal/seal.h"

enum { GCM_KEY_BYTES = 32, GCM_NONCE_BYTES = 12, GCM_TAG_BYTES = 16, WRAP_SALT_BYTES = 16 };

/* HKDF-SHA-256 (RFC 5869), extract and expand, 32 bytes out. */
Err hkdf(Span secret, Span salt, Span info, u8 out[GCM_KEY_BYTES]) MUST_CHECK;
/* Appends ciphertext and tag. */
Err gcm_seal(const u8 key[GCM_KEY_BYTES], const u8 nonce[GCM_NONCE_BYTES], Span aad, Span plain,
             Buf *out) MUST_CHECK;
/* Appends the plaintext; ERR_CRYPTO, and nothing appended, when the tag does not fit. */
Err gcm_open(const u8 key[GCM_KEY_BYTES], const u8 nonce[GCM_NONCE_BYTES], Span aad, Span sealed,
             Buf *out) MUST_CHECK;

/* Ed25519 keys from their 32 byte seed. */
void sign_keys_from(const u8 seed[32], u8 public_key[SEAL_SIGN_PUBLIC_BYTES],
                    u8 secret_key[SEAL_SIGN_SECRET_BYTES]);
void box_public_from(const u8 private_key[SEAL_BOX_KEY_BYTES], u8 public_key[SEAL_BOX_KEY_BYTES]);

/* The wraps with everything given that is otherwise random or standard. */
Err wrap_to_with(const u8 public_key[SEAL_BOX_KEY_BYTES], const u8 ephemeral[SEAL_BOX_KEY_BYTES],
                 Span context, Span secret, Buf *out) MUST_CHECK;

typedef struct PassphraseCost {
    u8 salt[WRAP_SALT_BYTES];
    u8 nonce[GCM_NONCE_BYTES];
    u32 ops, mem_kib;
} PassphraseCost;
Err wrap_passphrase_with(const PassphraseCost *cost, Span passphrase, Span context, Span secret,
                         Buf *out) MUST_CHECK;

/* A note as C2SP describes it, with exactly one signature, by the key of that name. *text: what is
 * signed, with its last newline. ERR_FORMAT: no such note. ERR_CRYPTO: not signed by this key. */
void note_sign(Span text, Span name, const u8 secret_key[SEAL_SIGN_SECRET_BYTES], Buf *out);
Err note_check(Span note, Span name, const u8 public_key[SEAL_SIGN_PUBLIC_BYTES],
               Span *text) MUST_CHECK;

u32 read_u32(const u8 *p);
u64 read_u64(const u8 *p);
void write_u32(u8 *p, u32 v);
void write_u64(u8 *p, u64 v);

#endif
