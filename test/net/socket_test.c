/* WebSocket over real sockets on the loopback. */
#include <errno.h>
#include <malloc.h>

#include "test/net/client.h"
#include "test/net/site.h"

static Client connected(Site *s)
{
    Client c = client_open(s->port);
    CHECK(client_upgrade(&c));
    return c;
}

/* Sends bytes after an upgrade; the close code that comes back. */
static int code_for(Site *s, const void *bytes, size_t len)
{
    Client c = connected(s);
    client_send(&c, bytes, len);
    int code = client_close_code(&c);
    client_close(&c);
    return code;
}

static int code_for_frame(Site *s, u8 first, const void *payload, size_t len)
{
    u8 bytes[512];
    return code_for(s, bytes, client_frame(bytes, first, client_mask, payload, len));
}

TEST("An upgraded connection echoes a binary message.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    CHECK(client_upgrade(&c));
    CHECK_TEXT(client_header(&c, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(client_send_frame(&c, FRAME_FIN | 2, "abc", 3));
    CHECK(client_read_frame(&c));
    CHECK_EQUAL(c.opcode, 2);
    CHECK_TEXT(client_body(&c), "abc");
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    CHECK_EQUAL(s->closed, 1);
    site_close(s);
}

TEST("An upgrade with a wrong version, key, method or path is refused with a reason.")
{
    static const struct {
        int status;
        const char *request;
    } bad[] = {
        {426, "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n"},
        {400, "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Version: 13\r\n\r\n"},
        {400, "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\nSec-WebSocket-Version: 13\r\n\r\n"},
        {400, "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhl!HNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"},
        {400,
         "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\nContent-Length: 1"
         "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\nx"},
        {403, "GET /other HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"},
        /* Not upgrades at all: ordinary requests. */
        {200, "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"},
        {200, "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n"},
        {200, "POST /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
    };
    Site *s = site_open();
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Client c = client_open(s->port);
        client_say(&c, bad[i].request);
        CHECK_EQUAL(client_answer(&c), bad[i].status);
        client_close(&c);
    }
    CHECK_EQUAL(s->opened, 0);
    site_close(s);
}

TEST("A frame in the same packet as the upgrade is not lost.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    char text[512];
    size_t n = (size_t)snprintf(
        text, sizeof text,
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n");
    n += client_frame((u8 *)text + n, FRAME_FIN | 2, client_mask, "early", 5);
    client_send(&c, text, n);
    CHECK_EQUAL(client_answer(&c), 101);
    CHECK(client_read_frame(&c));
    CHECK_TEXT(client_body(&c), "early");
    client_close(&c);
    site_close(s);
}

TEST("Messages of every length class come back unchanged.")
{
    static const size_t lengths[] = {
        0, 1, 7, 8, 125, 126, 127, 65535, 65536, 200000, SOCKET_MESSAGE_BYTES_MAX};
    Site *s = site_open();
    Client c = connected(s);
    u8 *bytes = malloc(SOCKET_MESSAGE_BYTES_MAX);
    CHECK(bytes);
    for (size_t i = 0; i < SOCKET_MESSAGE_BYTES_MAX; i++)
        bytes[i] = (u8)(i * 31 >> 2);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        CHECK(client_send_frame(&c, FRAME_FIN | 2, bytes, lengths[i]));
        CHECK(client_read_frame(&c));
        CHECK_EQUAL(c.body_len, lengths[i]);
        CHECK(memcmp(c.body, bytes, lengths[i]) == 0);
    }
    free(bytes);
    client_close(&c);
    site_close(s);
}

TEST("A fragmented message with a ping between its parts arrives as one, byte by byte too.")
{
    Site *s = site_open();
    Client c = connected(s);
    u8 bytes[256];
    size_t n = client_frame(bytes, 2, client_mask, "one ", 4);
    n += client_frame(bytes + n, 0, client_mask, "", 0);
    n += client_frame(bytes + n, FRAME_FIN | 9, client_mask, "ping", 4);
    n += client_frame(bytes + n, 0, client_mask, "two ", 4);
    n += client_frame(bytes + n, FRAME_FIN | 0, client_mask, "three", 5);
    for (int way = 0; way < 2; way++) {
        for (size_t i = 0; i < n; i += way ? 1 : n)
            CHECK(client_send(&c, bytes + i, way ? 1 : n));
        CHECK(client_read_frame(&c));
        CHECK_EQUAL(c.opcode, 10);
        CHECK_TEXT(client_body(&c), "ping");
        CHECK(client_read_frame(&c));
        CHECK_TEXT(client_body(&c), "one two three");
    }
    client_close(&c);
    site_close(s);
}

TEST("Frames that break the protocol close the socket with the code that says how.")
{
    Site *s = site_open();
    u8 bytes[512];
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 1, "text", 4), 1003);
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 0, "x", 1), 1002);
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 0x40 | 2, "x", 1), 1002);
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 3, "x", 1), 1002);
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 11, "x", 1), 1002);
    CHECK_EQUAL(code_for_frame(s, 9, "x", 1), 1002); /* a fragmented ping */
    CHECK_EQUAL(code_for(s, bytes, client_frame(bytes, FRAME_FIN | 2, NULL, "x", 1)), 1002);
    memset(bytes, 'x', 200);
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 9, bytes, 126), 1002);
    size_t n = client_frame(bytes, 2, client_mask, "a", 1);
    n += client_frame(bytes + n, FRAME_FIN | 2, client_mask, "b", 1);
    CHECK_EQUAL(code_for(s, bytes, n), 1002);
    CHECK_EQUAL(code_for(s, "\x82\xfe\x00\x05mask", 8), 1002); /* not shortest */
    CHECK_EQUAL(code_for(s, "\x82\xff\x00\x00\x00\x00\x00\x00\xff\xffmask", 14),
                1002); /* not shortest */
    CHECK_EQUAL(code_for(s, "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00mask", 14),
                1002); /* negative */
    CHECK_EQUAL(code_for(s, "\x82\xff\x00\x00\x00\x00\x00\x30\x00\x00mask", 14),
                1009); /* too long */
    CHECK_EQUAL(s->messages, 0);
    CHECK(site_wait(s, site_no_connection, 0));
    CHECK_EQUAL(s->closed, s->opened);
    site_close(s);
}

