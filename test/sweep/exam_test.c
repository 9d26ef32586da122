/* A whole small exam while each write, sync, opening, truncation and allocation fails in turn, and the power in
 * the middle of each. Nothing that was acknowledged is missing afterwards, nothing is there twice, nothing
 * crashes, and the exam is brought to its end. */
#include "test/sweep/world.h"

#include "test/test.h"

#define CODE SPAN("CODE1234")

enum { STEPS_MAX = 400, CRASHES_MAX = 4 };

/* ---- the planner ---- */

static Asked publish(World *w)
{
    static Item items[ITEMS];
    u32 before = w->replies;
    for (u32 i = 0; i < ITEMS; i++)
        items[i] =
            (Item){.number = i + 1, .kind = ITEM_essay, .points_milli = 1000, .text = SPAN("Why?")};
    Paper p = {.name = SPAN("Paper"), .items = items, .item_count = ITEMS};
    Err err = engine_publish_paper(w->engine, &PLANNER_ASKS, ++w->cmd, &p, SPAN("test"),
                                   world_replied, w);
    return err ? ASKED_AGAIN : world_settle(w, before);
}

static Asked create(World *w, u64 paper)
{
    Command c = {.kind = CMD_create_session,
                 .create_session = {SPAN("Session"), paper, ITEMS, CODE, WORLD_NOW_MS, WORLD_NOW_MS,
                                    3600000, SPAN("public key"), 0}};
    return world_ask(w, &PLANNER_ASKS, 0, 0, &c);
}

/* ASKED_ANSWERED without having asked: there is nothing left to set. */
static Asked set_up(World *w, u64 session, bool *asked)
{
    static const u16 off[] = {SETTING_webcam, SETTING_screen, SETTING_fullscreen,
                              SETTING_waiting_room};
    const Session *s = engine_session(w->engine, session);
    Command assign = {.kind = CMD_assign, .assign = {PROCTOR_USER, BY_PROCTOR, 0}};
    *asked = true;
    if (!engine_assigned(w->engine, session, PROCTOR_USER))
        return world_ask(w, &PLANNER_ASKS, session, session, &assign);
    for (size_t i = 0; i < COUNT_OF(off); i++) {
        Command c = {.kind = CMD_configure, .configure = {off[i], 0, 0}};
        if (s->setting[off[i]]) return world_ask(w, &PLANNER_ASKS, session, session, &c);
    }
    if (s->state == SESSION_planned)
        return world_ask(w, &PROCTOR_ASKS, session, session, &(Command){.kind = CMD_start_session});
    *asked = false;
    return ASKED_ANSWERED;
}

/* ---- the candidates ---- */

static const char *const NAMES[CANDIDATES] = {"Anna", "Berta"};

static u64 attempt_of(const World *w, u64 session, u32 who)
{
    u64 ids[8];
    u32 count = engine_attempts(w->engine, session, ids, COUNT_OF(ids));
    for (u32 i = 0; i < count && i < COUNT_OF(ids); i++)
        if (span_equal(engine_attempt_info(w->engine, ids[i])->name, span_of(NAMES[who])))
            return ids[i];
    return 0;
}

static Span text_of(u32 who, u32 item, u32 rev)
{
    static char text[200];
    int len = snprintf(text, sizeof text, "%s on question %u, revision %u", NAMES[who], item, rev);
    return (Span){(const u8 *)text, (size_t)len};
}

static Asked answer(World *w, u32 who, u64 id, u32 item, u32 rev)
{
    Asker self = {.attempt = id, .roles = BY_CANDIDATE};
    Command c = {.kind = CMD_answer, .answer = {item, rev, 1, text_of(who, item, rev), 0}};
    Asked asked = world_ask(w, &self, id, 0, &c);
    if (asked != ASKED_ANSWERED || w->reply.refusal) return asked;
    Kept *k = &w->kept[who][item][rev];
    k->acknowledged = true;
    k->ver = w->reply.ver;
    k->len = w->reply.receipt.len;
    memcpy(k->receipt, w->reply.receipt.ptr, k->len);
    return asked;
}

