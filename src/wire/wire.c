/* wire.c - the codec. Three meanings of the field macro F (write, read, JSON) over the same rows. */
#include "wire/wire.h"

#include "base/text.h"

/* ---- writing ---- */

static void put_u8(Buf *b, u8 v)
{
    buf_u8(b, v);
}
static void put_u16(Buf *b, u16 v)
{
    buf_u16(b, v);
}
static void put_u32(Buf *b, u32 v)
{
    buf_u32(b, v);
}
static void put_u64(Buf *b, u64 v)
{
    buf_u64(b, v);
}
static void put_i64(Buf *b, i64 v)
{
    buf_u64(b, (u64)v);
}

static void put_f64(Buf *b, f64 v)
{
    u64 bits;
    memcpy(&bits, &v, sizeof bits);
    buf_u64(b, bits);
}

static void put_blob(Buf *b, blob v)
{
    if (v.len > UINT32_MAX) b->failed = true;
    buf_u32(b, (u32)v.len);
    buf_span(b, v);
}

static void put_str(Buf *b, str v)
{
    put_blob(b, v);
}

/* ---- reading ---- */

typedef struct Cursor {
    Span left;
    bool bad; /* read past the end, or text that is not UTF-8 */
} Cursor;

static const u8 *take(Cursor *c, size_t n)
{
    if (c->bad || c->left.len < n) {
        c->bad = true;
        return NULL;
    }
    const u8 *p = c->left.ptr;
    c->left = (Span){p + n, c->left.len - n};
    return p;
}

static u64 take_int(Cursor *c, size_t n)
{
    const u8 *p = take(c, n);
    u64 v = 0;
    for (size_t i = 0; p && i < n; i++)
        v |= (u64)p[i] << 8 * i;
    return v;
}

static void get_u8(Cursor *c, u8 *v)
{
    *v = (u8)take_int(c, 1);
}
static void get_u16(Cursor *c, u16 *v)
{
    *v = (u16)take_int(c, 2);
}
static void get_u32(Cursor *c, u32 *v)
{
    *v = (u32)take_int(c, 4);
}
static void get_u64(Cursor *c, u64 *v)
{
    *v = take_int(c, 8);
}
static void get_i64(Cursor *c, i64 *v)
{
    *v = (i64)take_int(c, 8);
}

static void get_f64(Cursor *c, f64 *v)
{
    u64 bits = take_int(c, 8);
    memcpy(v, &bits, sizeof bits);
}

static void get_blob(Cursor *c, blob *v)
{
    size_t n = (size_t)take_int(c, 4);
    const u8 *p = take(c, n);
    *v = (Span){p, p ? n : 0};
}

static void get_str(Cursor *c, str *v)
{
    get_blob(c, v);
    if (!text_is_utf8(*v)) c->bad = true;
}

static Err cursor_end(const Cursor *c)
{
    return c->bad || c->left.len ? ERR_FORMAT : OK;
}

/* ---- commands and events ---- */

#define E(id, name, leads, audience, fields)
#define C(id, name, who, states, fields)                                                           \
    case CMD_##name: {                                                                             \
        const Cmd_##name *m = &c->name;                                                            \
        (void)m;                                                                                   \
        fields break;                                                                              \
    }
#define F(type, name) put_##type(out, m->name);
void command_encode(Buf *out, const Command *c)
{
    buf_u16(out, (u16)c->kind);
    switch (c->kind) {
#include "schema/attempt.def"
#include "schema/session.def"
    }
}
#undef C
#undef F

#define C(id, name, who, states, fields)                                                           \
    case CMD_##name: {                                                                             \
        Cmd_##name *m = &c.name;                                                                   \
        (void)m;                                                                                   \
        fields break;                                                                              \
    }
#define F(type, name) get_##type(&in, &m->name);
Err command_decode(Span bytes, Command *out)
{
    Cursor in = {bytes, false};
    Command c;
    memset(&c, 0, sizeof c);
    u32 kind = (u32)take_int(&in, 2);
    if (in.bad || !command_known(kind)) return ERR_FORMAT;
    c.kind = (CommandKind)kind;
    switch (c.kind) {
#include "schema/attempt.def"
#include "schema/session.def"
    }
    if (cursor_end(&in)) return ERR_FORMAT;
    *out = c;
    return OK;
}
#undef C
#undef E
#undef F

#define C(id, name, who, states, fields)
#define E(id, name, leads, audience, fields)                                                       \
    case EVT_##name: {                                                                             \
        const Evt_##name *m = &e->name;                                                            \
        (void)m;                                                                                   \
        fields break;                                                                              \
    }
