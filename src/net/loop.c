/* loop.c - turns, wakes, timers, signals and the thread pool. Knows no connection. */
#include "net/internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct Timer {
    uv_timer_t uv;
    Loop *loop;
    Timer *next;
    void (*fn)(void *ctx);
    void *ctx;
};

struct LoopWake {
    uv_async_t uv;
    Loop *loop;
    LoopWake *next;
    void (*fn)(void *ctx);
    void *ctx;
};

typedef struct LoopWork {
    uv_work_t uv;
    Loop *loop;
    void (*work)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
} LoopWork;

/* Timers and closed connections come before the wait, everything else after it: both places end a
 * turn if anything happened, so that nothing that was decided waits for the next event. */
static void turn_end(Loop *loop)
{
    if (!loop->happened) return;
    loop->happened = false;
    if (loop->turn) loop->turn(loop->turn_ctx, loop_now_ms(loop));
}

static void on_before_wait(uv_prepare_t *h)
{
    Loop *loop = h->data;
    turn_end(loop);
    loop->now_known = false;
}

static void on_after_wait(uv_check_t *h)
{
    turn_end(h->data);
}

static bool loop_memory(Loop *loop)
{
    loop->read_bytes = malloc(LOOP_READ_BYTES);
    loop->plain_bytes = malloc(TLS_RECORD_BYTES);
    loop->stage_bytes = malloc(TLS_RECORD_BYTES);
    buf_init(&loop->cipher, (size_t)4 * SEND_BATCH_BYTES);
    return loop->read_bytes && loop->plain_bytes && loop->stage_bytes;
}

static void loop_free(Loop *loop)
{
    free(loop->read_bytes);
    free(loop->plain_bytes);
    free(loop->stage_bytes);
    buf_done(&loop->cipher);
    free(loop);
}

Loop *loop_open(void)
{
    Loop *loop = calloc(1, sizeof *loop);
    if (!loop) return NULL;
    if (!loop_memory(loop) || uv_loop_init(&loop->uv) != 0) {
        loop_free(loop);
        return NULL;
    }
    uv_prepare_init(&loop->uv, &loop->before_wait);
    uv_check_init(&loop->uv, &loop->after_wait);
    loop->before_wait.data = loop->after_wait.data = loop;
    uv_prepare_start(&loop->before_wait, on_before_wait);
    uv_check_start(&loop->after_wait, on_after_wait);
    return loop;
}

