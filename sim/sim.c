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
    char first[sizeof(((Violations *)0)->first)]; /* of the last world that had one */
} Totals;

/* Every count is 64 bits wide, so that they can be added up without naming each. */
static void add_counts(WorldCounts *to, const WorldCounts *c)
{
    _Static_assert(sizeof(WorldCounts) % sizeof(u64) == 0, "counts are 64 bits wide");
    for (size_t i = 0; i < sizeof *to / sizeof(u64); i++)
        ((u64 *)to)[i] += ((const u64 *)c)[i];
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
    add_counts(&t->counts, &w->counts);
    bool sound = !v->lost && !v->doubled && !v->wrong_deadlines && !v->other;
    if (!sound) memcpy(t->first, v->first, sizeof t->first);
    if (!sound && !quiet)
        printf("seed %llu, %s\n  again: ./dev sim --seeds 1 --from %llu --trace\n",
               (unsigned long long)seed, v->first, (unsigned long long)seed);
    return sound;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_json(const Totals *t, u32 planted, u32 found)
{
    printf("{\"seeds\":%llu,\"lost\":%llu,\"doubled\":%llu,\"wrong_deadlines\":%llu,\"other\":%llu,"
           "\"planted\":%u,\"planted_found\":%u,\"acknowledged\":%llu,\"crashes\":%llu}\n",
           (unsigned long long)t->seeds, (unsigned long long)t->lost,
           (unsigned long long)t->doubled, (unsigned long long)t->wrong_deadlines,
           (unsigned long long)t->other, planted, found, (unsigned long long)t->counts.acknowledged,
           (unsigned long long)t->counts.crashes);
}

#define FACT(name, what) printf("  %12llu %s\n", (unsigned long long)c->name, what)

static void print_faults(const WorldCounts *c)
{
    FACT(calm_exams, "exams with 0.11 lost connections in a candidate's hour");
    FACT(storms, "exams with 100 times as many");
    FACT(gales, "exams with 1,000 times as many");
    FACT(commands, "commands asked of the server");
    FACT(acknowledged, "answers acknowledged");
    FACT(redecided, "replies decided again by the oracle");
    FACT(compared_devices, "times a device's state was compared with the server's");
    FACT(compared_rows, "rows of monitors compared with the server's");
    FACT(crashes, "crashes");
    FACT(power_cuts, "power cuts");
    FACT(replays_cut, "replays cut short");
    FACT(full_disks, "writes on a full disk");
    FACT(sync_errors, "failed fsyncs");
    FACT(disconnects, "connections lost");
    FACT(one_way, "links that worked one way");
    FACT(partitions, "partitions of the network");
    FACT(lost_messages, "messages lost");
    FACT(doubled_messages, "messages doubled");
    FACT(clock_jumps, "clocks set");
    FACT(closed_tabs, "tabs closed");
    FACT(device_changes, "changes of the device");
    FACT(takeovers, "takeovers by another device");
    FACT(mass_actions, "actions for everybody");
}

static void print_totals(const Totals *t, double took_s)
{
    const WorldCounts *c = &t->counts;
    double hours = (double)c->simulated_ms / 3.6e6, people = (double)c->candidate_ms / 3.6e6;
    printf("%llu exams, %.0f hours of exam time in %.1f s: %.0f exams/s, %.0f times real time\n",
           (unsigned long long)t->seeds, hours, took_s, (double)t->seeds / took_s,
           hours * 3600 / took_s);
    print_faults(c);
    printf(
        "%.1f connections lost in a candidate's hour, with those by crashes, tabs and partitions\n",
        (double)c->disconnects / people);
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
        if (!o->json && i % 1000 == 999) {
            printf("%llu of %llu exams\r", (unsigned long long)(i + 1),
                   (unsigned long long)o->seeds);
            fflush(stdout);
        }
    }
    if (o->json) print_json(&t, 0, 0);
    else {
        print_totals(&t, seconds() - began);
        printf("%llu passed, %llu failed\n", (unsigned long long)sound,
               (unsigned long long)(o->seeds - sound));
    }
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
    for (u32 plant = 1; plant <= count; plant++) {
        u64 seed = o->from;
        planted_bug = (int)plant;
        while (seed < o->from + o->seeds && run_seed(seed, o, true, &t))
            seed++;
        bool caught = seed < o->from + o->seeds;
        found += caught;
        if (o->json) continue;
        if (caught)
            printf("found   %-20s by seed %llu, %s\n", PLANTS[plant], (unsigned long long)seed,
                   t.first);
        else printf("MISSED  %-20s in %llu seeds\n", PLANTS[plant], (unsigned long long)o->seeds);
    }
    Totals none = {.seeds = t.seeds, .counts = t.counts};
    if (o->json) print_json(&none, count, found);
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
