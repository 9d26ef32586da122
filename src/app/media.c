#include "app/media.h"

#include "app/ranges.h"
#include "base/map.h"

#include <stdlib.h>

enum {
    TRACKS_MAX = 34,      /* stream numbers 0 ... 33 */
    LATE_LANE_BIT = 0x80, /* in the lane byte: sent after an outage, not live */
    RECORD_VERSION = 1,
    MEDIA_MESSAGE_MORE = 64, /* what a message adds to a record */
    WANT_BYTES = 10,         /* u64 attempt, u8 low, u8 full */
};

/* What arrived of one stream of one epoch. Late records come after live ones, so there are holes. */
typedef struct Arrived {
    Ranges stored, durable;
} Arrived;

typedef struct Epoch {
    u64 id;
    bool phone; /* of the phone, not of the candidate's device */
    struct Epoch *older;
    Arrived stream[TRACKS_MAX];
} Epoch;

/* The last key frame and what followed it, for watchers who join. */
typedef struct Gop {
    Buf bytes;  /* whole `media` messages, each behind its u32 length */
    bool whole; /* begins with a key frame and has no hole */
} Gop;

typedef struct Feedstock {
    u64 attempt, session;
    Epoch *epochs; /* newest first */
    u32 epoch_count;
    MediaSource *source, *phone;
    Gop gop[TRACKS_MAX];
    struct Watch *watches;
    u32 watchers;
} Feedstock;

/* One viewer's wish for one attempt. */
typedef struct Watch {
    struct Watch *next; /* of the same attempt */
    struct Watch *next_of_viewer;
    MediaViewer *viewer;
    Feedstock *stock;
    u8 low, full;
    u64 waiting_key; /* bit per stream: skip until a key frame */
} Watch;

struct MediaSource {
    Media *m;
    Feedstock *stock;
    bool phone;
    MediaSend *send;
    void *ctx;
};

struct MediaViewer {
    Media *m;
    u64 user;
    MediaSend *send;
    void *ctx;
    Watch *watches;
};

struct Media {
    MediaPorts ports;
    Map stocks; /* attempt -> Feedstock */
    Buf scratch;
};

/* ---- records ---- */

