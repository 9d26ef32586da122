/* The lines in which candidates wait, and how long they are told that it takes (E6). */
#include "app/lines.h"
#include "test/app/hall.h"

enum { MINUTE = 60000, TOLD_MAX = 64 };

static Lines *lines;
static struct Told {
    u64 attempt;
    Msg_place place;
} told[TOLD_MAX];
static u32 told_count;

static void on_event(void *ctx, u64 stream, u64 ver, const Event *e, Span encoded)
{
    (void)ctx, (void)ver, (void)encoded;
    if (stream_kind(stream) == STREAM_ATTEMPT) lines_event(lines, stream_object(stream), e);
}

static void on_row(void *ctx, u64 session, const Row *row)
{
    (void)ctx, (void)session, (void)row;
}

static Hall *open_hall(i64 ratio)
{
    Hall *h = hall_open();
    EnginePorts ports = {.log = {h, hall_submit, hall_read},
                         .sign_secret = h->sign_secret,
                         .on_event = on_event,
                         .on_row = on_row,
                         .ctx = h};
    if (ratio) hall_configure(h, SETTING_ratio, ratio);
    engine_close(h->engine);
    h->engine = engine_open(&ports);
    CHECK(h->engine);
    CHECK_EQUAL(engine_replay(h->engine, h->now_ms, NULL), OK);
    lines = lines_open(h->engine);
    CHECK(lines);
    told_count = 0;
    return h;
}

static void close_hall(Hall *h)
{
    lines_close(lines);
    hall_close(h);
}

static void tell(void *ctx, u64 attempt, const Message *m)
{
    (void)ctx;
    CHECK(told_count < TOLD_MAX);
    told[told_count++] = (struct Told){attempt, m->place};
}

/* What this candidate is told now; place 0: nothing new. */
static Msg_place place_of(u64 attempt)
{
    Msg_place found = {0};
    told_count = 0;
    lines_flush(lines, tell, NULL);
    for (u32 i = 0; i < told_count; i++)
        if (told[i].attempt == attempt) found = told[i].place;
    return found;
}

static void raise_hand(Hall *h, u64 attempt)
{
    Asker self = hall_candidate(attempt);
    CHECK_EQUAL(hall_ask(h, &self, attempt, &(Command){.kind = CMD_raise_hand}), ACCEPTED);
}

static void lower_hand(Hall *h, const Asker *who, u64 attempt)
{
    CHECK_EQUAL(hall_ask(h, who, attempt, &(Command){.kind = CMD_lower_hand}), ACCEPTED);
}

/* Asked and answered after so many minutes. */
static void served(Hall *h, u64 attempt, i64 minutes)
{
    raise_hand(h, attempt);
    h->now_ms += minutes * MINUTE;
    lower_hand(h, &PROCTOR_ASKS, attempt);
}

TEST("Who asked first is first; who goes lets the others move up, and only news is told.")
{
    Hall *h = open_hall(0);
    u64 a = hall_join(h, "Ada", true), b = hall_join(h, "Ben", true);
    raise_hand(h, a);
    h->now_ms += 10;
    raise_hand(h, b);
    CHECK_EQUAL(place_of(b).place, 2);
    CHECK_EQUAL(place_of(b).place, 0);
    lower_hand(h, &PROCTOR_ASKS, a);
    Msg_place moved = place_of(b);
    CHECK_EQUAL(moved.place, 1);
    CHECK_EQUAL(moved.request, LINE_HAND);
    close_hall(h);
}

TEST("Nothing is said of the time before three were answered; then the mean, times the place.")
{
    Hall *h = open_hall(0);
    u64 a = hall_join(h, "Ada", true), b = hall_join(h, "Ben", true);
    served(h, a, 2);
    served(h, a, 4);
    raise_hand(h, a);
    CHECK_EQUAL(place_of(a).wait_ms, 0);
    h->now_ms += (i64)3 * MINUTE;
    lower_hand(h, &PROCTOR_ASKS, a);
    raise_hand(h, a);
    h->now_ms += 1;
    raise_hand(h, b);
    CHECK_EQUAL(place_of(b).wait_ms, 2 * 3 * MINUTE);
    close_hall(h);
}

