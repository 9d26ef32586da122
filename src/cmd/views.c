#include "cmd/views.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "seal/seal.h"

typedef struct SeenStaff {
    struct SeenStaff *next;
    u64 user;
    u8 roles;
    u8 key[SEAL_HASH_BYTES]; /* of the wrapped key */
} SeenStaff;

typedef struct SeenAttempt {
    u64 session, ver;
    AttemptState state;
    i64 extra_ms, credit_ms, over_ms, points_milli, max_milli;
    u32 flags, unmarked;
    u8 verdict;
    u8 name[SEAL_HASH_BYTES], number[SEAL_HASH_BYTES];
    u64 answer_ver[ITEMS_MAX + 1]; /* of the newest answer */
} SeenAttempt;

typedef struct SeenSession {
    SessionState state;
    u64 ver;
    u32 attempts, seats;
    i64 setting[SETTINGS_END];
    SeenStaff *staff;
    u8 name[SEAL_HASH_BYTES], code[SEAL_HASH_BYTES];
} SeenSession;

typedef struct SeenPaper {
    u64 ver;
    u32 items, options;
    bool published;
} SeenPaper;

typedef struct Views {
    const Engine *engine;
    Findings *f;
    Map attempts, sessions, papers, aside;
} Views;

/* ---- the second fold ---- */

static void *seen_get(Map *m, u64 id, size_t bytes)
{
    void *seen = map_get(m, id);
    if (seen) return seen;
    seen = calloc(1, bytes);
    if (seen && map_put(m, id, seen)) {
        free(seen);
        seen = NULL;
    }
    return seen;
}

/* The state that an event leads to, straight from the table. */
static AttemptState leads_to(EventKind kind, AttemptState state)
{
    switch ((u32)kind) {
#define TO_SAME state
#define TO_INVITED ATTEMPT_invited
#define TO_JOINED ATTEMPT_joined
#define TO_WAITING ATTEMPT_waiting
#define TO_ACTIVE ATTEMPT_active
#define TO_SUBMITTED ATTEMPT_submitted
#define TO_ENDED ATTEMPT_ended
#define TO_REFUSED ATTEMPT_refused
#define TO_ABSENT ATTEMPT_absent
#define C(id, name, who, states, fields)
#define E(id, name, leads, audience, fields)                                                       \
    case EVT_##name:                                                                               \
        return TO_##leads;
#include "schema/attempt.def"
#undef C
#undef E
    }
    return state;
}

static void fold_person(SeenAttempt *a, u64 session, Span name, Span number)
{
    a->session = session;
    seal_sha256(name, a->name);
    seal_sha256(number, a->number);
}

static void fold_attempt(SeenAttempt *a, u64 ver, const Event *e)
{
    AttemptState before = a->state;
    a->state = leads_to(e->kind, before);
    a->ver = ver;
    switch ((u32)e->kind) {
    case EVT_invited: fold_person(a, e->invited.session, e->invited.name, e->invited.number); break;
    case EVT_joined: fold_person(a, e->joined.session, e->joined.name, e->joined.number); break;
    case EVT_answered:
        if (e->answered.item <= ITEMS_MAX) a->answer_ver[e->answered.item] = ver;
        break;
    case EVT_extended: a->extra_ms += e->extended.ms; break;
    case EVT_credited: a->credit_ms += e->credited.ms; break;
    case EVT_submitted:
    case EVT_ended: a->over_ms = e->at_ms; break;
    case EVT_reopened:
        a->extra_ms += e->reopened.ms;
        a->credit_ms += e->at_ms - a->over_ms;
        break;
    case EVT_flagged: a->flags++; break;
    case EVT_verdict_given: a->verdict = e->verdict_given.outcome; break;
    case EVT_scored:
        a->points_milli = e->scored.points_milli;
        a->max_milli = e->scored.max_milli;
        a->unmarked = e->scored.unmarked;
        break;
    }
}

static SeenStaff *staff_of(SeenSession *s, u64 user)
{
    for (SeenStaff *one = s->staff; one; one = one->next)
        if (one->user == user) return one;
    SeenStaff *fresh = calloc(1, sizeof *fresh);
    if (!fresh) return NULL;
    *fresh = (SeenStaff){.next = s->staff, .user = user};
    seal_sha256(SPAN_NONE, fresh->key);
    return s->staff = fresh;
}

static Err fold_staff(SeenSession *s, u64 user, const Event *e)
{
    SeenStaff *one = staff_of(s, user);
    if (!one) return ERR_MEMORY;
    if (e->kind == EVT_assigned) one->roles = e->assigned.roles;
    if (e->kind == EVT_key_added) seal_sha256(e->key_added.wrapped, one->key);
    if (e->kind == EVT_unassigned) {
        one->roles = 0;
        seal_sha256(SPAN_NONE, one->key);
    }
    return OK;
}

