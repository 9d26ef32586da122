/* load.c - a bounded load generator on raw epoll, for servers on the loopback only.
 *
 *   load echo PORT CONNECTIONS ACTIVE MILLISECONDS   round trips of 120 bytes on ACTIVE connections
 *   load broadcast PORT CONNECTIONS ROUNDS           one message to all; time to the last delivery
 *   load relay PORT SENDERS MILLISECONDS             frames of 20 kB from all to one viewer
 *   load tls-echo PORT CONNECTIONS ACTIVE MILLISECONDS   echo over TLS; says how long connecting took
 *   load idle PORT CONNECTIONS                       connects, waits for the end of input
 *
 * Prints "connected", later one JSON object. It opens WebSockets and counts bytes: a server's frame of the known payload
 * has a known length, and anything else ends the measure with an error. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

enum {
    PAYLOAD_BYTES = 120,
    MEDIA_BYTES = 20000,
    MEDIA_WAITING = 32, /* frames under way: less than a viewer's queue, so that none is dropped */
    SENT_BYTES = 6 + PAYLOAD_BYTES, /* masked */
    ANSWER_BYTES = 2 + PAYLOAD_BYTES,
    CONNECTS_AT_ONCE = 256,
    CONNECTIONS_LIMIT = 20000,
    ROUNDS_LIMIT = 1000,
    PATIENCE_MS = 20000,
    READ_BYTES = 65536,
};

typedef struct Peer {
    int fd;
    SSL *ssl; /* NULL: in the clear */
    u32 got;  /* bytes of the answer that is awaited */
    u8 greeted, upgraded;
    u64 sent_ns;
} Peer;

typedef struct Load {
    int epoll;
    SSL_CTX *tls;
    u64 connected_ns; /* what connecting all took */
    u16 port;
    u32 count, upgraded, opened;
    Peer *peers;
    u32 *latency_us; /* histogram: round trips that took so many microseconds */
    u64 round_trips;
    u32 delivered;
    bool echoing, relaying;
    u32 turn; /* the sender whose turn it is */
    u64 media_bytes;
} Load;

enum { LATENCY_SLOTS = 1000000 };

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static u64 now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

/* ---- connecting ---- */

static void peer_open(Load *l, u32 i)
{
    Peer *p = &l->peers[i];
    int one = 1;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (p->fd < 0) die("socket (is the descriptor limit too low?)");
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(l->port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(p->fd, (struct sockaddr *)&a, sizeof a) != 0 && errno != EINPROGRESS)
        die("connect");
    if (l->tls) {
        p->ssl = SSL_new(l->tls);
        if (!p->ssl || SSL_set_fd(p->ssl, p->fd) != 1) die("TLS");
        SSL_set_connect_state(p->ssl);
    }
    struct epoll_event e = {.events = EPOLLOUT, .data.u32 = i};
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, p->fd, &e) != 0) die("epoll_ctl");
}

static void peer_write(Peer *p, const void *bytes, size_t len)
{
    ssize_t n = p->ssl ? SSL_write(p->ssl, bytes, (int)len) : send(p->fd, bytes, len, MSG_NOSIGNAL);
    if (n != (ssize_t)len) die("send");
}

static void peer_watch(Load *l, u32 i, u32 events)
{
    struct epoll_event e = {.events = events, .data.u32 = i};
    if (epoll_ctl(l->epoll, EPOLL_CTL_MOD, l->peers[i].fd, &e) != 0) die("epoll_ctl");
}

/* One step of the handshake; true when it is done. */
static bool peer_shake(Load *l, u32 i)
{
    SSL *ssl = l->peers[i].ssl;
    if (!ssl || SSL_is_init_finished(ssl)) return true;
    int n = SSL_do_handshake(ssl);
    if (n == 1) return true;
    if (SSL_get_error(ssl, n) != SSL_ERROR_WANT_READ) die("the TLS handshake");
    peer_watch(l, i, EPOLLIN);
    return false;
}

static void peer_say_hello(Load *l, u32 i)
{
    static const char hello[] =
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n";
    if (!peer_shake(l, i)) return;
    l->peers[i].greeted = 1;
    peer_write(&l->peers[i], hello, sizeof hello - 1);
    peer_watch(l, i, EPOLLIN);
}

/* ---- messages ---- */

