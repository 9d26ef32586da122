/* media_key.c - see media_key.h. */
#include "seal/media_key.h"

#include "seal/internal.h"

enum { SEQ_AT = 4 }; /* of the record header, see app/media.h */

Err media_key(const u8 secret[MEDIA_SECRET_BYTES], u64 epoch, u8 stream, u8 key[MEDIA_KEY_BYTES])
{
    u8 salt[8], info[7] = {'s', 't', 'r', 'e', 'a', 'm', stream};
    write_u64(salt, epoch);
    return hkdf((Span){secret, MEDIA_SECRET_BYTES}, (Span){salt, sizeof salt},
                (Span){info, sizeof info}, key);
}

/* Unique because the key belongs to one epoch and stream, and seq counts in it. */
static void media_nonce(const u8 *header, u8 nonce[GCM_NONCE_BYTES])
{
    memset(nonce, 0, GCM_NONCE_BYTES);
    memcpy(nonce + 8, header + SEQ_AT, 4);
}

Err media_seal(const u8 key[MEDIA_KEY_BYTES], const u8 header[MEDIA_SEALED_HEADER_BYTES],
               Span plain, Buf *out)
{
    u8 nonce[GCM_NONCE_BYTES];
    media_nonce(header, nonce);
    size_t before = out->len;
    buf_put(out, header, MEDIA_SEALED_HEADER_BYTES);
    if (out->failed) return ERR_MEMORY;
    Err err = gcm_seal(key, nonce, (Span){header, MEDIA_SEALED_HEADER_BYTES}, plain, out);
    if (err) out->len = before;
    return err;
}

Err media_unseal(const u8 key[MEDIA_KEY_BYTES], Span record, Buf *out)
{
    if (record.len < MEDIA_SEALED_HEADER_BYTES + GCM_TAG_BYTES) return ERR_FORMAT;
    u8 nonce[GCM_NONCE_BYTES];
    media_nonce(record.ptr, nonce);
    return gcm_open(
        key, nonce, (Span){record.ptr, MEDIA_SEALED_HEADER_BYTES},
        (Span){record.ptr + MEDIA_SEALED_HEADER_BYTES, record.len - MEDIA_SEALED_HEADER_BYTES},
        out);
}
