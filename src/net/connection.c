/* connection.c - one accepted socket: reading, the three modes, closing. */
#include "net/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void connection_free(Connection *c)
{
    Server *s = c->server;
    if (c->socket) {
        if (s->events.on_close) s->events.on_close(s->events.ctx, c->socket);
        socket_free(c->socket);
    }
    http_close(c->http);
    out_free(c);
    tls_close(c->tls);
    server_line_leave(c);
    free(c);
    server_connection_gone(s);
}

static void on_closed(uv_handle_t *h)
{
    Connection *c = h->data;
    loop_happened(c->server->loop);
    connection_free(c);
}

void connection_close(Connection *c)
{
    if (c->closed) return;
    c->closed = true;
    if (c->fd < 0) return;
    uv_poll_stop(&c->poll);
    uv_close((uv_handle_t *)&c->poll, on_closed);
    close(c->fd);
    c->fd = -1;
}

static void connection_read(Connection *c)
{
    Loop *loop = c->server->loop;
    size_t most = c->frugal ? FRUGAL_READ_BYTES : LOOP_READ_BYTES;
    ssize_t n = recv(c->fd, loop->read_bytes, most, 0);
    if (n == 0) {
        connection_eof(c);
    } else if (n < 0) {
        if (errno != EAGAIN && errno != EINTR) connection_close(c);
    } else if (c->tls) {
        tls_input(c, loop->read_bytes, (size_t)n);
    } else {
        connection_feed(c, loop->read_bytes, (size_t)n);
    }
}

static void on_poll(uv_poll_t *h, int status, int events)
{
    Connection *c = h->data;
    loop_happened(c->server->loop);
    if (status < 0) {
        connection_close(c);
        return;
    }
    if (events & UV_WRITABLE) {
        c->blocked = false;
        out_flush(c);
    }
    if (!c->closed && (events & UV_READABLE)) connection_read(c);
    connection_interest(c);
}

void connection_interest(Connection *c)
{
    if (c->closed || c->fd < 0) return;
    bool reads = !c->paused && !c->peer_done;
    u8 want = (u8)((reads ? UV_READABLE : 0) | (c->blocked ? UV_WRITABLE : 0));
    if (want == c->interest) return;
    c->interest = want;
    uv_poll_start(&c->poll, want, on_poll);
}

static Connection *connection_new(Server *s, int fd)
{
    Connection *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->server = s;
    c->fd = fd;
    c->line = LINE_COUNT;
    c->http = http_open(c);
    if (s->tls && fd >= 0) c->tls = tls_open(s->tls, c);
    if (!c->http || (s->tls && fd >= 0 && !c->tls)) {
        http_close(c->http);
        tls_close(c->tls);
        free(c);
        return NULL;
    }
    return c;
}

Connection *connection_open(Server *s, int fd, const char *peer)
{
    Connection *c = connection_new(s, fd);
    if (!c) return NULL;
    if (uv_poll_init(&s->loop->uv, &c->poll, fd) != 0) {
        http_close(c->http);
        tls_close(c->tls);
        free(c);
        return NULL;
    }
    c->poll.data = c;
    snprintf(c->peer, sizeof c->peer, "%s", peer);
    s->connections++;
    server_line_join(c, LINE_IDLE);
    connection_interest(c);
    return c;
}

Connection *connection_detached(Server *s, Buf *sink)
{
    Connection *c = connection_new(s, -1);
    if (!c) return NULL;
    c->sink = sink;
    s->connections++;
    server_line_join(c, LINE_IDLE);
    return c;
}

void connection_detached_free(Connection *c)
{
    c->closed = true;
    connection_free(c);
}

void connection_feed(Connection *c, u8 *bytes, size_t len)
{
    if (c->closed) return;
    switch ((Mode)c->mode) {
    case MODE_HTTP: http_feed(c, bytes, len); break;
    case MODE_SOCKET: socket_feed(c->socket, bytes, len); break;
    case MODE_LINGER: break;
    }
}

void connection_eof(Connection *c)
{
    c->peer_done = true;
    /* A client may shut its side down and still wait for the answer to its last request. */
    bool waits =
        c->mode == MODE_HTTP && (c->http->request || !out_empty(c)) && c->http->phase == PHASE_WAIT;
    bool sends = c->mode == MODE_LINGER && !out_empty(c);
    if (!waits && !sends) connection_close(c);
}

/* Everything is sent: close our side, and the connection when the peer has closed its own. */
static void say_goodbye(Connection *c)
{
    if (c->shut || c->closed) return;
    if (c->tls && !c->said_goodbye) {
        c->said_goodbye = true;
        tls_goodbye(c);
        if (c->closed || !out_empty(c)) return; /* connection_drained comes back here */
    }
    c->shut = true;
    if (c->peer_done || c->fd < 0) {
        connection_close(c);
        return;
    }
    /* Closing with unread bytes would send a reset, and that may destroy our last reply on its way:
     * shut our side down and read until the peer does the same. */
    server_line_join(c, LINE_CLOSING);
    shutdown(c->fd, SHUT_WR);
}

void connection_linger(Connection *c)
{
    if (c->closed || c->mode == MODE_LINGER) return;
    /* A long answer may take its time as long as the peer takes bytes; a socket has said why it ends. */
    server_line_join(c, c->mode == MODE_SOCKET ? LINE_CLOSING : LINE_IDLE);
    c->mode = MODE_LINGER;
    c->paused = false;
    out_drop(c, SEND_MEDIA);
    if (out_empty(c)) say_goodbye(c);
    connection_interest(c);
}

void connection_drained(Connection *c)
{
    switch ((Mode)c->mode) {
    case MODE_HTTP: http_run(c); break;
    case MODE_SOCKET: break;
    case MODE_LINGER: say_goodbye(c); break;
    }
}

void connection_expired(Connection *c)
{
    if (c->closed) {
        server_line_leave(c);
        return;
    }
    if (c->line == LINE_CLOSING) {
        connection_close(c);
        server_line_leave(c);
        return;
    }
    server_line_join(c, LINE_IDLE);
    if (c->mode == MODE_HTTP) http_expired(c);
    else if (c->mode == MODE_SOCKET)
        socket_close(c->socket, 1001, SPAN("Nothing was heard for too long."));
    else connection_close(c);
}
