#include "bench/parts/talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { SEND_PATIENCE_MS = 30000, MESSAGE_BYTES = 1 << 20 };

u64 now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

int talk_open(void)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

bool talk_connect(int fd, u16 port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd, (struct sockaddr *)&a, sizeof a) == 0 || errno == EINPROGRESS;
}

static bool wait_for_room(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    return poll(&p, 1, SEND_PATIENCE_MS) == 1;
}

bool talk_send(int fd, Buf *out)
{
    size_t at = 0;
    while (at < out->len) {
        ssize_t n = send(fd, out->ptr + at, out->len - at, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN && wait_for_room(fd)) continue;
        if (n < 0) break;
        at += (size_t)n;
    }
    bool sent = at == out->len && !out->failed;
    buf_reset(out);
    return sent;
}

/* ---- sending ---- */

void put_join(Buf *out, u16 port, const char *code, u32 number)
{
    char body[256];
    int n =
        snprintf(body, sizeof body, "{\"code\":\"%s\",\"name\":\"Candidate %u\",\"number\":\"%u\"}",
                 code, number, number);
    buf_print(out,
              "POST /api/join HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
              "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
              port, port, n, body);
}

void put_upgrade(Buf *out, u16 port, const char *cookie)
{
    buf_print(out,
              "GET /live HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Version: 13\r\nCookie: %s\r\n\r\n",
              port, port, cookie);
}

static void put_frame_head(Buf *out, size_t len)
{
    static const u8 no_mask[4];
    buf_u8(out, FRAME_BINARY);
    if (len < 126) {
        buf_u8(out, (u8)(0x80 | len));
    } else if (len < 65536) {
        u8 head[] = {0x80 | 126, (u8)(len >> 8), (u8)len};
        buf_put(out, head, sizeof head);
    } else {
        u8 head[] = {0x80 | 127, 0, 0, 0, 0, 0, (u8)(len >> 16), (u8)(len >> 8), (u8)len};
        buf_put(out, head, sizeof head);
    }
    buf_put(out, no_mask, sizeof no_mask);
}

void put_message(Buf *out, const Message *m)
{
    static Buf message;
    if (!message.limit) buf_init(&message, MESSAGE_BYTES);
    buf_reset(&message);
    message_encode(&message, m);
    put_frame_head(out, message.len);
    buf_span(out, buf_view(&message));
    if (message.failed) out->failed = true;
}

void put_command(Buf *out, u64 cmd, Span targets, const Command *c)
{
    static Buf body;
    if (!body.limit) buf_init(&body, MESSAGE_BYTES);
    buf_reset(&body);
    command_encode(&body, c);
    Message m = {.kind = MSG_command};
    m.command.cmd = cmd;
    m.command.targets = targets;
    m.command.body = buf_view(&body);
    put_message(out, &m);
}

void target_write(u8 out[TARGET_BYTES], u64 object)
{
    for (int i = 0; i < TARGET_BYTES; i++)
        out[i] = (u8)(object >> 8 * i);
}

void put_own_command(Buf *out, u64 cmd, u64 attempt, const Command *c)
{
    u8 target[TARGET_BYTES];
    target_write(target, attempt);
    put_command(out, cmd, (Span){target, sizeof target}, c);
}

void put_follow(Buf *out, u64 stream, u64 seen_ver)
{
    Message m = {.kind = MSG_follow};
    m.follow.stream = stream;
    m.follow.seen_ver = seen_ver;
    put_message(out, &m);
}

/* ---- receiving ---- */

size_t take_answer(Span in, HttpAnswer *out)
{
    const u8 *end = memmem(in.ptr, in.len, "\r\n\r\n", 4);
    if (!end || in.len < 12) return 0;
    size_t head = (size_t)(end - in.ptr) + 4, body = 0;
    const u8 *length = memmem(in.ptr, head, "Content-Length: ", 16);
    if (length) body = strtoul((const char *)length + 16, NULL, 10);
    if (in.len < head + body) return 0;
    u32 status = (u32)strtoul((const char *)in.ptr + 9, NULL, 10);
    *out = (HttpAnswer){status, {in.ptr, head}, {in.ptr + head, body}};
    return head + body;
}

/* Servers mask nothing. */
size_t take_frame(Span in, Frame *out)
{
    if (in.len < 2) return 0;
    u32 more = in.ptr[1] == 126 ? 2 : in.ptr[1] == 127 ? 8 : 0;
    if (in.len < 2 + more) return 0;
    u64 len = more ? 0 : in.ptr[1];
    for (u32 i = 0; i < more; i++)
        len = len << 8 | in.ptr[2 + i];
    if (len > in.len || in.len < 2 + more + len) return 0;
    *out = (Frame){in.ptr[0], {in.ptr + 2 + more, len}};
    return 2 + more + len;
}

bool answer_cookie(const HttpAnswer *a, char out[COOKIE_BYTES])
{
    static const char name[] = "__Host-invigil=";
    const u8 *at = memmem(a->head.ptr, a->head.len, name, sizeof name - 1);
    const u8 *end = at ? memchr(at, ';', a->head.len - (size_t)(at - a->head.ptr)) : NULL;
    if (!end || end - at >= COOKIE_BYTES) return false;
    memcpy(out, at, (size_t)(end - at));
    out[end - at] = 0;
    return true;
}

u64 answer_number(const HttpAnswer *a, const char *name)
{
    char key[64];
    int len = snprintf(key, sizeof key, "\"%s\":", name);
    const u8 *at = memmem(a->body.ptr, a->body.len, key, (size_t)len);
    return at ? strtoull((const char *)at + len, NULL, 10) : 0;
}
