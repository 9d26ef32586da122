/* Answers, and the headers that stand on each of them. */
#include "http/call.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/text.h"
#include "http/note.h"
#include "http/sign.h"

#define CSP                                                                                        \
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "                 \
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; "  \
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "                  \
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types invigil"
#define NO_DEVICES "camera=(), microphone=(), display-capture=(), fullscreen=()"
#define EXAM_DEVICES "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self)"

/* The pages that ask for camera, microphone or screen. */
static bool path_records(const Request *r)
{
    static const char *const pages[] = {"/exam", "/phone"};
    Span path = request_path(r);
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        Span page = span_of(pages[i]);
        if (!text_starts(path, page)) continue;
        if (path.len == page.len || path.ptr[page.len] == '/') return true;
    }
    return false;
}

size_t headers_strict(const Site *s, const Request *r, Header *out)
{
    size_t n = 0;
    out[n++] = (Header){"Content-Security-Policy", SPAN(CSP)};
    out[n++] = (Header){"Cross-Origin-Opener-Policy", SPAN("same-origin")};
    out[n++] = (Header){"Cross-Origin-Embedder-Policy", SPAN("require-corp")};
    out[n++] = (Header){"Cross-Origin-Resource-Policy", SPAN("same-origin")};
    out[n++] = (Header){"X-Content-Type-Options", SPAN("nosniff")};
    out[n++] = (Header){"Referrer-Policy", SPAN("no-referrer")};
    out[n++] =
        (Header){"Permissions-Policy", path_records(r) ? SPAN(EXAM_DEVICES) : SPAN(NO_DEVICES)};
    if (request_secure(r) || text_starts(span_of(s->public_url), SPAN("https://"))) {
        out[n++] = (Header){"Strict-Transport-Security", SPAN("max-age=31536000")};
    }
    return n;
}

void call_open(Call *c, Site *site, Request *r)
{
    *c = (Call){.site = site, .request = r, .arena = request_arena(r)};
    c->now_ms = site_now_ms(site);
    site->calls_open++;
}

void call_close(Call *c)
{
    c->site->calls_open--;
    if (c->in) json_decref(c->in);
    c->in = NULL;
}

static void call_send(Call *c, u32 status, const char *type, Span body)
{
    Header headers[HEADERS_STRICT_MAX + 4];
    size_t n = headers_strict(c->site, c->request, headers);
    headers[n++] = (Header){"Content-Type", span_of(type)};
    headers[n++] = (Header){"Cache-Control", SPAN("no-store")};
    if (c->cookie) headers[n++] = (Header){"Set-Cookie", span_of(c->cookie)};
    request_reply(c->request, status, headers, n, body);
}

void call_answer(Call *c, Body *b)
{
    if (b->buf.failed) {
        body_done(b);
        call_fail(c, ERR_MEMORY);
        return;
    }
    call_close(c);
    call_send(c, 200, "application/json", buf_view(&b->buf));
    body_done(b);
}

void call_answer_nothing(Call *c)
{
    call_close(c);
    call_send(c, 200, "application/json", SPAN("{}"));
}

void call_answer_bytes(Call *c, const char *type, Buf *bytes)
{
    if (bytes->failed) {
        buf_done(bytes);
        call_fail(c, ERR_MEMORY);
        return;
    }
    call_close(c);
    call_send(c, 200, type, buf_view(bytes));
    buf_done(bytes);
}

/* R_ALREADY and the like have status 200; over HTTP a refusal must not look like an answer. */
static u32 refusal_status(Refusal why)
{
    u32 status = refusal_http(why);
    return status < 400 ? 409 : status;
}

static void refuse_with(Call *c, Refusal why, Span detail)
{
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_text(&b, "refusal", span_of(refusal_name(why)));
    body_text(&b, "text", span_of(refusal_text(why)));
    body_raw(&b, "detail", detail);
    body_shut(&b, '}');
    call_close(c);
    call_send(c, refusal_status(why), "application/json", buf_view(&b.buf));
    body_done(&b);
}

void call_refuse(Call *c, Refusal why)
{
    refuse_with(c, why, SPAN("{}"));
}

void call_refuse_detail(Call *c, Refusal why, Body *detail)
{
    refuse_with(c, why, detail->buf.failed ? SPAN("{}") : buf_view(&detail->buf));
    body_done(detail);
}

void call_refuse_field(Call *c, Refusal why, const char *field)
{
    Body detail;
    body_init(&detail);
    body_open(&detail, NULL, '{');
    body_text(&detail, "field", span_of(field));
    body_shut(&detail, '}');
    call_refuse_detail(c, why, &detail);
}

static Refusal fault_refusal(Err err)
{
    switch (err) {
    case ERR_LIMIT:
    case ERR_BUSY: return R_BUSY;
    case ERR_FULL: return R_NOT_STORED;
    case OK:
    case ERR_MEMORY:
    case ERR_IO:
    case ERR_FORMAT:
    case ERR_MISSING:
    case ERR_DENIED:
    case ERR_BROKEN:
    case ERR_CRYPTO: break;
    }
    return R_FAULT;
}

void call_fail(Call *c, Err err)
{
    char path[128], why[64];
    note(NOTE_ERROR, "request_failed", "path=%s why=%s",
         note_safe(request_path(c->request), path, sizeof path),
         note_safe(span_of(err_text(err)), why, sizeof why));
    call_refuse(c, fault_refusal(err));
}

bool call_ask(Call *c, u64 target, u64 session, const Command *command, ReplyFn *reply)
{
    Err err =
        engine_ask(c->site->engine, &c->who, site_command_id(), target, session, command, reply, c);
    if (err != OK) call_fail(c, err);
    return err == OK;
}

bool call_accepted(Call *c, const Reply *r)
{
    if (r->refusal != ACCEPTED) call_refuse(c, r->refusal);
    return r->refusal == ACCEPTED;
}
