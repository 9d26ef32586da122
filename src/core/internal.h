/* internal.h - what the files of the rules share: attempt, attempt_decide, attempt_door, attempt_staff,
 * session. Nobody else includes it. */
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

/* Texts that a person writes: there, and not too long. */
static inline Refusal check_text(Span s, bool needed)
{
    if (s.len > TEXT_BYTES_MAX) return R_TOO_LARGE;
    return needed && text_blank(s) ? R_REASON_NEEDED : ACCEPTED;
}

/* One question to the rules. */
typedef struct Ask {
    const Attempt *a;
    const Session *s;
    u8 role;
    u64 actor;
    i64 now_ms;
    Events *out;
} Ask;

static inline Event *emit(const Ask *k, EventKind kind)
{
    ASSERT(k->out->count < EVENTS_PER_COMMAND_MAX);
    Event *e = &k->out->event[k->out->count++];
    memset(e, 0, sizeof *e);
    e->kind = kind;
    return e;
}

static inline Refusal emit_only(const Ask *k, EventKind kind)
{
    emit(k, kind);
    return ACCEPTED;
}

/* Before holds or connection change: writes down what the clock stood still for until now. */
void settle_clock(const Ask *k, u8 holds_after, bool connected_after);
/* At the end of an exam: the same, whatever comes after. */
void settle_for_good(const Ask *k);
/* The commands of attempt_staff.c; R_MALFORMED: none of them. */
Refusal decide_of_staff(const Ask *k, const Command *c);
/* Commands without fields have functions without a second parameter. */
// clang-format off
#define WITH(name) case CMD_##name: return decide_##name(k, &c->name);
#define BARE(name) case CMD_##name: return decide_##name(k);
// clang-format on

/* R_CHECKIN_TAKEN while another proctor checks this person in. */
Refusal attempt_check_checkin(const Ask *k);
/* R_MALFORMED: not a command of the door. */
Refusal attempt_decide_door(const Ask *k, const Command *c);

/* Why the clock would stand still with these holds and this connection. */
StopCause attempt_stop_cause(const Attempt *a, const Session *s, u8 holds, bool connected);
/* When its state alone demands a command of the server; see attempt_wake_ms. */
i64 attempt_state_wake_ms(const Attempt *a, const Session *s);
/* When it stands still for a lost connection and no time for that is left; NEVER_MS: it does not. */
i64 attempt_outage_spent_ms(const Attempt *a, const Session *s);
/* What has been stopped since stop_since_ms and is not yet a credited event. */
i64 attempt_pending_ms(const Attempt *a, const Session *s, i64 now_ms);

#endif