TEST("Fragments that grow over the limit together close with 1009.")
{
    Site *s = site_open();
    Client c = connected(s);
    u8 *bytes = calloc(1, 1000000);
    CHECK(bytes);
    client_send_frame(&c, 2, bytes, 1000000);
    client_send_frame(&c, 0, bytes, 1000000);
    client_send_frame(&c, 0, bytes, 200001);
    CHECK_EQUAL(client_close_code(&c), 1009);
    free(bytes);
    client_close(&c);
    site_close(s);
}

TEST("A close is answered with its own code, a malformed one with 1002, and the stream ends.")
{
    Site *s = site_open();
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 8,
                               "\x03\xe8"
                               "bye",
                               5),
                1000);
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 8, "\x0f\xa1", 2), 4001);
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 8, "", 0), 1005);
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 8, "\x03", 1), 1002);
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 8, "\x03\xed", 2), 1002); /* 1005 must not be sent */
    CHECK_EQUAL(code_for_frame(s, FRAME_FIN | 8, "\x03\xe8\xff", 3), 1002);
    Client c = connected(s);
    client_send_frame(&c, FRAME_FIN | 8, "\x03\xe8", 2);
    CHECK_EQUAL(client_close_code(&c), 1000);
    CHECK(client_ended(&c));
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    CHECK_EQUAL(s->closed, s->opened);
    site_close(s);
}

static void close_all(Site *s, void *ctx)
{
    (void)ctx;
    for (int i = 0; i < s->socket_count; i++)
        socket_close(s->sockets[i], 4000, SPAN("enough"));
    for (int i = 0; i < s->socket_count; i++)
        CHECK(!socket_send(s->sockets[i], SEND_CONTROL, SPAN("late")));
}

TEST("A socket closed by the handler says code and reason, waits for the peer's close, then goes.")
{
    Site *s = site_open();
    Client c = connected(s);
    CHECK(site_wait(s, site_has_sockets, 1));
    site_do(s, close_all, NULL);
    CHECK_EQUAL(client_close_code(&c), 4000);
    CHECK_EQUAL(c.body_len, 8);
    client_send_frame(&c, FRAME_FIN | 2, "crossed", 7); /* was on its way: no error */
    client_send_frame(&c, FRAME_FIN | 8, "\x0f\xa0", 2);
    CHECK(client_ended(&c));
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    CHECK_EQUAL(s->messages, 0);
    site_close(s);
}

static void hurry(Site *s, void *ctx)
{
    (void)ctx;
    server_set_patience(s->server, 200, 200);
}

TEST("A socket that is silent for too long is closed, also when it never answers.")
{
    Site *s = site_open();
    site_do(s, hurry, NULL);
    Client c = connected(s);
    CHECK_EQUAL(client_close_code(&c), 1001);
    CHECK(client_ended(&c));
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    site_close(s);
}

