/* pack.c - the loop's side of the evidence store: queue, durable list, reading. See pack.h. */
#include "store/pack_internal.h"

#include "base/limits.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- lists ---- */

Err entries_add(EntryList *l, const PackEntry *e, u32 count)
{
    if (l->first && l->first == l->count) l->first = l->count = 0;
    if (count > l->cap - l->count) {
        if (l->count > UINT32_MAX / 4 || count > UINT32_MAX / 4) return ERR_LIMIT;
        u32 cap = MAX_OF(l->cap * 2, l->count + count);
        PackEntry *grown = realloc(l->entry, cap * sizeof *grown);
        if (!grown) return ERR_MEMORY;
        l->entry = grown;
        l->cap = cap;
    }
    if (e && count) {
        memcpy(l->entry + l->count, e, count * sizeof *e);
        l->count += count;
    }
    return OK;
}

void entries_done(EntryList *l)
{
    free(l->entry);
    *l = (EntryList){0};
}

void jobs_free(JobList *l)
{
    while (l->first) {
        PackJob *next = l->first->next;
        free(l->first);
        l->first = next;
    }
    l->last = NULL;
}

/* ---- opening ---- */

static Err packs_mend_session(Packs *p, u64 session)
{
    u64 *numbers;
    u32 count;
    Err err = segments_list(p->folder, session, &numbers, &count);
    if (err) return err;
    for (u32 i = 0; i < count && !err; i++) {
        u64 bytes = 0;
        err = segment_mend(p->folder, session, (u32)numbers[i], &bytes);
        p->bytes += bytes;
        /* A full disk must not keep the exam from going on: this pair is mended at the next start. What is
         * in it is asked for again, and stored twice rather than never. */
        if (err == ERR_FULL) err = OK;
    }
    free(numbers);
    return err;
}

static Err packs_mend(Packs *p)
{
    u64 *sessions;
    u32 count;
    Err err = sessions_list(p->folder, &sessions, &count);
    if (err) return err;
    for (u32 i = 0; i < count && !err; i++)
        err = packs_mend_session(p, sessions[i]);
    free(sessions);
    return err;
}

static Err packs_folder(Packs *p, const char *folder)
{
    int len = snprintf(p->folder, sizeof p->folder, "%s", folder);
    if (len < 0 || (size_t)len >= sizeof p->folder) return ERR_LIMIT;
    if (mkdir(folder, 0700) == 0) return folder_sync_of(folder);
    return errno == EEXIST ? OK : ERR_IO;
}

/* Mending cuts files that look torn: it must not meet a process that is just writing them. */
static Err packs_lock(Packs *p)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/lock", p->folder);
    if (len < 0 || (size_t)len >= sizeof path) return ERR_LIMIT;
    p->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (p->lock_fd < 0) return ERR_IO;
    if (flock(p->lock_fd, LOCK_EX | LOCK_NB) == 0) return OK;
    return errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
}

static void packs_explain(Err err, const char *folder, char *why, size_t size)
{
    if (err == ERR_BUSY)
        snprintf(why, size, "%s: another invigil is running on this data directory. Stop it first.",
                 folder);
    else
        snprintf(why, size,
                 "%s: evidence cannot be stored here: %s. Check the path, its owner and the disk.",
                 folder, err_text(err));
}

static void packs_free(Packs *p)
{
    if (!p) return;
    if (p->lock_fd >= 0) close(p->lock_fd);
    free(p);
}

static bool packs_start(Packs *p)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&p->thread, NULL, pack_writer_main, p) == 0) return true;
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    return false;
}

Packs *packs_open(const char *folder, void (*durable)(void *ctx), void *ctx, char *why, size_t size)
{
    if (size) why[0] = 0;
    Packs *p = calloc(1, sizeof *p);
    if (p) p->lock_fd = -1;
    Err err = p ? packs_folder(p, folder) : ERR_MEMORY;
    if (!err) err = packs_lock(p);
    if (!err) err = packs_mend(p);
    if (!err) {
        p->durable = durable;
        p->ctx = ctx;
        p->sync_ms = PACK_SYNC_MS;
        if (packs_start(p)) return p;
        err = ERR_MEMORY;
    }
    packs_explain(err, folder, why, size);
    packs_free(p);
    return NULL;
}

void packs_close(Packs *p)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_signal(&p->work);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    jobs_free(&p->queue);
    entries_done(&p->told);
    entries_done(&p->written);
    map_done(&p->open);
    packs_free(p);
}

/* ---- in and out of the queue ---- */

static PackJob *job_new(u64 session, const PackEntry *e, Span record)
{
    size_t len = PACK_FRAME_BYTES + record.len;
    PackJob *j = malloc(sizeof *j + len);
    if (!j) return NULL;
    j->next = NULL;
    j->session = session;
    j->entry = *e;
    j->len = len;
    memcpy(j->bytes + PACK_FRAME_BYTES, record.ptr, record.len);
    return j;
}

