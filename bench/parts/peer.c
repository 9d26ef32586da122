#include "bench/parts/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    ENTERING_AT_ONCE = 1024,
    PING_EVERY_MS = 4000,
    BACK_EVERY_MS = 5,
    BACKOFF_FIRST_MS = 400, /* as pages do */
    BACKOFF_MOST_MS = 8000,
    TARGET_BYTES = 8,
    PEERS_PER_ADDRESS = 2500,
    PROTOCOL = 1,
};

/* ---- small tools ---- */

_Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "hall: %s: %s\n", what, why ? why : strerror(errno));
    exit(1);
}

u64 now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
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

static bool is_fetcher(const Hall *h, const Peer *p)
{
    return p > &h->peers[h->count];
}

void latency_note(Hall *h, u64 since_ns)
{
    u64 slot = (now_ns() - since_ns) / (LATENCY_SLOT_US * 1000);
    h->latency[MIN_OF(slot, (u64)LATENCY_SLOTS - 1)]++;
    h->done++;
}

double percentile_ms(const Hall *h, double part)
{
    u64 seen = 0, want = (u64)((double)h->done * part);
    u32 slot = 0;
    while (slot < LATENCY_SLOTS && (seen += h->latency[slot]) <= want)
        slot++;
    return slot * (double)LATENCY_SLOT_US / 1000;
}

static void send_whole(int fd, const u8 *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            poll(&p, 1, PATIENCE_MS);
            continue;
        }
        if (n < 0) die("send", NULL);
        bytes += n;
        len -= (size_t)n;
    }
}

void flush(Hall *h, Peer *p)
{
    if (h->out.failed) die("memory", "a message does not fit");
    if (h->out.len) send_whole(p->fd, h->out.ptr, h->out.len);
    buf_reset(&h->out);
}

/* ---- sending: frames collect in h->out until flush ---- */

static void put_message(Hall *h, const Message *m)
{
    static const u8 no_mask[4];
    buf_reset(&h->message);
    message_encode(&h->message, m);
    size_t len = h->message.len;
    buf_u8(&h->out, 0x82);
    if (len < 126) {
        buf_u8(&h->out, (u8)(0x80 | len));
    } else if (len < 65536) {
        u8 head[] = {0x80 | 126, (u8)(len >> 8), (u8)len};
        buf_put(&h->out, head, sizeof head);
    } else {
        u8 head[] = {0x80 | 127, 0, 0, 0, 0, 0, (u8)(len >> 16), (u8)(len >> 8), (u8)len};
        buf_put(&h->out, head, sizeof head);
    }
    buf_put(&h->out, no_mask, sizeof no_mask);
    buf_span(&h->out, buf_view(&h->message));
}

void put_command(Hall *h, Peer *p, Span targets, const Command *c)
{
    static Buf body;
    if (!body.limit) buf_init(&body, 65536);
    buf_reset(&body);
    command_encode(&body, c);
    Message m = {.kind = MSG_command};
    m.command.cmd = ++p->cmd;
    m.command.targets = targets;
    m.command.body = buf_view(&body);
    put_message(h, &m);
}

void put_own_command(Hall *h, Peer *p, const Command *c)
{
    u8 target[TARGET_BYTES];
    for (int i = 0; i < TARGET_BYTES; i++)
        target[i] = (u8)(p->attempt >> 8 * i);
    put_command(h, p, (Span){target, sizeof target}, c);
}

static void put_follow(Hall *h, u64 stream)
{
    Message m = {.kind = MSG_follow};
    m.follow.stream = stream;
    put_message(h, &m);
}

static void say_request(Hall *h, Peer *p)
{
    buf_print(&h->out,
              "GET /live HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Version: 13\r\nCookie: %s\r\n\r\n",
              h->port, h->port, p->cookie);
    p->step = STEP_UPGRADING;
    flush(h, p);
}

static void say_join(Hall *h, Peer *p)
{
    char body[256];
    int n =
        snprintf(body, sizeof body, "{\"code\":\"%s\",\"name\":\"Candidate %u\",\"number\":\"%u\"}",
                 h->code, (u32)(p - h->peers) + 1, (u32)(p - h->peers) + 1);
    buf_print(&h->out,
              "POST /api/join HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
              "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
              h->port, h->port, n, body);
    p->step = STEP_JOINING;
    flush(h, p);
}

static void say_fetch(Hall *h, Peer *p)
{
    buf_print(&h->out, "GET /api/exam/paper HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %s\r\n\r\n",
              h->port, h->peers[p - &h->peers[h->count] - 1].cookie);
    p->step = STEP_FETCHING;
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
    int one = 1;
    struct linger at_once = {
        1, 0}; /* no address waits after the end: there are fewer than candidates */
    p->step = STEP_NEW;
    p->len = 0;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (p->fd < 0) die("socket (is the descriptor limit too low?)", NULL);
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    choose_address(h, p);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(h->port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(p->fd, (struct sockaddr *)&a, sizeof a) != 0 && errno != EINPROGRESS)
        die("connect", NULL);
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
    if (is_fetcher(h, p)) say_fetch(h, p);
    else if (is_bare(h) || p->cookie[0]) say_request(h, p);
    else say_join(h, p);
}

