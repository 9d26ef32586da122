/* Memory: what an idle connection holds, and that each allocation may fail. */
#include "test/failing.h"

#include "net/internal.h"
#include "test/test.h"

static int opened, closed, answered;

static void on_request(void *ctx, Request *r)
{
    (void)ctx;
    answered++;
    Header h[] = {{"X-Path", request_path(r)}};
    Span q = request_query(r, "q");
    request_reply(r, 200, h, 1, q.ptr ? q : request_body(r));
}

static bool on_upgrade(void *ctx, Request *r, void **user)
{
    (void)ctx;
    *user = malloc(1); /* the sanitizer finds it when on_close is not called */
    if (*user) return true;
    request_reply(r, 503, NULL, 0, SPAN_NONE);
    return false;
}

static void on_open(void *ctx, Socket *s)
{
    (void)ctx;
    (void)s;
    opened++;
}

static void on_message(void *ctx, Socket *s, Span message)
{
    (void)ctx;
    socket_send(s, SEND_CONTROL, message);
}

static void on_close(void *ctx, Socket *s)
{
    (void)ctx;
    free(socket_user(s));
    closed++;
}

static const ServerEvents events = {.on_request = on_request,
                                    .on_upgrade = on_upgrade,
                                    .on_open = on_open,
                                    .on_message = on_message,
                                    .on_close = on_close};

static void feed(Connection *c, const char *bytes, size_t len)
{
    u8 own[1024];
    CHECK(len <= sizeof own);
    memcpy(own, bytes, len);
    connection_feed(c, own, len);
}

#define FEED(c, text) feed(c, text, sizeof(text) - 1)

static const char upgrade[] =
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

static void talk(Connection *c)
{
    FEED(c, "GET /a?q=b HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\n");
    FEED(c, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    feed(c, upgrade, sizeof upgrade - 1);
    FEED(c, "\x82\x83\x01\x02\x03\x04"
            "abc"); /* whole */
    FEED(c, "\x02\x83\x01\x02\x03\x04"
            "abc\x80\x83\x01\x02\x03\x04"
            "abc"); /* in fragments */
    FEED(c, "\x89\x81\x01\x02\x03\x04p");
    FEED(c, "\x88\x80\x01\x02\x03\x04");
}

TEST("A WebSocket that is idle holds no HTTP state, no buffer, and less than 1 KiB.")
{
    Loop *loop = loop_open();
    Server *s = server_detached(loop, &events);
    Connection *c = connection_detached(s, NULL);
    CHECK(c);
    feed(c, upgrade, sizeof upgrade - 1);
    FEED(c, "\x02\x83\x01\x02\x03\x04"
            "abc\x80\x83\x01\x02\x03\x04"
            "abc");
    CHECK_EQUAL(c->mode, MODE_SOCKET);
    CHECK(!c->http && !c->socket->message.ptr && !c->queue[0].first && !c->started);
    CHECK(sizeof(Connection) + sizeof(Socket) <= 1024);
    connection_detached_free(c);
    loop_close(loop);
}

TEST("An HTTP connection between two requests holds less than 4 KiB.")
{
    Loop *loop = loop_open();
    Server *s = server_detached(loop, &events);
    Connection *c = connection_detached(s, NULL);
    CHECK(c);
    FEED(c, "GET /a?q=b HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(!c->http->request && !c->http->in.ptr);
    CHECK(sizeof(Connection) + sizeof(Http) <= 4096);
    connection_detached_free(c);
    loop_close(loop);
}

TEST("Uploads over the memory for all of them are refused with 503 and 1013, and given back.")
{
    Loop *loop = loop_open();
    Server *s = server_detached(loop, &events);
    Buf out;
    buf_init(&out, 65536);
    Connection *c = connection_detached(s, &out), *d = connection_detached(s, &out);
    CHECK(c && d);
    feed(d, upgrade, sizeof upgrade - 1);
    FEED(c, "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123");
    FEED(d, "\x02\x83\x01\x02\x03\x04"
            "abc");
    CHECK_EQUAL(s->collected_bytes, 6);
    s->collected_bytes += NET_COLLECTED_BYTES_MAX - 6;
    FEED(c, "4");
    CHECK(memmem(out.ptr, out.len, "HTTP/1.1 503 ", 13));
    CHECK_EQUAL(s->collected_bytes, NET_COLLECTED_BYTES_MAX - 3);
    s->collected_bytes += 3;
    FEED(d, "\x00\x81\x01\x02\x03\x04"
            "d");
    CHECK(memmem(out.ptr, out.len, "\x03\xf5Too much", 10));
    CHECK_EQUAL(s->collected_bytes, NET_COLLECTED_BYTES_MAX - 3);
    s->collected_bytes = 0;
    connection_detached_free(c);
    connection_detached_free(d);
    buf_done(&out);
    loop_close(loop);
}

TEST("Whichever allocation fails, the connection ends cleanly and the server goes on.")
{
    Loop *loop = loop_open();
    Server *s = server_detached(loop, &events);
    long tries = 0;
    opened = closed = 0;
    for (long n = 1; failing_from(n); n++) {
        Connection *c = connection_detached(s, NULL);
        if (c) {
            talk(c);
            failing_left = 0;
            connection_detached_free(c);
        }
        CHECK_EQUAL(closed, opened);
        CHECK_EQUAL(server_connections(s), 0);
        CHECK_EQUAL(s->collected_bytes, 0);
        tries = n;
    }
    CHECK(tries > 10);
    CHECK_EQUAL(opened > 0, 1);
    answered = 0;
    Connection *c = connection_detached(s, NULL);
    CHECK(c);
    talk(c);
    CHECK_EQUAL(answered, 2);
    connection_detached_free(c);
    loop_close(loop);
}

TEST("A loop or a server that runs out of memory says so and leaks nothing.")
{
    for (long n = 1; failing_from(n); n++) {
        char why[256] = "";
        ServerOptions o = {.host = "127.0.0.1"};
        Loop *loop = loop_open();
        Server *s = loop ? server_open(loop, &o, &events, why, sizeof why) : NULL;
        failing_left = 0;
        if (loop && !s) CHECK(why[0]);
        loop_close(loop);
    }
}

TEST_MAIN()
