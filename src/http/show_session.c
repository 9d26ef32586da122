#include "app/who.h"
#include "http/show.h"

typedef struct Counts {
    u32 candidates, joined, waiting, active, complete, disconnected, flags_open, to_review;
} Counts;

static void count_attempt(Counts *n, const Attempt *a)
{
    n->candidates++;
    n->joined += a->state >= ATTEMPT_joined && a->state <= ATTEMPT_ended;
    n->waiting += a->state == ATTEMPT_waiting;
    n->active += a->state == ATTEMPT_active;
    n->complete += attempt_is_over(a) && a->began_ms != 0;
    n->disconnected += (a->state == ATTEMPT_waiting || a->state == ATTEMPT_active) && !a->connected;
    n->flags_open += a->flags_open;
    n->to_review += attempt_is_over(a) && (a->began_ms || a->flags) && a->verdict == OUTCOME_NONE;
}

static Counts session_counts(Call *c, u64 session)
{
    Counts n = {0};
    const Engine *e = c->site->engine;
    u32 count = engine_attempts(e, session, NULL, 0);
    u64 *ids = count ? ARENA_ARRAY(c->arena, u64, count) : NULL;
    if (!ids) return n;
    engine_attempts(e, session, ids, count);
    for (u32 i = 0; i < count; i++) {
        const Attempt *a = engine_attempt(e, ids[i]);
        if (a) count_attempt(&n, a);
    }
    return n;
}

static void show_counts(Call *c, Body *b, u64 session)
{
    Counts n = session_counts(c, session);
    body_number(b, "candidates", n.candidates);
    body_number(b, "joined", n.joined);
    body_number(b, "waiting", n.waiting);
    body_number(b, "active", n.active);
    body_number(b, "complete", n.complete);
    body_number(b, "disconnected", n.disconnected);
    body_number(b, "flags_open", n.flags_open);
    body_number(b, "to_review", n.to_review);
}

static void show_times(Body *b, const Session *s)
{
    body_number(b, "opens_ms", s->opens_ms);
    body_number(b, "starts_ms", s->starts_ms);
    body_number(b, "duration_ms", s->duration_ms);
}

void show_session(Call *c, Body *b, u64 session, bool whole)
{
    const Engine *e = c->site->engine;
    const Session *s = engine_session(e, session);
    const SessionInfo *info = engine_session_info(e, session);
    const Paper *paper = s ? engine_paper(e, s->assessment) : NULL;
    if (!s || !info) return;
    u32 mine = engine_assigned(e, session, c->who.user);
    mine |= c->who.roles & (BY_PLANNER | BY_ADMINISTRATOR);
    body_open(b, NULL, '{');
    body_number(b, "session", (i64)session);
    body_text(b, "name", info->name);
    body_text(b, "code", info->code);
    body_text(b, "state", span_of(session_state_name(s->state)));
    body_number(b, "assessment", (i64)s->assessment);
    body_text(b, "assessment_name", paper ? paper->name : SPAN_NONE);
    show_times(b, s);
    body_number(b, "started_ms", s->started_ms);
    body_number(b, "ended_ms", s->ended_ms);
    show_counts(c, b, session);
    show_roles(b, "my_roles", mine);
    show_staff(c, b, "staff", session);
    if (whole) {
        show_settings(b, "settings", s);
        body_binary(b, "public_key", info->public_key);
        body_number(b, "roster_count", engine_attempts(e, session, NULL, 0));
    }
    body_shut(b, '}');
}

void show_session_for_candidate(Call *c, Body *b, u64 session)
{
    const Session *s = engine_session(c->site->engine, session);
    const SessionInfo *info = engine_session_info(c->site->engine, session);
    if (!s || !info) return;
    show_times(b, s);
    body_text(b, "state", span_of(session_state_name(s->state)));
    show_settings(b, "settings", s);
    body_number(b, "disclosure", session_disclosure(s));
    body_binary(b, "public_key", info->public_key);
    show_staff(c, b, "staff", session);
    body_binary(b, "sign_public", (Span){c->site->sign_public, SEAL_SIGN_PUBLIC_BYTES});
    body_text(b, "organization", span_of(c->site->organization));
}
