/* server.c - the simulated server process: the real engine on the real log, killed and started again. */
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>

static void disk_done(World *w, u32 who, u64 arg);

/* ---- the log's port: batches wait for a disk that takes its time ---- */

static Err sim_submit(void *self, const LogRecord *records, u32 count, u64 batch)
{
    World *w = self;
    if (w->waiting_count == WRITER_QUEUE_BATCHES_MAX) return ERR_BUSY;
    w->waiting[w->waiting_count++] = (Waiting){records, count, batch};
    if (w->disk_planned) return OK;
    w->disk_planned = true;
    world_in(w, prng_between(&w->prng, 1, prng_once_in(&w->prng, 50) ? 400 : 8), disk_done,
             (u32)w->counts.crashes, 0);
    return OK;
}

static Err sim_read(void *self, u64 after, Err (*each)(void *ctx, const LogRecord *r), void *ctx)
{
    World *w = self;
    return log_read(w->log, after, each, ctx);
}

/* `life` is the number of crashes when it was planned: what an earlier process began is gone. */
static void disk_done(World *w, u32 life, u64 arg)
{
    (void)arg;
    if (life != w->counts.crashes || !w->up) return;
    w->disk_planned = false;
    u32 count = w->waiting_count;
    for (u32 i = 0; i < count; i++) {
        Err err = log_append(w->log, w->waiting[i].records, w->waiting[i].count);
        if (err == ERR_FULL) { /* nothing was written: again a little later */
            memmove(w->waiting, w->waiting + i, (count - i) * sizeof(Waiting));
            w->waiting_count = count - i;
            w->disk_planned = true;
            disk_faults()->full = !prng_once_in(&w->prng, 3);
            world_in(w, 500, disk_done, life, 0);
            return;
        }
        if (err) {
            server_crash(w, true);
            return;
        }
        engine_durable(w->engine, w->waiting[i].batch, w->now_ms);
    }
    w->waiting_count = 0;
    (void)log_idle(w->log);
    if (w->waiting_count == 0) server_plan_turn(w);
}

/* ---- turns ---- */

/* Time passes: the engine said when it wants to be asked. Older plans are ignored. */
static void wake_up(World *w, u32 life, u64 planned_ms)
{
    if (life != w->counts.crashes || !w->up || planned_ms != (u64)w->wake_ms) return;
    w->wake_ms = 0;
    server_plan_turn(w);
}

static void plan_wake(World *w)
{
    i64 wake = engine_wake_ms(w->engine);
    if (wake == NEVER_MS || wake == w->wake_ms) return;
    w->wake_ms = MAX_OF(wake, w->now_ms + 1);
    world_at(w, w->wake_ms, wake_up, (u32)w->counts.crashes, (u64)w->wake_ms);
}

static void take_turn(World *w, u32 life, u64 arg)
{
    (void)arg;
    if (life != w->counts.crashes || !w->up) return;
    w->turn_planned = false;
    engine_turn(w->engine, w->now_ms);
    ASSERT(!engine_broken(w->engine));
    plan_wake(w);
}

void server_plan_turn(World *w)
{
    if (!w->up || w->turn_planned) return;
    w->turn_planned = true;
    world_in(w, prng_between(&w->prng, 0, 2), take_turn, (u32)w->counts.crashes, 0);
}

void server_ask(World *w, const Asker *who, u64 cmd, u64 target, const Command *c, ReplyFn *reply,
                void *ctx)
{
    if (!w->up) return;
    w->counts.commands++;
    u64 session = w->session;
    if (engine_ask(w->engine, who, cmd, target, session, c, reply, ctx) == OK) server_plan_turn(w);
}

/* ---- life and death ---- */

static void ignore_event(void *ctx, u64 stream, u64 ver, const Event *e, Span encoded)
{
    (void)ctx, (void)stream, (void)ver, (void)e, (void)encoded;
}

static void ignore_row(void *ctx, u64 session, const Row *row)
{
    (void)ctx, (void)session, (void)row;
}

static void start_again(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    server_start(w);
}

void server_start(World *w)
{
    char why[256];
    LogOptions o = {.vfs = "sim"};
    w->log = log_open("log", &o, why, sizeof why);
    if (!w->log) {
        violation(w, &w->found.other, "the log does not open after a crash: %s", why);
        w->over = true;
        return;
    }
    EnginePorts ports = {.log = {w, sim_submit, sim_read},
                         .sign_secret = w->sign_secret,
                         .on_event = ignore_event,
                         .on_row = ignore_row,
                         .ctx = w};
    w->engine = engine_open(&ports);
    ASSERT(w->engine);
    Err err = engine_replay(w->engine, w->now_ms);
    if (err) {
        violation(w, &w->found.other, "replay fails after a crash: %s", err_text(err));
        w->over = true;
        return;
    }
    if (w->down_since_ms) {
        w->down_ms += w->now_ms - w->down_since_ms;
        if (w->down_count < DOWNS_MAX)
            w->downs[w->down_count++] = (Downtime){w->down_since_ms, w->now_ms};
    }
    w->down_since_ms = 0;
    w->up = true;
    for (u32 i = 0; i < w->client_count; i++)
        client_check_stored(w, &w->clients[i]);
    server_plan_turn(w);
}

void server_crash(World *w, bool power_cut)
{
    if (!w->up) return;
    w->up = w->turn_planned = w->disk_planned = false;
    w->wake_ms = 0;
    w->waiting_count = 0;
    w->counts.crashes++;
    w->down_since_ms = w->now_ms;
    engine_close(w->engine);
    w->engine = NULL;
    disk_faults()->fail_in = 0; /* a dead process writes nothing, not even on closing */
    log_close(w->log);
    w->log = NULL;
    w->counts.power_cuts += power_cut;
    if (power_cut) disk_power_cut();
    else *disk_faults() = (DiskFaults){.fail_in = -1};
    world_in(w, prng_wait(&w->prng, prng_once_in(&w->prng, 5) ? 60000 : 1500), start_again, 0, 0);
}
