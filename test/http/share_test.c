/* A session with a ratio: who looks after whom, who sees what, what becomes of it when people go (S2.15, E6).
 * PROCTOR_A and PROCTOR_B share, IDLE_PROCTOR leads, REVIEWER_A reviews. */
#include "test/http/house.h"

#define SETTINGS "\"webcam\":0,\"screen\":0,\"fullscreen\":0,\"ratio\":2"

#define LEAD IDLE_PROCTOR
static const Who candidates[] = {CANDIDATE_A, CANDIDATE_A2, CANDIDATE_B};
static const Who desk[] = {PROCTOR_A, PROCTOR_B, LEAD};

static Refusal ask_as(Who who, u64 target, const Command *c)
{
    Line l;
    line_open(&l, who);
    Refusal r = line_ask(&l, target, c);
    line_close(&l);
    return r;
}

static void assign(Who who, u8 roles)
{
    Command c = {.kind = CMD_assign};
    c.assign.user = house.user[who];
    c.assign.roles = roles;
    CHECK_EQUAL(ask_as(PLANNER, house.session_a, &c), ACCEPTED);
}

static void get_ready(Who who)
{
    Command c = {.kind = CMD_consent};
    CHECK_EQUAL(house_get(who, "/api/exam"), 200);
    c.consent.disclosure = (u32)house_number("disclosure");
    CHECK_EQUAL(ask_as(who, house.attempt[who], &c), ACCEPTED);
    CHECK_EQUAL(ask_as(who, house.attempt[who], &(Command){.kind = CMD_ready}), ACCEPTED);
}

/* Who looks after a candidate, as the lead reads it. */
static u64 proctor_of(Who candidate)
{
    char path[64], field[32];
    snprintf(path, sizeof path, "/api/sessions/%llu/attempts", (unsigned long long)house.session_a);
    CHECK_EQUAL(house_get(LEAD, path), 200);
    for (int i = 0; i < 3; i++) {
        snprintf(field, sizeof field, "attempts.%d.attempt", i);
        if ((u64)house_number(field) != house.attempt[candidate]) continue;
        snprintf(field, sizeof field, "attempts.%d.proctor", i);
        return (u64)house_number(field);
    }
    return 0;
}

static u32 rows_seen(Who who)
{
    char path[64];
    snprintf(path, sizeof path, "/api/sessions/%llu/attempts", (unsigned long long)house.session_a);
    CHECK_EQUAL(house_get(who, path), 200);
    return (u32)json_array_size(json_object_get(house.json, "attempts"));
}

static Command hand_over(Who to)
{
    Command c = {.kind = CMD_hand_over};
    c.hand_over.proctor = house.user[to];
    c.hand_over.note = SPAN("Speaks softly.");
    return c;
}

static Command step_away(Who who)
{
    Command c = {.kind = CMD_step_away};
    c.step_away.user = house.user[who];
    return c;
}

static Command step_back(Who who)
{
    Command c = {.kind = CMD_step_back};
    c.step_back.user = house.user[who];
    return c;
}

static void follow_feed(Line *l, Who who)
{
    line_open(l, who);
    Message m = {.kind = MSG_follow_feed};
    m.follow_feed.session = house.session_a;
    CHECK(line_send(l, &m));
}

/* The rows between reset and ready; each bit is a candidate. */
static u32 rows_of_feed(Line *l)
{
    u32 bits = 0;
    while (line_next(l) && l->m.kind != MSG_feed_ready) {
        Row row;
        if (l->m.kind != MSG_feed_row) continue;
        CHECK(row_decode(l->m.feed_row.row, &row) == OK);
        for (u32 i = 0; i < COUNT_OF(candidates); i++)
            if (row.attempt == house.attempt[candidates[i]]) bits |= 1u << i;
    }
    return bits;
}

