/* prng.h - the only source of chance in the simulator: a seed gives the same world again. */
#ifndef INVIGIL_SIM_PRNG_H
#define INVIGIL_SIM_PRNG_H

#include "base/base.h"

typedef struct Prng {
    u64 state;
} Prng;

/* splitmix64 (public domain constants). */
static inline u64 prng_next(Prng *p)
{
    u64 x = p->state += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static inline u64 prng_below(Prng *p, u64 n)
{
    return n ? prng_next(p) % n : 0;
}
static inline i64 prng_between(Prng *p, i64 low, i64 high)
{
    return low + (i64)prng_below(p, (u64)(high - low + 1));
}
/* True once in `n` times. */
static inline bool prng_once_in(Prng *p, u64 n)
{
    return prng_below(p, n) == 0;
}
/* About `mean`, never 0: the waiting time of things that come at any moment. */
static inline i64 prng_wait(Prng *p, i64 mean)
{
    return 1 + (i64)prng_below(p, (u64)mean) +
           (prng_once_in(p, 4) ? (i64)prng_below(p, (u64)mean * 3) : 0);
}

#endif
