/* hall.c - a hall full of candidates for one server on the loopback: joins them, brings them into their
 * exam over the live socket, then measures. Bounded in number and time.
 *
 *   hall answers PORT CANDIDATES CODE DISCLOSURE IN_FLIGHT MILLISECONDS ITEMS
 *       each candidate keeps IN_FLIGHT answers under way: answers/s, time from sending to the receipt
 *   hall paced PORT CANDIDATES CODE DISCLOSURE GROUP MILLISECONDS ITEMS RATE
 *       RATE answers/s are offered whatever comes back, GROUP at once of each candidate in turn: the time
 *       counts from the instant at which an answer was due
 *   hall pause PORT CANDIDATES CODE DISCLOSURE ROUNDS SESSION COOKIE
 *       a proctor, signed in by COOKIE and watching the session's feed, pauses everybody with one
 *       command: time until each candidate has the event; then resumes everybody
 *   hall start PORT CANDIDATES CODE DISCLOSURE SESSION COOKIE
 *       all wait; the proctor starts the session: time until each candidate has the event that its exam has
 *       begun, has asked for the paper and has it
 *   hall back PORT CANDIDATES CODE DISCLOSURE
 *       waits until all connections break; time until each candidate follows its attempt again
 *   hall idle PORT CANDIDATES CODE DISCLOSURE
 *       stays in the exam until the end of input; says "settled" when it has been quiet for a while
 *
 * CODE "-": a peer that knows no joining; whoever has said hello takes part. Prints "connected" when all
 * are in their exam, later one JSON object. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/parts/peer.h"

enum {
    ROUNDS_LIMIT = 100,
    MILLISECONDS_LIMIT = 20000,
    RATE_LIMIT = 1000000,
    PACED_GROUPS = 16,    /* sent before looking at what has come */
    RECEIPT_SIZE_AT = 97, /* where a receipt says how many answers its turn had */
    FIRST_ARGUMENT = 6,   /* of a measure */
    IDLE_MS_LIMIT = 60000,
    SETTLED_MS = 2000,
};

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

static void cookie_of_proctor(Hall *h, const char *cookie)
{
    h->staff = true;
    snprintf(h->peers[h->count].cookie, COOKIE_BYTES, "%s", cookie);
}

static void say_connected(void)
{
    printf("connected\n");
    fflush(stdout);
}

/* ---- answers ---- */

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
    peer_put_own(h, p, &c);
    p->waiting++;
    p->sent_ns[p->cmd % IN_FLIGHT_LIMIT] = h->paced ? h->due_ns : now_ns();
}

static void receipt_came(Hall *h, Peer *p, const Msg_reply *r)
{
    if (p->step != STEP_ACTIVE || r->cmd <= p->entered_cmd) return;
    if (!is_bare(h)) {
        u32 size;
        if (r->receipt.len < RECEIPT_SIZE_AT + 4) die("an answer", "came back without a receipt");
        memcpy(&size, r->receipt.ptr + RECEIPT_SIZE_AT, 4);
        h->transactions += 1.0 / size;
    }
    times_note(h->times, p->sent_ns[r->cmd % IN_FLIGHT_LIMIT]);
    p->waiting--;
    if (!h->paced) put_answer(h, p);
}

/* Commands before these were for entering. */
static void answers_begin(Hall *h)
{
    h->on_reply = receipt_came;
    for (u32 i = 0; i < h->count; i++)
        h->peers[i].cmd = h->peers[i].entered_cmd = IN_FLIGHT_LIMIT;
}

static void answers_say(const Hall *h, u64 start_ns, u64 sent)
{
    double seconds = (double)(now_ns() - start_ns) / 1e9;
    printf("{\"answers_per_s\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"answers\":%llu,"
           "\"sent\":%llu,\"turn\":%.0f}\n",
           (double)h->times->count / seconds, times_percentile(h->times, 0.5),
           times_percentile(h->times, 0.99), (unsigned long long)h->times->count,
           (unsigned long long)sent,
           h->transactions > 0 ? (double)h->times->count / h->transactions : 0);
}

static void answers_enter(Hall *h, char **args, u32 *ms)
{
    h->in_flight = (u32)number(args, FIRST_ARGUMENT, 1, IN_FLIGHT_LIMIT);
    *ms = (u32)number(args, FIRST_ARGUMENT + 1, 1, MILLISECONDS_LIMIT);
    h->items = (u32)number(args, FIRST_ARGUMENT + 2, 1, 1000);
    enter_all(h);
    say_connected();
    answers_begin(h);
}

