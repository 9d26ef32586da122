/* backup.c - making a backup. The way back: backup_restore.c. */
#include "store/backup_internal.h"

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "store/copy.h"
#include "store/log.h"
#include "store/manifest.h"
#include "store/pack_copy.h"
#include "store/people.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- shared with restoring ---- */

bool backup_fail(Backup *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (b->size && !b->why[0]) vsnprintf(b->why, b->size, format, args);
    va_end(args);
    return false;
}

void backup_tell(const Backup *b, const char *what, u64 done, u64 total)
{
    if (b->watch && b->watch->tell) b->watch->tell(b->watch->ctx, what, done, total);
}

bool backup_path(Backup *b, const char *folder, const char *name, char out[PATH_MAX])
{
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    return (len > 0 && len < PATH_MAX) || backup_fail(b, "%s: the path is too long.", folder);
}

bool backup_begin(Backup *b, const char *name)
{
    size_t len = strlen(name);
    while (len > 1 && name[len - 1] == '/')
        len--;
    int n = snprintf(b->target, sizeof b->target, "%.*s", (int)len, name);
    int m = snprintf(b->partial, sizeof b->partial, "%.*s.partial", (int)len, name);
    if (n < 0 || m < 0 || (size_t)m >= sizeof b->partial)
        return backup_fail(b, "%s: the path is too long.", name);
    umask(077);
    if (mkdir(b->partial, 0700) == 0) return true;
    if (errno == EEXIST)
        return backup_fail(b,
                           "%s is there already: from another that is being made just now, or from "
                           "one that was interrupted. Remove it if nothing works on it.",
                           b->partial);
    return backup_fail(b, "%s cannot be made: %s.", b->partial, strerror(errno));
}

bool backup_finish(Backup *b, bool fine)
{
    if (fine && copy_sync_tree(b->partial) != OK)
        fine = backup_fail(b, "%s cannot be made durable. Check the disk.", b->partial);
    if (fine && rename(b->partial, b->target))
        fine = backup_fail(b, "%s cannot get its name: %s.", b->target, strerror(errno));
    if (!fine) copy_remove(b->partial);
    else if (folder_sync_of(b->target) != OK)
        fine = backup_fail(b, "The name of %s cannot be made durable. Check the disk.", b->target);
    return fine;
}

/* ---- the log ---- */

typedef struct LogCopy {
    LogRecord records[BATCH_EVENTS_MAX];
    u32 count;
    u64 until; /* the last event that is copied */
    Arena memory;
} LogCopy;

/* Ends the reading when a piece is full: so no reader stands for long in the way of the log's writer. */
static Err log_take(void *ctx, const LogRecord *r)
{
    LogCopy *c = ctx;
    if (r->seq > c->until || c->count == BATCH_EVENTS_MAX) return ERR_LIMIT;
    LogRecord kept = *r;
    kept.event = arena_copy(&c->memory, r->event);
    if (!kept.event.ptr) return c->count ? ERR_LIMIT : ERR_MEMORY;
    c->records[c->count++] = kept;
    return OK;
}

/* What is written once is never changed, so that pieces read one after the other are one copy. */
static Err log_copy_pieces(const Backup *b, Log *from, Log *to, LogCopy *c)
{
    Err err = OK;
    for (u64 at = 0; !err && at < c->until; at = log_last_seq(to)) {
        backup_tell(b, "events", at, c->until);
        arena_reset(&c->memory);
        c->count = 0;
        err = log_read(from, at, log_take, c);
        if (err == ERR_LIMIT) err = OK;
        if (!err && !c->count) err = ERR_BROKEN;
        if (!err) err = log_append(to, c->records, c->count);
        while (!err && log_step(to)) {
        }
    }
    return err;
}

static bool log_copy(Backup *b, const char *data)
{
    enum { PIECE_BYTES_MAX = 1 << 24 };
    char path[PATH_MAX], copy[PATH_MAX];
    if (!backup_path(b, data, "log.db", path) || !backup_path(b, b->partial, "log.db", copy))
        return false;
    Log *from = log_open(path, &(LogOptions){.beside = true}, b->why, b->size);
    Log *to = from ? log_open(copy, NULL, b->why, b->size) : NULL;
    LogCopy *c = to ? malloc(sizeof *c) : NULL;
    Err err = c ? OK : ERR_MEMORY;
    if (c) {
        arena_init(&c->memory, PIECE_BYTES_MAX);
        c->until = log_last_seq(from);
        b->sum.events = c->until;
        err = log_copy_pieces(b, from, to, c);
        arena_done(&c->memory);
    }
    free(c);
    log_close(to);
    log_close(from);
    return !err || backup_fail(b, "The log cannot be copied to %s: %s.", copy, err_text(err));
}

/* ---- people and evidence ---- */

static bool people_copy_to(Backup *b, const char *data)
{
    char path[PATH_MAX], copy[PATH_MAX];
    if (!backup_path(b, data, "people.db", path) || !backup_path(b, b->partial, "people.db", copy))
        return false;
    if (access(path, F_OK)) return backup_fail(b, "%s is missing. Name a data directory.", path);
    People *p = people_open(path, b->why, b->size);
    if (!p) return false;
    Err err = people_copy(p, copy);
    people_close(p);
    if (!err) err = copy_sync(copy);
    return !err || backup_fail(b, "The people cannot be copied to %s: %s.", copy, err_text(err));
}

