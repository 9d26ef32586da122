#include "http/show.h"

#include <stdlib.h>

#include "base/text.h"

/* ---- words of the schema ---- */

static const struct {
    u32 role;
    const char *name;
} role_names[] = {
    {BY_CANDIDATE, "candidate"}, {BY_PROCTOR, "proctor"}, {BY_REVIEWER, "reviewer"},
    {BY_GRADER, "grader"},       {BY_PLANNER, "planner"}, {BY_ADMINISTRATOR, "administrator"},
    {ASSIGNED_LEAD, "lead"},
};

u32 role_by_name(Span name)
{
    for (size_t i = 0; i < COUNT_OF(role_names); i++)
        if (span_equal(name, span_of(role_names[i].name))) return role_names[i].role;
    return 0;
}

const char *role_name(u32 role)
{
    for (size_t i = 0; i < COUNT_OF(role_names); i++)
        if (role_names[i].role == role) return role_names[i].name;
    return NULL;
}

void show_roles(Body *b, const char *name, u32 roles)
{
    body_open(b, name, '[');
    for (size_t i = 0; i < COUNT_OF(role_names); i++)
        if (roles & role_names[i].role) body_text(b, NULL, span_of(role_names[i].name));
    body_shut(b, ']');
}

const char *session_state_name(u32 state)
{
    switch (state) {
#define A(id, name, word)
#define H(bit, name, word)
#define Q(id, name, words)
#define Z(id, name, word)                                                                          \
    case id:                                                                                       \
        return #name;
#include "schema/states.def"
#undef A
#undef Z
    }
    return "none";
}

const char *attempt_state_name(u32 state)
{
    switch (state) {
#define Z(id, name, word)
#define A(id, name, word)                                                                          \
    case id:                                                                                       \
        return #name;
#include "schema/states.def"
#undef A
#undef Z
#undef H
#undef Q
    }
    return "none";
}

const char *item_kind_name(u32 kind)
{
    switch (kind) {
#define I(id, name, words, help)                                                                   \
    case id:                                                                                       \
        return #name;
#include "schema/items.def"
#undef I
    }
    return "none";
}

/* ---- settings ---- */

void show_settings(Body *b, const char *name, const Session *s)
{
    body_open(b, name, '{');
    for (u32 i = 1; i < SETTINGS_END; i++) {
        const char *word = setting_name(i);
        if (word) body_number(b, word, s->setting[i]);
    }
    body_shut(b, '}');
}

/* ---- people ---- */

void show_staff(Call *c, Body *b, const char *name, u64 session)
{
    User *users;
    u32 count;
    body_open(b, name, '[');
    if (people_list(c->site->people, BY_STAFF, c->arena, &users, &count) != OK) count = 0;
    for (u32 i = 0; i < count; i++) {
        u32 roles = engine_assigned(c->site->engine, session, users[i].id);
        if (!roles) continue;
        body_open(b, NULL, '{');
        body_number(b, "user", (i64)users[i].id);
        body_text(b, "name", users[i].name);
        show_roles(b, "roles", roles);
        body_bool(b, "away", engine_away(c->site->engine, session, users[i].id));
        body_shut(b, '}');
    }
    body_shut(b, ']');
}

static void show_candidate(Call *c, Body *b)
{
    const Attempt *a = engine_attempt(c->site->engine, c->who.attempt);
    const AttemptInfo *info = engine_attempt_info(c->site->engine, c->who.attempt);
    body_number(b, "user", (i64)c->who.user);
    body_text(b, "name", info ? info->name : SPAN_NONE);
    body_text(b, "email", info ? info->email : SPAN_NONE);
    show_roles(b, "roles", c->who.roles);
    body_number(b, "attempt", (i64)c->who.attempt);
    body_number(b, "session", a ? (i64)a->session : 0);
    body_bool(b, "has_identity", false);
}

void show_user(Call *c, Body *b)
{
    User user;
    body_open(b, NULL, '{');
    body_bool(b, "signed_in", c->signed_in);
    if (c->signed_in && c->who.attempt) {
        show_candidate(c, b);
    } else if (c->signed_in && people_by_id(c->site->people, c->who.user, c->arena, &user) == OK) {
        body_number(b, "user", (i64)user.id);
        body_text(b, "name", user.name);
        body_text(b, "email", user.email);
        show_roles(b, "roles", user.roles);
        body_number(b, "attempt", 0);
        body_number(b, "session", 0);
        body_bool(b, "has_identity", user.box_public.len > 0);
        body_number(b, "room", c->site->room_level);
    }
    body_shut(b, '}');
}

/* ---- rows of the monitor ---- */

static void row_u8(Body *b, const char *name, u8 v)
{
    body_number(b, name, v);
}
static void row_u32(Body *b, const char *name, u32 v)
{
    body_number(b, name, v);
}
static void row_u64(Body *b, const char *name, u64 v)
{
    body_number(b, name, (i64)v);
}
static void row_i64(Body *b, const char *name, i64 v)
{
    body_number(b, name, v);
}
static void row_str(Body *b, const char *name, Span v)
{
    body_text(b, name, v);
}

void show_row(Body *b, const char *name, const Row *row)
{
    body_open(b, name, '{');
#define W(type, field) row_##type(b, #field, row->field);
#include "schema/row.def"
#undef W
    body_shut(b, '}');
}

/* ---- answers ---- */

typedef struct AnswerScan {
    AnswerLine *lines;
} AnswerScan;

static void scan_answer(void *ctx, u64 ver, Span encoded)
{
    AnswerScan *scan = ctx;
    Event e;
    (void)ver;
    if (!encoded.len || event_decode(encoded, &e) != OK || e.kind != EVT_answered) return;
    if (e.answered.item > ITEMS_MAX || e.answered.rev < scan->lines[e.answered.item].rev) return;
    scan->lines[e.answered.item] = (AnswerLine){.rev = e.answered.rev,
                                                .stored_ms = e.at_ms,
                                                .late = e.answered.late != 0,
                                                .value = e.answered.value};
}

AnswerLine *answers_of(const Engine *e, u64 attempt, Arena *a)
{
    AnswerScan scan = {ARENA_ARRAY(a, AnswerLine, ITEMS_MAX + 1)};
    if (!scan.lines) return NULL;
    engine_read_stream(e, stream_id(STREAM_ATTEMPT, attempt), 0, true, scan_answer, &scan);
    return scan.lines;
}
