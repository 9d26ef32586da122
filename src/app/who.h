/* who.h - may(who, what, on what): the single choke function for every route and every command.
 *
 * The masks come from the tables (schema/api.def, schema/attempt.def, schema/session.def); which
 * objects are somebody's own is decided here and nowhere else:
 *   session: planners and administrators of the organization; proctors and reviewers while assigned;
 *            a candidate who has an attempt in it
 *   attempt: the same through its session; a candidate only the own one. With a ratio a proctor who does
 *            not lead only the own ones, and those whom nobody looks after yet
 *   assessment: planners, administrators */
#ifndef INVIGIL_WHO_H
#define INVIGIL_WHO_H

#include "app/engine.h"

typedef enum ObjectKind {
    OBJECT_NONE,
    OBJECT_SESSION,
    OBJECT_ATTEMPT,
    OBJECT_ASSESSMENT
} ObjectKind;

/* Who may see a session and its rows, an attempt's record, its pictures. */
enum {
    SEES_SESSION = BY_PROCTOR | BY_REVIEWER | BY_PLANNER | BY_ADMINISTRATOR,
    SEES_STREAM = BY_CANDIDATE | BY_PROCTOR | BY_REVIEWER,
    SEES_MEDIA = BY_PROCTOR | BY_REVIEWER,
};

/* The role in which it is allowed (one bit; the one with most relation to the object), or 0. `allowed`
 * is the mask of the table row. Policy of the session (S2.26: proctors and extra time) is part of it. */
u8 who_may(const Engine *e, const Asker *who, u32 allowed, ObjectKind kind, u64 object);
/* For a command: by its row, with the session policy. `session` for commands that create an attempt. */
u8 who_may_command(const Engine *e, const Asker *who, const Command *c, u64 target, u64 session);

/* Whether somebody sees all candidates of a session of which something is seen. */
bool who_sees_all(const Engine *e, const Asker *who, u64 session);

/* What to answer when it was 0: not signed in, not there, or not allowed. */
Refusal who_refusal(const Engine *e, const Asker *who, const Command *c);

#endif