/* All that comes until a pong, which comes last: each bit is a candidate of whom something was said. */
static u32 heard_of(Line *l)
{
    Message ping = {.kind = MSG_ping};
    u32 bits = 0;
    CHECK(line_send(l, &ping));
    while (line_next(l) && l->m.kind != MSG_pong) {
        u64 attempt = l->m.kind == MSG_feed_event ? l->m.feed_event.attempt : 0;
        Row row;
        if (l->m.kind == MSG_feed_row && row_decode(l->m.feed_row.row, &row) == OK)
            attempt = row.attempt;
        for (u32 i = 0; attempt && i < COUNT_OF(candidates); i++)
            if (attempt == house.attempt[candidates[i]]) bits |= 1u << i;
    }
    return bits;
}

TEST("Candidates are shared by load as they join; leads get none while others are there.")
{
    house.assessment = house_make_assessment();
    house.session_a = house_make_session("SHARE", house_now_ms(), SETTINGS, PROCTOR_A, REVIEWER_A);
    assign(PROCTOR_B, BY_PROCTOR);
    assign(LEAD, BY_PROCTOR | ASSIGNED_LEAD);
    house_join(CANDIDATE_A, "SHARE", "Anna");
    house_join(CANDIDATE_A2, "SHARE", "Arne");
    house_join(CANDIDATE_B, "SHARE", "Berta");
    CHECK_EQUAL(proctor_of(CANDIDATE_A), house.user[PROCTOR_A]);
    CHECK_EQUAL(proctor_of(CANDIDATE_A2), house.user[PROCTOR_B]);
    CHECK_EQUAL(proctor_of(CANDIDATE_B), house.user[PROCTOR_A]);
    for (size_t i = 0; i < COUNT_OF(candidates); i++)
        get_ready(candidates[i]);
}

TEST("A lead leads as a proctor: the flag alone is no role.")
{
    Command c = {.kind = CMD_assign};
    c.assign.user = house.user[PROCTOR_B];
    c.assign.roles = ASSIGNED_LEAD;
    CHECK_EQUAL(ask_as(PLANNER, house.session_a, &c), R_BAD_VALUE);
    c.assign.roles = ASSIGNED_LEAD | BY_REVIEWER;
    CHECK_EQUAL(ask_as(PLANNER, house.session_a, &c), R_BAD_VALUE);
}

/* Every way to a candidate, by everybody: own, other, lead, reviewer. */
TEST("A proctor sees and acts on the own candidates, a lead on all, over every road.")
{
    static const char *const routes[] = {"/api/attempts/%llu", "/api/attempts/%llu/events",
                                         "/api/attempts/%llu/media",
                                         "/api/attempts/%llu/records?from=0&count=1"};
    for (size_t d = 0; d < COUNT_OF(desk); d++) {
        Line l;
        line_open(&l, desk[d]);
        for (size_t i = 0; i < COUNT_OF(candidates); i++) {
            u64 attempt = house.attempt[candidates[i]];
            u64 proctor = proctor_of(candidates[i]);
            bool may = desk[d] == LEAD || proctor == house.user[desk[d]];
            for (size_t r = 0; r < COUNT_OF(routes); r++) {
                char path[96];
                snprintf(path, sizeof path, routes[r], (unsigned long long)attempt);
                CHECK_EQUAL(house_get(desk[d], path), may ? 200 : 404);
            }
            Command say = {.kind = CMD_message, .message = {0, SPAN("Hello."), 0}};
            CHECK_EQUAL(line_ask(&l, attempt, &say), may ? ACCEPTED : R_NOT_FOUND);
            Command flag = {.kind = CMD_flag,
                            .flag = {FLAG_observation, 1, 1, 2, SPAN("Looks up."), 0}};
            CHECK_EQUAL(line_ask(&l, attempt, &flag), may ? ACCEPTED : R_NOT_FOUND);
        }
        line_close(&l);
    }
    CHECK_EQUAL(rows_seen(PROCTOR_A), 2);
    CHECK_EQUAL(rows_seen(PROCTOR_B), 1);
    CHECK_EQUAL(rows_seen(LEAD), 3);
    CHECK_EQUAL(rows_seen(PLANNER), 3);
}

