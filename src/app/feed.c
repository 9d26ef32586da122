#include "app/feed.h"

#include "app/grow.h"
#include "app/who.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/plants.h"

enum {
    ROW_EVERY_MS = 100,
    FEED_MESSAGE_BYTES_MAX = EVENT_BYTES_MAX + 256,
    WATCHED_STREAMS_MAX = 512,
};

/* A list of watchers, of a stream or of a session's feed. */
typedef struct Listeners {
    Watcher **items;
    u32 count, cap;
} Listeners;

typedef struct StreamTopic {
    u64 stream;
    Listeners listeners;
} StreamTopic;

/* A row that was sent lately, or waits for its turn. */
typedef struct RowSlot {
    i64 sent_ms;
    Span pending; /* malloc'd encoded row, empty: none */
} RowSlot;

typedef struct Kept {
    Span message; /* malloc'd */
    u64 attempt;  /* that it is about; 0: the session */
} Kept;

typedef struct SessionTopic {
    u64 session, seq; /* seq of the newest item */
    Listeners listeners;
    Kept ring[FEED_ITEMS_MAX];  /* item n at n % FEED_ITEMS_MAX */
    u64 activity[ACTIVITY_MAX]; /* seq of the newest activity items, oldest first */
    u32 activity_count;
    Map rows; /* attempt -> RowSlot */
    bool rows_pending;
} SessionTopic;

typedef struct Followed {
    u64 stream;
    bool to_staff;
} Followed;

struct Watcher {
    Asker who;
    FeedSend *send;
    void *ctx;
    u64 told_seq;       /* up to here the watcher knows the session's numbers */
    Followed *followed; /* a candidate follows two streams, staff many */
    u32 count, cap;
    u64 session; /* whose feed; 0: none */
};

struct Feeds {
    const Engine *engine;
    u64 feed_id;
    Map streams, sessions;
    Buf scratch;
    i64 now_ms;
};

/* ---- listeners ---- */

static Err listeners_add(Listeners *l, Watcher *w)
{
    Err err = array_grow((void **)&l->items, l->count, &l->cap, sizeof(Watcher *));
    if (err) return err;
    l->items[l->count++] = w;
    return OK;
}

static void listeners_remove(Listeners *l, const Watcher *w)
{
    for (u32 i = 0; i < l->count; i++)
        if (l->items[i] == w) l->items[i--] = l->items[--l->count];
}

/* ---- life ---- */

Feeds *feeds_open(const Engine *e, u64 feed_id)
{
    Feeds *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->engine = e;
    f->feed_id = feed_id;
    buf_init(&f->scratch, FEED_MESSAGE_BYTES_MAX);
    return f;
}

static void session_topic_free(SessionTopic *t)
{
    u64 key;
    void *slot;
    for (size_t at = 0; map_next(&t->rows, &at, &key, &slot);) {
        free((void *)(uintptr_t)((RowSlot *)slot)->pending.ptr);
        free(slot);
    }
    map_done(&t->rows);
    for (u32 i = 0; i < FEED_ITEMS_MAX; i++)
        free((void *)(uintptr_t)t->ring[i].message.ptr);
    free(t->listeners.items);
    free(t);
}

void feeds_close(Feeds *f)
{
    if (!f) return;
    u64 key;
    void *value;
    for (size_t at = 0; map_next(&f->streams, &at, &key, &value);) {
        free(((StreamTopic *)value)->listeners.items);
        free(value);
    }
    for (size_t at = 0; map_next(&f->sessions, &at, &key, &value);)
        session_topic_free(value);
    map_done(&f->streams);
    map_done(&f->sessions);
    buf_done(&f->scratch);
    free(f);
}

Watcher *feed_join(Feeds *f, const Asker *who, FeedSend *send, void *ctx)
{
    (void)f;
    Watcher *w = calloc(1, sizeof *w);
    if (w) *w = (Watcher){.who = *who, .send = send, .ctx = ctx};
    return w;
}

static void tell_present(Feeds *f, const SessionTopic *t);

static void leave_session(Feeds *f, Watcher *w)
{
    SessionTopic *t = w->session ? map_get(&f->sessions, w->session) : NULL;
    w->session = 0;
    if (!t) return;
    listeners_remove(&t->listeners, w);
    tell_present(f, t);
}

void feed_leave(Feeds *f, Watcher *w)
{
    if (!w) return;
    for (u32 i = 0; i < w->count; i++) {
        StreamTopic *t = map_get(&f->streams, w->followed[i].stream);
        listeners_remove(&t->listeners, w);
        if (t->listeners.count) continue;
        map_remove(&f->streams, t->stream);
        free(t->listeners.items);
        free(t);
    }
    leave_session(f, w);
    free(w->followed);
    free(w);
}

