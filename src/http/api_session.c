/* Sessions: list, show, create. Creating is a chain: the session itself, then its settings, people and
 * wrapped keys, all in one go of the engine's queue; the answer comes when the last is stored. */
#include <jansson.h>

#include "app/who.h"
#include "base/text.h"
#include "http/handlers.h"
#include "http/note.h"
#include "http/show.h"

void api_session_list(Call *c)
{
    const Engine *e = c->site->engine;
    u32 count = engine_sessions(e, NULL, 0);
    u64 *ids = ARENA_ARRAY(c->arena, u64, count + 1);
    if (!ids) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    engine_sessions(e, ids, count);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_open(&b, "sessions", '[');
    for (u32 i = 0; i < count; i++) {
        if (who_may(e, &c->who, SEES_SESSION, OBJECT_SESSION, ids[i])) {
            show_session(c, &b, ids[i], false);
        }
    }
    body_shut(&b, ']');
    body_shut(&b, '}');
    call_answer(c, &b);
}

void api_session_show(Call *c)
{
    Body b;
    body_init(&b);
    show_session(c, &b, c->object, true);
    call_answer(c, &b);
}

void api_session_key(Call *c)
{
    const Engine *e = c->site->engine;
    const SessionInfo *info = engine_session_info(e, c->object);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_binary(&b, "public_key", info ? info->public_key : SPAN_NONE);
    body_binary(&b, "wrapped", engine_session_key(e, c->object, c->who.user));
    body_shut(&b, '}');
    call_answer(c, &b);
}

void api_session_attempts(Call *c)
{
    const Engine *e = c->site->engine;
    u32 count = engine_attempts(e, c->object, NULL, 0);
    u64 *ids = ARENA_ARRAY(c->arena, u64, count + 1);
    if (!ids) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    engine_attempts(e, c->object, ids, count);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_open(&b, "attempts", '[');
    for (u32 i = 0; i < count; i++) {
        Row row = {0};
        if (!who_may(e, &c->who, SEES_SESSION, OBJECT_ATTEMPT, ids[i])) continue;
        engine_row(e, ids[i], &row);
        show_row(&b, NULL, &row);
    }
    body_shut(&b, ']');
    body_shut(&b, '}');
    call_answer(c, &b);
}

/* ---- creating ---- */

typedef struct Creating {
    Command create;
    i64 setting[SETTINGS_END];
    bool set[SETTINGS_END];
    const json_t *staff, *keys; /* checked */
    char code[CODE_CHARS_MAX + 1];
} Creating;

static bool code_is_free(const Call *c, Span code)
{
    u64 id = engine_session_by_code(c->site->engine, code);
    const Session *s = id ? engine_session(c->site->engine, id) : NULL;
    return !s || s->state == SESSION_ended || s->state == SESSION_cancelled;
}

/* Letters and digits that nobody takes for another. */
static void make_code(const Call *c, char out[CODE_CHARS_MAX + 1])
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    do {
        for (int i = 0; i < 8; i++)
            out[i] = letters[site_random_below(sizeof letters - 1)];
        out[8] = 0;
    } while (!code_is_free(c, span_of(out)));
}

static bool code_well_formed(Span code)
{
    for (size_t i = 0; i < code.len; i++) {
        u8 c = code.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-') return false;
    }
    return code.len >= 4;
}

static bool take_code(Call *c, const json_t *in, Creating *n)
{
    Span code;
    if (!input_text(c, in, "code", CODE_CHARS_MAX, false, &code)) return false;
    if (!code.len) {
        make_code(c, n->code);
    } else if (!code_well_formed(code)) {
        call_refuse_field(c, R_BAD_VALUE, "code");
        return false;
    } else if (!code_is_free(c, code)) {
        call_refuse_field(c, R_CODE_TAKEN, "code");
        return false;
    } else {
        memcpy(n->code, code.ptr, code.len);
    }
    n->create.create_session.code = span_of(n->code);
    return true;
}

static bool take_times(Call *c, const json_t *in, Cmd_create_session *s)
{
    const i64 most = (i64)1 << 52;
    if (!input_number(c, in, "opens_ms", 0, most, &s->opens_ms)) return false;
    if (!input_number(c, in, "starts_ms", s->opens_ms, most, &s->starts_ms)) return false;
    return input_number(c, in, "duration_ms", 1000, SESSION_DURATION_MS_MAX, &s->duration_ms);
}

static bool take_assessment(Call *c, const json_t *in, Cmd_create_session *s)
{
    i64 id;
    if (!input_number(c, in, "assessment", 1, (i64)1 << 50, &id)) return false;
    const Paper *paper = engine_paper(c->site->engine, (u64)id);
    if (!paper) {
        call_refuse_field(c, R_NOT_FOUND, "assessment");
        return false;
    }
    s->assessment = (u64)id;
    s->item_count = paper->item_count;
    return true;
}

static bool take_settings(Call *c, const json_t *in, Creating *n)
{
    const json_t *all = json_object_get(in, "settings"), *value;
    const char *name;
    if (all && !json_is_object(all)) {
        call_refuse_field(c, R_BAD_VALUE, "settings");
        return false;
    }
    json_object_foreach((json_t *)all, name, value)
    {
        u32 id;
        i64 v = json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
        bool number = json_is_boolean(value) || json_is_integer(value);
        if (!setting_by_name(span_of(name), &id) || !number || !setting_valid(id, v)) {
            call_refuse_field(c, R_BAD_VALUE, name);
            return false;
        }
        n->setting[id] = v;
        n->set[id] = v != setting_default(id);
    }
    return true;
}

