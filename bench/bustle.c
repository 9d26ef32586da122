/* bustle.c - many sessions at once for one server on the loopback, each with a proctor who watches: what a
 * candidate does is awaited at the proctor's socket, what a proctor does at the candidate's. Bounded in number
 * and time.
 *
 *   bustle PORT SESSIONS DISCLOSURE RATE MILLISECONDS FLOOD COOKIE EACH < "CODE SESSION" a line
 *
 * EACH candidates in each session; RATE actions a second in all, by turns a candidate's (its hand goes up or
 * down) and a proctor's (a message to one candidate), spread over sessions and candidates. With FLOOD 1 one more
 * candidate of the first session sends messages meanwhile as fast as the server takes them. Prints "connected"
 * when all are in their exam, later one JSON object; times count from the instant at which an action was due. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/text.h"
#include "bench/parts/peer.h"

enum {
    HALLS_LIMIT = 400,
    EACH_LIMIT = 500,
    RATE_LIMIT = 100000,
    MILLISECONDS_LIMIT = 60000,
    PING_SPREAD_NS = 20000000, /* between the halls */
    FLOOD_BYTES = 60000,       /* handed to the kernel at once */
};

/* What is awaited of a candidate: since when, 0: nothing. */
typedef struct Act {
    u64 up_ns, down_ns;
    bool hand;
} Act;

typedef struct Room {
    Hall hall; /* first: what a hall calls back is cast to its room */
    Act *acts;
    char code[32];
    u32 flood_at; /* in the frames of the one who floods */
} Room;

typedef struct House {
    u32 rooms, each;
    int epoll; /* of the epolls of the halls */
    Room *room;
    Times up, down; /* from candidate to proctor, from proctor to candidate */
    u64 skipped, flooded;
} House;

static House house;

static u64 number(char **args, int at, u64 least, u64 most)
{
    u64 v = 0;
    if (text_to_u64(span_of(args[at]), &v) && v >= least && v <= most) return v;
    fprintf(stderr, "bustle: argument %d must be a number from %llu to %llu\n", at,
            (unsigned long long)least, (unsigned long long)most);
    exit(2);
}

/* ---- what is awaited ---- */

static void done_at(Times *t, u64 *since_ns)
{
    if (*since_ns) times_note(t, *since_ns);
    *since_ns = 0;
}

static void candidate_hears(Hall *h, Peer *p, EventKind kind)
{
    if (kind == EVT_messaged && p < h->peers + house.each)
        done_at(&house.down, &((Room *)h)->acts[p - h->peers].down_ns);
}

static void proctor_hears(Hall *h, u64 attempt, EventKind kind)
{
    if (kind != EVT_hand_raised && kind != EVT_hand_lowered) return;
    for (u32 i = 0; i < house.each; i++)
        if (h->peers[i].attempt == attempt) done_at(&house.up, &((Room *)h)->acts[i].up_ns);
}

/* ---- acting ---- */

static void candidate_acts(Room *r, u32 i, u64 due_ns)
{
    Act *a = &r->acts[i];
    Command c = {.kind = a->hand ? CMD_lower_hand : CMD_raise_hand};
    if (!a->hand) c.raise_hand.text = SPAN("A word in the third question is not clear.");
    a->hand = !a->hand;
    a->up_ns = due_ns;
    peer_put_own(&r->hall, &r->hall.peers[i], &c);
    flush(&r->hall, &r->hall.peers[i]);
}

static void proctor_acts(Room *r, u32 i, u64 due_ns)
{
    u8 target[TARGET_BYTES];
    Peer *proctor = &r->hall.peers[r->hall.count];
    Command c = {.kind = CMD_message};
    c.message.text = SPAN("Please move the lamp a little to the left.");
    target_write(target, r->hall.peers[i].attempt);
    r->acts[i].down_ns = due_ns;
    peer_put(&r->hall, proctor, (Span){target, sizeof target}, &c);
    flush(&r->hall, proctor);
}

/* The n-th action of all; one whose candidate has the last one still under way is left out and counted. */
static void act(u64 n, u64 due_ns)
{
    Room *r = &house.room[n % house.rooms];
    u32 i = (u32)(n / house.rooms % house.each);
    bool up = (n / house.rooms + n) % 2;
    if (up ? r->acts[i].up_ns : r->acts[i].down_ns) house.skipped++;
    else if (up) candidate_acts(r, i, due_ns);
    else proctor_acts(r, i, due_ns);
}

static void hear(int wait_ms)
{
    struct epoll_event e[HALLS_LIMIT];
    int n = epoll_wait(house.epoll, e, COUNT_OF(e), wait_ms);
    for (int k = 0; k < n; k++)
        poll_once(e[k].data.ptr, 0);
}

static void ping_rooms(void)
{
    for (u32 i = 0; i < house.rooms; i++)
        ping_all(&house.room[i].hall);
}

/* ---- one who floods: sends what the kernel takes, reads what comes ---- */

