#include "cmd/export_media.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "store/pack_files.h"
#include "store/pack_look.h"

typedef struct Found {
    PackEntry *list;
    size_t count, cap;
} Found;

static Err found_take(void *ctx, const PackEntry *e)
{
    Found *f = ctx;
    if (f->count == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 1024;
        PackEntry *list = realloc(f->list, cap * sizeof *list);
        if (!list) return ERR_MEMORY;
        f->list = list;
        f->cap = cap;
    }
    f->list[f->count++] = *e;
    return OK;
}

/* ---- reading ---- */

typedef struct Open {
    u32 number, salt;
    int fd; /* -1: none */
} Open;

static Err record_read(const ExportMedia *x, Open *o, const PackEntry *e, Buf *out)
{
    u32 number = pack_number(e->offset);
    buf_reset(out);
    if (o->fd < 0 || o->number != number) {
        if (o->fd >= 0) close(o->fd);
        o->fd = -1;
        o->number = number;
        Err err = segment_open_rec(x->folder, x->session, number, &o->fd, &o->salt);
        if (err) return err;
    }
    return segment_read(o->fd, o->salt, e, out);
}

static EvidenceRecord record_of(const PackEntry *e)
{
    return (EvidenceRecord){.epoch = e->epoch,
                            .at_us = e->at_us,
                            .received_ms = e->received_ms,
                            .seq = e->seq,
                            .key_seq = e->key_seq,
                            .bytes = e->bytes,
                            .stream = e->stream,
                            .kind = e->kind,
                            .flags = e->flags,
                            .late = e->late};
}

/* As in the pack. Of a record that was stored twice (it is, rather than never) the first that is whole counts. */
static int entry_order(const void *a, const void *b)
{
    const PackEntry *x = a, *y = b;
    if (x->epoch != y->epoch) return x->epoch < y->epoch ? -1 : 1;
    if (x->stream != y->stream) return x->stream < y->stream ? -1 : 1;
    if (x->seq != y->seq) return x->seq < y->seq ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool same_record(const PackEntry *a, const PackEntry *b)
{
    return a->epoch == b->epoch && a->stream == b->stream && a->seq == b->seq;
}

static Err export_entries(ExportMedia *x, EvidenceMaker *m, const Found *f, Buf *bytes)
{
    Open o = {.fd = -1};
    Err err = OK;
    bool taken = false; /* this record, from an entry before */
    for (size_t i = 0; !err && i < f->count; i++) {
        const PackEntry *e = &f->list[i];
        taken = taken && same_record(e - 1, e);
        if (taken) continue;
        Err read = record_read(x, &o, e, bytes);
        EvidenceRecord r = record_of(e);
        taken = read == OK;
        if (taken) err = evidence_make_record(m, &r, buf_view(bytes));
        else if (read == ERR_MEMORY) err = read;
        else x->damaged++;
        x->stored += taken;
    }
    if (o.fd >= 0) close(o.fd);
    return err;
}

Err export_media(ExportMedia *x, EvidenceMaker *m, u64 stream, Span events)
{
    Found f = {.count = 0};
    Buf bytes;
    buf_init(&bytes, PACK_FRAME_BYTES + PACK_RECORD_HEADER_BYTES + MEDIA_RECORD_BYTES_MAX);
    Err err = evidence_make_media(m, stream, x->records);
    if (!err) err = pack_look(x->folder, x->session, stream_object(stream), found_take, &f);
    if (!err && f.count) qsort(f.list, f.count, sizeof *f.list, entry_order);
    if (!err) err = export_entries(x, m, &f, &bytes);
    buf_done(&bytes);
    free(f.list);
    return err ? err : evidence_make_media_end(m, events);
}
