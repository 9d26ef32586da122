/* The live socket: who gets in, what is said to malformed messages, who leads, what is relayed. */
#include "test/http/house.h"

#define NO_EVIDENCE "\"webcam\":0,\"screen\":0,\"fullscreen\":0,\"waiting_room\":0"

static void say_hello(Line *l, u8 protocol)
{
    Message m = {.kind = MSG_hello};
    m.hello.protocol = protocol;
    CHECK(line_send(l, &m));
}

static void follow(Line *l, u64 stream, u64 seen)
{
    Message m = {.kind = MSG_follow};
    m.follow.stream = stream;
    m.follow.seen_ver = seen;
    CHECK(line_send(l, &m));
}

/* Waits for an event of this kind on what is followed. */
static Event wait_event(Line *l, EventKind kind)
{
    Event e = {0};
    while (e.kind != kind) {
        CHECK(line_wait(l, MSG_event));
        if (l->m.event.event.len) CHECK(event_decode(l->m.event.event, &e) == OK);
    }
    return e;
}

static void get_ready(Who who)
{
    Line l;
    Command c = {.kind = CMD_consent};
    line_open(&l, who);
    CHECK_EQUAL(house_get(who, "/api/exam"), 200);
    c.consent.disclosure = (u32)house_number("disclosure");
    CHECK_EQUAL(line_ask(&l, house.attempt[who], &c), ACCEPTED);
    c = (Command){.kind = CMD_ready};
    CHECK_EQUAL(line_ask(&l, house.attempt[who], &c), ACCEPTED);
    line_close(&l);
}

TEST("The house has a running session with three candidates.")
{
    house.assessment = house_make_assessment();
    house.session_a =
        house_make_session("LIVEA", house_now_ms(), NO_EVIDENCE, PROCTOR_A, REVIEWER_A);
    house.session_b =
        house_make_session("LIVEB", house_now_ms(), NO_EVIDENCE, PROCTOR_B, REVIEWER_B);
    house_join(CANDIDATE_A, "LIVEA", "Anna A");
    house_join(CANDIDATE_A2, "LIVEA", "Arne A");
    house_join(CANDIDATE_B, "LIVEB", "Berta B");
    get_ready(CANDIDATE_A);
    get_ready(CANDIDATE_A2);
    get_ready(CANDIDATE_B);
    Line l;
    line_open(&l, PROCTOR_A);
    CHECK_EQUAL(line_ask(&l, house.session_a, &(Command){.kind = CMD_start_session}), ACCEPTED);
    line_close(&l);
}

TEST("The socket only opens for a page of this server, at its own path.")
{
    Line l;
    CHECK_EQUAL(line_dial(&l, PROCTOR_A, "http://example.org"), 403);
    line_close(&l);
    CHECK_EQUAL(line_dial(&l, PROCTOR_A, "null"), 403);
    line_close(&l);
}

TEST("A stale cookie is told so and the socket closed.")
{
    static const Who stale[] = {NOBODY, EXPIRED, SUSPENDED};
    for (size_t i = 0; i < COUNT_OF(stale); i++) {
        Line l;
        CHECK_EQUAL(line_dial(&l, stale[i], NULL), 101);
        CHECK(line_wait(&l, MSG_refused));
        CHECK_EQUAL(l.m.refused.refusal, R_NOT_SIGNED_IN);
        CHECK(!line_next(&l));
        CHECK_EQUAL(l.closed, LIVE_SIGNED_OUT);
        line_close(&l);
    }
}

TEST("Nothing is done before hello; another protocol is sent away with words.")
{
    Line l;
    CHECK_EQUAL(line_dial(&l, PROCTOR_A, NULL), 101);
    Message ping = {.kind = MSG_ping};
    CHECK(line_send(&l, &ping));
    CHECK(line_next(&l));
    CHECK_EQUAL(l.m.kind, MSG_refused);
    say_hello(&l, 99);
    CHECK(line_next(&l));
    CHECK_EQUAL(l.m.kind, MSG_refused);
    CHECK(l.m.refused.what.len > 10);
    CHECK(!line_next(&l));
    CHECK_EQUAL(l.closed, LIVE_MALFORMED);
    line_close(&l);
}

