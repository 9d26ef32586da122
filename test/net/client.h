/* client.h - a blocking client for tests: plain or TLS, HTTP answers, WebSocket frames.
 * Every wait ends after CLIENT_WAIT_S, so that a broken server fails a test and does not hang it.
 */
#ifndef INVIGIL_TEST_NET_CLIENT_H
#define INVIGIL_TEST_NET_CLIENT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "base/text.h"
#include "test/test.h"

enum { CLIENT_WAIT_S = 10, CLIENT_BYTES = 8 * 1024 * 1024 };

typedef struct Client {
    int fd;
    SSL *ssl;
    u8 *in; /* received, not consumed */
    size_t in_len;
    /* The last HTTP answer or frame. */
    int status;
    char head[8192];
    u8 *body;
    size_t body_len;
    u8 opcode;
    bool fin;
} Client;

static inline Client client_open_small(u16 port, int receive_bytes)
{
    Client c = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    struct timeval wait = {.tv_sec = CLIENT_WAIT_S};
    int one = 1;
    if (receive_bytes)
        setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(c.fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(c.fd, (struct sockaddr *)&a, sizeof a) == 0);
    c.in = malloc(CLIENT_BYTES);
    c.body = malloc(CLIENT_BYTES);
    CHECK(c.in && c.body);
    return c;
}

static inline Client client_open(u16 port)
{
    return client_open_small(port, 0);
}

static inline void client_close(Client *c)
{
    if (c->ssl) SSL_free(c->ssl);
    if (c->fd >= 0) close(c->fd);
    free(c->in);
    free(c->body);
    *c = (Client){.fd = -1};
}

static inline bool client_send(Client *c, const void *bytes, size_t len)
{
    const u8 *p = bytes;
    while (len) {
        ssize_t n = c->ssl ? SSL_write(c->ssl, p, (int)len) : send(c->fd, p, len, MSG_NOSIGNAL);
        if (n <= 0) return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static inline bool client_say(Client *c, const char *text)
{
    return client_send(c, text, strlen(text));
}

/* One receive; false at the end of the stream or after the longest wait. */
static inline bool client_more(Client *c)
{
    size_t room = CLIENT_BYTES - c->in_len;
    errno = 0;
    ssize_t n = c->ssl ? SSL_read(c->ssl, c->in + c->in_len, (int)room)
                       : recv(c->fd, c->in + c->in_len, room, 0);
    if (n <= 0) return false;
    c->in_len += (size_t)n;
    return true;
}

static inline bool client_want(Client *c, size_t len)
{
    while (c->in_len < len)
        if (!client_more(c)) return false;
    return true;
}

static inline void client_take(Client *c, u8 *to, size_t len)
{
    if (to) memcpy(to, c->in, len);
    memmove(c->in, c->in + len, c->in_len - len);
    c->in_len -= len;
}

/* True when the server closes the stream and sends nothing before. */
static inline bool client_ended(Client *c)
{
    return c->in_len == 0 && !client_more(c) && errno != EAGAIN;
}

static inline size_t client_head_length(Client *c)
{
    do {
        u8 *end = c->in_len ? memmem(c->in, c->in_len, "\r\n\r\n", 4) : NULL;
        if (end) return (size_t)(end - c->in) + 4;
    } while (client_more(c));
    return 0;
}

/* Value of a header of the last answer, empty when absent. Names as the server writes them. */
static inline Span client_header(const Client *c, const char *name)
{
    const char *p = strstr(c->head, name);
    if (!p) return SPAN_NONE;
    p += strlen(name) + 2;
    return (Span){(const u8 *)p, strcspn(p, "\r")};
}

/* Reads one answer; a HEAD request's has no body. Returns its status, 0: none came. */
static inline int client_answer_to(Client *c, bool head_request)
{
    size_t n = client_head_length(c);
    u64 len = 0;
    c->body_len = 0;
    if (n == 0 || n >= sizeof c->head) return 0;
    memcpy(c->head, c->in, n);
    c->head[n] = 0;
    client_take(c, NULL, n);
    c->status = (int)strtol(c->head + 9, NULL, 10);
    Span length = client_header(c, "Content-Length");
    if (!length.ptr || head_request || c->status == 101 || !text_to_u64(length, &len))
        return c->status;
    if (len > CLIENT_BYTES || !client_want(c, len)) return 0;
    client_take(c, c->body, len);
    c->body_len = len;
    return c->status;
}

static inline int client_answer(Client *c)
{
    return client_answer_to(c, false);
}

static inline Span client_body(const Client *c)
{
    return (Span){c->body, c->body_len};
}

/* ---- WebSocket ---- */

static inline bool client_upgrade(Client *c)
{
    client_say(
        c,
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    return client_answer(c) == 101;
}

enum { FRAME_FIN = 128 };

/* A frame with any first byte; mask NULL sends it unmasked. Returns bytes written to out. */
static inline size_t client_frame(u8 *out, u8 first, const u8 *mask, const void *payload,
                                  size_t len)
{
    const u8 *p = payload;
    size_t n = 0;
    u8 extra = len < 126 ? 0 : len < 65536 ? 2 : 8;
    out[n++] = first;
    out[n++] = (u8)((mask ? 128 : 0) | (extra == 0 ? len : extra == 2 ? 126 : 127));
    for (int i = extra - 1; i >= 0; i--)
        out[n++] = (u8)((u64)len >> (8 * i));
    if (mask) memcpy(out + n, mask, 4);
    if (mask) n += 4;
    for (size_t i = 0; i < len; i++)
        out[n++] = (u8)(p[i] ^ (mask ? mask[i & 3] : 0));
    return n;
}

static const u8 client_mask[4] = {0x37, 0xfa, 0x21, 0x3d};

static inline bool client_send_frame(Client *c, u8 first, const void *payload, size_t len)
{
    u8 *bytes = malloc(len + 16);
    if (!bytes) return false;
    bool ok = client_send(c, bytes, client_frame(bytes, first, client_mask, payload, len));
    free(bytes);
    return ok;
}

/* Reads one frame into body and opcode. False: the stream ended or nothing came. */
static inline bool client_read_frame(Client *c)
{
    if (!client_want(c, 2)) return false;
    u8 length = c->in[1] & 127;
    size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    u64 len = extra ? 0 : length;
    CHECK((c->in[1] & 128) == 0); /* a server never masks */
    if (!client_want(c, 2 + extra)) return false;
    for (size_t i = 0; i < extra; i++)
        len = len << 8 | c->in[2 + i];
    c->opcode = c->in[0] & 15;
    c->fin = c->in[0] & 128;
    if (len > CLIENT_BYTES - 16 || !client_want(c, 2 + extra + len)) return false;
    client_take(c, NULL, 2 + extra);
    client_take(c, c->body, len);
    c->body_len = len;
    return true;
}

/* The close code of the next frame that is a close, 0 when none comes. */
static inline int client_close_code(Client *c)
{
    while (client_read_frame(c))
        if (c->opcode == 8) return c->body_len >= 2 ? c->body[0] << 8 | c->body[1] : 1005;
    return 0;
}

#endif
