/* sockets.c - the server's side of the sockets, as http/live.c has it: who leads an attempt, who is
 * silent, who follows what. */
#include "sim/judge.h"
#include "sim/net.h"

#include <stdlib.h>

/* A command of a page that the engine has; lives as long as the world. */
typedef struct Asked {
    World *w;
    u32 page, nth, len;
    Asker who;
    u8 bytes[COMMAND_BYTES];
} Asked;

enum { ASKED_MAX = 4096 };
static Asked asked_ring[ASKED_MAX];
static u32 asked_next;

static Live *live_of(World *w, u32 page, u32 nth)
{
    for (u32 i = 0; i < LIVES_MAX; i++)
        if (w->lives[i].used && w->lives[i].page == page && w->lives[i].nth == nth)
            return &w->lives[i];
    return NULL;
}

static Live *live_leading(World *w, u64 attempt)
{
    for (u32 i = 0; i < LIVES_MAX; i++)
        if (w->lives[i].leads && w->pages[w->lives[i].page].who.attempt == attempt)
            return &w->lives[i];
    return NULL;
}

/* ---- asking ---- */

static Asked *asked_new(World *w, const Live *l, const Asker *who, Span bytes)
{
    Asked *a = &asked_ring[asked_next++ % ASKED_MAX];
    *a = (Asked){w, l ? l->page : PAGES_MAX, l ? l->nth : 0, (u32)bytes.len, *who, {0}};
    ASSERT(bytes.len <= COMMAND_BYTES);
    memcpy(a->bytes, bytes.ptr, bytes.len);
    return a;
}

static void on_reply(void *ctx, const Reply *r)
{
    const Asked *a = ctx;
    World *w = a->w;
    Command c;
    bool sound = command_decode((Span){a->bytes, a->len}, &c) == OK;
    ASSERT(sound);
    judge_reply(w, &a->who, &c, r);
    if (a->page < PAGES_MAX && live_of(w, a->page, a->nth))
        net_send_reply(w, &w->pages[a->page], a->nth, r);
}

static void ask(World *w, const Live *l, const Asker *who, u64 cmd, u64 target, Span bytes)
{
    Command c;
    if (command_decode(bytes, &c)) return;
    w->counts.commands++;
    Err err = engine_ask(w->engine, who, cmd, target, w->session, &c, on_reply,
                         asked_new(w, l, who, bytes));
    ASSERT(!err); /* the queue is far larger than this world */
    server_step(w);
    server_plan_turn(w);
}

void server_take(World *w, Page *p, u32 nth, const Pending *asked)
{
    Live *l = w->up ? live_of(w, p->index, nth) : NULL;
    if (!l) return;
    l->heard_ms = server_now_ms(w);
    ask(w, l, &p->who, asked->cmd, asked->target, (Span){asked->bytes, asked->len});
}

static void server_asks(World *w, u64 attempt, const Command *c)
{
    static const Asker server = {.roles = BY_SERVER};
    Buf b;
    buf_init(&b, COMMAND_BYTES);
    command_encode(&b, c);
    ask(w, NULL, &server, 0, attempt, buf_view(&b));
    buf_done(&b);
}

void server_note_media(World *w, u64 attempt)
{
    static const u8 digest[HASH_BYTES] = {7};
    Command c = {.kind = CMD_note_media, .note_media = {4711, 0, 4095, {digest, sizeof digest}, 0}};
    if (w->up) server_asks(w, attempt, &c);
}

/* ---- leading ---- */

/* Pings come every five seconds: by how much the last one may lie back. */
static void live_heard(World *w, Live *l)
{
    i64 last = server_now_ms(w) - prng_between(&w->prng, 0, HEARTBEAT_MS);
    l->heard_ms = MAX_OF(l->heard_ms, last);
}

static void live_end(World *w, Live *l, u8 cause)
{
    bool led = l->leads;
    u64 attempt = w->pages[l->page].who.attempt;
    Command c = {.kind = CMD_disconnect, .disconnect = {cause, l->heard_ms, 0}};
    feed_leave(w->feeds, l->watcher);
    *l = (Live){0};
    if (led) server_asks(w, attempt, &c);
}

static void hears_of_another(World *w, u32 page, u64 nth)
{
    Page *p = &w->pages[page];
    if (p->line.nth == nth && p->line.up && p->net_down) page_taken_over(w, p);
}

/* The newest device leads; the one before is told and closed. */
static void start_leading(World *w, Live *l)
{
    const Page *p = &w->pages[l->page];
    Live *before = live_leading(w, p->who.attempt);
    if (before) {
        world_in(w, net_delay_ms(w), hears_of_another, before->page, before->nth);
        before->leads = false;
        live_end(w, before, DISCONNECTED_CLOSED);
    }
    l->leads = true;
    server_asks(w, p->who.attempt,
                &(Command){.kind = CMD_connect, .connect = {.device = p->device}});
    /* Each device brings its own phone along; most sessions ask for none. */
    server_asks(w, p->who.attempt,
                &(Command){.kind = CMD_pair_phone, .pair_phone = {p->device + 1, 0}});
}

static void say_seat(World *w, Live *l, u8 state)
{
    Buf b;
    buf_init(&b, 64);
    message_encode(&b, &(Message){.kind = MSG_seat, .seat = {state, SPAN_NONE, 0}});
    page_queue(w, &w->pages[l->page], l->nth, buf_view(&b));
    buf_done(&b);
}