TEST("Malformed messages are refused one by one, and too many of them close the socket.")
{
    Line l;
    line_open(&l, PROCTOR_A);
    static const u8 bad[][5] = {{0}, {1}, {200, 1}, {5, 1, 2}, {101, 1, 2, 3, 4}};
    int refused = 0;
    for (int i = 0; i < BAD_MESSAGES_MAX; i++)
        CHECK(client_send_frame(&l.c, 0x82, bad[i % 5], i % 5 ? 3 : 0));
    while (line_next(&l))
        refused += l.m.kind == MSG_refused;
    CHECK_EQUAL(refused, BAD_MESSAGES_MAX);
    CHECK_EQUAL(l.closed, LIVE_MALFORMED);
    line_close(&l);
    CHECK_EQUAL(house_get(NOBODY, "/api/me"), 200);
}

TEST("A ping comes back with the server's time.")
{
    Line l;
    line_open(&l, PROCTOR_A);
    Message ping = {.kind = MSG_ping};
    ping.ping.device_ms = 4711;
    CHECK(line_send(&l, &ping));
    CHECK(line_wait(&l, MSG_pong));
    CHECK_EQUAL(l.m.pong.device_ms, 4711);
    CHECK(llabs(l.m.pong.server_ms - house_now_ms()) < 10000);
    line_close(&l);
}

TEST("A candidate who sends without end is read so much a second, and in the end answered whole.")
{
    Line l;
    i64 first_ms = 0;
    Message ping = {.kind = MSG_ping};
    line_open(&l, CANDIDATE_A);
    for (int i = 0; i < LIVE_ASKS_A_SECOND * 3; i++)
        CHECK(line_send(&l, &ping));
    for (int i = 0; i < LIVE_ASKS_A_SECOND * 3; i++) {
        CHECK(line_wait(&l, MSG_pong));
        if (i == 0) first_ms = l.m.pong.server_ms;
    }
    /* A part in the first second, a whole share in the next, the rest in the one after that. */
    CHECK(l.m.pong.server_ms - first_ms >= 900);
    line_close(&l);
}

TEST("A candidate follows the own attempt and session, and nobody else's.")
{
    Line l;
    line_open(&l, CANDIDATE_A);
    const u64 mine[] = {stream_id(STREAM_ATTEMPT, house.attempt[CANDIDATE_A]),
                        stream_id(STREAM_SESSION, house.session_a)};
    const u64 others[] = {stream_id(STREAM_ATTEMPT, house.attempt[CANDIDATE_A2]),
                          stream_id(STREAM_ATTEMPT, house.attempt[CANDIDATE_B]),
                          stream_id(STREAM_SESSION, house.session_b),
                          stream_id(STREAM_ASSESSMENT, house.assessment),
                          0,
                          UINT64_MAX};
    for (size_t i = 0; i < COUNT_OF(mine); i++) {
        follow(&l, mine[i], 0);
        CHECK(line_wait(&l, MSG_followed));
        CHECK_EQUAL(l.m.followed.stream, mine[i]);
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        follow(&l, others[i], 0);
        do /* what happens on the own streams meanwhile is told as well */
            CHECK(line_next(&l));
        while (l.m.kind == MSG_event &&
               (l.m.event.stream == mine[0] || l.m.event.stream == mine[1]));
        CHECK_EQUAL(l.m.kind, MSG_refused);
    }
    line_close(&l);
}

TEST("What only staff may know reaches a candidate as an empty event with its number.")
{
    Line candidate, proctor;
    u64 a = house.attempt[CANDIDATE_A], stream = stream_id(STREAM_ATTEMPT, a);
    line_open(&candidate, CANDIDATE_A);
    line_open(&proctor, PROCTOR_A);
    follow(&candidate, stream, 0);
    CHECK(line_wait(&candidate, MSG_followed));
    u64 upto = candidate.m.followed.upto_ver;
    Command c = {.kind = CMD_flag};
    c.flag.type = FLAG_observation;
    c.flag.severity = 1;
    c.flag.from_ms = c.flag.to_ms = house_now_ms();
    c.flag.note = SPAN("looks aside");
    CHECK_EQUAL(line_ask(&proctor, a, &c), ACCEPTED);
    do
        CHECK(line_wait(&candidate, MSG_event));
    while (candidate.m.event.ver <= upto || candidate.m.event.event.len);
    follow(&proctor, stream, upto);
    while (wait_event(&proctor, EVT_flagged).flagged.type != FLAG_observation) {
    }
    line_close(&candidate);
    line_close(&proctor);
}

