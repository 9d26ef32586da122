/* Many clients that behave badly at once: partial requests, resets in the middle, readers that stop,
 * with and without TLS, while the server floods, closes and drains them. Nothing may be lost track of.
 * The sanitizers look on. The storm is the same each time: it comes from a seed. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "test/net/cert.h"
#include "test/net/client.h"
#include "test/net/site.h"

#ifndef STORMS
#define STORMS 2 /* more with EXTRA_CFLAGS=-DSTORMS=100 */
#endif

enum { GUESTS = 40, STEPS = 2500 };

typedef struct Guest {
    int fd;
    SSL *ssl;
    bool socket; /* has asked for an upgrade */
} Guest;

static u64 seed;

static u32 dice(u32 sides)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (u32)(seed >> 33) % sides;
}

static void guest_open(Guest *g, u16 port, SSL_CTX *tls)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int small = 2048 << dice(6);
    g->fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(g->fd >= 0);
    setsockopt(g->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    CHECK(connect(g->fd, (struct sockaddr *)&a, sizeof a) == 0);
    fcntl(g->fd, F_SETFL, O_NONBLOCK);
    g->ssl = tls ? SSL_new(tls) : NULL;
    if (!g->ssl) return;
    SSL_set_fd(g->ssl, g->fd);
    SSL_set_connect_state(g->ssl);
}

static void guest_close(Guest *g, bool reset)
{
    struct linger hard = {.l_onoff = 1};
    if (reset) setsockopt(g->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    SSL_free(g->ssl);
    close(g->fd);
    *g = (Guest){.fd = -1};
}

static void guest_write(Guest *g, const void *bytes, size_t len)
{
    if (len == 0) return;
    if (g->ssl) SSL_write(g->ssl, bytes, (int)len);
    else if (send(g->fd, bytes, len, MSG_NOSIGNAL) < 0) return;
}

/* False: the server has closed. */
static bool guest_read(Guest *g)
{
    static u8 bytes[100000];
    u32 len = dice(sizeof bytes) + 1;
    if (!g->ssl) return recv(g->fd, bytes, len, 0) > 0 || errno == EAGAIN;
    int n = SSL_read(g->ssl, bytes, (int)len);
    return n > 0 || SSL_get_error(g->ssl, n) == SSL_ERROR_WANT_READ;
}

static void guest_say(Guest *g)
{
    static const char *words[] = {
        "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /big HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /work HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
        "chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "BAD\r\n\r\n",
    };
    const char *word = words[dice(COUNT_OF(words))];
    size_t len = strlen(word);
    bool whole = dice(8) > 0;
    g->socket = whole && memcmp(word, "GET /ws", 7) == 0;
    guest_write(g, word, whole ? len : dice((u32)len));
}

static void guest_frame(Guest *g)
{
    static u8 payload[70000], frame[70016];
    static const u8 firsts[] = {
        FRAME_FIN | 2, FRAME_FIN | 2, FRAME_FIN | 2, FRAME_FIN | 2, FRAME_FIN | 2, 2, 0,
        FRAME_FIN,     FRAME_FIN | 9, FRAME_FIN | 8};
    u8 first = firsts[dice(COUNT_OF(firsts))];
    u32 len = first >= (FRAME_FIN | 8) ? 0 : dice(dice(2) ? 200 : sizeof payload);
    size_t n = client_frame(frame, first, client_mask, payload, len);
    guest_write(g, frame, dice(12) ? n : dice((u32)n));
}

static void disturb(Site *s, void *ctx)
{
    u32 what = *(u32 *)ctx;
    static u8 bytes[60000];
    for (int i = 0; i < s->socket_count; i++) {
        Socket *socket = s->sockets[i];
        Span message = {bytes, (what * 7919u + (u32)i * 31u) % sizeof bytes};
        if ((what + (u32)i) % 9 == 0) socket_close(socket, 4000, SPAN("out"));
        else socket_send(socket, what & 1 ? SEND_MEDIA : SEND_CONTROL, message);
    }
}

static void step(Site *s, Guest *guests, SSL_CTX *tls)
{
    Guest *g = &guests[dice(GUESTS)];
    u32 what = dice(100);
    if (g->fd < 0) {
        guest_open(g, s->port, tls && dice(8) ? tls : NULL);
    } else if (what < 55) {
        if (g->socket != (dice(30) == 0)) guest_frame(g);
        else guest_say(g);
    } else if (what < 85) {
        if (!guest_read(g)) guest_close(g, false);
    } else if (what < 92) {
        site_do(s, disturb, &what);
    } else if (what < 95) {
        shutdown(g->fd, SHUT_WR);
    } else {
        guest_close(g, what & 1);
    }
}

static void count_drained(void *ctx)
{
    ((Site *)ctx)->drained++;
}

static void drain(Site *s, void *ctx)
{
    (void)ctx;
    server_drain(s->server, 100, count_drained, s);
}

static bool is_drained(const Site *s, i64 number)
{
    return s->drained == number;
}

static void storm(Site *s, SSL_CTX *tls, u64 from)
{
    Guest guests[GUESTS];
    seed = from;
    for (int i = 0; i < GUESTS; i++)
        guests[i] = (Guest){.fd = -1};
    for (int i = 0; i < STEPS; i++)
        step(s, guests, tls);
    Client c = client_open(s->port); /* in all this, a good guest is served */
    if (tls) {
        c.ssl = SSL_new(tls);
        SSL_set_fd(c.ssl, c.fd);
        CHECK_EQUAL(SSL_connect(c.ssl), 1);
    }
    client_say(&c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    client_close(&c);
    site_do(s, drain, NULL);
    CHECK(site_wait(s, is_drained, 1));
    for (int i = 0; i < GUESTS; i++)
        if (guests[i].fd >= 0) guest_close(&guests[i], i & 1);
    CHECK(site_wait(s, site_no_connection, 0));
    CHECK(s->opened > 20 && s->requests > 50 && s->messages > 10);
    CHECK_EQUAL(s->closed, s->opened);
    CHECK_EQUAL(s->server->collected_bytes, 0);
}

TEST("After a storm of bad clients every connection is closed and counted, and good ones were "
     "served.")
{
    for (u64 from = 1; from <= STORMS; from++) {
        Site *s = site_open();
        storm(s, NULL, from);
        site_close(s);
    }
}

TEST("The same storm over TLS.")
{
    Cert cert = cert_make(NULL);
    Site *s = site_open_tls(cert.cert, cert.key);
    CHECK(s);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    CHECK(ctx);
    signal(SIGPIPE, SIG_IGN); /* OpenSSL's own sockets */
    storm(s, ctx, 7);
    SSL_CTX_free(ctx);
    site_close(s);
    cert_remove(&cert);
}

TEST_MAIN()
