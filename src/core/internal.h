/* internal.h - what the two halves of the attempt (decide and apply) share. Nobody else includes it. */
#ifndef INVIGIL_CORE_INTERNAL_H
#define INVIGIL_CORE_INTERNAL_H

#include "core/core.h"

/* Why the clock would stand still with these holds and this connection. */
StopCause attempt_stop_cause(const Attempt *a, const Session *s, u8 holds, bool connected);
/* What has been stopped since stop_since_ms and is not yet a credited event. */
i64 attempt_pending_ms(const Attempt *a, const Session *s, i64 now_ms);

#endif
