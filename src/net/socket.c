/* socket.c - a WebSocket after its upgrade: messages out of frames, pings, closing, sending.
 * A message that arrives in one piece is handed over where it lies; only others are collected. */
#include "net/internal.h"

#include <stdlib.h>

#include "base/text.h"

enum { CLOSE_REASON_MAX = 123 };

Socket *socket_open(Connection *c, void *user)
{
    Socket *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->conn = c;
    s->user = user;
    s->control_max = SOCKET_CONTROL_QUEUE_BYTES_MAX;
    buf_init(&s->message, SOCKET_MESSAGE_BYTES_MAX);
    return s;
}

static void message_forget(Socket *s)
{
    server_release(s->conn->server, s->message.len);
    buf_done(&s->message);
}

void socket_free(Socket *s)
{
    message_forget(s);
    free(s);
}

void *socket_user(const Socket *s)
{
    return s->user;
}

Span socket_peer(const Socket *s)
{
    return span_of(s->conn->peer);
}

void socket_set_room(Socket *s, size_t control_bytes)
{
    s->control_max = control_bytes;
}

size_t socket_queued_bytes(const Socket *s, SendClass send_class)
{
    return s->conn->queue[send_class].bytes;
}

void socket_hold(Socket *s, bool held)
{
    s->conn->paused = held;
    s->conn->frugal = s->conn->frugal || held;
    connection_interest(s->conn);
}

/* ---- sending ---- */

static bool send_frame(Connection *c, SendClass send_class, u8 opcode, OutItem item)
{
    item.head_len = frame_write(item.head, opcode, item.rest.len);
    return out_push(c, send_class, &item, 1);
}

/* The first message into an empty queue always fits, or a large one could never be sent. */
static bool socket_has_room(Socket *s, SendClass send_class, size_t len)
{
    size_t queued = s->conn->queue[send_class].bytes;
    size_t limit = send_class == SEND_CONTROL ? s->control_max : SOCKET_MEDIA_QUEUE_BYTES_MAX;
    if (queued == 0 || queued + len <= limit) return true;
    if (send_class == SEND_CONTROL) {
        out_drop(s->conn, SEND_CONTROL);
        socket_close(s, 1013, SPAN("Too slow: ask again for what was missed."));
    }
    return false;
}

static bool socket_put(Socket *s, SendClass send_class, OutItem item)
{
    if (s->state != SOCKET_OPEN || s->conn->closed) return false;
    if (!socket_has_room(s, send_class, item.rest.len)) return false;
    return send_frame(s->conn, send_class, OP_BINARY, item);
}

bool socket_send(Socket *s, SendClass send_class, Span message)
{
    return socket_put(s, send_class, (OutItem){.rest = message, .keep = KEEP_COPY});
}

bool socket_send_buf(Socket *s, SendClass send_class, NetBuf *b)
{
    OutItem item = {.rest = {b->bytes, b->len}, .buf = b, .keep = KEEP_SHARED};
    return socket_put(s, send_class, item);
}

/* ---- closing ---- */

static void send_close(Socket *s, u16 code, Span reason)
{
    u8 payload[125];
    size_t len = 0;
    if (code) {
        len = 2 + MIN_OF(reason.len, (size_t)CLOSE_REASON_MAX);
        payload[0] = (u8)(code >> 8);
        payload[1] = (u8)code;
        if (len > 2) memcpy(payload + 2, reason.ptr, len - 2);
    }
    out_drop(s->conn, SEND_MEDIA);
    OutItem item = {.rest = {payload, len}, .keep = KEEP_COPY};
    send_frame(s->conn, SEND_CONTROL, OP_CLOSE, item);
}

void socket_close(Socket *s, u16 code, Span reason)
{
    if (s->state != SOCKET_OPEN || s->conn->closed) return;
    s->state = SOCKET_CLOSING;
    socket_hold(s, false); /* its answer is read */
    server_line_join(s->conn, LINE_CLOSING);
    send_close(s, code, reason);
}

/* The peer broke a rule: say which and listen to nothing more. */
static void socket_refuse(Socket *s, u16 code, const char *reason)
{
    bool first = s->state == SOCKET_OPEN;
    s->state = SOCKET_DEAF;
    message_forget(s);
    if (first) send_close(s, code, span_of(reason));
    connection_linger(s->conn);
}

static void on_close_frame(Socket *s, Span payload)
{
    u32 code = payload.len >= 2 ? (u32)(payload.ptr[0] << 8 | payload.ptr[1]) : 0;
    bool bad = payload.len == 1 || (payload.len >= 2 && !frame_close_code_ok(code));
    if (payload.len > 2 && !text_is_utf8((Span){payload.ptr + 2, payload.len - 2})) bad = true;
    if (bad) {
        socket_refuse(s, 1002, "The close frame is malformed.");
        return;
    }
    bool first = s->state == SOCKET_OPEN;
    s->state = SOCKET_DEAF;
    if (first) send_close(s, (u16)code, SPAN_NONE);
    /* Both sides have said goodbye: nothing can be lost, the connection ends as soon as ours left.
     */
    s->conn->peer_done = true;
    connection_linger(s->conn);
}