static Err fold_session(SeenSession *s, u64 ver, const Event *e)
{
    s->ver = ver;
    switch ((u32)e->kind) {
    case EVT_session_created:
        s->state = SESSION_planned;
        seal_sha256(e->session_created.name, s->name);
        seal_sha256(e->session_created.code, s->code);
        for (u32 i = 0; i < SETTINGS_END; i++)
            s->setting[i] = setting_default(i);
        break;
    case EVT_configured:
        if (e->configured.setting < SETTINGS_END)
            s->setting[e->configured.setting] = e->configured.value;
        break;
    case EVT_session_started: s->state = SESSION_running; break;
    case EVT_session_ended: s->state = SESSION_ended; break;
    case EVT_session_cancelled: s->state = SESSION_cancelled; break;
    case EVT_assigned: return fold_staff(s, e->assigned.user, e);
    case EVT_unassigned: return fold_staff(s, e->unassigned.user, e);
    case EVT_key_added: return fold_staff(s, e->key_added.user, e);
    }
    return OK;
}

static void fold_paper(SeenPaper *p, u64 ver, const Event *e)
{
    p->ver = ver;
    p->items += e->kind == EVT_item_added;
    p->options += e->kind == EVT_option_added;
    p->published |= e->kind == EVT_assessment_published;
}

static Err fold_one(void *ctx, const LogRecord *r)
{
    Views *v = ctx;
    Event e;
    u64 id = stream_object(r->stream);
    /* What cannot be read is a finding of the replay. */
    if (map_get(&v->aside, id) && stream_kind(r->stream) == STREAM_ATTEMPT) return OK;
    if (event_decode(r->event, &e)) return OK;
    switch (stream_kind(r->stream)) {
    case STREAM_SERVER: return OK;
    case STREAM_ATTEMPT: {
        SeenAttempt *a = seen_get(&v->attempts, id, sizeof *a);
        if (a) fold_attempt(a, r->ver, &e);
        return a ? OK : ERR_MEMORY;
    }
    case STREAM_SESSION: {
        SeenSession *s = seen_get(&v->sessions, id, sizeof *s);
        return s ? fold_session(s, r->ver, &e) : ERR_MEMORY;
    }
    case STREAM_ASSESSMENT: {
        SeenPaper *p = seen_get(&v->papers, id, sizeof *p);
        if (p) fold_paper(p, r->ver, &e);
        return p ? OK : ERR_MEMORY;
    }
    }
    return OK;
}

/* ---- comparing ---- */

static void compare_number(Views *v, const char *object, const char *what, i64 view, i64 log)
{
    if (view == log) return;
    finding_add(v->f, "views", object, "%s is %lld, the log says %lld", what, (long long)view,
                (long long)log);
}

static void compare_text(Views *v, const char *object, const char *what, Span view,
                         const u8 log[SEAL_HASH_BYTES])
{
    u8 hash[SEAL_HASH_BYTES];
    seal_sha256(view, hash);
    if (memcmp(hash, log, sizeof hash))
        finding_add(v->f, "views", object, "%s is not the one in the log", what);
}

static bool takes_seat(AttemptState s)
{
    return s != ATTEMPT_none && s != ATTEMPT_invited && s != ATTEMPT_refused && s != ATTEMPT_absent;
}

static void compare_attempt(Views *v, u64 id, const SeenAttempt *a)
{
    char object[40];
    Row row;
    snprintf(object, sizeof object, "attempt %llu", (unsigned long long)id);
    const Attempt *view = engine_attempt(v->engine, id);
    SeenSession *s = map_get(&v->sessions, a->session);
    if (s) {
        s->attempts++;
        s->seats += takes_seat(a->state);
    }
    if (!view) {
        finding_add(v->f, "views", object, "it is in the log and not in the views");
        return;
    }
    engine_row(v->engine, id, &row);
    compare_number(v, object, "its session", (i64)view->session, (i64)a->session);
    compare_number(v, object, "its version", (i64)row.ver, (i64)a->ver);
    compare_number(v, object, "its state", row.state, a->state);
    compare_number(v, object, "added time in ms", row.extra_ms, a->extra_ms);
    compare_number(v, object, "credited time in ms", row.credit_ms, a->credit_ms);
    compare_number(v, object, "the number of flags", row.flags_total, a->flags);
    compare_number(v, object, "the verdict", row.verdict, a->verdict);
    compare_number(v, object, "points in thousandths", row.points_milli, a->points_milli);
    compare_number(v, object, "most points in thousandths", row.max_milli, a->max_milli);
    compare_number(v, object, "the number of unmarked questions", row.unmarked, a->unmarked);
    compare_text(v, object, "the name", row.name, a->name);
    compare_text(v, object, "the number of the list", row.number, a->number);
}

