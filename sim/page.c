/* page.c - one browser page: its socket with backoff and silence, commands that wait for their reply,
 * what comes down in order. The model of web/lib/socket.ts, which test/web/journal_sim.test.ts runs as
 * it is. */
#include "sim/judge.h"
#include "sim/net.h"

enum { RESEND_MS = 5000, QUEUE_BYTES_MAX = 65536, BACKOFF_FIRST_MS = 400, BACKOFF_MOST_MS = 8000 };

/* ---- commands ---- */

static void page_tick(World *w, u32 page, u64 load)
{
    Page *p = &w->pages[page];
    if (p->load != load) return;
    p->tick_planned = false;
    for (u32 i = 0; p->line.up && i < p->pending_count; i++) {
        Pending *asked = &p->pending[i];
        if (w->now_ms - asked->sent_ms < RESEND_MS) continue;
        asked->sent_ms = w->now_ms;
        net_send_command(w, p, asked);
    }
    if (!p->pending_count || !p->line.up) return; /* a new connection sends all */
    p->tick_planned = true;
    world_in(w, 1000 + (i64)prng_below(&w->prng, 4000), page_tick, page, load);
}

static void plan_tick(World *w, Page *p)
{
    if (p->tick_planned) return;
    p->tick_planned = true;
    world_in(w, RESEND_MS, page_tick, p->index, p->load);
}

void page_ask(World *w, Page *p, u64 cmd, u64 target, const Command *c, u32 item, u32 rev)
{
    Buf b;
    if (p->pending_count == PENDING_MAX) return;
    Pending *asked = &p->pending[p->pending_count++];
    *asked = (Pending){.cmd = cmd, .target = target, .item = item, .rev = rev};
    buf_init(&b, COMMAND_BYTES);
    command_encode(&b, c);
    ASSERT(!b.failed);
    memcpy(asked->bytes, b.ptr, b.len);
    asked->len = (u32)b.len;
    buf_done(&b);
    asked->sent_ms = w->now_ms;
    if (!p->line.up) return;
    net_send_command(w, p, asked);
    plan_tick(w, p);
}

void page_replied(World *w, Page *p, u32 nth, const Reply *r)
{
    if (!p->line.up || p->line.nth != nth || r->refusal == R_BUSY) return;
    for (u32 i = 0; i < p->pending_count; i++) {
        if (p->pending[i].cmd != r->cmd || p->pending[i].target != r->target) continue;
        Pending asked = p->pending[i];
        p->pending[i] = p->pending[--p->pending_count];
        if (!page_is_staff(p)) device_replied(w, p, &asked, r);
        return;
    }
}

/* ---- the line ---- */

bool page_in_touch(const World *w, const Page *p)
{
    bool known = false;
    for (u32 i = 0; i < LIVES_MAX; i++)
        known |= w->lives[i].used && w->lives[i].page == p->index && w->lives[i].nth == p->line.nth;
    return w->up && p->line.up && known && p->net_up && p->net_down && !p->line.deaf;
}

static void close_arrives(World *w, u32 page, u64 nth)
{
    if (w->pages[page].net_up) server_hang_up(w, page, (u32)nth);
}

void page_drop_line(World *w, Page *p, bool server_hears)
{
    if (!p->line.up) return;
    p->line.up = p->line.planned = p->caught_up = p->leads = false;
    buf_reset(&p->line.queue);
    if (server_hears && p->net_up)
        world_in(w, net_delay_ms(w), close_arrives, p->index, p->line.nth);
    else server_misses(w, p);
}

static void plan_dial(World *w, Page *p)
{
    i64 backoff = (i64)BACKOFF_FIRST_MS << MIN_OF(p->tries++, 6u);
    backoff = MIN_OF(backoff, (i64)BACKOFF_MOST_MS);
    if (p->tries > 12) backoff *= 8; /* hours of trying need not be simulated try by try */
    world_in(w, prng_between(&w->prng, backoff / 2, backoff), page_dial, p->index, p->load);
}

void page_lost_line(World *w, Page *p)
{
    if (!p->line.up) return;
    w->counts.disconnects++;
    page_drop_line(w, p, true);
    plan_dial(w, p);
}

/* Nothing has come for a long time. */
static void page_doubts(World *w, u32 page, u64 nth)
{
    Page *p = &w->pages[page];
    if (p->line.up && p->line.nth == nth && !page_in_touch(w, p)) page_lost_line(w, p);
}

static void plan_doubts(World *w, Page *p)
{
    if (p->line.up)
        world_in(w, DISCONNECTED_AFTER_MS - prng_between(&w->prng, 0, HEARTBEAT_MS), page_doubts,
                 p->index, p->line.nth);
}

