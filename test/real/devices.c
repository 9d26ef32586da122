#include "test/real/devices.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_BYTES_LONGEST = 20000 };

void real_fail(const Devices *all, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    server_hear(all->server);
    printf("\nthe server's last words:\n%.*s\n0 passed, 1 failed\n", (int)all->server->said_len,
           all->server->said);
    fflush(stdout);
    server_signal(all->server, SIGKILL);
    exit(1);
}

void devices_init(Devices *all, RealServer *s, u32 count, u64 seed)
{
    *all = (Devices){.server = s, .count = count, .chance = {seed}};
    buf_init(&all->out, 1 << 20);
    buf_init(&all->text, 1 << 16);
    buf_init(&all->receipts, (size_t)1 << 30);
    for (u32 i = 0; i < count; i++) {
        all->d[i] = (Device){.number = i + 1, .fd = -1, .in = malloc(DEVICE_IN_BYTES)};
        if (!all->d[i].in) abort();
    }
}

/* ---- what is written ---- */

void answer_text(Buf *out, u32 number, u32 item, u32 rev)
{
    Prng p = {(u64)number << 48 ^ (u64)item << 32 ^ rev};
    u64 len = prng_once_in(&p, 40) ? prng_below(&p, TEXT_BYTES_LONGEST) : prng_below(&p, 300);
    buf_reset(out);
    buf_print(out, "Candidate %u, question %u, revision %u:", number, item, rev);
    while (out->len < len)
        buf_u8(out, prng_once_in(&p, 6) ? ' ' : (u8)('a' + prng_below(&p, 26)));
}

static Span text_of(Devices *all, const Device *d, u32 item, u32 rev)
{
    answer_text(&all->text, d->number, item, rev);
    return buf_view(&all->text);
}

Promise *device_promise(Devices *all, Device *d, u64 ver)
{
    if (ver >= d->promises_cap) {
        u64 cap = MAX_OF(ver + 1, d->promises_cap * 2);
        d->promises = realloc(d->promises, cap * sizeof *d->promises);
        if (!d->promises) real_fail(all, "out of memory");
        memset(d->promises + d->promises_cap, 0, (cap - d->promises_cap) * sizeof *d->promises);
        d->promises_cap = cap;
    }
    return &d->promises[ver];
}

/* ---- sending ---- */

void device_cut(Device *d)
{
    if (d->fd >= 0) close(d->fd);
    d->fd = -1;
    d->in_len = 0;
    d->step = DEVICE_DOWN;
}

/* A connection that is gone shows itself when it is read. */
static void flush(Devices *all, Device *d)
{
    if (all->out.len) (void)!talk_send(d->fd, &all->out);
}

static void put_answer(Devices *all, const Device *d, const Waiting *w)
{
    Command c = {.kind = CMD_answer};
    c.answer.item = w->item;
    c.answer.rev = w->rev;
    c.answer.device_ms = (i64)(w->sent_ns / 1000000);
    c.answer.value = text_of(all, d, w->item, w->rev);
    put_own_command(&all->out, w->cmd, d->attempt, &c);
}

static void device_type(Devices *all, Device *d)
{
    u32 item = d->turn++ % all->items + 1;
    Waiting *w = &d->waiting[d->waiting_count++];
    *w = (Waiting){++d->cmd, item, ++d->sent[item], now_ns()};
    put_answer(all, d, w);
    flush(all, d);
}

static void device_connected(Devices *all, Device *d)
{
    if (d->cookie[0]) put_upgrade(&all->out, all->server->port, d->cookie);
    else put_join(&all->out, all->server->port, all->code, d->number);
    d->step = d->cookie[0] ? DEVICE_UPGRADING : DEVICE_JOINING;
    flush(all, d);
}

/* ---- entering ---- */

static size_t take_http(Devices *all, Device *d, Span in)
{
    HttpAnswer a;
    size_t len = take_answer(in, &a);
    if (!len) return 0;
    bool joining = d->step == DEVICE_JOINING;
    if (a.status != (joining ? 200 : 101)) {
        real_fail(all, "candidate %u was refused at the door: %.*s", d->number, SPAN_ARG(in));
    }
    if (!joining) {
        Message m = {.kind = MSG_hello, .hello = {PROTOCOL, 0}};
        d->step = DEVICE_ENTERING;
        put_message(&all->out, &m);
    } else if (answer_cookie(&a, d->cookie)) {
        device_connected(all, d);
    } else {
        real_fail(all, "candidate %u joined and got no sign-in", d->number);
    }
    return len;
}

