/* fault_vfs.h - an SQLite file system over the real one that fails when told to, and that can lose power.
 *
 * fault_arm(kind, n): the n-th operation of that kind fails, once (or, for FAULT_POWER, everything from
 * then on). A failing write leaves half of its bytes behind. fault_power_loss() then undoes some of the
 * writes that no sync covered, sector by sector, as a disk may. Nothing is really synchronised: that this
 * file decides what survives is the point. */
#ifndef INVIGIL_TEST_FAULT_VFS_H
#define INVIGIL_TEST_FAULT_VFS_H

#include "base/base.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

typedef enum FaultKind {
    FAULT_NONE,
    FAULT_WRITE, /* SQLITE_IOERR_WRITE */
    FAULT_FULL,  /* SQLITE_FULL from a write */
    FAULT_SYNC,  /* SQLITE_IOERR_FSYNC */
    FAULT_TRUNCATE,
    FAULT_OPEN,
    FAULT_POWER, /* counts every operation that changes something */
    FAULT_ALLOCATION,
} FaultKind;

enum { FAULT_SECTOR_BYTES = 512 };

/* Bytes that a write covered, as they were before it. */
typedef struct FaultUndo {
    struct FaultUndo *next;
    char *path;
    sqlite3_int64 at, size_before;
    int len, had;
    u8 bytes[];
} FaultUndo;

typedef struct FaultFile {
    sqlite3_file base;
    char *path; /* owned by the VFS's caller: SQLite keeps names valid while the file is open */
    sqlite3_file *real;
} FaultFile;

static _Atomic FaultKind fault_kind;
static _Atomic long fault_left;
static atomic_bool fault_hit, fault_dead,
    fault_long; /* long: fails from the n-th on until disarmed */
static FaultUndo *fault_undos;
static sqlite3_vfs *fault_under;

static void fault_undos_free(const char *path)
{
    FaultUndo **at = &fault_undos;
    while (*at) {
        FaultUndo *u = *at;
        if (path && strcmp(u->path, path)) {
            at = &u->next;
            continue;
        }
        *at = u->next;
        free(u->path);
        free(u);
    }
}

static void fault_arm(FaultKind kind, long n)
{
    fault_undos_free(NULL);
    fault_kind = kind;
    fault_left = n;
    fault_hit = fault_dead = fault_long = false;
}

static bool fault_now(FaultKind kind)
{
    if (fault_dead) return true;
    bool counts = fault_kind == kind ||
                  (fault_kind == FAULT_POWER && kind != FAULT_ALLOCATION && kind != FAULT_FULL);
    if (!counts || fault_left <= 0) return counts && fault_long && fault_hit;
    if (--fault_left) return false;
    fault_hit = true;
    fault_dead = fault_kind == FAULT_POWER;
    return true;
}

/* ---- files ---- */

static sqlite3_file *fault_real(sqlite3_file *f)
{
    return ((FaultFile *)f)->real;
}

static int fault_close(sqlite3_file *f)
{
    return fault_real(f)->pMethods ? fault_real(f)->pMethods->xClose(fault_real(f)) : SQLITE_OK;
}

static int fault_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
    return fault_real(f)->pMethods->xRead(fault_real(f), to, len, at);
}

static void fault_remember(sqlite3_file *f, int len, sqlite3_int64 at)
{
    FaultUndo *u = malloc(sizeof *u + (size_t)len);
    if (!u) abort();
    memset(u->bytes, 0, (size_t)len);
    u->path = strdup(((FaultFile *)f)->path);
    u->at = at;
    u->len = len;
    u->next = fault_undos;
    fault_real(f)->pMethods->xFileSize(fault_real(f), &u->size_before);
    sqlite3_int64 had = u->size_before - at;
    u->had = had < 0 ? 0 : had > len ? len : (int)had;
    if (u->had) fault_real(f)->pMethods->xRead(fault_real(f), u->bytes, u->had, at);
    fault_undos = u;
}

static int fault_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
    bool full = fault_now(FAULT_FULL), failed = full || fault_now(FAULT_WRITE);
    if (fault_dead && !fault_hit) return SQLITE_IOERR_WRITE;
    if (failed) len /= 2;
    fault_remember(f, len, at);
    int code = fault_real(f)->pMethods->xWrite(fault_real(f), bytes, len, at);
    return full ? SQLITE_FULL : failed ? SQLITE_IOERR_WRITE : code;
}

static int fault_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    if (fault_now(FAULT_TRUNCATE)) return SQLITE_IOERR_TRUNCATE;
    return fault_real(f)->pMethods->xTruncate(fault_real(f), size);
}

static int fault_sync(sqlite3_file *f, int flags)
{
    (void)flags;
    if (fault_now(FAULT_SYNC)) return SQLITE_IOERR_FSYNC;
    fault_undos_free(((FaultFile *)f)->path);
    return SQLITE_OK;
}

