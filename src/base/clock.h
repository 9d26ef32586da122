/* clock.h - the time of the exams: the system's clock as it was at first, going on with the time since
 * boot. When somebody sets the system's clock, ours follows by one thousandth at most, so that no exam
 * ends early or late by it. Reads no clock itself: both times come in. */
#ifndef INVIGIL_CLOCK_H
#define INVIGIL_CLOCK_H

#include "base/base.h"

enum { CLOCK_FOLLOWS_ONE_IN = 1000 };

typedef struct Clock {
    i64 ahead_ms; /* of the time since boot */
    i64 followed_ms;
    bool is_set;
} Clock;

/* It is now_ms: goes on from there, whatever the system's clock says. */
void clock_set(Clock *c, i64 boot_ms, i64 now_ms);
/* A zeroed Clock takes wall_ms as it is. Never goes back while boot_ms does not. */
i64 clock_now_ms(Clock *c, i64 boot_ms, i64 wall_ms);

#endif
