#include "cmd/desk.h"

#include <stdio.h>
#include <time.h>

#include "http/site.h"

i64 desk_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (i64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static Err desk_submit(void *self, const LogRecord *records, u32 count, u64 batch)
{
    Desk *d = self;
    /* Who only looks stores nothing; a replay with a hall of connected candidates asks all the same. */
    Err err = !d->people ? OK : log_append(d->log, records, count);
    if (err == OK) d->stored = batch;
    return err;
}

static Err desk_read(void *self, u64 after_seq, Err (*each)(void *ctx, const LogRecord *r),
                     void *ctx)
{
    Desk *d = self;
    return log_read(d->log, after_seq, each, ctx);
}

/* Nobody watches here. */
static void no_event(void *ctx, u64 stream, u64 ver, const Event *e, Span encoded)
{
    (void)ctx, (void)stream, (void)ver, (void)e, (void)encoded;
}

static void no_row(void *ctx, u64 session, const Row *row)
{
    (void)ctx, (void)session, (void)row;
}

/* The server makes the key at its first start; receipts cannot be made here before. */
static void read_key(Desk *d)
{
    Arena a;
    Span secret;
    arena_init(&a, 4096);
    if (fact_get(d->people, "sign_secret", &a, &secret) == OK &&
        secret.len == sizeof d->sign_secret) {
        memcpy(d->sign_secret, secret.ptr, secret.len);
    }
    arena_done(&a);
}

bool desk_open(Desk *d, const char *data, bool read_only, char *why, size_t size)
{
    char path[4096];
    *d = (Desk){.commands = 0};
    if (seal_init() != OK) {
        snprintf(why, size, "The crypto library does not work.");
        return false;
    }
    if (!site_data_path(data, "log.db", path, sizeof path, why, size)) return false;
    d->log = log_open(path, &(LogOptions){.read_only = read_only}, why, size);
    if (!d->log || !site_data_path(data, "people.db", path, sizeof path, why, size)) return false;
    if (!read_only) {
        d->people = people_open(path, why, size);
        if (!d->people) return false;
        read_key(d);
    }
    EnginePorts ports = {.log = {.self = d, .submit = desk_submit, .read = desk_read},
                         .sign_secret = d->sign_secret,
                         .on_event = no_event,
                         .on_row = no_row};
    d->engine = engine_open(&ports);
    Err err = d->engine ? engine_replay(d->engine, desk_now_ms(), NULL) : ERR_MEMORY;
    if (err != OK) snprintf(why, size, "The log cannot be replayed: %s.", err_text(err));
    return err == OK;
}

void desk_close(Desk *d)
{
    if (d->engine) engine_close(d->engine);
    if (d->people) people_close(d->people);
    if (d->log) log_close(d->log);
    seal_wipe(d->sign_secret, sizeof d->sign_secret);
}

static void replied(void *ctx, const Reply *r)
{
    Desk *d = ctx;
    d->refusal = r->refusal;
    d->target = r->target;
}

static u64 settle(Desk *d, Err err)
{
    d->refusal = R_NOT_STORED;
    d->target = 0;
    if (err != OK) return 0;
    i64 now = desk_now_ms();
    while (engine_turn(d->engine, now))
        engine_durable(d->engine, d->stored, now);
    return d->refusal == ACCEPTED ? d->target : 0;
}

u64 desk_ask(Desk *d, const Asker *who, u64 target, u64 session, const Command *c)
{
    return settle(d, engine_ask(d->engine, who, ++d->commands, target, session, c, replied, d));
}

u64 desk_publish(Desk *d, const Asker *who, const Paper *paper, Span source)
{
    return settle(d,
                  engine_publish_paper(d->engine, who, ++d->commands, paper, source, replied, d));
}