/* ---- sending ---- */

static void send_message(Feeds *f, Watcher *w, const Message *m)
{
    buf_reset(&f->scratch);
    message_encode(&f->scratch, m);
    /* A watcher that cannot take it is closed by its own side and comes back. */
    if (!f->scratch.failed) w->send(w->ctx, buf_view(&f->scratch));
}

static void send_event(Feeds *f, Watcher *w, u64 stream, u64 ver, Span encoded)
{
    Message m = {.kind = MSG_event, .event = {stream, ver, encoded, 0}};
    send_message(f, w, &m);
}

static bool sees_attempt(const Feeds *f, const Watcher *w, u64 attempt)
{
    return !attempt || who_may(f->engine, &w->who, SEES_SESSION, OBJECT_ATTEMPT, attempt);
}

/* The numbers up to seq, and an attempt (0: none), are not for this watcher. */
static void send_gone(Feeds *f, Watcher *w, const SessionTopic *t, u64 seq, u64 attempt)
{
    Message m = {.kind = MSG_feed_gone, .feed_gone = {t->session, seq, attempt, 0}};
    w->told_seq = MAX_OF(w->told_seq, seq);
    send_message(f, w, &m);
}

/* One kept item, to whom it is for; before it, that others were not. */
static void send_item(Feeds *f, Watcher *w, const SessionTopic *t, u64 seq)
{
    const Kept *item = &t->ring[seq % FEED_ITEMS_MAX];
    if (!item->message.ptr || !sees_attempt(f, w, item->attempt)) return;
    if (w->told_seq + 1 < seq) send_gone(f, w, t, seq - 1, 0);
    w->told_seq = seq;
    w->send(w->ctx, item->message);
}

/* ---- who is there, and who was looked at ---- */

static bool listed(const Buf *users, u64 user)
{
    for (size_t at = 0; at < users->len; at += sizeof user)
        if (memcmp(users->ptr + at, &user, sizeof user) == 0) return true;
    return false;
}

static void tell_present(Feeds *f, const SessionTopic *t)
{
    Buf users;
    buf_init(&users, FEED_MESSAGE_BYTES_MAX);
    for (u32 i = 0; i < t->listeners.count; i++) {
        u64 user = t->listeners.items[i]->who.user;
        if (user && !listed(&users, user)) buf_u64(&users, user);
    }
    Message m = {.kind = MSG_present, .present = {t->session, buf_view(&users), 0}};
    for (u32 i = 0; !users.failed && i < t->listeners.count; i++)
        send_message(f, t->listeners.items[i], &m);
    buf_done(&users);
}

static void tell_looked(Feeds *f, Watcher *w, const Msg_looked *looked)
{
    Buf seen;
    buf_init(&seen, looked->attempts.len + 1);
    for (size_t at = 0; at + sizeof(u64) <= looked->attempts.len; at += sizeof(u64)) {
        u64 attempt;
        memcpy(&attempt, looked->attempts.ptr + at, sizeof attempt);
        if (sees_attempt(f, w, attempt)) buf_u64(&seen, attempt);
    }
    Message m = {.kind = MSG_looked, .looked = *looked};
    m.looked.attempts = buf_view(&seen);
    if (seen.len && !seen.failed) send_message(f, w, &m);
    buf_done(&seen);
}

void feed_looked(Feeds *f, u64 session, u64 user, i64 at_ms, Span attempts)
{
    SessionTopic *t = map_get(&f->sessions, session);
    Msg_looked looked = {session, user, at_ms, attempts, 0};
    for (u32 i = 0; t && i < t->listeners.count; i++)
        tell_looked(f, t->listeners.items[i], &looked);
}

/* ---- streams ---- */

typedef struct Replay {
    Feeds *f;
    Watcher *w;
    u64 stream;
} Replay;

static void replay_event(void *ctx, u64 ver, Span encoded)
{
    Replay *r = ctx;
    send_event(r->f, r->w, r->stream, ver, encoded);
}

static StreamTopic *stream_topic(Feeds *f, u64 stream)
{
    StreamTopic *t = map_get(&f->streams, stream);
    if (t) return t;
    t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->stream = stream;
    if (map_put(&f->streams, stream, t) == OK) return t;
    free(t);
    return NULL;
}

static Followed *watcher_follows(Watcher *w, u64 stream)
{
    for (u32 i = 0; i < w->count; i++)
        if (w->followed[i].stream == stream) return &w->followed[i];
    return NULL;
}