static void compare_session(Views *v, u64 id, const SeenSession *s)
{
    char object[40];
    snprintf(object, sizeof object, "session %llu", (unsigned long long)id);
    const Session *view = engine_session(v->engine, id);
    const SessionInfo *info = engine_session_info(v->engine, id);
    if (!view || !info) {
        finding_add(v->f, "views", object, "it is in the log and not in the views");
        return;
    }
    compare_number(v, object, "its state", view->state, s->state);
    compare_number(v, object, "its version", (i64)view->version, (i64)s->ver);
    compare_text(v, object, "the name", info->name, s->name);
    compare_text(v, object, "the code", info->code, s->code);
    for (u32 i = 0; i < SETTINGS_END; i++)
        if (setting_name(i))
            compare_number(v, object, setting_name(i), view->setting[i], s->setting[i]);
    for (const SeenStaff *one = s->staff; one; one = one->next) {
        compare_number(v, object, "the roles of a person",
                       engine_assigned(v->engine, id, one->user), one->roles);
        if (one->roles)
            compare_text(v, object, "the key of a person",
                         engine_session_key(v->engine, id, one->user), one->key);
    }
    if (map_next(&v->aside, &(size_t){0}, &(u64){0}, &(void *){NULL})) return; /* counted there */
    compare_number(v, object, "the number of attempts", engine_attempts(v->engine, id, NULL, 0),
                   s->attempts);
    compare_number(v, object, "the number of seats", engine_seats(v->engine, id), s->seats);
}

static void compare_paper(Views *v, u64 id, const SeenPaper *p)
{
    char object[40];
    snprintf(object, sizeof object, "assessment %llu", (unsigned long long)id);
    const Paper *view = engine_paper(v->engine, id);
    if (!view && !p->published) return;
    if (!view) {
        finding_add(v->f, "views", object, "it is in the log and not in the views");
        return;
    }
    u32 options = 0;
    for (u32 i = 0; i < view->item_count; i++)
        options += view->items[i].option_count;
    compare_number(v, object, "the number of questions", view->item_count, p->items);
    compare_number(v, object, "the number of options", options, p->options);
}

/* Texts are compared where they stand in the log: the newest answers, and every question. */
static Err compare_texts(void *ctx, const LogRecord *r)
{
    Views *v = ctx;
    Event e;
    char object[40];
    u64 id = stream_object(r->stream);
    if (event_decode(r->event, &e)) return OK;
    if (e.kind == EVT_answered && stream_kind(r->stream) == STREAM_ATTEMPT) {
        const SeenAttempt *a = map_get(&v->attempts, id);
        u32 item = e.answered.item;
        bool newest = a && item <= ITEMS_MAX && a->answer_ver[item] == r->ver;
        snprintf(object, sizeof object, "attempt %llu", (unsigned long long)id);
        if (newest && !span_equal(engine_answer(v->engine, id, item), e.answered.value))
            finding_add(v->f, "views", object, "the answer to question %u is not the newest", item);
    }
    const Paper *p = e.kind == EVT_item_added ? engine_paper(v->engine, id) : NULL;
    u32 number = p ? e.item_added.number : 0;
    snprintf(object, sizeof object, "assessment %llu", (unsigned long long)id);
    if (number &&
        (number > p->item_count || !span_equal(p->items[number - 1].text, e.item_added.text)))
        finding_add(v->f, "views", object, "question %u is not the one in the log", number);
    return OK;
}

static void compare_all(Views *v)
{
    u64 id;
    void *seen;
    for (size_t at = 0; map_next(&v->attempts, &at, &id, &seen);)
        compare_attempt(v, id, seen);
    for (size_t at = 0; map_next(&v->sessions, &at, &id, &seen);)
        compare_session(v, id, seen);
    for (size_t at = 0; map_next(&v->papers, &at, &id, &seen);)
        compare_paper(v, id, seen);
    EngineCounts n = engine_counts(v->engine);
    compare_number(v, NULL, "the number of sessions", (i64)n.sessions, (i64)v->sessions.count);
    if (!n.set_aside)
        compare_number(v, NULL, "the number of attempts", (i64)n.attempts, (i64)v->attempts.count);
}

/* ---- life ---- */

static Err aside_learn(Views *v)
{
    static u8 there;
    u32 count = engine_set_aside(v->engine, NULL, 0);
    SetAside *list = calloc(count + 1, sizeof *list);
    if (!list) return ERR_MEMORY;
    engine_set_aside(v->engine, list, count);
    Err err = OK;
    for (u32 i = 0; !err && i < count; i++)
        err = map_put(&v->aside, list[i].attempt, &there);
    free(list);
    return err;
}

static void seen_free(Map *m)
{
    u64 id;
    void *seen;
    for (size_t at = 0; map_next(m, &at, &id, &seen);)
        free(seen);
    map_done(m);
}

static void staff_free(const Map *sessions)
{
    u64 id;
    void *seen;
    for (size_t at = 0; map_next(sessions, &at, &id, &seen);) {
        SeenSession *s = seen;
        while (s->staff) {
            SeenStaff *next = s->staff->next;
            free(s->staff);
            s->staff = next;
        }
    }
}

Err views_check(Log *log, const Engine *e, Findings *f)
{
    Views v = {.engine = e, .f = f};
    Err err = aside_learn(&v);
    if (!err) err = log_read(log, 0, fold_one, &v);
    if (!err) compare_all(&v);
    if (!err) err = log_read(log, 0, compare_texts, &v);
    staff_free(&v.sessions);
    seen_free(&v.attempts);
    seen_free(&v.sessions);
    seen_free(&v.papers);
    map_done(&v.aside);
    return err;
}
