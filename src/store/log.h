/* log.h - the append-only, hash-chained event log on SQLite, and its writer thread.
 *
 * One table, appended to in one transaction per batch (WAL, synchronous=FULL); nothing else is written
 * on this road. The connection's authorizer denies UPDATE and DELETE on it. Checkpoints are taken in
 * small steps, beside the writer. */
#ifndef INVIGIL_LOG_H
#define INVIGIL_LOG_H

#include "port/port.h"
#include "store/disk.h"

typedef struct Log Log;

typedef struct LogOptions {
    const char
        *vfs; /* name of an SQLite VFS, NULL: the system's; the simulator brings its own disk */
    bool read_only;
    bool beside; /* reads what is stored while a server may be writing: for a backup */
} LogOptions;

/* Opens or creates; checks the form. NULL on failure, with what, where and what to do in why. The folder
 * is held for this process alone, but for those who read beside. */
Log *log_open(const char *path, const LogOptions *o, char *why, size_t size);
void log_close(Log *log);
/* Appends all records in one transaction; OK means durable. ERR_FULL: nothing was written, may be
 * repeated. ERR_IO: the file must not be trusted; restart and replay. */
Err log_append(Log *log, const LogRecord *records, u32 count) MUST_CHECK;
u64 log_last_seq(const Log *log);
Err log_read(Log *log, u64 after_seq, Err (*each)(void *ctx, const LogRecord *r),
             void *ctx) MUST_CHECK;
/* One step of checkpointing, from any thread, while batches are appended; true: there is more to do, and it
 * got on. A step that fails for good ends the appending, as a failed append does. */
bool log_step(Log *log);
/* Recomputes every chain from the start; ERR_BROKEN and the first bad record in why. */
Err log_check(Log *log, char *why, size_t size) MUST_CHECK;

/* The writer thread: batches go in, durable batch numbers come out, in order; batches that wait are
 * joined into one transaction. A second thread takes checkpoints meanwhile. */
typedef struct Writer Writer;
/* wake(ctx) is called on the writer's thread after a transaction; it must only wake the loop. */
Writer *writer_open(Log *log, void (*wake)(void *ctx), void *ctx);
/* Before the first batch: what is given up when the disk is full. The writer lays it again, too. */
void writer_keep(Writer *w, Ballast *ballast);
void writer_close(Writer *w); /* writes what is queued, then stops the thread */
Err writer_submit(Writer *w, const LogRecord *records, u32 count, u64 batch) MUST_CHECK;
/* Highest batch that is durable. *fault: OK, ERR_FULL (still trying), or ERR_IO (given up). */
u64 writer_durable(Writer *w, Err *fault);
EventLog writer_port(Writer *w);

#endif
