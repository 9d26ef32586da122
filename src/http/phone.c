#include "http/phone.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "http/sign.h"

/* ---- secrets ---- */

typedef struct Ticket {
    u8 hash[SEAL_HASH_BYTES];
    i64 expires_ms;
} Ticket;

void phone_secret_make(u64 attempt, PhoneSecret *out)
{
    u8 token[SEAL_TOKEN_BYTES];
    char text[SEAL_TOKEN_BYTES * 2];
    seal_random(token, sizeof token);
    seal_sha256((Span){token, sizeof token}, out->hash);
    out->device = sign_device(out->hash);
    text_base64url((Span){token, sizeof token}, text, sizeof text);
    snprintf(out->text, sizeof out->text, PHONE_TOKEN_FORM, (unsigned long long)attempt, text);
    seal_wipe(token, sizeof token);
    seal_wipe(text, sizeof text);
}

bool phone_secret_read(Span text, u64 *attempt, u8 hash[SEAL_HASH_BYTES])
{
    Span number, rest;
    u8 token[SEAL_TOKEN_BYTES];
    size_t len = 0;
    if (!text.ptr || !text_cut(text, '.', &number, &rest)) return false;
    if (!text_to_u64(number, attempt)) return false;
    if (!text_from_base64url(rest, token, sizeof token, &len) || len != sizeof token) return false;
    seal_sha256((Span){token, sizeof token}, hash);
    seal_wipe(token, sizeof token);
    return true;
}

Err phone_ticket_make(Site *s, u64 attempt, i64 now_ms, PhoneSecret *out)
{
    Ticket *t = map_get(&s->phone_tickets, attempt);
    if (!t) {
        if (s->phone_tickets.count >= PHONE_TICKETS_MAX) return ERR_BUSY;
        t = calloc(1, sizeof *t);
        if (!t) return ERR_MEMORY;
        Err err = map_put(&s->phone_tickets, attempt, t);
        if (err != OK) {
            free(t);
            return err;
        }
    }
    phone_secret_make(attempt, out);
    memcpy(t->hash, out->hash, sizeof t->hash);
    t->expires_ms = now_ms + PHONE_TICKET_MS;
    return OK;
}

static void ticket_drop(Site *s, u64 attempt)
{
    free(map_remove(&s->phone_tickets, attempt));
}

u64 phone_ticket_take(Site *s, Span text, i64 now_ms)
{
    u64 attempt;
    u8 hash[SEAL_HASH_BYTES];
    if (!phone_secret_read(text, &attempt, hash)) return 0;
    const Ticket *t = map_get(&s->phone_tickets, attempt);
    if (!t || !text_equal_secret((Span){t->hash, sizeof t->hash}, (Span){hash, sizeof hash}))
        return 0;
    bool good = t->expires_ms > now_ms;
    ticket_drop(s, attempt);
    return good ? attempt : 0;
}

/* ---- who may come ---- */

static bool may_come(const Attempt *a, u64 device, i64 now_ms)
{
    if (!a || !device || a->phone != device) return false;
    switch (a->state) {
    case ATTEMPT_joined:
    case ATTEMPT_waiting:
    case ATTEMPT_active: return true;
    case ATTEMPT_submitted:
    case ATTEMPT_ended: return now_ms - a->over_ms < PHONE_DRAIN_MS;
    case ATTEMPT_none:
    case ATTEMPT_invited:
    case ATTEMPT_refused:
    case ATTEMPT_absent:
    case ATTEMPT_STATES: break;
    }
    return false;
}

bool phone_read(const Site *s, const Request *r, i64 now_ms, Asker *who,
                u8 token_hash[SEAL_HASH_BYTES])
{
    u64 attempt;
    if (!phone_secret_read(request_cookie(r, PHONE_COOKIE), &attempt, token_hash)) return false;
    u64 device = sign_device(token_hash);
    if (!may_come(engine_attempt(s->engine, attempt), device, now_ms)) return false;
    *who = (Asker){.attempt = attempt, .roles = BY_PHONE, .device = device};
    return true;
}

bool phone_may_stay(const Live *l, i64 now_ms)
{
    return may_come(engine_attempt(l->site->engine, l->who.attempt), l->who.device, now_ms);
}

/* ---- the socket ---- */

bool phone_leads(const Live *l)
{
    return live_is_phone(l) && map_get(&l->site->phones, l->who.attempt) == l;
}

