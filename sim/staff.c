/* staff.c - two proctors: impatient, contradicting each other, for one candidate or for all; and what
 * their live monitors show, drawn from the real feed (the model of LiveSocket.followFeed). */
#include "sim/judge.h"

#include <stdlib.h>

/* ---- the monitor ---- */

void staff_loaded(Page *p)
{
    p->feed_id = p->feed_seq = 0;
    p->filling = false;
}

static void rows_forget(Page *p)
{
    for (u32 i = 0; i < CANDIDATES_MAX; i++) {
        free((void *)(uintptr_t)p->row[i].ptr);
        p->row[i] = SPAN_NONE;
    }
}

static void row_forget(const World *w, Page *p, u64 attempt)
{
    for (u32 i = 0; i < w->candidate_count; i++) {
        if (w->attempts[i] != attempt) continue;
        free((void *)(uintptr_t)p->row[i].ptr);
        p->row[i] = SPAN_NONE;
    }
}

static void row_keep(World *w, Page *p, Span encoded)
{
    Row row;
    if (row_decode(encoded, &row)) {
        violation(w, &w->found.other, "a row cannot be read");
        return;
    }
    for (u32 i = 0; i < w->candidate_count; i++) {
        if (w->attempts[i] != row.attempt) continue;
        u8 *kept = malloc(encoded.len);
        ASSERT(kept);
        memcpy(kept, encoded.ptr, encoded.len);
        free((void *)(uintptr_t)p->row[i].ptr);
        p->row[i] = (Span){kept, encoded.len};
    }
}

static void ask_again(World *w, u32 page, u64 nth)
{
    Page *p = &w->pages[page];
    if (p->line.up && p->line.nth == nth) server_follow_again(w, p);
}

/* Whether this number is the next one. */
static bool feed_next(World *w, Page *p, u64 seq)
{
    if (p->filling) return true;
    if (seq == p->feed_seq + 1) {
        p->feed_seq = seq;
        return true;
    }
    if (seq > p->feed_seq) world_in(w, 20, ask_again, p->index, p->line.nth);
    return false;
}

void staff_message(World *w, Page *p, const Message *m)
{
    switch ((u32)m->kind) {
    case MSG_feed_reset:
        p->feed_id = m->feed_reset.feed_id;
        p->feed_seq = m->feed_reset.seq;
        p->filling = true;
        rows_forget(p);
        break;
    case MSG_feed_row:
        if (feed_next(w, p, m->feed_row.seq)) row_keep(w, p, m->feed_row.row);
        break;
    case MSG_feed_event: feed_next(w, p, m->feed_event.seq); break;
    case MSG_feed_gone:
        p->feed_seq = MAX_OF(p->feed_seq, m->feed_gone.seq);
        row_forget(w, p, m->feed_gone.attempt);
        break;
    case MSG_feed_ready:
        p->feed_seq = m->feed_ready.seq;
        p->filling = false;
        break;
    }
}

/* What the shown row says now: a running clock went on since it was made. */
static void row_age(Row *shown, const Row *real)
{
    if (shown->running) shown->clock_ms -= real->at_ms - shown->at_ms;
    shown->clock_ms = MAX_OF(shown->clock_ms, (i64)0);
    shown->at_ms = real->at_ms;
}

