/* Our WebSocket frames against those of another implementation. */
#include <wslay/wslay.h>

#include "test/net/client.h"
#include "test/net/site.h"

static ssize_t wslay_out(const u8 *data, size_t len, int flags, void *ctx)
{
    (void)flags;
    return client_send(ctx, data, len) ? (ssize_t)len : -1;
}

static ssize_t wslay_in(u8 *data, size_t len, int flags, void *ctx)
{
    Client *c = ctx;
    (void)flags;
    if (c->in_len == 0 && !client_more(c)) return -1;
    size_t n = MIN_OF(len, c->in_len);
    client_take(c, data, n);
    return (ssize_t)n;
}

static int wslay_mask(u8 *out, size_t len, void *ctx)
{
    static u8 next;
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        out[i] = next += 37;
    return 0;
}

static void wslay_send_all(wslay_frame_context_ptr w, u8 opcode, u8 fin, const u8 *data, size_t len)
{
    struct wslay_frame_iocb f = {.fin = fin, .opcode = opcode, .mask = 1, .payload_length = len};
    size_t done = 0;
    do {
        f.data = data + done;
        f.data_length = len - done;
        ssize_t n = wslay_frame_send(w, &f);
        CHECK(n >= 0);
        done += (size_t)n;
    } while (done < len);
}

TEST("Frames of another implementation are understood, and it understands ours.")
{
    static const size_t lengths[] = {1, 125, 126, 5000, 65535, 65536, 300000};
    Site *s = site_open();
    Client c = client_open(s->port);
    CHECK(client_upgrade(&c));
    struct wslay_frame_callbacks calls = {wslay_out, wslay_in, wslay_mask};
    wslay_frame_context_ptr w;
    CHECK_EQUAL(wslay_frame_context_init(&w, &calls, &c), 0);
    u8 *data = malloc(300000);
    CHECK(data);
    for (size_t i = 0; i < 300000; i++)
        data[i] = (u8)(i >> 3);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        size_t half = lengths[i] / 2, at = 0;
        wslay_send_all(w, WSLAY_BINARY_FRAME, 0, data, half);
        wslay_send_all(w, WSLAY_CONTINUATION_FRAME, 1, data + half, lengths[i] - half);
        struct wslay_frame_iocb f = {0};
        do {
            ssize_t n = wslay_frame_recv(w, &f);
            CHECK(n >= 0);
            CHECK(memcmp(f.data, data + at, (size_t)n) == 0);
            at += (size_t)n;
        } while (at < lengths[i]);
        CHECK_EQUAL(f.payload_length, lengths[i]);
        CHECK(f.fin && f.opcode == WSLAY_BINARY_FRAME && !f.mask);
    }
    free(data);
    wslay_frame_context_free(w);
    client_close(&c);
    site_close(s);
}

TEST_MAIN()