static u32 get_u32(const u8 *p)
{
    return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static u64 get_u64(const u8 *p)
{
    return get_u32(p) | (u64)get_u32(p + 4) << 32;
}

Err media_parse(Span r, MediaHeader *out)
{
    enum { KIND_END = 6, TAG_BYTES = 16 };
    if (r.len < MEDIA_HEADER_BYTES || r.len > MEDIA_RECORD_BYTES_MAX) return ERR_FORMAT;
    MediaHeader h = {.kind = r.ptr[1],
                     .stream = r.ptr[2],
                     .flags = r.ptr[3],
                     .seq = get_u32(r.ptr + 4),
                     .at_us = get_u64(r.ptr + 8),
                     .key_seq = get_u32(r.ptr + 16),
                     .len = get_u32(r.ptr + 20),
                     .epoch = get_u64(r.ptr + 24),
                     .duration_us = get_u32(r.ptr + 32)};
    bool sound = r.ptr[0] == RECORD_VERSION && h.kind <= KIND_END && h.stream < TRACKS_MAX &&
                 h.len >= TAG_BYTES && h.len == r.len - MEDIA_HEADER_BYTES && h.key_seq <= h.seq &&
                 h.epoch != 0 && h.epoch < (u64)1 << 53 && get_u32(r.ptr + 36) == 0;
    if (!sound) return ERR_FORMAT;
    *out = h;
    return OK;
}

static bool is_phone_stream(u8 stream)
{
    return stream < 2 * STREAM_LOW && stream % STREAM_LOW == TRACK_phone;
}

static bool is_key(const MediaHeader *h)
{
    return h->flags & 1;
}

/* ---- life ---- */

Media *media_open(const MediaPorts *ports)
{
    Media *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->ports = *ports;
    buf_init(&m->scratch, MEDIA_RECORD_BYTES_MAX + MEDIA_MESSAGE_MORE);
    return m;
}

static void stock_free(Feedstock *s)
{
    while (s->epochs) {
        Epoch *older = s->epochs->older;
        for (u32 i = 0; i < TRACKS_MAX; i++) {
            ranges_done(&s->epochs->stream[i].stored);
            ranges_done(&s->epochs->stream[i].durable);
        }
        free(s->epochs);
        s->epochs = older;
    }
    for (u32 i = 0; i < TRACKS_MAX; i++)
        buf_done(&s->gop[i].bytes);
    free(s);
}

void media_close(Media *m)
{
    if (!m) return;
    u64 attempt;
    void *stock;
    for (size_t at = 0; map_next(&m->stocks, &at, &attempt, &stock);)
        stock_free(stock);
    map_done(&m->stocks);
    buf_done(&m->scratch);
    free(m);
}

static Feedstock *stock_of(Media *m, u64 attempt)
{
    Feedstock *s = map_get(&m->stocks, attempt);
    const Attempt *a = engine_attempt(m->ports.engine, attempt);
    if (s || !a) return s;
    s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->attempt = attempt;
    s->session = a->session;
    for (u32 i = 0; i < TRACKS_MAX; i++)
        buf_init(&s->gop[i].bytes, MEDIA_GOP_BYTES_MAX);
    if (map_put(&m->stocks, attempt, s) == OK) return s;
    free(s);
    return NULL;
}

static Epoch *epoch_find(const Feedstock *s, u64 id)
{
    for (Epoch *e = s->epochs; e; e = e->older)
        if (e->id == id) return e;
    return NULL;
}

static Epoch *epoch_of(Feedstock *s, u64 id)
{
    Epoch *e = epoch_find(s, id);
    if (e || s->epoch_count == MEDIA_EPOCHS_MAX) return e;
    e = calloc(1, sizeof *e);
    if (!e) return NULL;
    e->id = id;
    e->older = s->epochs;
    s->epochs = e;
    s->epoch_count++;
    return e;
}

void media_have(Media *m, u64 attempt, u64 epoch, u8 stream, u32 seq)
{
    Feedstock *s = stream < TRACKS_MAX ? stock_of(m, attempt) : NULL;
    Epoch *e = s ? epoch_of(s, epoch) : NULL;
    if (!e) return;
    e->phone |= is_phone_stream(stream);
    /* More holes than a set holds: what does not fit is taken again, once more than needed. */
    if (ranges_add(&e->stream[stream].stored, seq) == OK)
        (void)!ranges_add(&e->stream[stream].durable, seq);
}

/* ---- what watchers want, told to the device ---- */

static void source_tell(MediaSource *s, const Message *m)
{
    Buf *b = &s->m->scratch;
    buf_reset(b);
    message_encode(b, m);
    s->send(s->ctx, false, buf_view(b));
}

static void tell_want(Feedstock *s, bool key_frames)
{
    u8 low = 0, full = 0;
    s->watchers = 0;
    for (const Watch *w = s->watches; w; w = w->next) {
        low |= w->low;
        full |= w->full;
        s->watchers++;
    }
    Message m = {.kind = MSG_want,
                 .want = {low, full, key_frames, (u8)MIN_OF(s->watchers, 255u), 0}};
    if (s->source) source_tell(s->source, &m);
    if (s->phone) source_tell(s->phone, &m);
}

/* ---- sources ---- */

/* Of several connections the newest is the one that is asked for pictures. */
static MediaSource **source_place(Feedstock *s, bool phone)
{
    return phone ? &s->phone : &s->source;
}

static MediaSource *source_open(Media *m, u64 attempt, bool phone, MediaSend *send, void *ctx)
{
    Feedstock *s = stock_of(m, attempt);
    MediaSource *source = s ? calloc(1, sizeof *source) : NULL;
    if (!source) return NULL;
    *source = (MediaSource){m, s, phone, send, ctx};
    *source_place(s, phone) = source;
    tell_want(s, true);
    return source;
}

MediaSource *media_source_open(Media *m, u64 attempt, MediaSend *send, void *ctx)
{
    return source_open(m, attempt, false, send, ctx);
}

MediaSource *media_phone_open(Media *m, u64 attempt, MediaSend *send, void *ctx)
{
    return source_open(m, attempt, true, send, ctx);
}

/* Pictures of a device that is gone are not live any more, and a hall of them is gigabytes. */
static void gop_forget(Gop *g)
{
    buf_done(&g->bytes);
    buf_init(&g->bytes, MEDIA_GOP_BYTES_MAX);
    g->whole = false;
}

void media_source_close(MediaSource *s)
{
    if (!s) return;
    MediaSource **place = source_place(s->stock, s->phone);
    if (*place == s) {
        *place = NULL;
        for (u8 i = 0; i < TRACKS_MAX; i++)
            if (is_phone_stream(i) == s->phone) gop_forget(&s->stock->gop[i]);
    }
    free(s);
}

static void source_have(MediaSource *s, const Epoch *e, u8 stream)
{
    u32 durable = ranges_complete(&e->stream[stream].durable);
    if (!durable) return;
    Message m = {.kind = MSG_media_have, .media_have = {e->id, stream, durable - 1, 1, 0}};
    source_tell(s, &m);
}

void media_source_hello(MediaSource *s, u64 epoch)
{
    const Epoch *e = epoch ? epoch_find(s->stock, epoch) : NULL;
    for (u8 i = 0; e && e->phone == s->phone && i < TRACKS_MAX; i++)
        source_have(s, e, i);
    tell_want(s->stock, true);
}

static void source_refuse(MediaSource *s, Refusal r, const char *what)
{
    Message m = {.kind = MSG_refused, .refused = {(u16)r, span_of(what), 0}};
    source_tell(s, &m);
}

static void source_ack(MediaSource *s, const MediaHeader *h, size_t bytes)
{
    Message m = {.kind = MSG_record_ack,
                 .record_ack = {h->epoch, h->stream, h->seq, (u32)bytes, 0}};
    source_tell(s, &m);
}

/* ---- relaying ---- */

/* The bit of a stream among its 16: pictures by their number, all sound together is the last. */
static u32 want_bit(u8 stream)
{
    return 1u << MIN_OF(stream % STREAM_LOW, 7);
}

static bool watch_wants(const Watch *w, u8 stream)
{
    if (stream == STREAM_STILLS) return true;
    if (stream >= 2 * STREAM_LOW) return false;
    return (stream < STREAM_LOW ? w->full : w->low) & want_bit(stream);
}

/* Sends one message to one watch; after a dropped picture nothing of the stream until a key frame. */
static void watch_send(Watch *w, const MediaHeader *h, Span message)
{
    u64 bit = (u64)1 << h->stream;
    enum { KIND_VIDEO = 0 };
    bool video = h->kind == KIND_VIDEO;
    if (video && is_key(h)) w->waiting_key &= ~bit;
    if (video && w->waiting_key & bit) return;
    bool sent = w->viewer->send(w->viewer->ctx, video, message);
    if (!sent && video) w->waiting_key |= bit;
}

static void gop_keep(Gop *g, const MediaHeader *h, Span message)
{
    if (h->kind != 0 && h->kind != 4) return; /* video and its config */
    if (is_key(h) || h->kind == 4) {
        bool after_config = h->kind == 0 && g->whole && g->bytes.len > 0 && g->bytes.len < 4096;
        if (!after_config) buf_reset(&g->bytes);
        g->whole = true;
    }
    if (!g->whole) return;
    buf_u32(&g->bytes, (u32)message.len);
    buf_span(&g->bytes, message);
    if (!g->bytes.failed) return;
    buf_reset(&g->bytes); /* a group this long is not kept: the device is asked for a key frame */
    g->whole = false;
}

static void relay(MediaSource *s, const MediaHeader *h, Span record)
{
    Message m = {.kind = MSG_media, .media = {s->stock->attempt, record, 0}};
    Buf *b = &s->m->scratch;
    buf_reset(b);
    message_encode(b, &m);
    if (b->failed) return;
    gop_keep(&s->stock->gop[h->stream], h, buf_view(b));
    for (Watch *w = s->stock->watches; w; w = w->next)
        if (watch_wants(w, h->stream)) watch_send(w, h, buf_view(b));
}

/* A phone sends its pictures and its end, the other device everything else, each in epochs of its own. */
static bool source_owns(const MediaSource *s, const MediaHeader *h)
{
    const Epoch *e = epoch_find(s->stock, h->epoch);
    if (e && e->phone != s->phone) return false;
    if (s->phone) return is_phone_stream(h->stream) || h->stream == STREAM_EVENTS;
    return !is_phone_stream(h->stream);
}

void media_source_record(MediaSource *s, u8 lane, Span record, i64 now_ms)
{
    MediaHeader h;
    (void)now_ms;
    if (media_parse(record, &h)) {
        source_refuse(s, R_MALFORMED, "media record");
        return;
    }
    if (!source_owns(s, &h)) {
        source_refuse(s, R_NOT_ALLOWED, "media record");
        return;
    }
    Epoch *e = epoch_of(s->stock, h.epoch);
    if (e) e->phone = s->phone;
    if (!e) { /* not acknowledged, so it comes again */
        source_refuse(s, s->stock->epoch_count == MEDIA_EPOCHS_MAX ? R_TOO_MANY : R_BUSY, "epoch");
        return;
    }
    Ranges *stored = &e->stream[h.stream].stored;
    if (ranges_has(stored, h.seq)) {
        source_ack(s, &h, record.len); /* there already */
        return;
    }
    if (stored->count == RANGES_MAX && h.seq > stored->items[RANGES_MAX - 1].to + 1) {
        source_refuse(s, R_BUSY, "fill the holes first");
        return;
    }
    bool late = lane & LATE_LANE_BIT;
    Err err =
        s->m->ports.store(s->m->ports.ctx, s->stock->session, s->stock->attempt, &h, late, record);
    if (err == ERR_BUSY) {
        source_refuse(s, R_BUSY, "evidence");
        return;
    }
    if (err) {
        source_refuse(s, R_NOT_STORED, "evidence");
        return;
    }
    if (ranges_add(stored, h.seq)) return; /* not acknowledged: stored twice rather than never */
    source_ack(s, &h, record.len);
    if (!late) relay(s, &h, record);
}

void media_durable(Media *m, u64 attempt, u64 epoch, u8 stream, u32 seq)
{
    Feedstock *s = map_get(&m->stocks, attempt);
    Epoch *e = s && stream < TRACKS_MAX ? epoch_of(s, epoch) : NULL;
    if (!e || ranges_add(&e->stream[stream].durable, seq)) return;
    MediaSource *source = *source_place(s, e->phone);
    if (source) source_have(source, e, stream);
}

u32 media_complete(const Media *m, u64 attempt, u64 epoch, u8 stream)
{
    const Feedstock *s = map_get(&m->stocks, attempt);
    const Epoch *e = s && stream < TRACKS_MAX ? epoch_find(s, epoch) : NULL;
    return e ? ranges_complete(&e->stream[stream].durable) : 0;
}

/* ---- viewers ---- */

MediaViewer *media_viewer_open(Media *m, u64 user, MediaSend *send, void *ctx)
{
    MediaViewer *v = calloc(1, sizeof *v);
    if (v) *v = (MediaViewer){m, user, send, ctx, NULL};
    return v;
}

static void watch_unlink(Watch *w)
{
    Watch **at = &w->stock->watches;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
}

static void viewer_clear(MediaViewer *v)
{
    while (v->watches) {
        Watch *w = v->watches;
        v->watches = w->next_of_viewer;
        watch_unlink(w);
        tell_want(w->stock, false);
        free(w);
    }
}

void media_viewer_drop(MediaViewer *v, u64 attempt)
{
    Watch **at = v ? &v->watches : NULL;
    while (at && *at && (*at)->stock->attempt != attempt)
        at = &(*at)->next_of_viewer;
    Watch *w = at ? *at : NULL;
    if (!w) return;
    *at = w->next_of_viewer;
    watch_unlink(w);
    tell_want(w->stock, false);
    free(w);
}

void media_viewer_close(MediaViewer *v)
{
    if (!v) return;
    viewer_clear(v);
    free(v);
}

/* Pictures at once: what is kept of each newly wanted stream. False: something is missing. */
static bool send_gops(Watch *w, const Watch *before)
{
    bool complete = true;
    for (u8 i = 0; i < TRACKS_MAX; i++) {
        const Gop *g = &w->stock->gop[i];
        if (!watch_wants(w, i) || (before && watch_wants(before, i)) || i == STREAM_STILLS)
            continue;
        complete &= g->whole;
        w->waiting_key |= g->whole ? 0 : (u64)1 << i;
        for (size_t at = 0; g->whole && at + 4 <= g->bytes.len;) {
            size_t len = get_u32(g->bytes.ptr + at);
            w->viewer->send(w->viewer->ctx, true, (Span){g->bytes.ptr + at + 4, len});
            at += 4 + len;
        }
    }
    return complete;
}

static void viewer_add(MediaViewer *v, u64 attempt, u8 low, u8 full, const Watch *before)
{
    Feedstock *s = stock_of(v->m, attempt);
    Watch *w = s ? calloc(1, sizeof *w) : NULL;
    if (!w) return;
    *w = (Watch){s->watches, v->watches, v, s, low, full, before ? before->waiting_key : 0};
    s->watches = v->watches = w;
    bool complete = send_gops(w, before);
    tell_want(s, !complete);
}

static const Watch *watch_find(const Watch *list, u64 attempt)
{
    for (; list; list = list->next_of_viewer)
        if (list->stock->attempt == attempt) return list;
    return NULL;
}

void media_viewer_watch(MediaViewer *v, Span wants)
{
    Watch *old = v->watches;
    v->watches = NULL;
    for (Watch *w = old; w; w = w->next_of_viewer)
        watch_unlink(w);
    u32 streams = 0;
    for (size_t at = 0; at + WANT_BYTES <= wants.len && streams < WATCH_STREAMS_MAX;
         at += WANT_BYTES) {
        const u8 *p = wants.ptr + at;
        u64 attempt = get_u64(p);
        if (watch_find(v->watches, attempt)) continue;
        viewer_add(v, attempt, p[8], p[9], watch_find(old, attempt));
        streams += (u32)__builtin_popcount(p[8]) + (u32)__builtin_popcount(p[9]);
    }
    while (old) {
        Watch *w = old;
        old = w->next_of_viewer;
        if (!watch_find(v->watches, w->stock->attempt)) tell_want(w->stock, false);
        free(w);
    }
}

u32 media_watchers(const Media *m, u64 attempt)
{
    const Feedstock *s = map_get(&m->stocks, attempt);
    u32 n = 0;
    for (const Watch *w = s ? s->watches : NULL; w; w = w->next)
        n++;
    return n;
}