/* The next answer that nobody acknowledged; false: none. */
static bool next_answer(const World *w, u32 who, u32 *item, u32 *rev)
{
    for (*rev = 1; *rev <= REVISIONS; (*rev)++)
        for (*item = 1; *item <= ITEMS; (*item)++)
            if (!w->kept[who][*item][*rev].acknowledged) return true;
    return false;
}

static Span record_of(u8 out[RECORD_BYTES], u64 attempt, u32 seq)
{
    u32 payload = RECORD_BYTES - PACK_RECORD_HEADER_BYTES;
    memset(out, (int)(attempt * 7 + seq), RECORD_BYTES);
    memset(out, 0, PACK_RECORD_HEADER_BYTES);
    out[0] = 1;
    memcpy(out + 4, &seq, 4);
    memcpy(out + 20, &payload, 4);
    memcpy(out + 24, &attempt, 8);
    return (Span){out, RECORD_BYTES};
}

/* Evidence is delivered when it can be; that it cannot is no reason for anything. */
static void deliver(World *w, u64 session, u32 who, u64 id)
{
    u8 bytes[RECORD_BYTES];
    PackEntry e = {.attempt = id};
    u32 seq = w->recorded[who] + w->delivered[who];
    if (seq >= RECORDS) return;
    if (packs_append(w->packs, session, &e, record_of(bytes, id, seq)) == OK) w->delivered[who]++;
}

static void note_delivered(World *w, u64 session)
{
    PackEntry told[8];
    u32 count = packs_take_durable(w->packs, told, COUNT_OF(told));
    for (u32 i = 0; i < count; i++)
        for (u32 who = 0; who < CANDIDATES; who++)
            if (attempt_of(w, session, who) == told[i].attempt) {
                w->recorded[who]++;
                w->delivered[who]--;
            }
}

static Asked take_pause(World *w, u64 id, bool paused)
{
    Command c = {.kind = paused ? CMD_resume : CMD_pause};
    if (!paused) c.pause.reason = SPAN("The room is looked after.");
    Asked asked = world_ask(w, &PROCTOR_ASKS, id, 0, &c);
    if (asked == ASKED_ANSWERED && !w->reply.refusal) w->paused = true;
    return asked;
}

static Asked write_exam(World *w, u64 session, u32 who, const Attempt *a)
{
    Asker self = {.attempt = a->id, .roles = BY_CANDIDATE};
    bool paused = a->holds & HOLD_paused;
    u32 item, rev;
    if (paused || (who == 0 && !w->paused && w->kept[0][1][1].acknowledged))
        return take_pause(w, a->id, paused);
    deliver(w, session, who, a->id);
    if (next_answer(w, who, &item, &rev)) return answer(w, who, a->id, item, rev);
    return world_ask(w, &self, a->id, 0, &(Command){.kind = CMD_submit, .submit = {1, 0}});
}

static Asked join(World *w, u64 session, u32 who)
{
    Command c = {.kind = CMD_join, .join = {span_of(NAMES[who]), SPAN_NONE, 1000, 0}};
    return world_ask(w, &NOBODY_ASKS, 0, session, &c);
}

static Asked sit(World *w, u64 session, u32 who, bool *asked)
{
    u64 id = attempt_of(w, session, who);
    *asked = true;
    if (!id) return join(w, session, who);
    const Attempt *a = engine_attempt(w->engine, id);
    Asker self = {.attempt = id, .roles = BY_CANDIDATE};
    Command connect = {.kind = CMD_connect, .connect = {id, 0}};
    Command consent = {.kind = CMD_consent,
                       .consent = {session_disclosure(engine_session(w->engine, session)), 0}};
    *asked = !attempt_is_over(a);
    if (!*asked) return ASKED_ANSWERED;
    if (!a->connected) return world_ask(w, &SERVER_ASKS, id, 0, &connect);
    if (a->state == ATTEMPT_active) return write_exam(w, session, who, a);
    if (a->state == ATTEMPT_waiting)
        return world_ask(w, &SERVER_ASKS, id, 0, &(Command){.kind = CMD_begin});
    if (!a->disclosure) return world_ask(w, &self, id, 0, &consent);
    return world_ask(w, &self, id, 0, &(Command){.kind = CMD_ready});
}