TEST("A mass action is one command for many attempts, each with its own reply.")
{
    Line l, first, second; /* who is not there when the session starts begins on arrival */
    u64 targets[3] = {house.attempt[CANDIDATE_A], house.attempt[CANDIDATE_A2],
                      house.attempt[CANDIDATE_B]};
    int accepted = 0, refused = 0;
    line_open(&first, CANDIDATE_A);
    line_open(&second, CANDIDATE_A2);
    follow(&second, stream_id(STREAM_ATTEMPT, targets[1]), 0);
    wait_event(&second, EVT_began);
    line_open(&l, PROCTOR_A);
    Command c = {.kind = CMD_pause};
    c.pause.reason = SPAN("Fire drill");
    line_command(&l, 77, targets, 3, &c);
    for (int i = 0; i < 3; i++) {
        CHECK(line_wait(&l, MSG_reply));
        CHECK_EQUAL(l.m.reply.cmd, 77);
        if (l.m.reply.refusal == ACCEPTED) accepted++;
        else refused += l.m.reply.target == targets[2];
    }
    CHECK_EQUAL(accepted, 2);
    CHECK_EQUAL(refused, 1);
    c = (Command){.kind = CMD_resume};
    CHECK_EQUAL(line_ask(&l, targets[0], &c), ACCEPTED);
    CHECK_EQUAL(line_ask(&l, targets[1], &c), ACCEPTED);
    line_close(&l);
    line_close(&first);
    line_close(&second);
}

TEST("A command that is sent again is replied to again and done once.")
{
    Line l;
    u64 a = house.attempt[CANDIDATE_A2], ver = 0;
    line_open(&l, CANDIDATE_A2);
    Command c = {.kind = CMD_answer};
    c.answer.item = 2;
    c.answer.rev = 1;
    c.answer.value = SPAN("true");
    for (int i = 0; i < 3; i++) {
        line_command(&l, 4242, &a, 1, &c);
        CHECK(line_wait(&l, MSG_reply));
        CHECK_EQUAL(l.m.reply.refusal, ACCEPTED);
        CHECK(ver == 0 || l.m.reply.ver == ver);
        ver = l.m.reply.ver;
    }
    line_close(&l);
}

TEST("Commands without form, without targets, or for what goes over HTTP are refused.")
{
    Line l;
    u64 a = house.attempt[CANDIDATE_A];
    line_open(&l, PLANNER);
    Message m = {.kind = MSG_command};
    u8 nonsense[3] = {255, 255, 255}, target[8] = {1};
    m.command.cmd = 5;
    m.command.targets = (Span){target, 8};
    m.command.body = (Span){nonsense, 3};
    CHECK(line_send(&l, &m));
    CHECK(line_wait(&l, MSG_reply));
    CHECK_EQUAL(l.m.reply.refusal, R_MALFORMED);
    line_command(&l, 6, NULL, 0, &(Command){.kind = CMD_pause});
    CHECK(line_wait(&l, MSG_reply));
    CHECK_EQUAL(l.m.reply.refusal, R_MALFORMED);
    Command c = {.kind = CMD_create_session};
    CHECK_EQUAL(line_ask(&l, 0, &c), R_NOT_ALLOWED);
    c = (Command){.kind = CMD_invite};
    c.invite.name = SPAN("X");
    CHECK_EQUAL(line_ask(&l, 0, &c), R_NOT_ALLOWED);
    line_close(&l);
    line_open(&l, CANDIDATE_A);
    c = (Command){.kind = CMD_join};
    c.join.name = SPAN("X");
    CHECK_EQUAL(line_ask(&l, a, &c), R_NOT_ALLOWED);
    line_close(&l);
}

TEST("The feed of a session shows every attempt and its changes, to its staff alone.")
{
    Line l, other;
    bool ready = false, one = false, two = false;
    Message m = {.kind = MSG_follow_feed};
    m.follow_feed.session = house.session_a;
    line_open(&l, PROCTOR_A);
    CHECK(line_send(&l, &m));
    CHECK(line_wait(&l, MSG_feed_reset));
    Row row = {0};
    while (!ready || !one || !two) { /* a change on its way to the disk comes behind the snapshot */
        CHECK(line_next(&l));
        ready |= l.m.kind == MSG_feed_ready;
        if (l.m.kind != MSG_feed_row) continue;
        CHECK(row_decode(l.m.feed_row.row, &row) == OK);
        one |= row.attempt == house.attempt[CANDIDATE_A];
        two |= row.attempt == house.attempt[CANDIDATE_A2];
    }
    Command c = {.kind = CMD_lock};
    c.lock.reason = SPAN("wait");
    line_command(&l, 99, &house.attempt[CANDIDATE_A2], 1, &c);
    do {
        CHECK(line_wait(&l, MSG_feed_row));
        CHECK(row_decode(l.m.feed_row.row, &row) == OK);
    } while (!(row.holds & HOLD_locked));
    CHECK_EQUAL(row.attempt, house.attempt[CANDIDATE_A2]);
    c = (Command){.kind = CMD_unlock};
    CHECK_EQUAL(line_ask(&l, house.attempt[CANDIDATE_A2], &c), ACCEPTED);
    line_close(&l);
    static const Who strangers[] = {PROCTOR_B, CANDIDATE_A, GRADER, IDLE_PROCTOR};
    for (size_t i = 0; i < COUNT_OF(strangers); i++) {
        line_open(&other, strangers[i]);
        CHECK(line_send(&other, &m));
        CHECK(line_wait(&other, MSG_refused));
        CHECK_EQUAL(other.m.kind, MSG_refused);
        line_close(&other);
    }
}

