/* What staff read of one attempt: state, events, paper with keys, evidence. */
#include "base/text.h"
#include "http/handlers.h"
#include "http/live.h"
#include "http/note.h"
#include "http/show.h"
#include "store/pack_form.h"

/* ---- checks ---- */

typedef struct CheckLine {
    i64 at_ms;
    u8 outcome;
    Span detail;
} CheckLine;
enum { CHECK_KINDS = 64 };

static void scan_check(void *ctx, u64 ver, Span encoded)
{
    CheckLine *lines = ctx;
    Event e;
    (void)ver;
    if (event_decode(encoded, &e) != OK || e.kind != EVT_check_reported) return;
    if (e.check_reported.check >= CHECK_KINDS) return;
    lines[e.check_reported.check] = (CheckLine){
        .at_ms = e.at_ms, .outcome = e.check_reported.outcome, .detail = e.check_reported.detail};
}

static void show_checks(Call *c, Body *b)
{
    CheckLine lines[CHECK_KINDS] = {0};
    engine_read_stream(c->site->engine, stream_id(STREAM_ATTEMPT, c->object), 0, true, scan_check,
                       lines);
    body_open(b, "checks", '[');
    for (u32 i = 0; i < CHECK_KINDS; i++) {
        if (!lines[i].at_ms) continue;
        body_open(b, NULL, '{');
        body_number(b, "check", i);
        body_number(b, "outcome", lines[i].outcome);
        body_text(b, "detail", lines[i].detail);
        body_number(b, "at_ms", lines[i].at_ms);
        body_shut(b, '}');
    }
    body_shut(b, ']');
}

static void show_health(const Call *c, Body *b)
{
    u32 round_trip_ms = 0, backlog_kb = 0;
    i64 at_ms = 0;
    live_health(c->site, c->object, &round_trip_ms, &backlog_kb, &at_ms);
    body_open(b, "health", '{');
    body_number(b, "at_ms", at_ms);
    body_number(b, "round_trip_ms", round_trip_ms);
    body_number(b, "backlog_kb", backlog_kb);
    body_shut(b, '}');
}

void api_attempt_show(Call *c)
{
    const Engine *e = c->site->engine;
    const Attempt *a = engine_attempt(e, c->object);
    const Session *s = a ? engine_session(e, a->session) : NULL;
    const SessionInfo *info = a ? engine_session_info(e, a->session) : NULL;
    if (!s || !info) {
        call_refuse(c, R_NOT_FOUND);
        return;
    }
    Row row = {0};
    engine_row(e, a->id, &row);
    i64 deadline_ms = attempt_deadline_ms(a, s, c->now_ms);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    show_row(&b, "row", &row);
    body_text(&b, "email", engine_attempt_info(e, a->id)->email);
    body_number(&b, "session", (i64)a->session);
    body_text(&b, "session_name", info->name);
    body_number(&b, "deadline_ms", deadline_ms == NEVER_MS ? 0 : deadline_ms);
    show_checks(c, &b);
    show_health(c, &b);
    show_settings(&b, "settings", s);
    body_shut(&b, '}');
    call_answer(c, &b);
}

/* ---- events ---- */

typedef struct EventList {
    Call *call;
    Body *body;
    u64 actor; /* whose name is in `name` */
    bool named;
    Span name;
} EventList;

static Span actor_name(EventList *list, const Event *e)
{
    Call *c = list->call;
    User user;
    if (e->role == BY_SERVER || !e->actor) return SPAN_NONE;
    if (e->role == BY_CANDIDATE) {
        const AttemptInfo *info = engine_attempt_info(c->site->engine, c->object);
        return info ? info->name : SPAN_NONE;
    }
    if (list->named && list->actor == e->actor) return list->name;
    bool known = people_by_id(c->site->people, e->actor, c->arena, &user) == OK;
    list->named = true;
    list->actor = e->actor;
    list->name = known ? user.name : SPAN_NONE;
    return list->name;
}

static void show_event(void *ctx, u64 ver, Span encoded)
{
    EventList *list = ctx;
    Body *b = list->body;
    Event e;
    Buf json;
    if (event_decode(encoded, &e) != OK) return;
    buf_init(&json, (size_t)EVENT_BYTES_MAX * 8);
    event_json(&json, &e);
    body_open(b, NULL, '{');
    body_number(b, "ver", (i64)ver);
    body_text(b, "actor_name", actor_name(list, &e));
    if (!json.failed && json.len > 2) { /* its members, without the opening brace */
        buf_u8(&b->buf, ',');
        buf_span(&b->buf, (Span){json.ptr + 1, json.len - 2});
    }
    body_shut(b, '}');
    buf_done(&json);
}