static void device_welcomed(Devices *all, Device *d, u64 attempt)
{
    if (!attempt || (d->attempt && d->attempt != attempt))
        real_fail(all, "candidate %u came back and is another attempt", d->number);
    d->attempt = attempt;
    put_follow(&all->out, stream_id(STREAM_ATTEMPT, attempt), d->seen_ver);
    if (d->active || d->over) return;
    Command consent = {.kind = CMD_consent};
    consent.consent.disclosure = all->disclosure;
    put_own_command(&all->out, ++d->cmd, attempt, &consent);
    put_own_command(&all->out, ++d->cmd, attempt, &(Command){.kind = CMD_ready});
}

/* All that was missed has come; what is not acknowledged goes out again. */
static void device_caught_up(Devices *all, Device *d, u64 upto_ver)
{
    if (upto_ver < d->promised_ver) {
        real_fail(all,
                  "candidate %u: version %llu was acknowledged, but the server knows only %llu",
                  d->number, (unsigned long long)d->promised_ver, (unsigned long long)upto_ver);
    }
    d->seen_ver = MAX_OF(d->seen_ver, upto_ver);
    d->step = DEVICE_LIVE;
    all->resent += d->waiting_count;
    for (u32 i = 0; i < d->waiting_count; i++)
        put_answer(all, d, &d->waiting[i]);
}

/* ---- what comes ---- */

static void promise_check(Devices *all, const Device *d, const Waiting *w, const ReceiptBody *says)
{
    u8 hash[SEAL_HASH_BYTES];
    seal_sha256(text_of(all, d, w->item, w->rev), hash);
    bool fits = says->attempt == d->attempt && says->item == w->item && says->rev == w->rev &&
                memcmp(hash, says->answer_hash, sizeof hash) == 0;
    if (!fits)
        real_fail(all, "candidate %u: the receipt of question %u, revision %u is for another text",
                  d->number, w->item, w->rev);
}

static void promise_keep(Devices *all, Device *d, const Waiting *w, const Msg_reply *r)
{
    ReceiptBody says = {0};
    if (receipt_check(r->receipt, all->sign_public, &says) != OK)
        real_fail(all, "candidate %u: question %u, revision %u came back without a good receipt",
                  d->number, w->item, w->rev);
    promise_check(all, d, w, &says);
    Promise *p = device_promise(all, d, r->ver);
    if (p->given && memcmp(&p->says, &says, sizeof says) != 0)
        real_fail(all, "candidate %u: version %llu was promised twice, and not the same", d->number,
                  (unsigned long long)r->ver);
    all->promises += !p->given;
    *p = (Promise){true, says, w->sent_ns, all->receipts.len, r->receipt.len};
    buf_span(&all->receipts, r->receipt);
    d->promised_ver = MAX_OF(d->promised_ver, r->ver);
    all->fresh++;
}

static void take_reply(Devices *all, Device *d, const Msg_reply *r)
{
    u32 at = 0;
    while (at < d->waiting_count && d->waiting[at].cmd != r->cmd)
        at++;
    if (at == d->waiting_count) return; /* of entering, or of what was sent again */
    Refusal why = (Refusal)r->refusal;
    bool time_is_over = why == R_TOO_LATE || why == R_IS_OVER;
    if (time_is_over) d->over = true;
    else if (why)
        real_fail(all, "candidate %u: an answer was refused: %s", d->number, refusal_name(why));
    else promise_keep(all, d, &d->waiting[at], r);
    d->waiting[at] = d->waiting[--d->waiting_count];
    d->next_ns = now_ns() + prng_below(&all->chance, (u64)DEVICE_PAUSE_MS * 1000000);
}

static void take_event(Devices *all, Device *d, const Msg_event *m)
{
    Event e;
    if (m->ver <= d->seen_ver) return;
    if (m->ver != d->seen_ver + 1)
        real_fail(all, "candidate %u: after version %llu came %llu", d->number,
                  (unsigned long long)d->seen_ver, (unsigned long long)m->ver);
    d->seen_ver = m->ver;
    if (event_decode(m->event, &e) != OK) return; /* for staff alone */
    if (e.kind == EVT_began) d->active = true;
    if (e.kind == EVT_ended || e.kind == EVT_submitted) d->over = true;
    if (all->on_event) all->on_event(all->ctx, d, m->ver, &e);
}

