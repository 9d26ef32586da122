/* internal.h - what the files of the rules share: attempt, attempt_decide, session. Nobody else includes
 * it. */
#ifndef INVIGIL_CORE_INTERNAL_H
#define INVIGIL_CORE_INTERNAL_H

#include "core/core.h"

/* A text of which nothing is to be seen. */
static inline bool text_blank(Span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] > ' ') return false;
    return true;
}

/* Why the clock would stand still with these holds and this connection. */
StopCause attempt_stop_cause(const Attempt *a, const Session *s, u8 holds, bool connected);
/* When its state alone demands a command of the server; see attempt_wake_ms. */
i64 attempt_state_wake_ms(const Attempt *a, const Session *s);
/* When it stands still for a lost connection and no time for that is left; NEVER_MS: it does not. */
i64 attempt_outage_spent_ms(const Attempt *a, const Session *s);
/* What has been stopped since stop_since_ms and is not yet a credited event. */
i64 attempt_pending_ms(const Attempt *a, const Session *s, i64 now_ms);

#endif
