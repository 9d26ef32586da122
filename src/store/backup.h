/* backup.h - a consistent copy of a data directory, made while a server may be using it, and the way
 * back.
 *
 * A backup is a folder with log.db, people.db and evidence/ as in a data directory, and a manifest (see
 * manifest.h). It gets its name when it is whole and on the disk; until then it is called NAME.partial.
 * In it is everything that was stored when the copy began, and perhaps more: events up to one number,
 * then people, then evidence, so that what an event speaks of is there. */
#ifndef INVIGIL_BACKUP_H
#define INVIGIL_BACKUP_H

#include "base/base.h"

typedef struct BackupSum {
    u64 events, files, bytes;
    char made[32]; /* when the backup began, UTC */
} BackupSum;

/* Tells how far a long work is: "events", "evidence", "checksums". `what` stays the same in one part. */
typedef void BackupTell(void *ctx, const char *what, u64 done, u64 total);
typedef struct BackupWatch {
    BackupTell *tell;
    void *ctx;
} BackupWatch;

/* False: why says what, where and what to do, and nothing new has the name `folder`. */
bool backup_make(const char *data, const char *folder, i64 now_ms, const BackupWatch *watch,
                 BackupSum *sum, char *why, size_t size);
/* Verifies the whole backup first, then copies it to `data`, which must not exist or be empty. */
bool backup_restore(const char *folder, const char *data, const BackupWatch *watch, BackupSum *sum,
                    char *why, size_t size);

#endif
