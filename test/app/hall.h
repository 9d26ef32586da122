/* hall.h - an engine on a log in memory whose disk is told by the test when to be done, with a paper, a
 * session and people. For the tests of the app room. */
#ifndef INVIGIL_TEST_HALL_H
#define INVIGIL_TEST_HALL_H

#include "app/engine.h"
#include "test/test.h"

enum {
    HALL_NOW_MS = 1700000000,
    HALL_RECORDS_MAX = 4096,
    PROCTOR_ID = 2,
    PLANNER_ID = 3,
    OTHER_ID = 9
};

typedef struct HallReply {
    u32 count;
    Reply reply; /* the latest; its receipt is copied below */
    u8 receipt[2048];
    u32 receipt_len;
} HallReply;

typedef struct Hall {
    Engine *engine;
    LogRecord log[HALL_RECORDS_MAX]; /* what is durable, copied */
    u32 log_count;
    const LogRecord *waiting[64];
    u32 waiting_count[64], waiting_batches;
    u64 batch; /* newest submitted */
    bool full; /* the log's queue takes nothing */
    u32 events, rows;
    Row row;
    const Boot *boot; /* NULL: no start of a server is written */
    i64 now_ms;
    u64 session, paper, next_cmd;
    u8 sign_public[SEAL_SIGN_PUBLIC_BYTES], sign_secret[SEAL_SIGN_SECRET_BYTES];
    Arena memory;
} Hall;

static const Asker PLANNER_ASKS = {.user = PLANNER_ID, .roles = BY_PLANNER};
static const Asker PROCTOR_ASKS = {.user = PROCTOR_ID, .roles = BY_PROCTOR};
static const Asker SERVER_ASKS = {.roles = BY_SERVER};

static inline Err hall_submit(void *self, const LogRecord *records, u32 count, u64 batch)
{
    Hall *h = self;
    if (h->full || h->waiting_batches == 64) return ERR_BUSY;
    h->waiting[h->waiting_batches] = records;
    h->waiting_count[h->waiting_batches++] = count;
    h->batch = batch;
    return OK;
}

static inline Err hall_read(void *self, u64 after, Err (*each)(void *ctx, const LogRecord *r),
                            void *ctx)
{
    const Hall *h = self;
    for (u32 i = (u32)after; i < h->log_count; i++) {
        Err err = each(ctx, &h->log[i]);
        if (err) return err;
    }
    return OK;
}

static inline void hall_event(void *ctx, u64 stream, u64 ver, const Event *e, Span encoded)
{
    (void)stream, (void)ver, (void)e, (void)encoded;
    ((Hall *)ctx)->events++;
}

static inline void hall_row(void *ctx, u64 session, const Row *row)
{
    Hall *h = ctx;
    (void)session;
    h->rows++;
    h->row = *row;
    h->row.name = h->row.number = h->row.hold_reason = SPAN_NONE;
}

/* The disk is done with everything that waits. */
static inline void hall_disk(Hall *h)
{
    for (u32 b = 0; b < h->waiting_batches; b++) {
        for (u32 i = 0; i < h->waiting_count[b]; i++) {
            CHECK(h->log_count < HALL_RECORDS_MAX);
            LogRecord *kept = &h->log[h->log_count++];
            *kept = h->waiting[b][i];
            kept->event = arena_copy(&h->memory, h->waiting[b][i].event);
        }
    }
    h->waiting_batches = 0;
    engine_durable(h->engine, h->batch, h->now_ms);
}

static inline void hall_replied(void *ctx, const Reply *r)
{
    HallReply *out = ctx;
    out->count++;
    out->reply = *r;
    out->receipt_len = (u32)r->receipt.len;
    if (r->receipt.len && r->receipt.len <= sizeof out->receipt)
        memcpy(out->receipt, r->receipt.ptr, r->receipt.len);
    out->reply.receipt = (Span){out->receipt, out->receipt_len};
}

/* Asks, takes a turn, lets the disk finish. */
static inline HallReply hall_ask_as(Hall *h, const Asker *who, u64 cmd, u64 target,
                                    const Command *c)
{
    static HallReply reply; /* outlives a test that fails in the middle */
    reply = (HallReply){0};
    CHECK_EQUAL(engine_ask(h->engine, who, cmd, target, h->session, c, hall_replied, &reply), OK);
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK_EQUAL(reply.count, 1);
    return reply;
}

static inline Refusal hall_ask(Hall *h, const Asker *who, u64 target, const Command *c)
{
    return hall_ask_as(h, who, h->next_cmd++, target, c).reply.refusal;
}

static inline void hall_engine(Hall *h)
{
    EnginePorts ports = {.log = {h, hall_submit, hall_read},
                         .sign_secret = h->sign_secret,
                         .on_event = hall_event,
                         .on_row = hall_row,
                         .ctx = h};
    h->engine = engine_open(&ports);
    CHECK(h->engine);
    CHECK_EQUAL(engine_replay(h->engine, h->now_ms, h->boot), OK);
}

