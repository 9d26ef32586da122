/* weather.c - what goes wrong and when: lines, partitions, processes, disks, clocks, tabs, second
 * devices; and when it has been enough. */
#include "sim/judge.h"
#include "sim/net.h"

/* The base rate of lost connections: 0.11 in a candidate's hour. */
enum { BASE_LOST_MS = 32727000, CALM_MS = 60000, SOON_MS = 15000 };

/* ---- networks ---- */

static void set_net(World *w, Page *p, bool up, bool down)
{
    if (p->net_up == up && p->net_down == down) return;
    p->net_up = up;
    p->net_down = down;
    page_net_changed(w, p);
}

static void net_back(World *w, u32 page, u64 arg)
{
    (void)arg;
    set_net(w, &w->pages[page], true, true);
}

/* Mostly seconds; sometimes longer than the exam. */
static i64 outage_ms(World *w)
{
    if (prng_once_in(&w->prng, 3)) return prng_wait(&w->prng, 2000);
    if (prng_once_in(&w->prng, 8)) return prng_wait(&w->prng, w->weather.outage_most_ms);
    return prng_wait(&w->prng, 25000);
}

static void line_fails(World *w, u32 page, u64 arg)
{
    Page *p = &w->pages[page];
    (void)arg;
    if (w->calm) return;
    switch (prng_below(&w->prng, 4)) {
    case 0: page_lost_line(w, p); break; /* closed, and noticed at once */
    case 1:                              /* one way only: the server hears nothing, or the device */
        w->counts.one_way++;
        set_net(w, p, prng_once_in(&w->prng, 2), false);
        if (p->net_up == p->net_down) set_net(w, p, false, true);
        break;
    default: set_net(w, p, false, false);
    }
    world_in(w, outage_ms(w), net_back, page, 0);
    world_in(w, prng_wait(&w->prng, w->weather.lost_line_ms), line_fails, page, 0);
}

/* Several at once: the hall's network. */
static void partition(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    if (w->calm) return;
    w->counts.partitions++;
    i64 lasts = outage_ms(w);
    for (u32 i = 0; i < PAGES_MAX; i++) {
        if (!prng_once_in(&w->prng, 2)) continue;
        set_net(w, &w->pages[i], false, false);
        world_in(w, lasts + (i64)prng_below(&w->prng, 2000), net_back, i, 0);
    }
    world_in(w, prng_wait(&w->prng, w->weather.partition_ms), partition, 0, 0);
}

/* ---- the server ---- */

static void crash(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    if (w->calm) return;
    switch (prng_below(&w->prng, 4)) {
    case 0: server_crash(w, prng_once_in(&w->prng, 2)); break;
    case 1: /* so many writes later, in mid-commit */
        if (w->up) disk_faults()->fail_in = (i64)prng_below(&w->prng, 12);
        break;
    default: w->steps_to_live = prng_between(&w->prng, 1, 12); /* between any two steps */
    }
    if (prng_once_in(&w->prng, 4)) w->replay_to_live = (i64)prng_below(&w->prng, 120);
    world_in(w, prng_wait(&w->prng, w->weather.crash_ms), crash, 0, 0);
}

static void disk_fails(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    if (w->calm) return;
    if (w->up && prng_once_in(&w->prng, 2)) disk_faults()->full = true;
    else if (w->up) {
        disk_faults()->sync_fails = true;
        w->counts.sync_errors++;
    }
    world_in(w, prng_wait(&w->prng, w->weather.disk_ms), disk_fails, 0, 0);
}

/* ---- clocks ---- */

static i64 some_jump(World *w)
{
    i64 most = prng_once_in(&w->prng, 4) ? 3600000 : 5000;
    return prng_between(&w->prng, -most, most);
}

static void clock_jumps(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    if (w->calm) return;
    w->counts.clock_jumps++;
    if (w->up && prng_once_in(&w->prng, 2)) w->wall_off_ms += some_jump(w);
    else w->pages[prng_below(&w->prng, DEVICES_MAX)].clock_off_ms += some_jump(w);
    world_in(w, prng_wait(&w->prng, w->weather.clock_ms), clock_jumps, 0, 0);
}

