/* json.c - events as JSON, for people, reports and the review page. Kept apart from the codec because
 * the browser's build of the core does not need it. */
#include "wire/wire.h"

static void json_escaped(Buf *out, u8 c)
{
    switch (c) {
    case '"': buf_text(out, "\\\""); return;
    case '\\': buf_text(out, "\\\\"); return;
    case '\n': buf_text(out, "\\n"); return;
    case '\r': buf_text(out, "\\r"); return;
    case '\t': buf_text(out, "\\t"); return;
    }
    if (c < 0x20) buf_print(out, "\\u%04x", c);
    else buf_u8(out, c);
}

void json_text(Buf *out, Span v)
{
    buf_u8(out, '"');
    for (size_t i = 0; i < v.len; i++)
        json_escaped(out, v.ptr[i]);
    buf_u8(out, '"');
}

static void json_str(Buf *out, str v)
{
    json_text(out, v);
}

static void json_blob(Buf *out, blob v)
{
    static const char digit[] = "0123456789abcdef";
    buf_u8(out, '"');
    for (size_t i = 0; i < v.len; i++) {
        buf_u8(out, (u8)digit[v.ptr[i] >> 4]);
        buf_u8(out, (u8)digit[v.ptr[i] & 15]);
    }
    buf_u8(out, '"');
}

static void json_u8(Buf *out, u8 v)
{
    buf_print(out, "%u", v);
}
static void json_u16(Buf *out, u16 v)
{
    buf_print(out, "%u", v);
}
static void json_u32(Buf *out, u32 v)
{
    buf_print(out, "%u", v);
}
static void json_u64(Buf *out, u64 v)
{
    buf_print(out, "%llu", (unsigned long long)v);
}
static void json_i64(Buf *out, i64 v)
{
    buf_print(out, "%lld", (long long)v);
}
static void json_f64(Buf *out, f64 v)
{
    buf_print(out, "%.17g", v);
}

static const char *role_name(u8 role)
{
    switch (role) {
    case BY_CANDIDATE: return "candidate";
    case BY_PROCTOR: return "proctor";
    case BY_REVIEWER: return "reviewer";
    case BY_GRADER: return "grader";
    case BY_PLANNER: return "planner";
    case BY_ADMINISTRATOR: return "administrator";
    case BY_PHONE: return "phone";
    }
    return "server";
}

void event_json(Buf *out, const Event *e)
{
    buf_print(out, "{\"kind\":\"%s\",\"at\":%lld,\"role\":\"%s\",\"actor\":%llu,\"cmd\":%llu",
              event_name(e->kind), (long long)e->at_ms, role_name(e->role),
              (unsigned long long)e->actor, (unsigned long long)e->cmd);
    switch (e->kind) {
#define C(id, name, who, states, fields)
#define F(type, name)                                                                              \
    buf_text(out, ",\"" #name "\":");                                                              \
    json_##type(out, m->name);
#define E(id, name, leads, audience, fields)                                                       \
    case EVT_##name: {                                                                             \
        const Evt_##name *m = &e->name;                                                            \
        (void)m;                                                                                   \
        fields break;                                                                              \
    }
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
#undef F
    }
    buf_u8(out, '}');
}
