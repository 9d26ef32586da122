#include "test/app/hall.h"

TEST("Nobody is told before it is stored.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    Command answer = hall_answer(1, 1, "1");
    HallReply reply = {0};
    CHECK_EQUAL(engine_ask(h->engine, &ada, 77, id, 0, &answer, hall_replied, &reply), OK);
    u32 events = h->events, rows = h->rows;
    CHECK(engine_turn(h->engine, h->now_ms));
    CHECK(reply.count == 0 && h->events == events && h->rows == rows);
    CHECK_EQUAL(engine_stream_version(h->engine, stream_id(STREAM_ATTEMPT, id)),
                engine_attempt(h->engine, id)->version - 1);
    hall_disk(h);
    CHECK(reply.count == 1 && reply.reply.refusal == ACCEPTED);
    CHECK(h->events == events + 1 && h->rows == rows + 1);
    CHECK_EQUAL(h->row.answered, 1);
    hall_close(h);
}

TEST("A refusal that rests on something not yet stored waits for it, too.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    HallReply first = {0}, second = {0};
    Command pause = {.kind = CMD_pause};
    CHECK_EQUAL(engine_ask(h->engine, &PROCTOR_ASKS, 1, id, 0, &pause, hall_replied, &first), OK);
    engine_turn(h->engine, h->now_ms);
    CHECK_EQUAL(engine_ask(h->engine, &PROCTOR_ASKS, 2, id, 0, &pause, hall_replied, &second), OK);
    engine_turn(h->engine, h->now_ms);
    CHECK(first.count == 0 && second.count == 0);
    hall_disk(h);
    CHECK(first.reply.refusal == ACCEPTED && second.reply.refusal == R_ALREADY);
    hall_close(h);
}

typedef struct Order {
    u64 next;
    bool kept;
} Order;

static void order_replied(void *ctx, const Reply *r)
{
    Order *o = ctx;
    o->kept = o->kept && r->refusal == ACCEPTED && r->cmd == o->next;
    o->next++;
}

TEST("More commands than one turn takes are decided in order, a turn at a time, while others come.")
{
    enum {
        FIRST = 1000,
        AT_FIRST = 2 * TURN_COMMANDS_MAX,
        LATER = 200,
        END = FIRST + AT_FIRST + 3 * LATER
    };
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true), asked = FIRST, until = FIRST + AT_FIRST;
    Asker ada = hall_candidate(id);
    Command say = {.kind = CMD_say, .say = {SPAN("hello"), 0}};
    Order order = {FIRST, true};
    do {
        for (; asked < until; asked++)
            CHECK_EQUAL(engine_ask(h->engine, &ada, asked, id, 0, &say, order_replied, &order), OK);
        u64 before = engine_counts(h->engine).commands, waiting = asked - order.next;
        CHECK(engine_turn(h->engine, h->now_ms));
        CHECK_EQUAL(engine_counts(h->engine).commands - before,
                    MIN_OF(waiting, (u64)TURN_COMMANDS_MAX));
        hall_disk(h);
        until = MIN_OF(until + LATER, (u64)END);
    } while (order.next < END);
    CHECK(order.kept && asked == END);
    CHECK(!engine_turn(h->engine, h->now_ms));
    hall_close(h);
}

TEST("A command that is sent again is answered again and carried out once, also after a crash.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    Asker ada = hall_candidate(id);
    Command say = {.kind = CMD_say, .say = {SPAN("hello"), 0}};
    HallReply first = hall_ask_as(h, &ada, 500, id, &say);
    HallReply again = hall_ask_as(h, &ada, 500, id, &say);
    CHECK(again.reply.refusal == ACCEPTED && again.reply.ver == first.reply.ver);
    hall_restart(h);
    again = hall_ask_as(h, &ada, 500, id, &say);
    CHECK(again.reply.refusal == ACCEPTED && again.reply.ver == first.reply.ver);
    CHECK_EQUAL(engine_attempt(h->engine, id)->unread, 1);
    hall_close(h);
}

