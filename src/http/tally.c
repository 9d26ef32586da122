#include "http/tally.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/media.h"
#include "base/limits.h"
#include "http/note.h"
#include "store/pack_look.h"

enum { KIND_END = 6 };

typedef struct Tallied Tallied;

/* One stream of one page load. */
typedef struct Strip {
    struct Strip *next;     /* of the attempt */
    struct Strip *next_due; /* in the queue */
    Tallied *of;
    u64 epoch;
    u32 noted; /* records that the log has noted */
    u8 stream;
    u8 digest[HASH_BYTES]; /* of the noted ones */
    bool queued,
        whole_due; /* whole_due: whatever is there, its page or its session came to an end */
    bool given_up; /* the files have not what they had, or the log takes nothing more */
} Strip;

struct Tallied {
    u64 attempt, session;
    Strip *strips;
    bool known; /* what the log noted was read */
};

struct Tally {
    Site *site;
    char folder[4096];
    Map attempts; /* to Tallied */
    Strip *first, *last;
    /* the stretch that is being read; the worker's alone while `reading` */
    Strip *reading;
    PackStretch stretch;
    u8 digest[HASH_BYTES];
    u32 at;
    Err err;
};

Tally *tally_open(Site *s)
{
    Tally *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->site = s;
    int len = snprintf(t->folder, sizeof t->folder, "%s/evidence", s->data);
    if (len > 0 && (size_t)len < sizeof t->folder) return t;
    free(t);
    return NULL;
}

static void tallied_free(Tallied *a)
{
    while (a->strips) {
        Strip *next = a->strips->next;
        free(a->strips);
        a->strips = next;
    }
    free(a);
}

void tally_close(Tally *t)
{
    if (!t) return;
    u64 key;
    void *a;
    for (size_t at = 0; map_next(&t->attempts, &at, &key, &a);)
        tallied_free(a);
    map_done(&t->attempts);
    free(t);
}

bool tally_busy(const Tally *t)
{
    return t->reading != NULL;
}

/* ---- what is there ---- */

static Tallied *tallied_of(Tally *t, u64 attempt, u64 session)
{
    Tallied *a = map_get(&t->attempts, attempt);
    if (a) return a;
    a = calloc(1, sizeof *a);
    if (!a) return NULL;
    *a = (Tallied){.attempt = attempt, .session = session};
    if (map_put(&t->attempts, attempt, a) == OK) return a;
    free(a);
    return NULL;
}

/* NULL: out of memory; then this stream is noted later, or not. */
static Strip *strip_of(Tallied *a, u64 epoch, u8 stream)
{
    for (Strip *k = a->strips; k; k = k->next)
        if (k->epoch == epoch && k->stream == stream) return k;
    Strip *k = calloc(1, sizeof *k);
    if (!k) return NULL;
    *k = (Strip){.next = a->strips, .of = a, .epoch = epoch, .stream = stream};
    return a->strips = k;
}

static Strip *strip_found(Tally *t, u64 session, const PackEntry *e)
{
    Tallied *a = tallied_of(t, e->attempt, session);
    return a ? strip_of(a, e->epoch, e->stream) : NULL;
}

void tally_found(Tally *t, u64 session, const PackEntry *e)
{
    strip_found(t, session, e);
}

static void noted_before(void *ctx, u64 ver, Span encoded)
{
    Event e;
    (void)ver;
    if (event_decode(encoded, &e) || e.kind != EVT_media_noted) return;
    const Evt_media_noted *m = &e.media_noted;
    Strip *k = m->digest.len == HASH_BYTES ? strip_of(ctx, m->epoch, m->stream) : NULL;
    if (!k) return;
    k->noted = m->upto_seq + 1;
    memcpy(k->digest, m->digest.ptr, HASH_BYTES);
}

static u32 strip_complete(const Tally *t, const Strip *k)
{
    return media_complete(t->site->media, k->of->attempt, k->epoch, k->stream);
}

