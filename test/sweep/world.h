/* world.h - a small exam on the real engine, log, writer thread and evidence files, without a network: the
 * test plays the loop, and the devices that ask again until they are answered. What they know - which
 * answers were acknowledged - outlives the server, which may end at any call. */
#ifndef INVIGIL_TEST_SWEEP_WORLD_H
#define INVIGIL_TEST_SWEEP_WORLD_H

#include "app/engine.h"
#include "store/log.h"
#include "store/pack_internal.h"
#include "test/store/kit.h"
#include "test/sweep/faults.h"

enum {
    CANDIDATES = 2,
    ITEMS = 2,
    REVISIONS = 2,
    RECORDS = 2, /* of evidence, of each candidate */
    RECORD_BYTES = PACK_RECORD_HEADER_BYTES + 60,
    RECEIPT_BYTES = 1024,
    TRIES = 6, /* of one step, before the test gives up */
    WORLD_NOW_MS = 1700000000,
    PROCTOR_USER = 2,
    PLANNER_USER = 3,
};

static const Asker PLANNER_ASKS = {.user = PLANNER_USER, .roles = BY_PLANNER};
static const Asker PROCTOR_ASKS = {.user = PROCTOR_USER, .roles = BY_PROCTOR};
static const Asker SERVER_ASKS = {.roles = BY_SERVER};
static const Asker NOBODY_ASKS = {.roles = BY_CANDIDATE};

typedef enum Asked {
    ASKED_ANSWERED, /* see world.reply */
    ASKED_AGAIN,    /* not taken: ask again */
    ASKED_LOST,     /* the server has to end */
} Asked;

typedef struct Kept { /* one answer */
    bool acknowledged;
    u64 ver;
    size_t len; /* of its receipt */
    u8 receipt[RECEIPT_BYTES];
} Kept;

typedef struct World {
    /* the server; NULL or zero while it is off */
    Log *log;
    Writer *writer;
    Packs *packs;
    Engine *engine;
    pthread_mutex_t lock; /* of `rung` */
    pthread_cond_t bell;
    bool rung;
    u32 replies;
    Reply reply;
    u8 receipt[RECEIPT_BYTES];
    /* what outlives it */
    u8 sign_public[SEAL_SIGN_PUBLIC_BYTES], sign_secret[SEAL_SIGN_SECRET_BYTES];
    i64 now_ms;
    u64 cmd;
    u32 starts;
    Kept kept[CANDIDATES][ITEMS + 1][REVISIONS + 1];
    u32 recorded[CANDIDATES];  /* pieces of evidence that were told as durable */
    u32 delivered[CANDIDATES]; /* to the server that runs */
    bool paused;
} World;

static World world = {.lock = PTHREAD_MUTEX_INITIALIZER, .bell = PTHREAD_COND_INITIALIZER};

static void world_ring(void *ctx)
{
    World *w = ctx;
    pthread_mutex_lock(&w->lock);
    w->rung = true;
    pthread_cond_signal(&w->bell);
    pthread_mutex_unlock(&w->lock);
}

static void world_wait(World *w)
{
    pthread_mutex_lock(&w->lock);
    while (!w->rung)
        pthread_cond_wait(&w->bell, &w->lock);
    w->rung = false;
    pthread_mutex_unlock(&w->lock);
}

static void nobody_watches(void *ctx, u64 stream, u64 ver, const Event *e, Span encoded)
{
    (void)ctx, (void)stream, (void)ver, (void)e, (void)encoded;
}

static void nobody_lists(void *ctx, u64 session, const Row *row)
{
    (void)ctx, (void)session, (void)row;
}

/* ---- the server ---- */

static void world_stop(World *w)
{
    if (w->writer) writer_close(w->writer);
    if (w->packs) packs_close(w->packs);
    engine_close(w->engine);
    log_close(w->log);
    w->writer = NULL;
    w->packs = NULL;
    w->engine = NULL;
    w->log = NULL;
    w->rung = false;
    memset(w->delivered, 0, sizeof w->delivered);
}

static bool world_open_stores(World *w)
{
    static const LogOptions faulty = {.vfs = "fault"};
    char why[300] = "";
    w->log = log_open(in_folder("log.db"), &faulty, why, sizeof why);
    if (w->log) w->writer = writer_open(w->log, world_ring, w);
    if (w->writer) w->packs = packs_open(in_folder("evidence"), world_ring, w, why, sizeof why);
    if (!w->packs) return false;
    pthread_mutex_lock(&w->packs->lock);
    w->packs->sync_ms = 1;
    pthread_mutex_unlock(&w->packs->lock);
    return true;
}

static Err entry_seen(void *ctx, u64 session, const PackEntry *e)
{
    (void)ctx, (void)session, (void)e;
    return OK;
}

/* False: it does not start; what it has opened is closed again. */
static bool world_start(World *w)
{
    w->starts++;
    bool fine = world_open_stores(w);
    if (fine) {
        EnginePorts ports = {.log = writer_port(w->writer),
                             .sign_secret = w->sign_secret,
                             .on_event = nobody_watches,
                             .on_row = nobody_lists,
                             .ctx = w};
        w->engine = engine_open(&ports);
    }
    fine = fine && w->engine && engine_replay(w->engine, w->now_ms, NULL) == OK &&
           packs_scan(w->packs, entry_seen, w) == OK;
    if (!fine) world_stop(w);
    return fine;
}

/* ---- asking ---- */

static void world_replied(void *ctx, const Reply *r)
{
    World *w = ctx;
    w->replies++;
    w->reply = *r;
    if (r->receipt.len > sizeof w->receipt) abort();
    if (r->receipt.len) memcpy(w->receipt, r->receipt.ptr, r->receipt.len);
    w->reply.receipt = (Span){w->receipt, r->receipt.len};
}

/* Turns until the reply is there; never waits for what nobody writes. */
static Asked world_settle(World *w, u32 before)
{
    for (int turns = 0; w->replies == before; turns++) {
        Err fault = OK;
        bool turned = engine_turn(w->engine, ++w->now_ms);
        if (engine_broken(w->engine)) return ASKED_LOST;
        if (w->replies != before) break;
        u64 durable = writer_durable(w->writer, &fault);
        if (!fault && durable < engine_submitted(w->engine)) {
            world_wait(w);
            durable = writer_durable(w->writer, &fault);
        } else if (!turned && turns > TRIES) {
            return ASKED_AGAIN;
        }
        engine_durable(w->engine, durable, w->now_ms);
        if (fault) return w->replies == before ? ASKED_LOST : ASKED_ANSWERED;
    }
    return ASKED_ANSWERED;
}

static Asked world_ask(World *w, const Asker *who, u64 target, u64 session, const Command *c)
{
    u32 before = w->replies;
    Err err = engine_ask(w->engine, who, ++w->cmd, target, session, c, world_replied, w);
    return err ? ASKED_AGAIN : world_settle(w, before);
}

#endif
