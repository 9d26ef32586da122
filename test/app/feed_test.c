#include "app/feed.h"
#include "test/app/hall.h"

/* A connection that remembers what it was sent. */
typedef struct Desk {
    u32 events, hidden, rows, activity, resets, ready, others;
    u64 last_ver, last_seq, feed_id;
    Row row;
    bool cut;
} Desk;

static Feeds *feeds;

static void desk_feed(Desk *d, const Message *m)
{
    switch (m->kind) {
    case MSG_feed_row:
        d->rows++;
        d->last_seq = m->feed_row.seq;
        CHECK_EQUAL(row_decode(m->feed_row.row, &d->row), OK);
        return;
    case MSG_feed_event:
        d->activity++;
        d->last_seq = m->feed_event.seq;
        return;
    case MSG_feed_reset:
        d->resets++;
        d->feed_id = m->feed_reset.feed_id;
        return;
    case MSG_feed_ready:
        d->ready++;
        d->last_seq = m->feed_ready.seq;
        return;
    default: d->others++;
    }
}

static bool desk_send(void *ctx, Span message)
{
    Desk *d = ctx;
    Message m;
    if (d->cut) return false;
    CHECK_EQUAL(message_decode(message, &m), OK);
    if (m.kind == MSG_event) {
        d->events += m.event.event.len > 0;
        d->hidden += m.event.event.len == 0;
        d->last_ver = m.event.ver;
    } else if (m.kind != MSG_followed) desk_feed(d, &m);
    return true;
}

static void on_event(void *ctx, u64 stream, u64 ver, const Event *e, Span encoded)
{
    (void)ctx;
    feed_event(feeds, stream, ver, e, encoded);
}

static void on_row(void *ctx, u64 session, const Row *row)
{
    (void)ctx;
    feed_row(feeds, session, row);
}

/* A hall whose engine publishes into feeds. */
static Hall *hall_with_feeds(void)
{
    Hall *h = hall_open();
    engine_close(h->engine);
    EnginePorts ports = {.log = {h, hall_submit, hall_read},
                         .sign_secret = h->sign_secret,
                         .on_event = on_event,
                         .on_row = on_row,
                         .ctx = h};
    h->engine = engine_open(&ports);
    h->waiting_batches = 0;
    h->batch = 0;
    CHECK_EQUAL(engine_replay(h->engine, h->now_ms, NULL), OK);
    feeds = feeds_open(h->engine, 77);
    CHECK(feeds);
    return h;
}

static void close_all(Hall *h)
{
    feeds_close(feeds);
    hall_close(h);
}

static void say(Hall *h, u64 id, const char *text)
{
    Asker self = hall_candidate(id);
    Command c = {.kind = CMD_say, .say = {span_of(text), 0}};
    CHECK_EQUAL(hall_ask(h, &self, id, &c), ACCEPTED);
}

TEST("Who follows a stream gets what was missed, then everything, in order and once.")
{
    Hall *h = hall_with_feeds();
    u64 id = hall_join(h, "Ada", true), stream = stream_id(STREAM_ATTEMPT, id);
    Desk desk = {0}, late = {0};
    Watcher *w = feed_join(feeds, &PROCTOR_ASKS, desk_send, &desk);
    feed_follow_stream(feeds, w, stream, 0, true);
    CHECK_EQUAL(desk.last_ver, engine_attempt(h->engine, id)->version);
    u64 seen = desk.last_ver;
    say(h, id, "one");
    say(h, id, "two");
    CHECK_EQUAL(desk.last_ver, seen + 2);
    CHECK_EQUAL(desk.events, seen + 2);
    Watcher *l = feed_join(feeds, &PROCTOR_ASKS, desk_send, &late);
    feed_follow_stream(feeds, l, stream, seen + 1, true);
    CHECK_EQUAL(late.events, 1);
    feed_follow_stream(feeds, l, stream, 100000, true); /* numbers of another log: from the start */
    CHECK_EQUAL(late.events, 1 + seen + 2);
    feed_leave(feeds, l);
    say(h, id, "three");
    CHECK_EQUAL(late.events, 1 + seen + 2);
    feed_leave(feeds, w);
    close_all(h);
}

