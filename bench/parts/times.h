/* times.h - how long many things took: a histogram from which percentiles are read. */
#ifndef INVIGIL_BENCH_TIMES_H
#define INVIGIL_BENCH_TIMES_H

#include "base/base.h"

enum {
    TIMES_SLOTS = 1000000, /* up to 10 s; what is longer counts as that */
    TIMES_SLOT_US = 10,
};

typedef struct Times {
    u64 count;
    u32 slots[TIMES_SLOTS];
} Times;

/* Something began at from_ns and is done now. */
void times_note(Times *t, u64 from_ns);
/* ms within which `part` (0 to 1) of them were done. */
double times_percentile(const Times *t, double part);

#endif
