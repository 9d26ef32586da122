/* append.c - durable appends per second: the event log beside bare SQLite, which does the same work (one
 * table, one transaction and one sync per batch) without our checks, hash column included. Both take turns
 * in short rounds, so that a busy machine hurts both. One JSON line per row.
 *   append [FOLDER] [BATCH]     BATCH: only this many events a transaction */
#include "base/limits.h"
#include "base/text.h"
#include "seal/seal.h"
#include "store/log_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { EVENT_BYTES = 200, BATCH_MAX = 16384, ROUNDS = 6, ROUND_MS = 300, TIMES_MAX = 1 << 20 };

static u8 event[EVENT_BYTES];
static LogRecord records[BATCH_MAX];

typedef struct Contender {
    const char *name;
    bool (*append)(void *self, u32 count);
    void (*idle)(void *self);
    void *self;
    u64 events;
    double seconds, cpu_seconds;
    float *times_ms; /* of each append */
    size_t time_count;
} Contender;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* ---- ours ---- */

static bool log_turn(void *self, u32 count)
{
    u64 seq = log_last_seq(self);
    for (u32 i = 0; i < count; i++) {
        records[i].seq = seq + 1 + i;
        records[i].ver = records[i].seq;
    }
    return log_append(self, records, count) == OK;
}

static void log_rest(void *self)
{
    while (log_step(self))
        ;
}

/* ---- bare SQLite ---- */

typedef struct Bare {
    sqlite3 *db;
    sqlite3_stmt *begin, *insert, *commit;
    i64 seq;
} Bare;

static bool bare_step(sqlite3_stmt *s)
{
    int code = sqlite3_step(s);
    sqlite3_reset(s);
    return code == SQLITE_DONE;
}

static bool bare_turn(void *self, u32 count)
{
    Bare *b = self;
    bool fine = bare_step(b->begin);
    for (u32 i = 0; fine && i < count; i++) {
        sqlite3_bind_int64(b->insert, 1, ++b->seq);
        sqlite3_bind_int64(b->insert, 2, 1);
        sqlite3_bind_int64(b->insert, 3, b->seq);
        sqlite3_bind_blob(b->insert, 4, event, EVENT_BYTES, SQLITE_STATIC);
        sqlite3_bind_blob(b->insert, 5, records[0].hash, HASH_BYTES, SQLITE_STATIC);
        fine = bare_step(b->insert);
    }
    return fine && bare_step(b->commit);
}

static void bare_rest(void *self)
{
    (void)self;
}

