#include "store/pack_look.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "seal/seal.h"
#include "store/pack_internal.h"

typedef struct Looking {
    u64 attempt;
    Err (*each)(void *ctx, const PackEntry *e);
    void *ctx;
} Looking;

static Err record_take(void *ctx, const PackEntry *e)
{
    const Looking *l = ctx;
    return e->attempt == l->attempt ? l->each(l->ctx, e) : OK;
}

/* Without an index the records themselves tell. */
static Err rec_walk(const char *folder, u64 session, u32 number, Looking *l)
{
    char path[4096];
    u64 end;
    Buf rec;
    Err err = segment_path(folder, session, number, ".rec", path, sizeof path);
    if (err) return err;
    buf_init(&rec, REC_FILE_BYTES_MAX);
    err = file_read(path, REC_FILE_BYTES_MAX, &rec);
    if (!err) err = pack_scan(buf_view(&rec), number, record_take, l, &end);
    buf_done(&rec);
    return err == ERR_FORMAT || err == ERR_BROKEN ? OK : err;
}

Err pack_look(const char *folder, u64 session, u64 attempt,
              Err (*each)(void *ctx, const PackEntry *e), void *ctx)
{
    u64 *numbers = NULL;
    u32 count = 0;
    Looking l = {attempt, each, ctx};
    Err err = segments_list(folder, session, &numbers, &count);
    for (u32 i = 0; !err && i < count; i++) {
        err = idx_walk(folder, session, (u32)numbers[i], attempt, each, ctx);
        if (err == ERR_FORMAT) err = rec_walk(folder, session, (u32)numbers[i], &l);
    }
    free(numbers);
    return err == ERR_MISSING ? OK : err;
}

/* ---- the digest ---- */

typedef struct Digesting {
    const char *folder;
    const PackStretch *s;
    EntryList list;
    int fd; /* of the .rec that is open; -1: none */
    u32 number, salt;
    Buf record;
} Digesting;

static Err stretch_take(void *ctx, const PackEntry *e)
{
    Digesting *d = ctx;
    const PackStretch *s = d->s;
    bool inside =
        e->epoch == s->epoch && e->stream == s->stream && e->seq >= s->from && e->seq < s->upto;
    return inside ? entries_add(&d->list, e, 1) : OK;
}

/* Of a record that was stored twice (it is, rather than never) the first that is whole counts. */
static int stretch_order(const void *a, const void *b)
{
    const PackEntry *x = a, *y = b;
    if (x->seq != y->seq) return x->seq < y->seq ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static Err record_read(Digesting *d, const PackEntry *e)
{
    u32 number = pack_number(e->offset);
    buf_reset(&d->record);
    if (d->fd < 0 || d->number != number) {
        if (d->fd >= 0) close(d->fd);
        d->fd = -1;
        d->number = number;
        Err err = segment_open_rec(d->folder, d->s->session, number, &d->fd, &d->salt);
        if (err) return err;
    }
    return segment_read(d->fd, d->salt, e, &d->record);
}

static Err records_fold(Digesting *d, u8 digest[HASH_BYTES], u32 *at)
{
    u8 hash[SEAL_HASH_BYTES];
    u32 i = 0;
    for (*at = d->s->from; *at < d->s->upto; ++*at) {
        Err err = ERR_MISSING;
        for (; i < d->list.count && d->list.entry[i].seq == *at; i++)
            if (err) err = record_read(d, &d->list.entry[i]);
        if (err) return err == ERR_MEMORY ? err : ERR_MISSING;
        seal_sha256(buf_view(&d->record), hash);
        seal_fold(digest, hash);
    }
    return OK;
}

Err pack_digest(const char *folder, const PackStretch *s, u8 digest[HASH_BYTES], u32 *at)
{
    Digesting d = {.folder = folder, .s = s, .fd = -1};
    *at = s->from;
    buf_init(&d.record, PACK_FRAME_BYTES + PACK_RECORD_HEADER_BYTES + MEDIA_RECORD_BYTES_MAX);
    Err err = pack_look(folder, s->session, s->attempt, stretch_take, &d);
    if (!err && d.list.count)
        qsort(d.list.entry, d.list.count, sizeof *d.list.entry, stretch_order);
    if (!err) err = records_fold(&d, digest, at);
    if (d.fd >= 0) close(d.fd);
    entries_done(&d.list);
    buf_done(&d.record);
    return err;
}
