/* wakes.h - which session or attempt must be looked at when: a heap of instants. Entries are never
 * removed early; whoever pops one compares it with the box's own wake_ms. Private to the app room. */
#ifndef INVIGIL_WAKES_H
#define INVIGIL_WAKES_H

#include "base/base.h"

typedef struct Wake {
    i64 at_ms;
    u64 stream; /* stream id of the session or attempt */
} Wake;

typedef struct Wakes {
    Wake *heap;
    u32 count, cap;
} Wakes;

Err wakes_push(Wakes *w, Wake wake) MUST_CHECK;
bool wakes_pop_due(Wakes *w, i64 now_ms, Wake *out); /* the earliest, when it is due */
i64 wakes_next_ms(const Wakes *w);                   /* INT64_MAX: none */
void wakes_done(Wakes *w);

#endif