static void measure_answers(Hall *h, char **args)
{
    u32 ms;
    answers_enter(h, args, &ms);
    u64 start = now_ns(), until = start + (u64)ms * 1000000;
    for (u32 i = 0; i < h->count; i++) {
        for (u32 k = 0; k < h->in_flight; k++)
            put_answer(h, &h->peers[i]);
        flush(h, &h->peers[i]);
    }
    while (now_ns() < until)
        poll_once(h, 10);
    answers_say(h, start, h->times->count);
}

/* The candidate whose turn it is sends a group; false: too many of its answers are under way, and the
 * others wait with it. */
static bool send_group(Hall *h, u64 groups)
{
    Peer *p = &h->peers[groups % h->count];
    if (p->waiting + h->in_flight > IN_FLIGHT_LIMIT) return false;
    for (u32 k = 0; k < h->in_flight; k++)
        put_answer(h, p);
    flush(h, p);
    return true;
}

static void measure_paced(Hall *h, char **args)
{
    u32 ms, rate = (u32)number(args, FIRST_ARGUMENT + 3, 1, RATE_LIMIT);
    answers_enter(h, args, &ms);
    u64 start = now_ns(), until = start + (u64)ms * 1000000, groups = 0;
    u64 every_ns = (u64)h->in_flight * 1000000000 / rate;
    h->paced = true;
    while (now_ns() < until) {
        h->due_ns = start + groups * every_ns;
        bool sent = now_ns() >= h->due_ns && send_group(h, groups);
        groups += sent;
        if (!sent || groups % PACED_GROUPS == 0) poll_once(h, !sent);
    }
    answers_say(h, start, groups * h->in_flight);
}

/* ---- one command for all ---- */

static void awaited_came(Hall *h, Peer *p, EventKind kind)
{
    if (kind != h->awaited || is_staff(h, p)) return;
    times_note(h->times, h->round_ns);
    h->seen++;
}

static void proctor_reply(Hall *h, Peer *p, const Msg_reply *r)
{
    (void)r;
    if (is_staff(h, p)) h->replies++;
}

static u8 *all_targets(const Hall *h)
{
    u8 *bytes = malloc((size_t)h->count * TARGET_BYTES);
    if (!bytes) die("memory", NULL);
    for (u32 i = 0; i < h->count; i++)
        target_write(bytes + (size_t)i * TARGET_BYTES, h->peers[i].attempt);
    return bytes;
}

