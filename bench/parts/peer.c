#include "bench/parts/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ENTERING_AT_ONCE = 1024,
    PING_EVERY_MS = 4000,
    BACK_EVERY_MS = 5,
    BACKOFF_FIRST_MS = 400, /* as pages do */
    BACKOFF_MOST_MS = 8000,
    PEERS_PER_ADDRESS = 2500,
};

/* ---- small tools ---- */

_Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "hall: %s: %s\n", what, why ? why : strerror(errno));
    exit(1);
}

u64 patience(void)
{
    return now_ns() + (u64)PATIENCE_MS * 1000000;
}

bool is_bare(const Hall *h)
{
    return h->code[0] == '-';
}

bool is_staff(const Hall *h, const Peer *p)
{
    return p == &h->peers[h->count];
}

void flush(Hall *h, Peer *p)
{
    if (h->out.failed) die("memory", "a message does not fit");
    if (h->out.len && !talk_send(p->fd, &h->out)) die("send", NULL);
}

/* ---- sending: frames collect in h->out until flush ---- */

void peer_put(Hall *h, Peer *p, Span targets, const Command *c)
{
    put_command(&h->out, ++p->cmd, targets, c);
}

void peer_put_own(Hall *h, Peer *p, const Command *c)
{
    put_own_command(&h->out, ++p->cmd, p->attempt, c);
}

static void say_request(Hall *h, Peer *p)
{
    put_upgrade(&h->out, h->port, p->cookie);
    p->step = STEP_UPGRADING;
    flush(h, p);
}

static void say_join(Hall *h, Peer *p)
{
    put_join(&h->out, h->port, h->code, (u32)(p - h->peers) + 1);
    p->step = STEP_JOINING;
    flush(h, p);
}

/* ---- entering ---- */

/* Where one address has used most of its ports, the kernel searches longer for a free one than the server
 * works. A port is taken when connecting. */
static void choose_address(const Hall *h, const Peer *p)
{
    int one = 1;
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (u32)(p - h->peers) / PEERS_PER_ADDRESS);
    setsockopt(p->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(p->fd, (struct sockaddr *)&from, sizeof from) != 0) die("bind", NULL);
}

void peer_open(Hall *h, Peer *p)
{
    struct linger at_once = {
        1, 0}; /* no address waits after the end: there are fewer than candidates */
    p->step = STEP_NEW;
    p->len = 0;
    p->fd = talk_open();
    if (p->fd < 0) die("socket (is the descriptor limit too low?)", NULL);
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    choose_address(h, p);
    if (!talk_connect(p->fd, h->port)) die("connect", NULL);
    struct epoll_event e = {.events = EPOLLOUT, .data.ptr = p};
    if (epoll_ctl(h->epoll, EPOLL_CTL_ADD, p->fd, &e) != 0) die("epoll_ctl", NULL);
}

/* It comes back when the server said, else later each time. */
static void peer_lost(Hall *h, Peer *p)
{
    if (!h->may_lose) die("the server", "closed a connection");
    u64 backoff = MIN_OF((u64)BACKOFF_MOST_MS, (u64)BACKOFF_FIRST_MS << MIN_OF(p->tries, 10u));
    u64 part = ((u64)(p - h->peers) * 7919 + p->tries * 104729) % 1000; /* as good as chance */
    u64 ms = p->delay_ms ? p->delay_ms : backoff / 2 + backoff * part / 2000;
    if (p->step == STEP_ACTIVE) h->lost++;
    p->tries += !p->delay_ms;
    p->delay_ms = 0;
    p->step = STEP_LOST;
    p->back_ns = now_ns() + ms * 1000000;
    close(p->fd);
}

static bool peer_refused(const Peer *p)
{
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error;
}

static void peer_connected(Hall *h, Peer *p)
{
    if (peer_refused(p)) {
        peer_lost(h, p);
        return;
    }
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    if (epoll_ctl(h->epoll, EPOLL_CTL_MOD, p->fd, &e) != 0) die("epoll_ctl", NULL);
    if (is_bare(h) || p->cookie[0]) say_request(h, p);
    else say_join(h, p);
}

static void say_hello(Hall *h, Peer *p)
{
    Message m = {.kind = MSG_hello, .hello = {PROTOCOL, 0}};
    p->step = STEP_ENTERING;
    put_message(&h->out, &m);
    flush(h, p);
}