static void hurry_less(Site *s, void *ctx)
{
    (void)ctx;
    server_set_patience(s->server, 500, 500);
}

TEST("A socket that pings is kept.")
{
    Site *s = site_open();
    site_do(s, hurry_less, NULL);
    Client c = connected(s);
    u64 until = uv_hrtime() + 1600000000; /* more than three times the patience */
    struct pollfd p = {.fd = c.fd, .events = POLLIN};
    while (uv_hrtime() < until) {
        CHECK(client_send_frame(&c, FRAME_FIN | 9, "", 0));
        CHECK(client_read_frame(&c));
        CHECK_EQUAL(c.opcode, 10);
        poll(&p, 1, 20);
    }
    client_close(&c);
    site_close(s);
}

/* As if the process had been stopped: the loop does nothing, then a ping lies there. */
static void stand_still(Site *s, void *ctx)
{
    u64 until = uv_hrtime() + 1200000000; /* more than twice the patience */
    (void)s;
    while (uv_hrtime() < until) {
    }
    client_send_frame(ctx, FRAME_FIN | 9, "", 0);
}

TEST("Who spoke while the server stood still is heard before anybody counts as silent.")
{
    Site *s = site_open();
    site_do(s, hurry_less, NULL);
    Client c = connected(s);
    CHECK(site_wait(s, site_has_sockets, 1));
    site_do(s, stand_still, &c);
    CHECK(client_read_frame(&c));
    CHECK_EQUAL(c.opcode, 10);
    client_close(&c);
    site_close(s);
}

/* ---- queues ---- */

typedef struct Flood {
    SendClass class;
    size_t size;
    int count, sent; /* to send, taken */
    size_t queued;
} Flood;

static void flood(Site *s, void *ctx)
{
    Flood *f = ctx;
    Span message = {calloc(1, f->size), f->size};
    ((u8 *)message.ptr)[0] = (u8)(f->class == SEND_MEDIA ? 'm' : 'c');
    f->sent = 0;
    for (int i = 0; i < f->count && s->socket_count; i++)
        f->sent += socket_send(s->sockets[0], f->class, message);
    f->queued = s->socket_count ? socket_queued_bytes(s->sockets[0], f->class) : 0;
    free((void *)message.ptr);
}

TEST("Media over the bound of a slow reader is dropped and told; the socket lives on.")
{
    Site *s = site_open();
    Client c = client_open_small(s->port, 4096);
    CHECK(client_upgrade(&c));
    CHECK(site_wait(s, site_has_sockets, 1));
    Flood f = {.class = SEND_MEDIA, .size = 50000, .count = 200};
    site_do(s, flood, &f);
    CHECK(f.sent > 10 && f.sent < 200);
    CHECK(f.queued <= SOCKET_MEDIA_QUEUE_BYTES_MAX);
    int got = 0;
    while (got < f.sent && client_read_frame(&c))
        got += c.body_len == 50000;
    CHECK_EQUAL(got, f.sent);
    CHECK(client_send_frame(&c, FRAME_FIN | 2, "on", 2));
    CHECK(client_read_frame(&c));
    CHECK_TEXT(client_body(&c), "on");
    client_close(&c);
    site_close(s);
}

TEST("A control message overtakes waiting media.")
{
    Site *s = site_open();
    Client c = client_open_small(s->port, 4096);
    CHECK(client_upgrade(&c));
    CHECK(site_wait(s, site_has_sockets, 1));
    Flood media = {.class = SEND_MEDIA, .size = 50000, .count = 200};
    Flood control = {.class = SEND_CONTROL, .size = 10, .count = 1};
    site_do(s, flood, &media);
    site_do(s, flood, &control);
    CHECK_EQUAL(control.sent, 1);
    int before = 0;
    while (client_read_frame(&c) && c.body[0] == 'm')
        before++;
    CHECK_EQUAL(c.body[0], 'c');
    CHECK(before < media.sent - 5);
    client_close(&c);
    site_close(s);
}

TEST("A reader that lets its control queue overflow is closed with 1013.")
{
    Site *s = site_open();
    Client c = client_open_small(s->port, 4096);
    CHECK(client_upgrade(&c));
    CHECK(site_wait(s, site_has_sockets, 1));
    Flood f = {.class = SEND_CONTROL, .size = 100000, .count = 100};
    site_do(s, flood, &f);
    CHECK(f.sent < 100);
    CHECK(f.queued < 300000); /* what had not begun is forgotten */
    CHECK_EQUAL(client_close_code(&c), 1013);
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    CHECK_EQUAL(s->closed, 1);
    site_close(s);
}

