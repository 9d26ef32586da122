/* The phone that is a second camera: how it is paired, and that its right reaches no further (S2.17). */
#include "app/media.h"
#include "http/live.h"
#include "test/http/house.h"

#define WITH_PHONE                                                                                 \
    "\"webcam\":0,\"screen\":0,\"fullscreen\":0,\"waiting_room\":0,\"phone\":1,\"late_arrival_"    \
    "ms\":0"

static Line candidate, phone;
static char ticket[128], cookie[160];
static u64 attempt;

static Refusal plain(Line *l, CommandKind kind)
{
    Command c = {.kind = kind};
    return line_ask(l, attempt, &c);
}

static void take_ticket(void)
{
    CHECK_EQUAL(house_post(CANDIDATE_A, "/api/exam/phone", "{}"), 200);
    snprintf(ticket, sizeof ticket, "%.*s", SPAN_ARG(house_text("ticket")));
}

static int give_ticket(void)
{
    char body[192];
    snprintf(body, sizeof body, "{\"ticket\":\"%s\"}", ticket);
    int status = house_post(NOBODY, "/api/phone", body);
    Span set = client_header(&house.http, "Set-Cookie");
    if (status == 200)
        snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn((const char *)set.ptr, ";"),
                 (const char *)set.ptr);
    return status;
}

static void phone_open(Line *l, const char *with)
{
    Message m = {.kind = MSG_hello};
    m.hello.protocol = 1;
    CHECK_EQUAL(line_dial_at(l, "/live/phone", with, NULL), 101);
    CHECK(line_send(l, &m));
}

static u8 phone_wanted(void)
{
    CHECK(line_wait(&phone, MSG_phone_wanted));
    return phone.m.phone_wanted.what;
}

static bool refused(Line *l, const Message *m)
{
    Message ping = {.kind = MSG_ping};
    bool was = false;
    CHECK(line_send(l, m) && line_send(l, &ping));
    do {
        CHECK(line_next(l));
        was |= l->m.kind == MSG_refused;
    } while (l->m.kind != MSG_pong);
    return was;
}

static bool record_refused(Line *l, u64 epoch, u8 stream)
{
    u8 record[MEDIA_HEADER_BYTES + 64] = {1};
    record[2] = stream;
    record[3] = 1;
    record[20] = 64;
    record[24] = (u8)epoch;
    Message m = {.kind = MSG_record};
    m.record.record = (Span){record, sizeof record};
    return refused(l, &m);
}

TEST("A session that asks for a phone lets nobody be ready without one.")
{
    Command c = {.kind = CMD_consent};
    house.assessment = house_make_assessment();
    house.session_a =
        house_make_session("PHONE1", house_now_ms(), WITH_PHONE, PROCTOR_A, REVIEWER_A);
    attempt = house_join(CANDIDATE_A, "PHONE1", "Ada Example");
    line_open(&candidate, CANDIDATE_A);
    CHECK_EQUAL(house_get(CANDIDATE_A, "/api/exam"), 200);
    c.consent.disclosure = (u32)house_number("disclosure");
    CHECK_EQUAL(line_ask(&candidate, attempt, &c), ACCEPTED);
    CHECK_EQUAL(plain(&candidate, CMD_ready), R_PHONE_MISSING);
}

TEST("A ticket is good once; a wrong, a used and an older one are refused, and change nothing.")
{
    take_ticket();
    char older[128];
    memcpy(older, ticket, sizeof older);
    take_ticket();
    char newer[128];
    memcpy(newer, ticket, sizeof newer);
    memcpy(ticket, older, sizeof ticket);
    CHECK_REFUSAL(give_ticket(), 410, "PHONE_TICKET_GONE");
    snprintf(ticket, sizeof ticket, "%llu.short", (unsigned long long)attempt);
    CHECK_REFUSAL(give_ticket(), 410, "PHONE_TICKET_GONE");
    memcpy(ticket, newer, sizeof ticket);
    CHECK_EQUAL(give_ticket(), 200);
    CHECK_EQUAL(house_number("attempt"), (i64)attempt);
    CHECK_REFUSAL(give_ticket(), 410, "PHONE_TICKET_GONE");
}

TEST("The paired phone is told what is wanted, and the candidate how it is.")
{
    phone_open(&phone, cookie);
    CHECK_EQUAL(phone_wanted(), 0);
    CHECK(line_wait(&candidate, MSG_phone_state));
    while (!candidate.m.phone_state.connected)
        CHECK(line_wait(&candidate, MSG_phone_state));
    Message report = {.kind = MSG_phone_report, .phone_report = {77, 2, 0}};
    CHECK(!refused(&phone, &report));
    CHECK(line_wait(&candidate, MSG_phone_state));
    CHECK(candidate.m.phone_state.battery == 77 && candidate.m.phone_state.problem == 2);
    CHECK_EQUAL(plain(&candidate, CMD_ready), ACCEPTED);
    CHECK_EQUAL(phone_wanted(), 1);
}

