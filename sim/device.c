/* device.c - a candidate at a device: a journal that keeps the newest text of each question until the
 * server has it (the model of web/exam/answers.ts and web/lib/journal.ts), the real core fed by the real
 * feed, and somebody who types, asks, closes the tab and comes back. */
#include "sim/judge.h"
#include "sim/net.h"

#include <stdio.h>
#include <stdlib.h>

enum { AGAIN_MS = 3000, REST_MS = 400 };

Span text_write(u32 number, char out[16])
{
    if (!number) return SPAN_NONE;
    snprintf(out, 16, "t%u", number);
    return span_of(out);
}

u32 text_read(Span text)
{
    char copy[16] = "";
    if (!text.len || text.len >= sizeof copy) return 0;
    memcpy(copy, text.ptr, text.len);
    return copy[0] == 't' ? (u32)strtoul(copy + 1, NULL, 10) : UINT32_MAX;
}

/* What the device takes for the server's time. */
static i64 thought_ms(World *w, const Page *p)
{
    return w->now_ms + w->wall_off_ms + p->clock_off_ms;
}

static u64 ask_simple(World *w, Page *p, const Command *c)
{
    u64 cmd = p->next_cmd++;
    page_ask(w, p, cmd, p->who.attempt, c, 0, 0);
    return cmd;
}

/* ---- the way of an answer ---- */

static void deliver_answer(World *w, Page *p, u32 item)
{
    Draft *d = &p->draft[item];
    char text[16];
    if (!p->open || d->flying_rev || d->state != DRAFT_KEPT) return;
    if (attempt_may_deliver(&p->attempt, &p->session, thought_ms(w, p)) != ACCEPTED &&
        !prng_once_in(&w->prng, 6)) /* its clock may be wrong: some ask all the same */
        return;
    d->flying_rev = d->rev;
    Command c = {.kind = CMD_answer,
                 .answer = {item, d->rev, d->device_ms, text_write(d->text, text), 0}};
    page_ask(w, p, p->next_cmd++, p->who.attempt, &c, item, d->rev);
    if (p->pending_count == PENDING_MAX) d->flying_rev = 0;
}

static void resend_answers(World *w, Page *p)
{
    for (u32 item = 1; item <= SIM_ITEMS; item++)
        deliver_answer(w, p, item);
}

static void resend_later(World *w, u32 page, u64 load)
{
    Page *p = &w->pages[page];
    if (p->load != load) return;
    p->resend_ms = 0;
    resend_answers(w, p);
}

static void plan_resend(World *w, Page *p, i64 in_ms)
{
    if (p->resend_ms) return;
    p->resend_ms = w->now_ms + in_ms;
    world_in(w, in_ms, resend_later, p->index, p->load);
}

static void write_answer(World *w, Page *p)
{
    u32 item = (u32)prng_between(&w->prng, 1, SIM_ITEMS);
    Draft *d = &p->draft[item];
    u32 rev = MAX_OF(d->rev, d->server_rev) + 1;
    if (rev >= REVS_MAX) return;
    d->rev = rev;
    d->text = prng_once_in(&w->prng, 10) ? 0 : w->next_text++;
    d->device_ms = w->now_ms + p->clock_off_ms;
    d->state = DRAFT_KEPT;
    plan_resend(w, p, REST_MS);
}

static bool passes(Refusal r)
{
    switch ((u32)r) {
    case R_IS_PAUSED:
    case R_IS_LOCKED:
    case R_IS_SYSTEM_PAUSED:
    case R_NOT_STORED:
    case R_BUSY:
    case R_TOO_EARLY:
    case R_FAULT: return true;
    }
    return false;
}

static void check_receipt(World *w, const Page *p, const Pending *asked, const Reply *r)
{
    ReceiptBody body;
    u8 hash[SEAL_HASH_BYTES];
    Command c;
    bool sound = command_decode((Span){asked->bytes, asked->len}, &c) == OK;
    ASSERT(sound);
    /* Checking a signature is slow: some of them; what the receipt says: all. */
    bool genuine = r->receipt.len > 61 && receipt_check(r->receipt, w->sign_public, &body) == OK;
    if (!genuine) {
        violation(w, &w->found.other, "the receipt of item %u rev %u is not genuine", asked->item,
                  asked->rev);
        return;
    }
    seal_sha256(c.answer.value, hash);
    if (body.attempt != p->who.attempt || body.item != asked->item || body.rev != asked->rev ||
        memcmp(hash, body.answer_hash, sizeof hash))
        violation(w, &w->found.other, "the receipt of item %u rev %u says something else",
                  asked->item, asked->rev);
}