/* What comes next, whoever does it. */
static Asked step(World *w, bool *finished)
{
    u64 paper, session = engine_session_by_code(w->engine, CODE);
    bool asked;
    if (!engine_assessments(w->engine, &paper, 1)) return publish(w);
    if (!session) return create(w, paper);
    note_delivered(w, session);
    Asked how = set_up(w, session, &asked);
    for (u32 who = 0; !asked && who < CANDIDATES; who++)
        how = sit(w, session, who, &asked);
    if (asked) return how;
    const Session *s = engine_session(w->engine, session);
    Command end = {.kind = CMD_end_session, .end_session.reason = SPAN("All have handed in.")};
    if (s->state == SESSION_running) return world_ask(w, &PROCTOR_ASKS, session, session, &end);
    *finished = true;
    return ASKED_ANSWERED;
}

/* ---- afterwards ---- */

typedef struct Found {
    World *w;
    u32 rev[CANDIDATES][ITEMS + 1];
    u32 kept;
    u64 attempt[CANDIDATES];
} Found;

static void meet(Found *f, u32 who, const LogRecord *r, const Evt_answered *a, i64 at_ms)
{
    const Kept *k = &f->w->kept[who][a->item][a->rev];
    ReceiptBody says;
    CHECK(a->rev == f->rev[who][a->item] + 1); /* each once, in order */
    f->rev[who][a->item] = a->rev;
    CHECK(span_equal(a->value, text_of(who, a->item, a->rev)));
    if (!k->acknowledged) return;
    CHECK_EQUAL(receipt_check((Span){k->receipt, k->len}, f->w->sign_public, &says), OK);
    CHECK(k->ver == r->ver && says.item == a->item && says.rev == a->rev);
    CHECK(says.stored_ms == at_ms && memcmp(says.chain_hash, r->hash, HASH_BYTES) == 0);
    f->kept++;
}

static Err found_one(void *ctx, const LogRecord *r)
{
    Found *f = ctx;
    Event e;
    if (event_decode(r->event, &e) != OK) return ERR_BROKEN;
    for (u32 who = 0; who < CANDIDATES; who++)
        if (e.kind == EVT_answered && stream_object(r->stream) == f->attempt[who])
            meet(f, who, r, &e.answered, e.at_ms);
    return OK;
}

static void check_evidence(World *w, u64 session, const Found *f)
{
    for (u32 who = 0; who < CANDIDATES; who++) {
        Arena a;
        PackEntry *list = NULL;
        u32 count = 0;
        arena_init(&a, 1 << 20);
        Err err = packs_index(w->packs, session, f->attempt[who], &a, &list, &count);
        Buf bytes;
        buf_init(&bytes, 1 << 20);
        if (!err && count) err = packs_read(w->packs, session, list, count, &bytes);
        u32 recorded = w->recorded[who];
        bool whole = bytes.len == (size_t)count * RECORD_BYTES;
        buf_done(&bytes);
        arena_done(&a);
        CHECK_EQUAL(err == ERR_MISSING ? OK : err, OK);
        CHECK(count >= recorded && whole);
    }
}

