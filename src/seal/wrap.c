/* wrap.c - secrets wrapped to a public key or by a passphrase. The forms stand in seal.h and, for the
 * browser side, in docs/reference/keys.md. */
#include "base/limits.h"
#include "seal/internal.h"

#include <sodium.h>

enum {
    WRAP_VERSION = 1,
    WRAP_HEAD_BYTES = 1 + SEAL_BOX_KEY_BYTES,
    PASSPHRASE_HEAD_BYTES = 1 + WRAP_SALT_BYTES + 4 + 4 + GCM_NONCE_BYTES,
};

_Static_assert(SEAL_BOX_KEY_BYTES == crypto_scalarmult_BYTES, "X25519");
_Static_assert(WRAP_SALT_BYTES == crypto_pwhash_SALTBYTES, "Argon2id");

/* Zero is right where a key is used for one message only. */
static const u8 NONCE_ZERO[GCM_NONCE_BYTES];

void seal_box_keys(u8 public_key[SEAL_BOX_KEY_BYTES], u8 private_key[SEAL_BOX_KEY_BYTES])
{
    seal_random(private_key, SEAL_BOX_KEY_BYTES);
    box_public_from(private_key, public_key);
}

void box_public_from(const u8 private_key[SEAL_BOX_KEY_BYTES], u8 public_key[SEAL_BOX_KEY_BYTES])
{
    int failed = crypto_scalarmult_base(public_key, private_key);
    ASSERT(!failed);
}

/* `own` private times `other` public; `ephemeral` and `recipient` are the public keys of both sides. */
static Err wrap_key(const u8 *own, const u8 *other, const u8 *ephemeral, const u8 *recipient,
                    u8 key[GCM_KEY_BYTES])
{
    u8 shared[SEAL_BOX_KEY_BYTES], salt[2 * SEAL_BOX_KEY_BYTES];
    if (crypto_scalarmult(shared, own, other)) return ERR_CRYPTO; /* a point of small order */
    memcpy(salt, ephemeral, SEAL_BOX_KEY_BYTES);
    memcpy(salt + SEAL_BOX_KEY_BYTES, recipient, SEAL_BOX_KEY_BYTES);
    Err err = hkdf((Span){shared, sizeof shared}, (Span){salt, sizeof salt},
                   SPAN("invigil wrap v1"), key);
    seal_wipe(shared, sizeof shared);
    return err;
}

Err wrap_to_with(const u8 public_key[SEAL_BOX_KEY_BYTES], const u8 ephemeral[SEAL_BOX_KEY_BYTES],
                 Span context, Span secret, Buf *out)
{
    u8 key[GCM_KEY_BYTES], head[WRAP_HEAD_BYTES] = {WRAP_VERSION};
    if (crypto_scalarmult_base(head + 1, ephemeral)) return ERR_CRYPTO;
    Err err = wrap_key(ephemeral, public_key, head + 1, public_key, key);
    if (err) return err;
    size_t before = out->len;
    buf_put(out, head, sizeof head);
    err = out->failed ? ERR_MEMORY : gcm_seal(key, NONCE_ZERO, context, secret, out);
    if (err) out->len = before;
    seal_wipe(key, sizeof key);
    return err;
}

Err seal_wrap_to(const u8 public_key[SEAL_BOX_KEY_BYTES], Span context, Span secret, Buf *out)
{
    u8 ephemeral[SEAL_BOX_KEY_BYTES];
    seal_random(ephemeral, sizeof ephemeral);
    Err err = wrap_to_with(public_key, ephemeral, context, secret, out);
    seal_wipe(ephemeral, sizeof ephemeral);
    return err;
}

Err seal_unwrap(const u8 private_key[SEAL_BOX_KEY_BYTES], Span context, Span wrapped, Buf *out)
{
    if (wrapped.len < WRAP_HEAD_BYTES + GCM_TAG_BYTES || wrapped.ptr[0] != WRAP_VERSION)
        return ERR_FORMAT;
    const u8 *ephemeral = wrapped.ptr + 1;
    u8 key[GCM_KEY_BYTES], own_public[SEAL_BOX_KEY_BYTES];
    if (crypto_scalarmult_base(own_public, private_key)) return ERR_CRYPTO;
    Err err = wrap_key(private_key, ephemeral, ephemeral, own_public, key);
    if (err) return err;
    Span sealed = {wrapped.ptr + WRAP_HEAD_BYTES, wrapped.len - WRAP_HEAD_BYTES};
    err = gcm_open(key, NONCE_ZERO, context, sealed, out);
    seal_wipe(key, sizeof key);
    return err;
}

static Err passphrase_key(Span passphrase, const u8 *salt, u32 ops, u32 mem_kib,
                          u8 key[GCM_KEY_BYTES])
{
    if (ops < 1 || ops > WRAP_OPS_MAX || mem_kib < 8 || mem_kib > WRAP_MEM_KIB_MAX)
        return ERR_FORMAT;
    const char *text = passphrase.len ? (const char *)passphrase.ptr : "";
    return crypto_pwhash(key, GCM_KEY_BYTES, text, passphrase.len, salt, ops,
                         (size_t)mem_kib * 1024, crypto_pwhash_ALG_ARGON2ID13)
               ? ERR_MEMORY
               : OK;
}

Err wrap_passphrase_with(const PassphraseCost *cost, Span passphrase, Span context, Span secret,
                         Buf *out)
{
    u8 key[GCM_KEY_BYTES];
    Err err = passphrase_key(passphrase, cost->salt, cost->ops, cost->mem_kib, key);
    if (err) return err;
    size_t before = out->len;
    buf_u8(out, WRAP_VERSION);
    buf_put(out, cost->salt, sizeof cost->salt);
    buf_u32(out, cost->ops);
    buf_u32(out, cost->mem_kib);
    buf_put(out, cost->nonce, sizeof cost->nonce);
    err = out->failed ? ERR_MEMORY : gcm_seal(key, cost->nonce, context, secret, out);
    if (err) out->len = before;
    seal_wipe(key, sizeof key);
    return err;
}

Err seal_wrap_passphrase(Span passphrase, Span context, Span secret, Buf *out)
{
    PassphraseCost cost = {.ops = WRAP_OPS, .mem_kib = WRAP_MEM_KIB};
    seal_random(cost.salt, sizeof cost.salt);
    seal_random(cost.nonce, sizeof cost.nonce);
    return wrap_passphrase_with(&cost, passphrase, context, secret, out);
}

Err seal_unwrap_passphrase(Span passphrase, Span context, Span wrapped, Buf *out)
{
    if (wrapped.len < PASSPHRASE_HEAD_BYTES + GCM_TAG_BYTES || wrapped.ptr[0] != WRAP_VERSION)
        return ERR_FORMAT;
    const u8 *salt = wrapped.ptr + 1, *costs = salt + WRAP_SALT_BYTES;
    u8 key[GCM_KEY_BYTES];
    Err err = passphrase_key(passphrase, salt, read_u32(costs), read_u32(costs + 4), key);
    if (err) return err;
    Span sealed = {wrapped.ptr + PASSPHRASE_HEAD_BYTES, wrapped.len - PASSPHRASE_HEAD_BYTES};
    err = gcm_open(key, costs + 8, context, sealed, out);
    seal_wipe(key, sizeof key);
    return err;
}