static void answer_saved(World *w, Page *p, const Pending *asked, const Reply *r)
{
    Draft *d = &p->draft[asked->item];
    Command c;
    if (command_decode((Span){asked->bytes, asked->len}, &c)) return;
    w->counts.acknowledged++;
    d->server_rev = MAX_OF(d->server_rev, asked->rev);
    judge_saved(w, p->index / DEVICES_EACH, asked->item, asked->rev, text_read(c.answer.value));
    if (prng_once_in(&w->prng, 6)) check_receipt(w, p, asked, r);
    if (d->rev == asked->rev) d->state = DRAFT_STORED;
}

static void answer_replied(World *w, Page *p, const Pending *asked, const Reply *r)
{
    Draft *d = &p->draft[asked->item];
    d->flying_rev = 0;
    if (r->refusal == ACCEPTED) answer_saved(w, p, asked, r);
    else if (passes(r->refusal)) plan_resend(w, p, AGAIN_MS);
    else if (r->refusal == R_CONFLICT && d->rev == asked->rev) {
        d->rev = MAX_OF(asked->rev, d->server_rev) + 1;
        if (d->rev >= REVS_MAX) d->state = DRAFT_REFUSED;
    } else if (d->rev == asked->rev) d->state = DRAFT_REFUSED;
    if (d->state == DRAFT_KEPT && d->rev != asked->rev) plan_resend(w, p, 1);
}

void device_replied(World *w, Page *p, const Pending *asked, const Reply *r)
{
    w->counts.refused += r->refusal != ACCEPTED;
    if (asked->item) answer_replied(w, p, asked, r);
}

/* ---- what the server tells ---- */

static void heard_answer(World *w, Page *p, const Event *e)
{
    const Evt_answered *a = &e->answered;
    if (!a->item || a->item > SIM_ITEMS) return;
    Draft *d = &p->draft[a->item];
    u32 text = text_read(a->value);
    d->server_rev = MAX_OF(d->server_rev, a->rev);
    bool mine_stored = d->state == DRAFT_STORED;
    bool newer = d->state == DRAFT_NONE || (mine_stored && a->rev > d->rev);
    if (!newer && (mine_stored || a->rev < d->rev)) return;
    if (newer || d->text == text || d->device_ms <= a->device_ms) {
        d->rev = a->rev;
        d->text = text;
        d->device_ms = a->device_ms;
        d->state = DRAFT_STORED;
        return;
    }
    d->rev = a->rev + 1; /* ours is later: it gets a number of its own */
    if (d->rev >= REVS_MAX) d->state = DRAFT_REFUSED;
    else if (d->state == DRAFT_KEPT) plan_resend(w, p, 1);
}

static void apply_event(World *w, Page *p, u64 stream, Span encoded)
{
    bool of_session = stream_kind(stream) == STREAM_SESSION;
    Event e;
    if (!encoded.len) { /* for staff only: its number stays */
        if (of_session) p->session.version++;
        else p->attempt.version++;
        return;
    }
    if (event_decode(encoded, &e)) {
        violation(w, &w->found.other, "a page cannot read an event");
        return;
    }
    if (event_audience(e.kind) == TO_STAFF)
        violation(w, &w->found.other, "page %u is told what is for staff", p->index);
    if (of_session) session_apply(&p->session, &e);
    else attempt_apply(&p->attempt, &p->session, &e);
    if (e.kind == EVT_answered) heard_answer(w, p, &e);
    if (e.kind == EVT_resumed || e.kind == EVT_unlocked || e.kind == EVT_system_resumed)
        plan_resend(w, p, 1);
}

static void ask_again(World *w, u32 page, u64 nth)
{
    Page *p = &w->pages[page];
    if (p->line.up && p->line.nth == nth) server_follow_again(w, p);
}

static void take_event(World *w, Page *p, const Msg_event *m)
{
    u64 *seen =
        stream_kind(m->stream) == STREAM_SESSION ? &p->session.version : &p->attempt.version;
    if (m->ver <= *seen) return;
    if (m->ver == *seen + 1) apply_event(w, p, m->stream, m->event);
    else world_in(w, 20, ask_again, p->index, p->line.nth);
}

/* Which device leads: who begins to lead follows the attempt from here on. */
static void take_seat(World *w, Page *p, const Msg_seat *m)
{
    bool led = p->leads;
    p->leads = m->state == SIM_SEAT_HERE;
    if (p->leads && !led) world_in(w, net_delay_ms(w), ask_again, p->index, p->line.nth);
}

