/* Any bytes on an HTTP connection: through the scanner, llhttp, every check and every accessor, to the
 * answer. The first byte chooses the size of the pieces; the same bytes in one piece must lead to the
 * same requests, or a split packet would mean something else than a whole one. */
#include <stdlib.h>

#include "base/text.h"
#include "net/internal.h"

static Buf *seen; /* what the handler saw */
static Request *waiting;

static void see_request(Request *r)
{
    Span path = request_path(r), unused;
    ASSERT(path.len && path.ptr[0] == '/' && !memchr(path.ptr, 0, path.len) && text_is_utf8(path));
    ASSERT(!text_cut(path, '\\', &unused, &unused) && !memmem(path.ptr, path.len, "/../", 4));
    ASSERT(request_body(r).len <= HTTP_BODY_BYTES_MAX);
    buf_u8(seen, (u8)request_method(r));
    buf_span(seen, path);
    buf_span(seen, request_query(r, "q"));
    buf_span(seen, request_header(r, "x-test"));
    buf_span(seen, request_cookie(r, "sid"));
    buf_span(seen, request_body(r));
}

static void on_request(void *ctx, Request *r)
{
    (void)ctx;
    see_request(r);
    Header h[] = {{"X-Echo", request_query(r, "h")}};
    if (span_equal(request_path(r), SPAN("/later"))) waiting = r;
    else request_reply(r, 200, h, 1, request_body(r));
}

static bool on_upgrade(void *ctx, Request *r, void **user)
{
    (void)ctx;
    (void)user;
    see_request(r);
    if (text_starts(request_path(r), SPAN("/ws"))) return true;
    request_reply_static(r, 403, NULL, 0, SPAN("no"));
    return false;
}

static void on_message(void *ctx, Socket *s, Span message)
{
    (void)ctx;
    buf_span(seen, message);
    socket_send(s, SEND_CONTROL, message);
}

static void answer_waiting(void)
{
    Request *r = waiting;
    waiting = NULL;
    if (r) request_reply(r, 200, NULL, 0, SPAN("late"));
}

static void run(Server *s, const u8 *bytes, size_t len, size_t piece, Buf *out)
{
    Buf sent;
    buf_init(out, (size_t)1 << 24);
    buf_init(&sent, (size_t)1 << 24);
    seen = out;
    Connection *c = connection_detached(s, &sent);
    ASSERT(c);
    for (size_t at = 0; at < len && !c->closed; at += piece) {
        size_t n = MIN_OF(piece, len - at);
        u8 *own = malloc(n); /* of the exact size, so that the sanitizer sees any step beyond */
        ASSERT(own);
        memcpy(own, bytes + at, n);
        connection_feed(c, own, n);
        free(own);
        while (waiting && !c->closed)
            answer_waiting();
    }
    if (!c->closed) connection_eof(c);
    connection_detached_free(c);
    answer_waiting(); /* a client that has gone */
    ASSERT(sent.len == 0 || text_starts(buf_view(&sent), SPAN("HTTP/1.1 ")));
    buf_done(&sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static Server *s;
    static const ServerEvents e = {
        .on_request = on_request, .on_upgrade = on_upgrade, .on_message = on_message};
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
