#include "cmd/public_key.h"

#include <stdio.h>

#include "base/text.h"

bool public_key_read(const char *text, u8 key[SEAL_SIGN_PUBLIC_BYTES], char *why, size_t size)
{
    size_t len = 0;
    if (text_from_base64url(span_of(text), key, SEAL_SIGN_PUBLIC_BYTES, &len) &&
        len == SEAL_SIGN_PUBLIC_BYTES) {
        return true;
    }
    snprintf(why, size, "--public is no key: 43 letters of base64url, as /api/server shows it.");
    return false;
}
