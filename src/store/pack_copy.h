/* pack_copy.h - copies evidence files while their writer may be at work: what it had written when its
 * turn came is in the copy, as closed pairs. */
#ifndef INVIGIL_PACK_COPY_H
#define INVIGIL_PACK_COPY_H

#include "base/base.h"

/* Calls `each` for all pairs of the folder, session by session; no folder: for none. Stops at the first
 * non-OK answer and returns it. */
typedef Err PackPair(void *ctx, u64 session, u32 number, u64 rec_bytes);
Err pack_pairs(const char *folder, PackPair *each, void *ctx) MUST_CHECK;
/* Copies one pair. The session's folder in `to` is made. ERR_MISSING: it was removed meanwhile. */
Err pack_copy(const char *from, const char *to, u64 session, u32 number) MUST_CHECK;

#endif
