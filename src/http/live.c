#include "http/live.h"

#include <stdlib.h>

#include "app/who.h"
#include "base/text.h"
#include "http/note.h"
#include "http/phone.h"
#include "http/room.h"
#include "http/sign.h"

/* ---- sending ---- */

bool live_send(Live *l, const Message *m)
{
    Buf *out = &l->site->live_out;
    if (!l->socket) return false;
    buf_reset(out);
    message_encode(out, m);
    return !out->failed && socket_send(l->socket, SEND_CONTROL, buf_view(out));
}

void live_refuse(Live *l, Refusal why, const char *what)
{
    Message m = {.kind = MSG_refused};
    m.refused.refusal = (u16)why;
    m.refused.what = span_of(what ? what : refusal_text(why));
    live_send(l, &m);
}

static bool feed_send_to(void *ctx, Span message)
{
    Live *l = ctx;
    return l->socket && socket_send(l->socket, SEND_CONTROL, message);
}

/* From here on nothing that comes over the socket is listened to. */
static void live_shut(Live *l, u16 code, const char *reason)
{
    if (!l->socket || l->ending) return;
    l->ending = true;
    socket_close(l->socket, code, span_of(reason));
}

void live_end(Live *l, u16 code, Refusal why)
{
    if (!l->ending) live_refuse(l, why, NULL);
    live_shut(l, code, refusal_name(why));
}

/* So many clients come back at once as there are sockets: a small hall need not wait. */
u32 live_reconnect_ms(const Site *s)
{
    u64 spread = MIN_OF((u64)RECONNECT_SPREAD_MS, 250 + (u64)s->live_count / 2);
    return (u32)(1 + site_random_below(spread));
}

/* ---- opening ---- */

static void refuse_upgrade(const Site *s, Request *r, u32 status, Refusal why)
{
    Header headers[HEADERS_STRICT_MAX + 1];
    size_t n = headers_strict(s, r, headers);
    headers[n++] = (Header){"Content-Type", SPAN("text/plain; charset=utf-8")};
    request_reply(r, status, headers, n, span_of(refusal_text(why)));
}

static void live_link(Live *l)
{
    Site *s = l->site;
    l->next = s->lives;
    if (s->lives) s->lives->prev = l;
    s->lives = l;
    s->live_count++;
}

static void live_unlink(Live *l)
{
    Site *s = l->site;
    if (l->prev) l->prev->next = l->next;
    else s->lives = l->next;
    if (l->next) l->next->prev = l->prev;
    s->live_count--;
}

/* A sign-in that is over is accepted and told so: a browser hides the status of a refused upgrade. Such
 * a socket has no Live. */
bool live_upgrade(void *ctx, Request *r, void **user)
{
    Site *s = ctx;
    Live *l;
    *user = NULL;
    bool phone = span_equal(request_path(r), SPAN("/live/phone"));
    if (!phone && !span_equal(request_path(r), SPAN("/live"))) {
        refuse_upgrade(s, r, 404, R_NOT_FOUND);
        return false;
    }
    if (!request_same_origin(s, r)) {
        refuse_upgrade(s, r, 403, R_WRONG_ORIGIN);
        return false;
    }
    i64 now_ms = site_now_ms(s);
    Live in = {.site = s, .heard_ms = now_ms, .opened_ms = now_ms};
    in.expires_ms = now_ms + SIGNIN_AGE_MS;
    bool known =
        phone ? phone_read(s, r, now_ms, &in.who, in.token_hash)
              : sign_read(s, r, now_ms, request_arena(r), &in.who, in.token_hash, &in.expires_ms);
    if (!known) return true;
    l = malloc(sizeof *l);
    if (!l) {
        refuse_upgrade(s, r, 503, R_BUSY);
        return false;
    }
    *l = in;
    live_link(l);
    *user = l;
    return true;
}

static void say_signed_out(Socket *s)
{
    Buf out;
    Message m = {.kind = MSG_refused};
    m.refused.refusal = R_NOT_SIGNED_IN;
    m.refused.what = span_of(refusal_text(R_NOT_SIGNED_IN));
    buf_init(&out, 1024);
    message_encode(&out, &m);
    if (!out.failed) socket_send(s, SEND_CONTROL, buf_view(&out));
    buf_done(&out);
    socket_close(s, LIVE_SIGNED_OUT, SPAN("NOT_SIGNED_IN"));
}

void live_open(void *ctx, Socket *s)
{
    Site *site = ctx;
    Live *l = socket_user(s);
    if (!l) {
        say_signed_out(s);
        return;
    }
    l->socket = s;
    /* A proctor of a full hall gets in one turn what concerns thousands. */
    if (l->who.roles & BY_STAFF) socket_set_room(s, SOCKET_STAFF_QUEUE_BYTES_MAX);
    l->watcher = feed_join(site->feeds, &l->who, feed_send_to, l);
    if (!l->watcher) live_end(l, LIVE_OVERLOADED, R_BUSY);
}

/* ---- leading an attempt ---- */

