#include "cmd/export_log.h"

#include <stdlib.h>

#include "base/limits.h"

typedef struct Reading {
    ExportLog *x;
    Err (*take)(ExportLog *x, const LogRecord *r);
    u64 at;
    u32 left; /* records of this piece */
} Reading;

static Err reading_take(void *ctx, const LogRecord *r)
{
    Reading *p = ctx;
    if (r->seq > p->x->last_event || !p->left--) return ERR_LIMIT;
    p->at = r->seq;
    return p->take(p->x, r);
}

/* In pieces, so that no long read keeps the server's write-ahead file from being begun again. */
static Err read_pieces(ExportLog *x, Log *log, Err (*take)(ExportLog *x, const LogRecord *r))
{
    Reading p = {.x = x, .take = take};
    Err err = OK;
    while (!err && p.at < x->last_event) {
        u64 before = p.at;
        p.left = BATCH_EVENTS_MAX;
        err = log_read(log, p.at, reading_take, &p);
        if (err == ERR_LIMIT) err = OK;
        if (!err && p.at == before) err = ERR_BROKEN;
    }
    return err;
}

/* ---- heads ---- */

static ExportHead *head_of(ExportLog *x, u64 stream)
{
    ExportHead *h = map_get(&x->heads, stream);
    if (h) return h;
    h = calloc(1, sizeof *h);
    if (!h) return NULL;
    h->stream = stream;
    buf_init(&h->events, EVIDENCE_STREAM_BYTES_MAX);
    if (map_put(&x->heads, stream, h) == OK) return h;
    free(h);
    return NULL;
}

static u64 kin_of(Span event)
{
    Event e;
    if (event_decode(event, &e)) return 0;
    switch ((u32)e.kind) {
    case EVT_invited: return e.invited.session;
    case EVT_joined: return e.joined.session;
    case EVT_session_created: return e.session_created.assessment;
    }
    return 0;
}

static Err head_take(ExportLog *x, const LogRecord *r)
{
    ExportHead *h = head_of(x, r->stream);
    if (!h) return ERR_MEMORY;
    if (!h->ver) h->kin = kin_of(r->event);
    h->ver = r->ver;
    memcpy(h->hash, r->hash, sizeof h->hash);
    return OK;
}

static int head_order(const void *a, const void *b)
{
    u64 x = (*(ExportHead *const *)a)->stream, y = (*(ExportHead *const *)b)->stream;
    return x < y ? -1 : x > y;
}

static Err tree_make(ExportLog *x)
{
    u64 stream;
    void *head;
    u8 leaf[SEAL_HASH_BYTES];
    x->order = calloc(x->heads.count + 1, sizeof(void *));
    if (!x->order) return ERR_MEMORY;
    for (size_t at = 0; map_next(&x->heads, &at, &stream, &head);)
        x->order[x->count++] = head;
    qsort(x->order, x->count, sizeof(void *), head_order);
    Err err = OK;
    for (u32 i = 0; !err && i < x->count; i++) {
        ExportHead *h = x->order[i];
        h->leaf = i;
        evidence_leaf(h->stream, h->ver, h->hash, leaf);
        err = merkle_add(&x->tree, leaf);
    }
    if (!err && x->count) merkle_build(&x->tree);
    return err;
}

/* ---- what belongs to the subject ---- */

static Err choose(ExportLog *x, u64 subject)
{
    ExportHead *h = map_get(&x->heads, subject);
    if (!h) return ERR_MISSING;
    bool one = stream_kind(subject) == STREAM_ATTEMPT;
    x->session = one ? h->kin : stream_object(subject);
    ExportHead *session = map_get(&x->heads, stream_id(STREAM_SESSION, x->session));
    ExportHead *paper =
        session ? map_get(&x->heads, stream_id(STREAM_ASSESSMENT, session->kin)) : NULL;
    if (!paper) return ERR_BROKEN;
    session->wanted = paper->wanted = h->wanted = true;
    for (u32 i = 0; !one && i < x->count; i++)
        if (stream_kind(x->order[i]->stream) == STREAM_ATTEMPT && x->order[i]->kin == x->session)
            x->order[i]->wanted = true;
    return OK;
}

static Err event_take(ExportLog *x, const LogRecord *r)
{
    ExportHead *h = map_get(&x->heads, r->stream);
    if (!h || !h->wanted) return OK;
    EvidenceEvent e = {.seq = r->seq, .ver = r->ver, .event = r->event};
    memcpy(e.hash, r->hash, sizeof e.hash);
    evidence_event_write(&e, &h->events);
    return h->events.failed ? ERR_MEMORY : OK;
}

Err export_log_read(ExportLog *x, Log *log, u64 subject)
{
    *x = (ExportLog){.last_event = log_last_seq(log)};
    Err err = read_pieces(x, log, head_take);
    if (!err) err = tree_make(x);
    if (!err) err = choose(x, subject);
    return err ? err : read_pieces(x, log, event_take);
}

void export_log_done(ExportLog *x)
{
    u64 stream;
    void *head;
    for (size_t at = 0; map_next(&x->heads, &at, &stream, &head);) {
        buf_done(&((ExportHead *)head)->events);
        free(head);
    }
    map_done(&x->heads);
    merkle_done(&x->tree);
    free(x->order);
}
