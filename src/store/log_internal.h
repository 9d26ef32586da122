/* log_internal.h - between the log and its writer, and for tests that attack the log. */
#ifndef INVIGIL_LOG_INTERNAL_H
#define INVIGIL_LOG_INTERNAL_H

#include "store/log.h"
#include "store/sqlite.h"

typedef struct LogBatch {
    const LogRecord *records;
    u32 count;
} LogBatch;

/* Several batches in one transaction. */
Err log_append_batches(Log *log, const LogBatch *batches, u32 count) MUST_CHECK;
/* log_step would do something. */
bool log_step_due(Log *log);
/* Between two batches, by whoever appends: when the write-ahead file is long and steps have copied nearly all
 * of it, copies the rest, so that the file is begun again. They alone never get there while batches come. */
void log_catch_up(Log *log);
/* Takes checkpoint steps already after this many pages, instead of LOG_STEP_PAGES. */
void log_step_every(Log *log, int pages);
/* The log's own connection: what the authorizer forbids there, no code of this process can do. */
sqlite3 *log_handle(Log *log);

#endif
