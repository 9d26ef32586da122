/* server.c - the simulated process: the real engine and feeds on the real log, struck down at any step
 * and started again. Does what http/site.c does, with the world's clock and disk. */
#include "sim/judge.h"

#include <stdio.h>

static void disk_done(World *w, u32 life, u64 arg);

/* ---- its clock ---- */

i64 server_now_ms(World *w)
{
    i64 now = clock_now_ms(&w->clock, w->now_ms - w->booted_ms, w->now_ms + w->wall_off_ms);
    i64 lived = w->now_ms - w->began_ms, off = now - w->began_server_ms - lived;
    if (off > lived / CLOCK_FOLLOWS_ONE_IN + 2 || -off > lived / CLOCK_FOLLOWS_ONE_IN + 2)
        violation(w, &w->found.wrong_deadlines,
                  "the server's clock is off by %lld ms after %lld ms", (long long)off,
                  (long long)lived);
    return now;
}

bool server_step(World *w)
{
    if (w->steps_to_live > 0 && --w->steps_to_live == 0) w->dying = true;
    return w->dying;
}

/* ---- the log's port: batches wait for a disk that takes its time ---- */

static Err sim_submit(void *self, const LogRecord *records, u32 count, u64 batch)
{
    World *w = self;
    if (w->waiting_count == WRITER_QUEUE_BATCHES_MAX) return ERR_BUSY;
    w->waiting[w->waiting_count].records = (LogBatch){records, count};
    w->waiting[w->waiting_count++].batch = batch;
    server_step(w);
    if (w->disk_planned) return OK;
    w->disk_planned = true;
    world_in(w, prng_between(&w->prng, 1, prng_once_in(&w->prng, 30) ? 900 : 12), disk_done,
             w->life, 0);
    return OK;
}

typedef struct Reading {
    World *w;
    Err (*each)(void *ctx, const LogRecord *r);
    void *ctx;
} Reading;

static Err read_one(void *ctx, const LogRecord *r)
{
    Reading *reading = ctx;
    World *w = reading->w;
    if (w->replay_to_live >= 0 && w->replay_to_live-- == 0) return ERR_IO; /* struck in replay */
    judge_replayed(w, r);
    return reading->each(reading->ctx, r);
}

static Err sim_read(void *self, u64 after, Err (*each)(void *ctx, const LogRecord *r), void *ctx)
{
    World *w = self;
    Reading reading = {w, each, ctx};
    judge_replay(w);
    return log_read(w->log, after, read_one, &reading);
}

/* All that waits goes in one transaction, as the writer's thread does it. */
static Err write_waiting(World *w, u64 *last)
{
    LogBatch batches[WRITER_QUEUE_BATCHES_MAX];
    for (u32 i = 0; i < w->waiting_count; i++)
        batches[i] = w->waiting[i].records;
    *last = w->waiting[w->waiting_count - 1].batch;
    return log_append_batches(w->log, batches, w->waiting_count);
}

static void disk_is_full(World *w)
{
    w->counts.full_disks++;
    w->disk_planned = true;
    disk_faults()->full = !prng_once_in(&w->prng, 3);
    world_in(w, WRITER_RETRY_MS, disk_done, w->life, 0);
}

/* What waits becomes durable and is acknowledged. False: the process dies of it. */
static bool disk_takes(World *w)
{
    u64 last;
    Err err = server_step(w) ? ERR_IO : write_waiting(w, &last);
    if (err == ERR_FULL) { /* nothing was written: again a little later */
        disk_is_full(w);
        return true;
    }
    if (err || server_step(w)) return false;
    w->waiting_count = 0;
    engine_durable(w->engine, last, server_now_ms(w));
    server_plan_turn(w);
    server_plan_flush(w);
    return true;
}

/* In the middle of a step of checkpointing: the loop and the writer's thread do not wait for it. */
static void go_on_meanwhile(void *ctx)
{
    World *w = ctx;
    if (w->dying || !prng_once_in(&w->prng, 6)) return;
    while (!w->dying && engine_turn(w->engine, server_now_ms(w)))
        server_step(w);
    if (w->dying || !w->waiting_count) return;
    w->disk_planned = false;
    if (!disk_takes(w)) w->dying = true;
}