/* ---- tabs and devices ---- */

static void tab_opens(World *w, u32 page, u64 arg)
{
    (void)arg;
    if (!w->pages[page].open) page_load(w, &w->pages[page]);
}

static void tab_closes(World *w, u32 page, u64 arg)
{
    Page *p = &w->pages[page];
    (void)arg;
    if (w->calm) return;
    if (p->open) {
        w->counts.closed_tabs++;
        page_close(w, p);
        world_in(w, prng_wait(&w->prng, 8000), tab_opens, page, 0);
    }
    world_in(w, prng_wait(&w->prng, w->weather.tab_ms), tab_closes, page, 0);
}

static void second_device(World *w, u32 page, u64 arg)
{
    (void)arg;
    w->counts.device_changes++;
    device_begin(w, page);
}

/* ---- the end ---- */

static void world_ends(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    w->over = true;
}

/* The last minute belongs to those who must catch up. */
static void calm_down(World *w)
{
    w->calm = true;
    w->steps_to_live = w->replay_to_live = -1;
    *disk_faults() = (DiskFaults){.fail_in = -1};
    for (u32 i = 0; i < PAGES_MAX; i++) {
        Page *p = &w->pages[i];
        net_back(w, i, 0);
        p->tries = 0;
        if (p->open && !p->line.up && !p->resting)
            world_in(w, net_delay_ms(w), page_dial, i, p->load);
    }
    world_in(w, CALM_MS, world_ends, 0, 0);
}

static void look_for_end(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    bool all = w->judge->sitting.state == SESSION_ended;
    for (u32 i = 0; all && i < w->candidate_count; i++)
        all = w->judge->models[i].over || w->judge->models[i].state == ATTEMPT_refused ||
              w->judge->models[i].state == ATTEMPT_absent;
    if (all || w->now_ms > SIM_EPOCH_MS + SIM_END_MS - 2 * CALM_MS) calm_down(w);
    else world_in(w, SOON_MS, look_for_end, 0, 0);
}

/* ---- the weather of a seed ---- */

static i64 often(World *w, u64 never_one_in, i64 mean)
{
    return prng_once_in(&w->prng, never_one_in) ? 0 : mean;
}

static void draw(World *w)
{
    static const u32 storms[] = {1, 100, 100, 1000};
    i64 scale = w->limit_ms;
    w->weather = (Weather){.storm = storms[prng_below(&w->prng, COUNT_OF(storms))],
                           .partition_ms = often(w, 2, scale / 2),
                           .crash_ms = often(w, 4, scale / 3),
                           .disk_ms = often(w, 3, scale),
                           .clock_ms = often(w, 3, scale / 2),
                           .tab_ms = often(w, 3, scale / 2),
                           .outage_most_ms = prng_once_in(&w->prng, 6) ? 3 * 3600000 : scale * 2};
    w->counts.calm_exams = w->weather.storm == 1;
    w->counts.storms = w->weather.storm == 100;
    w->counts.gales = w->weather.storm == 1000;
    w->weather.lost_line_ms = BASE_LOST_MS / w->weather.storm;
}

static void begin(World *w, i64 mean, WorldFn *fn, u32 who)
{
    if (mean) world_in(w, prng_wait(&w->prng, mean), fn, who, 0);
}

void weather_begin(World *w)
{
    draw(w);
    for (u32 i = 0; i < PAGES_MAX; i++) {
        bool used = i >= DEVICES_MAX || (i / DEVICES_EACH < w->candidate_count);
        if (!used) continue;
        begin(w, w->weather.lost_line_ms, line_fails, i);
        begin(w, w->weather.tab_ms, tab_closes, i);
        if (i < DEVICES_MAX && i % DEVICES_EACH && prng_once_in(&w->prng, 4))
            begin(w, w->limit_ms / 2, second_device, i);
    }
    begin(w, w->weather.partition_ms, partition, 0);
    begin(w, w->weather.crash_ms, crash, 0);
    begin(w, w->weather.disk_ms, disk_fails, 0);
    begin(w, w->weather.clock_ms, clock_jumps, 0);
    look_for_end(w, 0, 0);
}
