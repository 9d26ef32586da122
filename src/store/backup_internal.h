/* backup_internal.h - what making and restoring a backup share: a folder that gets its name last. */
#ifndef INVIGIL_BACKUP_INTERNAL_H
#define INVIGIL_BACKUP_INTERNAL_H

#include "store/backup.h"
#include "store/sqlite.h"

#include <limits.h>

typedef struct Backup {
    const BackupWatch *watch;
    BackupSum sum;
    char target[PATH_MAX], partial[PATH_MAX];
    char *why;
    size_t size;
} Backup;

/* Makes NAME.partial, in which everything is written. */
bool backup_begin(Backup *b, const char *name);
/* Makes it durable and gives it its name; when `fine` is false, or this fails, removes it. */
bool backup_finish(Backup *b, bool fine);
/* False, always; the first one's words are kept. */
bool backup_fail(Backup *b, const char *format, ...) PRINTF_LIKE(2, 3);
void backup_tell(const Backup *b, const char *what, u64 done, u64 total);
bool backup_path(Backup *b, const char *folder, const char *name, char out[PATH_MAX]);

#endif
