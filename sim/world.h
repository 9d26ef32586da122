/* world.h - one simulated exam: time, a network, a disk; a server that runs the real engine, core, feed
 * and log; candidates with their devices, two proctors. Everything that happens comes from one seed.
 *
 *   world.c    time: what happens next          weather.c  what goes wrong, and when
 *   disk.c     the disk under SQLite            page.c     a browser page: its socket, what it waits for
 *   server.c   the process and its sockets      device.c   a candidate's page: journal, core, person
 *   setup.c    the session before it begins     staff.c    a proctor's page: clicks, the live monitor
 *   judge.c, account.c, oracle.c: what must be true (see judge.h)
 *
 * The world's clock (now_ms) is the truth that nobody in it can read. */
#ifndef INVIGIL_SIM_WORLD_H
#define INVIGIL_SIM_WORLD_H

#include "app/engine.h"
#include "app/feed.h"
#include "base/clock.h"
#include "sim/disk.h"
#include "sim/prng.h"
#include "store/log_internal.h"

enum {
    CANDIDATES_MAX = 6,
    DEVICES_EACH = 2,
    DEVICES_MAX = CANDIDATES_MAX * DEVICES_EACH,
    PROCTORS = 2,
    PAGES_MAX =
        DEVICES_MAX + PROCTORS, /* candidate c has pages 2c and 2c + 1; the last are staff's */
    LIVES_MAX = 64,
    PENDING_MAX = 48,
    SIM_ITEMS = 6,
    REVS_MAX = 160, /* revisions of one answer; nobody types more here */
    COMMAND_BYTES = 96,
    SIM_SEAT_ELSEWHERE = 0, /* see schema/wire.def */
    SIM_SEAT_HERE = 1,
    SIM_SEAT_ASKED = 2,
    SIM_SEAT_DECLINED = 3,
    SIM_EPOCH_MS = 1700000000, /* when the world begins */
    SIM_END_MS = 12 * 3600000, /* it does not go on longer than that */
    PLANNER = 8,
    PROCTOR = 20, /* and the one after it */
};

typedef struct World World;
typedef struct Judge Judge;
typedef void WorldFn(World *w, u32 who, u64 arg);

/* A command that the page sends until a reply names it. */
typedef struct Pending {
    u64 cmd, target;
    i64 sent_ms;
    u32 len;
    u32 item, rev; /* of an answer */
    u8 bytes[COMMAND_BYTES];
} Pending;

/* The newest text of one question, as the journal of the device keeps it. A text is its number. */
typedef struct Draft {
    u32 rev, text, flying_rev, server_rev;
    i64 device_ms;
    enum { DRAFT_NONE, DRAFT_KEPT, DRAFT_STORED, DRAFT_REFUSED } state;
} Draft;

/* The socket of a page, as the page sees it. */
typedef struct Line {
    u32 nth;      /* counts this page's connections */
    bool up;      /* the page believes in it */
    bool deaf;    /* something on its way down was lost: nothing more arrives */
    bool planned; /* a delivery is under way */
    i64 heard_ms; /* when something last came down, or could have */
    Buf queue;    /* on its way down: u32 length, message */
} Line;

typedef struct Page {
    u32 index;
    Asker who;
    bool open;             /* the tab is there */
    bool resting;          /* told that another window leads: it does not come back by itself */
    bool net_up, net_down; /* whether bytes get through */
    bool tick_planned;
    u32 load; /* counts loads: what an earlier one planned is void */
    u32 tries;
    Line line;
    Pending pending[PENDING_MAX];
    u32 pending_count;
    u64 next_cmd;
    i64 clock_off_ms; /* device clock, against the truth */
    /* a candidate's: */
    u64 device;
    Draft draft[SIM_ITEMS + 1];
    i64 resend_ms; /* when unsent answers are tried again; 0: not planned */
    Attempt attempt;
    ItemState items[SIM_ITEMS + 1]; /* of attempt */
    Session session;
    bool caught_up, leads;
    /* a proctor's: */
    u64 feed_id, feed_seq;
    bool filling;
    Span row[CANDIDATES_MAX]; /* malloc'd, as encoded */
} Page;

/* The server's side of a socket; see http/live.c. */
typedef struct Live {
    bool used, leads;
    u32 page, nth;
    i64 heard_ms; /* by the server's clock */
    Watcher *watcher;
    World *w;
} Live;

typedef struct Downtime {
    i64 from_ms, to_ms; /* by the server's clock */
} Downtime;
enum { DOWNS_MAX = 256 };

/* What the weather of a seed is like: mean times, 0: never. */
typedef struct Weather {
    i64 lost_line_ms, partition_ms, crash_ms, disk_ms, clock_ms, tab_ms;
    u32 storm; /* 1: the base rate of lost connections; 100: a storm */
    i64 outage_most_ms;
} Weather;

typedef struct WorldCounts {
    u64 calm_exams, storms, gales; /* by how often connections are lost */
    u64 commands, acknowledged, refused, crashes, power_cuts, replays_cut, full_disks, sync_errors,
        disconnects, one_way, partitions, lost_messages, doubled_messages, clock_jumps, closed_tabs,
        device_changes, mass_actions, takeovers, compared_rows, compared_devices, redecided;
    i64 candidate_ms, simulated_ms;
} WorldCounts;

typedef struct Violations {
    u32 lost, doubled, wrong_deadlines, other;
    char first[256];
} Violations;

