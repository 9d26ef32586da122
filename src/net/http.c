/* http.c - one HTTP connection: requests one after the other, each answered before the next begins.
 */
#include "net/internal.h"

#include <stdlib.h>

#include "base/text.h"

Http *http_open(Connection *c)
{
    Http *h = calloc(1, sizeof *h);
    if (!h) return NULL;
    h->conn = c;
    buf_init(&h->in, HTTP_HEADER_BYTES_MAX + (size_t)4 * LOOP_READ_BYTES);
    return h;
}

void http_close(Http *h)
{
    if (!h) return;
    Request *r = h->request;
    if (r && h->phase == PHASE_WAIT) {
        /* The handler still has it and will answer: keep it until then. */
        Server *s = r->server;
        r->conn = NULL;
        r->next_orphan = s->orphans;
        s->orphans = r;
    } else if (r) {
        request_free(r);
    }
    buf_done(&h->in);
    free(h);
}

bool http_idle(const Http *h)
{
    return h->phase == PHASE_HEAD && h->in.len == h->at && out_empty(h->conn);
}

static Request *request_new(Connection *c)
{
    Request *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->conn = c;
    r->server = c->server;
    arena_init(&r->arena, ARENA_REQUEST_BYTES_MAX);
    buf_init(&r->body, HTTP_BODY_BYTES_MAX);
    memcpy(r->peer, c->peer, sizeof r->peer);
    return r;
}

static bool fail(Connection *c, Request *r)
{
    http_refuse(c, r->refuse_status, r->refuse_text);
    return false;
}

static void dispatch(Connection *c, Request *r)
{
    ServerEvents *e = &c->server->events;
    c->http->phase = PHASE_WAIT;
    server_line_join(c, LINE_HANDLER);
    if (!upgrade_try(c, r)) e->on_request(e->ctx, r);
}

/* 100-continue: the client waits for our word before it sends the body. */
static bool answer_expect(Connection *c, Request *r)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    Span expect = request_header(r, "expect");
    if (!expect.ptr) return true;
    if (!text_equal_fold(expect, SPAN("100-continue"))) {
        http_refuse(c, 417, "Only 100-continue may be expected.");
        return false;
    }
    bool waits = r->minor_version == 1 && (r->chunked || r->content_length) &&
                 c->http->in.len == c->http->at;
    OutItem item = {.rest = SPAN(go_on), .keep = KEEP_STATIC};
    return !waits || out_push(c, SEND_CONTROL, &item, 1);
}

/* One empty line before a request is skipped: old clients send one after a body. */
static void skip_empty_line(Http *h)
{
    const u8 *in = h->in.ptr + h->at;
    if (h->in.len - h->at >= 2 && in[0] == '\r' && in[1] == '\n') {
        h->at += 2;
        h->scan = 0;
    }
}

/* Each phase returns true when there is more to do at once. */
static bool run_head(Connection *c)
{
    Http *h = c->http;
    u32 status = 0;
    const char *text = NULL;
    if (h->at == h->in.len) return false;
    if (h->scan <= 2) skip_empty_line(h);
    size_t len = head_scan(h, &status, &text);
    if (status) {
        http_refuse(c, status, text);
        return false;
    }
    if (len == 0) return false;
    Request *r = request_new(c);
    if (!r) {
        http_refuse(c, 503, "The server is out of memory.");
        return false;
    }
    h->request = r;
    bool ok = head_parse(h, r, (Span){h->in.ptr + h->at, len});
    h->at += len;
    h->scan = 0;
    if (!ok) return fail(c, r);
    if (!answer_expect(c, r)) return false;
    if (r->chunked || r->content_length) {
        h->phase = PHASE_BODY;
        server_line_join(c, LINE_IDLE);
    } else {
        dispatch(c, r);
    }
    return true;
}

static bool run_body(Connection *c)
{
    Http *h = c->http;
    Request *r = h->request;
    bool done = false;
    if (h->at == h->in.len) return false;
    h->at += body_parse(h, r, h->in.ptr + h->at, h->in.len - h->at, &done);
    if (r->refuse_status) return fail(c, r);
    if (done) {
        dispatch(c, r);
        return true;
    }
    /* A body that crawls is as good as none: only real progress moves the deadline. */
    if (r->body.len >= h->touched + BODY_PROGRESS_BYTES) {
        h->touched = r->body.len;
        server_line_join(c, LINE_IDLE);
    }
    return false;
}

static bool run_wait(Connection *c)
{
    Http *h = c->http;
    if (h->request || !out_empty(c)) return false;
    if (c->peer_done && h->at == h->in.len) {
        connection_close(c);
        return false;
    }
    h->phase = PHASE_HEAD;
    server_line_join(c, LINE_IDLE);
    return true;
}

static void forget_consumed(Http *h)
{
    if (h->at == h->in.len) {
        buf_done(&h->in);
    } else if (h->at) {
        memmove(h->in.ptr, h->in.ptr + h->at, h->in.len - h->at);
        h->in.len -= h->at;
    }
    h->at = 0;
}

void http_run(Connection *c)
{
    Http *h = c->http;
    if (h->running) return;
    h->running = true;
    bool more = true;
    while (more && !c->closed && c->mode == MODE_HTTP) {
        switch ((Phase)h->phase) {
        case PHASE_HEAD: more = run_head(c); break;
        case PHASE_BODY: more = run_body(c); break;
        case PHASE_WAIT: more = run_wait(c); break;
        }
    }
    h->running = false;
    if (c->closed) return;
    if (c->mode == MODE_SOCKET) {
        /* Upgraded: what came after the request belongs to the socket, the rest is not needed. */
        c->http = NULL;
        if (c->socket && h->at < h->in.len)
            socket_feed(c->socket, h->in.ptr + h->at, h->in.len - h->at);
        http_close(h);
        return;
    }
    forget_consumed(h);
    c->paused = h->phase == PHASE_WAIT && h->in.len > 0;
    if (c->mode == MODE_LINGER) c->paused = false;
    /* Half a request from a peer that has closed its side will never become a whole one. */
    if (c->mode == MODE_HTTP && c->peer_done && h->phase != PHASE_WAIT) connection_close(c);
    connection_interest(c);
}

void http_feed(Connection *c, const u8 *bytes, size_t len)
{
    Http *h = c->http;
    /* A header that has begun gets the whole patience, however long the connection was idle. */
    if (h->phase == PHASE_HEAD && h->in.len == 0) server_line_join(c, LINE_IDLE);
    buf_put(&h->in, bytes, len);
    if (h->in.failed) {
        connection_close(c); /* cannot happen while paused connections are not read */
        return;
    }
    http_run(c);
}

void http_answered(Request *r, bool close)
{
    Connection *c = r->conn;
    Http *h = c->http;
    h->request = NULL;
    request_free(r);
    if (c->closed) return;
    server_line_join(c, LINE_IDLE); /* the peer has to take the answer now */
    if (close) connection_linger(c);
    else http_run(c);
}

void http_expired(Connection *c)
{
    Http *h = c->http;
    if (http_idle(h) || h->phase == PHASE_WAIT) {
        connection_close(c);
        return;
    }
    http_refuse(c, 408, "The request did not arrive in time.");
}