/* The thread that tidies: by itself, some time after a commit. */
static void tidy(World *w, u32 life, u64 arg)
{
    (void)arg;
    if (life != w->life || !w->up) return;
    w->tidy_planned = false;
    disk_between(go_on_meanwhile, w);
    while (!w->dying && log_step(w->log))
        server_step(w);
    disk_between(NULL, NULL);
    if (w->dying) server_crash(w, prng_once_in(&w->prng, 2));
}

static void plan_tidy(World *w)
{
    log_catch_up(w->log);
    if (w->tidy_planned || !log_step_due(w->log)) return;
    w->tidy_planned = true;
    world_in(w, prng_between(&w->prng, 0, 40), tidy, w->life, 0);
}

/* `life` is of when it was planned: what an earlier process began is gone. */
static void disk_done(World *w, u32 life, u64 arg)
{
    (void)arg;
    if (life != w->life || !w->up || !w->waiting_count) return;
    w->disk_planned = false;
    if (disk_takes(w)) plan_tidy(w);
    else server_crash(w, prng_once_in(&w->prng, 2));
}

void server_settle(World *w)
{
    u64 last;
    i64 now = server_now_ms(w);
    w->disk_planned = true; /* nobody else writes meanwhile */
    while (engine_turn(w->engine, now) || w->waiting_count) {
        if (!w->waiting_count) continue;
        if (write_waiting(w, &last))
            violation(w, &w->found.other, "a sound disk does not take what is left");
        w->waiting_count = 0;
        engine_durable(w->engine, last, now);
    }
    w->disk_planned = false;
}

/* ---- turns ---- */

/* Time passes: the engine said when it wants to be asked. Older plans are ignored. */
static void wake_up(World *w, u32 life, u64 planned_ms)
{
    if (life != w->life || !w->up || planned_ms != (u64)w->wake_ms) return;
    w->wake_ms = 0;
    server_plan_turn(w);
}

static void plan_wake(World *w)
{
    i64 wake = engine_wake_ms(w->engine);
    if (wake == NEVER_MS) return;
    i64 at = w->now_ms + MAX_OF(wake - server_now_ms(w), (i64)1);
    if (at == w->wake_ms) return;
    w->wake_ms = at;
    world_at(w, at, wake_up, w->life, (u64)at);
}

static void flush_feeds(World *w, u32 life, u64 planned_ms)
{
    if (life != w->life || !w->up || planned_ms != (u64)w->flush_ms) return;
    w->flush_ms = 0;
    server_plan_flush(w);
}

void server_plan_flush(World *w)
{
    i64 now = server_now_ms(w), next = feed_flush(w->feeds, now);
    if (next == NEVER_MS) return;
    w->flush_ms = w->now_ms + MAX_OF(next - now, (i64)1);
    world_at(w, w->flush_ms, flush_feeds, w->life, (u64)w->flush_ms);
}

static void take_turn(World *w, u32 life, u64 arg)
{
    (void)arg;
    if (life != w->life || !w->up) return;
    w->turn_planned = false;
    i64 now = server_now_ms(w);
    while (!w->dying && engine_turn(w->engine, now))
        server_step(w);
    ASSERT(!engine_broken(w->engine));
    if (w->dying) {
        server_crash(w, prng_once_in(&w->prng, 2));
        return;
    }
    plan_wake(w);
    server_plan_flush(w);
}

void server_plan_turn(World *w)
{
    if (!w->up || w->turn_planned) return;
    w->turn_planned = true;
    world_in(w, prng_between(&w->prng, 0, 2), take_turn, w->life, 0);
}

/* ---- life and death ---- */

static void on_event(void *ctx, u64 stream, u64 ver, const Event *e, Span encoded)
{
    World *w = ctx;
    judge_event(w, stream, ver, e, encoded);
    feed_event(w->feeds, stream, ver, e, encoded);
    if (e->kind == EVT_takeover_asked || e->kind == EVT_takeover_decided)
        server_takeover(w, stream_object(stream), e);
}

static void on_row(void *ctx, u64 session, const Row *row)
{
    feed_row(((World *)ctx)->feeds, session, row);
}

static void start_again(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    if (!w->up) server_start(w);
}