TEST("Each answer has a receipt that says what was stored; sent again it gets one again.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    Command answer = hall_answer(2, 3, "Because.");
    ReceiptBody body;
    u8 hash[SEAL_HASH_BYTES];
    HallReply r = hall_ask_as(h, &ada, 500, id, &answer);
    CHECK_EQUAL(receipt_check(r.reply.receipt, h->sign_public, &body), OK);
    seal_sha256(SPAN("Because."), hash);
    CHECK(body.attempt == id && body.item == 2 && body.rev == 3 &&
          !memcmp(hash, body.answer_hash, sizeof hash));
    CHECK(!memcmp(body.chain_hash, h->log[h->log_count - 1].hash, HASH_BYTES));
    u8 chain[HASH_BYTES];
    memcpy(chain, body.chain_hash, sizeof chain);
    Command other = hall_answer(1, 1, "2");
    CHECK_EQUAL(hall_ask(h, &ada, id, &other), ACCEPTED);
    hall_restart(h);
    r = hall_ask_as(h, &ada, 501, id, &answer);
    CHECK_EQUAL(receipt_check(r.reply.receipt, h->sign_public, &body), OK);
    CHECK(body.rev == 3 && !memcmp(body.chain_hash, chain, sizeof chain));
    hall_close(h);
}

TEST("An answer that does not fit its question is refused and changes nothing.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    Command bad = hall_answer(1, 1, "9"), nowhere = hall_answer(3, 1, "1");
    u32 stored = h->log_count;
    CHECK_EQUAL(hall_ask(h, &ada, id, &bad), R_BAD_ANSWER);
    CHECK_EQUAL(hall_ask(h, &ada, id, &nowhere), R_NO_SUCH_ITEM);
    CHECK_EQUAL(h->log_count, stored);
    hall_close(h);
}

TEST("What belongs to somebody else does not exist.")
{
    Hall *h = hall_open();
    u64 ada = hall_join(h, "Ada", true), bo = hall_join(h, "Bo", true);
    hall_start(h);
    Asker bo_asks = hall_candidate(bo),
          stranger = {.user = OTHER_ID, .roles = BY_PROCTOR | BY_REVIEWER}, nobody = {0};
    Command answer = hall_answer(1, 1, "1"), pause = {.kind = CMD_pause};
    CHECK_EQUAL(hall_ask(h, &bo_asks, ada, &answer), R_NOT_FOUND);
    CHECK_EQUAL(hall_ask(h, &stranger, ada, &pause), R_NOT_FOUND);
    CHECK_EQUAL(hall_ask(h, &nobody, ada, &pause), R_NOT_SIGNED_IN);
    CHECK_EQUAL(hall_ask(h, &bo_asks, bo, &pause), R_NOT_ALLOWED);
    CHECK_EQUAL(hall_ask(h, &PROCTOR_ASKS, 999, &pause), R_NOT_FOUND);
    CHECK_EQUAL(hall_ask(h, &PROCTOR_ASKS, ada, &pause), ACCEPTED);
    Command unassign = {.kind = CMD_unassign, .unassign = {PROCTOR_ID, 0}},
            resume = {.kind = CMD_resume};
    CHECK_EQUAL(hall_ask(h, &PLANNER_ASKS, h->session, &unassign), ACCEPTED);
    CHECK_EQUAL(hall_ask(h, &PROCTOR_ASKS, ada, &resume), R_NOT_FOUND);
    hall_close(h);
}

TEST("A code belongs to one open session; an old one may be used again.")
{
    Hall *h = hall_open();
    Command same = hall_session_command(h->paper, "CODE1234");
    CHECK_EQUAL(hall_ask(h, &PLANNER_ASKS, 0, &same), R_CODE_TAKEN);
    Command cancel = {.kind = CMD_cancel_session, .cancel_session = {SPAN("moved"), 0}};
    CHECK_EQUAL(hall_ask(h, &PLANNER_ASKS, h->session, &cancel), ACCEPTED);
    CHECK_EQUAL(engine_session_by_code(h->engine, SPAN("CODE1234")), h->session);
    CHECK_EQUAL(hall_ask(h, &PLANNER_ASKS, 0, &same), ACCEPTED);
    CHECK(engine_session_by_code(h->engine, SPAN("CODE1234")) != h->session);
    CHECK_EQUAL(engine_session_by_code(h->engine, SPAN("code1234")), 0);
    hall_close(h);
}

