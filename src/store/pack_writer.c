/* pack_writer.c - the thread that writes evidence. Takes all that waits, writes it session by session,
 * syncs once per PACK_SYNC_MS. It holds no lock while the disk works. */
#include "store/pack_internal.h"

#include "base/limits.h"
#include "store/disk.h"

#include <stdlib.h>
#include <time.h>

static i64 clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (i64)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void wait_until(Packs *p, i64 at_ms)
{
    struct timespec t = {.tv_sec = at_ms / 1000, .tv_nsec = at_ms % 1000 * 1000000};
    pthread_cond_timedwait(&p->work, &p->lock, &t);
}

/* ---- open pairs ---- */

static void segment_forget(Packs *p, Segment *s)
{
    Segment **at = &p->segments;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    map_remove(&p->open, s->session);
    p->segment_count--;
}

/* Its records must be durable before it is let go: nobody would sync them later. That it is marked as
 * closed matters less, the next start mends it. */
static Err segment_retire(Packs *p, Segment *s)
{
    Err err = segment_sync(s);
    if (err) return err;
    segment_forget(p, s);
    return segment_close(p->folder, s) == ERR_IO ? ERR_IO : OK;
}

/* Descriptors are few: who was not written to for longest makes room. */
static Err segments_make_room(Packs *p)
{
    if (p->segment_count < PACK_OPEN_SEGMENTS_MAX) return OK;
    Segment *oldest = p->segments;
    for (Segment *s = p->segments; s; s = s->next)
        if (s->used < oldest->used) oldest = s;
    return segment_retire(p, oldest);
}

static Err segment_for(Packs *p, u64 session, size_t bytes, Segment **out)
{
    Segment *s = map_get(&p->open, session);
    if (s && s->rec_bytes + bytes > PACK_SEGMENT_BYTES) {
        Err err = segment_retire(p, s);
        if (err) return err;
        s = NULL;
    }
    if (!s) {
        Err err = segments_make_room(p);
        if (!err) err = segment_create(p->folder, session, &s);
        if (err) return err;
        if (map_put(&p->open, session, s)) {
            segment_abandon(s); /* empty: mended at the next start */
            return ERR_FULL;
        }
        s->next = p->segments;
        p->segments = s;
        p->segment_count++;
        p->bytes += s->rec_bytes;
    }
    s->used = ++p->turn;
    *out = s;
    return OK;
}

/* ---- writing ---- */

static void job_frame(PackJob *j, const Segment *s, u64 at)
{
    j->entry.offset = pack_offset(s->number, at + PACK_FRAME_BYTES);
    j->entry.crc = crc32_of(0, (Span){j->bytes + PACK_FRAME_BYTES, j->len - PACK_FRAME_BYTES});
    pack_frame_write(&j->entry, s->salt, j->bytes);
}

/* Records of one session that lie one after the other in the queue, as many as go in one call. */
static int jobs_gather(const JobList *l, const Segment *s, struct iovec *parts, u64 *bytes)
{
    int n = 0;
    u64 at = s->rec_bytes;
    for (PackJob *j = l->first; j && j->session == s->session && n < PACK_WRITE_PARTS_MAX;
         j = j->next) {
        if (n && at + j->len > PACK_SEGMENT_BYTES) break;
        job_frame(j, s, at);
        parts[n++] = (struct iovec){j->bytes, j->len};
        at += j->len;
    }
    *bytes = at - s->rec_bytes;
    return n;
}

/* Room for the entries is made before the records are written, so that afterwards nothing can fail. */
static Err entries_room(Packs *p, Segment *s, u32 count)
{
    if (!buf_reserve(&s->entries, (size_t)count * PACK_ENTRY_BYTES)) {
        s->entries.failed = false;
        return ERR_FULL;
    }
    Err err = entries_add(&p->written, NULL, count);
    return err ? ERR_FULL : OK;
}