TEST("A candidate does not see what is for staff; the numbers stay whole.")
{
    Hall *h = hall_with_feeds();
    u64 id = hall_join(h, "Ada", true), stream = stream_id(STREAM_ATTEMPT, id);
    Asker ada = hall_candidate(id);
    Desk desk = {0};
    Watcher *w = feed_join(feeds, &ada, desk_send, &desk);
    feed_follow_stream(feeds, w, stream, 0, false);
    u32 before = desk.events;
    Command flag = {.kind = CMD_flag,
                    .flag = {FLAG_observation, 1, HALL_NOW_MS, HALL_NOW_MS, SPAN("seen"), 0}};
    CHECK_EQUAL(hall_ask(h, &PROCTOR_ASKS, id, &flag), ACCEPTED);
    CHECK(desk.events == before && desk.hidden == 1);
    CHECK_EQUAL(desk.last_ver, engine_attempt(h->engine, id)->version);
    Desk again = {0};
    Watcher *b = feed_join(feeds, &ada, desk_send, &again);
    feed_follow_stream(feeds, b, stream, 0, false);
    CHECK(again.hidden == 1 && again.events == before);
    feed_leave(feeds, w);
    feed_leave(feeds, b);
    close_all(h);
}

TEST("That a message was read is told to who watches now, and is nobody's news later (S1.48).")
{
    Hall *h = hall_with_feeds();
    u64 id = hall_join(h, "Ada", true);
    Asker ada = hall_candidate(id);
    Desk desk = {0}, late = {0};
    Watcher *w = feed_join(feeds, &PROCTOR_ASKS, desk_send, &desk);
    feed_follow_session(feeds, w, h->session, 0, 0);
    Command message = {.kind = CMD_message, .message = {0, SPAN("Hello."), 0}},
            see = {.kind = CMD_see};
    CHECK_EQUAL(hall_ask(h, &PROCTOR_ASKS, id, &message), ACCEPTED);
    u32 before = desk.activity;
    see.see.upto_ver = engine_attempt(h->engine, id)->version;
    CHECK_EQUAL(hall_ask(h, &ada, id, &see), ACCEPTED);
    CHECK_EQUAL(desk.activity, before + 1);
    Watcher *l = feed_join(feeds, &PROCTOR_ASKS, desk_send, &late);
    feed_follow_session(feeds, l, h->session, 0, 0);
    CHECK_EQUAL(late.activity, before);
    feed_leave(feeds, w);
    feed_leave(feeds, l);
    close_all(h);
}

TEST("A session's feed begins with a snapshot; who comes back gets only what was missed.")
{
    Hall *h = hall_with_feeds();
    u64 ada = hall_join(h, "Ada", true);
    hall_join(h, "Bo", false);
    Desk desk = {0};
    Watcher *w = feed_join(feeds, &PROCTOR_ASKS, desk_send, &desk);
    feed_follow_session(feeds, w, h->session, 0, 0);
    CHECK(desk.resets == 1 && desk.rows == 2 && desk.ready == 1 && desk.activity > 0);
    u64 seen = desk.last_seq;
    feed_leave(feeds, w);
    h->now_ms += 1000;
    say(h, ada, "hello");
    Desk back = {0};
    w = feed_join(feeds, &PROCTOR_ASKS, desk_send, &back);
    feed_follow_session(feeds, w, h->session, desk.feed_id, seen);
    CHECK(back.resets == 0 && back.activity == 1 && back.rows == 1);
    CHECK_EQUAL(back.row.unread, 1);
    Desk lost = {0};
    feed_leave(feeds, w);
    w = feed_join(feeds, &PROCTOR_ASKS, desk_send, &lost);
    feed_follow_session(feeds, w, h->session, desk.feed_id + 1, seen); /* of another process */
    CHECK(lost.resets == 1 && lost.rows == 2);
    feed_leave(feeds, w);
    close_all(h);
}