TEST("Of others' candidates the feed tells nothing, and no stream or picture can be followed.")
{
    static const u32 want[] = {5, 2, 7};
    Line l[3];
    for (size_t d = 0; d < COUNT_OF(desk); d++) {
        follow_feed(&l[d], desk[d]);
        CHECK_EQUAL(rows_of_feed(&l[d]), want[d]);
    }
    for (size_t i = 0; i < COUNT_OF(candidates); i++) {
        Command hand = {.kind = CMD_raise_hand};
        CHECK_EQUAL(ask_as(candidates[i], house.attempt[candidates[i]], &hand), ACCEPTED);
    }
    for (size_t d = 0; d < COUNT_OF(desk); d++) {
        CHECK_EQUAL(heard_of(&l[d]), want[d]);
        u64 other = house.attempt[desk[d] == PROCTOR_B ? CANDIDATE_A : CANDIDATE_A2];
        Message m = {.kind = MSG_follow};
        m.follow.stream = stream_id(STREAM_ATTEMPT, other);
        CHECK(line_send(&l[d], &m));
        CHECK(line_wait(&l[d], desk[d] == LEAD ? MSG_followed : MSG_refused));
        u8 wants[10] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
        memcpy(wants, &other, sizeof other);
        m = (Message){.kind = MSG_watch};
        m.watch.wants = (Span){wants, sizeof wants};
        Message ping = {.kind = MSG_ping};
        CHECK(line_send(&l[d], &m) && line_send(&l[d], &ping));
        CHECK(line_wait(&l[d], desk[d] == LEAD ? MSG_pong : MSG_refused));
        line_close(&l[d]);
    }
}

TEST("Two who claim at once: one is on it, the other is told so.")
{
    Line a, b;
    u64 attempt = house.attempt[CANDIDATE_A];
    Command claim = {.kind = CMD_claim};
    line_open(&a, PROCTOR_A);
    line_open(&b, LEAD);
    line_command(&a, 7001, &attempt, 1, &claim);
    line_command(&b, 7002, &attempt, 1, &claim);
    CHECK(line_wait(&a, MSG_reply) && line_wait(&b, MSG_reply));
    Refusal one = a.m.reply.refusal, two = b.m.reply.refusal;
    CHECK((one == ACCEPTED) != (two == ACCEPTED));
    CHECK_EQUAL(one + two, R_CLAIMED);
    /* Whoever lost may take over, from the one who is on it, once. */
    claim.claim.from = house.user[one == ACCEPTED ? PROCTOR_A : LEAD];
    CHECK_EQUAL(line_ask(one == ACCEPTED ? &b : &a, attempt, &claim), ACCEPTED);
    CHECK_EQUAL(line_ask(one == ACCEPTED ? &b : &a, attempt, &claim), R_CLAIMED);
    /* Both act: one outcome, and a clear answer for the other. */
    Command lower = {.kind = CMD_lower_hand};
    line_command(&a, 7003, &attempt, 1, &lower);
    line_command(&b, 7004, &attempt, 1, &lower);
    CHECK(line_wait(&a, MSG_reply) && line_wait(&b, MSG_reply));
    CHECK_EQUAL(a.m.reply.refusal + b.m.reply.refusal, R_NO_REQUEST);
    line_close(&a);
    line_close(&b);
}

TEST("Handed over, a candidate is gone from one desk and comes to the other.")
{
    Line a, b;
    u64 attempt = house.attempt[CANDIDATE_B];
    follow_feed(&a, PROCTOR_A);
    CHECK_EQUAL(rows_of_feed(&a), 5);
    follow_feed(&b, PROCTOR_B);
    CHECK_EQUAL(rows_of_feed(&b), 2);
    Command c = hand_over(PROCTOR_B);
    CHECK_EQUAL(ask_as(PROCTOR_B, attempt, &c), R_NOT_FOUND); /* not yet one's own */
    c = hand_over(REVIEWER_A);
    CHECK_EQUAL(ask_as(PROCTOR_A, attempt, &c), R_NOBODY_THERE);
    c = hand_over(PROCTOR_B);
    CHECK_EQUAL(ask_as(PROCTOR_A, attempt, &c), ACCEPTED);
    do
        CHECK(line_wait(&a, MSG_feed_gone));
    while (!a.m.feed_gone.attempt);
    CHECK_EQUAL(a.m.feed_gone.attempt, attempt);
    CHECK_EQUAL(heard_of(&b) & ~2u, 4); /* and may be of the own one */
    CHECK_EQUAL(ask_as(PROCTOR_A, attempt, &c), R_NOT_FOUND);
    CHECK_EQUAL(proctor_of(CANDIDATE_B), house.user[PROCTOR_B]);
    line_close(&a);
    line_close(&b);
}

