/* pack_look.h - evidence of one attempt, read from the files alone: any thread, also while the writer writes.
 * What is not durable yet may be missing. */
#ifndef INVIGIL_PACK_LOOK_H
#define INVIGIL_PACK_LOOK_H

#include "store/pack.h"

/* Calls `each` for every entry of the attempt; where a file has no index, for its records. A session without
 * files has none. */
Err pack_look(const char *folder, u64 session, u64 attempt,
              Err (*each)(void *ctx, const PackEntry *e), void *ctx) MUST_CHECK;

/* Records `from` to `upto` - 1 of one stream. */
typedef struct PackStretch {
    u64 session, attempt, epoch;
    u32 from, upto;
    u8 stream;
} PackStretch;

/* Takes the running digest (seal_fold) of the records before the stretch over it. ERR_MISSING: *at is not
 * there as it was stored; then the digest is worth nothing. */
Err pack_digest(const char *folder, const PackStretch *s, u8 digest[HASH_BYTES],
                u32 *at) MUST_CHECK;

#endif