static void take_cookie(Peer *p, Span head)
{
    static const char name[] = "__Host-invigil=";
    const u8 *at = memmem(head.ptr, head.len, name, sizeof name - 1);
    const u8 *end = at ? memchr(at, ';', head.len - (size_t)(at - head.ptr)) : NULL;
    if (!end || end - at >= COOKIE_BYTES) {
        fprintf(stderr, "%.*s\n", SPAN_ARG(head));
        die("joining", "there is no cookie in the reply");
    }
    memcpy(p->cookie, at, (size_t)(end - at));
    p->cookie[end - at] = 0;
}

static void say_hello(Hall *h, Peer *p)
{
    Message m = {.kind = MSG_hello, .hello = {PROTOCOL, 0}};
    p->step = STEP_ENTERING;
    put_message(h, &m);
    flush(h, p);
}

/* What a whole reply means. */
static void http_came(Hall *h, Peer *p, Span head, Span body)
{
    bool upgrade = p->step == STEP_UPGRADING;
    if (memcmp(head.ptr + 9, upgrade ? "101" : "200", 3) != 0) {
        fprintf(stderr, "%.*s%.*s\n", SPAN_ARG(head), SPAN_ARG(body));
        die(upgrade ? "the upgrade" : "a request", "was refused");
    }
    if (upgrade) {
        say_hello(h, p);
    } else if (p->step == STEP_FETCHING) {
        close(p->fd);
        h->on_fetched(h, &h->peers[p - &h->peers[h->count] - 1]);
    } else {
        const u8 *session = memmem(body.ptr, body.len, "\"session\":", 10);
        if (session) h->session = strtoull((const char *)session + 10, NULL, 10);
        take_cookie(p, head);
        say_request(h, p);
    }
}

/* Returns the bytes of a whole HTTP reply, 0: not all here yet. */
static size_t take_http(Hall *h, Peer *p, Span in)
{
    const u8 *end = memmem(in.ptr, in.len, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head = (size_t)(end - in.ptr) + 4, body = 0;
    const u8 *length = memmem(in.ptr, head, "Content-Length: ", 16);
    if (length) body = strtoul((const char *)length + 16, NULL, 10);
    if (head + body > IN_BYTES) die("a reply", "is longer than expected");
    if (in.len < head + body) return 0;
    http_came(h, p, (Span){in.ptr, head}, (Span){in.ptr + head, body});
    return head + body;
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
    put_follow(h, stream_id(STREAM_ATTEMPT, p->attempt));
    put_follow(h, stream_id(STREAM_SESSION, h->session));
}

static void make_ready(Hall *h, Peer *p)
{
    Command consent = {.kind = CMD_consent};
    consent.consent.disclosure = h->disclosure;
    put_own_command(h, p, &consent);
    put_own_command(h, p, &(Command){.kind = CMD_ready});
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
        put_message(h, &m);
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

static void take_message(Hall *h, Peer *p, Span bytes)
{
    Message m;
    if (message_decode(bytes, &m) != OK) die("a message", "is malformed");
    switch ((u32)m.kind) {
    case MSG_welcome: enter(h, p, &m.welcome); break;
    case MSG_reply:
        if (m.reply.refusal) die("a command was refused", refusal_name((Refusal)m.reply.refusal));
        if (h->on_reply) h->on_reply(h, p, &m.reply);
        break;
    case MSG_event: event_came(h, p, m.event.event); break;
    case MSG_feed_ready: become_active(h, p); break;
    case MSG_refused: die("refused", refusal_name((Refusal)m.refused.refusal));
    }
}

/* Returns the bytes of a whole frame, 0: not all here yet. */
static size_t take_frame(Hall *h, Peer *p, Span in)
{
    if (in.len < 2) return 0;
    size_t len = in.ptr[1], head = 2;
    if (len == 126) {
        if (in.len < 4) return 0;
        len = (size_t)in.ptr[2] << 8 | in.ptr[3];
        head = 4;
    }
    if (len + head > IN_BYTES || in.ptr[1] > 126) die("a frame", "is longer than expected");
    if (in.len < head + len) return 0;
    Span payload = {in.ptr + head, len};
    if (in.ptr[0] == 0x88) {
        char why[200] = "without a reason";
        if (len > 2) snprintf(why, sizeof why, "%.*s", (int)len - 2, (const char *)payload.ptr + 2);
        die("the server closes a socket", why);
    }
    if (in.ptr[0] == 0x82) take_message(h, p, payload);
    return head + len;
}

static void take_bytes(Hall *h, Peer *p, size_t n)
{
    Span in = {p->in, p->len + n};
    for (size_t took = 1; took && in.len;) {
        took = p->step <= STEP_UPGRADING ? take_http(h, p, in) : take_frame(h, p, in);
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
        put_message(h, &m);
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

void fetch_paper(Hall *h, Peer *candidate)
{
    peer_open(h, &h->peers[h->count + 1 + (candidate - h->peers)]);
}