static int fault_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return fault_real(f)->pMethods->xFileSize(fault_real(f), size);
}
static int fault_lock(sqlite3_file *f, int how)
{
    return fault_real(f)->pMethods->xLock(fault_real(f), how);
}
static int fault_unlock(sqlite3_file *f, int how)
{
    return fault_real(f)->pMethods->xUnlock(fault_real(f), how);
}
static int fault_reserved(sqlite3_file *f, int *out)
{
    return fault_real(f)->pMethods->xCheckReservedLock(fault_real(f), out);
}
static int fault_control(sqlite3_file *f, int op, void *arg)
{
    return fault_real(f)->pMethods->xFileControl(fault_real(f), op, arg);
}
static int fault_sector(sqlite3_file *f)
{
    (void)f;
    return FAULT_SECTOR_BYTES;
}
static int fault_traits(sqlite3_file *f)
{
    (void)f;
    return 0;
}

static int fault_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **out)
{
    return fault_real(f)->pMethods->xShmMap(fault_real(f), region, size, extend, out);
}
static int fault_shm_lock(sqlite3_file *f, int at, int count, int how)
{
    return fault_real(f)->pMethods->xShmLock(fault_real(f), at, count, how);
}
static void fault_shm_barrier(sqlite3_file *f)
{
    fault_real(f)->pMethods->xShmBarrier(fault_real(f));
}
static int fault_shm_unmap(sqlite3_file *f, int drop)
{
    return fault_real(f)->pMethods->xShmUnmap(fault_real(f), drop);
}

/* Version 2: the index of the write-ahead file is shared; nothing of it must last. */
static const sqlite3_io_methods FAULT_METHODS = {
    2,
    fault_close,
    fault_read,
    fault_write,
    fault_truncate,
    fault_sync,
    fault_size,
    fault_lock,
    fault_unlock,
    fault_reserved,
    fault_control,
    fault_sector,
    fault_traits,
    fault_shm_map,
    fault_shm_lock,
    fault_shm_barrier,
    fault_shm_unmap,
    NULL,
    NULL,
};

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    FaultFile *file = (FaultFile *)f;
    file->base.pMethods = NULL;
    if (fault_now(FAULT_OPEN)) return SQLITE_CANTOPEN;
    file->path = (char *)(uintptr_t)name;
    file->real = (sqlite3_file *)(file + 1);
    int code = fault_under->xOpen(fault_under, name, file->real, flags, out);
    if (code == SQLITE_OK) file->base.pMethods = &FAULT_METHODS;
    return code;
}

static int fault_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)sync;
    if (fault_dead) return SQLITE_IOERR_DELETE;
    return fault_under->xDelete(fault_under, name, 0);
}

/* ---- power ---- */

static u32 fault_random(void)
{
    static u64 state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (u32)(state >> 32);
}

/* Newest write first: each sector of it is either on the disk or was never written. */
static void fault_power_loss(void)
{
    for (FaultUndo *u = fault_undos; u; u = u->next) {
        FILE *file = fopen(u->path, "r+b");
        if (!file) continue;
        for (int at = 0; at < u->len;) {
            int n = FAULT_SECTOR_BYTES - (int)((u->at + at) % FAULT_SECTOR_BYTES);
            n = MIN_OF(n, u->len - at);
            if (fault_random() & 1) {
                fseek(file, (long)(u->at + at), SEEK_SET);
                fwrite(u->bytes + at, 1, (size_t)n, file);
            }
            at += n;
        }
        fclose(file);
    }
    fault_undos_free(NULL);
}

/* ---- allocations ---- */

static sqlite3_mem_methods fault_memory;

static void *fault_malloc(int bytes)
{
    return fault_now(FAULT_ALLOCATION) ? NULL : fault_memory.xMalloc(bytes);
}

static void *fault_realloc(void *p, int bytes)
{
    return fault_now(FAULT_ALLOCATION) ? NULL : fault_memory.xRealloc(p, bytes);
}

/* Once, before any other use of SQLite. Makes the VFS "fault". */
static void fault_install(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &fault_memory);
    sqlite3_mem_methods mine = fault_memory;
    mine.xMalloc = fault_malloc;
    mine.xRealloc = fault_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &mine);
    sqlite3_initialize();
    fault_under = sqlite3_vfs_find(NULL);
    static sqlite3_vfs vfs;
    vfs = *fault_under;
    vfs.zName = "fault";
    vfs.szOsFile = (int)sizeof(FaultFile) + fault_under->szOsFile;
    vfs.xOpen = fault_open;
    vfs.xDelete = fault_delete;
    sqlite3_vfs_register(&vfs, 0);
}

#endif
