/* log_sqlite.c - the event log as one append-only SQLite table.
 *
 * Two connections, each used by one thread at a time: `use` makes that true for the one that appends and
 * reads, `stepping` for the one that takes checkpoints beside it. SQLite's own mutexes are off. */
#include "store/log_internal.h"

#include "base/limits.h"
#include "base/plants.h"
#include "seal/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LOG_APPLICATION = 0x494e5647, /* "INVG" */
    LOG_FORM = 1,
};

/* What is written ahead, as both connections know it. Its lock is held for an instant only, and inside the
 * others. */
typedef struct Ahead {
    pthread_mutex_t lock;
    int pages;  /* in the write-ahead file at the last commit */
    int copied; /* of them in the main file already */
    u32 begun;  /* counts how often the file was begun again from its start */
} Ahead;

struct Log {
    sqlite3 *db;
    sqlite3 *steps; /* takes checkpoints; NULL: nothing is written here */
    sqlite3_stmt *begin, *insert, *commit, *rollback;
    pthread_mutex_t use, stepping;
    bool own; /* this file's code is at work: the authorizer lets it append */
    bool setting_up;
    bool read_only;
    bool shared;   /* with those who read beside; else this connection has the file to itself */
    int folder_fd; /* holds the folder for this process; -1: not held */
    int step_every;
    Ahead ahead;
    _Atomic bool broken; /* a write or fsync failed: nothing more is written to this file */
    _Atomic u64 last_seq;
};

static void say(char *why, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
static void say(char *why, size_t size, const char *format, ...)
{
    if (!size) return;
    va_list args;
    va_start(args, format);
    vsnprintf(why, size, format, args);
    va_end(args);
}

/* ---- what a statement on this connection may do ---- */

/* A list of what is allowed, so that a new kind of statement is refused by itself. REPLACE would delete
 * without being asked as a delete: so nobody outside this file may insert either. */
static int log_authorize(void *ctx, int action, const char *a, const char *b, const char *c,
                         const char *d)
{
    (void)b, (void)c, (void)d;
    const Log *log = ctx;
    if (log->setting_up) return SQLITE_OK;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION: return SQLITE_OK;
    case SQLITE_TRANSACTION: return log->own ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_INSERT: return log->own && a && !strcmp(a, "log") ? SQLITE_OK : SQLITE_DENY;
    default: return SQLITE_DENY;
    }
}

static int log_committed(void *ctx, sqlite3 *db, const char *name, int pages)
{
    (void)db, (void)name;
    Ahead *a = &((Log *)ctx)->ahead;
    pthread_mutex_lock(&a->lock);
    if (pages < a->pages) { /* the file was begun again */
        a->copied = 0;
        a->begun++;
    }
    a->pages = pages;
    pthread_mutex_unlock(&a->lock);
    return SQLITE_OK;
}

/* Nobody needs statements on the connection for checkpoints. */
static int steps_authorize(void *ctx, int action, const char *a, const char *b, const char *c,
                           const char *d)
{
    (void)ctx, (void)action, (void)a, (void)b, (void)c, (void)d;
    return SQLITE_DENY;
}

sqlite3 *log_handle(Log *log)
{
    return log->db;
}

/* ---- opening ---- */

static const char LOG_TABLE[] = "CREATE TABLE log(seq INTEGER PRIMARY KEY, stream INTEGER NOT NULL,"
                                " ver INTEGER NOT NULL, event BLOB NOT NULL, hash BLOB NOT NULL)";

static Err log_create(Log *log)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "BEGIN; %s; PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;", LOG_TABLE,
             LOG_APPLICATION, LOG_FORM);
    return sqlite_run(log->db, sql);
}

