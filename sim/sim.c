/* sim.c - runs worlds from seeds and counts what went wrong.
 *   sim [--seeds N] [--from S] [--json] [--verbose] [--trace]
 *   sim --planted [--seeds N]     only in builds with -DINVIGIL_PLANTS: is each planted bug found? */
#include "base/plants.h"
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef INVIGIL_PLANTS
int planted_bug;
#endif

typedef struct Options {
    u64 seeds, from;
    bool json, verbose, trace, planted;
} Options;

typedef struct Totals {
    u64 seeds, lost, doubled, wrong_deadlines, other;
    WorldCounts counts;
    i64 simulated_ms;
} Totals;

static void add_counts(WorldCounts *to, const WorldCounts *c)
{
    to->commands += c->commands;
    to->crashes += c->crashes;
    to->power_cuts += c->power_cuts;
    to->disconnects += c->disconnects;
    to->lost_messages += c->lost_messages;
    to->doubled_messages += c->doubled_messages;
    to->acknowledged += c->acknowledged;
}

static bool run_seed(u64 seed, const Options *o, bool quiet, Totals *t)
{
    const World *w = world_run(seed, o->verbose, o->trace);
    const Violations *v = &w->found;
    t->seeds++;
    t->lost += v->lost;
    t->doubled += v->doubled;
    t->wrong_deadlines += v->wrong_deadlines;
    t->other += v->other;
    t->simulated_ms += w->now_ms - SIM_EPOCH_MS;
    add_counts(&t->counts, &w->counts);
    bool sound = !v->lost && !v->doubled && !v->wrong_deadlines && !v->other;
    if (!sound && !quiet)
        printf("seed %llu: %s\n  again: ./dev sim --seeds 1 --from %llu --verbose\n",
               (unsigned long long)seed, v->first, (unsigned long long)seed);
    return sound;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_totals(const Totals *t, double took_s, const Options *o, u32 planted, u32 found)
{
    const WorldCounts *c = &t->counts;
    if (o->json) {
        printf("{\"seeds\":%llu,\"lost\":%llu,\"doubled\":%llu,\"wrong_deadlines\":%llu,\"other\":%"
               "llu,"
               "\"planted\":%u,\"planted_found\":%u,\"acknowledged\":%llu,\"crashes\":%llu}\n",
               (unsigned long long)t->seeds, (unsigned long long)t->lost,
               (unsigned long long)t->doubled, (unsigned long long)t->wrong_deadlines,
               (unsigned long long)t->other, planted, found, (unsigned long long)c->acknowledged,
               (unsigned long long)c->crashes);
        return;
    }
    printf("%llu exams, %.0f hours of exam time in %.1f s: %llu commands, %llu answers "
           "acknowledged, %llu crashes (%llu power cuts), "
           "%llu lost connections, %llu messages lost, %llu doubled\n",
           (unsigned long long)t->seeds, (double)t->simulated_ms / 3.6e6, took_s,
           (unsigned long long)c->commands, (unsigned long long)c->acknowledged,
           (unsigned long long)c->crashes, (unsigned long long)c->power_cuts,
           (unsigned long long)c->disconnects, (unsigned long long)c->lost_messages,
           (unsigned long long)c->doubled_messages);
    printf("lost %llu, doubled %llu, wrong deadlines %llu, other %llu\n",
           (unsigned long long)t->lost, (unsigned long long)t->doubled,
           (unsigned long long)t->wrong_deadlines, (unsigned long long)t->other);
}

static int run_plain(const Options *o)
{
    Totals t = {0};
    u64 sound = 0;
    double began = seconds();
    for (u64 i = 0; i < o->seeds; i++) {
        sound += run_seed(o->from + i, o, false, &t);
        if (!o->json && i % 100 == 99) {
            printf("%llu of %llu exams\r", (unsigned long long)(i + 1),
                   (unsigned long long)o->seeds);
            fflush(stdout);
        }
    }
    print_totals(&t, seconds() - began, o, 0, 0);
    if (!o->json)
        printf("%llu passed, %llu failed\n", (unsigned long long)sound,
               (unsigned long long)(o->seeds - sound));
    return sound == o->seeds ? 0 : 1;
}

#ifdef INVIGIL_PLANTS
static const char *const PLANTS[] = {
    "none",
#define P(name, what) #name,
#include "schema/plants.def"
#undef P
};

static int run_planted(const Options *o)
{
    Totals t = {0};
    u32 found = 0, count = COUNT_OF(PLANTS) - 1;
    double began = seconds();
    for (u32 plant = 1; plant <= count; plant++) {
        u64 seed = o->from;
        planted_bug = (int)plant;
        while (seed < o->from + o->seeds && run_seed(seed, o, true, &t))
            seed++;
        bool caught = seed < o->from + o->seeds;
        found += caught;
        if (o->json) continue;
        if (caught) printf("found   %-20s by seed %llu\n", PLANTS[plant], (unsigned long long)seed);
        else printf("MISSED  %-20s in %llu seeds\n", PLANTS[plant], (unsigned long long)o->seeds);
    }
    Totals none = {.seeds = t.seeds, .counts = t.counts};
    if (o->json) print_totals(&none, seconds() - began, o, count, found);
    else printf("%u passed, %u failed\n", found, count - found);
    return found == count ? 0 : 1;
}
#else
static int run_planted(const Options *o)
{
    (void)o;
    fprintf(stderr,
            "sim: this build has no planted bugs; make it with EXTRA_CFLAGS=-DINVIGIL_PLANTS\n");
    return 2;
}
#endif

static bool read_options(int count, char **args, Options *o)
{
    for (int i = 1; i < count; i++) {
        bool more = i + 1 < count;
        if (!strcmp(args[i], "--json")) o->json = true;
        else if (!strcmp(args[i], "--verbose")) o->verbose = true;
        else if (!strcmp(args[i], "--trace")) o->trace = true;
        else if (!strcmp(args[i], "--planted")) o->planted = true;
        else if (!strcmp(args[i], "--seeds") && more) o->seeds = strtoull(args[++i], NULL, 10);
        else if (!strcmp(args[i], "--from") && more) o->from = strtoull(args[++i], NULL, 10);
        else return false;
    }
    return true;
}

int main(int count, char **args)
{
    Options o = {.seeds = 1000, .from = 1};
    if (!read_options(count, args, &o)) {
        fprintf(stderr,
                "usage: sim [--seeds N] [--from S] [--json] [--verbose] [--trace] [--planted]\n");
        return 2;
    }
    if (seal_init()) {
        fprintf(stderr, "sim: the crypto library does not start\n");
        return 2;
    }
    disk_install();
    return o.planted ? run_planted(&o) : run_plain(&o);
}
