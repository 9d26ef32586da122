#include "cmd/noted.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/pack_look.h"

/* One stream, as far as it was compared. */
typedef struct Compared {
    u64 epoch;
    u32 upto;
    u8 stream;
    u8 digest[HASH_BYTES];
} Compared;

typedef struct Noted {
    Findings *f;
    const char *folder;
    const Attempt *a;
    Buf streams; /* of Compared, of this attempt */
    u64 count;
} Noted;

enum { STREAMS_BYTES_MAX = 1 << 24 };

static Compared *compared_of(Noted *n, u64 epoch, u8 stream)
{
    size_t count = n->streams.len / sizeof(Compared);
    Compared fresh = {.epoch = epoch, .stream = stream};
    for (size_t i = 0; i < count; i++) {
        Compared *c = (Compared *)(void *)n->streams.ptr + i;
        if (c->epoch == epoch && c->stream == stream) return c;
    }
    buf_put(&n->streams, &fresh, sizeof fresh);
    return n->streams.failed ? NULL : (Compared *)(void *)n->streams.ptr + count;
}

static void stretch_check(Noted *n, Compared *c, const Evt_media_noted *m)
{
    char object[64];
    u32 at;
    PackStretch s = {n->a->session, n->a->id, c->epoch, c->upto, m->upto_seq + 1, c->stream};
    Err err = pack_digest(n->folder, &s, c->digest, &at);
    snprintf(object, sizeof object, "attempt %llu", (unsigned long long)n->a->id);
    if (err)
        finding_add(n->f, "evidence", object,
                    "record %u of stream %u, epoch %llu, is not there, and the log noted it", at,
                    c->stream, (unsigned long long)c->epoch);
    else if (memcmp(c->digest, m->digest.ptr, HASH_BYTES))
        finding_add(n->f, "evidence", object,
                    "records %u to %u of stream %u, epoch %llu, are not those that the log noted",
                    s.from, m->upto_seq, c->stream, (unsigned long long)c->epoch);
    /* What comes behind is compared for itself. */
    memcpy(c->digest, m->digest.ptr, HASH_BYTES);
    c->upto = s.upto;
}

static void event_check(void *ctx, u64 ver, Span encoded)
{
    Noted *n = ctx;
    Event e;
    (void)ver;
    if (event_decode(encoded, &e) || e.kind != EVT_media_noted) return;
    const Evt_media_noted *m = &e.media_noted;
    Compared *c = m->digest.len == HASH_BYTES ? compared_of(n, m->epoch, m->stream) : NULL;
    if (!c || m->upto_seq < c->upto) return;
    n->count++;
    stretch_check(n, c, m);
}

u64 noted_check(Findings *f, const Engine *e, const char *folder)
{
    u64 attempt;
    Noted n = {.f = f, .folder = folder};
    buf_init(&n.streams, STREAMS_BYTES_MAX);
    u32 sessions = engine_sessions(e, NULL, 0);
    u64 *ids = calloc(sessions + 1, sizeof *ids);
    if (ids) engine_sessions(e, ids, sessions);
    for (u32 i = 0; ids && i < sessions; i++)
        for (u32 k = 0; (attempt = engine_attempt_at(e, ids[i], k)) != 0; k++) {
            n.a = engine_attempt(e, attempt);
            buf_reset(&n.streams);
            engine_read_stream(e, stream_id(STREAM_ATTEMPT, attempt), 0, true, event_check, &n);
        }
    if (!ids) finding_add(f, "evidence", NULL, "its notes cannot be compared: out of memory");
    free(ids);
    buf_done(&n.streams);
    return n.count;
}
