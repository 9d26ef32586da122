/* request.c - what handlers read from a request, and the checks that every request must pass. */
#include "net/internal.h"

#include <stdlib.h>

#include "base/text.h"

void request_free(Request *r)
{
    server_release(r->server, r->body.len);
    arena_done(&r->arena);
    buf_done(&r->body);
    free(r);
}

/* ---- percent-encoding ---- */

static int hex_digit(u8 c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool percent_decode(Arena *a, Span s, bool plus_is_space, Span *out)
{
    u8 *to = arena_push(a, s.len + 1);
    size_t n = 0;
    if (!to) return false;
    for (size_t i = 0; i < s.len; i++) {
        u8 b = s.ptr[i];
        if (b == '%') {
            if (s.len - i < 3) return false;
            int high = hex_digit(s.ptr[i + 1]), low = hex_digit(s.ptr[i + 2]);
            if (high < 0 || low < 0 || high + low == 0) return false;
            b = (u8)(high << 4 | low);
            i += 2;
        } else if (b == '+' && plus_is_space) {
            b = ' ';
        }
        to[n++] = b;
    }
    *out = (Span){to, n};
    return true;
}

/* ---- checks ---- */

static bool refuse(Request *r, u32 status, const char *text)
{
    r->refuse_status = status;
    r->refuse_text = text;
    return false;
}

static bool path_has_dot_step(Span path)
{
    Span rest = path, step;
    bool more = true;
    while (more) {
        more = text_cut(rest, '/', &step, &rest);
        if (!more) step = rest;
        if (span_equal(step, SPAN(".")) || span_equal(step, SPAN(".."))) return true;
    }
    return false;
}

static bool has_control(Span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 32 || s.ptr[i] == 127 || s.ptr[i] == '\\') return true;
    return false;
}

/* An encoded slash would give a path steps that routes do not see. */
static bool has_encoded_slash(Span s)
{
    for (size_t i = 0; i + 2 < s.len; i++)
        if (s.ptr[i] == '%' && s.ptr[i + 1] == '2' && (s.ptr[i + 2] | 32) == 'f') return true;
    return false;
}

static bool check_target(Request *r)
{
    if (!r->target.len || r->target.ptr[0] != '/')
        return refuse(r, 400, "The target must be a path that starts with a slash.");
    for (size_t i = 0; i < r->target.len; i++) {
        u8 b = r->target.ptr[i];
        if (b <= 32 || b >= 127 || b == '#')
            return refuse(r, 400, "The target holds a byte that must be percent-encoded.");
    }
    Span raw = r->target, unused;
    text_cut(r->target, '?', &raw, &r->query);
    if (!percent_decode(&r->arena, raw, false, &r->path) || has_control(r->path) ||
        has_encoded_slash(raw) || !text_is_utf8(r->path))
        return refuse(r, 400, "The path's percent-encoding is malformed.");
    if (path_has_dot_step(r->path)) return refuse(r, 400, "The path holds a step of dots.");
    if (!percent_decode(&r->arena, r->query, true, &unused))
        return refuse(r, 400, "The query's percent-encoding is malformed.");
    return true;
}

static u32 count_header(const Request *r, const char *name, Span *value)
{
    u32 n = 0;
    for (u32 i = 0; i < r->header_count; i++) {
        if (!span_equal(r->headers[i].name, span_of(name))) continue;
        *value = r->headers[i].value;
        n++;
    }
    return n;
}

static bool host_ok(Span host)
{
    if (host.len == 0 || host.len > 255) return false;
    for (size_t i = 0; i < host.len; i++) {
        u8 b = host.ptr[i], low = b | 32;
        bool fine = (low >= 'a' && low <= 'z') || (b >= '0' && b <= '9') || memchr(".-_:[]", b, 6);
        if (!fine) return false;
    }
    return true;
}

