/* Another device of the same candidate: what it may do before a proctor has decided, and after (E1). */
#include "test/http/house.h"

#define NO_EVIDENCE "\"webcam\":0,\"screen\":0,\"fullscreen\":0,\"waiting_room\":0"

static const Who FIRST = CANDIDATE_A, SECOND = CANDIDATE_B; /* two devices of one person */

static Line first, second, proctor;

static u8 seat_said(Line *l)
{
    CHECK(line_wait(l, MSG_seat));
    return l->m.seat.state;
}

static Refusal answer(Line *l, u32 rev, const char *text)
{
    Command c = {.kind = CMD_answer};
    c.answer.item = 1;
    c.answer.rev = rev;
    c.answer.value = span_of(text);
    return line_ask(l, house.attempt[FIRST], &c);
}

static Refusal plain(Line *l, CommandKind kind)
{
    Command c = {.kind = kind};
    return line_ask(l, house.attempt[FIRST], &c);
}

static u64 asked_device(void)
{
    Event e = {0};
    while (e.kind != EVT_takeover_asked) {
        CHECK(line_wait(&proctor, MSG_event));
        if (proctor.m.event.event.len) CHECK(event_decode(proctor.m.event.event, &e) == OK);
    }
    return e.takeover_asked.device;
}

static Refusal decide(u64 device, u8 approve, const char *why)
{
    Command c = {.kind = CMD_decide_takeover};
    c.decide_takeover.device = device;
    c.decide_takeover.approve = approve;
    c.decide_takeover.note = span_of(why);
    return line_ask(&proctor, house.attempt[FIRST], &c);
}

TEST("A candidate sits the exam on the first device.")
{
    Command c = {.kind = CMD_consent};
    house.assessment = house_make_assessment();
    house.session_a =
        house_make_session("TAKE1", house_now_ms(), NO_EVIDENCE, PROCTOR_A, REVIEWER_A);
    house_join(FIRST, "TAKE1", "Ada Example");
    line_open(&first, FIRST);
    CHECK_EQUAL(seat_said(&first), SEAT_HERE);
    CHECK_EQUAL(house_get(FIRST, "/api/exam"), 200);
    c.consent.disclosure = (u32)house_number("disclosure");
    CHECK_EQUAL(line_ask(&first, house.attempt[FIRST], &c), ACCEPTED);
    CHECK_EQUAL(plain(&first, CMD_ready), ACCEPTED);
    line_open(&proctor, PROCTOR_A);
    c = (Command){.kind = CMD_start_session};
    CHECK_EQUAL(line_ask(&proctor, house.session_a, &c), ACCEPTED);
    Message m = {.kind = MSG_follow};
    m.follow.stream = stream_id(STREAM_ATTEMPT, house.attempt[FIRST]);
    CHECK(line_send(&proctor, &m));
    CHECK_EQUAL(answer(&first, 1, "1"), ACCEPTED);
}

TEST("To a sign-in beside the first device the exam stays unseen and untouched.")
{
    house_join_as(SECOND, "TAKE1", "Ada Example", true);
    CHECK_EQUAL(house.attempt[SECOND], house.attempt[FIRST]);
    line_open(&second, SECOND);
    CHECK_EQUAL(seat_said(&second), SEAT_ELSEWHERE);
    CHECK_EQUAL(answer(&second, 2, "0"), R_OTHER_DEVICE);
    CHECK_EQUAL(plain(&second, CMD_submit), R_OTHER_DEVICE);
    CHECK_EQUAL(plain(&second, CMD_raise_hand), R_OTHER_DEVICE);
    CHECK_REFUSAL(house_get(SECOND, "/api/exam/paper"), 409, "OTHER_DEVICE");
    CHECK_REFUSAL(house_get(SECOND, "/api/exam/answers"), 409, "OTHER_DEVICE");
    CHECK_REFUSAL(house_get(SECOND, "/api/exam/result"), 409, "OTHER_DEVICE");
    Message m = {.kind = MSG_read_paper};
    CHECK(line_send(&second, &m));
    CHECK(line_wait(&second, MSG_paper));
    CHECK_EQUAL(second.m.paper.refusal, R_OTHER_DEVICE);
    CHECK_EQUAL(second.m.paper.paper.len, 0);
    m = (Message){.kind = MSG_follow};
    m.follow.stream = stream_id(STREAM_ATTEMPT, house.attempt[FIRST]);
    CHECK(line_send(&second, &m));
    CHECK(line_wait(&second, MSG_refused));
    CHECK_EQUAL(second.m.refused.refusal, R_OTHER_DEVICE);
}

TEST("The proctor declines with a reason; the first device goes on.")
{
    CHECK_EQUAL(plain(&second, CMD_ask_takeover), ACCEPTED);
    CHECK_EQUAL(decide(asked_device(), 0, "Look into the camera first."), ACCEPTED);
    CHECK_EQUAL(seat_said(&second), SEAT_DECLINED);
    CHECK_TEXT(second.m.seat.note, "Look into the camera first.");
    CHECK_EQUAL(answer(&first, 2, "2"), ACCEPTED);
}

TEST(
    "The proctor agrees: the second device has all that was stored, the first can do nothing more.")
{
    CHECK_EQUAL(plain(&second, CMD_ask_takeover), ACCEPTED);
    u64 device = asked_device();
    CHECK_EQUAL(decide(device ^ 2, 1, ""), R_NO_REQUEST);
    CHECK_EQUAL(decide(device, 1, ""), ACCEPTED);
    CHECK_EQUAL(seat_said(&second), SEAT_HERE);
    u32 why = 0;
    while (line_next(&first))
        if (first.m.kind == MSG_refused) why = first.m.refused.refusal;
    CHECK_EQUAL(first.closed, LIVE_TAKEN_OVER);
    CHECK_EQUAL(why, R_OTHER_DEVICE);
    CHECK_EQUAL(house_get(SECOND, "/api/exam/answers"), 200);
    CHECK_TEXT(house_text("answers.0.value"), "2");
    CHECK_EQUAL(answer(&second, 3, "1"), ACCEPTED);
    CHECK_REFUSAL(house_get(FIRST, "/api/exam/answers"), 409, "OTHER_DEVICE");
    line_close(&first);
    line_open(&first, FIRST);
    CHECK_EQUAL(seat_said(&first), SEAT_ELSEWHERE);
    CHECK_EQUAL(answer(&first, 4, "0"), R_OTHER_DEVICE);
}

TEST("A seat whose exam is over takes no other device.")
{
    CHECK_EQUAL(plain(&second, CMD_submit), ACCEPTED);
    char body[] = "{\"code\":\"TAKE1\",\"name\":\"Ada Example\",\"number\":\"\",\"take_over\":1}";
    CHECK_REFUSAL(house_post(NOBODY, "/api/join", body), 409, "SEAT_IN_USE");
    CHECK(json_is_false(house_at("detail.may_take_over")));
    line_close(&first);
    line_close(&second);
    line_close(&proctor);
}

HOUSE_MAIN()
