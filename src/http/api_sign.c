/* Signing in and out, who am I, what is this server. */
#include <jansson.h>

#include "base/text.h"
#include "http/handlers.h"
#include "http/note.h"
#include "http/show.h"
#include "http/sign.h"

/* One password that is being compared on a worker thread. */
typedef struct PasswordTry {
    Call *call;
    Span email, password;
    u64 user; /* 0: no such account; the comparison takes as long all the same */
    const char *stored;
    bool fits;
} PasswordTry;

static void password_work(void *ctx)
{
    PasswordTry *try = ctx;
    try->fits = seal_password_fits(try->password, try->stored);
}

static void refuse_password(Call *c, const PasswordTry *try)
{
    char peer[48];
    note(NOTE_INFO, "sign_in_refused", "user=%llu peer=%s", (unsigned long long)try->user,
         note_safe(request_client(c->site, c->request), peer, sizeof peer));
    call_refuse(c, R_WRONG_PASSWORD);
}

static void password_signed(Call *c)
{
    const PasswordTry *try = c->work;
    throttle_forget(c->site->throttle, 'u', try->email);
    throttle_take_back(c->site->throttle, 'a', request_client(c->site, c->request));
    note(NOTE_INFO, "signed_in", "user=%llu", (unsigned long long)c->who.user);
    c->signed_in = true;
    Body b;
    body_init(&b);
    show_user(c, &b);
    call_answer(c, &b);
}

static void password_done(void *ctx)
{
    PasswordTry *try = ctx;
    Call *c = try->call;
    User user;
    c->now_ms = site_now_ms(c->site);
    if (!try->user || !try->fits) {
        refuse_password(c, try);
        return;
    }
    Err err = people_by_id(c->site->people, try->user, c->arena, &user);
    if (err != OK) {
        call_fail(c, err);
    } else if (user.suspended) {
        call_refuse(c, R_NOT_ALLOWED);
    } else {
        c->who = (Asker){.user = user.id, .roles = user.roles};
        sign_issue(c, user.id, 0, password_signed);
    }
}

/* Counted as failed before it is looked at, so that many at once do not get more tries. */
static bool try_count(const Call *c, Span email)
{
    Throttle *t = c->site->throttle;
    Span peer = request_client(c->site, c->request);
    if (!throttle_allows(t, 'u', email, SIGNIN_TRIES_MAX, c->now_ms)) return false;
    if (!throttle_allows(t, 'a', peer, SIGNIN_TRIES_MAX, c->now_ms)) return false;
    throttle_count(t, 'u', email, c->now_ms);
    throttle_count(t, 'a', peer, c->now_ms);
    return true;
}

void api_signin(Call *c)
{
    PasswordTry *try = ARENA_NEW(c->arena, PasswordTry);
    User user;
    json_t *in = call_json(c);
    if (!in) return;
    if (!try) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    if (!input_text(c, in, "email", NAME_BYTES_MAX, true, &try->email)) return;
    if (!input_text(c, in, "password", NAME_BYTES_MAX, true, &try->password)) return;
    if (!try_count(c, try->email)) {
        call_refuse(c, R_TOO_MANY_TRIES);
        return;
    }
    try->call = c;
    c->work = try;
    try->stored = (const char *)c->site->nobody_password;
    Err err = people_by_email(c->site->people, try->email, c->arena, &user);
    if (err == OK && user.password.len) {
        try->user = user.id;
        Span copy = arena_print(c->arena, "%.*s", SPAN_ARG(user.password));
        if (copy.ptr) try->stored = (const char *)copy.ptr;
        else err = ERR_MEMORY;
    }
    if (err == OK || err == ERR_MISSING) {
        err = loop_work(c->site->loop, password_work, password_done, try);
    }
    if (err != OK) call_fail(c, err);
}

void api_signout(Call *c)
{
    Err err = sign_end(c);
    if (err != OK) call_fail(c, err);
    else call_answer_nothing(c);
}

void api_me(Call *c)
{
    Body b;
    body_init(&b);
    show_user(c, &b);
    call_answer(c, &b);
}

void api_server(Call *c)
{
    const Site *s = c->site;
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_text(&b, "version", SPAN(INVIGIL_VERSION));
    body_text(&b, "organization", span_of(s->organization));
    body_number(&b, "now_ms", c->now_ms);
    body_binary(&b, "sign_public", (Span){s->sign_public, sizeof s->sign_public});
    body_open(&b, "support", '{');
    body_text(&b, "text", span_of(s->support));
    body_shut(&b, '}');
    body_shut(&b, '}');
    call_answer(c, &b);
}