#define F(type, name) put_##type(out, m->name);
void event_encode(Buf *out, const Event *e)
{
    buf_u16(out, (u16)e->kind);
    buf_u8(out, e->role);
    put_i64(out, e->at_ms);
    buf_u64(out, e->actor);
    buf_u64(out, e->cmd);
    switch (e->kind) {
#include "schema/attempt.def"
#include "schema/session.def"
    }
}
#undef E
#undef F

#define E(id, name, leads, audience, fields)                                                       \
    case EVT_##name: {                                                                             \
        Evt_##name *m = &e.name;                                                                   \
        (void)m;                                                                                   \
        fields break;                                                                              \
    }
#define F(type, name) get_##type(&in, &m->name);
Err event_decode(Span bytes, Event *out)
{
    Cursor in = {bytes, false};
    Event e;
    memset(&e, 0, sizeof e);
    u32 kind = (u32)take_int(&in, 2);
    if (in.bad || !event_name((EventKind)kind)) return ERR_FORMAT;
    e.kind = (EventKind)kind;
    get_u8(&in, &e.role);
    get_i64(&in, &e.at_ms);
    get_u64(&in, &e.actor);
    get_u64(&in, &e.cmd);
    switch (e.kind) {
#include "schema/attempt.def"
#include "schema/session.def"
    }
    if (cursor_end(&in)) return ERR_FORMAT;
    *out = e;
    return OK;
}
#undef C
#undef E
#undef F

/* ---- what the rows say of themselves ---- */

const char *command_name(CommandKind kind)
{
    switch (kind) {
#define C(id, name, who, states, fields)                                                           \
    case CMD_##name:                                                                               \
        return #name;
#define E(id, name, leads, audience, fields)
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
    }
    return NULL;
}

bool command_known(u32 kind)
{
    return command_name((CommandKind)kind) != NULL;
}

u32 command_who(CommandKind kind)
{
    switch (kind) {
#define C(id, name, who, states, fields)                                                           \
    case CMD_##name:                                                                               \
        return (u32)(who);
#define E(id, name, leads, audience, fields)
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
    }
    return 0;
}

u32 command_states(CommandKind kind)
{
    switch (kind) {
#define C(id, name, who, states, fields)                                                           \
    case CMD_##name:                                                                               \
        return (u32)(states);
#define E(id, name, leads, audience, fields)
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
    }
    return 0;
}

bool command_is_session(CommandKind kind)
{
    return kind > 1000;
}

const char *event_name(EventKind kind)
{
    switch (kind) {
#define C(id, name, who, states, fields)
#define E(id, name, leads, audience, fields)                                                       \
    case EVT_##name:                                                                               \
        return #name;
#include "schema/attempt.def"
#include "schema/session.def"
#undef E
    }
    return NULL;
}

Audience event_audience(EventKind kind)
{
    switch (kind) {
#define E(id, name, leads, audience, fields)                                                       \
    case EVT_##name:                                                                               \
        return audience;
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
    }
    return TO_STAFF;
}

/* ---- live messages ---- */

#define F(type, name) put_##type(out, m->name);
#define U(id, name, fields)                                                                        \
    case MSG_##name: {                                                                             \
        const Msg_##name *m = &message->name;                                                      \
        (void)m;                                                                                   \
        fields break;                                                                              \
    }
#define D(id, name, fields) U(id, name, fields)
void message_encode(Buf *out, const Message *message)
{
    buf_u8(out, (u8)message->kind);
    switch (message->kind) {
#include "schema/wire.def"
    }
}
#undef U
#undef F

#define F(type, name) get_##type(&in, &m->name);
#define U(id, name, fields)                                                                        \
    case MSG_##name: {                                                                             \
        Msg_##name *m = &message.name;                                                             \
        (void)m;                                                                                   \
        fields return cursor_end(&in) ? ERR_FORMAT : (*out = message, OK);                         \
    }
Err message_decode(Span bytes, Message *out)
{
    Cursor in = {bytes, false};
    Message message;
    memset(&message, 0, sizeof message);
    message.kind = (MessageKind)take_int(&in, 1);
    if (in.bad) return ERR_FORMAT;
    switch (message.kind) {
#include "schema/wire.def"
    }
    return ERR_FORMAT;
}
#undef U
#undef D
#undef F

bool message_goes_up(MessageKind kind)
{
    return kind < 100;
}

/* ---- rows ---- */

void row_encode(Buf *out, const Row *r)
{
#define W(type, name) put_##type(out, r->name);
#include "schema/row.def"
#undef W
}

Err row_decode(Span bytes, Row *out)
{
    Cursor in = {bytes, false};
    Row r;
    memset(&r, 0, sizeof r);
#define W(type, name) get_##type(&in, &r.name);
#include "schema/row.def"
#undef W
    if (cursor_end(&in)) return ERR_FORMAT;
    *out = r;
    return OK;
}
