/* sitting.h - a server in a process of its own with a running session, candidates who answer over real
 * sockets, and a ledger of every receipt they were given, to compare with the log afterwards. */
#ifndef INVIGIL_TEST_CMD_SITTING_H
#define INVIGIL_TEST_CMD_SITTING_H

#include "app/media.h"
#include "store/log.h"
#include "test/cmd/process.h"
#include "test/http/house.h"

enum { SEATS = 4, LEDGER_MAX = 200000, ESSAY_ITEM = 4, SITTING_EPOCH = 4711 };

typedef struct Seat {
    Line line;
    u64 attempt, cmd;
    u32 rev, record_seq;
    char cookie[128];
} Seat;

typedef struct Acknowledged {
    ReceiptBody receipt;
    bool found;
} Acknowledged;

typedef struct Sitting {
    Run server;
    Seat seats[SEATS];
    u8 key[SEAL_SIGN_PUBLIC_BYTES];
    Acknowledged *ledger;
    u32 count;
} Sitting;

static Sitting sitting;

static inline void copy_data(const char *from, const char *to)
{
    Run r;
    CHECK_EQUAL(RUN(&r, "backup", "--data", from, "--to", to), 0);
}

static inline void sitting_serve(Sitting *s, const char *data)
{
    size_t len = 0;
    RUN_START(&s->server, "serve", "--data", data, "--listen", "127.0.0.1:0");
    house.port = run_port(&s->server);
    snprintf(house.origin, sizeof house.origin, "http://127.0.0.1:%u", house.port);
    CHECK_EQUAL(house_get(NOBODY, "/api/server"), 200);
    CHECK(text_from_base64url(house_text("sign_public"), s->key, sizeof s->key, &len));
}

/* The server ends; SIGTERM asks it, SIGKILL does not. */
static inline int sitting_end(Sitting *s, int signal)
{
    if (house.http.fd > 0) client_close(&house.http);
    house.http.fd = 0;
    for (int i = 0; i < SEATS; i++)
        if (s->seats[i].line.c.fd > 0) line_close(&s->seats[i].line);
    kill(s->server.pid, signal);
    int status = run_end(&s->server);
    s->server.pid = 0;
    return status;
}

/* ---- candidates ---- */

static inline void seat_dial(Seat *seat)
{
    snprintf(house.cookie[CANDIDATE_A], sizeof house.cookie[0], "%s", seat->cookie);
    line_open(&seat->line, CANDIDATE_A);
}

static inline Refusal seat_say(Seat *seat, const Command *c)
{
    return line_ask(&seat->line, seat->attempt, c);
}

static inline void seat_enter(Seat *seat, const char *code, int number)
{
    char name[32];
    snprintf(name, sizeof name, "Candidate %d", number);
    seat->attempt = house_join(CANDIDATE_A, code, name);
    snprintf(seat->cookie, sizeof seat->cookie, "%s", house.cookie[CANDIDATE_A]);
    CHECK_EQUAL(house_get(CANDIDATE_A, "/api/exam"), 200);
    Command c = {.kind = CMD_consent, .consent = {(u32)house_number("disclosure"), 0}};
    seat_dial(seat);
    CHECK_EQUAL(seat_say(seat, &c), ACCEPTED);
    CHECK_EQUAL(seat_say(seat, &(Command){.kind = CMD_ready}), ACCEPTED);
}

/* A house with people in `data`, its server, a running session, everybody in their seat. */
static inline void sitting_open(Sitting *s, const char *data)
{
    Line proctor;
    s->ledger = calloc(LEDGER_MAX, sizeof *s->ledger);
    CHECK(s->ledger);
    snprintf(house.data, sizeof house.data, "%s", data);
    house_people(&house);
    sitting_serve(s, data);
    house.assessment = house_make_assessment();
    house.session_a =
        house_make_session("SITTING", house_now_ms(),
                           "\"webcam\":0,\"screen\":0,\"fullscreen\":0,\"waiting_room\":0,"
                           "\"proctor_may_extend\":1",
                           PROCTOR_A, REVIEWER_A);
    for (int i = 0; i < SEATS; i++)
        seat_enter(&s->seats[i], "SITTING", i + 1);
    line_open(&proctor, PROCTOR_A);
    CHECK_EQUAL(line_ask(&proctor, house.session_a, &(Command){.kind = CMD_start_session}),
                ACCEPTED);
    line_close(&proctor);
}

/* The text of a revision: another one each time, of a length that fills a disk. */
static inline Span essay_text(const Seat *seat, u32 bytes)
{
    static char text[65536];
    int n = snprintf(text, sizeof text, "attempt %llu revision %u ",
                     (unsigned long long)seat->attempt, seat->rev);
    for (u32 i = (u32)n; i < bytes; i++)
        text[i] = (char)('a' + (i * 7 + seat->rev * 11) % 26);
    return (Span){(u8 *)text, MAX_OF((u32)n, bytes)};
}

