/* The codec of commands, events, messages and rows: everything that goes out comes back, nothing else
 * is taken. Values are drawn by the tables, so that a new row is tested without an edit here. */
#include "wire/wire.h"

#include "test/test.h"

static u32 next_value;

static u8 value_u8(void)
{
    return (u8)(++next_value * 7 + 1);
}
static u16 value_u16(void)
{
    return (u16)(++next_value * 257 + 3);
}
static u32 value_u32(void)
{
    return ++next_value * 65537u + 5;
}
static u64 value_u64(void)
{
    return ((u64)++next_value << 40) + 12345;
}
static i64 value_i64(void)
{
    return -(i64)value_u64();
}
static f64 value_f64(void)
{
    return (f64)++next_value / 3;
}
static str value_str(void)
{
    return SPAN("Zürich \"Ω\" \n end");
}
static blob value_blob(void)
{
    return SPAN("\x00\xff\x80 bytes");
}

#define F(type, name) m->name = value_##type();

static Command any_command(CommandKind kind)
{
    Command c = {.kind = kind};
    switch (kind) {
#define E(id, name, leads, audience, fields)
#define C(id, name, who, states, fields)                                                           \
    case CMD_##name: {                                                                             \
        Cmd_##name *m = &c.name;                                                                   \
        (void)m;                                                                                   \
        fields break;                                                                              \
    }
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
    }
    return c;
}

static Event any_event(EventKind kind)
{
    Event e = {.kind = kind, .role = BY_PROCTOR, .at_ms = 1700000000123, .actor = 42, .cmd = 99};
    switch (kind) {
#define C(id, name, who, states, fields)
#define E(id, name, leads, audience, fields)                                                       \
    case EVT_##name: {                                                                             \
        Evt_##name *m = &e.name;                                                                   \
        (void)m;                                                                                   \
        fields break;                                                                              \
    }
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
    }
    return e;
}

static Message any_message(MessageKind kind)
{
    Message message = {.kind = kind};
    switch (kind) {
#define U(id, name, fields)                                                                        \
    case MSG_##name: {                                                                             \
        Msg_##name *m = &message.name;                                                             \
        (void)m;                                                                                   \
        fields break;                                                                              \
    }
#define D(id, name, fields) U(id, name, fields)
#include "schema/wire.def"
#undef U
#undef D
    }
    return message;
}
#undef F

static const CommandKind COMMANDS[] = {
#define C(id, name, who, states, fields) CMD_##name,
#define E(id, name, leads, audience, fields)
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
};

static const EventKind EVENTS[] = {
#define C(id, name, who, states, fields)
#define E(id, name, leads, audience, fields) EVT_##name,
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
};

static const MessageKind MESSAGES[] = {
#define U(id, name, fields) MSG_##name,
#define D(id, name, fields) MSG_##name,
#include "schema/wire.def"
#undef U
#undef D
};

/* One kind of thing on the wire, seen as bytes in, bytes out. */
typedef struct Codec {
    Err (*again)(Span in, Buf *out); /* decodes and encodes again */
} Codec;

static Err command_again(Span in, Buf *out)
{
    Command c;
    Err err = command_decode(in, &c);
    if (!err) command_encode(out, &c);
    return err;
}

static Err event_again(Span in, Buf *out)
{
    Event e;
    Err err = event_decode(in, &e);
    if (!err) event_encode(out, &e);
    return err;
}

static Err message_again(Span in, Buf *out)
{
    Message m;
    Err err = message_decode(in, &m);
    if (!err) message_encode(out, &m);
    return err;
}

static Err row_again(Span in, Buf *out)
{
    Row r;
    Err err = row_decode(in, &r);
    if (!err) row_encode(out, &r);
    return err;
}

/* The same bytes come back; every shorter and every longer form is refused. */
static void check_codec(Codec codec, const Buf *bytes)
{
    Buf out;
    CHECK(!bytes->failed);
    buf_init(&out, EVENT_BYTES_MAX);
    CHECK_EQUAL(codec.again(buf_view(bytes), &out), OK);
    CHECK(span_equal(buf_view(&out), buf_view(bytes)));
    for (size_t len = 0; len < bytes->len; len++) {
        buf_reset(&out);
        CHECK(codec.again((Span){bytes->ptr, len}, &out) == ERR_FORMAT);
    }
    u8 *longer = malloc(bytes->len + 1);
    memcpy(longer, bytes->ptr, bytes->len);
    longer[bytes->len] = 0;
    Err err = codec.again((Span){longer, bytes->len + 1}, &out);
    free(longer);
    CHECK(err == ERR_FORMAT);
    buf_done(&out);
}