/* The first field that differs; NULL: none. */
static const char *rows_differ(const Row *a, const Row *b)
{
#define W(type, name)                                                                              \
    if (!ROW_SAME_##type(a->name, b->name)) return #name;
#define ROW_SAME_u8(x, y) ((x) == (y))
#define ROW_SAME_u32(x, y) ((x) == (y))
#define ROW_SAME_u64(x, y) ((x) == (y))
#define ROW_SAME_i64(x, y) ((x) == (y))
#define ROW_SAME_str(x, y) span_equal(x, y)
#include "schema/row.def"
#undef W
    return NULL;
}

static void compare_row(World *w, const Page *p, u32 i)
{
    Row shown, real;
    bool planner = p->who.roles & BY_PLANNER;
    engine_row(w->engine, w->attempts[i], &real);
    if (!planner && !model_seen_by(w->judge, &w->judge->models[i], p->who.user)) {
        if (p->row[i].len)
            violation(w, &w->found.other, "proctor %u sees candidate %u of another", p->index, i);
        return;
    }
    if (row_decode(p->row[i], &shown)) {
        violation(w, &w->found.other, "proctor %u has no row of candidate %u", p->index, i);
        return;
    }
    row_age(&shown, &real);
    w->counts.compared_rows++;
    const char *differs = rows_differ(&shown, &real);
    if (differs)
        violation(w, &w->found.other, "proctor %u sees another %s of candidate %u", p->index,
                  differs, i);
}

void staff_compare(World *w, Page *p)
{
    if (!page_in_touch(w, p) || p->line.planned) return;
    if (p->filling || w->flush_ms || !p->feed_id) return;
    for (u32 i = 0; i < w->candidate_count; i++)
        compare_row(w, p, i);
}

/* ---- clicks ---- */

/* A proctor, or nobody. */
static u64 somebody(World *w)
{
    return prng_once_in(&w->prng, 2) ? 0 : PROCTOR + prng_below(&w->prng, PROCTORS);
}

static Command some_door_action(World *w)
{
    u8 proof = (u8)prng_between(&w->prng, PROOF_id_photo, PROOF_room_scan);
    u8 outcome = prng_once_in(&w->prng, 3) ? PROOF_AGAIN : PROOF_IS_FINE;
    switch (prng_below(&w->prng, 8)) {
    case 0:
    case 1:
    case 2: return (Command){.kind = CMD_take_checkin};
    case 3: return (Command){.kind = CMD_release_checkin};
    case 4: return (Command){.kind = CMD_note_checkin, .note_checkin = {SPAN("Known to me."), 0}};
    case 5: return (Command){.kind = CMD_ask_again, .ask_again = {SPAN("The room is dark."), 0}};
    }
    return (Command){.kind = CMD_decide_proof,
                     .decide_proof = {proof, outcome, SPAN("Once more."), 0}};
}

static Command some_action(World *w)
{
    switch (prng_below(&w->prng, 24)) {
    case 0:
    case 1:
    case 2: return (Command){.kind = CMD_admit};
    case 3: return (Command){.kind = CMD_pause, .pause = {SPAN("break"), 0}};
    case 4:
    case 5: return (Command){.kind = CMD_resume};
    case 6: return (Command){.kind = CMD_lock, .lock = {SPAN("review"), 0}};
    case 7:
    case 8: return (Command){.kind = CMD_unlock};
    case 9:
        return (Command){.kind = CMD_decide_pause,
                         .decide_pause = {(u8)prng_below(&w->prng, 2), SPAN_NONE, 0}};
    case 10:
        if (!prng_once_in(&w->prng, 4)) break;
        return (Command){.kind = CMD_extend,
                         .extend = {prng_between(&w->prng, 1000, 90000), SPAN("noise"), 0}};
    case 11:
        if (!prng_once_in(&w->prng, 8)) break;
        return (Command){.kind = CMD_end, .end = {SPAN("left the room"), 0}};
    case 12: return (Command){.kind = CMD_lower_hand};
    case 13:
        if (!prng_once_in(&w->prng, 3)) break;
        return (Command){.kind = CMD_reopen, .reopen = {30000, SPAN("by mistake"), 0}};
    case 14: return (Command){.kind = CMD_claim, .claim = {somebody(w), 0}};
    case 15: return (Command){.kind = CMD_release, .release = {somebody(w), 0}};
    case 16: return (Command){.kind = CMD_hand_over, .hand_over = {somebody(w), SPAN_NONE, 0}};
    case 17:
        return (Command){.kind = CMD_warn,
                         .warn = {(u8)prng_below(&w->prng, 3), 0, SPAN("Eyes here, please."), 0}};
    case 18: return (Command){.kind = CMD_pause_for_incident};
    case 19:
    case 20: return (Command){.kind = CMD_resume_after_incident};
    case 21:
        if (!prng_once_in(&w->prng, 12)) break;
        return (Command){.kind = CMD_end_for_breach, .end_for_breach = {SPAN("another person"), 0}};
    case 22:
    case 23: return some_door_action(w);
    }
    return (Command){.kind = CMD_message, .message = {0, SPAN("Ten minutes."), 0}};
}

static void click(World *w, Page *p, const Command *c)
{
    u64 cmd = p->next_cmd++;
    bool everybody = prng_once_in(&w->prng, 6);
    u32 one = (u32)prng_below(&w->prng, w->candidate_count);
    w->counts.mass_actions += everybody;
    for (u32 i = 0; i < w->candidate_count; i++)
        if (everybody || i == one) page_ask(w, p, cmd, w->attempts[i], c, 0, 0);
}

/* Who asks to go on on another device is mostly let. */
static void decide_takeovers(World *w, Page *p)
{
    for (u32 i = 0; i < w->candidate_count; i++) {
        u64 device = w->judge->models[i].wants_device;
        if (!device || !prng_once_in(&w->prng, 2)) continue;
        u8 approve = !prng_once_in(&w->prng, 4);
        page_ask(w, p, p->next_cmd++, w->attempts[i],
                 &(Command){.kind = CMD_decide_takeover,
                            .decide_takeover = {device, approve, SPAN_NONE, 0}},
                 0, 0);
    }
}

static void staff_step(World *w, u32 page, u64 arg)
{
    Page *p = &w->pages[page];
    (void)arg;
    if (w->calm) return;
    Command c = some_action(w);
    decide_takeovers(w, p);
    click(w, p, &c);
    if (prng_once_in(&w->prng, 8)) click(w, p, &c); /* a double click is two commands */
    world_in(w, prng_wait(&w->prng, w->pace_ms * 2), staff_step, page, 0);
}

/* ---- the session as a whole ---- */

static Page *one_proctor(World *w)
{
    return &w->pages[DEVICES_MAX + prng_below(&w->prng, PROCTORS)];
}

static void session_starts(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    if (w->judge->sitting.state != SESSION_planned) return;
    Command start = {.kind = CMD_start_session};
    Page *p = one_proctor(w);
    page_ask(w, p, p->next_cmd++, w->session, &start, 0, 0);
    world_in(w, 8000, session_starts, 0, 0);
}

static void session_ends(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    if (w->judge->sitting.state == SESSION_ended) return;
    Command end = {.kind = CMD_end_session, .end_session = {SPAN("over"), 0}};
    Page *p = one_proctor(w);
    page_ask(w, p, p->next_cmd++, w->session, &end, 0, 0);
    world_in(w, 8000, session_ends, 0, 0);
}

/* Somebody changes what is recorded: who agreed to something else is asked again. */
static void settings_change(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    Page *p = &w->pages[DEVICES_MAX + 1]; /* who plans as well */
    i64 shown = w->judge->setting[SETTING_show_result];
    Command c = {.kind = CMD_configure, .configure = {SETTING_show_result, !shown, 0}};
    if (w->judge->sitting.state == SESSION_planned)
        page_ask(w, p, p->next_cmd++, w->session, &c, 0, 0);
}

static Command some_announcement(World *w)
{
    switch (prng_below(&w->prng, 5)) {
    case 0: return (Command){.kind = CMD_withdraw_end};
    case 1: {
        i64 ms = prng_between(&w->prng, 1000, w->limit_ms * 2);
        return (Command){.kind = CMD_announce_end,
                         .announce_end = {MIN_OF(ms, (i64)ANNOUNCED_END_MS_MAX), SPAN("soon"), 0}};
    }
    case 2: return (Command){.kind = CMD_close_incident};
    }
    return (Command){.kind = CMD_declare_incident, .declare_incident = {SPAN("no power"), 0}};
}

/* Incidents come and go; an end is announced, put off, taken back. */
static void session_is_told(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    if (w->calm) return;
    Page *p = one_proctor(w);
    Command c = some_announcement(w);
    page_ask(w, p, p->next_cmd++, w->session, &c, 0, 0);
    world_in(w, prng_wait(&w->prng, w->pace_ms * 8), session_is_told, 0, 0);
}

/* Waiting candidates are admitted sooner or later, whatever the clicks are. */
static void admit_all(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    if (w->calm) return;
    Page *p = &w->pages[DEVICES_MAX];
    for (u32 i = 0; i < w->candidate_count; i++) {
        if (w->judge->models[i].state != ATTEMPT_waiting || w->judge->models[i].admitted) continue;
        for (u8 proof = PROOF_id_photo; proof <= PROOF_room_scan; proof++)
            page_ask(w, p, p->next_cmd++, w->attempts[i],
                     &(Command){.kind = CMD_decide_proof,
                                .decide_proof = {proof, PROOF_IS_FINE, SPAN_NONE, 0}},
                     0, 0);
        page_ask(w, p, p->next_cmd++, w->attempts[i], &(Command){.kind = CMD_admit}, 0, 0);
    }
    world_in(w, 20000, admit_all, 0, 0);
}

void staff_begin(World *w)
{
    for (u32 i = 0; i < PROCTORS; i++) {
        Page *p = &w->pages[DEVICES_MAX + i];
        p->who = (Asker){.user = PROCTOR + i,
                         .roles = i ? BY_PROCTOR | BY_PLANNER | BY_ADMINISTRATOR : BY_PROCTOR};
        page_load(w, p);
        world_in(w, prng_wait(&w->prng, w->pace_ms * 2), staff_step, p->index, 0);
    }
    world_in(w, prng_wait(&w->prng, 8000), session_starts, 0, 0);
    world_in(w, 15000, admit_all, 0, 0);
    world_in(w, prng_wait(&w->prng, w->pace_ms * 8), session_is_told, 0, 0);
    if (prng_once_in(&w->prng, 3)) world_in(w, prng_wait(&w->prng, 6000), settings_change, 0, 0);
    i64 end_ms = w->limit_ms / 4 + (i64)prng_below(&w->prng, (u64)w->limit_ms * 3);
    world_in(w, end_ms, session_ends, 0, 0);
}
