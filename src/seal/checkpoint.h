/* checkpoint.h - the root of a tree of hashes, signed, as text that other programs can read too: a
 * tlog-checkpoint in a signed-note, as c2sp.org describes both.
 *
 *   ORIGIN                    which tree this is; also the name of the key
 *   SIZE                      number of leaves
 *   BASE64(root)
 *
 *   — ORIGIN BASE64(first 4 bytes of SHA-256(ORIGIN, 0x0a, 0x01, public key), Ed25519 signature)
 *
 * Of one origin only one checkpoint is ever signed, so that no two can contradict each other. */
#ifndef INVIGIL_CHECKPOINT_H
#define INVIGIL_CHECKPOINT_H

#include "seal/seal.h"

typedef struct Checkpoint {
    Span origin; /* no blank, no plus, no control character; CHECKPOINT_ORIGIN_BYTES_MAX */
    u64 size;
    u8 root[SEAL_HASH_BYTES];
} Checkpoint;

enum { CHECKPOINT_ORIGIN_BYTES_MAX = 128 };

/* Appends it. */
void checkpoint_sign(const Checkpoint *c, const u8 secret_key[SEAL_SIGN_SECRET_BYTES], Buf *out);
/* ERR_FORMAT: not exactly such a text. ERR_CRYPTO: not signed by this key. The origin points into it. */
Err checkpoint_check(Span text, const u8 public_key[SEAL_SIGN_PUBLIC_BYTES],
                     Checkpoint *out) MUST_CHECK;

#endif