TEST("Every command comes back as it went, and in no other form.")
{
    Buf b;
    buf_init(&b, EVENT_BYTES_MAX);
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++) {
        Command c = any_command(COMMANDS[i]);
        buf_reset(&b);
        command_encode(&b, &c);
        check_codec((Codec){command_again}, &b);
        CHECK(command_known((u32)COMMANDS[i]));
        CHECK(command_who(COMMANDS[i]) != 0 && command_states(COMMANDS[i]) != 0);
    }
    buf_done(&b);
}

TEST("Every event comes back as it went, and in no other form.")
{
    Buf b;
    buf_init(&b, EVENT_BYTES_MAX);
    for (size_t i = 0; i < COUNT_OF(EVENTS); i++) {
        Event e = any_event(EVENTS[i]);
        buf_reset(&b);
        event_encode(&b, &e);
        check_codec((Codec){event_again}, &b);
    }
    buf_done(&b);
}

TEST("Every message of the live socket comes back as it went, and in no other form.")
{
    Buf b;
    buf_init(&b, EVENT_BYTES_MAX);
    for (size_t i = 0; i < COUNT_OF(MESSAGES); i++) {
        Message m = any_message(MESSAGES[i]);
        buf_reset(&b);
        message_encode(&b, &m);
        check_codec((Codec){message_again}, &b);
        CHECK_EQUAL(message_goes_up(MESSAGES[i]), MESSAGES[i] < 100);
    }
    buf_done(&b);
}

TEST("A row comes back as it went, and in no other form.")
{
    Buf b;
    Row r;
    memset(&r, 0, sizeof r);
    Row *m = &r;
#define W(type, name) m->name = value_##type();
#include "schema/row.def"
#undef W
    buf_init(&b, EVENT_BYTES_MAX);
    row_encode(&b, &r);
    check_codec((Codec){row_again}, &b);
    buf_done(&b);
}

TEST("Text that is not UTF-8 is refused; bytes may be anything.")
{
    Buf b;
    Event e = {.kind = EVT_said, .role = BY_CANDIDATE, .said = {SPAN("\xc3\x28"), 0}}, out;
    buf_init(&b, EVENT_BYTES_MAX);
    event_encode(&b, &e);
    CHECK(event_decode(buf_view(&b), &out) == ERR_FORMAT);
    buf_reset(&b);
    e = (Event){.kind = EVT_key_added, .key_added = {7, SPAN("\xc3\x28"), 0}};
    event_encode(&b, &e);
    CHECK(event_decode(buf_view(&b), &out) == OK);
    buf_done(&b);
}

TEST("Unknown kinds are refused.")
{
    Command c;
    Event e;
    Message m;
    CHECK(command_decode(SPAN("\x00\x00"), &c) == ERR_FORMAT);
    CHECK(command_decode(SPAN("\xff\xff"), &c) == ERR_FORMAT);
    CHECK(event_decode(SPAN("\xff\xff..................................."), &e) == ERR_FORMAT);
    CHECK(message_decode(SPAN("\xff"), &m) == ERR_FORMAT);
    CHECK(message_decode(SPAN_NONE, &m) == ERR_FORMAT);
}

TEST("Events as JSON name their kind, role and fields, and escape texts.")
{
    Buf b;
    Event e = {.kind = EVT_said,
               .role = BY_CANDIDATE,
               .at_ms = 5,
               .actor = 3,
               .cmd = 9,
               .said = {SPAN("a \"b\" \\ \n \x01"), 0}};
    buf_init(&b, EVENT_BYTES_MAX);
    event_json(&b, &e);
    CHECK_TEXT(buf_view(&b),
               "{\"kind\":\"said\",\"at\":5,\"role\":\"candidate\",\"actor\":3,\"cmd\":9,"
               "\"text\":\"a \\\"b\\\" \\\\ \\n \\u0001\"}");
    buf_done(&b);
}

TEST("Each table speaks of its rows.")
{
    u32 setting;
    CHECK(setting_by_name(SPAN("webcam"), &setting) && setting == SETTING_webcam);
    CHECK(!setting_by_name(SPAN("nothing"), &setting));
    CHECK(setting_valid(SETTING_webcam, 1) && !setting_valid(SETTING_webcam, 2));
    CHECK(!setting_valid(SETTINGS_END, 0) && setting_name(0) == NULL);
    CHECK_EQUAL(check_setting(CHECK_screen), SETTING_screen);
    CHECK_EQUAL(track_setting(TRACK_webcam), SETTING_webcam);
    CHECK(flag_name(FLAG_page_hidden) && !flag_name(0));
    CHECK(flag_class(FLAG_disconnected) == FLAG_TECHNICAL);
    CHECK_EQUAL(refusal_http(R_TOO_LATE), 409);
    CHECK(strlen(refusal_text(R_CODE_FULL)) > 10);
}

TEST_MAIN()
