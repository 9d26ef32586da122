/* writer.c - the one thread that makes batches durable, and one that takes checkpoints beside it. The writer
 * meets the loop in a bounded queue and holds no lock while it writes. */
#include "store/log_internal.h"

#include "base/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

typedef struct QueuedBatch {
    LogBatch records;
    u64 batch;
} QueuedBatch;

struct Writer {
    Log *log;
    void (*wake)(void *ctx);
    void *ctx;
    pthread_t thread, steps;
    pthread_mutex_t lock; /* over everything below */
    pthread_cond_t work, step;
    QueuedBatch queue[WRITER_QUEUE_BATCHES_MAX];
    u32 first, count; /* a ring; an entry leaves it when it is durable */
    u64 durable;
    Err fault;
    bool step_due, stopping, ended; /* ended: the writer will not come back */
    Ballast *ballast;               /* NULL: none is kept; the thread's own */
};

/* Waiting batches for one transaction: at least one, then as many as fit. */
static u32 writer_join(const Writer *w, LogBatch *out, u64 *last)
{
    u32 n = 0, events = 0;
    while (n < w->count) {
        const QueuedBatch *q = &w->queue[(w->first + n) % WRITER_QUEUE_BATCHES_MAX];
        if (n && events + q->records.count > BATCH_EVENTS_MAX) break;
        events += q->records.count;
        out[n++] = q->records;
        *last = q->batch;
    }
    return n;
}

/* With the lock held: WRITER_RETRY_MS, or until it is to stop, or until there is work for who waits for it. */
static void writer_pause(Writer *w, bool for_work)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    i64 ns = until.tv_nsec + (i64)WRITER_RETRY_MS * 1000000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    while (!w->stopping && !(for_work && w->count) &&
           pthread_cond_timedwait(&w->work, &w->lock, &until) == 0)
        ;
}

static bool writer_lacks_ballast(const Writer *w)
{
    return w->ballast && !ballast_lies(w->ballast);
}

/* With the lock held, which is given back meanwhile. Not while the log itself waits for room. */
static void writer_lay_ballast(Writer *w)
{
    if (!writer_lacks_ballast(w) || w->fault) return;
    pthread_mutex_unlock(&w->lock);
    ballast_lay(w->ballast);
    pthread_mutex_lock(&w->lock);
}

/* With the lock held, until there is work. */
static void writer_wait(Writer *w)
{
    while (!w->count && !w->stopping) {
        if (!writer_lacks_ballast(w)) {
            pthread_cond_wait(&w->work, &w->lock);
        } else {
            writer_pause(w, true);
            writer_lay_ballast(w);
        }
    }
}

/* A fault that passes by itself is tried again; everything else ends the writing. */
static Err writer_lasting(Err err)
{
    bool passes = err == ERR_FULL || err == ERR_MEMORY || err == ERR_BUSY;
    return err == OK ? OK : passes ? ERR_FULL : ERR_IO;
}

/* When the disk is full the ballast makes room, once: what is written then is what it was kept for. */
static Err writer_append(Writer *w, const LogBatch *batches, u32 n)
{
    Err err = writer_lasting(log_append_batches(w->log, batches, n));
    if (err == ERR_FULL && w->ballast && ballast_give(w->ballast))
        err = writer_lasting(log_append_batches(w->log, batches, n));
    return err;
}

/* With the lock held, which is given back while the disk works. */
static void writer_write(Writer *w)
{
    LogBatch batches[WRITER_QUEUE_BATCHES_MAX];
    u64 last = w->durable;
    u32 n = writer_join(w, batches, &last);
    pthread_mutex_unlock(&w->lock);
    Err err = writer_append(w, batches, n);
    pthread_mutex_lock(&w->lock);
    bool news = err == OK || err != w->fault;
    w->fault = err;
    if (!err) {
        w->first = (w->first + n) % WRITER_QUEUE_BATCHES_MAX;
        w->count -= n;
        w->durable = last;
    }
    if (news) {
        pthread_mutex_unlock(&w->lock);
        w->wake(w->ctx);
        pthread_mutex_lock(&w->lock);
    }
    if (err == ERR_FULL && !w->stopping) writer_pause(w, false);
}

