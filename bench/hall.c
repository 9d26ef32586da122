/* hall.c - a hall full of candidates for one server on the loopback: joins them, brings them into their
 * exam over the live socket, then measures. Bounded in number and time.
 *
 *   hall answers PORT CANDIDATES IN_FLIGHT MILLISECONDS CODE DISCLOSURE ITEMS
 *       each candidate keeps IN_FLIGHT answers under way: answers/s, time from sending to the receipt
 *   hall pause PORT CANDIDATES ROUNDS SESSION CODE DISCLOSURE COOKIE
 *       a proctor, signed in by COOKIE and watching the session's feed, pauses everybody with one
 *       command: time until each candidate has the event; then resumes everybody
 *
 * CODE "-": a peer that knows no joining; whoever has said hello takes part. Prints "connected" when all
 * are in their exam, later one JSON object. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "wire/wire.h"

enum {
    IN_BYTES = 16384, /* the longest message, a reply with its receipt, has about 1 KB */
    COOKIE_BYTES = 128,
    CANDIDATES_LIMIT = 10000,
    IN_FLIGHT_LIMIT = 64,
    ROUNDS_LIMIT = 100,
    MILLISECONDS_LIMIT = 20000,
    ENTERING_AT_ONCE = 1024,
    PATIENCE_MS = 30000,
    PING_EVERY_MS = 4000,
    LATENCY_SLOTS = 1000000, /* of LATENCY_SLOT_US each */
    LATENCY_SLOT_US = 10,
    TARGET_BYTES = 8,
    RECEIPT_SIZE_AT = 97, /* where a receipt says how many answers its transaction had */
    PROTOCOL = 1,
};

typedef enum Step { STEP_NEW, STEP_JOINING, STEP_UPGRADING, STEP_ENTERING, STEP_ACTIVE } Step;

typedef struct Peer {
    int fd;
    Step step;
    u32 len; /* of what lies in `in`, begun and not complete */
    u64 attempt, cmd;
    u64 sent_ns[IN_FLIGHT_LIMIT]; /* by command id */
    u8 in[IN_BYTES];
} Peer;

typedef struct Hall {
    int epoll;
    u16 port;
    u32 count, opened, active, in_flight, items, disclosure;
    const char *code, *cookie;
    u64 session;
    Peer *peers; /* the proctor, if there is one, is peers[count] */
    Buf out, message;
    u64 pinged_ns;
    bool answering;
    u32 *latency; /* histogram */
    u64 done;
    double transactions;
    EventKind awaited; /* of all candidates */
    u64 round_ns;
    u32 seen, replies;
} Hall;

/* ---- small tools ---- */

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "hall: %s: %s\n", what, why ? why : strerror(errno));
    exit(1);
}

static u64 now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

static bool is_bare(const Hall *h)
{
    return h->code[0] == '-';
}