TEST("A snapshot shows nothing that is not stored; the row follows when it is.")
{
    Hall *h = hall_with_feeds();
    u64 ada = hall_join(h, "Ada", false);
    hall_join(h, "Bo", false);
    Desk proctor = {0};
    Watcher *w = feed_join(feeds, &PROCTOR_ASKS, desk_send, &proctor);
    HallReply reply = {0};
    Asker self = hall_candidate(ada);
    Command raise = {.kind = CMD_raise_hand};
    CHECK_EQUAL(engine_ask(h->engine, &self, 55, ada, 0, &raise, hall_replied, &reply), OK);
    CHECK(engine_turn(h->engine, h->now_ms));
    feed_follow_session(feeds, w, h->session, 0, 0);
    CHECK_EQUAL(proctor.rows, 1); /* Bo alone */
    CHECK(proctor.row.attempt != ada && proctor.row.hand_ms == 0);
    hall_disk(h);
    feed_flush(feeds, h->now_ms + 200);
    CHECK(proctor.rows == 2 && proctor.row.attempt == ada && proctor.row.hand_ms != 0);
    feed_leave(feeds, w);
    feeds_close(feeds);
    hall_close(h);
}

TEST("Rows of one attempt are merged; the newest is never lost.")
{
    Hall *h = hall_with_feeds();
    u64 id = hall_join(h, "Ada", true);
    hall_start(h);
    Asker ada = hall_candidate(id);
    Desk desk = {0};
    Watcher *w = feed_join(feeds, &PROCTOR_ASKS, desk_send, &desk);
    feed_follow_session(feeds, w, h->session, 0, 0);
    h->now_ms += 1000;
    u32 before = desk.rows;
    for (u32 rev = 1; rev <= 20; rev++) {
        Command answer = hall_answer(1, rev, rev % 2 ? "1" : "2");
        CHECK_EQUAL(hall_ask(h, &ada, id, &answer), ACCEPTED);
    }
    CHECK_EQUAL(desk.rows, before + 1);
    i64 next = feed_flush(feeds, h->now_ms);
    CHECK_EQUAL(next, h->now_ms + 100);
    CHECK_EQUAL(feed_flush(feeds, next), NEVER_MS);
    CHECK_EQUAL(desk.rows, before + 2);
    CHECK_EQUAL(desk.row.ver, engine_attempt(h->engine, id)->version);
    feed_leave(feeds, w);
    close_all(h);
}

TEST("An older row of an attempt never follows a newer one, also when a slow disk told of both at "
     "once.")
{
    Hall *h = hall_with_feeds();
    u64 id = hall_join(h, "Ada", true);
    Desk desk = {0};
    Watcher *w = feed_join(feeds, &PROCTOR_ASKS, desk_send, &desk);
    feed_follow_session(feeds, w, h->session, 0, 0);
    h->now_ms += 1000;
    Row row;
    engine_row(h->engine, id, &row);
    u64 first = row.ver;
    for (u32 n = 1; n <= 3; n++) {
        row.ver = first + n;
        row.at_ms = h->now_ms + n * 70; /* the second comes too soon, the third does not */
        feed_row(feeds, h->session, &row);
    }
    CHECK_EQUAL(desk.row.ver, first + 3);
    CHECK_EQUAL(feed_flush(feeds, h->now_ms + 1000), NEVER_MS);
    CHECK_EQUAL(desk.row.ver, first + 3);
    feed_leave(feeds, w);
    close_all(h);
}

TEST("A gap that is too large to send again becomes a snapshot.")
{
    Hall *h = hall_with_feeds();
    u64 id = hall_join(h, "Ada", true);
    Desk desk = {0}, back = {0};
    Watcher *w = feed_join(feeds, &PROCTOR_ASKS, desk_send, &desk);
    feed_follow_session(feeds, w, h->session, 0, 0);
    u64 seen = desk.last_seq, id_of_feed = desk.feed_id;
    feed_leave(feeds, w);
    Event e = {.kind = EVT_said, .at_ms = h->now_ms, .said = {SPAN("x"), 0}};
    Buf bytes;
    buf_init(&bytes, 256);
    event_encode(&bytes, &e);
    for (u32 i = 0; i < FEED_ITEMS_MAX + 10; i++)
        feed_event(feeds, stream_id(STREAM_ATTEMPT, id), 100 + i, &e, buf_view(&bytes));
    buf_done(&bytes);
    w = feed_join(feeds, &PROCTOR_ASKS, desk_send, &back);
    feed_follow_session(feeds, w, h->session, id_of_feed, seen);
    CHECK(back.resets == 1 && back.rows == 1 && back.activity == ACTIVITY_MAX);
    feed_leave(feeds, w);
    close_all(h);
}

TEST_MAIN()