static void peer_send(Load *l, u32 i, u8 first)
{
    u8 frame[SENT_BYTES] = {0x82, 128 | PAYLOAD_BYTES}; /* the mask is zero */
    memset(frame + 6, 'x', PAYLOAD_BYTES);
    frame[6] = first;
    l->peers[i].sent_ns = now_ns();
    peer_write(&l->peers[i], frame, sizeof frame);
}

static void answer_came(Load *l, u32 i)
{
    Peer *p = &l->peers[i];
    l->delivered++;
    if (!l->echoing) return;
    u64 us = (now_ns() - p->sent_ns) / 1000;
    l->latency_us[MIN_OF(us, (u64)LATENCY_SLOTS - 1)]++;
    l->round_trips++;
    peer_send(l, i, 'E');
}

/* ---- media ---- */

static void send_whole(int fd, const u8 *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            poll(&p, 1, PATIENCE_MS);
            continue;
        }
        if (n < 0) die("send");
        bytes += n;
        len -= (size_t)n;
    }
}

static void media_send(Load *l)
{
    static u8 frame[8 + MEDIA_BYTES] = {0x82, 128 | 126, MEDIA_BYTES >> 8, MEDIA_BYTES & 255, 1, 2,
                                        3,    4};
    frame[8] = 'R' ^ 1;
    l->turn = l->turn % (l->count - 1) + 1; /* peer 0 is the viewer */
    send_whole(l->peers[l->turn].fd, frame, sizeof frame);
}

static void media_came(Load *l, u32 bytes)
{
    Peer *viewer = &l->peers[0];
    viewer->got += bytes;
    l->media_bytes += bytes;
    for (; viewer->got >= 4 + MEDIA_BYTES; viewer->got -= 4 + MEDIA_BYTES)
        media_send(l);
}

static void peer_read(Load *l, u32 i)
{
    static u8 bytes[READ_BYTES];
    Peer *p = &l->peers[i];
    ssize_t n =
        p->ssl ? SSL_read(p->ssl, bytes, sizeof bytes) : recv(p->fd, bytes, sizeof bytes, 0);
    if (n <= 0 && p->ssl && SSL_get_error(p->ssl, (int)n) == SSL_ERROR_WANT_READ) return;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) die("the server closed a connection");
    if (!p->upgraded) {
        /* The answer to an upgrade is short and comes in one piece on the loopback. */
        if (!memmem(bytes, (size_t)n, " 101 ", 5) || memcmp(bytes + n - 4, "\r\n\r\n", 4) != 0) {
            errno = EPROTO;
            die("the upgrade was refused");
        }
        p->upgraded = 1;
        l->upgraded++;
        return;
    }
    if (p->got == 0 && !l->relaying && bytes[0] != 0x82) {
        errno = EPROTO;
        die("not a binary frame");
    }
    if (l->relaying) {
        media_came(l, (u32)n);
        return;
    }
    p->got += (u32)n;
    for (; p->got >= ANSWER_BYTES; p->got -= ANSWER_BYTES)
        answer_came(l, i);
}

static void poll_once(Load *l, int wait_ms)
{
    struct epoll_event e[512];
    int n = epoll_wait(l->epoll, e, COUNT_OF(e), wait_ms);
    if (n < 0 && errno != EINTR) die("epoll_wait");
    for (int k = 0; k < n; k++) {
        if (!l->peers[e[k].data.u32].greeted) peer_say_hello(l, e[k].data.u32);
        else peer_read(l, e[k].data.u32);
    }
}

static void connect_all(Load *l)
{
    u64 start = now_ns(), until = start + (u64)PATIENCE_MS * 1000000;
    while (l->upgraded < l->count) {
        while (l->opened < l->count && l->opened - l->upgraded < CONNECTS_AT_ONCE)
            peer_open(l, l->opened++);
        poll_once(l, 100);
        if (now_ns() > until) {
            errno = ETIMEDOUT;
            die("connecting");
        }
    }
    l->connected_ns = now_ns() - start;
}

/* ---- measures ---- */

static u32 percentile_us(const Load *l, double part)
{
    u64 seen = 0, want = (u64)((double)l->round_trips * part);
    for (u32 us = 0; us < LATENCY_SLOTS; us++)
        if ((seen += l->latency_us[us]) > want) return us;
    return LATENCY_SLOTS;
}

