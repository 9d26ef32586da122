#include "sim/world.h"

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

void violation(World *w, u32 *kind, const char *format, ...)
{
    (*kind)++;
    if (w->found.first[0] && !w->verbose) return;
    va_list args;
    va_start(args, format);
    vsnprintf(w->found.first, sizeof w->found.first, format, args);
    va_end(args);
    if (w->verbose)
        printf("seed %llu at %lld s: %s\n", (unsigned long long)w->seed,
               (long long)(w->now_ms - SIM_EPOCH_MS) / 1000, w->found.first);
}

static void end_world(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    w->over = true;
}

static void world_reset(World *w, Heap *heap, u64 seed, bool verbose)
{
    heap->count = 0;
    heap->nth = 0;
    memset(w, 0, sizeof *w);
    w->heap = heap;
    w->seed = seed;
    w->verbose = verbose;
    w->prng.state = seed * 0x9e3779b97f4a7c15u + 1;
    w->now_ms = SIM_EPOCH_MS;
    disk_format(&w->prng);
}

World *world_run(u64 seed, bool verbose, bool trace)
{
    static World world;
    static Heap heap;
    World *w = &world;
    world_reset(w, &heap, seed, verbose);
    w->trace = trace;
    seal_sign_keys(w->sign_public, w->sign_secret);
    server_start(w);
    actors_begin(w);
    world_at(w, SIM_EPOCH_MS + SIM_END_MS, end_world, 0, 0);
    while (!w->over && heap.count) {
        Plan p = heap_pop(&heap);
        w->now_ms = p.at_ms;
        p.fn(w, p.who, p.arg);
    }
    check_all(w);
    engine_close(w->engine);
    log_close(w->log);
    return w;
}
