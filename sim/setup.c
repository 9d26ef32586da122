/* setup.c - the paper, the session and its candidates, before anything can go wrong. */
#include "sim/judge.h"

#include <stdio.h>

static u64 last_target;

static void note_target(void *ctx, const Reply *r)
{
    (void)ctx;
    if (r->refusal) fprintf(stderr, "sim: set-up refused: %s\n", refusal_name(r->refusal));
    ASSERT(!r->refusal);
    last_target = r->target;
}

static const Asker planner = {.user = PLANNER, .roles = BY_PLANNER};

static void ask(World *w, u64 target, const Command *c)
{
    Err err = engine_ask(w->engine, &planner, 0, target, w->session, c, note_target, NULL);
    ASSERT(!err);
}

static u64 publish_paper(World *w)
{
    static Item items[SIM_ITEMS];
    Paper p = {.name = SPAN("Simulated"), .items = items, .item_count = SIM_ITEMS};
    for (u32 i = 0; i < SIM_ITEMS; i++)
        items[i] = (Item){
            .number = i + 1, .kind = ITEM_short_text, .points_milli = 1000, .text = SPAN("?")};
    Err err = engine_publish_paper(w->engine, &planner, 0, &p, SPAN("sim"), note_target, NULL);
    ASSERT(!err);
    server_settle(w);
    return last_target;
}

static void configure(World *w, u16 setting, i64 value)
{
    if (setting_default(setting) == value) return;
    ask(w, w->session, &(Command){.kind = CMD_configure, .configure = {setting, value, 0}});
}

static void configure_all(World *w)
{
    static const u16 switches[] = {SETTING_waiting_room, SETTING_credit_pause, SETTING_credit_lock,
                                   SETTING_credit_system_pause, SETTING_credit_outage};
    for (size_t i = 0; i < COUNT_OF(switches); i++)
        configure(w, switches[i], !prng_once_in(&w->prng, 4));
    configure(w, SETTING_phone, prng_once_in(&w->prng, 4));
    configure(w, SETTING_microphone, prng_once_in(&w->prng, 2));
    configure(w, SETTING_limit_for_session, prng_once_in(&w->prng, 5));
    configure(w, SETTING_proctor_may_extend, prng_once_in(&w->prng, 2));
    configure(w, SETTING_credit_waiting, !prng_once_in(&w->prng, 4));
    configure(w, SETTING_takeover_alone, prng_once_in(&w->prng, 2));
    configure(w, SETTING_ratio, prng_once_in(&w->prng, 3) ? 1 : 0);
    configure(w, SETTING_late_arrival_ms,
              prng_once_in(&w->prng, 3) ? 0 : prng_between(&w->prng, 1000, 4 * w->limit_ms));
    configure(w, SETTING_id_check, prng_once_in(&w->prng, 4));
    configure(w, SETTING_room_scan, prng_once_in(&w->prng, 5));
    if (prng_once_in(&w->prng, 4))
        configure(w, SETTING_no_show_ms, prng_between(&w->prng, 0, w->limit_ms));
    configure(w, SETTING_grace_ms,
              prng_once_in(&w->prng, 3) ? 0 : prng_between(&w->prng, 1000, w->limit_ms / 3));
    configure(w, SETTING_outage_credit_max_ms,
              prng_between(&w->prng, 0, prng_once_in(&w->prng, 2) ? 20000 : w->limit_ms * 2));
}

/* Most exams are short, so that there are many; some are long. */
static void draw_size(World *w)
{
    u64 kind = prng_below(&w->prng, 20);
    i64 minutes = kind == 0   ? prng_between(&w->prng, 30, 120)
                  : kind <= 4 ? prng_between(&w->prng, 4, 12)
                              : prng_between(&w->prng, 1, 3);
    w->limit_ms = minutes * 60000;
    w->pace_ms = kind == 0 ? 60000 : kind <= 4 ? 16000 : 6000;
    w->candidate_count =
        (u32)(kind <= 1 ? prng_between(&w->prng, 3, CANDIDATES_MAX) : prng_between(&w->prng, 1, 3));
}

static void invite(World *w, u32 i)
{
    char name[16];
    snprintf(name, sizeof name, "c%u", i);
    u32 factor = prng_once_in(&w->prng, 4) ? 1250 : 1000;
    ask(w, 0,
        &(Command){.kind = CMD_invite, .invite = {span_of(name), SPAN_NONE, SPAN_NONE, factor, 0}});
    w->attempts[i] = i + 1; /* in the order in which they are asked; checked below */
}

void setup_session(World *w)
{
    draw_size(w);
    u64 paper = publish_paper(w);
    ask(w, 0,
        &(Command){.kind = CMD_create_session,
                   .create_session = {SPAN("Simulated"), paper, SIM_ITEMS, SPAN("SIMCODE1"),
                                      SIM_EPOCH_MS, SIM_EPOCH_MS, w->limit_ms, SPAN_NONE, 0}});
    server_settle(w);
    w->session = last_target;
    for (u32 i = 0; i < PROCTORS; i++)
        ask(w, w->session, &(Command){.kind = CMD_assign, .assign = {PROCTOR + i, BY_PROCTOR, 0}});
    configure_all(w);
    for (u32 i = 0; i < w->candidate_count; i++)
        invite(w, i);
    server_settle(w);
    ASSERT(engine_attempts(w->engine, w->session, NULL, 0) == w->candidate_count);
    for (u32 i = 0; i < w->candidate_count; i++)
        device_begin(w, i * DEVICES_EACH);
    staff_begin(w);
}
