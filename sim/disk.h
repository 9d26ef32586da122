/* disk.h - a simulated disk as an SQLite VFS ("sim"): what was written but not synced is lost, torn or
 * reordered when the power goes. All files are in memory. */
#ifndef INVIGIL_SIM_DISK_H
#define INVIGIL_SIM_DISK_H

#include "sim/prng.h"

typedef struct DiskFaults {
    i64 fail_in; /* the write or sync that comes after so many fails, and all behind it; -1: never */
    bool full;   /* writes that would grow a file answer "disk full" */
    /* The next sync fails once, and the system forgets what it could not write: it is read as written
     * until the power goes, and is on the disk never. */
    bool sync_fails;
} DiskFaults;

void disk_install(void);      /* registers the VFS, once */
void disk_format(Prng *prng); /* an empty disk; torn writes are drawn from prng */
DiskFaults *disk_faults(void);
u64 disk_operations(void); /* writes and syncs so far */
/* Called before each write and sync, but not in itself: what another thread would do meanwhile. NULL: nothing. */
void disk_between(void (*fn)(void *ctx), void *ctx);
/* Power fails: of each write since the last sync of its file, all, nothing or some sectors remain. */
void disk_power_cut(void);

#endif
