/* world.h - one simulated exam: a clock, a network, a disk, a server that runs the real engine, core
 * and log, candidates, a proctor. Everything that happens comes from one seed. */
#ifndef INVIGIL_SIM_WORLD_H
#define INVIGIL_SIM_WORLD_H

#include "app/engine.h"
#include "sim/disk.h"
#include "sim/prng.h"
#include "store/log.h"

enum {
    CLIENTS_MAX = 6,
    JOURNAL_MAX = 1024,
    WORDS_MAX = 256,
    DOWNS_MAX = 1024,
    SIM_ITEMS = 8,
    SIM_EPOCH_MS = 1700000000, /* when the world begins */
    SIM_END_MS = 6 * 3600000,  /* it does not go on longer than that */
};

typedef struct World World;
typedef void WorldFn(World *w, u32 who, u64 arg);

/* One change of an answer, as the device keeps it until it is acknowledged. */
typedef struct Entry {
    u64 cmd;
    u32 item, rev;
    char text[24];
    enum { ENTRY_WAITS, ENTRY_STORED, ENTRY_REFUSED } state;
} Entry;

typedef struct Client {
    u32 index;
    u64 attempt, device, next_cmd;
    bool online;  /* the device has a network */
    i64 heard_ms; /* when the server last heard of it */
    u32 link;     /* counts connections: what was sent on an old one is lost */
    Entry journal[JOURNAL_MAX];
    u32 entries;
    u32 rev[SIM_ITEMS + 1];
    u64 words[WORDS_MAX]; /* command ids of chat lines that wait for a reply; 0: done */
    u32 word_count;
    bool done; /* wants nothing more */
} Client;

typedef struct Waiting { /* a batch on its way to the disk */
    const LogRecord *records;
    u32 count;
    u64 batch;
} Waiting;

typedef struct Downtime {
    i64 from_ms, to_ms;
} Downtime;

typedef struct WorldCounts {
    u64 commands, crashes, power_cuts, disconnects, lost_messages, doubled_messages, acknowledged;
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
    /* server */
    bool up, turn_planned;
    i64 wake_ms; /* when the engine is woken next; 0: not planned */
    Log *log;
    Engine *engine;
    Waiting waiting[WRITER_QUEUE_BATCHES_MAX];
    u32 waiting_count;
    bool disk_planned;
    i64 down_ms, down_since_ms; /* how long the server was not there in all */
    Downtime downs[DOWNS_MAX];
    u32 down_count;
    u8 sign_public[SEAL_SIGN_PUBLIC_BYTES], sign_secret[SEAL_SIGN_SECRET_BYTES];
    u64 session;
    u64 staff_cmd;
    Client clients[CLIENTS_MAX];
    u32 client_count;
    u32 weather; /* mean ms between lost connections of one candidate */
    WorldCounts counts;
    Violations found;
    struct Heap *heap;
};

/* ---- time ---- */
void world_at(World *w, i64 at_ms, WorldFn *fn, u32 who, u64 arg);
static inline void world_in(World *w, i64 in_ms, WorldFn *fn, u32 who, u64 arg)
{
    world_at(w, w->now_ms + in_ms, fn, who, arg);
}

/* ---- the server's life (server.c) ---- */
void server_start(World *w); /* opens the log, replays */
void server_crash(World *w, bool power_cut);
void server_plan_turn(World *w);
/* From the network: asks the engine, if there is one. */
void server_ask(World *w, const Asker *who, u64 cmd, u64 target, const Command *c, ReplyFn *reply,
                void *ctx);

/* ---- people (actors.c) ---- */
void actors_begin(World *w);
void client_check_stored(World *w,
                         Client *c); /* after a restart: is what was acknowledged there? */

/* ---- judgement (check.c) ---- */
void violation(World *w, u32 *kind, const char *format, ...) PRINTF_LIKE(3, 4);
void check_all(World *w);

World *world_run(u64 seed, bool verbose, bool trace); /* static memory; valid until the next run */

#endif
