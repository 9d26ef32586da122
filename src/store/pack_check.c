#include "store/pack_check.h"

#include "base/buf.h"
#include "base/limits.h"
#include "store/pack_copy.h"
#include "store/pack_files.h"

#include <limits.h>

typedef struct PackWork {
    const char *folder;
    const PackWatch *watch;
    PackSum *sum;
    u64 session;
    u32 number, salt;
    Span rec;
    u64 whole, named; /* records found, entries that name one */
} PackWork;

static void pair_odd(const PackWork *w, const char *what)
{
    w->watch->odd(w->watch->ctx, w->session, w->number, what);
}

static Err record_take(void *ctx, const PackEntry *e)
{
    PackWork *w = ctx;
    w->whole++;
    w->sum->records++;
    w->sum->bytes += e->bytes;
    w->watch->record(w->watch->ctx, w->session, e);
    return OK;
}

static Err entry_take(void *ctx, const PackEntry *e)
{
    PackWork *w = ctx;
    u64 at = pack_place(e->offset) - PACK_FRAME_BYTES, len = PACK_FRAME_BYTES + (u64)e->bytes;
    bool inside = pack_number(e->offset) == w->number && at <= w->rec.len && len <= w->rec.len - at;
    if (inside && pack_verify((Span){w->rec.ptr + at, len}, w->salt, e) == OK) w->named++;
    else w->watch->damaged(w->watch->ctx, w->session, e);
    return OK;
}

/* The index of a closed pair must name every record and nothing else. */
static void idx_compare(PackWork *w, Span idx, const PackHead *head)
{
    u64 rest = idx.len - PACK_HEAD_BYTES;
    if (pack_index_walk(idx, entry_take, w) != OK || rest != head->count * PACK_ENTRY_BYTES)
        pair_odd(w, "its index has lost entries");
    else if (head->session != w->session || head->number != w->number)
        pair_odd(w, "its index belongs to another file");
    else if (head->rec_bytes != w->rec.len)
        pair_odd(w, "it has not the length that its index tells");
    else if (w->whole > w->named) pair_odd(w, "it holds records that its index does not name");
}

static Err pair_read(PackWork *w, Buf *rec, Buf *idx)
{
    char path[PATH_MAX];
    u64 end = 0, session;
    PackHead head = {0};
    Err err = segment_path(w->folder, w->session, w->number, ".rec", path, sizeof path);
    if (!err) err = file_read(path, REC_FILE_BYTES_MAX, rec);
    if (!err) err = segment_path(w->folder, w->session, w->number, ".idx", path, sizeof path);
    if (err) return err;
    err = file_read(path, REC_FILE_BYTES_MAX * 2, idx);
    if (err && err != ERR_MISSING) return err;
    w->rec = buf_view(rec);
    if (!pack_rec_head_read(w->rec, &session, &w->salt) || session != w->session) {
        pair_odd(w, "it does not begin as the evidence of its session does");
        return OK;
    }
    if (pack_scan(w->rec, w->number, record_take, w, &end) == ERR_BROKEN)
        pair_odd(w, "so much of it is damaged that looking further was given up");
    bool closed = idx->len >= PACK_HEAD_BYTES && pack_head_read(idx->ptr, &head) && head.closed;
    if (closed) idx_compare(w, buf_view(idx), &head);
    else w->sum->open++;
    return OK;
}

static Err pair_check(void *ctx, u64 session, u32 number, u64 rec_bytes)
{
    PackWork *all = ctx, w = *all;
    Buf rec, idx;
    (void)rec_bytes;
    w.session = session;
    w.number = number;
    buf_init(&rec, REC_FILE_BYTES_MAX);
    buf_init(&idx, REC_FILE_BYTES_MAX * 2);
    Err err = pair_read(&w, &rec, &idx);
    buf_done(&rec);
    buf_done(&idx);
    return err;
}

Err pack_check(const char *folder, const PackWatch *watch, PackSum *sum)
{
    *sum = (PackSum){.records = 0};
    PackWork w = {.folder = folder, .watch = watch, .sum = sum};
    return pack_pairs(folder, pair_check, &w);
}
