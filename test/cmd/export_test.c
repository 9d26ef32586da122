/* Evidence packs of a real exam: made while its server runs, verified without it (E15). */
#include <sqlite3.h>

#include "base/text.h"
#include "store/pack_files.h"
#include "test/cmd/sitting.h"

enum { RECORD_BYTES = 700, RECORDS_LOST = 5 };
static char key_text[64];

static void run_exam(const char *data)
{
    Seat *seats = sitting.seats;
    sitting_open(&sitting, data);
    for (int i = 0; i < 3; i++)
        sitting_round(&sitting, 200);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(seat_record(&seats[0], RECORD_BYTES), ACCEPTED);
    seats[0].record_seq += RECORDS_LOST;
    for (int i = 0; i < 2; i++)
        CHECK_EQUAL(seat_record(&seats[0], RECORD_BYTES), ACCEPTED);
    CHECK_EQUAL(seat_record(&seats[1], RECORD_BYTES), ACCEPTED);
    CHECK_EQUAL(seat_say(&seats[2], &(Command){.kind = CMD_submit}), ACCEPTED);
    text_base64url((Span){sitting.key, sizeof sitting.key}, key_text, sizeof key_text);
}

static bool prints(Run *r, int status, int wanted, const char *words)
{
    bool fine = status == wanted && strstr(r->text, words);
    if (!fine) printf("  status %d, without \"%s\":\n%s", status, words, r->text);
    return fine;
}