/* The stream as one that the watcher follows; NULL: out of memory, or too many. */
static Followed *watcher_add(Feeds *f, Watcher *w, u64 stream)
{
    if (w->count == WATCHED_STREAMS_MAX) return NULL;
    if (array_grow((void **)&w->followed, w->count, &w->cap, sizeof(Followed))) return NULL;
    StreamTopic *t = stream_topic(f, stream);
    if (!t || listeners_add(&t->listeners, w)) return NULL;
    w->followed[w->count] = (Followed){.stream = stream};
    return &w->followed[w->count++];
}

void feed_follow_stream(Feeds *f, Watcher *w, u64 stream, u64 seen_ver, bool to_staff)
{
    Followed *followed = watcher_follows(w, stream);
    if (!followed) followed = watcher_add(f, w, stream);
    if (!followed) return;
    followed->to_staff = to_staff;
    u64 newest = engine_stream_version(f->engine, stream);
    if (seen_ver > newest) seen_ver = 0; /* of another log: begin anew */
    Replay r = {f, w, stream};
    if (PLANTED(stream_resume_skips) && seen_ver) seen_ver++;
    engine_read_stream(f->engine, stream, seen_ver, to_staff, replay_event, &r);
    Message m = {.kind = MSG_followed, .followed = {stream, newest, 0}};
    send_message(f, w, &m);
}

static void publish_stream(Feeds *f, u64 stream, u64 ver, const Event *e, Span encoded)
{
    StreamTopic *t = map_get(&f->streams, stream);
    bool hidden = event_audience(e->kind) == TO_STAFF;
    for (u32 i = 0; t && i < t->listeners.count; i++) {
        Watcher *w = t->listeners.items[i];
        const Followed *followed = watcher_follows(w, stream);
        bool shown = !hidden || (followed && followed->to_staff) || PLANTED(hidden_told);
        bool lost =
            followed && followed->to_staff && stream_kind(stream) == STREAM_ATTEMPT &&
            !who_may(f->engine, &w->who, SEES_STREAM, OBJECT_ATTEMPT, stream_object(stream));
        if (followed && !lost) send_event(f, w, stream, ver, shown ? encoded : SPAN_NONE);
    }
}

/* ---- session feeds ---- */

/* Gives the message its number, keeps it for those who come back, sends it to all whom it is for. */
static void feed_put(Feeds *f, SessionTopic *t, u64 attempt, const Message *m)
{
    buf_reset(&f->scratch);
    message_encode(&f->scratch, m);
    u8 *kept = f->scratch.failed ? NULL : malloc(f->scratch.len);
    if (!kept) {
        t->seq++; /* a gap: watchers notice and begin anew */
        return;
    }
    memcpy(kept, f->scratch.ptr, f->scratch.len);
    Kept *place = &t->ring[++t->seq % FEED_ITEMS_MAX];
    free((void *)(uintptr_t)place->message.ptr);
    *place = (Kept){{kept, f->scratch.len}, attempt};
    for (u32 i = 0; i < t->listeners.count; i++)
        send_item(f, t->listeners.items[i], t, t->seq);
}

static bool is_activity(EventKind kind)
{
    switch ((u32)kind) {
    case EVT_answered:
    case EVT_marked:
    case EVT_seen:
    case EVT_media_noted:
    case EVT_media_key_added:
    case EVT_configured:
    case EVT_key_added: return false;
    }
    return true;
}

static void put_event(Feeds *f, SessionTopic *t, u64 attempt, u64 ver, Span encoded)
{
    Message m = {.kind = MSG_feed_event,
                 .feed_event = {t->session, t->seq + 1, attempt, ver, encoded, 0}};
    feed_put(f, t, attempt, &m);
}

static void put_activity(Feeds *f, SessionTopic *t, u64 attempt, u64 ver, Span encoded)
{
    put_event(f, t, attempt, ver, encoded);
    if (t->activity_count == ACTIVITY_MAX)
        memmove(t->activity, t->activity + 1, --t->activity_count * sizeof(u64));
    t->activity[t->activity_count++] = t->seq;
}

/* Activity from before this process, so that a restart loses nobody's chat. */
typedef struct Past {
    i64 at_ms;
    u64 attempt, ver;
    Span encoded;
} Past;

typedef struct PastList {
    Past items[ACTIVITY_MAX]; /* newest, a heap is not worth it for 200 */
    u32 count;
    u64 attempt;
} PastList;

