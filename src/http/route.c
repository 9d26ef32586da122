/* The table of routes (schema/api.def) and the one door in front of every handler: is the request from
 * our own page, who asks, may that person do this to that object. */
#include <stdio.h>

#include "app/who.h"
#include "base/text.h"
#include "http/call.h"
#include "http/handlers.h"
#include "http/sign.h"
#include "http/static.h"

/* Besides the bits of Role. */
enum { ANYONE = 1 << 16, SIGNED_IN = 1 << 17 };

typedef struct Route {
    const char *name;
    Method method;
    const char *path;
    u32 who;
    ObjectKind object;
    void (*handler)(Call *c);
} Route;

static const Route routes[] = {
#define A(name, method, path, who, object)                                                         \
    {#name, METHOD_##method, path, who, OBJECT_##object, api_##name},
#include "schema/api.def"
#undef A
};

/* "/api/sessions/:id/key" against "/api/sessions/42/key". */
static bool path_fits(const char *pattern, Span path, u64 *id)
{
    Span rest = span_of(pattern), step, want;
    *id = 0;
    bool more = true, want_more = true;
    while (more && want_more) {
        want_more = text_cut(rest, '/', &want, &rest);
        if (!want_more) want = rest;
        more = text_cut(path, '/', &step, &path);
        if (!more) step = path;
        if (span_equal(want, SPAN(":id"))) {
            if (!text_to_u64(step, id) || *id >= (u64)1 << 50) return false;
        } else if (!span_equal(want, step)) {
            return false;
        }
    }
    return more == want_more;
}

static const Route *route_find(Span path, Method method, u64 *id, bool *path_known)
{
    *path_known = false;
    if (method == METHOD_HEAD) method = METHOD_GET;
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (!path_fits(routes[i].path, path, id)) continue;
        *path_known = true;
        if (routes[i].method == method) return &routes[i];
    }
    return NULL;
}

bool request_same_origin(const Site *s, const Request *r)
{
    Span origin = request_header(r, "origin"), host = request_header(r, "host");
    if (s->public_url) return text_equal_fold(origin, span_of(s->public_url));
    Span scheme = request_secure(r) ? SPAN("https://") : SPAN("http://");
    if (!origin.len || !host.len || !text_starts(origin, scheme)) return false;
    Span rest = {origin.ptr + scheme.len, origin.len - scheme.len};
    return text_equal_fold(rest, host);
}

/* Each proxy adds the address it was asked from at the end; only the last one is ours. */
Span request_client(const Site *s, const Request *r)
{
    Span list = s->public_url ? request_header(r, "x-forwarded-for") : SPAN_NONE, head;
    while (text_cut(list, ',', &head, &list)) {
    }
    list = text_trim(list);
    return list.len ? list : request_peer(r);
}

/* Why the route may not be taken; ACCEPTED: go on, c->role is set. */
static Refusal route_may(Call *c, const Route *route)
{
    if (route->who & ANYONE) return ACCEPTED;
    if (!c->signed_in) return R_NOT_SIGNED_IN;
    if (route->who & SIGNED_IN) return ACCEPTED;
    const Engine *e = c->site->engine;
    c->role = who_may(e, &c->who, route->who, route->object, c->object);
    if (c->role) return ACCEPTED;
    if (route->object == OBJECT_NONE) return R_NOT_ALLOWED;
    return who_may(e, &c->who, route->who, OBJECT_NONE, 0) ? R_NOT_FOUND : R_NOT_ALLOWED;
}

static void refuse_status(const Site *s, Request *r, u32 status, Refusal why)
{
    char text[256];
    Header headers[HEADERS_STRICT_MAX + 2];
    size_t n = headers_strict(s, r, headers);
    headers[n++] = (Header){"Content-Type", SPAN("application/json")};
    headers[n++] = (Header){"Cache-Control", SPAN("no-store")};
    int len = snprintf(text, sizeof text, "{\"refusal\":\"%s\",\"text\":\"%s\",\"detail\":{}}",
                       refusal_name(why), refusal_text(why));
    request_reply(r, status, headers, n, (Span){(u8 *)text, (size_t)len});
}

static void route_api(Site *site, Request *r)
{
    u64 object = 0;
    bool path_known;
    Method method = request_method(r);
    const Route *route = route_find(request_path(r), method, &object, &path_known);
    if (!route) {
        refuse_status(site, r, path_known ? 405 : 404, path_known ? R_MALFORMED : R_NOT_FOUND);
        return;
    }
    Call *c = ARENA_NEW(request_arena(r), Call);
    if (!c) {
        refuse_status(site, r, 503, R_BUSY);
        return;
    }
    call_open(c, site, r);
    c->object = object;
    if (route->method != METHOD_GET && !request_same_origin(site, r)) {
        call_refuse(c, R_WRONG_ORIGIN);
        return;
    }
    i64 expires_ms;
    c->signed_in = sign_read(site, r, c->now_ms, c->arena, &c->who, c->token_hash, &expires_ms);
    Refusal why = route_may(c, route);
    if (why != ACCEPTED) call_refuse(c, why);
    else route->handler(c);
}

void route_request(void *ctx, Request *r)
{
    Site *site = ctx;
    Span path = request_path(r);
    if (span_equal(path, SPAN("/api")) || text_starts(path, SPAN("/api/"))) route_api(site, r);
    else static_request(site, r);
}