void loop_run(Loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

static void close_any(uv_handle_t *h, void *ctx)
{
    (void)ctx;
    if (!uv_is_closing(h)) uv_close(h, NULL);
}

void loop_stop(Loop *loop)
{
    if (loop->stopping) return;
    loop->stopping = true;
    for (Server *s = loop->servers; s; s = s->next)
        server_stop(s);
    uv_walk(&loop->uv, close_any, NULL);
}

static void free_timers_and_wakes(Loop *loop)
{
    for (Timer *t = loop->timers, *next; t; t = next) {
        next = t->next;
        free(t);
    }
    for (LoopWake *w = loop->wakes, *next; w; w = next) {
        next = w->next;
        free(w);
    }
}

void loop_close(Loop *loop)
{
    if (!loop) return;
    loop_stop(loop);
    uv_run(&loop->uv, UV_RUN_DEFAULT); /* close callbacks of a loop that never ran */
    for (Server *s = loop->servers, *next; s; s = next) {
        next = s->next;
        server_free(s);
    }
    ASSERT(uv_loop_close(&loop->uv) == 0);
    free_timers_and_wakes(loop);
    loop_free(loop);
}

static i64 system_clock_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (i64)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

i64 loop_now_ms(const Loop *loop)
{
    Loop *l = (Loop *)loop; /* only the memory of what was read changes */
    if (!l->now_known) {
        l->now_ms = clock_now_ms(&l->clock, system_clock_ms(CLOCK_BOOTTIME),
                                 system_clock_ms(CLOCK_REALTIME));
        l->now_known = true;
    }
    return l->now_ms;
}

void loop_set_now(Loop *loop, i64 ms)
{
    clock_set(&loop->clock, system_clock_ms(CLOCK_BOOTTIME), ms);
    loop->now_ms = ms;
    loop->now_known = true;
}

i64 loop_boot_ms(char name[BOOT_NAME_SIZE])
{
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    bool known = f && fscanf(f, "%39[0-9a-f-]", name) == 1;
    if (!known) name[0] = 0;
    if (f) fclose(f);
    return system_clock_ms(CLOCK_BOOTTIME);
}

u64 loop_monotonic_ns(const Loop *loop)
{
    (void)loop;
    return uv_hrtime();
}

void loop_collect(Loop *loop)
{
    loop->collecting++;
}

void loop_release(Loop *loop)
{
    ASSERT(loop->collecting);
    if (--loop->collecting == 0) out_release(loop);
}

void loop_on_turn(Loop *loop, void (*turn)(void *ctx, i64 now_ms), void *ctx)
{
    loop->turn = turn;
    loop->turn_ctx = ctx;
}

static void on_async(uv_async_t *h)
{
    LoopWake *w = h->data;
    loop_happened(w->loop);
    w->fn(w->ctx);
}

LoopWake *loop_wake_open(Loop *loop, void (*fn)(void *ctx), void *ctx)
{
    LoopWake *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    if (uv_async_init(&loop->uv, &w->uv, on_async) != 0) {
        free(w);
        return NULL;
    }
    *w = (LoopWake){.uv = w->uv, .loop = loop, .next = loop->wakes, .fn = fn, .ctx = ctx};
    w->uv.data = w;
    loop->wakes = w;
    return w;
}

void loop_wake(LoopWake *wake)
{
    uv_async_send(&wake->uv);
}

static void on_work(uv_work_t *req)
{
    LoopWork *w = req->data;
    w->work(w->ctx);
}

static void on_work_done(uv_work_t *req, int status)
{
    LoopWork *w = req->data;
    (void)status;
    loop_happened(w->loop);
    w->done(w->ctx);
    free(w);
}

Err loop_work(Loop *loop, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    LoopWork *w = calloc(1, sizeof *w);
    if (!w) return ERR_MEMORY;
    *w = (LoopWork){.loop = loop, .work = work, .done = done, .ctx = ctx};
    w->uv.data = w;
    if (uv_queue_work(&loop->uv, &w->uv, on_work, on_work_done) == 0) return OK;
    free(w);
    return ERR_LIMIT;
}

static void on_timer(uv_timer_t *h)
{
    Timer *t = h->data;
    loop_happened(t->loop);
    t->fn(t->ctx);
}

Timer *timer_open(Loop *loop, void (*fn)(void *ctx), void *ctx)
{
    Timer *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    uv_timer_init(&loop->uv, &t->uv);
    t->uv.data = t;
    t->loop = loop;
    t->fn = fn;
    t->ctx = ctx;
    t->next = loop->timers;
    loop->timers = t;
    return t;
}

void timer_start(Timer *t, i64 after_ms, i64 repeat_ms)
{
    if (t->loop->stopping) return;
    /* libuv counts from its own last look at the clock, which may be older than a long callback. */
    uv_update_time(&t->loop->uv);
    uv_timer_start(&t->uv, on_timer, (u64)MAX_OF(after_ms, 0), (u64)MAX_OF(repeat_ms, 0));
}

void timer_stop(Timer *t)
{
    if (!t->loop->stopping) uv_timer_stop(&t->uv);
}

static void on_signal(uv_signal_t *h, int number)
{
    Loop *loop = h->data;
    loop_happened(loop);
    loop->signal(loop->signal_ctx, number);
}

void loop_on_signal(Loop *loop, void (*fn)(void *ctx, int signal), void *ctx)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    bool first = !loop->signal;
    loop->signal = fn;
    loop->signal_ctx = ctx;
    for (size_t i = 0; first && i < COUNT_OF(numbers); i++) {
        uv_signal_init(&loop->uv, &loop->signals[i]);
        loop->signals[i].data = loop;
        uv_signal_start(&loop->signals[i], on_signal, numbers[i]);
    }
}