/* Shows what is asked for and not there, or says that it cannot be shown. */
static void show_proofs(World *w, Page *p)
{
    for (u8 proof = PROOF_id_photo; proof <= PROOF_room_scan; proof++) {
        ProofState state = attempt_proof(&p->attempt, proof);
        if (state != PROOF_NONE && state != PROOF_ASKED_AGAIN) continue;
        Command show = {.kind = CMD_show_proof, .show_proof = {proof, 1, 1, p->load, 0, 3, 0}};
        Command not = {.kind = CMD_declare_alternative,
                       .declare_alternative = {proof, SPAN("The camera is fixed."), 0}};
        ask_simple(w, p, prng_once_in(&w->prng, 5) ? &not : &show);
    }
}

static void set_up(World *w, Page *p)
{
    const Attempt *a = &p->attempt;
    u32 disclosure = oracle_disclosure(w->judge);
    if (a->state == ATTEMPT_none) {
        char name[16];
        snprintf(name, sizeof name, "c%u", p->index / DEVICES_EACH);
        ask_simple(w, p, &(Command){.kind = CMD_join, .join = {span_of(name), SPAN_NONE, 1000, 0}});
    }
    if (a->state != ATTEMPT_joined) return;
    if (a->disclosure != disclosure)
        ask_simple(w, p, &(Command){.kind = CMD_consent, .consent = {disclosure, 0}});
    for (u8 k = 1; k <= 7; k++)
        if (!a->check_passed[k])
            ask_simple(w, p,
                       &(Command){.kind = CMD_report_check,
                                  .report_check = {k, CHECK_PASSED, SPAN_NONE, 0}});
    show_proofs(w, p);
    ask_simple(w, p, &(Command){.kind = CMD_ready});
}

void device_message(World *w, Page *p, const Message *m)
{
    if (m->kind == MSG_event) take_event(w, p, &m->event);
    if (m->kind == MSG_seat) take_seat(w, p, &m->seat);
    if (m->kind != MSG_followed) return;
    bool attempt = stream_kind(m->followed.stream) == STREAM_ATTEMPT;
    u64 seen = attempt ? p->attempt.version : p->session.version;
    if (seen != m->followed.upto_ver)
        violation(w, &w->found.other, "page %u is told that it has %llu events, it has %llu",
                  p->index, (unsigned long long)m->followed.upto_ver, (unsigned long long)seen);
    if (!attempt) return;
    p->caught_up = true;
    set_up(w, p);
    resend_answers(w, p);
}

void device_connected(World *w, Page *p)
{
    p->clock_off_ms = prng_between(&w->prng, -800, 800); /* the first pong says the time */
}

void device_loaded(World *w, Page *p)
{
    memset(p->items, 0, sizeof p->items);
    attempt_init(&p->attempt, p->who.attempt, w->session, p->items, SIM_ITEMS);
    session_init(&p->session, w->session);
    p->caught_up = false;
    p->resend_ms = 0;
    for (u32 i = 1; i <= SIM_ITEMS; i++)
        p->draft[i].flying_rev = 0;
}

/* ---- live = client ---- */

/* Candidates are not told of flags, points and verdicts, nor of who looks after them. */
static void hide_staff_part(Attempt *a)
{
    a->flags = a->flags_open = a->flags_confirmed = a->unmarked = 0;
    memset(a->flag, 0, sizeof a->flag);
    a->worst_open_flag = a->verdict = 0;
    a->checkin_by = 0;
    a->checkin_ms = 0;
    a->points_milli = a->max_milli = 0;
    a->proctor = a->claimed_by = 0;
    a->claimed_ms = 0;
}

/* Everything that candidates may know, compared byte by byte. */
void device_compare(World *w, Page *p)
{
    static Attempt mine, real;
    u64 stream = stream_id(STREAM_ATTEMPT, p->who.attempt);
    if (!page_in_touch(w, p) || !p->caught_up || p->line.planned) return;
    real = *engine_attempt(w->engine, p->who.attempt);
    if (engine_stream_version(w->engine, stream) != real.version) return;
    if (real.state == ATTEMPT_invited || real.state == ATTEMPT_absent) return; /* nor of these */
    mine = p->attempt;
    w->counts.compared_devices++;
    hide_staff_part(&mine);
    hide_staff_part(&real);
    if (!attempt_same(&mine, &real))
        violation(w, &w->found.other, "page %u knows another state than the server", p->index);
}

/* ---- the person ---- */

static void say_something(World *w, Page *p)
{
    char text[16];
    ask_simple(w, p, &(Command){.kind = CMD_say, .say = {text_write(w->next_text++, text), 0}});
}