static bool bare_open(Bare *b, const char *path)
{
    return sqlite3_open(path, &b->db) == SQLITE_OK &&
           sqlite_run(b->db,
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                      "CREATE TABLE log(seq INTEGER PRIMARY KEY, stream, ver, event, hash)") ==
               OK &&
           sqlite3_prepare_v2(b->db, "BEGIN", -1, &b->begin, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(b->db, "INSERT INTO log VALUES(?,?,?,?,?)", -1, &b->insert, NULL) ==
               SQLITE_OK &&
           sqlite3_prepare_v2(b->db, "COMMIT", -1, &b->commit, NULL) == SQLITE_OK;
}

static void bare_close(Bare *b)
{
    sqlite3_finalize(b->begin);
    sqlite3_finalize(b->insert);
    sqlite3_finalize(b->commit);
    sqlite3_close(b->db);
}

/* ---- measuring ---- */

static bool round_run(Contender *c, u32 batch)
{
    double begin = now_s(), cpu = cpu_s(), at = begin;
    while (at - begin < ROUND_MS / 1000.0) {
        double from = at;
        if (!c->append(c->self, batch)) return false;
        double to = now_s();
        if (c->time_count < TIMES_MAX) c->times_ms[c->time_count++] = (float)((to - from) * 1000);
        c->idle(c->self);
        at = now_s();
        c->events += batch;
    }
    c->seconds += at - begin;
    c->cpu_seconds += cpu_s() - cpu;
    return true;
}

static int time_order(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static double time_p99(Contender *c)
{
    qsort(c->times_ms, c->time_count, sizeof *c->times_ms, time_order);
    return c->times_ms[c->time_count * 99 / 100];
}

static void row_print(const char *name, u32 batch, const char *unit, double value, double peer,
                      double ratio, const Contender *c)
{
    printf("{\"name\": \"%s-%u\", \"value\": %.4g, \"unit\": \"%s\", \"peer\": \"%s\", "
           "\"peer_value\": %.4g, "
           "\"ratio\": %.3f, \"server_cpu_s\": %.3f, \"peer_cpu_s\": %.3f}\n",
           name, batch, value, unit, c[1].name, peer, ratio, c[0].cpu_seconds, c[1].cpu_seconds);
}

static bool batch_measure(Contender *c, u32 batch)
{
    for (int i = 0; i < 2; i++) {
        c[i].events = c[i].time_count = 0;
        c[i].seconds = c[i].cpu_seconds = 0;
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < 2; i++)
            if (!round_run(&c[(i + round) % 2], batch)) return false;
    double rate = (double)c[0].events / c[0].seconds, peer = (double)c[1].events / c[1].seconds;
    row_print("append", batch, "events/s", rate, peer, rate / peer, c);
    double p99 = time_p99(&c[0]), peer_p99 = time_p99(&c[1]);
    row_print("append-p99", batch, "ms", p99, peer_p99, peer_p99 / p99, c);
    return true;
}

static int measure(Log *log, Bare *bare, u32 only)
{
    static const u32 all[] = {1, 16, 128, 256};
    const u32 *batches = only ? &only : all;
    Contender c[2] = {
        {.name = "log", .append = log_turn, .idle = log_rest, .self = log},
        {.name = "bare SQLite", .append = bare_turn, .idle = bare_rest, .self = bare}};
    for (int i = 0; i < 2; i++)
        if (!(c[i].times_ms = malloc(TIMES_MAX * sizeof(float)))) return 1;
    bool fine = true;
    for (size_t i = 0; fine && i < (only ? 1 : COUNT_OF(all)); i++)
        fine = batch_measure(c, batches[i]);
    if (!fine) fprintf(stderr, "append: a write failed; is the disk full?\n");
    free(c[0].times_ms);
    free(c[1].times_ms);
    return fine ? 0 : 1;
}

static void files_remove(const char *folder)
{
    static const char *const names[] = {"log.db", "log.db-wal", "bare.db", "bare.db-wal",
                                        "bare.db-shm"};
    char path[300];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(int argc, char **argv)
{
    char folder[200], path[300], why[300];
    u64 only = 0;
    if (argc > 2 && (!text_to_u64(span_of(argv[2]), &only) || !only || only > BATCH_MAX)) {
        fprintf(stderr, "append: BATCH must be a number from 1 to %d\n", BATCH_MAX);
        return 2;
    }
    snprintf(folder, sizeof folder, "%s/invigil-append-XXXXXX", argc > 1 ? argv[1] : "/tmp");
    if (seal_init() || !mkdtemp(folder)) return 1;
    seal_random(event, sizeof event);
    for (u32 i = 0; i < BATCH_MAX; i++)
        records[i] = (LogRecord){.stream = 1, .event = {event, EVENT_BYTES}};
    snprintf(path, sizeof path, "%s/log.db", folder);
    Log *log = log_open(path, NULL, why, sizeof why);
    if (!log) fprintf(stderr, "append: %s\n", why);
    snprintf(path, sizeof path, "%s/bare.db", folder);
    Bare bare = {0};
    int code = log && bare_open(&bare, path) ? measure(log, &bare, (u32)only) : 1;
    bare_close(&bare);
    log_close(log);
    files_remove(folder);
    return code;
}
