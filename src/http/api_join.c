/* Joining a session by its code. Nobody needs an account: the seat itself is what the cookie names. */
#include <jansson.h>

#include "base/text.h"
#include "http/handlers.h"
#include "http/note.h"
#include "http/show.h"
#include "http/sign.h"

/* The session with this code, 0 after answering. Wrong codes count against the address. */
static u64 session_of_code(Call *c, Span code)
{
    Throttle *t = c->site->throttle;
    Span peer = request_client(c->site, c->request);
    if (!throttle_allows(t, 'c', peer, CODE_TRIES_MAX, c->now_ms)) {
        call_refuse(c, R_TOO_MANY_TRIES);
        return 0;
    }
    u64 session = engine_session_by_code(c->site->engine, code);
    const SessionInfo *info = session ? engine_session_info(c->site->engine, session) : NULL;
    if (info && text_equal_secret(info->code, code)) return session;
    throttle_count(t, 'c', peer, c->now_ms);
    call_refuse(c, R_CODE_UNKNOWN);
    return 0;
}

/* Somebody who has lost the browser of the exam may ask a proctor to go on in another one. */
static bool may_ask_takeover(const Attempt *a)
{
    return a->state == ATTEMPT_joined || a->state == ATTEMPT_waiting || a->state == ATTEMPT_active;
}

static void refuse_seat(Call *c, const Attempt *a)
{
    Body detail;
    body_init(&detail);
    body_open(&detail, NULL, '{');
    body_bool(&detail, "may_take_over", may_ask_takeover(a));
    body_shut(&detail, '}');
    call_refuse_detail(c, R_SEAT_IN_USE, &detail);
}

static void refuse_join(Call *c, const Session *s, Refusal why)
{
    Body detail;
    if (why == R_SESSION_FULL) why = R_CODE_FULL;
    body_init(&detail);
    body_open(&detail, NULL, '{');
    if (why == R_CODE_NOT_OPEN) {
        body_number(&detail, "opens_ms", s->opens_ms);
        body_number(&detail, "starts_ms", s->starts_ms);
    }
    body_shut(&detail, '}');
    call_refuse_detail(c, why, &detail);
}

/* Whether the sign-in that comes along holds a seat in this session already. */
static bool has_seat(const Call *c, u64 session, u64 *attempt)
{
    const Attempt *a =
        c->signed_in && c->who.attempt ? engine_attempt(c->site->engine, c->who.attempt) : NULL;
    *attempt = a ? a->id : 0;
    return a && a->session == session;
}

static void show_look(Call *c, Body *b, u64 id)
{
    const Session *s = engine_session(c->site->engine, id);
    const SessionInfo *info = engine_session_info(c->site->engine, id);
    const Paper *paper = engine_paper(c->site->engine, s->assessment);
    body_open(b, NULL, '{');
    body_number(b, "session", (i64)id);
    body_text(b, "name", info->name);
    body_text(b, "assessment_name", paper ? paper->name : SPAN_NONE);
    body_number(b, "items", s->item_count);
    body_bool(b, "needs_name", true);
    body_bool(b, "roster_only", !session_on(s, SETTING_open_to_code));
    show_session_for_candidate(c, b, id);
    body_shut(b, '}');
}

void api_join_look(Call *c)
{
    Span code;
    u64 mine;
    json_t *in = call_json(c);
    if (!in || !input_text(c, in, "code", CODE_CHARS_MAX, true, &code)) return;
    u64 id = session_of_code(c, code);
    if (!id) return;
    const Session *s = engine_session(c->site->engine, id);
    /* People on the list have a seat kept for them, so a full session is said when they join. */
    Refusal why = session_may_join(s, c->now_ms, engine_seats(c->site->engine, id), true);
    if (why != ACCEPTED && !has_seat(c, id, &mine)) {
        refuse_join(c, s, why);
        return;
    }
    Body b;
    body_init(&b);
    show_look(c, &b, id);
    call_answer(c, &b);
}

/* ---- taking a seat ---- */

typedef struct Join {
    u64 session;
    Span name, number;
    bool take_over; /* the seat is taken: a sign-in that may ask to go on with it */
} Join;

static bool seat_fits(const AttemptInfo *info, const Join *j)
{
    if (j->number.len && info->number.len) return text_equal_fold(info->number, j->number);
    return text_equal_fold(text_trim(info->name), j->name);
}