TEST("A quiet hour between two requests makes nobody's wait longer; one who gives up counts for "
     "nothing.")
{
    Hall *h = open_hall(0);
    u64 a = hall_join(h, "Ada", true);
    Asker self = hall_candidate(a);
    for (int i = 0; i < 3; i++) {
        served(h, a, 1);
        h->now_ms += (i64)60 * MINUTE;
    }
    raise_hand(h, a);
    h->now_ms += (i64)30 * MINUTE;
    lower_hand(h, &self, a);
    raise_hand(h, a);
    CHECK_EQUAL(place_of(a).wait_ms, MINUTE);
    close_hall(h);
}

TEST("Time behind others is not counted as service: two who ask at once and are answered in turn.")
{
    Hall *h = open_hall(0);
    u64 a = hall_join(h, "Ada", true), b = hall_join(h, "Ben", true);
    for (int i = 0; i < 2; i++) {
        raise_hand(h, a);
        raise_hand(h, b);
        h->now_ms += MINUTE;
        lower_hand(h, &PROCTOR_ASKS, a);
        h->now_ms += MINUTE;
        lower_hand(h, &PROCTOR_ASKS, b);
    }
    raise_hand(h, a);
    CHECK_EQUAL(place_of(a).wait_ms, MINUTE);
    close_hall(h);
}

TEST("With a ratio each proctor has lines of their own, and who is handed over keeps the time of "
     "asking.")
{
    Hall *h = open_hall(1);
    enum { OTHER = PROCTOR_ID + 1000 };
    const Asker other = {.user = OTHER, .roles = BY_PROCTOR};
    Command assign = {.kind = CMD_assign, .assign = {OTHER, BY_PROCTOR, 0}};
    CHECK_EQUAL(hall_ask(h, &PLANNER_ASKS, h->session, &assign), ACCEPTED);
    u64 a = hall_join(h, "Ada", true), b = hall_join(h, "Ben", true);
    CHECK_EQUAL(engine_attempt(h->engine, a)->proctor, PROCTOR_ID);
    CHECK_EQUAL(engine_attempt(h->engine, b)->proctor, OTHER);
    raise_hand(h, a);
    h->now_ms += 10;
    raise_hand(h, b);
    CHECK_EQUAL(place_of(b).place, 1);
    Command give = {.kind = CMD_hand_over, .hand_over = {OTHER, SPAN_NONE, 0}};
    CHECK_EQUAL(hall_ask(h, &PROCTOR_ASKS, a, &give), ACCEPTED);
    CHECK_EQUAL(place_of(b).place, 2); /* Ada asked earlier */
    lower_hand(h, &other, a);
    CHECK_EQUAL(place_of(b).place, 1);
    close_hall(h);
}

TEST("Who comes back is told again.")
{
    Hall *h = open_hall(0);
    u64 a = hall_join(h, "Ada", true);
    raise_hand(h, a);
    CHECK_EQUAL(place_of(a).place, 1);
    Command lost = {.kind = CMD_disconnect, .disconnect = {1, h->now_ms, 0}};
    Command back = {.kind = CMD_connect, .connect = {a, 0}};
    CHECK_EQUAL(hall_ask(h, &SERVER_ASKS, a, &lost), ACCEPTED);
    CHECK_EQUAL(hall_ask(h, &SERVER_ASKS, a, &back), ACCEPTED);
    CHECK_EQUAL(place_of(a).place, 1);
    close_hall(h);
}

TEST("After a restart the loads are as they were: the next one goes to who has fewer.")
{
    Hall *h = open_hall(4);
    enum { OTHER = PROCTOR_ID + 1000 };
    Command assign = {.kind = CMD_assign, .assign = {OTHER, BY_PROCTOR, 0}};
    CHECK_EQUAL(hall_ask(h, &PLANNER_ASKS, h->session, &assign), ACCEPTED);
    u64 a = hall_join(h, "Ada", true);
    Command give = {.kind = CMD_hand_over, .hand_over = {OTHER, SPAN_NONE, 0}};
    CHECK_EQUAL(hall_ask(h, &PROCTOR_ASKS, a, &give), ACCEPTED);
    lines_close(lines);
    lines = NULL;
    hall_restart(h); /* with the hall's own ports */
    CHECK_EQUAL(engine_attempt(h->engine, a)->proctor, OTHER);
    u64 b = hall_join(h, "Ben", true), c = hall_join(h, "Cleo", true);
    CHECK_EQUAL(engine_attempt(h->engine, b)->proctor, PROCTOR_ID);
    /* Equal loads: whoever was assigned first. */
    CHECK_EQUAL(engine_attempt(h->engine, c)->proctor, PROCTOR_ID);
    close_hall(h);
}

TEST_MAIN()