static void make_room(Site *s, void *ctx)
{
    socket_set_room(s->sockets[0], *(size_t *)ctx);
}

TEST("A reader that was given room may be behind by that much.")
{
    Site *s = site_open();
    Client c = client_open_small(s->port, 4096);
    CHECK(client_upgrade(&c));
    CHECK(site_wait(s, site_has_sockets, 1));
    size_t room = 12000000;
    site_do(s, make_room, &room);
    Flood f = {.class = SEND_CONTROL, .size = 100000, .count = 100};
    site_do(s, flood, &f);
    CHECK_EQUAL(f.sent, 100);
    for (int i = 0; i < 100; i++) {
        CHECK(client_read_frame(&c));
        CHECK_EQUAL(c.body_len, 100000);
    }
    client_close(&c);
    site_close(s);
}

static void set_held(Site *s, void *ctx)
{
    socket_hold(s->sockets[0], *(bool *)ctx);
}

TEST("A peer that is held is not heard; let go, it is heard to the last message.")
{
    enum { MANY = 3000 }; /* more than one read takes */
    Site *s = site_open();
    Client c = connected(s);
    bool held = true;
    CHECK(site_wait(s, site_has_sockets, 1));
    site_do(s, set_held, &held);
    for (int i = 0; i < MANY; i++)
        CHECK(client_send_frame(&c, FRAME_FIN | 2, &i, sizeof i));
    site_do(s, set_held, &held);
    CHECK_EQUAL(s->messages, 0);
    held = false;
    site_do(s, set_held, &held);
    for (int i = 0; i < MANY; i++) {
        CHECK(client_read_frame(&c));
        CHECK(c.body_len == sizeof i && memcmp(c.body, &i, sizeof i) == 0);
    }
    client_close(&c);
    site_close(s);
}

TEST("One message larger than the queue is taken when nothing waits.")
{
    Site *s = site_open();
    Client c = client_open_small(s->port, 4096);
    CHECK(client_upgrade(&c));
    CHECK(site_wait(s, site_has_sockets, 1));
    Flood f = {.class = SEND_MEDIA, .size = 3000000, .count = 1};
    site_do(s, flood, &f);
    CHECK_EQUAL(f.sent, 1);
    CHECK(client_read_frame(&c));
    CHECK_EQUAL(c.body_len, 3000000);
    client_close(&c);
    site_close(s);
}

enum { COLLECTED = 20000, SMALL_BYTES = 40, LARGE_BYTES = 2000, LARGE_EVERY = 500 };

typedef struct Collecting {
    size_t queued; /* after the first message */
    int sent;
} Collecting;

static void collect(Site *s, void *ctx)
{
    Collecting *c = ctx;
    u32 message[LARGE_BYTES / 4] = {0};
    loop_collect(s->loop);
    for (u32 i = 0; i < COLLECTED; i++) {
        message[0] = i;
        size_t len = i % LARGE_EVERY ? SMALL_BYTES : LARGE_BYTES;
        c->sent += socket_send(s->sockets[0], SEND_CONTROL, (Span){(u8 *)message, len});
        if (i == 0) c->queued = socket_queued_bytes(s->sockets[0], SEND_CONTROL);
    }
    socket_send(s->sockets[1], SEND_CONTROL, SPAN("last words"));
    socket_close(s->sockets[1], 1000, SPAN("enough"));
    loop_release(s->loop);
}

TEST("What is sent while the loop collects arrives whole and in order, before a close too.")
{
    Site *s = site_open();
    Client c = client_open(s->port), d = client_open(s->port);
    CHECK(client_upgrade(&c));
    CHECK(site_wait(s, site_has_sockets, 1));
    CHECK(client_upgrade(&d));
    CHECK(site_wait(s, site_has_sockets, 2));
    Collecting all = {0};
    site_do(s, collect, &all);
    CHECK_EQUAL(all.sent, COLLECTED);
    CHECK(all.queued > 0);
    for (u32 i = 0; i < COLLECTED; i++) {
        u32 number = COLLECTED;
        CHECK(client_read_frame(&c));
        memcpy(&number, c.body, sizeof number);
        CHECK_EQUAL(number, i);
        CHECK_EQUAL(c.body_len, i % LARGE_EVERY ? SMALL_BYTES : LARGE_BYTES);
    }
    CHECK(client_read_frame(&d));
    CHECK_TEXT(client_body(&d), "last words");
    CHECK_EQUAL(client_close_code(&d), 1000);
    client_close(&c);
    client_close(&d);
    CHECK(site_wait(s, site_no_connection, 0));
    site_close(s);
}

