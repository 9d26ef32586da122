/* head.c - from bytes to a checked request: the header block, then the body through llhttp.
 * The header block is collected whole and scanned by stricter rules than llhttp's before llhttp
 * sees it, because every disagreement between two parsers on the way is a hole. */
#include "net/internal.h"

#include "base/text.h"

#define NOT_OUR_VERSION "Only HTTP/1.1 and HTTP/1.0 are spoken here."

/* ---- collecting ---- */

static bool refuse(u32 *status, const char **text, u32 how, const char *why)
{
    *status = how;
    *text = why;
    return false;
}

/* Looks at in[i] knowing everything before it. False: not allowed there. */
static bool byte_allowed(const u8 *in, size_t i, u32 *status, const char **text)
{
    u8 b = in[i], before = i ? in[i - 1] : 0;
    if (before == '\r' && b != '\n') return refuse(status, text, 400, "A CR stands alone.");
    if (b == '\n' && before != '\r')
        return refuse(status, text, 400, "A LF stands alone; lines end with CR LF.");
    if (before == '\n' && (b == ' ' || b == '\t'))
        return refuse(status, text, 400, "A header line is folded; send it on one line.");
    if ((b < 32 && b != '\t' && b != '\r' && b != '\n') || b == 127)
        return refuse(status, text, 400, "A control byte stands in the header.");
    return true;
}

size_t head_scan(Http *h, u32 *status, const char **text)
{
    const u8 *in = h->in.ptr + h->at;
    size_t len = h->in.len - h->at;
    for (; h->scan < len; h->scan++) {
        size_t i = h->scan;
        if (i >= HTTP_HEADER_BYTES_MAX) {
            bool first = !memchr(in, '\n', i);
            refuse(status, text, first ? 414 : 431,
                   first ? "The address is too long." : "The header is too long.");
            return 0;
        }
        if (in[i] > 32 && in[i] != 127 && i && in[i - 1] != '\r') continue;
        if (!byte_allowed(in, i, status, text)) return 0;
        if (i >= 3 && in[i] == '\n' && in[i - 2] == '\n') return i + 1;
    }
    return 0;
}

/* ---- llhttp's callbacks ---- */

static Http *http_of(llhttp_t *p)
{
    return p->data;
}

static int on_url(llhttp_t *p, const char *at, size_t len)
{
    Request *r = http_of(p)->request;
    if (!r->target.len) r->target.ptr = (const u8 *)at;
    r->target.len += len;
    return 0;
}

static bool is_token_byte(u8 b)
{
    u8 low = b | 32;
    return (low >= 'a' && low <= 'z') || (b >= '0' && b <= '9') ||
           (b && memchr("!#$%&'*+-.^_`|~", b, 15));
}

static int on_field(llhttp_t *p, const char *at, size_t len)
{
    Request *r = http_of(p)->request;
    if (r->head_done) return 0; /* trailers are read and forgotten */
    if (r->header_count == HTTP_HEADERS_MAX) {
        r->refuse_status = 431;
        r->refuse_text = "There are too many header lines.";
        return HPE_USER;
    }
    u8 *name = (u8 *)at; /* in the request's own arena, see head_parse */
    for (size_t i = 0; i < len; i++) {
        /* llhttp forgives a space before the colon; another parser on the way may not. */
        if (!is_token_byte(name[i])) return HPE_USER;
        name[i] = (u8)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    }
    r->headers[r->header_count++] = (HeaderLine){.name = {name, len}, .value = {name + len, 0}};
    return 0;
}

static int on_value(llhttp_t *p, const char *at, size_t len)
{
    Request *r = http_of(p)->request;
    if (r->head_done || r->header_count == 0) return 0;
    r->headers[r->header_count - 1].value = text_trim((Span){(const u8 *)at, len});
    return 0;
}

static Method method_of(u8 method)
{
    if (method == HTTP_GET) return METHOD_GET;
    if (method == HTTP_HEAD) return METHOD_HEAD;
    if (method == HTTP_POST) return METHOD_POST;
    if (method == HTTP_PUT) return METHOD_PUT;
    return method == HTTP_DELETE ? METHOD_DELETE : METHOD_OTHER;
}

