/* engine_read.c - looking at the engine's state, for http, feeds and reports. Changes nothing of the record. */
#include "app/engine_internal.h"

const Session *engine_session(const Engine *e, u64 session)
{
    const SessionBox *b = state_session(&e->state, session);
    return b ? &b->s : NULL;
}

const Attempt *engine_attempt(const Engine *e, u64 attempt)
{
    const AttemptBox *b = state_attempt(&e->state, attempt);
    return b ? &b->a : NULL;
}

const Paper *engine_paper(const Engine *e, u64 assessment)
{
    const PaperBox *b = state_paper(&e->state, assessment);
    return b && b->published ? &b->paper : NULL;
}

Span engine_paper_source(const Engine *e, u64 assessment, i64 *created_ms)
{
    const PaperBox *b = state_paper(&e->state, assessment);
    *created_ms = b ? b->created_ms : 0;
    return b ? b->source : SPAN_NONE;
}

Span engine_answer(const Engine *e, u64 attempt, u32 item)
{
    const AttemptBox *b = state_attempt(&e->state, attempt);
    const SessionBox *s = b ? state_session(&e->state, b->a.session) : NULL;
    if (!s || item == 0 || item > s->s.item_count || !b->answers[item].ver) return SPAN_NONE;
    return (Span){b->stream.bytes.ptr + b->answers[item].offset, b->answers[item].len};
}

const SessionInfo *engine_session_info(const Engine *e, u64 session)
{
    const SessionBox *b = state_session(&e->state, session);
    return b ? &b->info : NULL;
}

const AttemptInfo *engine_attempt_info(const Engine *e, u64 attempt)
{
    const AttemptBox *b = state_attempt(&e->state, attempt);
    return b ? &b->info : NULL;
}

static u32 copy_ids(const u64 *ids, u32 count, u64 *out, u32 most)
{
    if (out && count) memcpy(out, ids, MIN_OF(count, most) * sizeof(u64));
    return count;
}

u32 engine_sessions(const Engine *e, u64 *out, u32 most)
{
    return copy_ids(e->state.session_ids, e->state.session_count, out, most);
}

u32 engine_attempts(const Engine *e, u64 session, u64 *out, u32 most)
{
    const SessionBox *b = state_session(&e->state, session);
    return b ? copy_ids(b->attempts, b->attempt_count, out, most) : 0;
}

u64 engine_attempt_at(const Engine *e, u64 session, u32 n)
{
    const SessionBox *b = state_session(&e->state, session);
    return b && n < b->attempt_count ? b->attempts[n] : 0;
}

u32 engine_assessments(const Engine *e, u64 *out, u32 most)
{
    return copy_ids(e->state.paper_ids, e->state.paper_count, out, most);
}

u64 engine_session_by_code(const Engine *e, Span code)
{
    u64 found = 0;
    for (u32 i = 0; i < e->state.session_count; i++) {
        const SessionBox *b = state_session(&e->state, e->state.session_ids[i]);
        if (!span_equal(b->info.code, code)) continue;
        found = b->s.id;
        if (b->s.state == SESSION_planned || b->s.state == SESSION_running) return found;
    }
    return found;
}

u32 engine_seats(const Engine *e, u64 session)
{
    const SessionBox *b = state_session(&e->state, session);
    return b ? b->seats : 0;
}

static const Staff *find_staff(const Engine *e, u64 session, u64 user)
{
    const SessionBox *b = state_session(&e->state, session);
    for (u32 i = 0; b && i < b->staff_count; i++)
        if (b->staff[i].user == user) return &b->staff[i];
    return NULL;
}

u32 engine_assigned(const Engine *e, u64 session, u64 user)
{
    const Staff *s = user ? find_staff(e, session, user) : NULL;
    return s ? s->roles : 0;
}

bool engine_away(const Engine *e, u64 session, u64 user)
{
    const Staff *s = find_staff(e, session, user);
    return s && s->away;
}

void engine_looked(Engine *e, u64 attempt, u64 user, i64 at_ms)
{
    AttemptBox *b = state_attempt(&e->state, attempt);
    if (!b) return;
    b->looked_by = user;
    b->looked_ms = at_ms;
}

Span engine_session_key(const Engine *e, u64 session, u64 user)
{
    const Staff *s = find_staff(e, session, user);
    return s && s->roles ? s->wrapped_key : SPAN_NONE;
}

u32 engine_staff(const Engine *e, u64 session, u64 *users, u8 *roles, u32 most)
{
    const SessionBox *b = state_session(&e->state, session);
    u32 n = 0;
    for (u32 i = 0; b && i < b->staff_count; i++) {
        if (!b->staff[i].roles) continue;
        if (n < most) {
            users[n] = b->staff[i].user;
            roles[n] = b->staff[i].roles;
        }
        n++;
    }
    return n;
}

static u8 checks_passed(const Attempt *a)
{
    u8 bits = 0;
    for (u32 i = 0; i < COUNT_OF(a->check_passed); i++)
        bits |= (u8)((u32)a->check_passed[i] << i);
    return bits;
}

static void row_clock(const AttemptBox *b, const Session *s, i64 now_ms, Row *out)
{
    out->at_ms = now_ms;
    out->running = attempt_clock_runs(&b->a, s);
    out->clock_ms = attempt_left_ms(&b->a, s, now_ms);
    out->limit_ms = b->a.limit_ms;
    out->extra_ms = b->a.extra_ms;
    out->credit_ms = b->a.credit_ms;
    out->planned_ms = attempt_planned_ms(&b->a, s);
}

