/* The door over the wire: who did not come and comes late, what is shown, and which of two proctors decides
 * (P3, R3, C7). */
#include "test/http/house.h"

#define AT_THE_DOOR                                                                                \
    "\"webcam\":0,\"screen\":0,\"fullscreen\":0,\"id_check\":1,\"no_show_ms\":1,"                  \
    "\"open_to_code\":0"

static Line candidate, lena, max;
static u64 listed;

static Refusal ask(Line *l, Command c)
{
    return line_ask(l, listed, &c);
}

static Refusal show(u8 proof)
{
    return ask(&candidate, (Command){.kind = CMD_show_proof,
                                     .show_proof = {.proof = proof, .epoch = 7, .source = 1}});
}

static Refusal decide(Line *l, u8 proof, u8 outcome, const char *why)
{
    return ask(
        l, (Command){.kind = CMD_decide_proof, .decide_proof = {proof, outcome, span_of(why), 0}});
}

/* The next event of this kind in the stream that the line follows. */
static void wait_event(Line *l, EventKind kind)
{
    Event e = {0};
    while (e.kind != kind) {
        CHECK(line_wait(l, MSG_event));
        if (l->m.event.event.len) CHECK(event_decode(l->m.event.event, &e) == OK);
    }
}

static void follow(Line *l)
{
    Message m = {.kind = MSG_follow};
    m.follow.stream = stream_id(STREAM_ATTEMPT, listed);
    CHECK(line_send(l, &m));
}

static void list_one(const char *line)
{
    char path[64], body[256];
    snprintf(path, sizeof path, "/api/sessions/%llu/roster/check",
             (unsigned long long)house.session_a);
    snprintf(body, sizeof body, "name,email,number\n%s\n", line);
    CHECK_EQUAL(house_upload(PLANNER, path, body), 200);
    snprintf(body, sizeof body, "{\"import\":\"%.*s\"}", SPAN_ARG(house_text("import")));
    snprintf(path, sizeof path, "/api/sessions/%llu/roster", (unsigned long long)house.session_a);
    CHECK_EQUAL(house_post(PLANNER, path, body), 200);
    snprintf(path, sizeof path, "/api/sessions/%llu/attempts", (unsigned long long)house.session_a);
    CHECK_EQUAL(house_get(PROCTOR_A, path), 200);
    listed = (u64)house_number("attempts.0.attempt");
}

TEST("Who is on the list and does not come is absent a while after the start.")
{
    house.assessment = house_make_assessment();
    house.session_a =
        house_make_session("DOOR1", house_now_ms(), AT_THE_DOOR, PROCTOR_A, REVIEWER_A);
    list_one("Ada Example,ada@example.org,12");
    line_open(&lena, PROCTOR_A);
    follow(&lena);
    Command start = {.kind = CMD_start_session};
    CHECK_EQUAL(line_ask(&lena, house.session_a, &start), ACCEPTED);
    wait_event(&lena, EVT_missed);
}

TEST("With late entry the same seat is still there for them, and only for them.")
{
    char body[] = "{\"code\":\"DOOR1\",\"name\":\"Somebody Else\",\"number\":\"\"}";
    CHECK_REFUSAL(house_post(NOBODY, "/api/join", body), 403, "CODE_NOT_YOURS");
    CHECK_EQUAL(house_join(CANDIDATE_A, "DOOR1", "ada example"), listed);
    char path[64];
    snprintf(path, sizeof path, "/api/attempts/%llu", (unsigned long long)listed);
    CHECK_EQUAL(house_get(PROCTOR_A, path), 200);
    CHECK_TEXT(house_text("email"), "ada@example.org");
    CHECK_TEXT(house_text("row.number"), "12");
}

TEST("Document and face are shown after consent, and before being ready.")
{
    line_open(&candidate, CANDIDATE_A);
    CHECK(line_wait(&candidate, MSG_seat));
    CHECK_EQUAL(show(PROOF_id_photo), R_NO_CONSENT);
    Command consent = {.kind = CMD_consent};
    CHECK_EQUAL(house_get(CANDIDATE_A, "/api/exam"), 200);
    consent.consent.disclosure = (u32)house_number("disclosure");
    CHECK_EQUAL(ask(&candidate, consent), ACCEPTED);
    CHECK_EQUAL(show(PROOF_id_photo), ACCEPTED);
    CHECK_EQUAL(show(PROOF_room_scan), R_BAD_VALUE);
    CHECK_EQUAL(ask(&candidate, (Command){.kind = CMD_ready}), R_PROOF_MISSING);
    CHECK_EQUAL(show(PROOF_face_photo), ACCEPTED);
    CHECK_EQUAL(ask(&candidate, (Command){.kind = CMD_ready}), ACCEPTED);
}

TEST("Of two proctors one checks the candidate in; the other is refused until that one lets go.")
{
    Command assign = {.kind = CMD_assign, .assign = {house.user[PROCTOR_B], BY_PROCTOR, 0}};
    Line planner;
    line_open(&planner, PLANNER);
    CHECK_EQUAL(line_ask(&planner, house.session_a, &assign), ACCEPTED);
    line_close(&planner);
    line_open(&max, PROCTOR_B);
    CHECK_EQUAL(ask(&lena, (Command){.kind = CMD_take_checkin}), ACCEPTED);
    CHECK_EQUAL(ask(&max, (Command){.kind = CMD_take_checkin}), R_CHECKIN_TAKEN);
    CHECK_EQUAL(decide(&max, PROOF_id_photo, PROOF_IS_FINE, ""), R_CHECKIN_TAKEN);
    CHECK_EQUAL(ask(&max, (Command){.kind = CMD_admit}), R_CHECKIN_TAKEN);
    CHECK_EQUAL(decide(&lena, PROOF_id_photo, PROOF_IS_FINE, ""), ACCEPTED);
    CHECK_EQUAL(ask(&lena, (Command){.kind = CMD_release_checkin}), ACCEPTED);
    CHECK_EQUAL(decide(&max, PROOF_face_photo, PROOF_AGAIN, "Into the light, please."), ACCEPTED);
    CHECK_EQUAL(ask(&max, (Command){.kind = CMD_admit}), R_PROOF_MISSING);
}

TEST("The candidate is told of decisions about what was shown, and not of who holds whom.")
{
    follow(&candidate);
    wait_event(&candidate, EVT_proof_decided);
    Event e = {0};
    u32 hidden = 0;
    while (e.kind != EVT_proof_decided || e.proof_decided.outcome != PROOF_AGAIN) {
        CHECK(line_wait(&candidate, MSG_event));
        hidden += candidate.m.event.event.len == 0;
        if (candidate.m.event.event.len) CHECK(event_decode(candidate.m.event.event, &e) == OK);
        CHECK(e.kind != EVT_checkin_taken && e.kind != EVT_checkin_released);
    }
    CHECK_TEXT(e.proof_decided.reason, "Into the light, please.");
    CHECK(hidden > 0);
    CHECK_EQUAL(show(PROOF_face_photo), ACCEPTED);
    CHECK_EQUAL(decide(&max, PROOF_face_photo, PROOF_IS_FINE, ""), ACCEPTED);
    CHECK_EQUAL(ask(&max, (Command){.kind = CMD_admit}), ACCEPTED);
    wait_event(&candidate, EVT_began);
    line_close(&candidate);
    line_close(&lena);
    line_close(&max);
}

HOUSE_MAIN()