/* What a whole reply means. */
static void http_came(Hall *h, Peer *p, const HttpAnswer *a)
{
    bool upgrade = p->step == STEP_UPGRADING;
    if (a->status != (upgrade ? 101 : 200)) {
        fprintf(stderr, "%.*s%.*s\n", SPAN_ARG(a->head), SPAN_ARG(a->body));
        die(upgrade ? "the upgrade" : "a request", "was refused");
    }
    if (upgrade) {
        say_hello(h, p);
    } else {
        u64 session = answer_number(a, "session");
        if (session) h->session = session;
        if (!answer_cookie(a, p->cookie)) die("joining", "there is no cookie in the reply");
        say_request(h, p);
    }
}

static size_t take_http(Hall *h, Peer *p, Span in)
{
    HttpAnswer a;
    size_t took = take_answer(in, &a);
    if (took) http_came(h, p, &a);
    return took;
}

static void become_active(Hall *h, Peer *p)
{
    if (p->step == STEP_ACTIVE) return;
    p->step = STEP_ACTIVE;
    if (h->may_lose && h->on_back) h->on_back(h, p);
    else h->active++;
}

static void follow_own(Hall *h, Peer *p)
{
    put_follow(&h->out, stream_id(STREAM_ATTEMPT, p->attempt), 0);
    put_follow(&h->out, stream_id(STREAM_SESSION, h->session), 0);
}

static void make_ready(Hall *h, Peer *p)
{
    Command consent = {.kind = CMD_consent};
    consent.consent.disclosure = h->disclosure;
    peer_put_own(h, p, &consent);
    peer_put_own(h, p, &(Command){.kind = CMD_ready});
}

static void enter(Hall *h, Peer *p, const Msg_welcome *w)
{
    bool again = p->attempt != 0;
    p->attempt = w->attempt;
    p->delay_ms = w->reconnect_delay_ms;
    p->tries = 0;
    if (is_bare(h)) {
        become_active(h, p);
        return;
    }
    if (is_staff(h, p)) {
        Message m = {.kind = MSG_follow_feed};
        m.follow_feed.session = h->session;
        put_message(&h->out, &m);
    } else {
        follow_own(h, p);
        if (!again) make_ready(h, p);
    }
    flush(h, p);
}

/* ---- what comes ---- */

static void event_came(Hall *h, Peer *p, Span encoded)
{
    if (encoded.len < 2) return; /* hidden from candidates */
    EventKind kind = (EventKind)(encoded.ptr[0] | (u32)encoded.ptr[1] << 8);
    if (kind == EVT_began || (kind == EVT_became_ready && h->enter_waiting)) become_active(h, p);
    if (h->on_event) h->on_event(h, p, kind);
}

static void feed_came(Hall *h, const Msg_feed_event *m)
{
    if (h->on_feed && m->event.len >= 2)
        h->on_feed(h, m->attempt, (EventKind)(m->event.ptr[0] | (u32)m->event.ptr[1] << 8));
}

static void take_message(Hall *h, Peer *p, Span bytes)
{
    Message m;
    if (message_decode(bytes, &m) != OK) die("a message", "is malformed");
    switch ((u32)m.kind) {
    case MSG_welcome: enter(h, p, &m.welcome); break;
    case MSG_reply:
        if (m.reply.refusal && !h->may_be_refused)
            die("a command was refused", refusal_name((Refusal)m.reply.refusal));
        if (h->on_reply) h->on_reply(h, p, &m.reply);
        break;
    case MSG_event: event_came(h, p, m.event.event); break;
    case MSG_feed_event: feed_came(h, &m.feed_event); break;
    case MSG_feed_ready: become_active(h, p); break;
    case MSG_paper:
        if (!m.paper.paper.len) die("the paper", "did not come");
        if (h->on_paper) h->on_paper(h, p);
        break;
    case MSG_refused: die("refused", refusal_name((Refusal)m.refused.refusal));
    }
}