static bool check_host(Request *r)
{
    Span host = SPAN_NONE;
    u32 n = count_header(r, "host", &host);
    if (n > 1) return refuse(r, 400, "Host is given more than once.");
    if (n == 0 && r->minor_version >= 1) return refuse(r, 400, "Host is missing.");
    return n == 0 || host_ok(host) || refuse(r, 400, "Host is malformed.");
}

static bool check_lengths(Request *r)
{
    Span length = SPAN_NONE, coding = SPAN_NONE;
    u64 bytes = 0;
    u32 lengths = count_header(r, "content-length", &length);
    u32 codings = count_header(r, "transfer-encoding", &coding);
    if (lengths > 1 || (lengths && !text_to_u64(length, &bytes)))
        return refuse(r, 400, "Content-Length is malformed or repeated.");
    if (lengths && codings)
        return refuse(r, 400, "Content-Length and Transfer-Encoding exclude each other.");
    if (codings > 1 || (codings && !text_equal_fold(coding, SPAN("chunked"))))
        return refuse(r, 400, "Transfer-Encoding must be chunked and nothing else.");
    if (codings && r->minor_version == 0)
        return refuse(r, 400, "HTTP/1.0 has no Transfer-Encoding.");
    if (bytes > HTTP_BODY_BYTES_MAX) return refuse(r, 413, "The body is too long.");
    return true;
}

bool request_check(Request *r)
{
    return check_target(r) && check_host(r) && check_lengths(r);
}

/* ---- reading ---- */

Method request_method(const Request *r)
{
    return r->method;
}

Span request_path(const Request *r)
{
    return r->path;
}

Span request_query(const Request *r, const char *name)
{
    Arena *a =
        &((Request *)r)->arena; /* memory of the request's own; nothing that is seen changes */
    Span rest = r->query, pair, key, value;
    while (rest.len) {
        if (!text_cut(rest, '&', &pair, &rest)) {
            pair = rest;
            rest = SPAN_NONE;
        }
        if (!text_cut(pair, '=', &key, &value)) {
            key = pair;
            value = (Span){pair.ptr + pair.len, 0};
        }
        if (!percent_decode(a, key, true, &key) || !span_equal(key, span_of(name))) continue;
        return percent_decode(a, value, true, &value) ? value : SPAN_NONE;
    }
    return SPAN_NONE;
}

Span request_header(const Request *r, const char *lower_case_name)
{
    Span name = span_of(lower_case_name);
    for (u32 i = 0; i < r->header_count; i++)
        if (span_equal(r->headers[i].name, name)) return r->headers[i].value;
    return SPAN_NONE;
}

static Span cookie_in(Span line, Span name)
{
    Span pair, key, value;
    bool more = true;
    while (more) {
        more = text_cut(line, ';', &pair, &line);
        if (!more) pair = line;
        if (text_cut(pair, '=', &key, &value) && span_equal(text_trim(key), name))
            return text_trim(value);
    }
    return SPAN_NONE;
}

Span request_cookie(const Request *r, const char *name)
{
    for (u32 i = 0; i < r->header_count; i++) {
        if (!span_equal(r->headers[i].name, SPAN("cookie"))) continue;
        Span value = cookie_in(r->headers[i].value, span_of(name));
        if (value.ptr) return value;
    }
    return SPAN_NONE;
}

bool header_has_token(const Request *r, const char *name, const char *token)
{
    for (u32 i = 0; i < r->header_count; i++) {
        Span rest = r->headers[i].value, one;
        bool more = span_equal(r->headers[i].name, span_of(name));
        while (more) {
            more = text_cut(rest, ',', &one, &rest);
            if (text_equal_fold(text_trim(more ? one : rest), span_of(token))) return true;
        }
    }
    return false;
}

Span request_body(const Request *r)
{
    return buf_view(&r->body);
}

Span request_peer(const Request *r)
{
    return span_of(r->peer);
}

bool request_secure(const Request *r)
{
    return r->server->tls != NULL;
}

struct Arena *request_arena(Request *r)
{
    return &r->arena;
}

void request_set_user(Request *r, void *user)
{
    r->user = user;
}

void *request_user(const Request *r)
{
    return r->user;
}