TEST("A session comes into being with its settings, people and keys, or not at all.")
{
    Hall *h = hall_open();
    Command all[] = {
        hall_session_command(h->paper, "WHOLE1"),
        {.kind = CMD_configure, .configure = {SETTING_webcam, 0, 0}},
        {.kind = CMD_assign, .assign = {PROCTOR_ID, BY_PROCTOR, 0}},
        {.kind = CMD_add_key, .add_key = {PROCTOR_ID, SPAN("wrapped"), 0}},
    };
    HallReply reply = {0};
    u32 stored = h->log_count;
    all[1].configure.value = 7;
    CHECK_EQUAL(engine_create_session(h->engine, &PLANNER_ASKS, 5, all, COUNT_OF(all), hall_replied,
                                      &reply),
                OK);
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK_EQUAL(reply.reply.refusal, R_BAD_VALUE);
    CHECK_EQUAL(h->log_count, stored);
    CHECK_EQUAL(engine_session_by_code(h->engine, SPAN("WHOLE1")), 0);
    all[1].configure.value = 0;
    CHECK_EQUAL(engine_create_session(h->engine, &PLANNER_ASKS, 6, all, COUNT_OF(all), hall_replied,
                                      &reply),
                OK);
    engine_turn(h->engine, h->now_ms);
    CHECK_EQUAL(h->waiting_batches, 1); /* one transaction */
    hall_disk(h);
    CHECK_EQUAL(reply.reply.refusal, ACCEPTED);
    hall_restart(h);
    u64 id = reply.reply.target;
    CHECK_EQUAL(engine_session(h->engine, id)->setting[SETTING_webcam], 0);
    CHECK_EQUAL(engine_assigned(h->engine, id, PROCTOR_ID), BY_PROCTOR);
    CHECK_TEXT(engine_session_key(h->engine, id, PROCTOR_ID), "wrapped");
    CHECK_EQUAL(engine_create_session(h->engine, &PROCTOR_ASKS, 7, all, COUNT_OF(all), hall_replied,
                                      &reply),
                OK);
    engine_turn(h->engine, h->now_ms);
    CHECK_EQUAL(reply.reply.refusal, R_NOT_ALLOWED);
    hall_close(h);
}

TEST("Seats, late entry and the roster are kept by the engine itself.")
{
    Hall *h = hall_open();
    hall_configure(h, SETTING_max_candidates, 1);
    hall_join(h, "Ada", false);
    Asker nobody = {.roles = BY_CANDIDATE};
    Command join = {.kind = CMD_join, .join = {SPAN("Bo"), SPAN_NONE, 1000, 0}};
    CHECK_EQUAL(hall_ask(h, &nobody, 0, &join), R_CODE_FULL);
    hall_configure(h, SETTING_max_candidates, 0);
    hall_configure(h, SETTING_open_to_code, 0);
    CHECK_EQUAL(hall_ask(h, &nobody, 0, &join), R_CODE_NOT_YOURS);
    Command invite = {.kind = CMD_invite, .invite = {SPAN("Bo"), SPAN_NONE, SPAN("17"), 1250, 0}};
    u64 bo = hall_ask_as(h, &PLANNER_ASKS, 3, 0, &invite).reply.target;
    CHECK_EQUAL(hall_ask(h, &nobody, bo, &join), ACCEPTED);
    CHECK_EQUAL(engine_attempt(h->engine, bo)->factor_permille, 1250);
    CHECK_EQUAL(engine_seats(h->engine, h->session), 2);
    hall_close(h);
}