static void row_record(const AttemptBox *b, Row *out)
{
    const Attempt *a = &b->a;
    out->flags_open = a->flags_open;
    out->flags_total = a->flags;
    out->worst_flag = a->worst_open_flag;
    out->verdict = a->verdict;
    out->points_milli = a->points_milli;
    out->max_milli = a->max_milli;
    out->unmarked = a->unmarked;
    out->unread = a->unread;
    out->warnings = a->warnings;
    out->warnings_seen = a->warnings_seen;
}

void engine_row(const Engine *e, u64 attempt, Row *out)
{
    const AttemptBox *b = state_attempt(&e->state, attempt);
    const Attempt *a = &b->a;
    const Session *s = &state_session(&e->state, a->session)->s;
    *out = (Row){.attempt = a->id,
                 .state = (u8)a->state,
                 .holds = a->holds,
                 .connected = a->connected,
                 .since_ms = a->state_since_ms,
                 .heard_ms = a->connection_since_ms,
                 .saved_ms = a->saved_ms,
                 .answered = a->answered,
                 .marked = a->marked,
                 .items = s->item_count,
                 .admitted = a->admitted,
                 .lost_tracks = a->lost_tracks,
                 .checks_passed = checks_passed(a),
                 .hand_ms = a->hand_ms,
                 .pause_asked_ms = a->pause_asked_ms,
                 .ready_ms = a->ready_ms,
                 .takeover_asked_ms = a->takeover_asked_ms,
                 .wants_device = a->wants_device,
                 .proofs = a->proofs,
                 .checkin_by = a->checkin_by,
                 .checkin_ms = a->checkin_ms,
                 .set_aside = b->set_aside,
                 .proctor = a->proctor,
                 .claimed_by = a->claimed_by,
                 .claimed_ms = a->claimed_ms,
                 .looked_by = b->looked_by,
                 .looked_ms = b->looked_ms,
                 .ver = b->stream.ver,
                 .name = b->info.name,
                 .number = b->info.number,
                 .hold_reason = b->info.hold_reason};
    row_clock(b, s, e->now_ms, out);
    row_record(b, out);
}

static Stream *find_stream(const Engine *e, u64 stream)
{
    u64 id = stream_object(stream);
    switch (stream_kind(stream)) {
    case STREAM_SERVER: return NULL; /* of no interest to people */
    case STREAM_SESSION: {
        SessionBox *b = state_session(&e->state, id);
        return b ? &b->stream : NULL;
    }
    case STREAM_ATTEMPT: {
        AttemptBox *b = state_attempt(&e->state, id);
        return b ? &b->stream : NULL;
    }
    case STREAM_ASSESSMENT: {
        PaperBox *b = state_paper(&e->state, id);
        return b ? &b->stream : NULL;
    }
    }
    return NULL;
}

u32 engine_read_stream(const Engine *e, u64 stream, u64 after, bool to_staff,
                       void (*each)(void *ctx, u64 ver, Span encoded), void *ctx)
{
    const Stream *s = find_stream(e, stream);
    u32 visited = 0;
    for (u64 v = after + 1; s && v <= s->durable_ver; v++, visited++) {
        Span encoded = stream_event(s, v);
        u32 kind = encoded.ptr[0] | (u32)encoded.ptr[1] << 8;
        bool hidden = !to_staff && event_audience((EventKind)kind) == TO_STAFF;
        each(ctx, v, hidden ? SPAN_NONE : encoded);
    }
    return visited;
}

u64 engine_stream_version(const Engine *e, u64 stream)
{
    const Stream *s = find_stream(e, stream);
    return s ? s->durable_ver : 0;
}

bool engine_state_durable(const Engine *e, u64 attempt)
{
    const AttemptBox *b = state_attempt(&e->state, attempt);
    return b && b->stream.durable_ver >= b->state_ver;
}

bool engine_settled(const Engine *e, u64 attempt)
{
    const AttemptBox *b = state_attempt(&e->state, attempt);
    return b && b->stream.durable_ver == b->stream.ver;
}

bool engine_broken(const Engine *e)
{
    return e->broken;
}

u64 engine_submitted(const Engine *e)
{
    return e->submitted;
}

i64 engine_wake_ms(const Engine *e)
{
    return wakes_next_ms(&e->wakes);
}

i64 engine_now_ms(const Engine *e)
{
    return e->now_ms;
}

u32 engine_set_aside(const Engine *e, SetAside *out, u32 most)
{
    for (u32 i = 0; i < MIN_OF(e->state.aside_count, most); i++) {
        const Aside *a = &e->state.aside[i];
        out[i] = (SetAside){a->attempt, a->ver, a->why};
    }
    return e->state.aside_count;
}

EngineCounts engine_counts(const Engine *e)
{
    EngineCounts c = e->counts;
    u64 id;
    void *box;
    c.sessions = e->state.session_count;
    c.set_aside = e->state.aside_count;
    for (size_t at = 0; map_next(&e->state.attempts, &at, &id, &box);) {
        const AttemptBox *b = box;
        c.attempts++;
        c.active += b->a.state == ATTEMPT_active;
    }
    return c;
}