static size_t take_socket(Hall *h, Peer *p, Span in)
{
    Frame f;
    size_t took = take_frame(in, &f);
    if (took && f.first == FRAME_CLOSE && h->may_be_refused) {
        peer_lost(h, p);
        return in.len;
    }
    if (took && f.first == FRAME_CLOSE) {
        char why[200] = "without a reason";
        if (f.payload.len > 2)
            snprintf(why, sizeof why, "%.*s", (int)f.payload.len - 2,
                     (const char *)f.payload.ptr + 2);
        die("the server closes a socket", why);
    }
    if (took && f.first == FRAME_BINARY) take_message(h, p, f.payload);
    return took;
}

/* Returns the bytes of a whole reply or frame, 0: not all here yet. */
static size_t take_one(Hall *h, Peer *p, Span in)
{
    size_t took = p->step <= STEP_UPGRADING ? take_http(h, p, in) : take_socket(h, p, in);
    if (!took && in.len == IN_BYTES) die("a reply or a frame", "is longer than expected");
    return took;
}

static void take_bytes(Hall *h, Peer *p, size_t n)
{
    Span in = {p->in, p->len + n};
    for (size_t took = 1; took && in.len;) {
        took = take_one(h, p, in);
        if (p->step == STEP_LOST) return;
        in = (Span){in.ptr + took, in.len - took};
    }
    if (in.len && in.ptr != p->in) memmove(p->in, in.ptr, in.len);
    p->len = (u32)in.len;
    flush(h, p);
}

static void peer_read(Hall *h, Peer *p)
{
    ssize_t n = recv(p->fd, p->in + p->len, IN_BYTES - p->len, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n > 0) take_bytes(h, p, (size_t)n);
    else if (n == 0 || errno == ECONNRESET) peer_lost(h, p);
    else die("recv", NULL);
}

static void lost_come_back(Hall *h)
{
    static u64 looked_ns;
    u64 now = now_ns();
    if (!h->may_lose || now - looked_ns < (u64)BACK_EVERY_MS * 1000000) return;
    looked_ns = now;
    for (u32 i = 0; i < h->count; i++)
        if (h->peers[i].step == STEP_LOST && h->peers[i].back_ns <= now) peer_open(h, &h->peers[i]);
}

void poll_once(Hall *h, int wait_ms)
{
    struct epoll_event e[512];
    int n = epoll_wait(h->epoll, e, COUNT_OF(e), wait_ms);
    if (n < 0 && errno != EINTR) die("epoll_wait", NULL);
    for (int k = 0; k < n; k++) {
        Peer *p = e[k].data.ptr;
        if (p->step == STEP_NEW) peer_connected(h, p);
        else peer_read(h, p);
    }
    lost_come_back(h);
}

/* Who is not heard counts as disconnected: each page says something every few seconds. */
void ping_all(Hall *h)
{
    if (now_ns() - h->pinged_ns < (u64)PING_EVERY_MS * 1000000) return;
    h->pinged_ns = now_ns();
    Message m = {.kind = MSG_ping, .ping = {1, 0}};
    for (u32 i = 0; i <= h->count; i++) { /* the proctor too */
        if (h->peers[i].step < STEP_ENTERING || h->peers[i].step == STEP_LOST) continue;
        if (h->peers[i].unpinged) continue;
        put_message(&h->out, &m);
        flush(h, &h->peers[i]);
    }
}

void poll_until(Hall *h, const u32 *value, u32 wanted, u64 until_ns, const char *what)
{
    while (*value < wanted) {
        poll_once(h, h->may_lose ? BACK_EVERY_MS : 100);
        ping_all(h);
        if (now_ns() <= until_ns) continue;
        fprintf(stderr, "hall: %u of %u\n", *value, wanted);
        die(what, "it takes too long");
    }
}

void enter_all(Hall *h)
{
    u64 until = patience();
    while (h->active < h->count) {
        while (h->opened < h->count && h->opened - h->active < ENTERING_AT_ONCE)
            peer_open(h, &h->peers[h->opened++]);
        poll_once(h, 100);
        ping_all(h);
        if (now_ns() > until) {
            fprintf(stderr, "hall: %u of %u are in their exam\n", h->active, h->count);
            die("entering", "it takes too long");
        }
    }
    if (!h->staff) return;
    peer_open(h, &h->peers[h->count]);
    poll_until(h, &h->active, h->count + 1, patience(), "the proctor");
}