static void take_seat(World *w, Live *l)
{
    const Page *p = &w->pages[l->page];
    const Attempt *a = engine_attempt(w->engine, p->who.attempt);
    if (!a) return; /* its record is gone, and the judge has said so */
    bool here = !a->device || a->device == p->device;
    if (here) start_leading(w, l);
    u8 asked = a->wants_device == p->device ? SIM_SEAT_ASKED : SIM_SEAT_ELSEWHERE;
    say_seat(w, l, here ? SIM_SEAT_HERE : asked);
}

static void takeover_told(World *w, Live *l, const Event *e)
{
    u64 device = w->pages[l->page].device;
    if (e->kind == EVT_takeover_asked) {
        if (device == e->takeover_asked.device) say_seat(w, l, SIM_SEAT_ASKED);
        return;
    }
    bool approved = e->takeover_decided.approve;
    if (device == e->takeover_decided.device) {
        w->counts.takeovers += approved;
        if (approved) start_leading(w, l);
        say_seat(w, l, approved ? SIM_SEAT_HERE : SIM_SEAT_DECLINED);
    } else if (approved && l->leads) {
        l->leads = false;
        world_in(w, net_delay_ms(w), hears_of_another, l->page, l->nth);
        live_end(w, l, DISCONNECTED_CLOSED);
    }
}

void server_takeover(World *w, u64 attempt, const Event *e)
{
    for (u32 i = 0; i < LIVES_MAX; i++)
        if (w->lives[i].used && w->pages[w->lives[i].page].who.attempt == attempt)
            takeover_told(w, &w->lives[i], e);
}

/* ---- following ---- */

static void live_cut(World *w, u32 live, u64 nth)
{
    Live *l = &w->lives[live];
    if (!w->up || !l->used || l->nth != nth) return;
    u32 page = l->page;
    live_end(w, l, DISCONNECTED_CLOSED);
    if (w->pages[page].net_down) page_lost_line(w, &w->pages[page]);
}

static bool live_send(void *ctx, Span message)
{
    Live *l = ctx;
    World *w = l->w;
    if (page_queue(w, &w->pages[l->page], l->nth, message)) return true;
    world_in(w, 1, live_cut, (u32)(l - w->lives), l->nth);
    return false;
}

/* What was answered is for the device that leads alone. */
static void follow(World *w, const Page *p, const Live *l)
{
    if (page_is_staff(p)) {
        feed_follow_session(w->feeds, l->watcher, w->session, p->feed_id, p->feed_seq);
        return;
    }
    u64 attempt = stream_id(STREAM_ATTEMPT, p->who.attempt);
    u64 session = stream_id(STREAM_SESSION, w->session);
    feed_follow_stream(w->feeds, l->watcher, session, p->session.version, false);
    if (l->leads) feed_follow_stream(w->feeds, l->watcher, attempt, p->attempt.version, false);
}

bool server_greet(World *w, Page *p)
{
    Live *l = w->lives;
    while (l < w->lives + LIVES_MAX && l->used)
        l++;
    if (!w->up || l == w->lives + LIVES_MAX) return false;
    *l = (Live){.used = true, .page = p->index, .nth = p->line.nth, .w = w};
    l->heard_ms = server_now_ms(w);
    l->watcher = feed_join(w->feeds, &p->who, live_send, l);
    ASSERT(l->watcher);
    if (!page_is_staff(p)) take_seat(w, l);
    follow(w, p, l);
    return true;
}

void server_follow_again(World *w, Page *p)
{
    Live *l = w->up ? live_of(w, p->index, p->line.nth) : NULL;
    if (l && p->net_up) follow(w, p, l);
}

/* ---- ends ---- */

void server_hang_up(World *w, u32 page, u32 nth)
{
    Live *l = w->up ? live_of(w, page, nth) : NULL;
    if (!l) return;
    live_heard(w, l);
    live_end(w, l, DISCONNECTED_CLOSED);
}

/* Nothing came for DISCONNECTED_AFTER_MS, unless it did after all. */
static void live_silent(World *w, u32 live, u64 nth)
{
    Live *l = &w->lives[live];
    if (!w->up || !l->used || l->nth != nth) return;
    const Page *p = &w->pages[l->page];
    bool there = p->line.up && p->line.nth == nth && p->net_up;
    if (there) l->heard_ms = server_now_ms(w);
    else if (server_now_ms(w) - l->heard_ms <= DISCONNECTED_AFTER_MS)
        world_in(w, 1000, live_silent, live, nth);
    else live_cut(w, live, nth);
}

void server_misses(World *w, Page *p)
{
    for (u32 i = 0; w->up && i < LIVES_MAX; i++) {
        Live *l = &w->lives[i];
        if (!l->used || l->page != p->index) continue;
        live_heard(w, l);
        world_in(w, DISCONNECTED_AFTER_MS - HEARTBEAT_MS, live_silent, i, l->nth);
    }
}

void server_lose_lives(World *w)
{
    for (u32 i = 0; i < LIVES_MAX; i++) {
        Live *l = &w->lives[i];
        if (l->used) feed_leave(w->feeds, l->watcher);
        *l = (Live){0};
    }
}
