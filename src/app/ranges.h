/* ranges.h - a set of numbers that mostly arrive in order: which records of a stream are there.
 * Private to the app room. */
#ifndef INVIGIL_RANGES_H
#define INVIGIL_RANGES_H

#include "base/base.h"

enum { RANGES_MAX = 64 }; /* holes at one time; a device that leaves more must fill some first */

typedef struct Range {
    u32 from, to; /* both inside */
} Range;

typedef struct Ranges {
    Range *items; /* ascending, never touching; NULL: empty */
    u32 count, cap;
} Ranges;

void ranges_done(Ranges *r);
bool ranges_has(const Ranges *r, u32 n);
Err ranges_add(Ranges *r, u32 n) MUST_CHECK; /* ERR_LIMIT: too many holes */
/* How many from 0 on are there without a hole. */
u32 ranges_complete(const Ranges *r);

#endif