static void take_message(Devices *all, Device *d, Span bytes)
{
    Message m;
    if (message_decode(bytes, &m) != OK) real_fail(all, "a message is malformed");
    switch ((u32)m.kind) {
    case MSG_welcome: device_welcomed(all, d, m.welcome.attempt); break;
    case MSG_followed: device_caught_up(all, d, m.followed.upto_ver); break;
    case MSG_reply: take_reply(all, d, &m.reply); break;
    case MSG_event: take_event(all, d, &m.event); break;
    case MSG_refused: real_fail(all, "candidate %u: %.*s", d->number, SPAN_ARG(m.refused.what));
    }
}

static size_t take_one(Devices *all, Device *d, Span in)
{
    Frame f;
    size_t took = take_frame(in, &f);
    if (!took && in.len == DEVICE_IN_BYTES) real_fail(all, "a frame is longer than expected");
    if (took && f.first == FRAME_BINARY) take_message(all, d, f.payload);
    return took;
}

static void device_lost(Devices *all, Device *d)
{
    bool fine = all->may_be_cut || !all->server->listening || d->step == DEVICE_CONNECTING;
    if (!fine) real_fail(all, "candidate %u: the server closed the connection", d->number);
    device_cut(d);
}

static void device_read(Devices *all, Device *d)
{
    ssize_t n = recv(d->fd, d->in + d->in_len, DEVICE_IN_BYTES - d->in_len, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        device_lost(all, d);
        return;
    }
    Span in = {d->in, d->in_len + (size_t)n};
    for (size_t took = 1; took && in.len;) {
        took = d->step <= DEVICE_UPGRADING ? take_http(all, d, in) : take_one(all, d, in);
        in = (Span){in.ptr + took, in.len - took};
    }
    if (in.len && in.ptr != d->in) memmove(d->in, in.ptr, in.len);
    d->in_len = in.len;
    flush(all, d);
}

/* ---- turns ---- */

static void device_come(const Devices *all, Device *d)
{
    d->fd = talk_open();
    if (d->fd < 0) real_fail(all, "a socket: %s", strerror(errno));
    if (talk_connect(d->fd, all->server->port)) d->step = DEVICE_CONNECTING;
    else device_cut(d);
}

static void device_think(Devices *all, Device *d, u64 now)
{
    if (d->step == DEVICE_DOWN && all->server->listening) device_come(all, d);
    bool types = d->step == DEVICE_LIVE && d->active && !d->over;
    if (types && d->waiting_count < DEVICE_IN_FLIGHT && now >= d->next_ns) device_type(all, d);
}

static void devices_poll(Devices *all, int wait_ms)
{
    struct pollfd fds[DEVICES_MAX + 1];
    for (u32 i = 0; i < all->count; i++) {
        const Device *d = &all->d[i];
        fds[i] = (struct pollfd){d->fd, d->step == DEVICE_CONNECTING ? POLLOUT : POLLIN, 0};
    }
    fds[all->count] = (struct pollfd){all->server->out, POLLIN, 0};
    if (poll(fds, all->count + 1, wait_ms) <= 0) return;
    if (fds[all->count].revents) server_hear(all->server);
    for (u32 i = 0; i < all->count; i++) {
        Device *d = &all->d[i];
        if (!fds[i].revents) continue;
        if (fds[i].revents & POLLOUT && !(fds[i].revents & POLLERR)) device_connected(all, d);
        else device_read(all, d);
    }
}

void devices_turn(Devices *all)
{
    u64 now = now_ns();
    for (u32 i = 0; i < all->count; i++)
        device_think(all, &all->d[i], now);
    devices_poll(all, 1);
}

void devices_drain(Devices *all)
{
    bool any = true;
    while (any) {
        any = false;
        devices_poll(all, 0);
        for (u32 i = 0; i < all->count; i++)
            any |= all->d[i].fd >= 0;
    }
}

u32 devices_live(const Devices *all)
{
    u32 n = 0;
    for (u32 i = 0; i < all->count; i++)
        n += all->d[i].step == DEVICE_LIVE && (all->d[i].active || all->d[i].over);
    return n;
}

bool devices_done(const Devices *all)
{
    u32 n = 0;
    for (u32 i = 0; i < all->count; i++)
        n += all->d[i].waiting_count;
    return n == 0;
}
