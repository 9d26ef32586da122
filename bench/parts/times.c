#include "bench/parts/times.h"

#include "bench/parts/talk.h"

void times_note(Times *t, u64 from_ns)
{
    u64 slot = (now_ns() - from_ns) / (TIMES_SLOT_US * 1000);
    t->slots[MIN_OF(slot, (u64)TIMES_SLOTS - 1)]++;
    t->count++;
}

double times_percentile(const Times *t, double part)
{
    u64 seen = 0, want = (u64)((double)t->count * part);
    u32 slot = 0;
    while (slot < TIMES_SLOTS && (seen += t->slots[slot]) <= want)
        slot++;
    return slot * (double)TIMES_SLOT_US / 1000;
}