/* The seat of this person in the session: on its list, or joined before; 0: none yet. A number decides
 * where both have one, else the name; a seat that is kept free goes before one that is taken. */
static u64 find_seat(Call *c, const Join *j)
{
    const Engine *e = c->site->engine;
    u64 found = 0, id;
    for (u32 i = 0; (id = engine_attempt_at(e, j->session, i)) != 0; i++) {
        const AttemptInfo *info = engine_attempt_info(e, id);
        if (!info || !seat_fits(info, j)) continue;
        if (attempt_awaits(engine_attempt(e, id))) return id;
        if (!found) found = id;
    }
    return found;
}

static void answer_seat(Call *c, u64 attempt)
{
    const Attempt *a = engine_attempt(c->site->engine, attempt);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_number(&b, "attempt", (i64)attempt);
    body_number(&b, "session", a ? (i64)a->session : 0);
    body_shut(&b, '}');
    call_answer(c, &b);
}

static void seat_signed(Call *c)
{
    note(NOTE_INFO, "joined", "attempt=%llu", (unsigned long long)c->who.attempt);
    answer_seat(c, c->who.attempt);
}

static void join_replied(void *ctx, const Reply *r)
{
    Call *c = ctx;
    if (r->refusal != ACCEPTED) {
        /* Two devices took the same seat in the same moment. */
        call_refuse(c, r->refusal == R_NOT_NOW && c->who.attempt ? R_SEAT_IN_USE : r->refusal);
        return;
    }
    c->now_ms = site_now_ms(c->site);
    c->who.attempt = r->target;
    sign_issue(c, 0, r->target, seat_signed);
}

/* On the list, what the list says counts: spelling, number, time factor. */
static void join_ask(Call *c, const Join *j, u64 seat)
{
    Command cmd = {.kind = CMD_join};
    const Attempt *a = seat ? engine_attempt(c->site->engine, seat) : NULL;
    const AttemptInfo *info = seat ? engine_attempt_info(c->site->engine, seat) : NULL;
    cmd.join.name = info && info->name.len ? info->name : j->name;
    cmd.join.number = info && info->number.len ? info->number : j->number;
    cmd.join.factor_permille = a ? a->factor_permille : 1000;
    c->who = (Asker){.attempt = seat, .roles = BY_CANDIDATE};
    call_ask(c, seat, j->session, &cmd, join_replied);
}

/* A sign-in for a seat that another device has: all that it may do is ask. Tries are counted, since
 * each shows the proctor a request. */
static void join_beside(Call *c, const Join *j, const Attempt *a)
{
    const AttemptInfo *info = engine_attempt_info(c->site->engine, a->id);
    bool known = !info->number.len || text_equal_fold(info->number, j->number);
    if (!j->take_over || !may_ask_takeover(a) || !known) {
        refuse_seat(c, a);
        return;
    }
    throttle_count(c->site->throttle, 'c', request_client(c->site, c->request), c->now_ms);
    c->who = (Asker){.attempt = a->id, .roles = BY_CANDIDATE};
    sign_issue(c, 0, a->id, seat_signed);
}

static bool read_join(Call *c, const json_t *in, Join *j)
{
    i64 take_over = 0;
    if (!input_text(c, in, "name", NAME_BYTES_MAX, true, &j->name)) return false;
    if (!input_text(c, in, "number", NAME_BYTES_MAX, false, &j->number)) return false;
    if (json_object_get(in, "take_over") && !input_number(c, in, "take_over", 0, 1, &take_over))
        return false;
    j->take_over = take_over != 0;
    return true;
}

void api_join(Call *c)
{
    Span code;
    u64 mine;
    Join j;
    json_t *in = call_json(c);
    if (!in || !input_text(c, in, "code", CODE_CHARS_MAX, true, &code)) return;
    if (!read_join(c, in, &j)) return;
    j.session = session_of_code(c, code);
    if (!j.session) return;
    if (has_seat(c, j.session, &mine)) {
        answer_seat(c, mine);
        return;
    }
    const Session *s = engine_session(c->site->engine, j.session);
    u64 seat = find_seat(c, &j);
    const Attempt *a = seat ? engine_attempt(c->site->engine, seat) : NULL;
    if (a && !attempt_awaits(a)) {
        join_beside(c, &j, a);
        return;
    }
    Refusal why =
        session_may_join(s, c->now_ms, engine_seats(c->site->engine, j.session), a != NULL);
    if (why != ACCEPTED) refuse_join(c, s, why);
    else join_ask(c, &j, seat);
}