static void jobs_finish(Packs *p, Segment *s, JobList *l, int n, size_t *freed)
{
    while (n--) {
        PackJob *j = l->first;
        u8 bytes[PACK_ENTRY_BYTES];
        ASSERT(j); /* there were n jobs when the write began */
        pack_entry_write(&j->entry, bytes);
        buf_put(&s->entries, bytes, sizeof bytes);
        p->written.entry[p->written.count++] = j->entry;
        *freed += j->len;
        l->first = j->next;
        if (!l->first) l->last = NULL;
        free(j);
    }
}

/* Writes from the front of the list; what could not be written stays there. */
static Err jobs_write(Packs *p, JobList *l, size_t *freed)
{
    while (l->first) {
        Segment *s;
        struct iovec parts[PACK_WRITE_PARTS_MAX];
        u64 bytes;
        Err err = segment_for(p, l->first->session, l->first->len, &s);
        if (err) return err;
        int n = jobs_gather(l, s, parts, &bytes);
        err = entries_room(p, s, (u32)n);
        if (!err) err = segment_write(s, parts, n, bytes);
        if (err) return err;
        p->bytes += bytes;
        p->unsynced = true;
        jobs_finish(p, s, l, n, freed);
    }
    return OK;
}

/* ---- syncing ---- */

static Err segments_sync(Packs *p)
{
    for (Segment *s = p->segments; s; s = s->next) {
        Err err = segment_sync(s);
        if (err) return err;
    }
    return OK;
}

/* With the lock held. What was written becomes what is told. */
static Err entries_tell(Packs *p)
{
    Err err = entries_add(&p->told, p->written.entry, p->written.count);
    if (!err) p->written.count = 0;
    return err ? ERR_FULL : OK;
}

/* ---- the thread ---- */

/* With the lock held; gives it back while the disk works. */
static void writer_round(Packs *p, bool sync_now)
{
    JobList l = p->queue;
    size_t freed = 0;
    p->queue = (JobList){0};
    pthread_mutex_unlock(&p->lock);
    if (sync_now || p->fault) p->low = disk_is_low(p->folder);
    Err err = p->low ? ERR_FULL : jobs_write(p, &l, &freed);
    Err synced = !p->unsynced || !sync_now || err == ERR_IO ? ERR_BUSY : segments_sync(p);
    pthread_mutex_lock(&p->lock);
    if (l.first) { /* back to the front */
        l.last->next = p->queue.first;
        p->queue.first = l.first;
        if (!p->queue.last) p->queue.last = l.last;
    }
    p->queued_bytes -= freed;
    bool news = false;
    if (synced == OK) {
        news = p->written.count > 0;
        synced = entries_tell(p);
        p->unsynced = synced != OK;
    }
    if (err == OK && synced != ERR_BUSY) err = synced;
    if (err && err != ERR_FULL) err = ERR_IO;
    news |= err != p->fault;
    p->fault = err;
    pthread_mutex_unlock(&p->lock);
    if (news) p->durable(p->ctx);
    pthread_mutex_lock(&p->lock);
}

static void segments_end(Packs *p)
{
    while (p->segments) {
        Segment *s = p->segments;
        segment_forget(p, s);
        if (p->fault == ERR_IO) segment_abandon(s);
        else if (segment_close(p->folder, s)) p->fault = ERR_IO;
    }
}

void *pack_writer_main(void *ctx)
{
    Packs *p = ctx;
    pthread_mutex_lock(&p->lock);
    i64 due = clock_ms() + p->sync_ms;
    while (p->fault != ERR_IO) {
        i64 now = clock_ms();
        bool idle = !p->queue.first || p->fault == ERR_FULL;
        if (!p->stopping && idle && (now < due || !p->unsynced)) {
            if (p->fault == ERR_FULL) wait_until(p, MIN_OF(due, now + WRITER_RETRY_MS));
            else if (p->unsynced) wait_until(p, due);
            else pthread_cond_wait(&p->work, &p->lock);
            if (p->fault != ERR_FULL) continue;
        }
        bool last = p->stopping;
        now = clock_ms();
        bool sync_now = last || now >= due;
        writer_round(p, sync_now);
        if (sync_now) due = clock_ms() + p->sync_ms;
        if (last && (!p->queue.first || p->fault)) break;
    }
    pthread_mutex_unlock(&p->lock);
    segments_end(p);
    return NULL;
}
