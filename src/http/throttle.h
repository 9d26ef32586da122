/* throttle.h - counts failed tries per key (an account, an address) in a window of time. A fixed
 * table: when it is full, the oldest count gives way, so that nobody can make it grow. */
#ifndef INVIGIL_HTTP_THROTTLE_H
#define INVIGIL_HTTP_THROTTLE_H

#include "base/base.h"

typedef struct Throttle Throttle;

Throttle *throttle_open(i64 window_ms); /* NULL: out of memory */
void throttle_close(Throttle *t);
/* May the key try once more? `kind` keeps keys of different sorts apart. */
bool throttle_allows(const Throttle *t, char kind, Span key, u32 most, i64 now_ms);
void throttle_count(Throttle *t, char kind, Span key, i64 now_ms); /* a failed try */
void throttle_take_back(Throttle *t, char kind, Span key); /* that try did not fail after all */
void throttle_forget(Throttle *t, char kind, Span key);    /* nor do the ones before it count */

#endif