void api_attempt_events(Call *c)
{
    Body b;
    EventList list = {.call = c, .body = &b};
    body_init(&b);
    body_open(&b, NULL, '{');
    body_open(&b, "events", '[');
    engine_read_stream(c->site->engine, stream_id(STREAM_ATTEMPT, c->object), 0, true, show_event,
                       &list);
    body_shut(&b, ']');
    body_shut(&b, '}');
    call_answer(c, &b);
}

/* ---- paper and answers ---- */

static void show_answer(Body *b, const Item *item, const AnswerLine *line)
{
    i32 points = item_score_milli(item, line->value);
    body_open(b, NULL, '{');
    body_number(b, "item", item->number);
    body_number(b, "rev", line->rev);
    body_text(b, "value", line->value);
    body_number(b, "stored_ms", line->stored_ms);
    body_bool(b, "late", line->late);
    if (points < 0) body_raw(b, "points", SPAN("null"));
    else body_milli(b, "points", points);
    body_shut(b, '}');
}

void api_attempt_paper(Call *c)
{
    const Engine *e = c->site->engine;
    const Attempt *a = engine_attempt(e, c->object);
    const Session *s = a ? engine_session(e, a->session) : NULL;
    const Paper *paper = s ? engine_paper(e, s->assessment) : NULL;
    AnswerLine *lines = answers_of(e, c->object, c->arena);
    if (!paper || !lines) {
        call_refuse(c, R_NOT_FOUND);
        return;
    }
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    show_items(&b, "items", paper, true);
    body_open(&b, "answers", '[');
    for (u32 i = 0; i < paper->item_count; i++) {
        u32 number = paper->items[i].number;
        if (number <= ITEMS_MAX && lines[number].rev)
            show_answer(&b, &paper->items[i], &lines[number]);
    }
    body_shut(&b, ']');
    body_shut(&b, '}');
    call_answer(c, &b);
}

/* ---- evidence ---- */

static Err evidence_index(Call *c, u64 *session, PackEntry **entries, u32 *count)
{
    const Attempt *a = engine_attempt(c->site->engine, c->object);
    if (!a) return ERR_MISSING;
    *session = a->session;
    *count = 0;
    Err err = packs_index(c->site->packs, a->session, a->id, c->arena, entries, count);
    return err == ERR_MISSING ? OK : err; /* nothing recorded */
}

static void answer_index(Call *c)
{
    u64 session;
    PackEntry *entries = NULL;
    u32 count;
    Err err = evidence_index(c, &session, &entries, &count);
    if (err != OK) {
        call_fail(c, err);
        return;
    }
    Buf out;
    buf_init(&out, ARENA_REQUEST_BYTES_MAX);
    for (u32 i = 0; i < count; i++) {
        u8 bytes[PACK_ENTRY_BYTES];
        pack_entry_write(&entries[i], bytes);
        buf_put(&out, bytes, sizeof bytes);
    }
    call_answer_bytes(c, "application/octet-stream", &out);
}

/* Who looked is on record before anything is shown. */
static void view_noted(void *ctx, const Reply *r)
{
    Call *c = ctx;
    if (call_accepted(c, r)) answer_index(c);
}

void api_attempt_media(Call *c)
{
    Command cmd = {.kind = CMD_view_evidence};
    call_ask(c, c->object, 0, &cmd, view_noted);
}

static bool query_number(Call *c, const char *name, u64 *out)
{
    Span text = request_query(c->request, name);
    if (text.ptr && text_to_u64(text, out)) return true;
    call_refuse_field(c, R_BAD_VALUE, name);
    return false;
}

void api_attempt_records(Call *c)
{
    u64 from, most, session;
    PackEntry *entries = NULL;
    u32 count;
    if (!query_number(c, "from", &from) || !query_number(c, "count", &most)) return;
    Err err = evidence_index(c, &session, &entries, &count);
    u32 n = 0;
    size_t bytes = 0;
    while (err == OK && from + n < count && n < most) {
        bytes += entries[from + n].bytes;
        if (n && bytes > EVIDENCE_REPLY_BYTES_MAX) break;
        n++;
    }
    Buf out;
    buf_init(&out, (size_t)EVIDENCE_REPLY_BYTES_MAX + MEDIA_RECORD_BYTES_MAX);
    if (err == OK && n) err = packs_read(c->site->packs, session, entries + from, n, &out);
    if (err == OK) {
        call_answer_bytes(c, "application/octet-stream", &out);
        return;
    }
    buf_done(&out);
    call_fail(c, err);
}