static void flood(Room *r, const Buf *frames)
{
    Peer *p = &r->hall.peers[house.each];
    if (p->step != STEP_ACTIVE) r->flood_at = 0;
    if (p->step != STEP_ACTIVE) return;
    ssize_t n = send(p->fd, frames->ptr + r->flood_at, frames->len - r->flood_at,
                     MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n <= 0) return;
    house.flooded += (u64)n;
    r->flood_at = (u32)((r->flood_at + (size_t)n) % frames->len);
}

/* Messages under numbers that count on, as many as are handed over at once: sent again and again, they are known
 * to the server, which must look at each all the same. */
static void make_flood(Room *r, Buf *frames)
{
    Peer *p = &r->hall.peers[house.each];
    Command c = {.kind = CMD_say};
    c.say.text = SPAN("Hello? Hello? Hello?");
    p->unpinged = true;
    buf_init(frames, FLOOD_BYTES * 2);
    while (frames->len < FLOOD_BYTES)
        put_own_command(frames, ++p->cmd, p->attempt, &c);
}

/* ---- the measure ---- */

static void bustle(u64 rate, u64 ms, bool flooding)
{
    static Buf frames;
    u64 start = now_ns(), until = start + ms * 1000000, every_ns = 1000000000 / rate, n = 0;
    if (flooding) make_flood(&house.room[0], &frames);
    while (now_ns() < until) {
        u64 due_ns = start + n * every_ns;
        if (now_ns() >= due_ns) act(n++, due_ns);
        else hear(flooding ? 0 : 1);
        if (flooding) flood(&house.room[0], &frames);
        if (n % 16 == 0) hear(0);
        ping_rooms();
    }
    printf("{\"up_p50_ms\":%.2f,\"up_p99_ms\":%.2f,\"down_p50_ms\":%.2f,\"down_p99_ms\":%.2f,"
           "\"up\":%llu,"
           "\"down\":%llu,\"acts\":%llu,\"skipped\":%llu,\"flooded\":%llu,\"cut\":%u}\n",
           times_percentile(&house.up, 0.5), times_percentile(&house.up, 0.99),
           times_percentile(&house.down, 0.5), times_percentile(&house.down, 0.99),
           (unsigned long long)house.up.count, (unsigned long long)house.down.count,
           (unsigned long long)n, (unsigned long long)house.skipped,
           (unsigned long long)house.flooded, house.room[0].hall.lost);
}

/* ---- entering ---- */

static void room_init(Room *r, char **args, u32 order, u32 flooders)
{
    Hall *h = &r->hall;
    unsigned long long session;
    if (scanf("%31s %llu", r->code, &session) != 2) die("the input", "has too few sessions");
    h->epoll = epoll_create1(0);
    h->port = (u16)number(args, 1, 1, 65535);
    h->count = house.each + flooders;
    h->code = r->code;
    h->session = session;
    h->disclosure = (u32)number(args, 3, 0, UINT32_MAX);
    h->in_flight = 1;
    h->staff = true;
    h->may_be_refused = h->may_lose = flooders > 0; /* who floods may be stopped, and comes back */
    h->pinged_ns = now_ns() - (u64)order * PING_SPREAD_NS;
    h->peers = calloc(h->count + 1, sizeof *h->peers);
    r->acts = calloc(house.each, sizeof *r->acts);
    buf_init(&h->out, 1 << 20);
    if (h->epoll < 0 || !h->peers || !r->acts) die("memory", NULL);
    snprintf(h->peers[h->count].cookie, COOKIE_BYTES, "%s", args[7]);
}

static void room_enter(Room *r)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &r->hall};
    enter_all(&r->hall);
    r->hall.on_event = candidate_hears;
    r->hall.on_feed = proctor_hears;
    if (epoll_ctl(house.epoll, EPOLL_CTL_ADD, r->hall.epoll, &e) != 0) die("epoll_ctl", NULL);
    hear(0);
    ping_rooms();
}

static void house_init(char **args)
{
    struct rlimit files;
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    house.epoll = epoll_create1(0);
    house.rooms = (u32)number(args, 2, 1, HALLS_LIMIT);
    house.each = (u32)number(args, 8, 1, EACH_LIMIT);
    house.room = calloc(house.rooms, sizeof *house.room);
    if (house.epoll < 0 || !house.room) die("memory", NULL);
}

int main(int count, char **args)
{
    if (count != 9) {
        fprintf(stderr, "bustle: see the head of bench/bustle.c for the arguments\n");
        return 2;
    }
    house_init(args);
    u64 rate = number(args, 4, 1, RATE_LIMIT), ms = number(args, 5, 1, MILLISECONDS_LIMIT);
    bool flooding = number(args, 6, 0, 1);
    for (u32 i = 0; i < house.rooms; i++)
        room_init(&house.room[i], args, i, i == 0 && flooding);
    for (u32 i = 0; i < house.rooms; i++)
        room_enter(&house.room[i]);
    printf("connected\n");
    fflush(stdout);
    bustle(rate, ms, flooding);
    return 0;
}