static inline void seat_send(Seat *seat, u32 bytes)
{
    Command c = {.kind = CMD_answer};
    seat->rev++;
    c.answer.item = ESSAY_ITEM;
    c.answer.rev = seat->rev;
    c.answer.device_ms = house_now_ms();
    c.answer.value = essay_text(seat, bytes);
    line_command(&seat->line, ++seat->cmd, &seat->attempt, 1, &c);
}

/* Takes the reply of what was sent last. What is acknowledged has a genuine receipt of just that. */
static inline Refusal seat_take(Sitting *s, Seat *seat)
{
    do {
        if (!line_wait(&seat->line, MSG_reply)) return R_FAULT; /* nothing came */
    } while (seat->line.m.reply.cmd != seat->cmd);
    if (seat->line.m.reply.refusal) return seat->line.m.reply.refusal;
    CHECK(s->count < LEDGER_MAX);
    Acknowledged *a = &s->ledger[s->count++];
    *a = (Acknowledged){.found = false};
    CHECK_EQUAL(receipt_check(seat->line.m.reply.receipt, s->key, &a->receipt), OK);
    CHECK(a->receipt.attempt == seat->attempt && a->receipt.rev == seat->rev);
    return ACCEPTED;
}

/* Everybody sends one answer, then everybody waits for the receipt. */
static inline void sitting_round(Sitting *s, u32 bytes)
{
    for (int i = 0; i < SEATS; i++)
        seat_send(&s->seats[i], bytes);
    for (int i = 0; i < SEATS; i++)
        CHECK_EQUAL(seat_take(s, &s->seats[i]), ACCEPTED);
}

/* Sends the next record of the webcam. ACCEPTED: it was taken. */
static inline Refusal seat_record(Seat *seat, u32 payload)
{
    static u8 record[65536];
    Buf head;
    buf_init(&head, 64);
    static const u8 first[] = {1, 0, 0, 1}; /* version, video, webcam, key frame */
    buf_put(&head, first, sizeof first);
    buf_u32(&head, seat->record_seq);
    buf_u64(&head, (u64)house_now_ms() * 1000);
    buf_u32(&head, seat->record_seq);
    buf_u32(&head, payload);
    buf_u64(&head, SITTING_EPOCH);
    buf_u64(&head, 100000);
    CHECK(payload >= 16 && MEDIA_HEADER_BYTES + payload <= sizeof record);
    memcpy(record, head.ptr, head.len);
    buf_done(&head);
    memset(record + MEDIA_HEADER_BYTES, (int)seat->record_seq, payload);
    Message m = {.kind = MSG_record};
    m.record.record = (Span){record, MEDIA_HEADER_BYTES + payload};
    CHECK(line_send(&seat->line, &m));
    while (line_next(&seat->line)) {
        const Message *in = &seat->line.m;
        if (in->kind == MSG_refused) return in->refused.refusal;
        if (in->kind != MSG_record_ack || in->record_ack.seq != seat->record_seq) continue;
        seat->record_seq++;
        return ACCEPTED;
    }
    return R_FAULT;
}

/* ---- the ledger and the log ---- */

typedef struct Comparing {
    Sitting *s;
    u32 count; /* of the ledger's first entries */
} Comparing;

static inline Err ledger_find(void *ctx, const LogRecord *r)
{
    const Comparing *c = ctx;
    Event e;
    u8 hash[SEAL_HASH_BYTES];
    if (event_decode(r->event, &e)) return ERR_FORMAT;
    if (e.kind != EVT_answered) return OK;
    seal_sha256(e.answered.value, hash);
    for (u32 i = 0; i < c->count; i++) {
        const ReceiptBody *b = &c->s->ledger[i].receipt;
        if (b->rev == e.answered.rev && b->item == e.answered.item &&
            b->attempt == stream_object(r->stream) && b->stored_ms == e.at_ms &&
            !memcmp(b->answer_hash, hash, sizeof hash) && !memcmp(b->chain_hash, r->hash, 32))
            c->s->ledger[i].found = true;
    }
    return OK;
}

/* How many of the first `count` receipts the log of a data directory does not hold. */
static inline u32 ledger_missing(Sitting *s, u32 count, const char *data)
{
    char path[256], why[512] = "";
    Comparing c = {s, count};
    u32 missing = 0;
    snprintf(path, sizeof path, "%s/log.db", data);
    for (u32 i = 0; i < s->count; i++)
        s->ledger[i].found = false;
    Log *log = log_open(path, &(LogOptions){.read_only = true}, why, sizeof why);
    if (!log) printf("  %s\n", why);
    CHECK(log);
    Err err = log_read(log, 0, ledger_find, &c);
    log_close(log);
    CHECK_EQUAL(err, OK);
    for (u32 i = 0; i < count; i++)
        missing += !s->ledger[i].found;
    return missing;
}

#endif