static Err packs_push(Packs *p, PackJob *j)
{
    if (p->fault) return p->fault;
    if (p->queued_bytes + j->len > EVIDENCE_QUEUE_BYTES_MAX) return ERR_BUSY;
    bool was_empty = !p->queue.first;
    if (was_empty) p->queue.first = j;
    else p->queue.last->next = j;
    p->queue.last = j;
    p->queued_bytes += j->len;
    if (was_empty) pthread_cond_signal(&p->work);
    return OK;
}

Err packs_append(Packs *p, u64 session, const PackEntry *e, Span record)
{
    PackEntry entry = {.attempt = e->attempt, .late = e->late, .received_ms = e->received_ms};
    if (!session || !e->attempt || !pack_entry_of(record, &entry)) return ERR_FORMAT;
    PackJob *j = job_new(session, &entry, record);
    if (!j) return ERR_MEMORY;
    pthread_mutex_lock(&p->lock);
    Err err = packs_push(p, j);
    pthread_mutex_unlock(&p->lock);
    if (err) free(j);
    return err;
}

u32 packs_take_durable(Packs *p, PackEntry *out, u32 most)
{
    pthread_mutex_lock(&p->lock);
    u32 n = MIN_OF(most, p->told.count - p->told.first);
    if (n) memcpy(out, p->told.entry + p->told.first, n * sizeof *out);
    p->told.first += n;
    pthread_mutex_unlock(&p->lock);
    return n;
}

u64 packs_bytes(const Packs *p)
{
    return p->bytes;
}

/* ---- reading ---- */

/* Calls `each` for the entries of one attempt, in the order of arrival; of every attempt when it is 0. */
static Err session_walk(Packs *p, u64 session, u64 attempt,
                        Err (*each)(void *ctx, const PackEntry *e), void *ctx)
{
    u64 *numbers;
    u32 count;
    Err err = segments_list(p->folder, session, &numbers, &count);
    if (err) return err == ERR_MISSING ? OK : err;
    for (u32 i = 0; i < count && !err; i++) {
        err = idx_walk(p->folder, session, (u32)numbers[i], attempt, each, ctx);
        /* The writer is just making this one: it holds nothing durable yet. */
        if (err == ERR_FORMAT) err = OK;
    }
    free(numbers);
    return err;
}

static Err found_take(void *ctx, const PackEntry *e)
{
    return entries_add(ctx, e, 1);
}

Err packs_index(Packs *p, u64 session, u64 attempt, Arena *a, PackEntry **out, u32 *count)
{
    EntryList found = {0};
    if (!attempt) return ERR_MISSING;
    Err err = session_walk(p, session, attempt, found_take, &found);
    PackEntry *copy = err ? NULL : ARENA_ARRAY(a, PackEntry, found.count + 1);
    if (!err && !copy) err = ERR_MEMORY;
    if (!err) {
        if (found.count) memcpy(copy, found.entry, found.count * sizeof *copy);
        *out = copy;
        *count = found.count;
    }
    entries_done(&found);
    return err;
}

typedef struct SessionEach {
    u64 session;
    Err (*each)(void *ctx, u64 session, const PackEntry *e);
    void *ctx;
} SessionEach;

static Err session_each(void *ctx, const PackEntry *e)
{
    SessionEach *s = ctx;
    return s->each(s->ctx, s->session, e);
}

/* A closed index lost entries on the disk: all of this session's are made from their records. */
static Err session_rewalk(Packs *p, SessionEach *s)
{
    u64 *numbers, bytes;
    u32 count;
    Err err = segments_list(p->folder, s->session, &numbers, &count);
    if (err) return err;
    for (u32 i = 0; i < count && !err; i++)
        err = segment_rebuild(p->folder, s->session, (u32)numbers[i], &bytes);
    free(numbers);
    return err ? err : session_walk(p, s->session, 0, session_each, s);
}

Err packs_scan(Packs *p, Err (*each)(void *ctx, u64 session, const PackEntry *e), void *ctx)
{
    u64 *sessions;
    u32 count;
    Err err = sessions_list(p->folder, &sessions, &count);
    if (err) return err;
    for (u32 i = 0; !err && i < count; i++) {
        SessionEach s = {sessions[i], each, ctx};
        err = session_walk(p, s.session, 0, session_each, &s);
        if (err == ERR_BROKEN) err = session_rewalk(p, &s);
        if (err == ERR_MISSING) err = OK;
    }
    free(sessions);
    return err;
}

Err packs_read(Packs *p, u64 session, const PackEntry *entries, u32 count, Buf *out)
{
    int fd = -1;
    u32 number = 0, salt = 0;
    size_t before = out->len;
    Err err = OK;
    for (u32 i = 0; i < count && !err; i++) {
        if (fd < 0 || pack_number(entries[i].offset) != number) {
            if (fd >= 0) close(fd);
            fd = -1;
            number = pack_number(entries[i].offset);
            err = segment_open_rec(p->folder, session, number, &fd, &salt);
        }
        if (!err) err = segment_read(fd, salt, &entries[i], out);
    }
    if (fd >= 0) close(fd);
    if (err) out->len = before;
    return err;
}