static bool is_staff(const Hall *h, const Peer *p)
{
    return p == &h->peers[h->count];
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

static void flush(Hall *h, Peer *p)
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

static void put_command(Hall *h, Peer *p, Span targets, const Command *c)
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

static void put_own_command(Hall *h, Peer *p, const Command *c)
{
    u8 target[TARGET_BYTES];
    for (int i = 0; i < TARGET_BYTES; i++)
        target[i] = (u8)(p->attempt >> 8 * i);
    put_command(h, p, (Span){target, sizeof target}, c);
}

static void put_answer(Hall *h, Peer *p)
{
    static const char text[] =
        "An answer of a candidate, as long as two sentences of an essay are: "
        "about a hundred and twenty bytes of text.";
    u32 n = (u32)p->cmd;
    Command c = {.kind = CMD_answer};
    c.answer.item = n % h->items + 1;
    c.answer.rev = n / h->items + 1;
    c.answer.device_ms = 1;
    c.answer.value = SPAN(text);
    put_own_command(h, p, &c);
    p->sent_ns[p->cmd % h->in_flight] = now_ns();
}

static void put_follow(Hall *h, u64 stream)
{
    Message m = {.kind = MSG_follow};
    m.follow.stream = stream;
    put_message(h, &m);
}

static void say_request(Hall *h, Peer *p, const char *cookie)
{
    buf_print(&h->out,
              "GET /live HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Version: 13\r\nCookie: %s\r\n\r\n",
              h->port, h->port, cookie);
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

/* ---- entering ---- */

static void peer_open(Hall *h, Peer *p)
{
    int one = 1;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (p->fd < 0) die("socket (is the descriptor limit too low?)", NULL);
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(h->port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(p->fd, (struct sockaddr *)&a, sizeof a) != 0 && errno != EINPROGRESS)
        die("connect", NULL);
    struct epoll_event e = {.events = EPOLLOUT, .data.ptr = p};
    if (epoll_ctl(h->epoll, EPOLL_CTL_ADD, p->fd, &e) != 0) die("epoll_ctl", NULL);
}

static void peer_connected(Hall *h, Peer *p)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    if (epoll_ctl(h->epoll, EPOLL_CTL_MOD, p->fd, &e) != 0) die("epoll_ctl", NULL);
    if (is_staff(h, p)) say_request(h, p, h->cookie);
    else if (is_bare(h)) say_request(h, p, "none=0");
    else say_join(h, p);
}

static void take_cookie(Hall *h, Peer *p, Span head)
{
    static const char name[] = "__Host-invigil=";
    char cookie[COOKIE_BYTES];
    const u8 *at = memmem(head.ptr, head.len, name, sizeof name - 1);
    const u8 *end = at ? memchr(at, ';', head.len - (size_t)(at - head.ptr)) : NULL;
    if (!end || end - at >= COOKIE_BYTES) {
        fprintf(stderr, "%.*s\n", SPAN_ARG(head));
        die("joining", "there is no cookie in the reply");
    }
    memcpy(cookie, at, (size_t)(end - at));
    cookie[end - at] = 0;
    say_request(h, p, cookie);
}

static void say_hello(Hall *h, Peer *p)
{
    Message m = {.kind = MSG_hello, .hello = {PROTOCOL, 0}};
    p->step = STEP_ENTERING;
    put_message(h, &m);
    flush(h, p);
}

/* Returns the bytes of a whole HTTP reply, 0: not all here yet. */
static size_t take_http(Hall *h, Peer *p, Span in)
{
    const u8 *end = memmem(in.ptr, in.len, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head = (size_t)(end - in.ptr) + 4, body = 0;
    const u8 *length = memmem(in.ptr, head, "Content-Length: ", 16);
    if (length) body = strtoul((const char *)length + 16, NULL, 10);
    if (in.len < head + body) return 0;
    bool joined = p->step == STEP_JOINING;
    const u8 *session = memmem(in.ptr + head, body, "\"session\":", 10);
    if (session) h->session = strtoull((const char *)session + 10, NULL, 10);
    if (memcmp(in.ptr + 9, joined ? "200" : "101", 3) != 0) {
        fprintf(stderr, "%.*s\n", (int)(head + body), (const char *)in.ptr);
        die(joined ? "joining" : "the upgrade", "was refused");
    }
    if (joined) take_cookie(h, p, (Span){in.ptr, head});
    else say_hello(h, p);
    return head + body;
}

static void become_active(Hall *h, Peer *p)
{
    if (p->step == STEP_ACTIVE) return;
    p->step = STEP_ACTIVE;
    h->active++;
}

static void enter(Hall *h, Peer *p, u64 attempt)
{
    p->attempt = attempt;
    if (is_bare(h)) {
        become_active(h, p);
        return;
    }
    if (is_staff(h, p)) {
        Message m = {.kind = MSG_follow_feed};
        m.follow_feed.session = h->session;
        put_message(h, &m);
    } else {
        put_follow(h, stream_id(STREAM_ATTEMPT, attempt));
        put_follow(h, stream_id(STREAM_SESSION, h->session));
        Command consent = {.kind = CMD_consent};
        consent.consent.disclosure = h->disclosure;
        put_own_command(h, p, &consent);
        put_own_command(h, p, &(Command){.kind = CMD_ready});
    }
    flush(h, p);
}

/* ---- what comes ---- */

static void latency_note(Hall *h, u64 since_ns)
{
    u64 slot = (now_ns() - since_ns) / (LATENCY_SLOT_US * 1000);
    h->latency[MIN_OF(slot, (u64)LATENCY_SLOTS - 1)]++;
    h->done++;
}

static void take_reply(Hall *h, Peer *p, const Msg_reply *r)
{
    if (r->refusal) die("a command was refused", refusal_name((Refusal)r->refusal));
    if (is_staff(h, p)) h->replies++;
    if (!h->answering || p->step != STEP_ACTIVE || r->cmd + h->in_flight <= p->cmd) return;
    if (!is_bare(h)) {
        u32 size;
        if (r->receipt.len < RECEIPT_SIZE_AT + 4) die("an answer", "came back without a receipt");
        memcpy(&size, r->receipt.ptr + RECEIPT_SIZE_AT, 4);
        h->transactions += 1.0 / size;
    }
    latency_note(h, p->sent_ns[r->cmd % h->in_flight]);
    put_answer(h, p);
}

static void take_event(Hall *h, Peer *p, Span encoded)
{
    Event e;
    if (h->answering) return;
    if (event_decode(encoded, &e) != OK) return; /* hidden from candidates */
    if (e.kind == EVT_began) become_active(h, p);
    if (e.kind != h->awaited || is_staff(h, p)) return;
    latency_note(h, h->round_ns);
    h->seen++;
}

static void take_message(Hall *h, Peer *p, Span bytes)
{
    Message m;
    if (message_decode(bytes, &m) != OK) die("a message", "is malformed");
    switch ((u32)m.kind) {
    case MSG_welcome: enter(h, p, m.welcome.attempt); break;
    case MSG_reply: take_reply(h, p, &m.reply); break;
    case MSG_event: take_event(h, p, m.event.event); break;
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

static void peer_read(Hall *h, Peer *p)
{
    ssize_t n = recv(p->fd, p->in + p->len, IN_BYTES - p->len, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) die("recv", NULL);
    if (n == 0) die("the server", "closed a connection");
    Span in = {p->in, p->len + (size_t)n};
    for (size_t took = 1; took && in.len;) {
        took = p->step <= STEP_UPGRADING ? take_http(h, p, in) : take_frame(h, p, in);
        in = (Span){in.ptr + took, in.len - took};
    }
    if (in.len && in.ptr != p->in) memmove(p->in, in.ptr, in.len);
    p->len = (u32)in.len;
    flush(h, p);
}

static void poll_once(Hall *h, int wait_ms)
{
    struct epoll_event e[512];
    int n = epoll_wait(h->epoll, e, COUNT_OF(e), wait_ms);
    if (n < 0 && errno != EINTR) die("epoll_wait", NULL);
    for (int k = 0; k < n; k++) {
        Peer *p = e[k].data.ptr;
        if (p->step == STEP_NEW) peer_connected(h, p);
        else peer_read(h, p);
    }
}

/* Who is not heard counts as disconnected: each page says something every few seconds. */
static void ping_all(Hall *h)
{
    if (now_ns() - h->pinged_ns < (u64)PING_EVERY_MS * 1000000) return;
    h->pinged_ns = now_ns();
    Message m = {.kind = MSG_ping, .ping = {1, 0}};
    for (u32 i = 0; i < h->opened; i++) {
        if (h->peers[i].step < STEP_ENTERING) continue;
        put_message(h, &m);
        flush(h, &h->peers[i]);
    }
}

static void poll_until(Hall *h, const u32 *value, u32 wanted, u64 until_ns, const char *what)
{
    while (*value < wanted) {
        poll_once(h, 100);
        if (now_ns() > until_ns) die(what, "it takes too long");
    }
}

static u64 patience(void)
{
    return now_ns() + (u64)PATIENCE_MS * 1000000;
}

static void enter_all(Hall *h)
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
}

/* ---- measures ---- */

static double percentile_ms(const Hall *h, double part)
{
    u64 seen = 0, want = (u64)((double)h->done * part);
    u32 slot = 0;
    while (slot < LATENCY_SLOTS && (seen += h->latency[slot]) <= want)
        slot++;
    return slot * (double)LATENCY_SLOT_US / 1000;
}

static void measure_answers(Hall *h, u32 ms)
{
    h->answering = true;
    u64 start = now_ns(), until = start + (u64)ms * 1000000;
    for (u32 i = 0; i < h->count; i++) {
        /* Commands before these were for entering. */
        h->peers[i].cmd = (u64)h->in_flight * 2;
        for (u32 k = 0; k < h->in_flight; k++)
            put_answer(h, &h->peers[i]);
        flush(h, &h->peers[i]);
    }
    while (now_ns() < until)
        poll_once(h, 10);
    double seconds = (double)(now_ns() - start) / 1e9;
    printf("{\"answers_per_s\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"answers\":%llu,\"batch\":%."
           "0f}\n",
           (double)h->done / seconds, percentile_ms(h, 0.5), percentile_ms(h, 0.99),
           (unsigned long long)h->done,
           h->transactions > 0 ? (double)h->done / h->transactions : 0);
}

static u8 *all_targets(const Hall *h)
{
    u8 *bytes = malloc((size_t)h->count * TARGET_BYTES);
    if (!bytes) die("memory", NULL);
    for (u32 i = 0; i < h->count; i++)
        for (int k = 0; k < TARGET_BYTES; k++)
            bytes[i * TARGET_BYTES + (u32)k] = (u8)(h->peers[i].attempt >> 8 * k);
    return bytes;
}

/* One command for all; returns after how many ms the last one had its event. */
static double mass_action(Hall *h, Span targets, const Command *c, EventKind awaited)
{
    Peer *proctor = &h->peers[h->count];
    ping_all(h);
    h->seen = h->replies = 0;
    h->awaited = awaited;
    put_command(h, proctor, targets, c);
    h->round_ns = now_ns();
    flush(h, proctor);
    poll_until(h, &h->seen, h->count, patience(), "a mass action");
    double ms = (double)(now_ns() - h->round_ns) / 1e6;
    poll_until(h, &h->replies, h->count, patience(), "the replies of a mass action");
    return ms;
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void measure_pause(Hall *h, u32 rounds)
{
    static u32 unused[LATENCY_SLOTS];
    double last_ms[ROUNDS_LIMIT];
    u8 *bytes = all_targets(h);
    Span targets = {bytes, (size_t)h->count * TARGET_BYTES};
    Command pause = {.kind = CMD_pause}, resume = {.kind = CMD_resume};
    pause.pause.reason = SPAN("Please wait: the room is being looked after.");
    for (u32 r = 0; r < rounds; r++) {
        last_ms[r] = mass_action(h, targets, &pause, EVT_paused);
        /* Resuming is the way back to the start: its times are not counted. */
        u64 done = h->done;
        u32 *kept = h->latency;
        h->latency = unused;
        mass_action(h, targets, &resume, EVT_resumed);
        h->latency = kept;
        h->done = done;
    }
    qsort(last_ms, rounds, sizeof *last_ms, by_number);
    printf("{\"last_ms\":%.2f,\"worst_ms\":%.2f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"rounds\":%u}\n",
           last_ms[rounds / 2], last_ms[rounds - 1], percentile_ms(h, 0.5), percentile_ms(h, 0.99),
           rounds);
    free(bytes);
}

/* ---- arguments ---- */

static u64 number(char **args, int at, u64 least, u64 most)
{
    u64 v = 0;
    if (text_to_u64(span_of(args[at]), &v) && v >= least && v <= most) return v;
    fprintf(stderr,
            "hall: argument %d must be a number from %llu to %llu; see the head of bench/hall.c\n",
            at, (unsigned long long)least, (unsigned long long)most);
    exit(2);
}

static void hall_init(Hall *h, char **args)
{
    struct rlimit r;
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
    h->epoll = epoll_create1(0);
    h->port = (u16)number(args, 2, 1, 65535);
    h->count = (u32)number(args, 3, 1, CANDIDATES_LIMIT);
    h->peers = calloc(h->count + 1, sizeof *h->peers);
    h->latency = calloc(LATENCY_SLOTS, sizeof *h->latency);
    h->pinged_ns = now_ns();
    buf_init(&h->out, 1 << 24);
    buf_init(&h->message, 1 << 20);
    if (h->epoll < 0 || !h->peers || !h->latency) die("memory", NULL);
}

static void say_connected(void)
{
    printf("connected\n");
    fflush(stdout);
}

int main(int count, char **args)
{
    static Hall h;
    if (count != 9) {
        fprintf(stderr, "hall: see the head of bench/hall.c for the arguments\n");
        return 2;
    }
    hall_init(&h, args);
    if (span_equal(span_of(args[1]), SPAN("answers"))) {
        h.in_flight = (u32)number(args, 4, 1, IN_FLIGHT_LIMIT);
        u32 ms = (u32)number(args, 5, 1, MILLISECONDS_LIMIT);
        h.code = args[6];
        h.disclosure = (u32)number(args, 7, 0, UINT32_MAX);
        h.items = (u32)number(args, 8, 1, 1000);
        enter_all(&h);
        say_connected();
        measure_answers(&h, ms);
        return 0;
    }
    u32 rounds = (u32)number(args, 4, 1, ROUNDS_LIMIT);
    h.session = number(args, 5, 0, (u64)1 << 50);
    h.code = args[6];
    h.disclosure = (u32)number(args, 7, 0, UINT32_MAX);
    h.cookie = args[8];
    h.in_flight = 1;
    enter_all(&h);
    peer_open(&h, &h.peers[h.count]);
    poll_until(&h, &h.active, h.count + 1, patience(), "the proctor");
    say_connected();
    measure_pause(&h, rounds);
    return 0;
}