/* What only others may do is refused, and so is what is another's. */
static void ask_strange(World *w, Page *p)
{
    u64 other = w->attempts[prng_below(&w->prng, w->candidate_count)];
    Command unlock = {.kind = CMD_unlock}, lower = {.kind = CMD_lower_hand};
    if (prng_once_in(&w->prng, 2)) ask_simple(w, p, &unlock);
    else page_ask(w, p, p->next_cmd++, other, &lower, 0, 0);
}

static void person_does(World *w, Page *p)
{
    static const u8 tracks[] = {TRACK_webcam, TRACK_screen, TRACK_phone, TRACK_microphone};
    u8 track = tracks[prng_below(&w->prng, COUNT_OF(tracks))];
    u32 item = (u32)prng_between(&w->prng, 1, SIM_ITEMS);
    Command c = {.kind = 0};
    switch (prng_below(&w->prng, 27)) {
    case 0: say_something(w, p); return;
    case 1: c.kind = CMD_raise_hand; break;
    case 2: c = (Command){.kind = CMD_request_pause}; break;
    case 3: c.kind = CMD_withdraw_pause; break;
    case 4: c = (Command){.kind = CMD_lose_track, .lose_track = {track, 0}}; break;
    case 5:
    case 6: c = (Command){.kind = CMD_restore_track, .restore_track = {track, 0}}; break;
    case 7: c = (Command){.kind = CMD_mark, .mark = {item, (u8)prng_below(&w->prng, 2), 0}}; break;
    case 8:
        c = (Command){.kind = CMD_observe,
                      .observe = {FLAG_page_hidden, w->now_ms - 5, w->now_ms, SPAN_NONE, 0}};
        break;
    case 9:
        if (!prng_once_in(&w->prng, 4)) break;
        ask_strange(w, p);
        return;
    case 10:
        if (prng_once_in(&w->prng, 12)) c = (Command){.kind = CMD_submit, .submit = {w->now_ms, 0}};
        break;
    case 11: c = (Command){.kind = CMD_explain, .explain = {SPAN("It rang."), 0}}; break;
    case 12:
        c = (Command){.kind = CMD_acknowledge_warning,
                      .acknowledge_warning = {p->attempt.warnings, 0}};
        break;
    default: write_answer(w, p); return;
    }
    if (c.kind) ask_simple(w, p, &c);
}

/* Two devices: who does not lead asks to, and who was told that the other one leads comes back. */
static void wants_lead_back(World *w, Page *p)
{
    if (p->open && p->line.up && !p->leads && prng_once_in(&w->prng, 3))
        ask_simple(w, p, &(Command){.kind = CMD_ask_takeover, .ask_takeover = {p->device, 0}});
    /* Or it tells that it was handed in here. */
    if (p->open && p->line.up && prng_once_in(&w->prng, 12))
        ask_simple(w, p,
                   &(Command){.kind = CMD_tell_hand_in, .tell_hand_in = {p->device, w->now_ms, 0}});
    if (!p->resting || !prng_once_in(&w->prng, 6)) return;
    p->resting = false;
    w->counts.device_changes++;
    world_in(w, net_delay_ms(w), page_dial, p->index, p->load);
}

static void device_step(World *w, u32 page, u64 arg)
{
    Page *p = &w->pages[page];
    (void)arg;
    if (w->calm) return;
    wants_lead_back(w, p);
    bool writes = p->open && !p->resting && (p->leads || prng_once_in(&w->prng, 5)) &&
                  (p->attempt.state == ATTEMPT_active || prng_once_in(&w->prng, 8));
    if (writes) person_does(w, p);
    if (prng_once_in(&w->prng, 40)) server_note_media(w, p->who.attempt);
    if (p->open && p->caught_up && p->attempt.state == ATTEMPT_joined && prng_once_in(&w->prng, 2))
        set_up(w, p);
    if (p->open && p->caught_up && p->attempt.state == ATTEMPT_waiting && prng_once_in(&w->prng, 2))
        show_proofs(w, p);
    if (attempt_is_over(&p->attempt) && !prng_once_in(&w->prng, 4)) return; /* goes home */
    world_in(w, prng_wait(&w->prng, w->pace_ms), device_step, page, 0);
}

void device_begin(World *w, u32 page)
{
    Page *p = &w->pages[page];
    p->device = page + 1;
    p->who = (Asker){
        .attempt = w->attempts[page / DEVICES_EACH], .device = p->device, .roles = BY_CANDIDATE};
    page_load(w, p);
    world_in(w, prng_wait(&w->prng, w->pace_ms), device_step, page, 0);
}
