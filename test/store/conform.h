/* conform.h - what every event log must do, whatever keeps it. A backend's test brings functions that
 * make, reopen and close one, and runs conform_all inside its own TESTs. */
#ifndef INVIGIL_TEST_STORE_CONFORM_H
#define INVIGIL_TEST_STORE_CONFORM_H

#include "test/store/kit.h"
#include "test/test.h"

typedef struct Backend {
    void *(*open)(void); /* the same log again on every call */
    void (*close)(void *self);
    EventLog (*port)(void *self);
    /* Waits until the batch is durable; a fault ends the wait. */
    Err (*wait)(void *self, u64 batch);
} Backend;

static void conform_batches(const Backend *b)
{
    void *self = b->open();
    EventLog log = b->port(self);
    static const u32 sizes[] = {1, 16, 3, 256, 1};
    Maker m = {0};
    for (u32 i = 0; i < COUNT_OF(sizes); i++) {
        CHECK_EQUAL(log.submit(log.self, maker_batch(&m, sizes[i]), sizes[i], i + 1), OK);
        CHECK_EQUAL(b->wait(self, i + 1), OK);
    }
    Reader r = {0};
    CHECK_EQUAL(log.read(log.self, 0, reader_take, &r), OK);
    CHECK_EQUAL(r.count, 277);
    b->close(self);
    maker_done(&r.expect);
    maker_done(&m);
}

/* After conform_batches: the same events are there when it is opened again, and it goes on. */
static void conform_reopen(const Backend *b)
{
    void *self = b->open();
    EventLog log = b->port(self);
    Reader r = {0};
    CHECK_EQUAL(log.read(log.self, 0, reader_take, &r), OK);
    CHECK_EQUAL(r.count, 277);
    CHECK_EQUAL(log.submit(log.self, maker_batch(&r.expect, 7), 7, 1), OK);
    CHECK_EQUAL(b->wait(self, 1), OK);
    b->close(self);
    maker_done(&r.expect);
    self = b->open();
    log = b->port(self);
    r = (Reader){0};
    CHECK_EQUAL(log.read(log.self, 0, reader_take, &r), OK);
    CHECK_EQUAL(r.count, 284);
    b->close(self);
    maker_done(&r.expect);
}

typedef struct Tail {
    u64 first, count, stop_at;
} Tail;

static Err tail_take(void *ctx, const LogRecord *r)
{
    Tail *t = ctx;
    if (!t->count++) t->first = r->seq;
    return t->stop_at && r->seq == t->stop_at ? ERR_LIMIT : OK;
}

static void conform_read(const Backend *b)
{
    void *self = b->open();
    EventLog log = b->port(self);
    Tail t = {0};
    CHECK_EQUAL(log.read(log.self, 280, tail_take, &t), OK);
    CHECK_EQUAL(t.first, 281);
    CHECK_EQUAL(t.count, 4);
    t = (Tail){.stop_at = 3};
    CHECK_EQUAL(log.read(log.self, 0, tail_take, &t), ERR_LIMIT);
    CHECK_EQUAL(t.count, 3);
    t = (Tail){0};
    CHECK_EQUAL(log.read(log.self, 1000, tail_take, &t), OK);
    CHECK_EQUAL(t.count, 0);
    b->close(self);
}

/* A batch that does not follow the last record is refused as a whole. */
static void conform_gap(const Backend *b)
{
    void *self = b->open();
    EventLog log = b->port(self);
    Tail before = {0}, after = {0};
    CHECK_EQUAL(log.read(log.self, 0, tail_take, &before), OK);
    Maker m = {.seq = 284};
    LogRecord *records = maker_batch(&m, 3);
    records[2].seq = 400;
    Err err = log.submit(log.self, records, 3, 1);
    if (!err) err = b->wait(self, 1);
    CHECK(err != OK);
    b->close(self);
    self = b->open();
    log = b->port(self);
    CHECK_EQUAL(log.read(log.self, 0, tail_take, &after), OK);
    CHECK_EQUAL(after.count, before.count);
    b->close(self);
    maker_done(&m);
}

/* The empty event, and one at the limit, come back byte for byte. */
static void conform_sizes(const Backend *b)
{
    void *self = b->open();
    EventLog log = b->port(self);
    Tail t = {0};
    CHECK_EQUAL(log.read(log.self, 0, tail_take, &t), OK);
    u8 *bytes = malloc(EVENT_BYTES_MAX);
    CHECK(bytes);
    event_fill(5, bytes, EVENT_BYTES_MAX);
    LogRecord r[2] = {
        {.seq = t.count + 1, .stream = 900, .ver = 1, .event = SPAN_NONE},
        {.seq = t.count + 2, .stream = 900, .ver = 2, .event = {bytes, EVENT_BYTES_MAX}}};
    CHECK_EQUAL(log.submit(log.self, r, 2, 1), OK);
    CHECK_EQUAL(b->wait(self, 1), OK);
    Tail again = {0};
    CHECK_EQUAL(log.read(log.self, t.count, tail_take, &again), OK);
    CHECK_EQUAL(again.count, 2);
    b->close(self);
    free(bytes);
}

#endif