typedef struct PackWork {
    Backup *b;
    char from[PATH_MAX], to[PATH_MAX];
    u64 done, total;
} PackWork;

static Err pair_count(void *ctx, u64 session, u32 number, u64 rec_bytes)
{
    (void)session, (void)number;
    ((PackWork *)ctx)->total += rec_bytes;
    return OK;
}

static Err pair_copy(void *ctx, u64 session, u32 number, u64 rec_bytes)
{
    PackWork *w = ctx;
    backup_tell(w->b, "evidence", w->done, w->total);
    Err err = pack_copy(w->from, w->to, session, number);
    w->done += rec_bytes;
    if (!err) return OK;
    backup_fail(w->b, "Evidence file %llu/%04u cannot be copied to %s: %s.",
                (unsigned long long)session, number, w->to, err_text(err));
    return err;
}

static bool evidence_copy(Backup *b, const char *data)
{
    PackWork w = {.b = b};
    if (!backup_path(b, data, "evidence", w.from) || !backup_path(b, b->partial, "evidence", w.to))
        return false;
    if (mkdir(w.to, 0700)) return backup_fail(b, "%s cannot be made: %s.", w.to, strerror(errno));
    Err err = pack_pairs(w.from, pair_count, &w);
    if (!err) err = pack_pairs(w.from, pair_copy, &w);
    return !err || backup_fail(b, "%s cannot be read: %s.", w.from, err_text(err));
}

/* ---- the manifest ---- */

typedef struct Listing {
    Backup *b;
    Buf lines;
    u64 done, total;
} Listing;

static bool list_file(Listing *l, const char *name)
{
    char path[PATH_MAX];
    u8 hash[32];
    u64 bytes;
    if (!backup_path(l->b, l->b->partial, name, path)) return false;
    Err err = copy_hash(path, hash, &bytes);
    if (err) return backup_fail(l->b, "%s cannot be read again: %s.", path, err_text(err));
    manifest_add(&l->lines, name, hash);
    l->b->sum.files++;
    l->b->sum.bytes += bytes;
    return true;
}

static Err pair_sum(void *ctx, u64 session, u32 number, u64 rec_bytes)
{
    (void)session, (void)number;
    ((Listing *)ctx)->total += rec_bytes;
    return OK;
}

static Err pair_list(void *ctx, u64 session, u32 number, u64 rec_bytes)
{
    static const char *const endings[] = {"rec", "idx"};
    Listing *l = ctx;
    char name[64];
    backup_tell(l->b, "checksums", l->done, l->total);
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        snprintf(name, sizeof name, "evidence/%llu/%04u.%s", (unsigned long long)session, number,
                 endings[i]);
        if (!list_file(l, name)) return ERR_IO;
    }
    l->done += rec_bytes;
    return OK;
}

static bool manifest_store(Backup *b, Span lines)
{
    char path[PATH_MAX];
    Buf all;
    if (!backup_path(b, b->partial, MANIFEST_NAME, path)) return false;
    ManifestHead head = {span_of(b->sum.made), b->sum.events, b->sum.files};
    buf_init(&all, BACKUP_MANIFEST_BYTES_MAX);
    manifest_begin(&all, &head);
    buf_span(&all, lines);
    FILE *f = all.failed ? NULL : fopen(path, "wx");
    bool fine = f && fwrite(all.ptr, 1, all.len, f) == all.len && fflush(f) == 0;
    if (f && fclose(f)) fine = false;
    buf_done(&all);
    fine = fine && copy_sync(path) == OK;
    return fine || backup_fail(b, "%s cannot be written. Is the disk full?", path);
}

static bool manifest_make(Backup *b)
{
    char evidence[PATH_MAX];
    Listing l = {.b = b};
    if (!backup_path(b, b->partial, "evidence", evidence)) return false;
    buf_init(&l.lines, BACKUP_MANIFEST_BYTES_MAX);
    bool fine = list_file(&l, "log.db") && list_file(&l, "people.db");
    Err err = fine ? pack_pairs(evidence, pair_sum, &l) : OK;
    if (fine && !err) err = pack_pairs(evidence, pair_list, &l);
    if (err) fine = backup_fail(b, "%s cannot be read again: %s.", evidence, err_text(err));
    fine = fine && manifest_store(b, buf_view(&l.lines));
    buf_done(&l.lines);
    return fine;
}

bool backup_make(const char *data, const char *folder, i64 now_ms, const BackupWatch *watch,
                 BackupSum *sum, char *why, size_t size)
{
    Backup b = {.watch = watch, .why = why, .size = size};
    struct stat st;
    if (size) why[0] = 0;
    _Static_assert(sizeof b.sum.made >= DATE_TEXT_SIZE, "an instant fits");
    date_text(now_ms, b.sum.made);
    if (stat(data, &st) || !S_ISDIR(st.st_mode))
        return backup_fail(&b, "%s is no directory. Name the data directory with --data.", data);
    if (lstat(folder, &st) == 0)
        return backup_fail(&b, "%s is there already. Each backup needs a new name.", folder);
    if (!backup_begin(&b, folder)) return false;
    bool fine = log_copy(&b, data) && people_copy_to(&b, data) && evidence_copy(&b, data) &&
                manifest_make(&b);
    fine = backup_finish(&b, fine);
    if (fine) *sum = b.sum;
    return fine;
}
