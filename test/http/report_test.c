/* The report of a session: who may read what of it, in which pieces, and that it counts what happened. */
#include "test/http/house.h"

static char path[96];

static const char *report(u64 session, const char *query)
{
    snprintf(path, sizeof path, "/api/sessions/%llu/report%s", (unsigned long long)session, query);
    return path;
}

static u64 session_of(const char *code)
{
    if (!house.assessment) house.assessment = house_make_assessment();
    return house_make_session(code, house_now_ms(), "\"webcam\":0,\"screen\":0,\"fullscreen\":0",
                              PROCTOR_A, REVIEWER_A);
}

static void invite_ada(u64 session)
{
    char body[128];
    snprintf(path, sizeof path, "/api/sessions/%llu/roster/check", (unsigned long long)session);
    CHECK_EQUAL(house_upload(PLANNER, path,
                             "name,email,number,time_factor\n"
                             "Ada Example,ada@example.org,11,150\n"),
                200);
    snprintf(body, sizeof body, "{\"import\":\"%.*s\"}", SPAN_ARG(house_text("import")));
    snprintf(path, sizeof path, "/api/sessions/%llu/roster", (unsigned long long)session);
    CHECK_EQUAL(house_post(PLANNER, path, body), 200);
}

TEST("A line of the report has the address for those who invite, and for nobody else (S1.61).")
{
    u64 session = session_of("REPORT1");
    invite_ada(session);
    CHECK_EQUAL(house_get(PLANNER, report(session, "")), 200);
    CHECK_EQUAL(json_array_size(house_at("lines")), 1);
    CHECK_TEXT(house_text("lines.0.email"), "ada@example.org");
    CHECK_EQUAL(house_number("lines.0.factor_permille"), 1500);
    CHECK_EQUAL(house_number("next"), 0);
    CHECK_EQUAL(house_get(PROCTOR_A, report(session, "")), 200);
    CHECK_EQUAL(json_array_size(house_at("lines")), 1);
    CHECK(!house_at("lines.0.email"));
}

TEST(
    "It counts messages of both sides, hands and times given, and names each time with its reason.")
{
    u64 session = session_of("REPORT2");
    u64 attempt = house_join(CANDIDATE_A, "REPORT2", "Ada Example");
    Line ada, proctor;
    line_open(&ada, CANDIDATE_A);
    line_open(&proctor, PROCTOR_A);
    Command say = {.kind = CMD_say, .say = {SPAN("I need help."), 0}},
            message = {.kind = CMD_message, .message = {0, SPAN("I am here."), 0}},
            hand = {.kind = CMD_raise_hand};
    CHECK_EQUAL(line_ask(&ada, attempt, &say), ACCEPTED);
    CHECK_EQUAL(line_ask(&ada, attempt, &hand), ACCEPTED);
    CHECK_EQUAL(line_ask(&proctor, attempt, &message), ACCEPTED);
    CHECK_EQUAL(line_ask(&proctor, attempt, &message), ACCEPTED);
    CHECK_EQUAL(house_get(PROCTOR_A, report(session, "")), 200);
    CHECK_EQUAL(house_number("lines.0.attempt"), (i64)attempt);
    CHECK(house_number("lines.0.joined_ms") > 0);
    CHECK_EQUAL(house_number("lines.0.began_ms"), 0);
    CHECK_EQUAL(house_number("lines.0.said"), 1);
    CHECK_EQUAL(house_number("lines.0.hands"), 1);
    CHECK_EQUAL(house_number("lines.0.messaged"), 2);
    line_close(&ada);
    line_close(&proctor);
}

TEST("A piece that does not exist is empty, and one that is no number is refused.")
{
    u64 session = session_of("REPORT3");
    CHECK_EQUAL(house_get(PLANNER, report(session, "?from=99999")), 200);
    CHECK_EQUAL(json_array_size(house_at("lines")), 0);
    CHECK_EQUAL(house_number("next"), 0);
    CHECK_REFUSAL(house_get(PLANNER, report(session, "?from=x")), 400, "BAD_VALUE");
}

HOUSE_MAIN()