/* Nobody can be given a role in a session that the person does not have in the organization. */
static bool check_staff(Call *c, const json_t *one)
{
    i64 id;
    u32 roles;
    User user;
    if (!input_number(c, one, "user", 1, (i64)1 << 50, &id)) return false;
    if (!input_roles(c, one, "roles", &roles)) return false;
    bool known = people_by_id(c->site->people, (u64)id, c->arena, &user) == OK && !user.suspended;
    u32 able = user.roles | (roles & BY_PROCTOR ? ASSIGNED_LEAD : 0);
    if (known && roles && !(roles & ~able)) return true;
    call_refuse_field(c, known ? R_BAD_VALUE : R_NOT_FOUND, known ? "roles" : "staff");
    return false;
}

static bool check_key(Call *c, const json_t *one)
{
    i64 id;
    Span wrapped;
    if (!input_number(c, one, "user", 1, (i64)1 << 50, &id)) return false;
    if (!input_binary(c, one, "wrapped", IDENTITY_BYTES_MAX, &wrapped)) return false;
    if (!wrapped.len) call_refuse_field(c, R_BAD_VALUE, "wrapped");
    return wrapped.len > 0;
}

static bool take_people(Call *c, const json_t *in, Creating *n)
{
    if (!input_array(c, in, "staff", STAFF_PER_SESSION_MAX, &n->staff)) return false;
    if (!input_array(c, in, "keys", STAFF_PER_SESSION_MAX, &n->keys)) return false;
    for (size_t i = 0; i < json_array_size(n->staff); i++)
        if (!check_staff(c, json_array_get(n->staff, i))) return false;
    for (size_t i = 0; i < json_array_size(n->keys); i++)
        if (!check_key(c, json_array_get(n->keys, i))) return false;
    return true;
}

static bool take_session(Call *c, const json_t *in, Creating *n)
{
    Cmd_create_session *s = &n->create.create_session;
    n->create.kind = CMD_create_session;
    if (!input_text(c, in, "name", NAME_BYTES_MAX, true, &s->name)) return false;
    if (!take_assessment(c, in, s) || !take_code(c, in, n) || !take_times(c, in, s)) return false;
    if (!input_binary(c, in, "public_key", SEAL_BOX_KEY_BYTES, &s->public_key)) return false;
    if (s->public_key.len && s->public_key.len != SEAL_BOX_KEY_BYTES) {
        call_refuse_field(c, R_BAD_VALUE, "public_key");
        return false;
    }
    return take_settings(c, in, n) && take_people(c, in, n);
}

static void session_made(void *ctx, const Reply *r)
{
    Call *c = ctx;
    Creating *n = c->work;
    if (!call_accepted(c, r)) return;
    note(NOTE_INFO, "session_created", "session=%llu user=%llu", (unsigned long long)r->target,
         (unsigned long long)c->who.user);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_number(&b, "session", (i64)r->target);
    body_text(&b, "code", span_of(n->code));
    body_shut(&b, '}');
    call_answer(c, &b);
}

static u32 put_settings(const Creating *n, Command *out)
{
    u32 count = 0;
    for (u16 i = 1; i < SETTINGS_END; i++)
        if (n->set[i])
            out[count++] = (Command){.kind = CMD_configure, .configure = {i, n->setting[i], 0}};
    return count;
}

/* What is read here was checked by check_staff and check_key. */
static u32 put_people(Call *c, const Creating *n, Command *out)
{
    u32 count = 0;
    for (size_t i = 0; i < json_array_size(n->staff); i++) {
        const json_t *one = json_array_get(n->staff, i);
        u32 roles = 0;
        if (!input_roles(c, one, "roles", &roles)) return 0;
        u64 user = (u64)json_integer_value(json_object_get(one, "user"));
        out[count++] = (Command){.kind = CMD_assign, .assign = {user, (u8)roles, 0}};
    }
    for (size_t i = 0; i < json_array_size(n->keys); i++) {
        const json_t *one = json_array_get(n->keys, i);
        Command *cmd = &out[count++];
        *cmd = (Command){.kind = CMD_add_key};
        if (!input_binary(c, one, "wrapped", IDENTITY_BYTES_MAX, &cmd->add_key.wrapped)) return 0;
        cmd->add_key.user = (u64)json_integer_value(json_object_get(one, "user"));
    }
    return count;
}

static void create_ask(Call *c, Creating *n)
{
    size_t most = 1 + SETTINGS_END + json_array_size(n->staff) + json_array_size(n->keys);
    Command *commands = ARENA_ARRAY(c->arena, Command, most);
    if (!commands) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    commands[0] = n->create;
    u32 count = 1 + put_settings(n, commands + 1);
    count += put_people(c, n, commands + count);
    Err err = engine_create_session(c->site->engine, &c->who, site_command_id(), commands, count,
                                    session_made, c);
    if (err != OK) call_fail(c, err);
}

void api_session_create(Call *c)
{
    json_t *in = call_json(c);
    Creating *n = in ? ARENA_NEW(c->arena, Creating) : NULL;
    if (!in) return;
    if (!n) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    c->work = n;
    if (take_session(c, in, n)) create_ask(c, n);
}
