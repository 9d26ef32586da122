/* echo.c - the smallest server on net.h, to be measured. The first byte of a message says where it
 * goes: 'B' to everyone, 'R' as media to the viewer, who said 'V'; all others back to their sender.
 * Prints its port, then serves until SIGTERM.
 *   echo [CERT KEY] */
#include <stdio.h>
#include <stdlib.h>

#include "net/net.h"

typedef struct Everyone {
    Loop *loop;
    Socket **sockets;
    size_t count, cap;
    Socket *viewer;
} Everyone;

/* The user of a socket: its place in the list. */
typedef struct Seat {
    size_t at;
} Seat;

static void on_request(void *ctx, Request *r)
{
    (void)ctx;
    request_reply_static(r, 200, NULL, 0, SPAN("hello\n"));
}

static bool on_upgrade(void *ctx, Request *r, void **user)
{
    (void)ctx;
    (void)r;
    *user = calloc(1, sizeof(Seat));
    if (*user) return true;
    request_reply_static(r, 503, NULL, 0, SPAN("out of memory\n"));
    return false;
}

static void on_open(void *ctx, Socket *s)
{
    Everyone *e = ctx;
    Seat *seat = socket_user(s);
    if (e->count == e->cap) {
        e->cap = e->cap ? e->cap * 2 : 1024;
        e->sockets = realloc(e->sockets, e->cap * sizeof *e->sockets);
        ASSERT(e->sockets);
    }
    seat->at = e->count;
    e->sockets[e->count++] = s;
}

static void on_close(void *ctx, Socket *s)
{
    Everyone *e = ctx;
    if (e->viewer == s) e->viewer = NULL;
    Seat *seat = socket_user(s), *last = socket_user(e->sockets[e->count - 1]);
    e->sockets[seat->at] = e->sockets[--e->count];
    last->at = seat->at;
    free(seat);
}

static void to_everyone(Everyone *e, Span message)
{
    NetBuf *b = netbuf_new(message.len);
    ASSERT(b);
    memcpy(netbuf_bytes(b), message.ptr, message.len);
    for (size_t i = 0; i < e->count; i++)
        socket_send_buf(e->sockets[i], SEND_CONTROL, b);
    netbuf_drop(b);
}

/* As a recorder and a relay would do it: one copy into a shared buffer, then no other. */
static void to_viewer(Everyone *e, Span message)
{
    NetBuf *b = netbuf_new(message.len);
    ASSERT(b);
    memcpy(netbuf_bytes(b), message.ptr, message.len);
    socket_send_buf(e->viewer, SEND_MEDIA, b);
    netbuf_drop(b);
}

static void on_message(void *ctx, Socket *s, Span message)
{
    Everyone *e = ctx;
    u8 first = message.len ? message.ptr[0] : 0;
    if (first == 'B') to_everyone(e, message);
    else if (first == 'V') e->viewer = s;
    else if (first == 'R' && e->viewer) to_viewer(e, message);
    else socket_send(s, SEND_CONTROL, message);
}

static void on_signal(void *ctx, int number)
{
    (void)number;
    loop_stop(((Everyone *)ctx)->loop);
}

int main(int count, char **args)
{
    char why[512];
    Everyone e = {.loop = loop_open()};
    ASSERT(e.loop);
    ServerOptions o = {.host = "127.0.0.1",
                       .cert_file = count > 2 ? args[1] : NULL,
                       .key_file = count > 2 ? args[2] : NULL};
    ServerEvents events = {.on_request = on_request,
                           .on_upgrade = on_upgrade,
                           .on_open = on_open,
                           .on_message = on_message,
                           .on_close = on_close,
                           .ctx = &e};
    Server *s = server_open(e.loop, &o, &events, why, sizeof why);
    if (!s) {
        fprintf(stderr, "echo: %s\n", why);
        return 1;
    }
    loop_on_signal(e.loop, on_signal, &e);
    printf("port %u\n", server_port(s));
    fflush(stdout);
    loop_run(e.loop);
    loop_close(e.loop);
    free(e.sockets);
    return 0;
}
