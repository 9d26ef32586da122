/* The SQLite log and its writer: what is stored stays, what is forbidden fails, faults are told. */
#include "base/limits.h"
#include "store/log_internal.h"
#include "test/store/conform.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>

/* ---- the log behind its writer as a Backend ---- */

typedef struct Live {
    Log *log;
    Writer *writer;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    u32 wakes;
} Live;

static void live_wake(void *ctx)
{
    Live *l = ctx;
    pthread_mutex_lock(&l->lock);
    l->wakes++;
    pthread_cond_signal(&l->woken);
    pthread_mutex_unlock(&l->lock);
}

static void *live_open(void)
{
    char why[300];
    Live *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->woken, NULL);
    l->log = log_open(in_folder("log.db"), NULL, why, sizeof why);
    if (!l->log) printf("  %s\n", why);
    CHECK(l->log);
    l->writer = writer_open(l->log, live_wake, l);
    CHECK(l->writer);
    return l;
}

static void live_close(void *self)
{
    Live *l = self;
    writer_close(l->writer);
    log_close(l->log);
    pthread_cond_destroy(&l->woken);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static EventLog live_port(void *self)
{
    return writer_port(((Live *)self)->writer);
}

static Err live_wait(void *self, u64 batch)
{
    Live *l = self;
    Err fault = OK;
    pthread_mutex_lock(&l->lock);
    for (;;) {
        u32 seen = l->wakes;
        if (writer_durable(l->writer, &fault) >= batch || fault) break;
        while (l->wakes == seen)
            pthread_cond_wait(&l->woken, &l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return fault;
}

static const Backend SQLITE_LOG = {live_open, live_close, live_port, live_wait};

TEST("Events are there again after the log was closed and opened, in order and unchanged.")
{
    folder_new();
    conform_batches(&SQLITE_LOG);
    conform_reopen(&SQLITE_LOG);
}

TEST("Reading starts after the number asked for and stops when its reader says so.")
{
    folder_new();
    conform_batches(&SQLITE_LOG);
    conform_reopen(&SQLITE_LOG);
    conform_read(&SQLITE_LOG);
}

TEST("A batch with a gap in its numbers is refused as a whole.")
{
    folder_new();
    conform_batches(&SQLITE_LOG);
    conform_reopen(&SQLITE_LOG);
    conform_gap(&SQLITE_LOG);
}

TEST("The empty event and the largest one are stored.")
{
    folder_new();
    conform_sizes(&SQLITE_LOG);
}

static Log *open_plain(void)
{
    char why[300];
    Log *log = log_open(in_folder("log.db"), NULL, why, sizeof why);
    if (!log) printf("  %s\n", why);
    CHECK(log);
    return log;
}

TEST("A second opening of the same log is refused and says that another invigil is running.")
{
    folder_new();
    Log *log = open_plain();
    pid_t child = fork();
    if (!child) {
        char why[300];
        Log *second = log_open(in_folder("log.db"), NULL, why, sizeof why);
        _exit(!second && strstr(why, "another invigil is running") ? 0 : 1);
    }
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
    char why[300];
    CHECK(!log_open(in_folder("log.db"), NULL, why, sizeof why));
    CHECK(strstr(why, "another invigil is running"));
    log_close(log);
    log_close(open_plain());
}

typedef struct Beside {
    Log *writer;
    Maker *maker;
    u64 seen, steps;
} Beside;

/* Somebody reads; meanwhile the writer goes on, and takes what steps of tidying it can. */
static Err write_meanwhile(void *ctx, const LogRecord *r)
{
    Beside *b = ctx;
    if (++b->seen != r->seq) return ERR_BROKEN;
    if (b->seen % 100) return OK;
    Err err = log_append(b->writer, maker_batch(b->maker, 50), 50);
    while (!err && log_step(b->writer))
        b->steps++;
    return err;
}

TEST("Who reads beside the writer sees what was stored when it began, and holds nothing up.")
{
    folder_new();
    Maker m = {0};
    char why[300];
    Log *writer = open_plain();
    log_step_every(writer, 4);
    CHECK_EQUAL(log_append(writer, maker_batch(&m, 1000), 1000), OK);
    Log *beside = log_open(in_folder("log.db"), &(LogOptions){.beside = true}, why, sizeof why);
    CHECK(beside);
    Beside b = {.writer = writer, .maker = &m};
    CHECK_EQUAL(log_read(beside, 0, write_meanwhile, &b), OK);
    CHECK_EQUAL(b.seen, 1000);
    CHECK_EQUAL(log_last_seq(writer), 1500);
    CHECK(b.steps < 100); /* a step that does not get on is not tried for ever */
    CHECK_EQUAL(log_append(beside, maker_batch(&m, 1), 1), ERR_DENIED);
    log_close(beside);
    log_close(writer);
    Log *log = open_plain();
    CHECK_EQUAL(log_last_seq(log), 1500);
    CHECK_EQUAL(log_check(log, why, sizeof why), OK);
    log_close(log);
    maker_done(&m);
}

TEST("A file that is no log is refused with its name and left alone.")
{
    folder_new();
    int fd = open(in_folder("log.db"), O_CREAT | O_WRONLY, 0600);
    CHECK(write(fd, "This is a letter.\n", 18) == 18);
    close(fd);
    char why[300];
    CHECK(!log_open(in_folder("log.db"), NULL, why, sizeof why));
    CHECK(strstr(why, "log.db"));
    struct stat st;
    CHECK_EQUAL(stat(in_folder("log.db"), &st), 0);
    CHECK_EQUAL(st.st_size, 18);
}

TEST("A database of another program is refused.")
{
    folder_new();
    sqlite3 *db;
    CHECK_EQUAL(sqlite3_open(in_folder("log.db"), &db), SQLITE_OK);
    CHECK_EQUAL(sqlite_run(db, "CREATE TABLE log(seq INTEGER PRIMARY KEY, x)"), OK);
    sqlite3_close(db);
    char why[300];
    CHECK(!log_open(in_folder("log.db"), NULL, why, sizeof why));
    CHECK(strstr(why, "not an Invigil event log"));
}

TEST("A log of a later form is refused and says so.")
{
    folder_new();
    log_close(open_plain());
    sqlite3 *db;
    CHECK_EQUAL(sqlite3_open(in_folder("log.db"), &db), SQLITE_OK);
    CHECK_EQUAL(sqlite_run(db, "PRAGMA user_version = 2"), OK);
    sqlite3_close(db);
    char why[300];
    CHECK(!log_open(in_folder("log.db"), NULL, why, sizeof why));
    CHECK(strstr(why, "form 2"));
}

TEST("A folder that does not exist is named.")
{
    folder_new();
    char why[300];
    CHECK(!log_open(in_folder("nowhere/log.db"), NULL, why, sizeof why));
    CHECK(strstr(why, "nowhere/log.db"));
}

TEST("Nothing on the log's own connection can change, remove or slip in what is stored.")
{
    folder_new();
    Log *log = open_plain();
    Maker m = {0};
    CHECK_EQUAL(log_append(log, maker_batch(&m, 20), 20), OK);
    static const char *const forbidden[] = {
        "UPDATE log SET event=x'00' WHERE seq=3",
        "DELETE FROM log WHERE seq=3",
        "DELETE FROM log",
        "INSERT OR REPLACE INTO log VALUES(3,1,1,x'00',x'00')",
        "REPLACE INTO log VALUES(3,1,1,x'00',x'00')",
        "INSERT INTO log VALUES(21,1,1,x'00',x'00')",
        "INSERT INTO log VALUES(3,1,1,x'00',x'00') ON CONFLICT(seq) DO UPDATE SET event=x'00'",
        "DROP TABLE log",
        "ALTER TABLE log RENAME TO gone",
        "ALTER TABLE log DROP COLUMN hash",
        "CREATE TRIGGER t AFTER INSERT ON log BEGIN DELETE FROM log; END",
        "CREATE TABLE other(x)",
        "ATTACH 'other.db' AS other",
        "DETACH main",
        "PRAGMA writable_schema=ON",
        "PRAGMA journal_mode=DELETE",
        "PRAGMA synchronous=OFF",
        "BEGIN",
        "VACUUM",
        "ANALYZE",
    };
    for (size_t i = 0; i < COUNT_OF(forbidden); i++) {
        Err err = sqlite_run(log_handle(log), forbidden[i]);
        if (!err) printf("  allowed: %s\n", forbidden[i]);
        CHECK(err != OK);
    }
    CHECK_EQUAL(log_append(log, maker_batch(&m, 1), 1), OK);
    Reader r = {0};
    CHECK_EQUAL(log_read(log, 0, reader_take, &r), OK);
    CHECK_EQUAL(r.count, 21);
    log_close(log);
    maker_done(&r.expect);
    maker_done(&m);
}

/* Changes the file behind the log's back, as somebody with access to the disk could. */
static void tamper(const char *sql)
{
    sqlite3 *db;
    CHECK_EQUAL(sqlite3_open(in_folder("log.db"), &db), SQLITE_OK);
    CHECK_EQUAL(sqlite_run(db, sql), OK);
    sqlite3_close(db);
}

static void check_finds(const char *sql, const char *words)
{
    folder_new();
    Maker m = {0};
    Log *log = open_plain();
    CHECK_EQUAL(log_append(log, maker_batch(&m, 40), 40), OK);
    char why[300];
    CHECK_EQUAL(log_check(log, why, sizeof why), OK);
    log_close(log);
    maker_done(&m);
    tamper(sql);
    log = open_plain();
    CHECK_EQUAL(log_check(log, why, sizeof why), ERR_BROKEN);
    log_close(log);
    if (!strstr(why, words)) printf("  says: %s\n", why);
    CHECK(strstr(why, words));
}

TEST("A changed event is found, and its stream and version are named.")
{
    /* Record 18 is the third of stream 3. */
    check_finds("UPDATE log SET event=x'010203' WHERE seq=18", "stream 3, version 3");
}

TEST("A removed event is found.")
{
    check_finds("DELETE FROM log WHERE seq=18", "record 19");
}

TEST("A removed event whose place was closed is found.")
{
    check_finds("DELETE FROM log WHERE seq=18; UPDATE log SET seq=-seq WHERE seq>18;"
                "UPDATE log SET seq=-seq-1 WHERE seq<0",
                "stream 3, version 4");
}

TEST("Two events of one stream that changed places are found.")
{
    check_finds("UPDATE log SET event=(SELECT event FROM log WHERE seq=10) WHERE seq=18",
                "stream 3");
}

TEST("A changed hash is found.")
{
    check_finds("UPDATE log SET hash=zeroblob(32) WHERE seq=1", "stream 2, version 1");
    check_finds("UPDATE log SET hash=zeroblob(31) WHERE seq=1", "after record 0");
}

TEST("A read-only log can be read and checked but not appended to.")
{
    folder_new();
    Log *log = open_plain();
    Maker m = {0};
    CHECK_EQUAL(log_append(log, maker_batch(&m, 5), 5), OK);
    log_close(log);
    char why[300];
    log = log_open(in_folder("log.db"), &(LogOptions){.read_only = true}, why, sizeof why);
    CHECK(log);
    CHECK_EQUAL(log_last_seq(log), 5);
    CHECK_EQUAL(log_check(log, why, sizeof why), OK);
    CHECK_EQUAL(log_append(log, maker_batch(&m, 1), 1), ERR_DENIED);
    CHECK(!log_step(log));
    log_close(log);
    maker_done(&m);
}

static void check_whole(u64 events)
{
    char why[300];
    Log *log = open_plain();
    CHECK_EQUAL(log_last_seq(log), events);
    CHECK_EQUAL(log_check(log, why, sizeof why), OK);
    log_close(log);
}

/* A log whose process died: its newest events lie in the write-ahead file only. */
static void leave_log_open(void)
{
    folder_new();
    pid_t child = fork();
    if (!child) {
        Maker m = {0};
        Log *log = log_open(in_folder("log.db"), NULL, NULL, 0);
        _exit(log && !log_append(log, maker_batch(&m, 20), 20) ? 0 : 1);
    }
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
}

static u64 file_digest(const char *name)
{
    static u8 bytes[1 << 20];
    u8 hash[32];
    u64 digest;
    FILE *f = fopen(in_folder(name), "rb");
    if (!f) return 0;
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    seal_sha256((Span){bytes, len}, hash);
    memcpy(&digest, hash, sizeof digest);
    return digest;
}

TEST("Reading the log of a process that died sees its last events and changes no byte.")
{
    leave_log_open();
    u64 file = file_digest("log.db"), ahead = file_digest("log.db-wal");
    char why[300];
    Log *log = log_open(in_folder("log.db"), &(LogOptions){.read_only = true}, why, sizeof why);
    CHECK(log);
    CHECK_EQUAL(log_check(log, why, sizeof why), OK);
    CHECK_EQUAL(log_last_seq(log), 20);
    log_close(log);
    CHECK(file && ahead);
    CHECK(file == file_digest("log.db"));
    CHECK(ahead == file_digest("log.db-wal"));
}

TEST("What a process that died left beside the log is in the log itself before anybody is told of "
     "it.")
{
    leave_log_open();
    char why[300];
    struct stat beside;
    Log *log = log_open(in_folder("log.db"), NULL, why, sizeof why);
    CHECK(log);
    CHECK_EQUAL(stat(in_folder("log.db-wal"), &beside), 0);
    CHECK_EQUAL(beside.st_size, 0);
    CHECK_EQUAL(log_last_seq(log), 20);
    CHECK_EQUAL(log_check(log, why, sizeof why), OK);
    log_close(log);
}

/* As somebody who may read but not write. 0: it could be read and has 20 events; 2: refused with words. */
static int read_as_guest(const char *words)
{
    CHECK_EQUAL(chmod(kit_folder, 0755), 0);
    CHECK_EQUAL(chmod(in_folder("log.db"), 0444), 0);
    pid_t child = fork();
    if (!child) {
        char why[600];
        if (geteuid() == 0 && (setgid(65534) || setuid(65534))) _exit(9);
        Log *log = log_open(in_folder("log.db"), &(LogOptions){.read_only = true}, why, sizeof why);
        if (!log) _exit(strstr(why, words) ? 2 : 3);
        _exit(!log_check(log, why, sizeof why) && log_last_seq(log) == 20 ? 0 : 4);
    }
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST("A log that may not be written is read when it was closed, else refused with what to do.")
{
    leave_log_open();
    CHECK_EQUAL(read_as_guest("Copy both"), 2);
    CHECK_EQUAL(chmod(in_folder("log.db"), 0600), 0);
    log_close(open_plain());
    CHECK_EQUAL(read_as_guest(""), 0);
}

TEST("A read-only opening creates nothing.")
{
    folder_new();
    char why[300];
    CHECK(!log_open(in_folder("log.db"), &(LogOptions){.read_only = true}, why, sizeof why));
    CHECK(why[0]);
    CHECK(access(in_folder("log.db"), F_OK) != 0);
}

TEST("An event over the limit is refused and its batch with it.")
{
    folder_new();
    Log *log = open_plain();
    Maker m = {0};
    LogRecord *r = maker_batch(&m, 2);
    u8 *big = calloc(1, EVENT_BYTES_MAX + 1);
    CHECK(big);
    r[1].event = (Span){big, EVENT_BYTES_MAX + 1};
    CHECK_EQUAL(log_append(log, r, 2), ERR_LIMIT);
    CHECK_EQUAL(log_last_seq(log), 0);
    free(big);
    maker_done(&m);
    m = (Maker){0};
    CHECK_EQUAL(log_append(log, maker_batch(&m, 2), 2), OK);
    log_close(log);
    maker_done(&m);
}

TEST("Checkpoints in steps keep the write-ahead file small, and everything readable.")
{
    folder_new();
    Log *log = open_plain();
    Maker m = {.event_bytes = 1000};
    off_t most = 0;
    for (int i = 0; i < 200; i++) {
        CHECK_EQUAL(log_append(log, maker_batch(&m, 64), 64), OK);
        while (log_step(log))
            ;
        struct stat st;
        CHECK_EQUAL(stat(in_folder("log.db-wal"), &st), 0);
        most = MAX_OF(most, st.st_size);
    }
    CHECK(most < 3 * (off_t)LOG_STEP_PAGES * 4096);
    char why[300];
    CHECK_EQUAL(log_check(log, why, sizeof why), OK);
    CHECK_EQUAL(log_last_seq(log), 12800);
    log_close(log);
    CHECK(access(in_folder("log.db-wal"), F_OK) != 0);
    maker_done(&m);
}

static off_t wal_bytes(void)
{
    struct stat st;
    CHECK_EQUAL(stat(in_folder("log.db-wal"), &st), 0);
    return st.st_size;
}

TEST("Where no steps are taken the writer catches up, and the write-ahead file stays below its "
     "limit.")
{
    enum { EVERY = 4, PAGE_BYTES = 4096 };
    folder_new();
    Log *log = open_plain();
    Maker m = {.event_bytes = 1000};
    log_step_every(log, EVERY);
    for (int i = 0; i < 200; i++) {
        CHECK_EQUAL(log_append(log, maker_batch(&m, 12), 12), OK);
        log_catch_up(log);
    }
    CHECK(wal_bytes() > (LOG_WAL_STEPS_HARD - 4) * EVERY * PAGE_BYTES);
    CHECK(wal_bytes() < (LOG_WAL_STEPS_HARD + 4) * EVERY * PAGE_BYTES);
    log_close(log);
    check_whole(m.seq);
    maker_done(&m);
}

static void *take_steps(void *ctx)
{
    Log *log = ctx;
    while (log_last_seq(log) < 6000)
        log_step(log);
    return NULL;
}

TEST("Batches are appended in the middle of steps, and nothing of them is lost.")
{
    folder_new();
    Log *log = open_plain();
    Maker m = {.event_bytes = 300};
    pthread_t steps;
    log_step_every(log, 2);
    CHECK_EQUAL(pthread_create(&steps, NULL, take_steps, log), 0);
    while (m.seq < 6000) {
        CHECK_EQUAL(log_append(log, maker_batch(&m, 20), 20), OK);
        log_catch_up(log);
    }
    CHECK_EQUAL(pthread_join(steps, NULL), 0);
    CHECK(wal_bytes() < (off_t)(LOG_WAL_STEPS_HARD + 4) * 2 * 4096);
    log_close(log);
    check_whole(6000);
    maker_done(&m);
}

TEST("Batches that wait are joined, and each becomes durable in its turn.")
{
    folder_new();
    Live *l = live_open();
    Maker m[300] = {{0}};
    for (u32 i = 0; i < COUNT_OF(m); i++) {
        if (i) {
            m[i] = m[i - 1];
            m[i].bytes = NULL;
            m[i].records = NULL;
        }
        LogRecord *r = maker_batch(&m[i], 5);
        while (writer_submit(l->writer, r, 5, i + 1) == ERR_BUSY)
            CHECK_EQUAL(
                live_wait(l, i > WRITER_QUEUE_BATCHES_MAX ? i - WRITER_QUEUE_BATCHES_MAX : 1), OK);
    }
    CHECK_EQUAL(live_wait(l, COUNT_OF(m)), OK);
    CHECK_EQUAL(log_last_seq(l->log), 1500);
    char why[300];
    CHECK_EQUAL(log_check(l->log, why, sizeof why), OK);
    live_close(l);
    for (u32 i = 0; i < COUNT_OF(m); i++)
        maker_done(&m[i]);
}

TEST("Closing the writer writes what is queued.")
{
    folder_new();
    Live *l = live_open();
    Maker m = {0};
    CHECK_EQUAL(writer_submit(l->writer, maker_batch(&m, 500), 500, 1), OK);
    live_close(l);
    Log *log = open_plain();
    CHECK_EQUAL(log_last_seq(log), 500);
    log_close(log);
    maker_done(&m);
}

int main(void)
{
    return seal_init() ? 1 : test_run_all();
}
