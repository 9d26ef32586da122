/* reply.c - answers: status line, headers of ours and of the handler's, the body. */
#include "net/internal.h"

#include <stdlib.h>

#include "base/text.h"

enum { REPLY_HEAD_BYTES_MAX = 65536 };

static const struct {
    u32 status;
    const char *text;
} statuses[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

const char *status_text(u32 status)
{
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        if (statuses[i].status == status) return statuses[i].text;
    return "Other";
}

static bool header_ok(const Header *h)
{
    Span name = span_of(h->name);
    if (name.len == 0) return false;
    for (size_t i = 0; i < name.len; i++) {
        u8 low = name.ptr[i] | 32;
        bool fine = (low >= 'a' && low <= 'z') || (name.ptr[i] >= '0' && name.ptr[i] <= '9') ||
                    name.ptr[i] == '-';
        if (!fine) return false;
    }
    for (size_t i = 0; i < h->value.len; i++)
        if (memchr("\r\n", h->value.ptr[i], 3)) return false; /* with the closing zero */
    return true;
}

static void put_head(Buf *b, Server *s, u32 status, size_t body_len, bool close)
{
    buf_print(b, "HTTP/1.1 %u %s\r\nDate: %s\r\n", status, status_text(status), server_date(s));
    /* 204 and 304 have no body, and a length in them confuses caches. */
    if (status != 204 && status != 304) buf_print(b, "Content-Length: %zu\r\n", body_len);
    if (close) buf_text(b, "Connection: close\r\n");
}

static void put_headers(Buf *b, const Header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!header_ok(&headers[i])) {
            b->failed = true;
            return;
        }
        buf_text(b, headers[i].name);
        buf_text(b, ": ");
        buf_span(b, headers[i].value);
        buf_text(b, "\r\n");
    }
    buf_text(b, "\r\n");
}

static void send_parts(Connection *c, Span head, Span body, Keep keep)
{
    OutItem items[2] = {{.rest = head, .keep = KEEP_COPY}, {.rest = body, .keep = (u8)keep}};
    out_push(c, SEND_CONTROL, items, body.len ? 2 : 1);
}

static void reply(Request *r, u32 status, const Header *headers, size_t count, Span body, Keep keep)
{
    ASSERT(!r->answered);
    r->answered = true;
    Connection *c = r->conn;
    if (!c) {
        Request **at = &r->server->orphans;
        while (*at != r)
            at = &(*at)->next_orphan;
        *at = r->next_orphan;
        request_free(r);
        return;
    }
    bool last = c->peer_done && c->http->at == c->http->in.len;
    /* HTTP/1.0 would have to be told that the connection stays; nobody needs that. */
    bool close = !r->keep_alive || r->minor_version == 0 || c->server->draining || last;
    Buf head;
    buf_init(&head, REPLY_HEAD_BYTES_MAX);
    put_head(&head, c->server, status, body.len, close);
    put_headers(&head, headers, count);
    if (head.failed) {
        buf_done(&head);
        http_refuse(c, 500, "The answer could not be sent.");
        return;
    }
    bool silent = r->method == METHOD_HEAD || status == 204 || status == 304;
    send_parts(c, buf_view(&head), silent ? SPAN_NONE : body, keep);
    buf_done(&head);
    http_answered(r, close);
}

void request_reply(Request *r, u32 status, const Header *headers, size_t count, Span body)
{
    reply(r, status, headers, count, body, KEEP_COPY);
}

void request_reply_static(Request *r, u32 status, const Header *headers, size_t count, Span body)
{
    reply(r, status, headers, count, body, KEEP_STATIC);
}

void http_refuse(Connection *c, u32 status, const char *text)
{
    static const Header plain[] = {{"Content-Type", {(const u8 *)"text/plain; charset=utf-8", 25}},
                                   {"Cache-Control", {(const u8 *)"no-store", 8}}};
    Http *h = c->http;
    Buf head, body;
    buf_init(&head, REPLY_HEAD_BYTES_MAX);
    buf_init(&body, 1024);
    buf_print(&body, "%u %s: %s\n", status, status_text(status), text);
    put_head(&head, c->server, status, body.len, true);
    put_headers(&head, plain, COUNT_OF(plain));
    bool silent = h->request && h->request->method == METHOD_HEAD && h->request->head_done;
    if (!head.failed && !body.failed)
        send_parts(c, buf_view(&head), silent ? SPAN_NONE : buf_view(&body), KEEP_COPY);
    buf_done(&head);
    buf_done(&body);
    if (h->request) request_free(h->request);
    h->request = NULL;
    h->phase = PHASE_WAIT;
    connection_linger(c);
}
