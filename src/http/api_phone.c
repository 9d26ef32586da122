/* The phone as second camera: a ticket for the candidate's page, and what the phone's page gets for it. */
#include <jansson.h>

#include "http/handlers.h"
#include "http/phone.h"

void api_exam_phone(Call *c)
{
    PhoneSecret ticket;
    const Attempt *a = c->who.attempt ? engine_attempt(c->site->engine, c->who.attempt) : NULL;
    if (!a) {
        call_refuse(c, R_NOT_FOUND);
        return;
    }
    if (a->device && a->device != c->who.device) {
        call_refuse(c, R_OTHER_DEVICE);
        return;
    }
    if (!session_on(engine_session(c->site->engine, a->session), SETTING_phone)) {
        call_refuse(c, R_POLICY_FORBIDS);
        return;
    }
    if (!(command_states(CMD_pair_phone) & 1u << a->state)) {
        call_refuse(c, attempt_is_over(a) ? R_IS_OVER : R_NOT_NOW);
        return;
    }
    Err err = phone_ticket_make(c->site, a->id, c->now_ms, &ticket);
    if (err != OK) {
        call_fail(c, err);
        return;
    }
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_text(&b, "ticket", span_of(ticket.text));
    body_number(&b, "expires_ms", c->now_ms + PHONE_TICKET_MS);
    body_shut(&b, '}');
    seal_wipe(&ticket, sizeof ticket);
    call_answer(c, &b);
}

typedef struct Pairing {
    u64 attempt;
    PhoneSecret secret;
} Pairing;

static void paired(void *ctx, const Reply *r)
{
    Call *c = ctx;
    Pairing *p = c->work;
    if (!call_accepted(c, r)) return;
    const Attempt *a = engine_attempt(c->site->engine, p->attempt);
    const SessionInfo *session = engine_session_info(c->site->engine, a->session);
    Span cookie = arena_print(
        c->arena, PHONE_COOKIE "=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Strict",
        p->secret.text, SIGNIN_AGE_MS / 1000);
    seal_wipe(&p->secret, sizeof p->secret);
    if (!cookie.ptr) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    c->cookie = (const char *)cookie.ptr;
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_number(&b, "attempt", (i64)p->attempt);
    body_number(&b, "session", (i64)a->session);
    body_text(&b, "session_name", session ? session->name : SPAN_NONE);
    body_shut(&b, '}');
    call_answer(c, &b);
}

/* Stored before the phone is told: a restart of the server finds it paired. */
static void pair(Call *c, u64 attempt)
{
    static const Asker server = {.roles = BY_SERVER};
    Pairing *p = ARENA_NEW(c->arena, Pairing);
    if (!p) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    p->attempt = attempt;
    phone_secret_make(attempt, &p->secret);
    c->work = p;
    Command command = {.kind = CMD_pair_phone};
    command.pair_phone.device = p->secret.device;
    Err err =
        engine_ask(c->site->engine, &server, site_command_id(), attempt, 0, &command, paired, c);
    if (err != OK) call_fail(c, err);
}

void api_phone_join(Call *c)
{
    Span ticket;
    Throttle *t = c->site->throttle;
    Span peer = request_client(c->site, c->request);
    json_t *in = call_json(c);
    if (!in || !input_text(c, in, "ticket", PHONE_TOKEN_TEXT_MAX, true, &ticket)) return;
    if (!throttle_allows(t, 'p', peer, CODE_TRIES_MAX, c->now_ms)) {
        call_refuse(c, R_TOO_MANY_TRIES);
        return;
    }
    u64 attempt = phone_ticket_take(c->site, ticket, c->now_ms);
    if (attempt) {
        pair(c, attempt);
        return;
    }
    throttle_count(t, 'p', peer, c->now_ms);
    call_refuse(c, R_PHONE_TICKET_GONE);
}