static void past_add(void *ctx, u64 ver, Span encoded)
{
    PastList *l = ctx;
    Event e;
    if (event_decode(encoded, &e) || !is_activity(e.kind)) return;
    u32 i = l->count;
    if (l->count == ACTIVITY_MAX) {
        if (e.at_ms <= l->items[0].at_ms) return;
        memmove(l->items, l->items + 1, (ACTIVITY_MAX - 1) * sizeof(Past));
        i = ACTIVITY_MAX - 1;
    } else l->count++;
    for (; i && l->items[i - 1].at_ms > e.at_ms; i--)
        l->items[i] = l->items[i - 1];
    l->items[i] = (Past){e.at_ms, l->attempt, ver, encoded};
}

static void fill_past(Feeds *f, SessionTopic *t)
{
    PastList *l = calloc(1, sizeof *l);
    u32 count = engine_attempts(f->engine, t->session, NULL, 0);
    u64 *ids = calloc(count + 1, sizeof(u64));
    if (l && ids) {
        engine_attempts(f->engine, t->session, ids, count);
        for (u32 i = 0; i < count; i++) {
            l->attempt = ids[i];
            engine_read_stream(f->engine, stream_id(STREAM_ATTEMPT, ids[i]), 0, true, past_add, l);
        }
        l->attempt = 0;
        engine_read_stream(f->engine, stream_id(STREAM_SESSION, t->session), 0, true, past_add, l);
        for (u32 i = 0; i < l->count; i++)
            put_activity(f, t, l->items[i].attempt, l->items[i].ver, l->items[i].encoded);
    }
    free(ids);
    free(l);
}

static SessionTopic *session_topic(Feeds *f, u64 session)
{
    SessionTopic *t = map_get(&f->sessions, session);
    if (t) return t;
    t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->session = session;
    if (map_put(&f->sessions, session, t)) {
        free(t);
        return NULL;
    }
    fill_past(f, t);
    return t;
}

static void send_row_now(Feeds *f, Watcher *w, SessionTopic *t, u64 attempt)
{
    Row row;
    Buf bytes;
    engine_row(f->engine, attempt, &row);
    buf_init(&bytes, EVENT_BYTES_MAX);
    row_encode(&bytes, &row);
    Message m = {.kind = MSG_feed_row, .feed_row = {t->session, t->seq, buf_view(&bytes), 0}};
    if (!bytes.failed) send_message(f, w, &m);
    buf_done(&bytes);
}

/* Everything as it is stored: all rows under the present number, then the latest activity. The row of an
 * attempt whose change is on its way to the disk follows by itself as soon as it is there. */
static void send_snapshot(Feeds *f, Watcher *w, SessionTopic *t)
{
    Message m = {.kind = MSG_feed_reset, .feed_reset = {t->session, f->feed_id, t->seq, 0}};
    send_message(f, w, &m);
    u32 count = engine_attempts(f->engine, t->session, NULL, 0);
    u64 *ids = calloc(count + 1, sizeof(u64));
    if (ids) engine_attempts(f->engine, t->session, ids, count);
    for (u32 i = 0; ids && i < count; i++)
        if (engine_settled(f->engine, ids[i]) && sees_attempt(f, w, ids[i]))
            send_row_now(f, w, t, ids[i]);
    free(ids);
    for (u32 i = 0; i < t->activity_count; i++) {
        const Kept *kept = &t->ring[t->activity[i] % FEED_ITEMS_MAX];
        bool there = t->seq - t->activity[i] < FEED_ITEMS_MAX;
        if (there && sees_attempt(f, w, kept->attempt)) w->send(w->ctx, kept->message);
    }
}

void feed_follow_session(Feeds *f, Watcher *w, u64 session, u64 feed_id, u64 seen_seq)
{
    SessionTopic *t = session_topic(f, session);
    leave_session(f, w);
    if (!t || listeners_add(&t->listeners, w)) return;
    w->session = session;
    bool same = feed_id == f->feed_id || (PLANTED(feed_id_ignored) && feed_id);
    /* Who sees a part begins anew: the part may be another one by now. */
    bool known = same && seen_seq <= t->seq && t->seq - seen_seq < FEED_ITEMS_MAX &&
                 who_sees_all(f->engine, &w->who, session);
    if (PLANTED(feed_resume_skips)) seen_seq++;
    w->told_seq = known ? seen_seq : t->seq;
    if (!known) send_snapshot(f, w, t);
    for (u64 n = seen_seq + 1; known && n <= t->seq; n++)
        send_item(f, w, t, n);
    w->told_seq = t->seq;
    u64 upto = t->seq + (PLANTED(ready_too_far) ? 1 : 0);
    Message m = {.kind = MSG_feed_ready, .feed_ready = {session, upto, 0}};
    send_message(f, w, &m);
    tell_present(f, t);
}