/* All on a fresh server, from what is on the disk. */
static void check_all(World *w)
{
    char why[300];
    Found f = {.w = w};
    u32 acknowledged = 0;
    CHECK(world_start(w));
    u64 session = engine_session_by_code(w->engine, CODE);
    for (u32 who = 0; who < CANDIDATES; who++) {
        f.attempt[who] = attempt_of(w, session, who);
        CHECK(engine_attempt(w->engine, f.attempt[who])->state == ATTEMPT_submitted);
        for (u32 item = 1; item <= ITEMS; item++)
            CHECK(span_equal(engine_answer(w->engine, f.attempt[who], item),
                             text_of(who, item, REVISIONS)));
    }
    check_evidence(w, session, &f);
    for (u32 who = 0; who < CANDIDATES; who++)
        for (u32 item = 1; item <= ITEMS; item++)
            for (u32 rev = 1; rev <= REVISIONS; rev++)
                acknowledged += w->kept[who][item][rev].acknowledged;
    CHECK_EQUAL(log_read(w->log, 0, found_one, &f), OK);
    CHECK_EQUAL(acknowledged, CANDIDATES * ITEMS * REVISIONS);
    CHECK_EQUAL(f.kept, acknowledged);
    CHECK_EQUAL(log_check(w->log, why, sizeof why), OK);
    world_stop(w);
}

/* ---- the sweep ---- */

/* The server has ended. What no sync covered may be gone, and then the machine is sound again. */
static void recover(FaultKind kind, bool *hit)
{
    *hit |= fault_hit;
    if (!fault_hit) return;
    if (kind == FAULT_POWER || kind == FAULT_SYNC) fault_power_loss();
    fault_arm(FAULT_NONE, 0);
}

static bool exam(World *w, FaultKind kind, long n)
{
    bool finished = false, hit = false;
    world_stop(w); /* a test that failed before may have left it */
    folder_new();
    memset(w->kept, 0, sizeof w->kept);
    memset(w->recorded, 0, sizeof w->recorded);
    w->paused = false;
    w->starts = 0;
    w->now_ms = WORLD_NOW_MS;
    fault_arm(kind, n);
    for (int i = 0; !finished; i++) {
        if (i == STEPS_MAX || w->starts == CRASHES_MAX)
            printf("  number %ld of kind %d: %d steps, %u starts, the last was answered with %s\n",
                   n, (int)kind, i, w->starts, refusal_name(w->reply.refusal));
        CHECK(i < STEPS_MAX && w->starts < CRASHES_MAX);
        bool lost = !w->engine && !world_start(w);
        if (!lost && step(w, &finished) == ASKED_LOST) {
            world_stop(w);
            lost = true;
        }
        if (lost) recover(kind, &hit);
    }
    world_stop(w);
    recover(kind, &hit);
    fault_arm(FAULT_NONE, 0);
    check_all(w);
    return hit;
}

static long each_in_turn(FaultKind kind)
{
    long n = 1;
    while (exam(&world, kind, n))
        n++;
    printf("  %ld in turn\n", n - 1);
    return n - 1;
}

TEST("Each write of a whole exam fails in turn.")
{
    CHECK(each_in_turn(FAULT_WRITE) > 100);
}

TEST("The disk is full at each write of a whole exam in turn.")
{
    CHECK(each_in_turn(FAULT_FULL) > 100);
}

TEST("Each sync of a whole exam fails in turn, and what it should have made durable is lost.")
{
    CHECK(each_in_turn(FAULT_SYNC) > 30);
}

TEST("Each opening of a file fails in turn.")
{
    CHECK(each_in_turn(FAULT_OPEN) > 5);
}

TEST("Each truncation fails in turn.")
{
    CHECK(each_in_turn(FAULT_TRUNCATE) > 0);
}

TEST("Each allocation of a whole exam fails in turn.")
{
    CHECK(each_in_turn(FAULT_ALLOCATION) > 500);
}

TEST("The power fails at each operation of a whole exam in turn.")
{
    CHECK(each_in_turn(FAULT_POWER) > 100);
}

/* With KIND and N that one exam alone is repeated, as a failure names it. */
int main(int count, char **args)
{
    fault_install();
    if (seal_init() != OK) return 1;
    seal_sign_keys(world.sign_public, world.sign_secret);
    if (count != 3) return test_run_all();
    if (setjmp(test_out)) return 1;
    exam(&world, (FaultKind)strtol(args[1], NULL, 10), strtol(args[2], NULL, 10));
    return 0;
}
