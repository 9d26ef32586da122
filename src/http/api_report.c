/* The report of a session: for each attempt what only its events hold, in pieces, so that no reply reads
 * through the events of a whole hall. What is in the row of an attempt is not said again. */
#include "http/handlers.h"
#include "http/show.h"

#include "base/text.h"

typedef struct Given {
    i64 at_ms, ms;
    Span reason;
} Given;

/* One attempt, as its events tell it. */
typedef struct Line {
    i64 joined_ms, began_ms, over_ms;
    u8 cause; /* EndCause; 0: submitted, or not over */
    u32 factor_permille;
    u32 pauses, locks, interruptions, outages, hands, said, messaged;
    Given given[REPORT_GIVEN_MAX];
    u32 given_count;
} Line;

static void note_given(Line *l, i64 at_ms, i64 ms, Span reason)
{
    if (ms && l->given_count < REPORT_GIVEN_MAX)
        l->given[l->given_count++] = (Given){at_ms, ms, reason};
}

static void note_over(Line *l, i64 at_ms, u8 cause)
{
    l->over_ms = at_ms;
    l->cause = cause;
}

static void note_event(void *ctx, u64 ver, Span encoded)
{
    Line *l = ctx;
    Event e;
    (void)ver;
    if (event_decode(encoded, &e) != OK) return;
    switch ((u32)e.kind) {
    case EVT_invited: l->factor_permille = e.invited.factor_permille; break;
    case EVT_joined:
        l->factor_permille = e.joined.factor_permille;
        l->joined_ms = e.at_ms;
        break;
    case EVT_began: l->began_ms = e.at_ms; break;
    case EVT_submitted: note_over(l, e.at_ms, 0); break;
    case EVT_ended: note_over(l, e.at_ms, e.ended.cause); break;
    case EVT_reopened:
        note_over(l, 0, 0);
        note_given(l, e.at_ms, e.reopened.ms, e.reopened.reason);
        break;
    case EVT_paused:
    case EVT_incident_paused: l->pauses++; break;
    case EVT_locked: l->locks++; break;
    case EVT_system_paused: l->interruptions++; break;
    case EVT_disconnected: l->outages += l->began_ms && !l->over_ms; break;
    case EVT_hand_raised: l->hands++; break;
    case EVT_said: l->said++; break;
    case EVT_messaged: l->messaged++; break;
    case EVT_extended: note_given(l, e.at_ms, e.extended.ms, e.extended.reason); break;
    }
}

static void show_given(Body *b, const Line *l)
{
    body_open(b, "given", '[');
    for (u32 i = 0; i < l->given_count; i++) {
        body_open(b, NULL, '{');
        body_number(b, "at_ms", l->given[i].at_ms);
        body_number(b, "ms", l->given[i].ms);
        body_text(b, "reason", l->given[i].reason);
        body_shut(b, '}');
    }
    body_shut(b, ']');
}

/* Addresses are for those who invite. */
static void show_email(Call *c, Body *b, u64 attempt)
{
    const AttemptInfo *info = engine_attempt_info(c->site->engine, attempt);
    if (info && c->role & (BY_PLANNER | BY_ADMINISTRATOR)) body_text(b, "email", info->email);
}

static void show_line(Call *c, Body *b, u64 attempt)
{
    Line l = {.factor_permille = 1000};
    engine_read_stream(c->site->engine, stream_id(STREAM_ATTEMPT, attempt), 0, true, note_event,
                       &l);
    body_open(b, NULL, '{');
    body_number(b, "attempt", (i64)attempt);
    body_number(b, "joined_ms", l.joined_ms);
    body_number(b, "began_ms", l.began_ms);
    body_number(b, "over_ms", l.over_ms);
    body_number(b, "cause", l.cause);
    body_number(b, "factor_permille", l.factor_permille);
    body_number(b, "pauses", l.pauses);
    body_number(b, "locks", l.locks);
    body_number(b, "interruptions", l.interruptions);
    body_number(b, "outages", l.outages);
    body_number(b, "hands", l.hands);
    body_number(b, "said", l.said);
    body_number(b, "messaged", l.messaged);
    show_given(b, &l);
    show_email(c, b, attempt);
    body_shut(b, '}');
}

void api_session_report(Call *c)
{
    const Engine *e = c->site->engine;
    u32 count = engine_attempts(e, c->object, NULL, 0);
    u64 *ids = ARENA_ARRAY(c->arena, u64, count + 1);
    u64 from = 0;
    if (!ids) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    Span text = request_query(c->request, "from");
    if (text.ptr && !text_to_u64(text, &from)) {
        call_refuse_field(c, R_BAD_VALUE, "from");
        return;
    }
    engine_attempts(e, c->object, ids, count);
    u64 end = from < count ? MIN_OF(from + REPORT_LINES_MAX, (u64)count) : count;
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_open(&b, "lines", '[');
    for (u64 i = from; i < end; i++)
        show_line(c, &b, ids[i]);
    body_shut(&b, ']');
    body_number(&b, "next", end < count ? (i64)end : 0);
    body_shut(&b, '}');
    call_answer(c, &b);
}