TEST("The start of a session begins the exam of everybody who is ready, in the same batch.")
{
    Hall *h = hall_open();
    u64 ada = hall_join(h, "Ada", true), bo = hall_join(h, "Bo", false),
        cy = hall_join(h, "Cy", true);
    hall_start(h);
    CHECK_EQUAL(engine_attempt(h->engine, ada)->state, ATTEMPT_active);
    CHECK_EQUAL(engine_attempt(h->engine, bo)->state, ATTEMPT_joined);
    CHECK_EQUAL(engine_attempt(h->engine, cy)->state, ATTEMPT_active);
    hall_close(h);
}

TEST("A scheduled session starts by itself, and time ends exams by itself.")
{
    Hall *h = hall_open();
    Command later = {.kind = CMD_reschedule,
                     .reschedule = {HALL_NOW_MS, HALL_NOW_MS + 60000, 3600000, 0}};
    CHECK_EQUAL(hall_ask(h, &PLANNER_ASKS, h->session, &later), ACCEPTED);
    hall_configure(h, SETTING_start_by_proctor, 0);
    u64 ada = hall_join(h, "Ada", true);
    CHECK(engine_wake_ms(h->engine) <= HALL_NOW_MS + 60000);
    h->now_ms = HALL_NOW_MS + 60000;
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK_EQUAL(engine_attempt(h->engine, ada)->state, ATTEMPT_active);
    i64 end = h->now_ms + 3600000 + 60000;
    CHECK_EQUAL(engine_wake_ms(h->engine), end);
    engine_turn(h->engine, end - 1);
    CHECK_EQUAL(engine_attempt(h->engine, ada)->state, ATTEMPT_active);
    h->now_ms = end;
    engine_turn(h->engine, end);
    hall_disk(h);
    CHECK_EQUAL(engine_attempt(h->engine, ada)->state, ATTEMPT_ended);
    CHECK_EQUAL(engine_attempt(h->engine, ada)->max_milli, 3000); /* nothing to mark: 0 of all */
    hall_close(h);
}

TEST("Objective questions are scored at once, essays wait for a person.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    Command right = hall_answer(1, 1, "1"), submit = {.kind = CMD_submit};
    Command essay = hall_answer(2, 1, "Because.");
    CHECK_EQUAL(hall_ask(h, &ada, id, &right), ACCEPTED);
    CHECK_EQUAL(hall_ask(h, &ada, id, &essay), ACCEPTED);
    CHECK_EQUAL(hall_ask(h, &ada, id, &submit), ACCEPTED);
    const Attempt *a = engine_attempt(h->engine, id);
    CHECK(a->points_milli == 1000 && a->max_milli == 1000 && a->unmarked == 1);
    hall_close(h);
}

TEST(
    "A crash loses what was not stored and nothing else; who was connected counts as disconnected.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    Command first = hall_answer(1, 1, "1"), second = hall_answer(1, 2, "2");
    CHECK_EQUAL(hall_ask(h, &ada, id, &first), ACCEPTED);
    HallReply lost = {0};
    CHECK_EQUAL(engine_ask(h->engine, &ada, 900, id, 0, &second, hall_replied, &lost), OK);
    engine_turn(h->engine, h->now_ms);
    h->now_ms += 5000;
    hall_restart(h);
    CHECK_EQUAL(lost.count, 0);
    CHECK_EQUAL(engine_attempt(h->engine, id)->item[1].rev, 1);
    CHECK_TEXT(engine_answer(h->engine, id, 1), "1");
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK(!engine_attempt(h->engine, id)->connected);
    CHECK(engine_attempt(h->engine, id)->stop_cause == STOP_outage);
    hall_close(h);
}

TEST("An exam whose time ran out while the server was down is not ended by that.")
{
    Hall *h = hall_open();
    hall_configure(h, SETTING_outage_credit_max_ms, 1800000);
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    h->now_ms += 3500000; /* of 3600000 */
    Command first = hall_answer(1, 1, "1"), second = hall_answer(1, 2, "2");
    CHECK_EQUAL(hall_ask(h, &ada, id, &first), ACCEPTED);
    h->now_ms += 600000;
    hall_restart(h);
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK_EQUAL(engine_attempt(h->engine, id)->state, ATTEMPT_active);
    Command connect = {.kind = CMD_connect, .connect = {id, 0}};
    CHECK_EQUAL(hall_ask(h, &SERVER_ASKS, id, &connect), ACCEPTED);
    CHECK_EQUAL(engine_attempt(h->engine, id)->credit_ms, 600000);
    CHECK_EQUAL(hall_ask(h, &ada, id, &second), ACCEPTED);
    hall_close(h);
}