void live_server_ask(Site *s, u64 attempt, const Command *c)
{
    Asker server = {.roles = BY_SERVER};
    Err err = engine_ask(s->engine, &server, site_command_id(), attempt, 0, c, NULL, NULL);
    if (err != OK) {
        note(NOTE_ERROR, "connection_not_recorded", "attempt=%llu", (unsigned long long)attempt);
    }
}

static void record_lost(const Live *l, u8 cause)
{
    Command c = {.kind = CMD_disconnect};
    c.disconnect.cause = cause;
    c.disconnect.since_ms = l->heard_ms;
    live_server_ask(l->site, l->who.attempt, &c);
}

static void record_found(const Live *l)
{
    Command c = {.kind = CMD_connect};
    c.connect.device = l->who.device;
    live_server_ask(l->site, l->who.attempt, &c);
}

/* The connection is lost: closed, or not heard any more. Once per leading socket. */
static void stop_leading(Live *l, u8 cause)
{
    if (!l->leads) return;
    l->leads = false;
    map_remove(&l->site->leaders, l->who.attempt);
    record_lost(l, cause);
}

static void start_leading(Live *l)
{
    Site *s = l->site;
    Live *before = map_get(&s->leaders, l->who.attempt);
    if (before == l) return;
    if (map_put(&s->leaders, l->who.attempt, l) != OK) {
        live_end(l, LIVE_OVERLOADED, R_BUSY);
        return;
    }
    if (before) {
        before->leads = false;
        media_source_close(before->source);
        before->source = NULL;
        bool same = before->who.device == l->who.device;
        live_end(before, LIVE_TAKEN_OVER, same ? R_CONFLICT : R_OTHER_DEVICE);
    }
    l->leads = true;
    record_found(l);
}

/* Decided as of then, so that it comes before what time alone demands now. */
void live_stood_still(Site *s, i64 ran_ms, i64 now_ms)
{
    for (const Live *l = s->lives; l; l = l->next)
        if (l->leads) record_lost(l, DISCONNECTED_BY_SERVER);
    while (engine_turn(s->engine, ran_ms)) {
    }
    for (Live *l = s->lives; l; l = l->next) {
        if (l->leads) record_found(l);
        l->heard_ms = now_ms; /* nobody could be heard */
    }
}

static void say_seat(Live *l, SeatState state, Span note)
{
    Message m = {.kind = MSG_seat};
    m.seat.state = (u8)state;
    m.seat.note = note;
    live_send(l, &m);
}

static SeatState seat_of(const Live *l)
{
    const Attempt *a = engine_attempt(l->site->engine, l->who.attempt);
    if (!a->device || a->device == l->who.device) return SEAT_HERE;
    return a->wants_device == l->who.device ? SEAT_ASKED : SEAT_ELSEWHERE;
}

/* The device that led is told so, and its recordings come to an end. */
static void lose_lead(Live *l)
{
    if (!l->leads) return;
    l->leads = false;
    map_remove(&l->site->leaders, l->who.attempt);
    media_source_close(l->source);
    l->source = NULL;
    live_end(l, LIVE_TAKEN_OVER, R_OTHER_DEVICE);
}

static void takeover_told(Live *l, const Event *e)
{
    if (e->kind == EVT_takeover_asked) {
        if (l->who.device == e->takeover_asked.device) say_seat(l, SEAT_ASKED, SPAN_NONE);
        return;
    }
    const Evt_takeover_decided *d = &e->takeover_decided;
    if (l->who.device != d->device) {
        if (d->approve) lose_lead(l);
        return;
    }
    if (d->approve) start_leading(l);
    say_seat(l, d->approve ? SEAT_HERE : SEAT_DECLINED, d->note);
}

void live_takeover(Site *s, u64 attempt, const Event *e)
{
    for (Live *l = s->lives, *next; l; l = next) {
        next = l->next;
        bool of_it = l->who.attempt == attempt && !live_is_phone(l);
        if (of_it && l->socket && l->greeted && !l->ending) takeover_told(l, e);
    }
}

static void take_hello(Live *l, const Msg_hello *hello)
{
    if (hello->protocol != LIVE_PROTOCOL) {
        live_refuse(l, R_MALFORMED, "This page is older or newer than the server. Load it again.");
        live_shut(l, LIVE_MALFORMED, "protocol");
        return;
    }
    l->greeted = true;
    Message m = {.kind = MSG_welcome};
    m.welcome.protocol = LIVE_PROTOCOL;
    m.welcome.server_ms = site_now_ms(l->site);
    m.welcome.user = l->who.user;
    m.welcome.attempt = l->who.attempt;
    m.welcome.reconnect_delay_ms = live_reconnect_ms(l->site);
    bool sits = l->who.attempt && !live_is_phone(l);
    SeatState seat = sits ? seat_of(l) : SEAT_ELSEWHERE;
    if (seat == SEAT_HERE) start_leading(l);
    live_send(l, &m);
    if (sits) say_seat(l, seat, SPAN_NONE);
    if (seat == SEAT_HERE) phone_tell_leader(l);
    if (live_is_phone(l)) phone_begin(l);
    if (l->site->room_level != ROOM_FINE) room_tell(l);
}

