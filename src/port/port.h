/* port.h - what the engine needs from outside, as structs of functions. The server plugs in SQLite,
 * pack files and the system clock; the simulator plugs in its own world. */
#ifndef INVIGIL_PORT_H
#define INVIGIL_PORT_H

#include "base/base.h"
#include "wire/wire.h"

enum { HASH_BYTES = 32 };

/* One stored event. `seq` numbers the whole log, `ver` the stream. `hash` chains the stream:
 * SHA-256(hash of ver - 1 (zeros for ver 1), stream, ver, event). Spans belong to whoever made it. */
typedef struct LogRecord {
    u64 seq, stream, ver;
    Span event; /* event_encode form */
    u8 hash[HASH_BYTES];
} LogRecord;

/* The append-only log. A batch is all or nothing; batches become durable in the order of submit. */
typedef struct EventLog {
    void *self;
    /* Takes a batch; records and their memory stay untouched by the caller until durable() reaches
     * `batch`. ERR_BUSY: the queue is full, ask again after the next durable(). */
    Err (*submit)(void *self, const LogRecord *records, u32 count, u64 batch);
    /* Reads every record after `after_seq` in order; the record is valid during the call. Stops at
     * the first non-OK answer of `each` and returns it. Not while batches are under way. */
    Err (*read)(void *self, u64 after_seq, Err (*each)(void *ctx, const LogRecord *r), void *ctx);
} EventLog;

#endif
