/* floor.c - the same server as bench/echo.c on bare epoll, as short as it can be: what the machine
 * gives when a program does nothing else. It trusts its client (bench/load.c) in everything: no
 * checks, no bounds, no HTTP but the one upgrade. Never a server for anything but a measure. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/base.h"

enum { PEERS = 65536, READ_BYTES = 65536, FRAME_BYTES = 131072 };

typedef struct Peer {
    u8 *held; /* the part of a frame that has come */
    size_t held_len;
    bool open, upgraded;
} Peer;

static Peer peers[PEERS]; /* by descriptor */
static int epoll, viewer = -1, highest;
static u8 bytes[READ_BYTES + FRAME_BYTES];

static void send_all(int fd, struct iovec *v, int count)
{
    while (count) {
        ssize_t n = writev(fd, v, count);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            poll(&p, 1, 1000);
            continue;
        }
        if (n < 0) return;
        for (; count && (size_t)n >= v->iov_len; v++, count--)
            n -= (ssize_t)v->iov_len;
        if (count) *v = (struct iovec){(u8 *)v->iov_base + n, v->iov_len - (size_t)n};
    }
}

static void send_frame(int fd, u8 *payload, size_t len)
{
    u8 head[4] = {0x82, len < 126 ? (u8)len : 126, (u8)(len >> 8), (u8)len};
    struct iovec v[2] = {{head, len < 126 ? 2 : 4}, {payload, len}};
    send_all(fd, v, 2);
}

static void on_message(int fd, u8 *payload, size_t len)
{
    if (payload[0] == 'V') viewer = fd;
    else if (payload[0] == 'R') send_frame(viewer, payload, len);
    else if (payload[0] == 'B') {
        for (int other = 0; other <= highest; other++)
            if (peers[other].upgraded) send_frame(other, payload, len);
    } else send_frame(fd, payload, len);
}

/* Consumes whole frames; returns bytes used. */
static size_t take_frames(int fd, u8 *p, size_t len)
{
    size_t at = 0;
    while (len - at >= 8) {
        u8 *f = p + at, *mask;
        size_t n = f[1] & 127, head = 6;
        if (n == 126) {
            n = (size_t)f[2] << 8 | f[3];
            head = 8;
        }
        if (len - at < head + n) break;
        mask = f + head - 4;
        u64 wide, word;
        memcpy(&wide,
               (u8[8]){mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3]}, 8);
        for (size_t i = 0; i + 8 <= n; i += 8) {
            memcpy(&word, f + head + i, 8);
            word ^= wide;
            memcpy(f + head + i, &word, 8);
        }
        for (size_t i = n & ~(size_t)7; i < n; i++)
            f[head + i] ^= mask[i & 3];
        on_message(fd, f + head, n);
        at += head + n;
    }
    return at;
}

static void on_upgrade(int fd)
{
    static const char answer[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    peers[fd].upgraded = true;
    if (fd > highest) highest = fd;
    if (send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) return;
}

static void on_readable(int fd)
{
    Peer *p = &peers[fd];
    size_t had = p->held_len;
    if (had) memcpy(bytes, p->held, had);
    ssize_t n = recv(fd, bytes + had, READ_BYTES, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        free(p->held);
        *p = (Peer){0};
        close(fd);
        return;
    }
    if (!p->upgraded) {
        on_upgrade(fd);
        return;
    }
    size_t len = had + (size_t)n, used = take_frames(fd, bytes, len);
    p->held_len = len - used;
    if (p->held_len && !p->held) p->held = malloc(FRAME_BYTES);
    ASSERT(p->held_len <= FRAME_BYTES && (!p->held_len || p->held));
    if (p->held_len) memcpy(p->held, bytes + used, p->held_len);
}

static void on_newcomers(int listener)
{
    int one = 1, fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        ASSERT(fd < PEERS);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        peers[fd] = (Peer){.open = true};
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    }
}

int main(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    epoll = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, ready[512];
    ASSERT(bind(listener, (struct sockaddr *)&a, size) == 0 && listen(listener, 4096) == 0);
    ASSERT(getsockname(listener, (struct sockaddr *)&a, &size) == 0);
    ASSERT(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e) == 0);
    printf("port %u\n", ntohs(a.sin_port));
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(epoll, ready, COUNT_OF(ready), -1);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.fd == listener) on_newcomers(listener);
            else on_readable(ready[i].data.fd);
        }
    }
}