/* Is the file ours, of a form that we know, or new? */
static Err log_form(Log *log, const char *path, char *why, size_t size)
{
    i64 application = 0, form = 0, tables = 0;
    Err err = sqlite_number(log->db, "PRAGMA application_id", &application);
    if (!err) err = sqlite_number(log->db, "PRAGMA user_version", &form);
    if (!err) err = sqlite_number(log->db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (err) return err;
    if (!application && !form && !tables && !log->read_only) return log_create(log);
    if (application != LOG_APPLICATION) {
        say(why, size,
            "%s is not an Invigil event log. Name the data directory of an installation.", path);
        return ERR_FORMAT;
    }
    if (form != LOG_FORM) {
        say(why, size,
            "%s has form %lld, this program reads form %d. Use the program version that wrote it.",
            path, (long long)form, LOG_FORM);
        return ERR_FORMAT;
    }
    return sqlite_number(log->db,
                         "SELECT count(*) FROM (SELECT seq,stream,ver,event,hash FROM log LIMIT 1)",
                         &tables);
}

static Err log_prepare(Log *log)
{
    static const char *const sql[] = {"BEGIN IMMEDIATE", "INSERT INTO log VALUES(?1,?2,?3,?4,?5)",
                                      "COMMIT", "ROLLBACK"};
    sqlite3_stmt **const to[] = {&log->begin, &log->insert, &log->commit, &log->rollback};
    for (size_t i = 0; i < COUNT_OF(sql); i++) {
        Err err = sqlite_err(
            sqlite3_prepare_v3(log->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, to[i], NULL));
        if (err) return err;
    }
    return OK;
}

/* 4096: a lone event writes half as many bytes as with 8192, a batch ten per cent fewer, for the same work.
 * EXCLUSIVE before the first access: then the index of the write-ahead file lives in our memory. Where a
 * backup may read beside, it lies in a file that both map. */
static Err log_settings(Log *log)
{
    Err err = sqlite_run(log->db, "PRAGMA page_size=4096; PRAGMA trusted_schema=OFF;"
                                  "PRAGMA mmap_size=0;");
    if (!err && !log->shared) err = sqlite_run(log->db, "PRAGMA locking_mode=EXCLUSIVE");
    if (err || log->read_only) return err;
    err = sqlite_run(log->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                              "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=-1;");
    i64 synchronous = 0;
    if (PLANTED(commit_not_synced)) return sqlite_run(log->db, "PRAGMA synchronous=NORMAL");
    if (!err) err = sqlite_number(log->db, "PRAGMA synchronous", &synchronous);
    return err ? err : synchronous == 2 ? OK : ERR_DENIED;
}

/* What a process wrote that died before its fsync, or whose fsync failed, is still read as if it were
 * stored: by us, and by nobody after a power cut. So it goes into the main file, durably, before anybody
 * is told of it. The file beside it ends then, durably too: its older pages must not come back over
 * newer ones. On a full disk, or while somebody reads an older state, it stays where it is and is made
 * durable there. */
static Err log_secure(Log *log)
{
    if (log->read_only) return OK;
    Err err = sqlite_err(
        sqlite3_wal_checkpoint_v2(log->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL));
    sqlite3_file *beside = NULL;
    if (!err || err == ERR_FULL || err == ERR_BUSY)
        err = sqlite_err(
            sqlite3_file_control(log->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &beside));
    if (err || !beside || !beside->pMethods) return err;
    return sqlite_err(beside->pMethods->xSync(beside, SQLITE_SYNC_NORMAL));
}

static Err log_begin(Log *log, const char *path, char *why, size_t size)
{
    log->setting_up = true;
    sqlite3_db_config(log->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    if (log->shared) sqlite3_busy_timeout(log->db, STORE_BUSY_MS);
    sqlite3_set_authorizer(log->db, log_authorize, log);
    Err err = log_settings(log);
    if (!err) err = log_form(log, path, why, size);
    if (!err && !PLANTED(open_not_secured)) err = log_secure(log);
    i64 last = 0;
    if (!err) err = sqlite_number(log->db, "SELECT coalesce(max(seq),0) FROM log", &last);
    if (!err && !log->read_only) err = log_prepare(log);
    log->last_seq = (u64)last;
    sqlite3_wal_hook(log->db, log_committed, log);
    log->setting_up = false;
    return err;
}

static void log_explain(const Log *log, Err err, const char *path, char *why, size_t size)
{
    sqlite3 *failed = log->steps ? log->steps : log->db;
    if (size && why[0]) return;
    if (err == ERR_BUSY)
        say(why, size, "%s: another invigil is running on this data directory. Stop it first.",
            path);
    else if (err == ERR_FULL)
        say(why, size, "%s: the disk is full. Free some space and start again.", path);
    else if (err == ERR_MEMORY) say(why, size, "%s: out of memory", path);
    else
        say(why, size, "%s cannot be opened: %s. Check the path, its owner and the disk.", path,
            failed ? sqlite3_errmsg(failed) : err_text(err));
}

/* A file that we may not write is read as it is. That is right only when it was closed cleanly: else its
 * newest events lie in the file beside it. */
static Err log_open_frozen(Log *log, const char *path, const LogOptions *o, char *why, size_t size)
{
    char beside[PATH_MAX];
    struct stat st;
    int len = snprintf(beside, sizeof beside, "%s-wal", path);
    if (len < 0 || (size_t)len >= sizeof beside) return ERR_LIMIT;
    if (stat(beside, &st) == 0 && st.st_size > 0) {
        say(why, size,
            "%s may not be written, and %s must be read into it first. Copy both, with the "
            "right to write, and read the copy.",
            path, beside);
        return ERR_DENIED;
    }
    char *uri = sqlite3_mprintf("file:%s?immutable=1", path);
    if (!uri) return ERR_MEMORY;
    int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI | SQLITE_OPEN_READONLY;
    int code = sqlite3_open_v2(uri, &log->db, flags, o->vfs);
    sqlite3_free(uri);
    return sqlite_err(code);
}

/* The folder belongs to one process at a time, and so does what else lies in it. A lock on the folder
 * itself leaves no file behind. */
static Err log_hold_folder(Log *log, const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int len = snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1,
                       slash ? path : ".");
    if (len < 0 || (size_t)len >= sizeof folder) return ERR_LIMIT;
    log->folder_fd = open(len ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (log->folder_fd < 0) return ERR_IO;
    if (flock(log->folder_fd, LOCK_EX | LOCK_NB) == 0) return OK;
    return errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
}

/* Reading needs the right to write too, for the lock. */
static Err log_open_file(Log *log, const char *path, const LogOptions *o, char *why, size_t size)
{
    if (log->read_only && access(path, F_OK) == 0 && access(path, W_OK) != 0)
        return log_open_frozen(log, path, o, why, size);
    Err err = o->vfs || o->beside ? OK : log_hold_folder(log, path);
    if (err) return err;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE;
    if (!log->read_only) flags |= SQLITE_OPEN_CREATE;
    return sqlite_err(sqlite3_open_v2(path, &log->db, flags, o->vfs));
}

/* SQLite takes no checkpoint on a connection that has never read. The last one on closing is the
 * appender's. */
static Err log_open_steps(Log *log, const char *path, const LogOptions *o)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE;
    Err err = sqlite_err(sqlite3_open_v2(path, &log->steps, flags, o->vfs));
    if (err) return err;
    sqlite3_db_config(log->steps, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(log->steps, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    err = sqlite_run(log->steps, PLANTED(step_not_synced) ? "PRAGMA synchronous=OFF"
                                                          : "PRAGMA synchronous=FULL");
    i64 form;
    if (!err) err = sqlite_run(log->steps, "PRAGMA mmap_size=0; PRAGMA wal_autocheckpoint=0;");
    if (!err) err = sqlite_number(log->steps, "PRAGMA user_version", &form);
    sqlite3_set_authorizer(log->steps, steps_authorize, NULL);
    return err;
}

static void log_free(Log *log)
{
    sqlite3_close(log->steps);
    sqlite3_stmt *all[] = {log->begin, log->insert, log->commit, log->rollback};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        sqlite3_finalize(all[i]);
    sqlite3_close(log->db);
    if (log->folder_fd >= 0) close(log->folder_fd);
    pthread_mutex_destroy(&log->use);
    pthread_mutex_destroy(&log->stepping);
    pthread_mutex_destroy(&log->ahead.lock);
    free(log);
}

Log *log_open(const char *path, const LogOptions *o, char *why, size_t size)
{
    static const LogOptions plain;
    if (!o) o = &plain;
    if (size) why[0] = 0;
    bool is_new = !o->read_only && !o->beside && access(path, F_OK) != 0;
    Log *log = calloc(1, sizeof *log);
    if (!log) {
        say(why, size, "%s: out of memory", path);
        return NULL;
    }
    log->read_only = o->read_only || o->beside;
    log->shared = o->beside || !o->read_only;
    log->folder_fd = -1;
    log->step_every = LOG_STEP_PAGES;
    pthread_mutex_init(&log->use, NULL);
    pthread_mutex_init(&log->stepping, NULL);
    pthread_mutex_init(&log->ahead.lock, NULL);
    Err err = log_open_file(log, path, o, why, size);
    if (!err) err = log_begin(log, path, why, size);
    if (!err && !log->read_only) err = log_open_steps(log, path, o);
    if (!err && is_new && !o->vfs) err = folder_sync_of(path);
    if (!err) return log;
    log_explain(log, err, path, why, size);
    log_free(log);
    return NULL;
}

void log_close(Log *log)
{
    if (!log) return;
    /* The last checkpoint on closing needs no statement; setting_up lets SQLite do what it must. */
    log->setting_up = true;
    /* What failed to be written must not be carried on: the next start reads what is really there. And
     * reading changes nothing. */
    if (log->broken || log->read_only)
        sqlite3_db_config(log->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    log_free(log);
}

/* ---- appending ---- */

static Err log_run(sqlite3_stmt *s)
{
    int code = sqlite3_step(s);
    sqlite3_reset(s);
    return sqlite_err(code);
}

static Err log_insert(Log *log, const LogRecord *r)
{
    if (r->event.len > EVENT_BYTES_MAX) return ERR_LIMIT;
    sqlite3_bind_int64(log->insert, 1, (i64)r->seq);
    sqlite3_bind_int64(log->insert, 2, (i64)r->stream);
    sqlite3_bind_int64(log->insert, 3, (i64)r->ver);
    sqlite_bind_blob(log->insert, 4, r->event);
    sqlite_bind_blob(log->insert, 5, (Span){r->hash, HASH_BYTES});
    return log_run(log->insert);
}

/* Records must follow the last stored one without a gap: the log is the only order that there is. */
static Err log_insert_all(Log *log, const LogBatch *batches, u32 count, u64 *last)
{
    u64 seq = log->last_seq;
    for (u32 b = 0; b < count; b++) {
        for (u32 i = 0; i < batches[b].count; i++) {
            const LogRecord *r = &batches[b].records[i];
            if (r->seq != seq + 1 || !r->ver) return ERR_BROKEN;
            Err err = log_insert(log, r);
            if (err) return err;
            seq++;
        }
    }
    *last = seq;
    return OK;
}

static Err log_transaction(Log *log, const LogBatch *batches, u32 count)
{
    u64 last = log->last_seq;
    Err err = log_run(log->begin);
    if (!err) err = log_insert_all(log, batches, count, &last);
    if (!err) err = log_run(log->commit);
    if (!err) {
        log->last_seq = last;
        return OK;
    }
    if (PLANTED(full_disk_ignored) && err == ERR_FULL) {
        log->last_seq = last;
        return OK;
    }
    /* Some faults have rolled back already. If it cannot be rolled back the file is not understood. */
    if (!sqlite3_get_autocommit(log->db) && log_run(log->rollback)) err = ERR_IO;
    return err;
}

Err log_append_batches(Log *log, const LogBatch *batches, u32 count)
{
    if (log->read_only) return ERR_DENIED;
    pthread_mutex_lock(&log->use);
    log->own = true;
    Err err = log->broken ? ERR_IO : log_transaction(log, batches, count);
    log->own = false;
    if (err == ERR_IO) log->broken = true;
    pthread_mutex_unlock(&log->use);
    return err;
}

Err log_append(Log *log, const LogRecord *records, u32 count)
{
    if (!count) return OK;
    return log_append_batches(log, &(LogBatch){records, count}, 1);
}

u64 log_last_seq(const Log *log)
{
    return log->last_seq;
}

/* ---- checkpoints ---- */

void log_step_every(Log *log, int pages)
{
    log->step_every = pages;
}

static Ahead log_ahead(Log *log)
{
    pthread_mutex_lock(&log->ahead.lock);
    Ahead a = log->ahead;
    pthread_mutex_unlock(&log->ahead.lock);
    return a;
}

bool log_step_due(Log *log)
{
    Ahead a = log_ahead(log);
    return !log->read_only && !log->broken && a.pages - a.copied >= log->step_every;
}

static void log_copied(Log *log, u32 begun, int pages)
{
    pthread_mutex_lock(&log->ahead.lock);
    if (log->ahead.begun == begun) log->ahead.copied = pages;
    pthread_mutex_unlock(&log->ahead.lock);
}

/* With `stepping` held. Makes the write-ahead file durable, copies what is committed and not yet copied,
 * makes the main file durable; only then may the other be begun again. True: it got on. */
static bool log_take_step(Log *log)
{
    int pages = 0, done = 0;
    Ahead before = log_ahead(log);
    Err err = sqlite_err(
        sqlite3_wal_checkpoint_v2(log->steps, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &done));
    if (err == ERR_IO || err == ERR_BROKEN) log->broken = true;
    if (err) return false;
    log_copied(log, before.begun, done);
    return done > before.copied;
}

bool log_step(Log *log)
{
    pthread_mutex_lock(&log->stepping);
    /* Whoever reads beside may hold a step up: then it is taken after the next commit. */
    bool more = log_step_due(log) && log_take_step(log) && log_step_due(log);
    pthread_mutex_unlock(&log->stepping);
    return more;
}

void log_catch_up(Log *log)
{
    Ahead a = log_ahead(log);
    if (a.pages < LOG_WAL_STEPS_MAX * log->step_every || log->broken) return;
    if (a.pages >= LOG_WAL_STEPS_HARD * log->step_every) pthread_mutex_lock(&log->stepping);
    else if (log_step_due(log) || pthread_mutex_trylock(&log->stepping)) return;
    log_take_step(log);
    pthread_mutex_unlock(&log->stepping);
}

/* ---- reading ---- */

static Err log_record(sqlite3_stmt *s, LogRecord *r)
{
    Span hash = sqlite_column_span(s, 4);
    if (hash.len != HASH_BYTES) return ERR_BROKEN;
    r->seq = (u64)sqlite3_column_int64(s, 0);
    r->stream = (u64)sqlite3_column_int64(s, 1);
    r->ver = (u64)sqlite3_column_int64(s, 2);
    memcpy(r->hash, hash.ptr, HASH_BYTES);
    r->event = sqlite_column_span(s, 3);
    return OK;
}

static Err log_read_rows(sqlite3_stmt *s, Err (*each)(void *ctx, const LogRecord *r), void *ctx)
{
    for (;;) {
        int code = sqlite3_step(s);
        if (code != SQLITE_ROW) return sqlite_err(code);
        LogRecord r;
        Err err = log_record(s, &r);
        if (!err) err = each(ctx, &r);
        if (err) return err;
    }
}

Err log_read(Log *log, u64 after_seq, Err (*each)(void *ctx, const LogRecord *r), void *ctx)
{
    pthread_mutex_lock(&log->use);
    sqlite3_stmt *s = NULL;
    Err err = sqlite_err(sqlite3_prepare_v2(
        log->db, "SELECT seq,stream,ver,event,hash FROM log WHERE seq>?1 ORDER BY seq", -1, &s,
        NULL));
    if (!err) {
        sqlite3_bind_int64(s, 1, (i64)after_seq);
        err = log_read_rows(s, each, ctx);
    }
    sqlite3_finalize(s);
    pthread_mutex_unlock(&log->use);
    return err;
}