TEST("Handed over to nobody in particular, it goes to who has the fewest, never back.")
{
    Command c = {.kind = CMD_hand_over};
    CHECK_EQUAL(ask_as(PROCTOR_B, house.attempt[CANDIDATE_B], &c), ACCEPTED);
    CHECK_EQUAL(proctor_of(CANDIDATE_B), house.user[PROCTOR_A]);
    CHECK_EQUAL(ask_as(PROCTOR_A, house.attempt[CANDIDATE_B], &c), ACCEPTED);
    CHECK_EQUAL(proctor_of(CANDIDATE_B), house.user[PROCTOR_B]);
}

TEST("The same command again is answered as before, though the candidate is another's by now.")
{
    Line l;
    u64 attempt = house.attempt[CANDIDATE_B];
    Command c = hand_over(PROCTOR_A);
    line_open(&l, PROCTOR_B);
    for (int i = 0; i < 2; i++) {
        line_command(&l, 7100, &attempt, 1, &c);
        CHECK(line_wait(&l, MSG_reply));
        CHECK_EQUAL(l.m.reply.refusal, ACCEPTED);
    }
    line_close(&l);
}

TEST("Who takes a break hands all over by that; the last one there cannot go.")
{
    Command c = step_away(PROCTOR_B);
    CHECK_EQUAL(ask_as(PROCTOR_A, house.session_a, &c), R_NOT_FOUND); /* for oneself only */
    c = step_away(PROCTOR_A);
    CHECK_EQUAL(ask_as(PROCTOR_A, house.session_a, &c), ACCEPTED);
    CHECK_EQUAL(ask_as(PROCTOR_A, house.session_a, &c), R_ALREADY);
    CHECK_EQUAL(rows_seen(PROCTOR_A), 0);
    CHECK_EQUAL(rows_seen(PROCTOR_B), 3);
    c = hand_over(PROCTOR_A);
    CHECK_EQUAL(ask_as(PROCTOR_B, house.attempt[CANDIDATE_A], &c), R_NOBODY_THERE);
    c = step_away(PROCTOR_B); /* sent by the lead, who takes all */
    CHECK_EQUAL(ask_as(LEAD, house.session_a, &c), ACCEPTED);
    CHECK_EQUAL(proctor_of(CANDIDATE_A), house.user[LEAD]);
    c = step_away(LEAD);
    CHECK_EQUAL(ask_as(LEAD, house.session_a, &c), R_NOBODY_THERE);
    c = step_back(PROCTOR_A);
    CHECK_EQUAL(ask_as(PROCTOR_A, house.session_a, &c), ACCEPTED);
    c = step_back(PROCTOR_B);
    CHECK_EQUAL(ask_as(PROCTOR_B, house.session_a, &c), ACCEPTED);
    CHECK_EQUAL(ask_as(PROCTOR_B, house.session_a, &c), R_ALREADY);
}

TEST("A candidate is told the place in line.")
{
    Line l;
    Command c = hand_over(PROCTOR_A);
    for (size_t i = 0; i < COUNT_OF(candidates); i++)
        CHECK_EQUAL(ask_as(LEAD, house.attempt[candidates[i]], &c), ACCEPTED);
    line_open(&l, CANDIDATE_B); /* the third who was ready */
    do
        CHECK(line_wait(&l, MSG_place));
    while (l.m.place.request != LINE_ADMIT);
    CHECK_EQUAL(l.m.place.place, 3);
    CHECK_EQUAL(l.m.place.wait_ms, 0); /* nobody was admitted yet */
    CHECK_EQUAL(ask_as(PROCTOR_A, house.attempt[CANDIDATE_A], &(Command){.kind = CMD_admit}),
                ACCEPTED);
    do
        CHECK(line_wait(&l, MSG_place));
    while (l.m.place.request != LINE_ADMIT);
    CHECK_EQUAL(l.m.place.place, 2);
    line_close(&l);
}