#define EXPORT(kind, number, data, to, ...)                                                        \
    RUN(&r, "export", kind, number, "--data", data, "--to", to, ##__VA_ARGS__)

static i64 number_of(json_t *json, const char *name)
{
    return json_integer_value(json_object_get(json, name));
}

TEST("A session is exported while its server runs and candidates answer, and the pack holds.")
{
    Run r;
    run_exam(data_path("exam"));
    int status = EXPORT("session", "1", data_path("exam"), data_path("live.zip"));
    CHECK(prints(&r, status, 0, "of 4 attempts"));
    seat_send(&sitting.seats[0], 100);
    CHECK_EQUAL(seat_take(&sitting, &sitting.seats[0]), ACCEPTED);
    CHECK_EQUAL(sitting_end(&sitting, SIGTERM), 0);
    status = RUN(&r, "verify", data_path("live.zip"), "--public", key_text);
    CHECK(prints(&r, status, 0, "Everything holds"));
    CHECK(strstr(r.text, "only their hashes are in the pack"));
}

TEST("With recordings: every record is there, what did not arrive is named as a gap, in words and "
     "as JSON.")
{
    Run r;
    json_error_t error;
    int status = EXPORT("session", "1", data_path("exam"), data_path("all.zip"), "--media");
    CHECK(prints(&r, status, 0, "all 7 records"));
    status = RUN(&r, "verify", data_path("all.zip"));
    CHECK(prints(&r, status, 0, "records 4 to 8 are missing"));
    CHECK(strstr(r.text, "which the pack itself names"));
    CHECK_EQUAL(RUN(&r, "verify", data_path("all.zip"), "--json", "--public", key_text), 0);
    json_t *json = json_loads(r.text, 0, &error);
    CHECK(json && json_is_true(json_object_get(json, "holds")));
    CHECK_EQUAL(number_of(json, "records"), 7);
    CHECK_EQUAL(number_of(json, "record_bytes"), 7 * (RECORD_BYTES + MEDIA_HEADER_BYTES));
    CHECK_EQUAL(number_of(json, "attempts"), SEATS);
    CHECK_EQUAL(number_of(json, "gaps_total"), 1);
    json_t *gap = json_array_get(json_object_get(json, "gaps"), 0);
    CHECK_EQUAL(number_of(gap, "last") - number_of(gap, "first") + 1, RECORDS_LOST);
    json_decref(json);
}

TEST("The pack of one attempt has its session and paper, and nobody else.")
{
    Run r;
    int status = EXPORT("attempt", "2", data_path("exam"), data_path("one.zip"), "--media");
    CHECK(prints(&r, status, 0, "of 1 attempts and all 1 records"));
    CHECK_EQUAL(RUN(&r, "verify", data_path("one.zip"), "--public", key_text), 0);
    Buf pack;
    buf_init(&pack, 1 << 24);
    int fd = open(data_path("one.zip"), O_RDONLY);
    CHECK(fd >= 0 && buf_reserve(&pack, 1 << 20));
    ssize_t n = read(fd, pack.ptr, 1 << 20);
    close(fd);
    bool own = n > 0 && memmem(pack.ptr, (size_t)n, "Candidate 2", 11);
    bool others = n > 0 && memmem(pack.ptr, (size_t)n, "Candidate 1", 11);
    buf_done(&pack);
    CHECK(own && !others);
}

TEST("A pack of a backup is as good; another server's key finds it out.")
{
    Run r;
    CHECK_EQUAL(RUN(&r, "backup", "--data", data_path("exam"), "--to", data_path("copy")), 0);
    int status = EXPORT("session", "1", data_path("copy"), data_path("copy.zip"));
    CHECK(prints(&r, status, 0, "of 4 attempts"));
    key_text[0] = key_text[0] == 'A' ? 'B' : 'A';
    status = RUN(&r, "verify", data_path("copy.zip"), "--public", key_text);
    CHECK(prints(&r, status, 1, "another server's key"));
    status = RUN(&r, "verify", data_path("copy.zip"), "--public", "nonsense");
    CHECK(prints(&r, status, 2, "no key"));
}

TEST("What cannot be done is said, and leaves nothing behind.")
{
    Run r;
    int status = EXPORT("session", "77", data_path("exam"), data_path("no.zip"));
    CHECK(prints(&r, status, 1, "no session with the number 77"));
    status = EXPORT("attempt", "77", data_path("exam"), data_path("no.zip"));
    CHECK(prints(&r, status, 1, "no attempt with the number 77"));
    CHECK(access(data_path("no.zip"), F_OK) && access(data_path("no.zip.partial"), F_OK));
    status = EXPORT("session", "1", data_path("exam"), data_path("all.zip"));
    CHECK(prints(&r, status, 1, "is there already"));
    status = EXPORT("session", "1", data_path("nowhere"), data_path("no.zip"));
    CHECK(prints(&r, status, 1, "nowhere is not there"));
    CHECK(access(data_path("nowhere"), F_OK) != 0);
    status = EXPORT("course", "1", data_path("exam"), data_path("no.zip"));
    CHECK(prints(&r, status, 2, "session NUMBER"));
    status = RUN(&r, "verify", data_path("nowhere"));
    CHECK(prints(&r, status, 1, "cannot be read"));
    status = RUN(&r, "verify", data_path("exam/log.db"));
    CHECK(prints(&r, status, 1, "byte 0 of the zip file"));
}

TEST("An interrupted export is not overwritten, and what to do is said.")
{
    Run r;
    write_file(data_path("cut.zip.partial"), SPAN("x"));
    int status = EXPORT("session", "1", data_path("exam"), data_path("cut.zip"));
    CHECK(prints(&r, status, 1, "remove it"));
    CHECK(access(data_path("cut.zip.partial"), F_OK) == 0);
}

static void meddle(const char *path, const char *sql)
{
    sqlite3 *db;
    CHECK_EQUAL(sqlite3_open(path, &db), SQLITE_OK);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    CHECK_EQUAL(code, SQLITE_OK);
}

TEST("A pack of a log that somebody changed names the attempt; the others hold.")
{
    Run r;
    char sql[256];
    CHECK_EQUAL(RUN(&r, "backup", "--data", data_path("exam"), "--to", data_path("hurt")), 0);
    snprintf(sql, sizeof sql,
             "UPDATE log SET event = zeroblob(length(event)) WHERE stream = %llu AND ver = 4",
             (unsigned long long)stream_id(STREAM_ATTEMPT, 2));
    meddle(data_path("hurt/log.db"), sql);
    int status = EXPORT("session", "1", data_path("hurt"), data_path("hurt.zip"));
    CHECK(prints(&r, status, 1, "streams/attempt-2.events: version 4 was changed"));
    status = RUN(&r, "verify", data_path("hurt.zip"));
    CHECK(prints(&r, status, 1, "attempt-2.events: version 4 was changed"));
    CHECK(!strstr(r.text, "attempt-1") && !strstr(r.text, "attempt-3"));
    status = EXPORT("attempt", "3", data_path("hurt"), data_path("third.zip"));
    CHECK(prints(&r, status, 0, "of 1 attempts"));
}

TEST("A record that is damaged on the disk is left out and is a gap.")
{
    Run r;
    copy_data(data_path("exam"), data_path("torn"));
    int fd = open(data_path("torn/evidence/1/0001.rec"), O_RDWR);
    CHECK(fd >= 0 && pwrite(fd, "x", 1, 16 + 40 + 40 + 100) == 1);
    close(fd);
    int status = EXPORT("session", "1", data_path("torn"), data_path("torn.zip"), "--media");
    CHECK(prints(&r, status, 0, "1 records are damaged"));
    status = RUN(&r, "verify", data_path("torn.zip"));
    CHECK(prints(&r, status, 0, "records 0 to 0 are missing"));
    CHECK(strstr(r.text, "2 gaps"));
}

/* Takes the second record of the webcam out of the evidence files, as somebody would who knows their form. */
static void cut_record(const char *rec, const char *idx)
{
    enum { FRAMED = PACK_FRAME_BYTES + MEDIA_HEADER_BYTES + RECORD_BYTES };
    Buf file;
    buf_init(&file, 1 << 24);
    CHECK_EQUAL(file_read(rec, 1 << 24, &file), OK);
    u8 *cut = file.ptr + PACK_REC_HEAD_BYTES + FRAMED;
    CHECK(file.len >= PACK_REC_HEAD_BYTES + 3 * FRAMED);
    memmove(cut, cut + FRAMED, file.len - PACK_REC_HEAD_BYTES - 2 * FRAMED);
    int fd = open(rec, O_WRONLY | O_TRUNC);
    CHECK(fd >= 0 && write(fd, file.ptr, file.len - FRAMED) == (ssize_t)(file.len - FRAMED));
    close(fd);
    buf_done(&file);
    CHECK(unlink(idx) == 0); /* the next start makes it from the records that are there */
}

/* The server reads the records of a session that is over beside its other work. */
static bool is_noted(u64 attempt)
{
    enum { TRIES = 20000 };
    char path[64];
    snprintf(path, sizeof path, "/api/attempts/%llu/events", (unsigned long long)attempt);
    for (int i = 0; i < TRIES; i++) {
        CHECK_EQUAL(house_get(PROCTOR_A, path), 200);
        if (memmem(house.http.body, house.http.body_len, "media_noted", 11)) return true;
    }
    return false;
}

TEST("A record that was taken out of the evidence files is found by the check and in a pack (E15).")
{
    Run r;
    copy_data(data_path("exam"), data_path("noted"));
    sitting_serve(&sitting, data_path("noted"));
    Line proctor;
    line_open(&proctor, PROCTOR_A);
    Command over = {.kind = CMD_end_session, .end_session = {SPAN("over"), 0}};
    CHECK_EQUAL(line_ask(&proctor, 1, &over), ACCEPTED);
    line_close(&proctor);
    CHECK(is_noted(1) && is_noted(2));
    CHECK_EQUAL(sitting_end(&sitting, SIGTERM), 0);
    CHECK_EQUAL(RUN(&r, "check", "--data", data_path("noted"), "--json"), 0);
    CHECK(strstr(r.text, "\"evidence_noted\":2"));
    int status = EXPORT("session", "1", data_path("noted"), data_path("noted.zip"));
    CHECK(prints(&r, status, 0, "of 4 attempts"));
    CHECK_EQUAL(RUN(&r, "verify", data_path("noted.zip"), "--json"), 0);
    CHECK(strstr(r.text, "\"noted\":2"));

    cut_record(data_path("noted/evidence/1/0001.rec"), data_path("noted/evidence/1/0001.idx"));
    sitting_serve(&sitting, data_path("noted")); /* mends the index: nothing looks odd any more */
    CHECK_EQUAL(sitting_end(&sitting, SIGTERM), 0);
    status = RUN(&r, "check", "--data", data_path("noted"));
    CHECK(prints(&r, status, 1, "record 1 of stream 0, epoch 4711, is not there"));
    status = EXPORT("session", "1", data_path("noted"), data_path("without.zip"));
    CHECK(prints(&r, status, 1, "`invigil check` says more"));
    status = RUN(&r, "verify", data_path("without.zip"));
    CHECK(prints(&r, status, 1, "record 1 of stream 0, epoch 4711, is not there"));
}

PROCESS_MAIN("export")