/* ---- receiving ---- */

static void deliver(Socket *s, Span message)
{
    ServerEvents *e = &s->conn->server->events;
    if (s->state == SOCKET_OPEN && e->on_message) e->on_message(e->ctx, s, message);
}

static void on_control_frame(Socket *s, Span payload)
{
    if (s->frame.opcode == OP_CLOSE) {
        on_close_frame(s, payload);
    } else if (s->frame.opcode == OP_PING && s->state == SOCKET_OPEN) {
        if (!socket_has_room(s, SEND_CONTROL, payload.len)) return;
        send_frame(s->conn, SEND_CONTROL, OP_PONG, (OutItem){.rest = payload, .keep = KEEP_COPY});
    }
}

/* Judges a frame header against the message under way. False: refused. */
static bool frame_allowed(Socket *s)
{
    const FrameHead *f = &s->frame;
    if (f->opcode >= OP_CLOSE) return true;
    if (f->opcode == OP_TEXT) {
        socket_refuse(s, 1003, "Only binary messages are understood.");
    } else if (s->in_message != (f->opcode == OP_MORE)) {
        socket_refuse(s, 1002, "Fragments are out of order.");
    } else if (f->len > SOCKET_MESSAGE_BYTES_MAX -
                            MIN_OF(s->message.len, (size_t)SOCKET_MESSAGE_BYTES_MAX)) {
        socket_refuse(s, 1009, "The message is too long.");
    } else {
        return true;
    }
    return false;
}

/* Takes header bytes, which may come one by one; returns how many. */
static size_t take_head(Socket *s, const u8 *bytes, size_t len)
{
    size_t had = s->head_len, n = MIN_OF(len, sizeof s->head - had);
    memcpy(s->head + had, bytes, n);
    int used = frame_read(s->head, had + n, &s->frame);
    if (used < 0) {
        socket_refuse(s, 1002,
                      "A frame breaks the protocol (reserved bits, length, opcode or mask).");
        return len;
    }
    if (used == 0) {
        s->head_len = (u8)(had + n);
        return n;
    }
    s->head_len = 0;
    s->in_frame = true;
    s->frame_at = 0;
    frame_allowed(s);
    return (size_t)used - had;
}

static void data_end(Socket *s, Span whole)
{
    s->in_message = !s->frame.fin;
    if (!s->frame.fin) return;
    deliver(s, whole);
    message_forget(s);
}

static void take_data(Socket *s, u8 *bytes, size_t n)
{
    bool last = s->frame_at == s->frame.len;
    /* A whole message in one piece needs no copy. */
    if (last && n == s->frame.len && s->frame.fin && s->frame.opcode == OP_BINARY) {
        data_end(s, (Span){bytes, n});
        return;
    }
    if (!server_collect(s->conn->server, n)) {
        socket_refuse(s, 1013, "Too much is being uploaded; try again in a few seconds.");
        return;
    }
    buf_put(&s->message, bytes, n);
    if (s->message.failed) {
        server_release(s->conn->server, n);
        socket_refuse(s, 1009, "The message is too long.");
        return;
    }
    if (last) data_end(s, buf_view(&s->message));
}

static void take_control(Socket *s, const u8 *bytes, size_t n)
{
    memcpy(s->control + s->control_len, bytes, n);
    s->control_len = (u8)(s->control_len + n);
    if (s->frame_at < s->frame.len) return;
    Span payload = {s->control, s->control_len};
    s->control_len = 0;
    on_control_frame(s, payload);
}

static size_t take_payload(Socket *s, u8 *bytes, size_t len)
{
    size_t n = (size_t)MIN_OF((u64)len, s->frame.len - s->frame_at);
    frame_unmask(bytes, n, s->frame.mask, s->frame_at);
    s->frame_at += n;
    if (s->frame_at == s->frame.len) s->in_frame = false;
    if (s->frame.opcode >= OP_CLOSE) take_control(s, bytes, n);
    else take_data(s, bytes, n);
    return n;
}

void socket_feed(Socket *s, u8 *bytes, size_t len)
{
    Connection *c = s->conn;
    if (s->state == SOCKET_OPEN) server_line_join(c, LINE_IDLE);
    while (!c->closed && s->state != SOCKET_DEAF) {
        if (!s->in_frame) {
            if (len == 0) return;
            size_t n = take_head(s, bytes, len);
            bytes += n;
            len -= n;
            if (!s->in_frame) continue;
        }
        /* An empty payload is complete at once. */
        if (len == 0 && s->frame.len > s->frame_at) return;
        if (s->state == SOCKET_DEAF) return;
        size_t n = take_payload(s, bytes, len);
        bytes += n;
        len -= n;
    }
}