static void plan_start(World *w)
{
    world_in(w, prng_wait(&w->prng, prng_once_in(&w->prng, 6) ? 60000 : 1500), start_again, 0, 0);
}

/* A dead process writes nothing, not even on closing. */
static void process_gone(World *w, bool power_cut)
{
    feeds_close(w->feeds);
    engine_close(w->engine);
    disk_faults()->fail_in = 0;
    log_close(w->log);
    w->feeds = NULL;
    w->engine = NULL;
    w->log = NULL;
    w->counts.power_cuts += power_cut;
    if (power_cut) {
        disk_power_cut();
        w->boot++;
        w->booted_ms = w->now_ms;
        w->clock = (Clock){0};
    } else *disk_faults() = (DiskFaults){.fail_in = -1};
}

static bool open_log(World *w)
{
    char why[256];
    LogOptions o = {.vfs = "sim"};
    w->log = log_open("log", &o, why, sizeof why);
    i64 most = prng_once_in(&w->prng, 2) ? 4 : 60;
    if (w->log) log_step_every(w->log, (int)prng_between(&w->prng, 2, most));
    else violation(w, &w->found.lost, "the log does not open after a crash: %s", why);
    return w->log != NULL;
}

static void note_downtime(World *w)
{
    if (!w->down_since_ms) return;
    i64 now = server_now_ms(w);
    w->down_ms += MAX_OF(now - w->down_since_ms, (i64)0);
    if (w->down_count < DOWNS_MAX) w->downs[w->down_count++] = (Downtime){w->down_since_ms, now};
    w->down_since_ms = 0;
}

static void replay_failed(World *w, Err err)
{
    bool cut = err == ERR_IO;
    if (!cut) violation(w, &w->found.lost, "replay fails after a crash: %s", err_text(err));
    w->over = !cut;
    w->counts.replays_cut++;
    process_gone(w, prng_once_in(&w->prng, 3));
    w->replay_to_live = -1;
    plan_start(w);
}

/* The time goes on where it was; see judge_time. */
static void take_time(World *w)
{
    w->began_server_ms = engine_now_ms(w->engine);
    clock_set(&w->clock, w->now_ms - w->booted_ms, w->began_server_ms);
    judge_time(w, w->began_server_ms);
}

void server_start(World *w)
{
    w->clock = (Clock){0};
    w->began_ms = w->now_ms;
    w->began_server_ms = w->now_ms + w->wall_off_ms;
    w->life++;
    if (!open_log(w)) {
        w->over = true;
        return;
    }
    EnginePorts ports = {.log = {w, sim_submit, sim_read},
                         .sign_secret = w->sign_secret,
                         .on_event = on_event,
                         .on_row = on_row,
                         .ctx = w};
    w->engine = engine_open(&ports);
    w->feeds = feeds_open(w->engine, w->life);
    ASSERT(w->engine && w->feeds);
    w->waiting_count = 0;
    w->dying = false;
    char name[16];
    snprintf(name, sizeof name, "boot %u", w->boot);
    Boot boot = {.name = span_of(name), .version = SPAN("sim"), .ms = w->now_ms - w->booted_ms};
    Err err = engine_replay(w->engine, server_now_ms(w), &boot);
    if (err) {
        replay_failed(w, err);
        return;
    }
    take_time(w);
    w->replay_to_live = -1;
    note_downtime(w);
    w->up = true;
    world_trace(w, "server up, wall clock %+lld ms", (long long)w->wall_off_ms);
    judge_replay_done(w);
    server_plan_turn(w);
}

void server_crash(World *w, bool power_cut)
{
    if (!w->up) return;
    world_trace(w, "server dies%s", power_cut ? ", power cut" : "");
    w->down_since_ms = server_now_ms(w);
    w->up = w->turn_planned = w->disk_planned = w->tidy_planned = false;
    w->wake_ms = w->flush_ms = 0;
    w->waiting_count = 0;
    w->steps_to_live = -1;
    w->counts.crashes++;
    server_lose_lives(w);
    for (u32 i = 0; i < PAGES_MAX; i++)
        page_server_gone(w, &w->pages[i]);
    process_gone(w, power_cut);
    plan_start(w);
}