static void reset_arrives(World *w, u32 page, u64 nth)
{
    Page *p = &w->pages[page];
    if (p->line.nth == nth && p->net_down) page_lost_line(w, p);
}

/* The system of a dead process closes its sockets; a machine without power closes nothing. */
void page_server_gone(World *w, Page *p)
{
    if (!p->line.up) return;
    if (prng_once_in(&w->prng, 4)) plan_doubts(w, p);
    else world_in(w, net_delay_ms(w), reset_arrives, p->index, p->line.nth);
    if (!p->net_down) plan_doubts(w, p);
}

void page_net_changed(World *w, Page *p)
{
    if (p->net_up && p->net_down) return;
    plan_doubts(w, p);
    if (!p->net_up) server_misses(w, p);
}

void page_dial(World *w, u32 page, u64 load)
{
    Page *p = &w->pages[page];
    if (p->load != load || !p->open || p->line.up || p->resting) return;
    p->line.nth++;
    p->line.up = true;
    p->line.deaf = false;
    if (!p->net_up || !p->net_down || !server_greet(w, p)) {
        p->line.up = false;
        buf_reset(&p->line.queue);
        plan_dial(w, p);
        return;
    }
    p->tries = 0;
    for (u32 i = 0; i < p->pending_count; i++) {
        p->pending[i].sent_ms = w->now_ms;
        net_send_command(w, p, &p->pending[i]);
    }
    if (p->pending_count) plan_tick(w, p);
    if (!page_is_staff(p)) device_connected(w, p);
}

/* ---- what comes down ---- */

void page_message(World *w, Page *p, const Message *m)
{
    if (page_is_staff(p)) staff_message(w, p, m);
    else device_message(w, p, m);
}

static void compare(World *w, Page *p)
{
    if (!world_quiet(w) || !prng_once_in(&w->prng, 4)) return;
    if (page_is_staff(p)) staff_compare(w, p);
    else device_compare(w, p);
}

static void deliver(World *w, u32 page, u64 nth)
{
    Page *p = &w->pages[page];
    if (!p->line.up || p->line.nth != nth) return;
    p->line.planned = false;
    if (!p->net_down || p->line.deaf) {
        p->line.deaf = true;
        buf_reset(&p->line.queue);
        plan_doubts(w, p);
        return;
    }
    const Buf *q = &p->line.queue;
    for (size_t at = 0; at < q->len;) {
        Message m;
        u32 len;
        memcpy(&len, q->ptr + at, sizeof len);
        bool sound = message_decode((Span){q->ptr + at + 4, len}, &m) == OK;
        if (!sound) violation(w, &w->found.other, "a message cannot be read");
        else page_message(w, p, &m);
        at += 4 + len;
    }
    buf_reset(&p->line.queue);
    compare(w, p);
}

bool page_queue(World *w, Page *p, u32 nth, Span message)
{
    Line *l = &p->line;
    if (!l->up || l->nth != nth || l->deaf) return true; /* into the void */
    if (!p->net_down) {
        l->deaf = true;
        plan_doubts(w, p);
        return true;
    }
    if (l->queue.len > QUEUE_BYTES_MAX) return false;
    u32 len = (u32)message.len;
    buf_put(&l->queue, &len, sizeof len);
    buf_span(&l->queue, message);
    ASSERT(!l->queue.failed);
    if (l->planned) return true;
    l->planned = true;
    i64 slow = prng_once_in(&w->prng, 60) ? prng_between(&w->prng, 0, 20000) : 0;
    world_in(w, net_delay_ms(w) + slow, deliver, p->index, nth);
    return true;
}

void page_taken_over(World *w, Page *p)
{
    (void)w;
    p->line.up = p->line.planned = p->caught_up = p->leads = false;
    buf_reset(&p->line.queue);
    p->resting = true;
}

/* ---- the tab ---- */

void page_load(World *w, Page *p)
{
    p->load++;
    p->open = true;
    p->resting = false;
    p->tick_planned = false;
    p->tries = 0;
    p->pending_count = 0;
    /* Candidates' pages begin anywhere in 51 bits, as web/lib/socket.ts does; proctors' numbers are alike,
     * so that only the person tells them apart. */
    p->next_cmd = 1 + (page_is_staff(p) ? (u64)p->load << 32 : prng_below(&w->prng, 1ull << 51));
    if (page_is_staff(p)) staff_loaded(p);
    else device_loaded(w, p);
    world_in(w, net_delay_ms(w), page_dial, p->index, p->load);
}

void page_close(World *w, Page *p)
{
    page_drop_line(w, p, true);
    p->open = false;
    p->load++;
}