static bool strip_due(Tally *t, const Strip *k)
{
    Tallied *a = k->of;
    if (k->given_up) return false;
    u32 complete = strip_complete(t, k);
    if (!k->whole_due && complete < MEDIA_NOTE_RECORDS) return false;
    if (!a->known)
        engine_read_stream(t->site->engine, stream_id(STREAM_ATTEMPT, a->attempt), 0, true,
                           noted_before, a);
    a->known = true;
    return complete > k->noted && (k->whole_due || complete - k->noted >= MEDIA_NOTE_RECORDS);
}

/* ---- reading and asking ---- */

static void tally_next(Tally *t);

static void strip_look(Tally *t, Strip *k)
{
    if (k->queued || !strip_due(t, k)) return;
    k->queued = true;
    k->next_due = NULL;
    if (t->first) t->last->next_due = k;
    else t->first = k;
    t->last = k;
    tally_next(t);
}

static void read_work(void *ctx)
{
    Tally *t = ctx;
    t->err = pack_digest(t->folder, &t->stretch, t->digest, &t->at);
}

static void on_noted(void *ctx, const Reply *r)
{
    Strip *k = ctx;
    if (r->refusal) k->given_up = true; /* set aside, or the log fails: a restart asks again */
}

/* What was read stands in the log from now on, or nobody is told that it does. */
static void strip_note(Tally *t, Strip *k)
{
    Command c = {
        .kind = CMD_note_media,
        .note_media = {k->epoch, k->stream, t->stretch.upto - 1, {t->digest, sizeof t->digest}, 0}};
    Asker server = {.roles = BY_SERVER};
    Err err = engine_ask(t->site->engine, &server, 0, k->of->attempt, 0, &c, on_noted, k);
    if (err) return; /* busy: with the next record */
    k->noted = t->stretch.upto;
    memcpy(k->digest, t->digest, sizeof k->digest);
    if (k->noted >= strip_complete(t, k)) k->whole_due = false;
}

static void read_done(void *ctx)
{
    Tally *t = ctx;
    Strip *k = t->reading;
    t->reading = NULL;
    if (t->err == OK) strip_note(t, k);
    else {
        k->given_up = true;
        note(NOTE_ERROR, "evidence_gone", "attempt=%llu epoch=%llu stream=%u number=%u err=\"%s\"",
             (unsigned long long)k->of->attempt, (unsigned long long)k->epoch, k->stream, t->at,
             err_text(t->err));
    }
    if (t->err == OK && k->noted == t->stretch.upto) strip_look(t, k);
    tally_next(t);
}

static void tally_next(Tally *t)
{
    Strip *k = t->first;
    if (!k || t->reading || t->site->stopping) return;
    t->first = k->next_due;
    k->queued = false;
    t->reading = k;
    u32 upto = MIN_OF(strip_complete(t, k), k->noted + (u32)MEDIA_NOTE_RECORDS);
    t->stretch = (PackStretch){.session = k->of->session,
                               .attempt = k->of->attempt,
                               .epoch = k->epoch,
                               .stream = k->stream,
                               .from = k->noted,
                               .upto = upto};
    memcpy(t->digest, k->digest, sizeof t->digest);
    if (loop_work(t->site->loop, read_work, read_done, t) != OK) t->reading = NULL;
}

/* All streams of a page load, or of every one when epoch is 0, are noted as far as they go. */
static void strips_over(Tally *t, Tallied *a, u64 epoch)
{
    for (Strip *k = a->strips; k; k = k->next) {
        if (epoch && k->epoch != epoch) continue;
        k->whole_due = true;
        strip_look(t, k);
    }
}

void tally_durable(Tally *t, const PackEntry *e)
{
    const Attempt *a = engine_attempt(t->site->engine, e->attempt);
    Strip *k = a ? strip_found(t, a->session, e) : NULL;
    if (!k) return;
    if (e->kind == KIND_END) strips_over(t, k->of, e->epoch);
    else strip_look(t, k);
}

void tally_session_over(Tally *t, u64 session)
{
    u64 key;
    void *box;
    for (size_t at = 0; map_next(&t->attempts, &at, &key, &box);) {
        Tallied *a = box;
        if (a->session == session) strips_over(t, a, 0);
    }
}
