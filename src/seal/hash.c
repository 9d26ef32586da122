/* hash.c - SHA-256, the one thing here that is done several times for each answer. OpenSSL's is half as
 * long again as fast as libsodium's, several times where the processor knows SHA; libsodium's stands in where
 * OpenSSL has no memory, so that hashing cannot fail. */
#include "seal/internal.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>

_Static_assert(SEAL_HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

static EVP_MD *sha256;
static pthread_key_t ctx_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void ctx_free(void *ctx)
{
    EVP_MD_CTX_free(ctx);
}

static void hash_setup(void)
{
    if (pthread_key_create(&ctx_key, ctx_free) == 0) sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

/* Looking an algorithm up takes longer than hashing: each thread keeps one context. NULL: none. */
static EVP_MD_CTX *ctx_get(void)
{
    pthread_once(&once, hash_setup);
    if (!sha256) return NULL;
    EVP_MD_CTX *c = pthread_getspecific(ctx_key);
    if (c) return c;
    c = EVP_MD_CTX_new();
    if (c && EVP_DigestInit_ex2(c, sha256, NULL) == 1 && pthread_setspecific(ctx_key, c) == 0)
        return c;
    EVP_MD_CTX_free(c);
    return NULL;
}

static bool hash_openssl(Span a, Span b, u8 out[SEAL_HASH_BYTES])
{
    EVP_MD_CTX *c = ctx_get();
    return c && EVP_DigestInit_ex2(c, NULL, NULL) == 1 && EVP_DigestUpdate(c, a.ptr, a.len) == 1 &&
           (!b.len || EVP_DigestUpdate(c, b.ptr, b.len) == 1) &&
           EVP_DigestFinal_ex(c, out, NULL) == 1;
}

static void hash_sodium(Span a, Span b, u8 out[SEAL_HASH_BYTES])
{
    crypto_hash_sha256_state s;
    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, a.ptr, a.len);
    if (b.len) crypto_hash_sha256_update(&s, b.ptr, b.len);
    crypto_hash_sha256_final(&s, out);
}

/* Of both, one behind the other. `out` may lie in them. */
static void hash_two(Span a, Span b, u8 out[SEAL_HASH_BYTES])
{
    if (!hash_openssl(a, b, out)) hash_sodium(a, b, out);
}

void seal_sha256(Span in, u8 out[SEAL_HASH_BYTES])
{
    hash_two(in.len ? in : SPAN(""), SPAN_NONE, out);
}

void seal_fold(u8 digest[SEAL_HASH_BYTES], const u8 hash[SEAL_HASH_BYTES])
{
    hash_two((Span){digest, SEAL_HASH_BYTES}, (Span){hash, SEAL_HASH_BYTES}, digest);
}

void seal_chain(const u8 before[SEAL_HASH_BYTES], u64 stream, u64 ver, Span event,
                u8 out[SEAL_HASH_BYTES])
{
    u8 head[SEAL_HASH_BYTES + 16];
    memcpy(head, before, SEAL_HASH_BYTES);
    write_u64(head + SEAL_HASH_BYTES, stream);
    write_u64(head + SEAL_HASH_BYTES + 8, ver);
    hash_two((Span){head, sizeof head}, event, out);
}