TEST("An exam whose time is over even with all that is given back ends when the server is back.")
{
    Hall *h = hall_open();
    hall_configure(h, SETTING_outage_credit_max_ms, 300000);
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    h->now_ms += 3600000 + 300000 + 60000;
    hall_restart(h);
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK_EQUAL(engine_attempt(h->engine, id)->state, ATTEMPT_ended);
    hall_close(h);
}

TEST("Who had handed in when the server stopped counts as disconnected, once.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    CHECK_EQUAL(hall_ask(h, &ada, id, &(Command){.kind = CMD_submit}), ACCEPTED);
    CHECK(engine_attempt(h->engine, id)->connected);
    hall_restart(h);
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK(!engine_attempt(h->engine, id)->connected);
    hall_restart(h);
    CHECK(!engine_turn(h->engine, h->now_ms)); /* once is enough */
    hall_close(h);
}

TEST("Many commands sent again at once after an outage are each carried out once.")
{
    enum { SAID = 100 };
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    for (u32 round = 0; round < 2; round++) {
        for (u32 i = 0; i < SAID; i++) {
            Command say = {.kind = CMD_say, .say = {SPAN("hello"), 0}};
            CHECK_EQUAL(hall_ask_as(h, &ada, 5000 + i, id, &say).reply.refusal, ACCEPTED);
        }
        for (u32 i = 1; i <= SAID; i++) {
            Command answer = hall_answer(1, round * SAID + i, "1");
            CHECK_EQUAL(hall_ask(h, &ada, id, &answer), ACCEPTED);
        }
        if (!round) hall_restart(h);
        engine_turn(h->engine, h->now_ms);
        hall_disk(h);
        Command connect = {.kind = CMD_connect, .connect = {id, 0}};
        hall_ask(h, &SERVER_ASKS, id, &connect);
    }
    CHECK_EQUAL(engine_attempt(h->engine, id)->unread, SAID);
    hall_close(h);
}

TEST("The state of an attempt is told from its storing on: no paper and no result before.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    Command start = {.kind = CMD_start_session};
    HallReply reply = {0};
    CHECK_EQUAL(
        engine_ask(h->engine, &PROCTOR_ASKS, 1, h->session, 0, &start, hall_replied, &reply), OK);
    engine_turn(h->engine, h->now_ms);
    CHECK_EQUAL(engine_attempt(h->engine, id)->state, ATTEMPT_active);
    CHECK(!engine_state_durable(h->engine, id));
    hall_disk(h);
    CHECK(engine_state_durable(h->engine, id));
    Asker ada = hall_candidate(id);
    Command answer = hall_answer(1, 1, "1");
    CHECK_EQUAL(engine_ask(h->engine, &ada, 2, id, 0, &answer, hall_replied, &reply), OK);
    engine_turn(h->engine, h->now_ms);
    CHECK(engine_state_durable(h->engine, id)); /* an answer changes nothing about it */
    hall_restart(h);
    CHECK(engine_state_durable(h->engine, id));
    hall_close(h);
}

