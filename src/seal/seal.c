/* seal.c - random bytes, passwords and the signing key, all from libsodium. */
#include "seal/internal.h"

#include <sodium.h>

_Static_assert(SEAL_SIGN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
_Static_assert(SEAL_SIGN_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519");
_Static_assert(SEAL_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519");
_Static_assert(SEAL_PASSWORD_TEXT_BYTES == crypto_pwhash_STRBYTES, "Argon2id text");

Err seal_init(void)
{
    return sodium_init() < 0 ? ERR_CRYPTO : OK;
}

void seal_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

void seal_wipe(void *p, size_t len)
{
    sodium_memzero(p, len);
}

/* The library declares its pointers as never NULL, an empty span may be. */
static const char *chars_of(Span s)
{
    return s.len ? (const char *)s.ptr : "";
}

Err seal_password_hash(Span password, char out[SEAL_PASSWORD_TEXT_BYTES])
{
    char text[SEAL_PASSWORD_TEXT_BYTES];
    if (crypto_pwhash_str_alg(text, chars_of(password), password.len,
                              crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13))
        return ERR_MEMORY;
    memcpy(out, text, sizeof text);
    return OK;
}

bool seal_password_fits(Span password, const char *stored)
{
    /* The library reads a buffer of full size, the caller may hold a shorter text. */
    char text[SEAL_PASSWORD_TEXT_BYTES] = {0};
    size_t len = strnlen(stored, sizeof text);
    if (len == 0 || len >= sizeof text) return false;
    memcpy(text, stored, len);
    return crypto_pwhash_str_verify(text, chars_of(password), password.len) == 0;
}

void seal_sign_keys(u8 public_key[SEAL_SIGN_PUBLIC_BYTES], u8 secret_key[SEAL_SIGN_SECRET_BYTES])
{
    int failed = crypto_sign_keypair(public_key, secret_key);
    ASSERT(!failed);
}

void sign_keys_from(const u8 seed[32], u8 public_key[SEAL_SIGN_PUBLIC_BYTES],
                    u8 secret_key[SEAL_SIGN_SECRET_BYTES])
{
    int failed = crypto_sign_seed_keypair(public_key, secret_key, seed);
    ASSERT(!failed);
}

void seal_sign(const u8 secret_key[SEAL_SIGN_SECRET_BYTES], Span message,
               u8 signature[SEAL_SIGNATURE_BYTES])
{
    int failed = crypto_sign_detached(signature, NULL, message.ptr, message.len, secret_key);
    ASSERT(!failed);
}

bool seal_verify(const u8 public_key[SEAL_SIGN_PUBLIC_BYTES], Span message,
                 const u8 signature[SEAL_SIGNATURE_BYTES])
{
    return crypto_sign_verify_detached(signature, message.ptr, message.len, public_key) == 0;
}

u32 read_u32(const u8 *p)
{
    return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

u64 read_u64(const u8 *p)
{
    return read_u32(p) | (u64)read_u32(p + 4) << 32;
}

void write_u32(u8 *p, u32 v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (u8)(v >> 8 * i);
}

void write_u64(u8 *p, u64 v)
{
    write_u32(p, (u32)v);
    write_u32(p + 4, (u32)(v >> 32));
}