static int on_head(llhttp_t *p)
{
    Request *r = http_of(p)->request;
    r->head_done = true;
    r->method = method_of(p->method);
    r->minor_version = p->http_minor;
    r->keep_alive = llhttp_should_keep_alive(p);
    r->upgrade = p->upgrade && p->method == HTTP_GET;
    r->chunked = p->flags & F_CHUNKED;
    r->content_length = p->flags & F_CONTENT_LENGTH ? p->content_length : 0;
    if (p->http_major != 1 || p->http_minor > 1) {
        r->refuse_status = 505;
        r->refuse_text = NOT_OUR_VERSION;
    } else {
        request_check(r);
    }
    p->upgrade = 0; /* what follows is ours to judge, see upgrade.c */
    return r->refuse_status ? -1 : 0;
}

/* Everything outside of chunk data must be lines of CR LF too, and not many of them. */
static bool framing_ok(Http *h, const char *from, const char *to)
{
    for (; from < to; from++) {
        u8 b = (u8)*from;
        if ((b == '\n') != (h->framing_last == '\r')) return false;
        if (++h->framing_bytes > HTTP_HEADER_BYTES_MAX) return false;
        h->framing_last = b;
    }
    return true;
}

/* llhttp tells where the body's bytes lie; what lies between them is checked here. */
static int on_body(llhttp_t *p, const char *at, size_t len)
{
    Http *h = http_of(p);
    Request *r = h->request;
    if (r->chunked && !framing_ok(h, h->framing_at, at)) return HPE_USER;
    h->framing_at = at + len;
    if (!server_collect(r->server, len)) {
        r->refuse_status = 503;
        r->refuse_text = "Too much is being uploaded; try again in a few seconds.";
        return HPE_USER;
    }
    buf_put(&r->body, at, len);
    if (!r->body.failed) return 0;
    server_release(r->server, len);
    r->refuse_status = 413;
    r->refuse_text = "The body is too long.";
    return HPE_USER;
}

static int on_message(llhttp_t *p)
{
    (void)p;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_message_complete = on_message,
};

static const char *errno_text(llhttp_errno_t e)
{
    if (e == HPE_INVALID_METHOD) return "The method is missing or unknown.";
    if (e == HPE_INVALID_URL) return "The request's target is malformed.";
    if (e == HPE_INVALID_VERSION) return NOT_OUR_VERSION;
    if (e == HPE_INVALID_HEADER_TOKEN || e == HPE_USER) return "A header line is malformed.";
    if (e == HPE_INVALID_CONTENT_LENGTH || e == HPE_UNEXPECTED_CONTENT_LENGTH)
        return "Content-Length is malformed, repeated, or stands beside Transfer-Encoding.";
    if (e == HPE_INVALID_TRANSFER_ENCODING)
        return "Transfer-Encoding must be chunked and nothing else.";
    if (e == HPE_INVALID_CHUNK_SIZE) return "A chunk's size is malformed.";
    return "The request is malformed.";
}

static bool judge(Request *r, llhttp_errno_t e)
{
    if (e == HPE_OK || e == HPE_PAUSED) return true;
    if (!r->refuse_status) {
        r->refuse_status = e == HPE_INVALID_VERSION ? 505 : 400;
        r->refuse_text = errno_text(e);
    }
    return false;
}

bool head_parse(Http *h, Request *r, Span head)
{
    Span own = arena_copy(&r->arena, head);
    r->headers = ARENA_ARRAY(&r->arena, HeaderLine, HTTP_HEADERS_MAX);
    if (!own.ptr || !r->headers) {
        r->refuse_status = 503;
        r->refuse_text = "The server is out of memory.";
        return false;
    }
    h->request = r;
    h->framing_last = 0;
    h->framing_bytes = 0;
    h->touched = 0;
    llhttp_init(&h->parser, HTTP_REQUEST, &settings);
    h->parser.data = h;
    llhttp_errno_t e = llhttp_execute(&h->parser, (const char *)own.ptr, own.len);
    if (!judge(r, e)) return false;
    /* llhttp skips empty lines before a request for ever. */
    return r->head_done || judge(r, HPE_INVALID_METHOD);
}

size_t body_parse(Http *h, Request *r, const u8 *bytes, size_t len, bool *done)
{
    const char *from = (const char *)bytes;
    h->framing_at = from;
    llhttp_errno_t e = llhttp_execute(&h->parser, from, len);
    *done = e == HPE_PAUSED;
    const char *end = *done ? llhttp_get_error_pos(&h->parser) : from + len;
    if (judge(r, e) && r->chunked && !framing_ok(h, h->framing_at, end))
        judge(r, HPE_INVALID_CHUNK_SIZE);
    h->framing_at = NULL;
    return (size_t)(end - from);
}