static void measure_echo(Load *l, u32 active, u64 ms)
{
    l->echoing = true;
    u64 start = now_ns(), until = start + ms * 1000000;
    for (u32 i = 0; i < active && i < l->count; i++)
        peer_send(l, i, 'E');
    while (now_ns() < until)
        poll_once(l, 10);
    double seconds = (double)(now_ns() - start) / 1e9;
    printf("{\"round_trips_per_s\":%.0f,\"p50_us\":%u,\"p99_us\":%u,\"round_trips\":%llu,"
           "\"connects_per_s\":%.0f}\n",
           (double)l->round_trips / seconds, percentile_us(l, 0.5), percentile_us(l, 0.99),
           (unsigned long long)l->round_trips, l->count / ((double)l->connected_ns / 1e9));
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void measure_broadcast(Load *l, u32 rounds)
{
    static double last_ms[ROUNDS_LIMIT];
    for (u32 r = 0; r < rounds; r++) {
        u64 start = now_ns(), until = start + (u64)PATIENCE_MS * 1000000;
        l->delivered = 0;
        peer_send(l, r % l->count, 'B');
        while (l->delivered < l->count) {
            poll_once(l, 100);
            if (now_ns() > until) {
                errno = ETIMEDOUT;
                die("broadcast");
            }
        }
        last_ms[r] = (double)(now_ns() - start) / 1e6;
    }
    qsort(last_ms, rounds, sizeof *last_ms, by_number);
    printf("{\"last_delivery_ms\":%.2f,\"worst_ms\":%.2f,\"rounds\":%u}\n", last_ms[rounds / 2],
           last_ms[rounds - 1], rounds);
}

static void measure_relay(Load *l, u64 ms)
{
    peer_send(l, 0, 'V');
    /* The viewer must be known before the first frame: its own echo says that it was heard. */
    peer_send(l, 0, 'E');
    while (l->delivered == 0)
        poll_once(l, 100);
    l->relaying = true;
    u64 start = now_ns(), until = start + ms * 1000000;
    for (u32 i = 0; i < MEDIA_WAITING; i++)
        media_send(l);
    while (now_ns() < until)
        poll_once(l, 10);
    double seconds = (double)(now_ns() - start) / 1e9;
    printf("{\"mb_per_s\":%.1f,\"bytes\":%llu}\n", (double)l->media_bytes / 1e6 / seconds,
           (unsigned long long)l->media_bytes);
}

static void measure_idle(void)
{
    char byte;
    while (read(0, &byte, 1) > 0)
        continue;
    printf("{}\n");
}

static u32 number(int count, char **args, int at, u32 least, u32 most)
{
    u64 v = 0;
    if (at >= count || !text_to_u64(span_of(args[at]), &v) || v < least || v > most) {
        fprintf(stderr,
                "load: argument %d must be a number from %u to %u; see the head of bench/load.c\n",
                at, least, most);
        exit(2);
    }
    return (u32)v;
}

int main(int count, char **args)
{
    struct rlimit r;
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
    Load l = {.epoll = epoll_create1(0)};
    l.port = (u16)number(count, args, 2, 1, 65535);
    l.count = number(count, args, 3, 1, CONNECTIONS_LIMIT);
    l.peers = calloc(l.count, sizeof *l.peers);
    l.latency_us = calloc(LATENCY_SLOTS, sizeof *l.latency_us);
    if (l.epoll < 0 || !l.peers || !l.latency_us) die("memory");
    Span what = span_of(args[1]);
    if (span_equal(what, SPAN("tls-echo"))) {
        l.tls = SSL_CTX_new(TLS_client_method()); /* takes any certificate: it is the loopback */
        if (!l.tls) die("TLS");
    }
    connect_all(&l);
    printf("connected\n");
    fflush(stdout);
    if (span_equal(what, SPAN("echo")) || l.tls)
        measure_echo(&l, number(count, args, 4, 1, l.count), number(count, args, 5, 1, 60000));
    else if (span_equal(what, SPAN("broadcast")))
        measure_broadcast(&l, number(count, args, 4, 1, ROUNDS_LIMIT));
    else if (span_equal(what, SPAN("relay"))) measure_relay(&l, number(count, args, 4, 1, 60000));
    else measure_idle();
    return 0;
}
