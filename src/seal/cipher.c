/* cipher.c - AES-256-GCM and HKDF-SHA-256 from OpenSSL: libsodium has neither everywhere, and browsers
 * have exactly these. */
#include "seal/internal.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

static OSSL_PARAM param_bytes(const char *key, Span s)
{
    /* OpenSSL wants a pointer even for nothing, and does not write through it. */
    void *p = (void *)(uintptr_t)(s.len ? s.ptr : (const u8 *)"");
    return OSSL_PARAM_construct_octet_string(key, p, s.len);
}

Err hkdf(Span secret, Span salt, Span info, u8 out[GCM_KEY_BYTES])
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t) "SHA256", 0),
        param_bytes(OSSL_KDF_PARAM_KEY, secret),
        param_bytes(OSSL_KDF_PARAM_SALT, salt),
        param_bytes(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    bool fine = ctx && EVP_KDF_derive(ctx, out, GCM_KEY_BYTES, params) == 1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return fine ? OK : ERR_CRYPTO;
}

static bool gcm_start(EVP_CIPHER_CTX *ctx, const u8 *key, const u8 *nonce, Span aad, int encrypt)
{
    int len;
    return ctx && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) == 1 &&
           (!aad.len || EVP_CipherUpdate(ctx, NULL, &len, aad.ptr, (int)aad.len) == 1);
}

Err gcm_seal(const u8 key[GCM_KEY_BYTES], const u8 nonce[GCM_NONCE_BYTES], Span aad, Span plain,
             Buf *out)
{
    if (plain.len > INT_MAX || aad.len > INT_MAX) return ERR_LIMIT;
    if (!buf_reserve(out, plain.len + GCM_TAG_BYTES)) return ERR_MEMORY;
    u8 *to = out->ptr + out->len;
    int len = 0, last = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool fine = gcm_start(ctx, key, nonce, aad, 1) &&
                (!plain.len || EVP_CipherUpdate(ctx, to, &len, plain.ptr, (int)plain.len) == 1) &&
                EVP_CipherFinal_ex(ctx, to + plain.len, &last) == 1 &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, GCM_TAG_BYTES, to + plain.len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!fine) return ERR_CRYPTO;
    out->len += plain.len + GCM_TAG_BYTES;
    return OK;
}

Err gcm_open(const u8 key[GCM_KEY_BYTES], const u8 nonce[GCM_NONCE_BYTES], Span aad, Span sealed,
             Buf *out)
{
    if (sealed.len < GCM_TAG_BYTES) return ERR_FORMAT;
    if (sealed.len > INT_MAX || aad.len > INT_MAX) return ERR_LIMIT;
    size_t n = sealed.len - GCM_TAG_BYTES;
    if (!buf_reserve(out, n + 1)) return ERR_MEMORY;
    u8 *to = out->ptr + out->len, tag[GCM_TAG_BYTES];
    memcpy(tag, sealed.ptr + n, sizeof tag);
    int len = 0, last = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool fine = gcm_start(ctx, key, nonce, aad, 0) &&
                (!n || EVP_CipherUpdate(ctx, to, &len, sealed.ptr, (int)n) == 1) &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, GCM_TAG_BYTES, tag) == 1 &&
                EVP_CipherFinal_ex(ctx, to + n, &last) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!fine) {
        seal_wipe(to, n); /* plaintext of something that is not genuine */
        return ERR_CRYPTO;
    }
    out->len += n;
    return OK;
}
