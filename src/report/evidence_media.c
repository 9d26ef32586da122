/* evidence_media.c - what is known of an attempt's recording without opening it: its index, and where it
 * has holes. */
#include "report/evidence_form.h"

#include "base/limits.h"

static u64 get(const u8 *p, int bytes)
{
    u64 v = 0;
    for (int i = bytes; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

/* ---- the index ---- */

void evidence_record_write(const EvidenceRecord *r, Buf *out)
{
    buf_u64(out, r->epoch);
    buf_u64(out, r->at_us);
    buf_u64(out, (u64)r->received_ms);
    buf_u32(out, r->seq);
    buf_u32(out, r->key_seq);
    buf_u32(out, r->bytes);
    buf_u8(out, r->stream);
    buf_u8(out, r->kind);
    buf_u8(out, r->flags);
    buf_u8(out, r->late);
    buf_put(out, r->hash, sizeof r->hash);
}

bool evidence_record_at(Span index, size_t i, EvidenceRecord *out)
{
    if (i >= index.len / EVIDENCE_RECORD_BYTES) return false;
    const u8 *p = index.ptr + i * EVIDENCE_RECORD_BYTES;
    *out = (EvidenceRecord){.epoch = get(p, 8),
                            .at_us = get(p + 8, 8),
                            .received_ms = (i64)get(p + 16, 8),
                            .seq = (u32)get(p + 24, 4),
                            .key_seq = (u32)get(p + 28, 4),
                            .bytes = (u32)get(p + 32, 4),
                            .stream = p[36],
                            .kind = p[37],
                            .flags = p[38],
                            .late = p[39]};
    memcpy(out->hash, p + 40, sizeof out->hash);
    return out->received_ms >= 0 && out->received_ms < (i64)1 << 53;
}

int evidence_record_order(const EvidenceRecord *a, const EvidenceRecord *b)
{
    if (a->epoch != b->epoch) return a->epoch < b->epoch ? -1 : 1;
    if (a->stream != b->stream) return a->stream < b->stream ? -1 : 1;
    if (a->seq != b->seq) return a->seq < b->seq ? -1 : 1;
    return memcmp(a->hash, b->hash, sizeof a->hash);
}

bool evidence_record_fits(const EvidenceRecord *r, Span record)
{
    const u8 *p = record.ptr;
    return record.len == r->bytes && record.len >= EVIDENCE_HEADER_BYTES && p[1] == r->kind &&
           p[2] == r->stream && p[3] == r->flags && get(p + 4, 4) == r->seq &&
           get(p + 8, 8) == r->at_us && get(p + 16, 4) == r->key_seq && get(p + 24, 8) == r->epoch;
}

/* ---- why something is not there ---- */

/* A time in which nothing of a track could be made or sent. */
typedef struct Outage {
    i64 from_ms, to_ms;
    u8 track; /* or ANY_TRACK */
} Outage;
enum { ANY_TRACK = 0xff, FULL_STREAMS = 16, LOW_STREAMS_END = 32 };

typedef struct Outages {
    Buf list; /* of Outage */
} Outages;

static Outage *outage_at(const Outages *o, size_t i)
{
    return i < o->list.len / sizeof(Outage) ? (Outage *)(void *)o->list.ptr + i : NULL;
}

static void outage_begin(Outages *o, u8 track, i64 from_ms)
{
    buf_put(&o->list, &(Outage){from_ms, INT64_MAX, track}, sizeof(Outage));
}

static void outage_end(const Outages *o, u8 track, i64 to_ms)
{
    Outage *one;
    for (size_t i = 0; (one = outage_at(o, i)); i++)
        if (one->track == track && one->to_ms == INT64_MAX) one->to_ms = to_ms;
}

static void outages_learn(Outages *o, Span events)
{
    EvidenceEvent stored;
    Event e;
    while (evidence_event_take(&events, &stored)) {
        if (event_decode(stored.event, &e)) continue;
        switch ((u32)e.kind) {
        case EVT_disconnected: outage_begin(o, ANY_TRACK, e.disconnected.since_ms); break;
        case EVT_connected: outage_end(o, ANY_TRACK, e.at_ms); break;
        case EVT_track_lost: outage_begin(o, e.track_lost.track, e.at_ms); break;
        case EVT_track_restored: outage_end(o, e.track_restored.track, e.at_ms); break;
        }
    }
}

static bool of_track(u8 stream, u8 track)
{
    return track == ANY_TRACK || (stream < LOW_STREAMS_END && stream % FULL_STREAMS == track);
}

static const char *gap_why(const Outages *o, const EvidenceGap *g)
{
    const Outage *one;
    const char *why = "no reason is on record";
    for (size_t i = 0; (one = outage_at(o, i)); i++) {
        if (one->from_ms > g->to_ms || one->to_ms < g->from_ms || !of_track(g->stream, one->track))
            continue;
        if (one->track == ANY_TRACK) return "no connection";
        why = "the track was interrupted";
    }
    return why;
}

/* ---- tracks and gaps ---- */

typedef struct Walk {
    Span index;
    const EvidenceTracks *each;
    Outages outages;
    i64 clock_ms; /* added to the device's clock it is about the server's: by the quickest record */
} Walk;

static i64 device_ms(const EvidenceRecord *r)
{
    return (i64)(r->at_us / 1000);
}

static size_t epoch_clock(Walk *w, size_t i)
{
    EvidenceRecord r;
    w->clock_ms = INT64_MAX;
    if (!evidence_record_at(w->index, i, &r)) return i;
    for (u64 epoch = r.epoch; evidence_record_at(w->index, i, &r) && r.epoch == epoch; i++)
        w->clock_ms = MIN_OF(w->clock_ms, r.received_ms - device_ms(&r));
    return i;
}

static void gap_tell(Walk *w, EvidenceGap *g)
{
    g->why = gap_why(&w->outages, g);
    w->each->gap(w->each->ctx, g);
}

/* Between two records of one stream; `before` is NULL at its beginning. */
static void gap_look(Walk *w, const EvidenceRecord *before, const EvidenceRecord *r)
{
    EvidenceGap g = {.epoch = r->epoch,
                     .stream = r->stream,
                     .from_ms = device_ms(before ? before : r) + w->clock_ms,
                     .to_ms = device_ms(r) + w->clock_ms};
    u32 due = before ? before->seq + 1 : 0;
    if (before && before->seq == r->seq) return;
    if (r->seq != due) {
        g.missing = true;
        g.first = due;
        g.last = r->seq - 1;
        gap_tell(w, &g);
    } else if (before && r->stream < FULL_STREAMS && g.to_ms - g.from_ms > EVIDENCE_PAUSE_MS) {
        g.first = before->seq;
        g.last = r->seq;
        gap_tell(w, &g);
    }
}

/* The stream that begins at a place; returns where the next one does. */
static size_t track_walk(Walk *w, size_t from)
{
    EvidenceRecord r, before;
    EvidenceTrack t = {.records = 0};
    size_t i = from;
    if (!evidence_record_at(w->index, i, &before)) return i;
    t.epoch = before.epoch;
    t.stream = before.stream;
    t.from_ms = device_ms(&before) + w->clock_ms;
    for (; evidence_record_at(w->index, i, &r) && r.epoch == t.epoch && r.stream == t.stream; i++) {
        t.records++;
        t.bytes += r.bytes;
        t.to_ms = device_ms(&r) + w->clock_ms;
    }
    w->each->track(w->each->ctx, &t);
    for (size_t k = from; k < i && evidence_record_at(w->index, k, &r); k++) {
        gap_look(w, k == from ? NULL : &before, &r);
        before = r;
    }
    return i;
}

Err evidence_tracks(Span index, Span events, const EvidenceTracks *each)
{
    Walk w = {.index = index, .each = each};
    buf_init(&w.outages.list, EVIDENCE_STREAM_BYTES_MAX);
    outages_learn(&w.outages, events);
    bool failed = w.outages.list.failed;
    for (size_t i = 0, end; !failed && (end = epoch_clock(&w, i)) > i;)
        while (i < end)
            i = track_walk(&w, i);
    buf_done(&w.outages.list);
    return failed ? ERR_MEMORY : OK;
}

/* ---- for people ---- */

typedef struct TracksJson {
    Buf *out;
    bool tracks, gaps; /* there was one before */
} TracksJson;

static void track_json(void *ctx, const EvidenceTrack *t)
{
    TracksJson *j = ctx;
    if (j->tracks) buf_text(j->out, "]},\n");
    buf_print(j->out,
              "{\"epoch\":%llu,\"stream\":%u,\"from_ms\":%lld,\"to_ms\":%lld,\"records\":%u,"
              "\"bytes\":%llu,\"gaps\":[",
              (unsigned long long)t->epoch, t->stream, (long long)t->from_ms, (long long)t->to_ms,
              t->records, (unsigned long long)t->bytes);
    j->tracks = true;
    j->gaps = false;
}

static void gap_json(void *ctx, const EvidenceGap *g)
{
    TracksJson *j = ctx;
    buf_print(j->out,
              "%s\n {\"kind\":\"%s\",\"first\":%u,\"last\":%u,\"from_ms\":%lld,\"to_ms\":%lld,"
              "\"why\":\"%s\"}",
              j->gaps ? "," : "", g->missing ? "missing" : "pause", g->first, g->last,
              (long long)g->from_ms, (long long)g->to_ms, g->why);
    j->gaps = true;
}

Err evidence_media_json(Span index, Span events, Buf *out)
{
    TracksJson j = {.out = out};
    EvidenceTracks each = {track_json, gap_json, &j};
    buf_text(out, "[\n");
    Err err = evidence_tracks(index, events, &each);
    buf_text(out, j.tracks ? "]}\n]\n" : "]\n");
    return err ? err : out->failed ? ERR_MEMORY : OK;
}