TEST("Of all commands a phone may add the key of its recording, to its own attempt alone.")
{
#define F(type, name)
#define E(id, name, leads, audience, fields)
#define C(id, name, who, states, fields)                                                           \
    {                                                                                              \
        Command c = {.kind = CMD_##name};                                                          \
        Refusal r = line_ask(&phone, id < 1000 ? attempt : house.session_a, &c);                   \
        bool may = r != R_NOT_ALLOWED && r != R_NOT_FOUND;                                         \
        CHECK_EQUAL(may, c.kind == CMD_add_media_key);                                             \
    }
#include "schema/attempt.def"
#include "schema/session.def"
#undef F
#undef E
#undef C
    u64 other = house_join(CANDIDATE_A2, "PHONE1", "Bob Example");
    Command key = {.kind = CMD_add_media_key, .add_media_key = {5, SPAN("wrapped"), 0}};
    CHECK_EQUAL(line_ask(&phone, other, &key), R_NOT_FOUND);
    CHECK_EQUAL(line_ask(&phone, attempt, &key), ACCEPTED);
}

TEST(
    "It sees nothing: no events, no session, no pictures, no paper; and no route knows its cookie.")
{
    Message m = {.kind = MSG_follow};
    m.follow.stream = stream_id(STREAM_ATTEMPT, attempt);
    CHECK(refused(&phone, &m));
    m.follow.stream = stream_id(STREAM_SESSION, house.session_a);
    CHECK(refused(&phone, &m));
    m = (Message){.kind = MSG_follow_feed, .follow_feed = {house.session_a, 0, 0, 0}};
    CHECK(refused(&phone, &m));
    u8 wants[10] = {(u8)attempt, 0, 0, 0, 0, 0, 0, 0, 1, 1};
    m = (Message){.kind = MSG_watch, .watch = {house.session_a, {wants, sizeof wants}, 0}};
    CHECK(refused(&phone, &m));
    m = (Message){.kind = MSG_read_paper};
    CHECK(refused(&phone, &m));
    memcpy(house.cookie[NOBODY], cookie, sizeof house.cookie[NOBODY] - 1);
    CHECK_REFUSAL(house_get(NOBODY, "/api/exam"), 401, "NOT_SIGNED_IN");
    CHECK_REFUSAL(house_post(NOBODY, "/api/exam/phone", "{}"), 401, "NOT_SIGNED_IN");
    house.cookie[NOBODY][0] = 0;
}

TEST("It sends its pictures and its end, each side in epochs of its own.")
{
    enum { PHONE_EPOCH = 5, OWN_EPOCH = 6 };
    CHECK(!record_refused(&phone, PHONE_EPOCH, TRACK_phone));
    CHECK(!record_refused(&phone, PHONE_EPOCH, STREAM_LOW + TRACK_phone));
    CHECK(!record_refused(&phone, PHONE_EPOCH, STREAM_EVENTS));
    for (u8 stream = 0; stream <= STREAM_STILLS; stream++)
        if (stream % STREAM_LOW != TRACK_phone && stream != STREAM_EVENTS)
            CHECK(record_refused(&phone, PHONE_EPOCH, stream));
    CHECK(record_refused(&candidate, OWN_EPOCH, TRACK_phone));
    CHECK(!record_refused(&candidate, OWN_EPOCH, TRACK_webcam));
    CHECK(record_refused(&candidate, PHONE_EPOCH, STREAM_EVENTS));
    CHECK(record_refused(&phone, OWN_EPOCH, STREAM_EVENTS));
}

TEST("Another phone takes the place of the first, which is told and let in no more.")
{
    char first[160];
    memcpy(first, cookie, sizeof first);
    take_ticket();
    CHECK_EQUAL(give_ticket(), 200);
    while (line_next(&phone)) {
    }
    CHECK_EQUAL(phone.closed, LIVE_TAKEN_OVER);
    line_close(&phone);
    phone_open(&phone, first);
    CHECK(!line_wait(&phone, MSG_welcome));
    CHECK_EQUAL(phone.closed, LIVE_SIGNED_OUT);
    line_close(&phone);
    phone_open(&phone, cookie);
    CHECK_EQUAL(phone_wanted(), 1);
}

TEST("A phone without its cookie, or with one that was made up, is nobody.")
{
    Line l;
    char made_up[160];
    const char *const wrong[] = {"", house.cookie[CANDIDATE_A], made_up, "__Host-invigil-phone=1"};
    snprintf(made_up, sizeof made_up, "%s", cookie);
    size_t last = strlen(made_up) - 3;
    made_up[last] = made_up[last] == 'A' ? 'B' : 'A';
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        phone_open(&l, wrong[i]);
        CHECK(!line_wait(&l, MSG_welcome));
        line_close(&l);
    }
}

TEST("Who has ended the exam takes no phone any more; the one that is there is told.")
{
    Line proctor;
    line_open(&proctor, PROCTOR_A);
    Command c = {.kind = CMD_start_session};
    CHECK_EQUAL(line_ask(&proctor, house.session_a, &c), ACCEPTED);
    while (plain(&candidate, CMD_submit) == R_TOO_EARLY) { /* polls: the session has just begun */
    }
    CHECK_EQUAL(phone_wanted(), 2);
    CHECK_REFUSAL(house_post(CANDIDATE_A, "/api/exam/phone", "{}"), 409, "IS_OVER");
    line_close(&proctor);
    line_close(&phone);
    line_close(&candidate);
}

HOUSE_MAIN()
