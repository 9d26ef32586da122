/* What staff do to many, through the engine: an announced end that comes by itself, an incident that pauses
 * one and not the other, two proctors at once, and a restart in the middle of each. */
#include "test/app/hall.h"

static const Attempt *at(const Hall *h, u64 id)
{
    return engine_attempt(h->engine, id);
}

static Refusal proctor(Hall *h, u64 target, const Command *c)
{
    return hall_ask(h, &PROCTOR_ASKS, target, c);
}

TEST("An announced end comes by itself, also when the server was restarted meanwhile (P11).")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Command announce = {.kind = CMD_announce_end, .announce_end = {300000, SPAN("Soon."), 0}};
    CHECK_EQUAL(proctor(h, h->session, &announce), ACCEPTED);
    i64 end_ms = engine_session(h->engine, h->session)->end_ms;
    CHECK_EQUAL(end_ms, h->now_ms + 300000);
    hall_restart(h);
    CHECK_EQUAL(engine_session(h->engine, h->session)->end_ms, end_ms);
    h->now_ms = end_ms - 1;
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK(engine_session(h->engine, h->session)->state == SESSION_running);
    h->now_ms = end_ms;
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK(engine_session(h->engine, h->session)->state == SESSION_ended);
    h->now_ms += 60000;
    engine_turn(h->engine, h->now_ms);
    hall_disk(h);
    CHECK(at(h, id)->state == ATTEMPT_ended && at(h, id)->end_cause == ENDED_BY_SESSION);
    hall_close(h);
}

TEST("An incident pauses whom nobody had paused, and after a restart resumes only them (S1.62).")
{
    Hall *h = hall_open();
    u64 ada = hall_join(h, "Ada", true), bo = hall_join(h, "Bo", true);
    hall_start(h);
    Command pause = {.kind = CMD_pause}, declare = {.kind = CMD_declare_incident},
            all = {.kind = CMD_pause_for_incident}, resume = {.kind = CMD_resume_after_incident};
    CHECK_EQUAL(proctor(h, ada, &all), R_NO_INCIDENT);
    declare.declare_incident.reason = SPAN("No power.");
    CHECK_EQUAL(proctor(h, bo, &pause), ACCEPTED);
    CHECK_EQUAL(proctor(h, h->session, &declare), ACCEPTED);
    CHECK_EQUAL(proctor(h, h->session, &declare), R_ALREADY);
    CHECK_EQUAL(proctor(h, ada, &all), ACCEPTED);
    CHECK_EQUAL(proctor(h, bo, &all), R_ALREADY);
    hall_restart(h);
    CHECK_EQUAL(at(h, ada)->holds, HOLD_paused | HOLD_incident);
    CHECK_EQUAL(proctor(h, ada, &resume), ACCEPTED);
    CHECK_EQUAL(proctor(h, bo, &resume), R_NOT_HELD);
    CHECK_EQUAL(at(h, bo)->holds, HOLD_paused);
    hall_close(h);
}

TEST(
    "Two proctors who warn for the same thing at once give one warning; the row counts it (S2.28).")
{
    Hall *h = hall_open();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    Command warn = {.kind = CMD_warn, .warn = {1, 0, SPAN("Please stay in the picture."), 0}},
            end = {.kind = CMD_end, .end = {SPAN("Left the room."), 0}},
            read = {.kind = CMD_acknowledge_warning, .acknowledge_warning = {1, 0}};
    CHECK_EQUAL(proctor(h, id, &end), R_NOT_WARNED);
    CHECK_EQUAL(proctor(h, id, &warn), ACCEPTED);
    CHECK_EQUAL(proctor(h, id, &warn), R_CONFLICT);
    Row row;
    engine_row(h->engine, id, &row);
    CHECK(row.warnings == 1 && row.warnings_seen == 0);
    CHECK_EQUAL(hall_ask(h, &ada, id, &read), ACCEPTED);
    engine_row(h->engine, id, &row);
    CHECK(row.warnings == 1 && row.warnings_seen == 1);
    CHECK_EQUAL(hall_ask(h, &ada, id, &warn), R_NOT_ALLOWED);
    CHECK_EQUAL(proctor(h, id, &end), ACCEPTED);
    CHECK_EQUAL(proctor(h, id, &end), R_IS_OVER);
    hall_close(h);
}

TEST_MAIN()