static PhoneWanted wanted(const Attempt *a)
{
    if (a->state == ATTEMPT_waiting || a->state == ATTEMPT_active) return PHONE_RECORD;
    return a->state == ATTEMPT_joined ? PHONE_PREVIEW : PHONE_OVER;
}

static void tell_wanted(Live *l)
{
    const Attempt *a = engine_attempt(l->site->engine, l->who.attempt);
    Message m = {.kind = MSG_phone_wanted};
    m.phone_wanted.what = (u8)wanted(a);
    if (m.phone_wanted.what == l->phone_told) return;
    l->phone_told = m.phone_wanted.what;
    live_send(l, &m);
}

static bool asks_for_phone(const Live *l)
{
    const Attempt *a = engine_attempt(l->site->engine, l->who.attempt);
    return session_on(engine_session(l->site->engine, a->session), SETTING_phone);
}

void phone_tell_leader(Live *leader)
{
    const Live *l = leader ? map_get(&leader->site->phones, leader->who.attempt) : NULL;
    Message m = {.kind = MSG_phone_state};
    if (!leader || !asks_for_phone(leader)) return;
    m.phone_state.connected = l != NULL;
    m.phone_state.battery = l ? l->phone_report.battery : 255;
    m.phone_state.problem = l ? l->phone_report.problem : 0;
    live_send(leader, &m);
}

static Live *leader_of(const Live *l)
{
    return map_get(&l->site->leaders, l->who.attempt);
}

static void ask_track(Live *l, CommandKind kind)
{
    Command c = {.kind = kind};
    if (kind == CMD_lose_track) c.lose_track.track = TRACK_phone;
    else c.restore_track.track = TRACK_phone;
    live_server_ask(l->site, l->who.attempt, &c);
}

void phone_begin(Live *l)
{
    Live *before = map_get(&l->site->phones, l->who.attempt);
    if (map_put(&l->site->phones, l->who.attempt, l) != OK) {
        live_end(l, LIVE_OVERLOADED, R_BUSY);
        return;
    }
    if (before && before != l) live_end(before, LIVE_TAKEN_OVER, R_CONFLICT);
    l->phone_report.battery = 255;
    l->phone_told = UINT8_MAX;
    tell_wanted(l);
    const Attempt *a = engine_attempt(l->site->engine, l->who.attempt);
    if (a->lost_tracks & track_bit(TRACK_phone)) ask_track(l, CMD_restore_track);
    phone_tell_leader(leader_of(l));
}

void phone_gone(Live *l)
{
    if (!phone_leads(l)) return;
    map_remove(&l->site->phones, l->who.attempt);
    Live *leader = leader_of(l);
    if (!leader) return;
    leader->phone_gone_ms = site_now_ms(l->site);
    phone_tell_leader(leader);
}

void phone_reports(Live *l, const Msg_phone_report *report)
{
    if (!phone_leads(l)) {
        live_refuse(l, R_NOT_ALLOWED, NULL);
        return;
    }
    l->phone_report = *report;
    phone_tell_leader(leader_of(l));
}

void phone_hears(Site *s, u64 attempt)
{
    const Attempt *a = engine_attempt(s->engine, attempt);
    Live *l = map_get(&s->phones, attempt);
    if (l && l->who.device != a->phone) live_end(l, LIVE_TAKEN_OVER, R_CONFLICT);
    else if (l) tell_wanted(l);
    if (a && attempt_is_over(a)) ticket_drop(s, attempt);
}

/* Away for as long as a lost connection takes to count as one. */
void phone_missed(Live *leader, i64 now_ms)
{
    const Attempt *a = engine_attempt(leader->site->engine, leader->who.attempt);
    bool records = a->state == ATTEMPT_waiting || a->state == ATTEMPT_active;
    if (!records || !a->phone || map_get(&leader->site->phones, a->id)) return;
    if (a->lost_tracks & track_bit(TRACK_phone)) return;
    i64 since = MAX_OF(leader->phone_gone_ms, leader->opened_ms);
    if (now_ms - since > leader->site->disconnected_ms) ask_track(leader, CMD_lose_track);
}

void phones_done(Site *s)
{
    u64 attempt;
    void *ticket;
    for (size_t at = 0; map_next(&s->phone_tickets, &at, &attempt, &ticket);)
        free(ticket);
    map_done(&s->phone_tickets);
    map_done(&s->phones);
}
