/* progress.h - how far a long work is, as a line on standard error once in BACKUP_TELL_MS. A short work
 * says nothing. */
#ifndef INVIGIL_PROGRESS_H
#define INVIGIL_PROGRESS_H

#include "store/backup.h"

typedef struct Progress {
    i64 told_ms; /* when a line was written, or the work began */
} Progress;

void progress_begin(Progress *p);
void progress_tell(void *progress, const char *what, u64 done, u64 total);

#endif