struct World {
    u64 seed;
    Prng prng;
    i64 now_ms;
    bool verbose, trace, over;
    bool calm; /* nothing goes wrong any more, so that everybody can catch up */
    /* server */
    bool up, dying; /* dying: it was struck; nothing more happens in this process */
    bool turn_planned, disk_planned, tidy_planned;
    u32 life;          /* counts processes */
    i64 steps_to_live; /* the process dies at that step; -1: not now */
    i64 replay_to_live;
    i64 wake_ms, flush_ms; /* true time of the planned wakes; 0: none */
    i64 wall_off_ms;       /* of the system's clock */
    Clock clock;
    u32 boot;                      /* counts boots of its machine */
    i64 booted_ms;                 /* when the last one was */
    i64 began_ms, began_server_ms; /* of this process: true and own time */
    Log *log;
    Engine *engine;
    Feeds *feeds;
    struct {
        LogBatch records;
        u64 batch;
    } waiting[WRITER_QUEUE_BATCHES_MAX];
    u32 waiting_count;
    Live lives[LIVES_MAX];
    Downtime downs[DOWNS_MAX];
    u32 down_count;
    i64 down_ms, down_since_ms;
    /* the exam */
    u64 session;
    u64 attempts[CANDIDATES_MAX];
    u32 candidate_count;
    i64 limit_ms, pace_ms;
    Weather weather;
    u32 next_text;
    Page pages[PAGES_MAX]; /* all before them begins at zero in each world */
    /* not of one seed */
    u8 sign_public[SEAL_SIGN_PUBLIC_BYTES], sign_secret[SEAL_SIGN_SECRET_BYTES];
    WorldCounts counts;
    Violations found;
    Judge *judge;
    struct Heap *heap;
};

/* ---- time (world.c) ---- */
void world_at(World *w, i64 at_ms, WorldFn *fn, u32 who, u64 arg);
static inline void world_in(World *w, i64 in_ms, WorldFn *fn, u32 who, u64 arg)
{
    world_at(w, w->now_ms + in_ms, fn, who, arg);
}
void violation(World *w, u32 *kind, const char *format, ...) PRINTF_LIKE(3, 4);
void world_trace(const World *w, const char *format, ...) PRINTF_LIKE(2, 3);
/* Static memory; valid until the next run. */
World *world_run(u64 seed, bool verbose, bool trace);

/* ---- the server (server.c, sockets.c) ---- */
i64 server_now_ms(World *w);
void server_start(World *w); /* opens the log, replays */
void server_crash(World *w, bool power_cut);
void server_plan_turn(World *w);
void server_plan_flush(World *w);
/* One more step of the process is done: it may be its last. True: it was. */
bool server_step(World *w);
/* Writes all that waits at once; the set-up and the end of the world need no disk that takes time. */
void server_settle(World *w);

/* A recording of this attempt is noted, as http/tally.c does. */
void server_note_media(World *w, u64 attempt);
/* A page's hello arrives; false: there is nobody to connect to. */
bool server_greet(World *w, Page *p);
void server_follow_again(World *w, Page *p);
void server_take(World *w, Page *p, u32 nth, const Pending *asked);
/* An event about devices was told: who leads now, and who not any more. */
void server_takeover(World *w, u64 attempt, const Event *e);
void server_hang_up(World *w, u32 page, u32 nth); /* the close of a page arrives */
void server_lose_lives(World *w);                 /* the process is gone, and its sockets */
/* Bytes of this page stopped getting through: when does the server think so? */
void server_misses(World *w, Page *p);

/* ---- pages (page.c) ---- */
void page_load(World *w, Page *p);  /* the tab opens */
void page_close(World *w, Page *p); /* and closes; the other side hears of it if it can */
void page_dial(World *w, u32 page, u64 load);
void page_drop_line(World *w, Page *p, bool server_hears);
void page_lost_line(World *w, Page *p); /* drops it and dials again later */
void page_ask(World *w, Page *p, u64 cmd, u64 target, const Command *c, u32 item, u32 rev);
void page_replied(World *w, Page *p, u32 nth, const Reply *r);
bool page_queue(World *w, Page *p, u32 nth, Span message); /* false: it cannot take more */
void page_taken_over(World *w, Page *p);
void page_net_changed(World *w, Page *p);
void page_server_gone(World *w, Page *p);
bool page_in_touch(const World *w, const Page *p); /* its connection works, both ways */
void page_message(World *w, Page *p, const Message *m);
static inline bool page_is_staff(const Page *p)
{
    return p->index >= DEVICES_MAX;
}
static inline bool world_quiet(const World *w)
{
    return w->up && !w->waiting_count && !w->turn_planned;
}

/* ---- people (device.c, staff.c, setup.c, weather.c) ---- */
void device_message(World *w, Page *p, const Message *m);
void device_replied(World *w, Page *p, const Pending *asked, const Reply *r);
void device_connected(World *w, Page *p);
void device_loaded(World *w, Page *p);
void device_begin(World *w, u32 page);
void device_compare(World *w, Page *p); /* live = client */
void staff_message(World *w, Page *p, const Message *m);
void staff_loaded(Page *p);
void staff_begin(World *w);
void staff_compare(World *w, Page *p);
void setup_session(World *w);
void weather_begin(World *w);
/* Texts by their number: "" is number 0. */
Span text_write(u32 number, char out[16]);
u32 text_read(Span text);

#endif