TEST("An old answer that comes again gets the receipt of its own place in the chain.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    u8 chain[70][HASH_BYTES];
    ReceiptBody body;
    for (u32 round = 0; round < 2; round++) {
        for (u32 i = 0; i < COUNT_OF(chain); i++) {
            Command first = hall_answer(1, 1, "1"), other = hall_answer(2, i + 1, "Because.");
            HallReply r = hall_ask_as(h, &ada, 500, id, &first);
            CHECK_EQUAL(receipt_check(r.reply.receipt, h->sign_public, &body), OK);
            memcpy(chain[i], body.chain_hash, HASH_BYTES);
            CHECK(!memcmp(chain[i], chain[0], HASH_BYTES));
            if (!round) CHECK_EQUAL(hall_ask(h, &ada, id, &other), ACCEPTED);
            r = hall_ask_as(h, &ada, 501, id, &other);
            CHECK_EQUAL(r.reply.refusal,
                        i + 1 == COUNT_OF(chain) || !round ? ACCEPTED : R_CONFLICT);
        }
    }
    hall_close(h);
}

TEST("What a candidate writes has a limit, behind which the exam can still be handed in.")
{
    static u8 long_text[ANSWER_BYTES_MAX];
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true), other = hall_join(h, "Bo", true);
    hall_start(h);
    Asker ada = hall_candidate(id), bo = hall_candidate(other);
    memset(long_text, 'x', sizeof long_text);
    Command answer = {.kind = CMD_answer, .answer = {2, 0, HALL_NOW_MS, {long_text, 1}, 0}};
    HallReply reply = {0};
    for (u32 i = 0; i < ATTEMPT_BYTES_MAX / ANSWER_BYTES_MAX + 4; i++) {
        answer.answer.rev++;
        answer.answer.value.len = sizeof long_text;
        CHECK_EQUAL(engine_ask(h->engine, &ada, 900 + i, id, 0, &answer, hall_replied, &reply), OK);
        engine_turn(h->engine, h->now_ms);
        h->waiting_batches = 0; /* a disk that keeps nothing: the test needs no second copy */
        engine_durable(h->engine, h->batch, h->now_ms);
    }
    CHECK_EQUAL(reply.reply.refusal, R_TOO_MANY);
    CHECK(!engine_broken(h->engine));
    CHECK_EQUAL(hall_ask(h, &ada, id, &(Command){.kind = CMD_submit}), ACCEPTED);
    Command short_answer = hall_answer(1, 1, "1");
    CHECK_EQUAL(hall_ask(h, &bo, other, &short_answer), ACCEPTED);
    hall_close(h);
}

TEST("An answer that arrives after the end has a receipt, and the points are counted again (E1).")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id), server = {.roles = BY_SERVER};
    Command away = {.kind = CMD_disconnect, .disconnect = {DISCONNECTED_CLOSED, h->now_ms, 0}},
            end = {.kind = CMD_end_for_breach, .end_for_breach = {SPAN("The hall closes"), 0}};
    CHECK_EQUAL(hall_ask(h, &server, id, &away), ACCEPTED);
    CHECK_EQUAL(hall_ask(h, &PROCTOR_ASKS, id, &end), ACCEPTED);
    CHECK_EQUAL(engine_attempt(h->engine, id)->points_milli, 0);
    Command answer = hall_answer(1, 1, "1");
    HallReply r = hall_ask_as(h, &ada, 70, id, &answer);
    ReceiptBody body;
    CHECK_EQUAL(r.reply.refusal, ACCEPTED);
    CHECK_EQUAL(receipt_check(r.reply.receipt, h->sign_public, &body), OK);
    CHECK(body.item == 1 && body.rev == 1);
    CHECK(engine_attempt(h->engine, id)->points_milli > 0);
    CHECK_EQUAL(engine_attempt(h->engine, id)->flags_open, 2); /* lost connection, late arrival */
    hall_close(h);
}

TEST("A page that raises flags without end leaves room for those of people.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    Command seen = {.kind = CMD_observe,
                    .observe = {FLAG_page_hidden, HALL_NOW_MS, HALL_NOW_MS, SPAN_NONE, 0}};
    u32 raised = 0;
    while (raised < FLAGS_MAX && hall_ask(h, &ada, id, &seen) == ACCEPTED)
        raised++;
    CHECK_EQUAL(raised, FLAGS_DEVICE_MAX);
    Command flag = {.kind = CMD_flag,
                    .flag = {FLAG_rule_breach, 2, HALL_NOW_MS, HALL_NOW_MS, SPAN("a note"), 0}};
    CHECK_EQUAL(hall_ask(h, &PROCTOR_ASKS, id, &flag), ACCEPTED);
    CHECK_EQUAL(engine_attempt(h->engine, id)->flags, FLAGS_DEVICE_MAX + 1);
    hall_close(h);
}