TEST("Of two windows of one attempt the newer leads; the older is told so and closed.")
{
    Line first, second;
    line_open(&first, CANDIDATE_A);
    line_open(&second, CANDIDATE_A);
    CHECK(line_wait(&first, MSG_refused));
    CHECK_EQUAL(first.m.refused.refusal, R_CONFLICT);
    CHECK(!line_wait(&first, MSG_pong));
    CHECK_EQUAL(first.closed, LIVE_TAKEN_OVER);
    Message ping = {.kind = MSG_ping};
    CHECK(line_send(&second, &ping));
    CHECK(line_wait(&second, MSG_pong));
    line_close(&first);
    line_close(&second);
}

TEST("A closed socket counts as disconnected since it was last heard, and as connected again.")
{
    Line l, proctor;
    u64 stream = stream_id(STREAM_ATTEMPT, house.attempt[CANDIDATE_A]);
    line_open(&proctor, PROCTOR_A);
    line_open(&l, CANDIDATE_A);
    follow(&proctor, stream, 0);
    CHECK(line_wait(&proctor, MSG_followed));
    follow(&proctor, stream, proctor.m.followed.upto_ver);
    CHECK(line_wait(&proctor, MSG_followed));
    i64 before = house_now_ms();
    line_close(&l);
    Event e = wait_event(&proctor, EVT_disconnected);
    CHECK_EQUAL(e.disconnected.cause, DISCONNECTED_CLOSED);
    CHECK(e.disconnected.since_ms <= before + 1000);
    line_open(&l, CANDIDATE_A);
    CHECK(wait_event(&proctor, EVT_connected).connected.device != 0);
    line_close(&l);
    line_close(&proctor);
}

TEST("A socket that is not heard any more is closed and counts as disconnected.")
{
    Line l, proctor;
    i64 patience_ms = house.disconnected_ms;
    house_stop(&house);
    house.disconnected_ms = 300;
    house_start(&house);
    u64 stream = stream_id(STREAM_ATTEMPT, house.attempt[CANDIDATE_A]);
    line_open(&l, CANDIDATE_A);
    CHECK(!line_wait(&l, MSG_pong));
    CHECK_EQUAL(l.closed, LIVE_SILENT);
    line_close(&l);
    house_stop(&house);
    house.disconnected_ms = patience_ms;
    house_start(&house);
    line_open(&proctor, PROCTOR_A);
    follow(&proctor, stream, 0);
    Event e = {0};
    while (e.kind != EVT_disconnected || e.disconnected.cause != DISCONNECTED_SILENT)
        e = wait_event(&proctor, EVT_disconnected);
    line_close(&proctor);
}

/* ---- media ---- */

static size_t make_record(u8 *out, u8 stream, u32 seq, u8 flags, size_t payload)
{
    Buf b;
    buf_init(&b, 1 << 20);
    u8 head[] = {1, 0, stream, flags};
    buf_put(&b, head, 4);
    buf_u32(&b, seq);
    buf_u64(&b, (u64)house_now_ms() * 1000);
    buf_u32(&b, seq);
    buf_u32(&b, (u32)payload);
    buf_u64(&b, 12345);
    buf_u32(&b, 100000);
    buf_u32(&b, 0);
    for (size_t i = 0; i < payload; i++)
        buf_u8(&b, (u8)(i * 7 + seq));
    size_t len = b.len;
    memcpy(out, b.ptr, len);
    buf_done(&b);
    return len;
}

static void watch(Line *l, u64 attempt)
{
    Buf wants;
    Message m = {.kind = MSG_watch};
    buf_init(&wants, 64);
    buf_u64(&wants, attempt);
    buf_u8(&wants, 1);
    buf_u8(&wants, 1);
    m.watch.session = house.session_a;
    m.watch.wants = buf_view(&wants);
    CHECK(line_send(l, &m));
    buf_done(&wants);
}