/* Whoever sees the candidate no longer is told so, instead of keeping an old picture. */
static void tell_handed_over(Feeds *f, SessionTopic *t, u64 attempt)
{
    for (u32 i = 0; i < t->listeners.count; i++)
        if (!sees_attempt(f, t->listeners.items[i], attempt))
            send_gone(f, t->listeners.items[i], t, t->seq, attempt);
}

void feed_event(Feeds *f, u64 stream, u64 ver, const Event *e, Span encoded)
{
    publish_stream(f, stream, ver, e, encoded);
    u64 object = stream_object(stream);
    u64 session = 0, attempt = 0;
    if (stream_kind(stream) == STREAM_SESSION) session = object;
    if (stream_kind(stream) == STREAM_ATTEMPT) {
        attempt = object;
        session = engine_attempt(f->engine, object)->session;
    }
    /* A feed that nobody ever asked for is not kept. */
    SessionTopic *t = session ? map_get(&f->sessions, session) : NULL;
    if (!t) return;
    if (is_activity(e->kind)) put_activity(f, t, attempt, ver, encoded);
    /* Who writes sees at once that it was read; later it is nobody's news. */
    else if (e->kind == EVT_seen) put_event(f, t, attempt, ver, encoded);
    if (e->kind == EVT_handed_over) tell_handed_over(f, t, attempt);
}

/* ---- rows, at most ten a second of each attempt ---- */

static void put_row(Feeds *f, SessionTopic *t, u64 attempt, Span encoded)
{
    Message m = {.kind = MSG_feed_row, .feed_row = {t->session, t->seq + 1, encoded, 0}};
    feed_put(f, t, attempt, &m);
}

static RowSlot *row_slot(SessionTopic *t, u64 attempt)
{
    RowSlot *slot = map_get(&t->rows, attempt);
    if (slot) return slot;
    slot = calloc(1, sizeof *slot);
    if (slot && map_put(&t->rows, attempt, slot) == OK) return slot;
    free(slot);
    return NULL;
}

static void slot_forget(RowSlot *slot)
{
    free((void *)(uintptr_t)slot->pending.ptr);
    slot->pending = SPAN_NONE;
}

static void slot_keep(RowSlot *slot, Span encoded)
{
    u8 *kept = malloc(encoded.len);
    if (!kept) return;
    memcpy(kept, encoded.ptr, encoded.len);
    slot_forget(slot);
    slot->pending = (Span){kept, encoded.len};
}

void feed_row(Feeds *f, u64 session, const Row *row)
{
    SessionTopic *t = map_get(&f->sessions, session);
    RowSlot *slot = t ? row_slot(t, row->attempt) : NULL;
    if (!slot) return;
    Buf bytes;
    buf_init(&bytes, EVENT_BYTES_MAX);
    row_encode(&bytes, row);
    bool early = row->at_ms - slot->sent_ms < ROW_EVERY_MS;
    if (!bytes.failed && early) {
        slot_keep(slot, buf_view(&bytes));
        t->rows_pending = true;
    } else if (!bytes.failed) {
        /* After a slow fsync rows of many moments come at once: an older one must not follow this. */
        if (!PLANTED(old_row_follows)) slot_forget(slot);
        slot->sent_ms = row->at_ms;
        put_row(f, t, row->attempt, buf_view(&bytes));
    }
    buf_done(&bytes);
}

/* Sends the rows whose time has come; false: none is left. */
static bool flush_session(Feeds *f, SessionTopic *t, i64 now_ms, i64 *next_ms)
{
    u64 attempt;
    void *value;
    bool left = false;
    for (size_t at = 0; map_next(&t->rows, &at, &attempt, &value);) {
        RowSlot *slot = value;
        if (!slot->pending.ptr) continue;
        if (now_ms - slot->sent_ms < ROW_EVERY_MS) {
            *next_ms = MIN_OF(*next_ms, slot->sent_ms + ROW_EVERY_MS);
            left = true;
            continue;
        }
        Span row = slot->pending;
        slot->pending = SPAN_NONE;
        slot->sent_ms = now_ms;
        put_row(f, t, attempt, row);
        free((void *)(uintptr_t)row.ptr);
    }
    return left;
}

i64 feed_flush(Feeds *f, i64 now_ms)
{
    i64 next_ms = NEVER_MS;
    u64 session;
    void *value;
    for (size_t at = 0; map_next(&f->sessions, &at, &session, &value);) {
        SessionTopic *t = value;
        if (t->rows_pending) t->rows_pending = flush_session(f, t, now_ms, &next_ms);
    }
    return next_ms;
}
