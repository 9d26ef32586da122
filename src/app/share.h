/* share.h - who looks after whom in a session with a ratio: candidates are given to its proctors by load,
 * when they join and when their proctor goes, and stay there until somebody hands them over. Private to
 * the app room.
 *
 * More candidates than the ratio foresees are shared all the same: nobody sits an exam that no person
 * looks after. Leads get candidates only when nobody else is there. */
#ifndef INVIGIL_SHARE_H
#define INVIGIL_SHARE_H

#include "app/engine_internal.h"

/* After an attempt or its session changed: who is present and has nobody gets somebody. */
void share_attempt(Engine *e, AttemptBox *b);
/* What of a command concerns people whom the rules of the core do not know. Who hands over to nobody in
 * particular (0) lets it be the one with the fewest. */
Refusal share_choose(const SessionBox *b, const Attempt *a, Command *c);
Refusal share_check_session(const SessionBox *b, u64 user, u8 role, const Command *c);

#endif
