#include "base/clock.h"

#include "base/plants.h"

void clock_set(Clock *c, i64 boot_ms, i64 now_ms)
{
    *c = (Clock){now_ms - boot_ms, boot_ms, true};
}

i64 clock_now_ms(Clock *c, i64 boot_ms, i64 wall_ms)
{
    i64 most = (boot_ms - c->followed_ms) / CLOCK_FOLLOWS_ONE_IN;
    if (PLANTED(clock_follows_wall)) return wall_ms;
    if (!c->is_set) clock_set(c, boot_ms, wall_ms);
    else if (most > 0) {
        i64 off = wall_ms - boot_ms - c->ahead_ms;
        c->ahead_ms += MAX_OF(-most, MIN_OF(most, off));
        c->followed_ms = boot_ms;
    }
    return boot_ms + c->ahead_ms;
}