TEST("A media record reaches the assigned proctor byte for byte, is stored, and nobody else gets "
     "it.")
{
    Line candidate, proctor, other;
    u8 record[600];
    u64 a = house.attempt[CANDIDATE_A];
    size_t len = make_record(record, 0, 0, 1, 500);
    line_open(&candidate, CANDIDATE_A);
    line_open(&proctor, PROCTOR_A);
    line_open(&other, PROCTOR_B);
    watch(&other, a);
    CHECK(line_wait(&other, MSG_refused));
    Message hello = {.kind = MSG_media_hello};
    hello.media_hello.epoch = 12345;
    CHECK(line_send(&candidate, &hello));
    watch(&proctor, a);
    do /* the device learns that somebody watches */
        CHECK(line_wait(&candidate, MSG_want));
    while (candidate.m.want.watchers == 0);
    Message m = {.kind = MSG_record};
    m.record.record = (Span){record, len};
    CHECK(line_send(&candidate, &m));
    CHECK(line_wait(&candidate, MSG_record_ack));
    CHECK_EQUAL(candidate.m.record_ack.bytes, len);
    CHECK(line_wait(&proctor, MSG_media));
    CHECK_EQUAL(proctor.m.media.attempt, a);
    CHECK(span_equal(proctor.m.media.record, (Span){record, len}));
    CHECK(line_wait(&candidate, MSG_media_have)); /* durable: the device may forget it */
    line_close(&candidate);
    line_close(&proctor);
    line_close(&other);
    char path[96];
    snprintf(path, sizeof path, "/api/attempts/%llu/media", (unsigned long long)a);
    CHECK_EQUAL(house_get(REVIEWER_A, path), 200);
    CHECK_EQUAL(house.http.body_len, 64);
    snprintf(path, sizeof path, "/api/attempts/%llu/records?from=0&count=9", (unsigned long long)a);
    CHECK_EQUAL(house_get(REVIEWER_A, path), 200);
    CHECK(span_equal(client_body(&house.http), (Span){record, len}));
    CHECK_EQUAL(house_get(REVIEWER_B, path), 404);
    snprintf(path, sizeof path, "/api/attempts/%llu/records?from=1&count=9", (unsigned long long)a);
    CHECK_EQUAL(house_get(REVIEWER_A, path), 200);
    CHECK_EQUAL(house.http.body_len, 0);
    snprintf(path, sizeof path, "/api/attempts/%llu/records", (unsigned long long)a);
    CHECK_REFUSAL(house_get(REVIEWER_A, path), 400, "BAD_VALUE");
}

TEST("Staff cannot send media, and a malformed record is refused.")
{
    Line l;
    Message m = {.kind = MSG_record};
    m.record.record = SPAN("no record");
    line_open(&l, PROCTOR_A);
    CHECK(line_send(&l, &m));
    CHECK(line_wait(&l, MSG_refused));
    CHECK_EQUAL(l.m.refused.refusal, R_NOT_ALLOWED);
    line_close(&l);
    line_open(&l, CANDIDATE_A);
    CHECK(line_send(&l, &m));
    CHECK(line_wait(&l, MSG_refused));
    CHECK_EQUAL(l.m.refused.refusal, R_MALFORMED);
    line_close(&l);
}

TEST("Who is taken off a session loses its live socket at once.")
{
    Line planner, proctor;
    line_open(&planner, PLANNER);
    line_open(&proctor, PROCTOR_A);
    Command c = {.kind = CMD_unassign};
    c.unassign.user = house.user[PROCTOR_A];
    CHECK_EQUAL(line_ask(&planner, house.session_a, &c), ACCEPTED);
    CHECK(!line_wait(&proctor, MSG_pong));
    CHECK_EQUAL(proctor.closed, LIVE_RIGHTS_CHANGED);
    line_close(&planner);
    line_close(&proctor);
}

TEST("A stopping server says so first, with a time to come back.")
{
    Line l;
    line_open(&l, CANDIDATE_B);
    house_stop(&house);
    CHECK(line_wait(&l, MSG_closing));
    CHECK(l.m.closing.reconnect_delay_ms > 0);
    CHECK(l.m.closing.reconnect_delay_ms <= RECONNECT_SPREAD_MS);
    CHECK(!line_next(&l));
    CHECK_EQUAL(l.closed, 1012);
    line_close(&l);
    house_start(&house);
}

HOUSE_MAIN()