static void broadcast(Site *s, void *ctx)
{
    NetBuf *b = netbuf_new(100000);
    CHECK(b);
    memset(netbuf_bytes(b), 'b', 100000);
    for (int i = 0; i < s->socket_count; i++)
        *(int *)ctx += socket_send_buf(s->sockets[i], SEND_CONTROL, b);
    netbuf_drop(b);
}

TEST("One buffer is sent to many sockets, slow ones included, and freed with the last.")
{
    enum { MANY = 20 };
    Site *s = site_open();
    Client c[MANY];
    for (int i = 0; i < MANY; i++) {
        c[i] = client_open_small(s->port, i % 2 ? 4096 : 0);
        CHECK(client_upgrade(&c[i]));
    }
    CHECK(site_wait(s, site_has_sockets, MANY));
    int sent = 0;
    site_do(s, broadcast, &sent);
    CHECK_EQUAL(sent, MANY);
    for (int i = 0; i < MANY; i++) {
        CHECK(client_read_frame(&c[i]));
        CHECK_EQUAL(c[i].body_len, 100000);
        CHECK(c[i].body[99999] == 'b');
        client_close(&c[i]);
    }
    CHECK(site_wait(s, site_no_connection, 0));
    site_close(s);
}

TEST("A flood of pings from a client that reads nothing ends the socket, not the server.")
{
    Site *s = site_open();
    Client c = client_open_small(s->port, 4096);
    CHECK(client_upgrade(&c));
    u8 one[256], *many = malloc(4000 * sizeof one);
    CHECK(many);
    u8 payload[125] = {0};
    size_t len = client_frame(one, FRAME_FIN | 9, client_mask, payload, 125);
    for (size_t i = 0; i < 4000; i++)
        memcpy(many + i * len, one, len);
    for (int i = 0; i < 40 && client_send(&c, many, 4000 * len); i++)
        continue;
    free(many);
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    CHECK_EQUAL(s->closed, 1);
    site_close(s);
}

static void be_patient(Site *s, void *ctx)
{
    (void)ctx;
    server_set_patience(s->server, 600000, 600000);
}

TEST("The end of a socket is followed by a turn at once, not by the next event.")
{
    Site *s = site_open();
    site_do(s, be_patient, NULL); /* no sweeper comes to help */
    Client c = connected(s);
    CHECK(site_wait(s, site_has_sockets, 1));
    client_close(&c);
    u64 until = uv_hrtime() + 10000000000u;
    while ((s->closed == 0 || s->turns == s->turns_at_close) && uv_hrtime() < until)
        sched_yield();
    CHECK(s->closed == 1 && s->turns > s->turns_at_close);
    site_close(s);
}

/* ---- drain ---- */

static void on_drained(void *ctx)
{
    ((Site *)ctx)->drained++;
}

static void drain(Site *s, void *ctx)
{
    server_drain(s->server, *(i64 *)ctx, on_drained, s);
}

static bool is_drained(const Site *s, i64 number)
{
    return s->drained == number;
}

static void answer(Site *s, void *ctx)
{
    (void)ctx;
    site_reply(s->later, 200, SPAN("late"));
}

TEST("A drain tells sockets 1012, lets requests finish, closes idle connections and reports.")
{
    Site *s = site_open();
    i64 grace_ms = 60000;
    Client socket = connected(s), idle = client_open(s->port), busy = client_open(s->port);
    client_say(&idle, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(client_answer(&idle), 200);
    client_say(&busy, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(site_wait(s, site_has_later, 0));
    site_do(s, drain, &grace_ms);
    CHECK_EQUAL(client_close_code(&socket), 1012);
    client_send_frame(&socket, FRAME_FIN | 8, "\x03\xf4", 2);
    CHECK(client_ended(&idle));
    CHECK_EQUAL(s->drained, 0);
    site_do(s, answer, NULL);
    CHECK_EQUAL(client_answer(&busy), 200);
    CHECK_TEXT(client_header(&busy, "Connection"), "close");
    client_close(&busy);
    client_close(&idle);
    CHECK(site_wait(s, is_drained, 1));
    client_close(&socket);
    site_close(s);
}

TEST("A drain cuts who is still there when its grace is over.")
{
    Site *s = site_open();
    i64 grace_ms = 1;
    Client busy = client_open(s->port);
    client_say(&busy, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(site_wait(s, site_has_later, 0));
    site_do(s, drain, &grace_ms);
    CHECK(client_ended(&busy));
    CHECK(site_wait(s, is_drained, 1));
    client_close(&busy);
    site_close(s);
}

TEST_MAIN()
