/* The check and what it must find; and a data directory of an earlier version, kept for ever, that this
 * program must read, replay and find sound.
 *
 * INVIGIL_WRITE_GOLDEN=1 writes test/cmd/golden/NAME.sql for a name that has no file yet: when an exam can
 * hold something new, let run_exam do it, add a name to GOLDEN and run once so. A file is never changed. */
#include <sqlite3.h>

#include "cmd/desk.h"
#include "cmd/views.h"
#include "test/cmd/sitting.h"

static const char *const GOLDEN[] = {"exam"};
enum { RECORD_BYTES = 3000, EVENT_HEX_MAX = 65536 };

/* A statement by somebody who goes around the program. */
static void meddle(const char *path, const char *sql)
{
    sqlite3 *db;
    CHECK_EQUAL(sqlite3_open(path, &db), SQLITE_OK);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (code) printf("  %s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    CHECK_EQUAL(code, SQLITE_OK);
}

static void proctor_does(u64 attempt, const Command *c)
{
    Line l;
    line_open(&l, PROCTOR_A);
    CHECK_EQUAL(line_ask(&l, attempt, c), ACCEPTED);
    line_close(&l);
}

/* What an exam consists of, done by people on a real server. */
static void run_exam(const char *data)
{
    Seat *seats = sitting.seats;
    sitting_open(&sitting, data);
    for (int i = 0; i < 3; i++)
        sitting_round(&sitting, 60);
    CHECK_EQUAL(seat_record(&seats[0], RECORD_BYTES), ACCEPTED);
    CHECK_EQUAL(seat_record(&seats[0], RECORD_BYTES), ACCEPTED);
    u64 a = seats[0].attempt, b = seats[1].attempt;
    Command extend = {.kind = CMD_extend, .extend = {300000, SPAN("fire drill"), 0}};
    Command lock = {.kind = CMD_lock, .lock = {SPAN("please wait"), 0}};
    Command unlock = {.kind = CMD_unlock, .unlock = {SPAN("go on"), 0}};
    Command pause = {.kind = CMD_pause, .pause = {SPAN("break"), 0}};
    Command say = {.kind = CMD_message, .message = {0, SPAN("Gr\xc3\xbc\xc3\x9f dich"), 0}};
    proctor_does(a, &extend);
    proctor_does(a, &lock);
    proctor_does(a, &unlock);
    proctor_does(b, &pause);
    proctor_does(b, &say);
    CHECK_EQUAL(seat_say(&seats[2], &(Command){.kind = CMD_submit}), ACCEPTED);
    Command warn = {.kind = CMD_warn, .warn = {1, 0, SPAN("Please come back."), 0}};
    Command end = {.kind = CMD_end, .end = {SPAN("left the room"), 0}};
    proctor_does(seats[3].attempt, &warn);
    proctor_does(seats[3].attempt, &end);
    CHECK_EQUAL(sitting_end(&sitting, SIGTERM), 0);
}

static bool says(const char *data, int status, const char *words)
{
    Run r;
    int have = RUN(&r, "check", "--data", data);
    bool fine = have == status && strstr(r.text, words);
    if (!fine) printf("  status %d, without \"%s\":\n%s", have, words, r.text);
    return fine;
}

TEST("An exam that was ended cleanly is sound, in words and as JSON.")
{
    Run r;
    json_error_t error;
    run_exam(data_path("exam"));
    CHECK(says(data_path("exam"), 0, "all as the log says"));
    CHECK(says(data_path("exam"), 0, "2 records"));
    CHECK_EQUAL(RUN(&r, "check", "--data", data_path("exam"), "--json"), 0);
    json_t *json = json_loads(r.text, 0, &error);
    CHECK(json && json_is_true(json_object_get(json, "sound")));
    CHECK_EQUAL(json_integer_value(json_object_get(json, "attempts")), SEATS);
    CHECK_EQUAL(json_array_size(json_object_get(json, "findings")), 0);
    json_decref(json);
}

TEST("A backup can be checked where it lies, and is the same backup afterwards.")
{
    Run r;
    copy_data(data_path("exam"), data_path("copy"));
    CHECK(says(data_path("copy"), 0, "every chain holds"));
    CHECK_EQUAL(RUN(&r, "restore", "--from", data_path("copy"), "--data", data_path("back")), 0);
}

TEST("A directory that is not there is not made by checking it.")
{
    CHECK(says(data_path("nowhere"), 1, "nowhere is not there"));
    CHECK(access(data_path("nowhere"), F_OK) != 0);
}

TEST("An attempt whose record was changed is set aside and named; the others go on.")
{
    Run r;
    char sql[300], object[64];
    u64 a = sitting.seats[0].attempt;
    copy_data(data_path("exam"), data_path("changed"));
    snprintf(sql, sizeof sql,
             "UPDATE log SET event = zeroblob(length(event)) WHERE stream = %llu AND ver = 4",
             (unsigned long long)stream_id(STREAM_ATTEMPT, a));
    meddle(data_path("changed/log.db"), sql);
    snprintf(object, sizeof object, "attempt %llu: set aside at version 4", (unsigned long long)a);
    CHECK(says(data_path("changed"), 1, object));
    CHECK(says(data_path("changed"), 1, "it was changed"));
    CHECK_EQUAL(RUN(&r, "check", "--data", data_path("changed"), "--json"), 1);
    CHECK(strstr(r.text, "\"sound\":false") && strstr(r.text, "\"set_aside\":1"));
    CHECK_EQUAL(RUN(&r, "rebuild", "--data", data_path("changed")), 1);
    CHECK(strstr(r.text, object));
    sitting_serve(&sitting, data_path("changed"));
    seat_dial(&sitting.seats[1]);
    CHECK_EQUAL(sitting_end(&sitting, SIGTERM), 0);
}

TEST("Damage to a recording, to its index and to its file is named.")
{
    const char *rec = data_path("hurt/evidence/1/0001.rec");
    copy_data(data_path("exam"), data_path("hurt"));
    int fd = open(rec, O_RDWR);
    CHECK(fd >= 0 && pwrite(fd, "x", 1, 16 + 40 + 40 + 100) == 1);
    CHECK(says(data_path("hurt"), 1, "number 0 is damaged"));
    CHECK(pwrite(fd, "x", 1, 0) == 1);
    close(fd);
    CHECK(says(data_path("hurt"), 1, "does not begin as"));
    copy_data(data_path("exam"), data_path("lost"));
    CHECK(truncate(data_path("lost/evidence/1/0001.idx"), 64 + 64) == 0);
    CHECK(says(data_path("lost"), 1, "its index has lost entries"));
}

TEST("People that cannot be read are named.")
{
    copy_data(data_path("exam"), data_path("strangers"));
    CHECK(truncate(data_path("strangers/people.db"), 4096) == 0);
    CHECK(says(data_path("strangers"), 1, "people:"));
}

/* Appends an event of the attempt behind the engine's back: now its views are behind the log. */
static void append_behind(Log *log, const Engine *e, u64 attempt, const Event *event)
{
    u64 stream = stream_id(STREAM_ATTEMPT, attempt);
    LogRecord r = {.seq = log_last_seq(log) + 1,
                   .stream = stream,
                   .ver = engine_stream_version(e, stream) + 1};
    Buf bytes;
    buf_init(&bytes, 4096);
    event_encode(&bytes, event);
    r.event = buf_view(&bytes);
    seal_chain((u8[HASH_BYTES]){0}, stream, r.ver, r.event, r.hash);
    Err err = log_append(log, &r, 1);
    buf_done(&bytes);
    CHECK_EQUAL(err, OK);
}

static u64 differences(const Event *event, const char *words)
{
    Desk d;
    Findings f;
    char why[256];
    u64 a = sitting.seats[1].attempt;
    folder_remove(data_path("behind"));
    copy_data(data_path("exam"), data_path("behind"));
    bool open = desk_open(&d, data_path("behind"), false, why, sizeof why);
    CHECK(open);
    findings_init(&f, true);
    CHECK_EQUAL(views_check(d.log, d.engine, &f), OK);
    CHECK_EQUAL(f.count, 0);
    append_behind(d.log, d.engine, a, event);
    CHECK_EQUAL(views_check(d.log, d.engine, &f), OK);
    buf_u8(&f.list.buf, 0);
    bool named = strstr((char *)f.list.buf.ptr, words);
    if (!named) printf("  %s\n", f.list.buf.ptr);
    u64 count = f.count;
    findings_done(&f);
    desk_close(&d);
    CHECK(named);
    return count;
}

TEST("A view that is not what the log says is named, each by its own words.")
{
    Event answered = {.kind = EVT_answered,
                      .answered = {ESSAY_ITEM, 99, 0, 0, SPAN("something else"), 0}};
    Event extended = {.kind = EVT_extended, .extended = {1000, SPAN("x"), 0}};
    Event credited = {.kind = EVT_credited, .credited = {STOP_pause, 777, 0}};
    Event ended = {.kind = EVT_ended, .ended = {ENDED_BY_PROCTOR, SPAN("x"), 0}};
    Event flagged = {.kind = EVT_flagged, .flagged = {1, 1, 1, 0, 0, SPAN("x"), 0}};
    Event scored = {.kind = EVT_scored, .scored = {5, 10, 0, 0}};
    Event verdict = {.kind = EVT_verdict_given, .verdict_given = {OUTCOME_CLEAR, SPAN("x"), 0}};
    CHECK_EQUAL(differences(&answered, "the answer to question 4 is not the newest"), 2);
    CHECK_EQUAL(differences(&extended, "added time"), 2);
    CHECK_EQUAL(differences(&credited, "credited time"), 2);
    CHECK_EQUAL(differences(&ended, "its state"), 2);
    CHECK_EQUAL(differences(&flagged, "number of flags"), 2);
    CHECK_EQUAL(differences(&scored, "points"), 3);
    CHECK_EQUAL(differences(&verdict, "verdict"), 2);
}

/* ---- the data directory of an earlier version ---- */

static void golden_path(const char *name, char path[160])
{
    snprintf(path, 160, "test/cmd/golden/%s.sql", name);
}

static Err golden_line(void *ctx, const LogRecord *r)
{
    static char event[EVENT_HEX_MAX];
    char hash[2 * HASH_BYTES + 1];
    CHECK(r->event.len * 2 < sizeof event);
    text_hex(r->event, event, sizeof event);
    text_hex((Span){r->hash, HASH_BYTES}, hash, sizeof hash);
    fprintf(ctx, "INSERT INTO log VALUES(%llu,%llu,%llu,x'%s',x'%s');\n",
            (unsigned long long)r->seq, (unsigned long long)r->stream, (unsigned long long)r->ver,
            event, hash);
    return OK;
}

/* The form of the table is written out: it, too, must stay readable. */
static void golden_write(const char *path)
{
    char why[256];
    FILE *f = fopen(path, "wx");
    CHECK(f);
    fprintf(f, "CREATE TABLE log(seq INTEGER PRIMARY KEY, stream INTEGER NOT NULL,"
               " ver INTEGER NOT NULL, event BLOB NOT NULL, hash BLOB NOT NULL);\n"
               "PRAGMA application_id = 1229870663;\nPRAGMA user_version = 1;\n");
    Log *log =
        log_open(data_path("exam/log.db"), &(LogOptions){.read_only = true}, why, sizeof why);
    CHECK(log);
    Err err = log_read(log, 0, golden_line, f);
    log_close(log);
    CHECK(!err && fclose(f) == 0);
}

static void golden_load(const char *sql_path, const char *data)
{
    static char sql[1 << 20];
    char log[200];
    FILE *f = fopen(sql_path, "r");
    if (!f) printf("  no %s: run once with INVIGIL_WRITE_GOLDEN=1\n", sql_path);
    CHECK(f);
    size_t len = fread(sql, 1, sizeof sql - 1, f);
    fclose(f);
    sql[len] = 0;
    CHECK(len > 1000 && len < sizeof sql - 1);
    CHECK(mkdir(data, 0700) == 0);
    snprintf(log, sizeof log, "%s/log.db", data);
    meddle(log, sql);
}

/* What every version must make of the kept exam: see run_exam. */
static void golden_exam_is(const Engine *e)
{
    static const AttemptState states[] = {ATTEMPT_active, ATTEMPT_active, ATTEMPT_submitted,
                                          ATTEMPT_ended};
    u64 ids[SEATS];
    CHECK_EQUAL(engine_attempts(e, 1, ids, SEATS), SEATS);
    for (int i = 0; i < SEATS; i++) {
        Row row;
        char begins[64];
        engine_row(e, ids[i], &row);
        CHECK_EQUAL(row.state, states[i]);
        CHECK_EQUAL(row.answered, 1);
        CHECK_EQUAL(row.extra_ms, i == 0 ? 300000 : 0);
        CHECK_EQUAL(row.holds, i == 1 ? HOLD_paused : 0);
        snprintf(begins, sizeof begins, "attempt %llu revision 3 ", (unsigned long long)ids[i]);
        CHECK(text_starts(engine_answer(e, ids[i], ESSAY_ITEM), span_of(begins)));
    }
    CHECK_EQUAL(engine_paper(e, 1)->item_count, 4);
    CHECK_TEXT(engine_session_info(e, 1)->code, "SITTING");
}

TEST(
    "The data directory of an earlier version is read, replayed to the same exam, and found sound.")
{
    for (size_t i = 0; i < COUNT_OF(GOLDEN); i++) {
        char path[160], name[64], why[256];
        Run r;
        Desk d;
        golden_path(GOLDEN[i], path);
        if (access(path, F_OK) && getenv("INVIGIL_WRITE_GOLDEN")) golden_write(path);
        snprintf(name, sizeof name, "golden-%s", GOLDEN[i]);
        const char *data = data_path(name);
        golden_load(path, data);
        CHECK_EQUAL(RUN(&r, "user", "list", "--data", data), 0); /* people.db, empty */
        CHECK(says(data, 0, "every chain holds"));
        bool open = desk_open(&d, data, true, why, sizeof why);
        CHECK(open);
        golden_exam_is(d.engine);
        desk_close(&d);
    }
}

PROCESS_MAIN("check")