static LogRecord *first_record_of(Hall *h, u64 stream, u64 ver)
{
    for (u32 i = 0; i < h->log_count; i++)
        if (h->log[i].stream == stream && h->log[i].ver == ver) return &h->log[i];
    return NULL;
}

/* A changed byte in the event of that version; the same call mends it. */
static void damage(Hall *h, u64 stream, u64 ver)
{
    ((u8 *)(uintptr_t)first_record_of(h, stream, ver)->event.ptr)[3] ^= 1;
}

TEST("A log with a changed byte in a session is not replayed.")
{
    Hall *h = hall_open();
    u64 stream = stream_id(STREAM_SESSION, h->session);
    damage(h, stream, 1);
    EnginePorts ports = {.log = {h, hall_submit, hall_read}, .sign_secret = h->sign_secret};
    Engine *e = engine_open(&ports);
    CHECK_EQUAL(engine_replay(e, h->now_ms, NULL), ERR_BROKEN);
    engine_close(e);
    damage(h, stream, 1);
    hall_close(h);
}

TEST("An attempt whose record was changed is set aside and named; the hall goes on (E1).")
{
    Hall *h = hall_open();
    u64 ada = hall_join(h, "Ada", true), bo = hall_join(h, "Bo", true);
    hall_start(h);
    Asker ada_asks = hall_candidate(ada), bo_asks = hall_candidate(bo);
    Command answer = hall_answer(1, 1, "1"), more = hall_answer(1, 2, "2");
    CHECK_EQUAL(hall_ask(h, &ada_asks, ada, &answer), ACCEPTED);
    u64 stream = stream_id(STREAM_ATTEMPT, ada), at = engine_stream_version(h->engine, stream);
    damage(h, stream, at);
    hall_restart(h);
    SetAside aside;
    CHECK_EQUAL(engine_set_aside(h->engine, &aside, 1), 1);
    CHECK(aside.attempt == ada && aside.ver == at);
    CHECK_TEXT(span_of(aside.why), "its record was changed");
    CHECK_EQUAL(engine_stream_version(h->engine, stream), at); /* kept as it is */
    CHECK_EQUAL(engine_counts(h->engine).set_aside, 1);
    CHECK_EQUAL(hall_ask(h, &ada_asks, ada, &more), R_SET_ASIDE);
    CHECK_EQUAL(hall_ask(h, &bo_asks, bo, &answer), ACCEPTED);
    Row row;
    engine_row(h->engine, ada, &row);
    CHECK_EQUAL(row.set_aside, 1);
    damage(h, stream, at);
    hall_close(h);
}

TEST("An attempt whose first event cannot be read keeps its number, and nobody else gets it.")
{
    Hall *h = hall_open();
    u64 ada = hall_join(h, "Ada", true), stream = stream_id(STREAM_ATTEMPT, ada);
    damage(h, stream, 1);
    hall_restart(h);
    SetAside aside;
    CHECK_EQUAL(engine_set_aside(h->engine, &aside, 1), 1);
    CHECK(aside.attempt == ada && aside.ver == 1);
    CHECK(!engine_attempt(h->engine, ada));
    CHECK(hall_join(h, "Bo", true) > ada);
    damage(h, stream, 1);
    hall_close(h);
}

