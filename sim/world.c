#include "sim/judge.h"
#include "sim/net.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* What is to happen, by time and then by order of planning. */
typedef struct Plan {
    i64 at_ms;
    u64 nth;
    WorldFn *fn;
    u32 who;
    u64 arg;
} Plan;

typedef struct Heap {
    Plan *plans;
    u32 count, cap;
    u64 nth;
} Heap;

static bool sooner(const Plan *a, const Plan *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->nth < b->nth;
}

static void swap(Plan *a, Plan *b)
{
    Plan t = *a;
    *a = *b;
    *b = t;
}

void world_at(World *w, i64 at_ms, WorldFn *fn, u32 who, u64 arg)
{
    Heap *h = w->heap;
    if (h->count == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 256;
        h->plans = realloc(h->plans, h->cap * sizeof(Plan));
        ASSERT(h->plans);
    }
    u32 i = h->count++;
    h->plans[i] = (Plan){MAX_OF(at_ms, w->now_ms), h->nth++, fn, who, arg};
    for (; i && sooner(&h->plans[i], &h->plans[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&h->plans[i], &h->plans[(i - 1) / 2]);
}

static Plan heap_pop(Heap *h)
{
    Plan first = h->plans[0];
    h->plans[0] = h->plans[--h->count];
    for (u32 i = 0;;) {
        u32 least = i, left = 2 * i + 1;
        for (u32 child = left; child < left + 2 && child < h->count; child++)
            if (sooner(&h->plans[child], &h->plans[least])) least = child;
        if (least == i) return first;
        swap(&h->plans[i], &h->plans[least]);
        i = least;
    }
}

static void print_moment(const World *w)
{
    printf("%10.3f ", (double)(w->now_ms - SIM_EPOCH_MS) / 1000);
}

void violation(World *w, u32 *kind, const char *format, ...)
{
    (*kind)++;
    if (!w->verbose) w->over = true; /* what follows from it says no more */
    if (w->found.first[0] && !w->verbose) return;
    char what[200];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (!w->found.first[0])
        snprintf(w->found.first, sizeof w->found.first, "at %.3f s: %s",
                 (double)(w->now_ms - SIM_EPOCH_MS) / 1000, what);
    if (!w->verbose) return;
    print_moment(w);
    printf("WRONG: %s\n", what);
}

void world_trace(const World *w, const char *format, ...)
{
    if (!w->trace) return;
    va_list args;
    va_start(args, format);
    print_moment(w);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

static void end_world(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    w->over = true;
}

/* The buffers of the pages are kept from seed to seed. */
static void pages_reset(World *w)
{
    for (u32 i = 0; i < PAGES_MAX; i++) {
        Page *p = &w->pages[i];
        Buf queue = p->line.queue;
        for (u32 k = 0; k < CANDIDATES_MAX; k++)
            free((void *)(uintptr_t)p->row[k].ptr);
        if (!queue.limit) buf_init(&queue, 1 << 22);
        buf_reset(&queue);
        *p = (Page){.index = i, .net_up = true, .net_down = true, .line.queue = queue};
    }
}

static void world_reset(World *w, u64 seed, bool verbose, bool trace)
{
    Heap *heap = w->heap;
    heap->count = 0;
    heap->nth = 0;
    pages_reset(w);
    memset(w, 0, offsetof(World, pages));
    w->counts = (WorldCounts){0};
    w->found = (Violations){0};
    w->seed = seed;
    w->verbose = verbose;
    w->trace = trace;
    w->prng.state = seed * 0x9e3779b97f4a7c15u + 1;
    w->now_ms = SIM_EPOCH_MS;
    w->steps_to_live = w->replay_to_live = -1;
    w->next_text = 1;
    disk_format(&w->prng);
    w->judge = judge_open(w);
}

World *world_run(u64 seed, bool verbose, bool trace)
{
    static World world;
    static Heap heap;
    World *w = &world;
    w->heap = &heap;
    world_reset(w, seed, verbose, trace);
    net_reset(w);
    if (!w->sign_public[0]) seal_sign_keys(w->sign_public, w->sign_secret);
    server_start(w);
    setup_session(w);
    weather_begin(w);
    world_at(w, SIM_EPOCH_MS + SIM_END_MS, end_world, 0, 0);
    while (!w->over && heap.count) {
        Plan p = heap_pop(&heap);
        w->now_ms = p.at_ms;
        p.fn(w, p.who, p.arg);
    }
    w->counts.simulated_ms = w->now_ms - SIM_EPOCH_MS;
    w->counts.candidate_ms = w->counts.simulated_ms * (i64)w->candidate_count;
    judge_end(w);
    server_lose_lives(w);
    feeds_close(w->feeds);
    engine_close(w->engine);
    log_close(w->log);
    w->feeds = NULL;
    w->engine = NULL;
    w->log = NULL;
    return w;
}