TEST("Who looked at a candidate is told to those who see the candidate, and to nobody else.")
{
    Line a, b, lead;
    u64 ids[] = {house.attempt[CANDIDATE_A], house.attempt[CANDIDATE_A2]};
    follow_feed(&a, PROCTOR_A);
    follow_feed(&b, PROCTOR_B);
    follow_feed(&lead, LEAD);
    rows_of_feed(&a), rows_of_feed(&b), rows_of_feed(&lead);
    Message m = {.kind = MSG_look};
    m.look.session = house.session_a;
    m.look.attempts = (Span){(const u8 *)ids, sizeof ids};
    CHECK(line_send(&b, &m)); /* not B's to look at: nothing is noted */
    CHECK_EQUAL(heard_of(&b), 0);
    CHECK(line_send(&a, &m));
    CHECK(line_wait(&lead, MSG_looked));
    CHECK_EQUAL(lead.m.looked.user, house.user[PROCTOR_A]);
    CHECK_EQUAL(lead.m.looked.attempts.len, sizeof ids);
    line_close(&a);
    line_close(&b);
    line_close(&lead);
    CHECK_EQUAL(rows_seen(LEAD), 3);
    CHECK_EQUAL(house_number("attempts.0.looked_by"), (i64)house.user[PROCTOR_A]);
    CHECK_EQUAL(house_number("attempts.2.looked_by"), 0);
}

TEST("Where somebody leads, the others do not end the session for all.")
{
    Command end = {.kind = CMD_end_session};
    end.end_session.reason = SPAN("The time is over.");
    CHECK_EQUAL(ask_as(PROCTOR_A, house.session_a, &(Command){.kind = CMD_start_session}),
                ACCEPTED);
    CHECK_EQUAL(ask_as(PROCTOR_A, house.session_a, &end), R_POLICY_FORBIDS);
}

TEST("Whose assignment ends is told so, hears no more, and the candidates go to others.")
{
    Line l;
    char path[64];
    follow_feed(&l, PROCTOR_A);
    CHECK_EQUAL(rows_of_feed(&l), 7);
    Command c = {.kind = CMD_unassign};
    c.unassign.user = house.user[PROCTOR_A];
    CHECK_EQUAL(ask_as(PLANNER, house.session_a, &c), ACCEPTED);
    while (line_next(&l)) { /* moved on to B before anything was told of them */
        Row row = {0};
        bool is_row = l.m.kind == MSG_feed_row && row_decode(l.m.feed_row.row, &row) == OK;
        CHECK(!is_row || row.proctor == house.user[PROCTOR_A]);
    }
    CHECK_EQUAL(l.closed, LIVE_RIGHTS_CHANGED);
    line_close(&l);
    CHECK_EQUAL(rows_seen(PROCTOR_B), 3);
    snprintf(path, sizeof path, "/api/sessions/%llu", (unsigned long long)house.session_a);
    CHECK_REFUSAL(house_get(PROCTOR_A, path), 404, "NOT_FOUND");
    follow_feed(&l, PROCTOR_A);
    CHECK(line_wait(&l, MSG_refused));
    CHECK_EQUAL(l.m.refused.refusal, R_NOT_FOUND);
    line_close(&l);
}

TEST("When the exam is over, who reviews sees it, whoever looked after it.")
{
    Command end = {.kind = CMD_end_session};
    end.end_session.reason = SPAN("The time is over.");
    assign(PROCTOR_B, BY_PROCTOR);
    CHECK_EQUAL(ask_as(LEAD, house.session_a, &end), ACCEPTED);
    CHECK_EQUAL(rows_seen(REVIEWER_A), 3);
}

HOUSE_MAIN()
