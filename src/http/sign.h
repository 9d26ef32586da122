/* sign.h - the sign-in cookie: 32 random bytes, of which the store has only the SHA-256. */
#ifndef INVIGIL_HTTP_SIGN_H
#define INVIGIL_HTTP_SIGN_H

#include "http/call.h"

/* Browsers count plain HTTP on a loopback address as secure and keep this cookie there too. */
#define SIGN_COOKIE "__Host-invigil"

/* SignDesk writes new sign-ins on a worker thread, many in one transaction, and knows the latest ones. */
SignDesk *sign_desk_open(Loop *loop, const char *people_path, char *why, size_t size);
void sign_desk_close(SignDesk *d); /* after the loop has ended */

/* Who the cookie of a request says it is. False: nobody, or a sign-in that is over. */
bool sign_read(Site *s, const Request *r, i64 now_ms, Arena *a, Asker *who,
               u8 token_hash[SEAL_HASH_BYTES], i64 *expires_ms);
/* A candidate's device is its sign-in: a number of it that browsers can hold. */
u64 sign_device(const u8 token_hash[SEAL_HASH_BYTES]);
/* Makes a sign-in and the cookie for the answer of c; done(c) comes when it is stored, and only then.
 * On failure the call was answered instead. */
void sign_issue(Call *c, u64 user, u64 attempt, void (*done)(Call *c));
/* Ends the sign-in of c: the store forgets it, its live sockets are closed, the cookie is cleared. */
Err sign_end(Call *c) MUST_CHECK;

#endif
