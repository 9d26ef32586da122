/* times.h - how long many things took: a histogram from which percentiles are read. */
#ifndef INVIGIL_BENCH_TIMES_H
#define INVIGIL_BENCH_TIMES_H

#include "base/base.h"

enum {
    TIMES_SLOTS = 100000,
    TIMES_SLOT_US = 10
}; /* up to a second; what is longer counts as one */

typedef struct Times {
    u64 count;
    u32 slots[TIMES_SLOTS];
} Times;

/* Something began at from_ns and is done now. */
void times_note(Times *t, u64 from_ns);
/* ms within which `part` (0 to 1) of them were done. */
double times_percentile(const Times *t, double part);

#endif
