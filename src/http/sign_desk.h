/* sign_desk.h - between sign.c and the store: new sign-ins on a worker thread, known ones in memory. */
#ifndef INVIGIL_HTTP_SIGN_DESK_H
#define INVIGIL_HTTP_SIGN_DESK_H

#include "http/sign.h"

/* done(c) when it is durable; else the call is answered with the fault. */
void sign_desk_store(SignDesk *d, const NewSignIn *n, Call *c, void (*done)(Call *c));
bool sign_desk_knows(SignDesk *d, const u8 hash[SEAL_HASH_BYTES], i64 now_ms, SignIn *in,
                     u32 *roles);
void sign_desk_learn(SignDesk *d, const u8 hash[SEAL_HASH_BYTES], const SignIn *in, u32 roles,
                     i64 now_ms);
void sign_desk_forget(SignDesk *d, const u8 hash[SEAL_HASH_BYTES]);

#endif