/* ---- messages ---- */

static void refuse_message(Live *l, const char *what)
{
    live_refuse(l, R_MALFORMED, what);
    if (++l->bad_messages >= BAD_MESSAGES_MAX) {
        note(NOTE_INFO, "socket_malformed", "user=%llu attempt=%llu",
             (unsigned long long)l->who.user, (unsigned long long)l->who.attempt);
        live_shut(l, LIVE_MALFORMED, "MALFORMED");
    }
}

void live_message(void *ctx, Socket *s, Span binary)
{
    Site *site = ctx;
    Live *l = socket_user(s);
    Message m;
    if (!l || !l->socket || l->ending) return;
    site_look(site);
    l->heard_ms = site_now_ms(site);
    if (message_decode(binary, &m) != OK || !message_goes_up(m.kind)) refuse_message(l, NULL);
    else if (m.kind == MSG_hello && !l->greeted) take_hello(l, &m.hello);
    else if (m.kind == MSG_hello || !l->greeted) refuse_message(l, "Say hello first, and once.");
    else live_take_message(l, &m);
}

/* ---- closing ---- */

void live_release(Live *l)
{
    if (l->socket || l->asks) return;
    live_unlink(l);
    free(l);
}

void live_close(void *ctx, Socket *s)
{
    Live *l = socket_user(s);
    if (!l) return;
    site_look(ctx);
    l->socket = NULL;
    phone_gone(l);
    stop_leading(l, l->site->stopping ? DISCONNECTED_BY_SERVER : DISCONNECTED_CLOSED);
    feed_leave(l->site->feeds, l->watcher);
    media_source_close(l->source);
    media_viewer_close(l->viewer);
    l->watcher = NULL;
    l->source = NULL;
    l->viewer = NULL;
    live_release(l);
}

void live_sweep(Site *s, i64 now_ms)
{
    for (Live *l = s->lives, *next; l; l = next) {
        next = l->next;
        l->taken = 0;
        live_listen(l);
        if (!l->socket && !l->asks && now_ms - l->heard_ms > s->disconnected_ms) {
            live_release(l); /* its upgrade never became a socket */
        } else if (l->socket && l->expires_ms <= now_ms) {
            live_end(l, LIVE_SIGNED_OUT, R_NOT_SIGNED_IN);
        } else if (l->socket && live_is_phone(l) && !phone_may_stay(l, now_ms)) {
            live_end(l, LIVE_SIGNED_OUT, R_IS_OVER);
        } else if (l->socket && !l->held && now_ms - l->heard_ms > s->disconnected_ms) {
            stop_leading(l, DISCONNECTED_SILENT);
            live_shut(l, LIVE_SILENT, "silent");
        } else if (l->leads) {
            phone_missed(l, now_ms);
        }
    }
}

void live_close_sign_in(Site *s, const u8 token_hash[SEAL_HASH_BYTES])
{
    for (Live *l = s->lives, *next; l; l = next) {
        next = l->next;
        if (memcmp(l->token_hash, token_hash, SEAL_HASH_BYTES) == 0) {
            live_end(l, LIVE_SIGNED_OUT, R_NOT_SIGNED_IN);
        }
    }
}

void live_close_user(Site *s, u64 user)
{
    for (Live *l = s->lives, *next; l; l = next) {
        next = l->next;
        if (l->who.user == user && user) live_end(l, LIVE_RIGHTS_CHANGED, R_NOT_ALLOWED);
    }
}

void live_handed_over(Site *s, u64 attempt)
{
    for (Live *l = s->lives; l; l = l->next)
        if (l->viewer && !who_may(s->engine, &l->who, SEES_MEDIA, OBJECT_ATTEMPT, attempt))
            media_viewer_drop(l->viewer, attempt);
}

void live_tell_place(void *ctx, u64 attempt, const Message *place)
{
    Site *s = ctx;
    Live *l = map_get(&s->leaders, attempt);
    if (l) live_send(l, place);
}

bool live_health(const Site *s, u64 attempt, u32 *round_trip_ms, u32 *backlog_kb, i64 *at_ms)
{
    const Live *l = map_get(&s->leaders, attempt);
    if (!l || !l->health_ms) return false;
    *round_trip_ms = l->round_trip_ms;
    *backlog_kb = l->backlog_kb;
    *at_ms = l->health_ms;
    return true;
}

void live_say_closing(Site *s)
{
    for (Live *l = s->lives, *next; l; l = next) {
        next = l->next;
        Message m = {.kind = MSG_closing};
        m.closing.reconnect_delay_ms = live_reconnect_ms(s);
        live_send(l, &m);
    }
}

void live_done(Site *s)
{
    while (s->lives) {
        Live *l = s->lives;
        live_unlink(l);
        ASSERT(s->lives != l);
        free(l);
    }
    map_done(&s->leaders);
    phones_done(s);
}