/* Kills the engine - what was not durable is gone - and replays. */
static inline void hall_restart(Hall *h)
{
    engine_close(h->engine);
    h->waiting_batches = 0;
    h->batch = 0;
    hall_engine(h);
}

static inline void hall_close(Hall *h)
{
    engine_close(h->engine);
    arena_done(&h->memory);
}

static inline u64 hall_publish(Hall *h)
{
    static Option choices[2] = {{.text = {(const u8 *)"yes", 3}, .fraction_permille = 1000},
                                {.text = {(const u8 *)"no", 2}}};
    static Item items[2];
    HallReply reply = {0};
    items[0] = (Item){.number = 1,
                      .kind = ITEM_single_choice,
                      .points_milli = 1000,
                      .text = SPAN("Yes?"),
                      .options = choices,
                      .option_count = 2};
    items[1] = (Item){.number = 2, .kind = ITEM_essay, .points_milli = 2000, .text = SPAN("Why?")};
    Paper p = {.name = SPAN("Paper"), .items = items, .item_count = 2};
    CHECK_EQUAL(
        engine_publish_paper(h->engine, &PLANNER_ASKS, 1, &p, SPAN("test"), hall_replied, &reply),
        OK);
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK_EQUAL(reply.reply.refusal, ACCEPTED);
    return reply.reply.target;
}

static inline Command hall_session_command(u64 paper, const char *code)
{
    return (Command){.kind = CMD_create_session,
                     .create_session = {SPAN("Session"), paper, 2, span_of(code), HALL_NOW_MS,
                                        HALL_NOW_MS, 3600000, SPAN("public key"), 0}};
}

static inline void hall_configure(Hall *h, u16 setting, i64 value)
{
    Command c = {.kind = CMD_configure, .configure = {setting, value, 0}};
    CHECK_EQUAL(hall_ask(h, &PLANNER_ASKS, h->session, &c), ACCEPTED);
}

static inline Hall *hall_open(void)
{
    static Hall hall;
    memset(&hall, 0, sizeof hall);
    Hall *h = &hall;
    CHECK_EQUAL(seal_init(), OK);
    arena_init(&h->memory, 1 << 26);
    seal_sign_keys(h->sign_public, h->sign_secret);
    h->now_ms = HALL_NOW_MS;
    h->next_cmd = 1000;
    hall_engine(h);
    h->paper = hall_publish(h);
    Command create = hall_session_command(h->paper, "CODE1234");
    h->session = hall_ask_as(h, &PLANNER_ASKS, 2, 0, &create).reply.target;
    Command assign = {.kind = CMD_assign, .assign = {PROCTOR_ID, BY_PROCTOR, 0}};
    CHECK_EQUAL(hall_ask(h, &PLANNER_ASKS, h->session, &assign), ACCEPTED);
    static const u16 off[] = {SETTING_webcam, SETTING_screen, SETTING_fullscreen,
                              SETTING_waiting_room};
    for (size_t i = 0; i < COUNT_OF(off); i++)
        hall_configure(h, off[i], 0);
    return h;
}

static inline Asker hall_candidate(u64 attempt)
{
    return (Asker){.attempt = attempt, .roles = BY_CANDIDATE};
}

/* Joins and is connected; with `ready` also agrees and waits. */
static inline u64 hall_join(Hall *h, const char *name, bool ready)
{
    Asker nobody = {.roles = BY_CANDIDATE};
    Command join = {.kind = CMD_join, .join = {span_of(name), SPAN_NONE, 1000, 0}};
    HallReply r = hall_ask_as(h, &nobody, h->next_cmd++, 0, &join);
    CHECK_EQUAL(r.reply.refusal, ACCEPTED);
    u64 id = r.reply.target;
    Asker self = hall_candidate(id);
    Command connect = {.kind = CMD_connect, .connect = {id, 0}};
    CHECK_EQUAL(hall_ask(h, &SERVER_ASKS, id, &connect), ACCEPTED);
    if (!ready) return id;
    Command consent = {.kind = CMD_consent,
                       .consent = {session_disclosure(engine_session(h->engine, h->session)), 0}};
    CHECK_EQUAL(hall_ask(h, &self, id, &consent), ACCEPTED);
    CHECK_EQUAL(hall_ask(h, &self, id, &(Command){.kind = CMD_ready}), ACCEPTED);
    return id;
}

static inline void hall_start(Hall *h)
{
    CHECK_EQUAL(hall_ask(h, &PROCTOR_ASKS, h->session, &(Command){.kind = CMD_start_session}),
                ACCEPTED);
}

static inline Command hall_answer(u32 item, u32 rev, const char *text)
{
    return (Command){.kind = CMD_answer, .answer = {item, rev, HALL_NOW_MS, span_of(text), 0}};
}

#endif
