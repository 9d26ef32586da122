/* Any bytes after a WebSocket upgrade. The first byte chooses the size of the pieces; the same bytes
 * in one piece must carry the same messages. */
#include <stdlib.h>

#include "base/text.h"
#include "net/internal.h"

static Buf *seen;

static void on_request(void *ctx, Request *r)
{
    (void)ctx;
    request_reply(r, 404, NULL, 0, SPAN_NONE);
}

static bool on_upgrade(void *ctx, Request *r, void **user)
{
    (void)ctx;
    (void)r;
    (void)user;
    return true;
}

/* Messages steer what the server does, so that its sending and closing is reached too. */
static void on_message(void *ctx, Socket *s, Span m)
{
    (void)ctx;
    ASSERT(m.len <= SOCKET_MESSAGE_BYTES_MAX);
    buf_u32(seen, (u32)m.len);
    buf_span(seen, m);
    socket_send(s, m.len & 1 ? SEND_CONTROL : SEND_MEDIA, m);
    if (m.len && m.ptr[0] == 0xC1) socket_close(s, 4001, m);
}

static void on_close(void *ctx, Socket *s)
{
    (void)s;
    ++*(int *)ctx;
}

static const char upgrade[] =
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

static int closed;

static void run(Server *s, const u8 *bytes, size_t len, size_t piece, Buf *out)
{
    Buf sent;
    buf_init(out, (size_t)1 << 24);
    buf_init(&sent, (size_t)1 << 24);
    seen = out;
    closed = 0;
    Connection *c = connection_detached(s, &sent);
    ASSERT(c);
    u8 head[sizeof upgrade];
    memcpy(head, upgrade, sizeof upgrade);
    connection_feed(c, head, sizeof upgrade - 1);
    ASSERT(c->mode == MODE_SOCKET && !c->http);
    for (size_t at = 0; at < len && !c->closed; at += piece) {
        size_t n = MIN_OF(piece, len - at);
        u8 *own = malloc(n);
        ASSERT(own);
        memcpy(own, bytes + at, n);
        connection_feed(c, own, n);
        free(own);
    }
    if (!c->closed) connection_eof(c);
    connection_detached_free(c);
    ASSERT(closed == 1);
    buf_u32(out, (u32)sent.len); /* the answers must be the same as well */
    buf_span(out, buf_view(&sent));
    buf_done(&sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static Server *s;
    static const ServerEvents e = {.on_request = on_request,
                                   .on_upgrade = on_upgrade,
                                   .on_message = on_message,
                                   .on_close = on_close,
                                   .ctx = &closed};
    if (!s) s = server_detached(loop_open(), &e);
    if (len < 2) return 0;
    Buf pieces, whole;
    run(s, bytes + 1, len - 1, (size_t)bytes[0] + 1, &pieces);
    run(s, bytes + 1, len - 1, len, &whole);
    ASSERT(span_equal(buf_view(&pieces), buf_view(&whole)));
    buf_done(&pieces);
    buf_done(&whole);
    return 0;
}