/* One command for all; returns after how many ms the last one had its event. */
static double mass_action(Hall *h, Span targets, const Command *c, EventKind awaited)
{
    Peer *proctor = &h->peers[h->count];
    ping_all(h);
    h->seen = h->replies = 0;
    h->awaited = awaited;
    peer_put(h, proctor, targets, c);
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

static void pause_rounds(Hall *h, u32 rounds, double *last_ms)
{
    static Times unused;
    u8 *bytes = all_targets(h);
    Span targets = {bytes, (size_t)h->count * TARGET_BYTES};
    Command pause = {.kind = CMD_pause}, resume = {.kind = CMD_resume};
    pause.pause.reason = SPAN("Please wait: the room is being looked after.");
    for (u32 r = 0; r < rounds; r++) {
        last_ms[r] = mass_action(h, targets, &pause, EVT_paused);
        /* Resuming is the way back to the start: its times are not counted. */
        Times *kept = h->times;
        h->times = &unused;
        mass_action(h, targets, &resume, EVT_resumed);
        h->times = kept;
    }
    free(bytes);
}

static void measure_pause(Hall *h, char **args)
{
    double last_ms[ROUNDS_LIMIT];
    u32 rounds = (u32)number(args, FIRST_ARGUMENT, 1, ROUNDS_LIMIT);
    h->session = number(args, FIRST_ARGUMENT + 1, 0, (u64)1 << 50);
    cookie_of_proctor(h, args[FIRST_ARGUMENT + 2]);
    enter_all(h);
    say_connected();
    h->on_event = awaited_came;
    h->on_reply = proctor_reply;
    pause_rounds(h, rounds, last_ms);
    qsort(last_ms, rounds, sizeof *last_ms, by_number);
    printf("{\"last_ms\":%.2f,\"worst_ms\":%.2f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"rounds\":%u}\n",
           last_ms[rounds / 2], last_ms[rounds - 1], times_percentile(h->times, 0.5),
           times_percentile(h->times, 0.99), rounds);
}

/* ---- everybody begins ---- */

static void began_came(Hall *h, Peer *p, EventKind kind)
{
    if (kind == EVT_began) put_message(&h->out, &(Message){.kind = MSG_read_paper});
    (void)p; /* take_bytes sends it */
}

static void paper_came(Hall *h, Peer *p)
{
    (void)p;
    h->papers++;
    times_note(h->times, h->round_ns);
}

static void measure_start(Hall *h, char **args)
{
    u8 target[TARGET_BYTES];
    Peer *proctor = &h->peers[h->count];
    h->session = number(args, FIRST_ARGUMENT, 0, (u64)1 << 50);
    cookie_of_proctor(h, args[FIRST_ARGUMENT + 1]);
    h->enter_waiting = true;
    enter_all(h);
    say_connected();
    h->on_event = began_came;
    h->on_paper = paper_came;
    target_write(target, h->session);
    peer_put(h, proctor, (Span){target, sizeof target}, &(Command){.kind = CMD_start_session});
    h->round_ns = now_ns();
    flush(h, proctor);
    poll_until(h, &h->papers, h->count, patience(), "papers");
    double last_ms = (double)(now_ns() - h->round_ns) / 1e6;
    printf("{\"last_ms\":%.2f,\"p50_ms\":%.2f,\"p99_ms\":%.2f}\n", last_ms,
           times_percentile(h->times, 0.5), times_percentile(h->times, 0.99));
}

/* ---- everybody comes back ---- */

static void back_came(Hall *h, Peer *p)
{
    (void)p;
    h->back++;
    times_note(h->times, h->round_ns);
}

static void measure_back(Hall *h, char **args)
{
    (void)args;
    enter_all(h);
    h->may_lose = true;
    h->on_back = back_came;
    say_connected();
    poll_until(h, &h->lost, 1, patience(), "the end of the server");
    h->round_ns = now_ns();
    poll_until(h, &h->back, h->count, patience(), "coming back");
    printf("{\"last_ms\":%.2f,\"p50_ms\":%.2f,\"p99_ms\":%.2f}\n",
           (double)(now_ns() - h->round_ns) / 1e6, times_percentile(h->times, 0.5),
           times_percentile(h->times, 0.99));
}

/* ---- nobody does anything ---- */

static void measure_idle(Hall *h, char **args)
{
    (void)args;
    struct pollfd end = {.fd = 0, .events = POLLIN};
    enter_all(h);
    say_connected();
    u64 from = now_ns(), until = from + (u64)IDLE_MS_LIMIT * 1000000;
    bool settled = false;
    while (now_ns() < until && poll(&end, 1, 0) == 0) {
        poll_once(h, 100);
        ping_all(h);
        if (settled || now_ns() - from < (u64)SETTLED_MS * 1000000) continue;
        settled = true;
        printf("settled\n");
        fflush(stdout);
    }
    printf("{}\n");
}

/* ---- the program ---- */

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
    h->code = args[4];
    h->disclosure = (u32)number(args, 5, 0, UINT32_MAX);
    h->in_flight = 1;
    h->peers = calloc((size_t)h->count + 1, sizeof *h->peers);
    h->times = calloc(1, sizeof *h->times);
    h->pinged_ns = now_ns();
    buf_init(&h->out, 1 << 24);
    if (h->epoll < 0 || !h->peers || !h->times) die("memory", NULL);
}

int main(int count, char **args)
{
    static const struct Mode {
        const char *name;
        int arguments;
        void (*measure)(Hall *h, char **args);
    } modes[] = {
        {"answers", 3, measure_answers}, {"paced", 4, measure_paced}, {"pause", 3, measure_pause},
        {"start", 2, measure_start},     {"back", 0, measure_back},   {"idle", 0, measure_idle},
    };
    static Hall h;
    for (size_t i = 0; count > 1 && i < COUNT_OF(modes); i++) {
        if (!span_equal(span_of(args[1]), span_of(modes[i].name))) continue;
        if (count != FIRST_ARGUMENT + modes[i].arguments) break;
        hall_init(&h, args);
        modes[i].measure(&h, args);
        return 0;
    }
    fprintf(stderr, "hall: see the head of bench/hall.c for the arguments\n");
    return 2;
}