/* With the lock held. */
static void writer_tidy(Writer *w)
{
    if (w->fault) return;
    pthread_mutex_unlock(&w->lock);
    log_catch_up(w->log);
    bool due = log_step_due(w->log);
    pthread_mutex_lock(&w->lock);
    if (!due) return;
    w->step_due = true;
    pthread_cond_signal(&w->step);
}

static void *writer_main(void *ctx)
{
    Writer *w = ctx;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        writer_wait(w);
        if (!w->count || w->fault == ERR_IO) break;
        bool last_try = w->stopping;
        writer_write(w);
        if (w->fault == ERR_FULL && last_try) break; /* closing does not wait for space */
        writer_tidy(w);
        writer_lay_ballast(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void *steps_main(void *ctx)
{
    Writer *w = ctx;
    pthread_mutex_lock(&w->lock);
    while (!w->ended) {
        bool due = w->step_due;
        w->step_due = false;
        if (!due) {
            pthread_cond_wait(&w->step, &w->lock);
            continue;
        }
        pthread_mutex_unlock(&w->lock);
        while (log_step(w->log)) {
        }
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void writer_end(Writer *w, pthread_t thread, pthread_cond_t *wakes, bool *says)
{
    pthread_mutex_lock(&w->lock);
    *says = true;
    pthread_cond_signal(wakes);
    pthread_mutex_unlock(&w->lock);
    pthread_join(thread, NULL);
}

static bool writer_start(Writer *w)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, &attr);
    pthread_cond_init(&w->step, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&w->steps, NULL, steps_main, w)) return false;
    if (!pthread_create(&w->thread, NULL, writer_main, w)) return true;
    writer_end(w, w->steps, &w->step, &w->ended);
    return false;
}

static void writer_free(Writer *w)
{
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->step);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

Writer *writer_open(Log *log, void (*wake)(void *ctx), void *ctx)
{
    Writer *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->log = log;
    w->wake = wake;
    w->ctx = ctx;
    if (writer_start(w)) return w;
    writer_free(w);
    return NULL;
}

void writer_keep(Writer *w, Ballast *ballast)
{
    w->ballast = ballast;
}

void writer_close(Writer *w)
{
    if (!w) return;
    writer_end(w, w->thread, &w->work, &w->stopping);
    writer_end(w, w->steps, &w->step, &w->ended);
    writer_free(w);
}

Err writer_submit(Writer *w, const LogRecord *records, u32 count, u64 batch)
{
    pthread_mutex_lock(&w->lock);
    Err err = w->fault == ERR_IO ? ERR_IO : w->count == WRITER_QUEUE_BATCHES_MAX ? ERR_BUSY : OK;
    if (!err) {
        u32 at = (w->first + w->count++) % WRITER_QUEUE_BATCHES_MAX;
        w->queue[at] = (QueuedBatch){{records, count}, batch};
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return err;
}

u64 writer_durable(Writer *w, Err *fault)
{
    pthread_mutex_lock(&w->lock);
    u64 durable = w->durable;
    if (fault) *fault = w->fault;
    pthread_mutex_unlock(&w->lock);
    return durable;
}

static Err port_submit(void *self, const LogRecord *records, u32 count, u64 batch)
{
    return writer_submit(self, records, count, batch);
}

static Err port_read(void *self, u64 after_seq, Err (*each)(void *ctx, const LogRecord *r),
                     void *ctx)
{
    return log_read(((Writer *)self)->log, after_seq, each, ctx);
}

EventLog writer_port(Writer *w)
{
    return (EventLog){.self = w, .submit = port_submit, .read = port_read};
}
