/* public_key.h - a server's public key as people hand it on: 43 letters of base64url. */
#ifndef INVIGIL_PUBLIC_KEY_H
#define INVIGIL_PUBLIC_KEY_H

#include "seal/seal.h"

/* False: why says so. */
bool public_key_read(const char *text, u8 key[SEAL_SIGN_PUBLIC_BYTES], char *why, size_t size);

#endif