TEST("An attempt that breaks a rule when it is replayed is set aside.")
{
    Hall *h = hall_open();
    u64 ada = hall_join(h, "Ada", true), stream = stream_id(STREAM_ATTEMPT, ada);
    /* A bug of an earlier version: submitted without ever having begun. */
    Event event = {.kind = EVT_submitted, .at_ms = h->now_ms, .role = BY_CANDIDATE};
    LogRecord *last = &h->log[h->log_count - 1];
    CHECK_EQUAL(last->stream, stream);
    LogRecord sound = *last;
    Buf bytes;
    buf_init(&bytes, 1024);
    event_encode(&bytes, &event);
    last->event = buf_view(&bytes);
    const LogRecord *before = first_record_of(h, stream, last->ver - 1);
    seal_chain(before->hash, stream, last->ver, last->event, last->hash);
    hall_restart(h);
    SetAside aside;
    CHECK_EQUAL(engine_set_aside(h->engine, &aside, 1), 1);
    CHECK(aside.attempt == ada && aside.ver == last->ver);
    buf_done(&bytes);
    *last = sound;
    hall_close(h);
}

TEST("When the log's queue is full the engine waits, and loses nothing.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    HallReply reply = {0}, later = {0};
    Command answer = hall_answer(1, 1, "1"), next = hall_answer(1, 2, "2");
    h->full = true;
    CHECK_EQUAL(engine_ask(h->engine, &ada, 900, id, 0, &answer, hall_replied, &reply), OK);
    engine_turn(h->engine, h->now_ms);
    CHECK_EQUAL(engine_ask(h->engine, &ada, 901, id, 0, &next, hall_replied, &later), OK);
    CHECK(!engine_turn(h->engine, h->now_ms));
    h->full = false;
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK(reply.count == 1 && later.count == 1);
    CHECK_TEXT(engine_answer(h->engine, id, 1), "2");
    hall_close(h);
}

/* The server starts again, at h->now_ms by the system's clock; the time is what the engine takes it for. */
static void start_again(Hall *h)
{
    hall_restart(h);
    h->now_ms = engine_now_ms(h->engine);
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
}

TEST("A restart without a boot goes on by the time that passed, whatever the system's clock says.")
{
    static const i64 steps[] = {3600000, -3600000};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        Hall *h = hall_open();
        Boot boot = {SPAN("first"), SPAN("1.0"), 5000};
        h->boot = &boot;
        u64 ada = hall_join(h, "Ada", true);
        start_again(h);
        Command connect = {.kind = CMD_connect, .connect = {1, 0}};
        Asker server = {.roles = BY_SERVER};
        CHECK_EQUAL(hall_ask(h, &server, ada, &connect), ACCEPTED);
        hall_start(h);
        CHECK_EQUAL(engine_attempt(h->engine, ada)->state, ATTEMPT_active);
        i64 lost_ms = h->now_ms;
        boot.ms += 7000;
        h->now_ms += 7000 + steps[i];
        start_again(h);
        CHECK_EQUAL(h->now_ms, lost_ms + 7000);
        CHECK_EQUAL(engine_attempt(h->engine, ada)->stop_since_ms, lost_ms);
        hall_close(h);
    }
}

TEST("After a boot, and when no exam is under way, a restart believes the system's clock.")
{
    Hall *h = hall_open();
    Boot boot = {SPAN("first"), SPAN("1.0"), 5000};
    h->boot = &boot;
    start_again(h);
    i64 now_ms = h->now_ms += 3600000;
    start_again(h);
    CHECK_EQUAL(h->now_ms, now_ms);
    hall_join(h, "Ada", true);
    hall_start(h);
    boot = (Boot){SPAN("second"), SPAN("1.0"), 100};
    now_ms = h->now_ms += 3600000;
    start_again(h);
    CHECK_EQUAL(h->now_ms, now_ms);
    boot = (Boot){SPAN_NONE, SPAN("1.0"), 200};
    now_ms = h->now_ms += 3600000;
    start_again(h);
    CHECK_EQUAL(h->now_ms, now_ms);
    hall_close(h);
}

TEST("The clock of the record never goes back.")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    h->now_ms -= 3600000;
    Asker ada = hall_candidate(id);
    Command say = {.kind = CMD_say, .say = {SPAN("hello"), 0}};
    HallReply r = hall_ask_as(h, &ada, 1, id, &say);
    CHECK_EQUAL(r.reply.at_ms, HALL_NOW_MS);
    hall_close(h);
}

TEST_MAIN()
