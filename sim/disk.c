#include "sim/disk.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILES_MAX = 8, NAME_MAX_BYTES = 64, SECTOR_BYTES = 512, SHM_REGIONS_MAX = 16 };

/* A write that no sync has covered yet. */
typedef struct Unsynced {
    i64 offset; /* -1: a truncation to `len` */
    size_t len;
    u8 *bytes;
} Unsynced;

typedef struct Content {
    u8 *bytes;
    size_t len, cap;
} Content;

/* The index of the write-ahead file, of all connections of this process; nothing of it is on a disk. */
typedef struct Shm {
    u8 *regions[SHM_REGIONS_MAX];
    u32 users;
    u16 held[SQLITE_SHM_NLOCK]; /* by so many that share it */
    bool alone[SQLITE_SHM_NLOCK];
} Shm;

typedef struct DiskFile {
    char name[NAME_MAX_BYTES];
    bool exists;
    Content now, synced;
    Unsynced *writes;
    u32 write_count, write_cap;
    Shm shm;
} DiskFile;

typedef struct OpenFile {
    sqlite3_file base;
    DiskFile *file;
    bool uses_shm;
    bool shares[SQLITE_SHM_NLOCK], alone[SQLITE_SHM_NLOCK]; /* locks that this connection holds */
} OpenFile;

static struct Disk {
    DiskFile files[FILES_MAX];
    DiskFaults faults;
    u64 operations;
    Prng *prng;
    void (*between)(void *ctx);
    void *ctx;
} disk;

DiskFaults *disk_faults(void)
{
    return &disk.faults;
}

void disk_between(void (*fn)(void *ctx), void *ctx)
{
    disk.between = fn;
    disk.ctx = ctx;
}

/* What is done meanwhile writes too. */
static void others_go_on(void)
{
    void (*fn)(void *ctx) = disk.between;
    disk.between = NULL;
    if (fn) fn(disk.ctx);
    disk.between = fn;
}

u64 disk_operations(void)
{
    return disk.operations;
}

/* ---- contents ---- */

static void content_reach(Content *c, size_t len)
{
    if (len > c->cap) {
        size_t cap = MAX_OF(c->cap * 2, len + 65536);
        c->bytes = realloc(c->bytes, cap);
        ASSERT(c->bytes);
        c->cap = cap;
    }
    if (len > c->len) {
        memset(c->bytes + c->len, 0, len - c->len);
        c->len = len;
    }
}

static void content_write(Content *c, size_t offset, const u8 *bytes, size_t len)
{
    content_reach(c, offset + len);
    memcpy(c->bytes + offset, bytes, len);
}

static void content_truncate(Content *c, size_t len)
{
    content_reach(c, len);
    c->len = len;
}

static void unsynced_forget(DiskFile *f)
{
    for (u32 i = 0; i < f->write_count; i++)
        free(f->writes[i].bytes);
    f->write_count = 0;
}

static Unsynced *unsynced_add(DiskFile *f)
{
    if (f->write_count == f->write_cap) {
        f->write_cap = f->write_cap ? f->write_cap * 2 : 64;
        f->writes = realloc(f->writes, f->write_cap * sizeof(Unsynced));
        ASSERT(f->writes);
    }
    return &f->writes[f->write_count++];
}

static void unsynced_apply(Content *c, const Unsynced *w)
{
    if (w->offset < 0) content_truncate(c, w->len);
    else content_write(c, (size_t)w->offset, w->bytes, w->len);
}

/* ---- power ---- */

static void write_torn(Content *c, const Unsynced *w)
{
    for (size_t at = 0; w->offset >= 0 && at < w->len; at += SECTOR_BYTES)
        if (prng_once_in(disk.prng, 2))
            content_write(c, (size_t)w->offset + at, w->bytes + at,
                          MIN_OF(w->len - at, (size_t)SECTOR_BYTES));
}

static void file_power_cut(DiskFile *f)
{
    /* Any subset in any state: order is preserved only within one sector's later writes. */
    for (u32 i = 0; i < f->write_count; i++) {
        u64 fate = prng_below(disk.prng, 3);
        if (fate == 0) unsynced_apply(&f->synced, &f->writes[i]);
        else if (fate == 1) write_torn(&f->synced, &f->writes[i]);
    }
    unsynced_forget(f);
    f->now.len = 0;
    content_write(&f->now, 0, f->synced.bytes, f->synced.len);
}

void disk_power_cut(void)
{
    for (u32 i = 0; i < FILES_MAX; i++)
        if (disk.files[i].exists) file_power_cut(&disk.files[i]);
    disk.faults = (DiskFaults){.fail_in = -1};
}

void disk_format(Prng *prng)
{
    for (u32 i = 0; i < FILES_MAX; i++) {
        DiskFile *f = &disk.files[i];
        unsynced_forget(f);
        f->exists = false;
        f->now.len = f->synced.len = 0;
    }
    disk.faults = (DiskFaults){.fail_in = -1};
    disk.operations = 0;
    disk.prng = prng;
}

/* False: this operation fails, and so do all behind it. */
static bool disk_works(void)
{
    disk.operations++;
    if (disk.faults.fail_in < 0) return true;
    if (disk.faults.fail_in > 0) {
        disk.faults.fail_in--;
        return true;
    }
    return false;
}

/* ---- files ---- */

static DiskFile *file_find(const char *name)
{
    for (u32 i = 0; i < FILES_MAX; i++)
        if (disk.files[i].exists && !strcmp(disk.files[i].name, name)) return &disk.files[i];
    return NULL;
}

static DiskFile *file_make(const char *name)
{
    for (u32 i = 0; i < FILES_MAX; i++) {
        DiskFile *f = &disk.files[i];
        if (f->exists) continue;
        snprintf(f->name, sizeof f->name, "%s", name);
        f->exists = true;
        f->now.len = f->synced.len = 0;
        unsynced_forget(f);
        return f;
    }
    return NULL;
}

static int io_close(sqlite3_file *file)
{
    (void)file;
    return SQLITE_OK;
}

static int io_read(sqlite3_file *file, void *to, int len, sqlite3_int64 offset)
{
    const Content *c = &((OpenFile *)file)->file->now;
    size_t have = (size_t)offset >= c->len ? 0 : MIN_OF((size_t)len, c->len - (size_t)offset);
    if (have) memcpy(to, c->bytes + offset, have);
    if (have == (size_t)len) return SQLITE_OK;
    memset((u8 *)to + have, 0, (size_t)len - have);
    return SQLITE_IOERR_SHORT_READ;
}

static int io_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 offset)
{
    DiskFile *f = ((OpenFile *)file)->file;
    others_go_on();
    if (!disk_works()) return SQLITE_IOERR_WRITE;
    if (disk.faults.full && (size_t)offset + (size_t)len > f->now.len) return SQLITE_FULL;
    Unsynced *w = unsynced_add(f);
    *w = (Unsynced){offset, (size_t)len, malloc((size_t)len)};
    ASSERT(w->bytes);
    memcpy(w->bytes, from, (size_t)len);
    content_write(&f->now, (size_t)offset, from, (size_t)len);
    return SQLITE_OK;
}

static int io_truncate(sqlite3_file *file, sqlite3_int64 len)
{
    DiskFile *f = ((OpenFile *)file)->file;
    if (!disk_works()) return SQLITE_IOERR_TRUNCATE;
    *unsynced_add(f) = (Unsynced){-1, (size_t)len, NULL};
    content_truncate(&f->now, (size_t)len);
    return SQLITE_OK;
}

static int io_sync(sqlite3_file *file, int flags)
{
    DiskFile *f = ((OpenFile *)file)->file;
    (void)flags;
    others_go_on();
    if (!disk_works()) return SQLITE_IOERR_FSYNC;
    if (disk.faults.sync_fails && f->write_count) {
        disk.faults.sync_fails = false;
        unsynced_forget(f);
        return SQLITE_IOERR_FSYNC;
    }
    for (u32 i = 0; i < f->write_count; i++)
        unsynced_apply(&f->synced, &f->writes[i]);
    unsynced_forget(f);
    return SQLITE_OK;
}

static int io_size(sqlite3_file *file, sqlite3_int64 *size)
{
    *size = (sqlite3_int64)((OpenFile *)file)->file->now.len;
    return SQLITE_OK;
}

static int io_lock(sqlite3_file *file, int level)
{
    (void)file, (void)level;
    return SQLITE_OK;
}

static int io_reserved(sqlite3_file *file, int *out)
{
    (void)file;
    *out = 0;
    return SQLITE_OK;
}

static int io_control(sqlite3_file *file, int op, void *arg)
{
    (void)file, (void)op, (void)arg;
    return SQLITE_NOTFOUND;
}

static int io_sector(sqlite3_file *file)
{
    (void)file;
    return SECTOR_BYTES;
}

static int io_traits(sqlite3_file *file)
{
    (void)file;
    return 0;
}

/* ---- shared memory ---- */

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
    OpenFile *o = (OpenFile *)file;
    Shm *shm = &o->file->shm;
    *out = NULL;
    if (region >= SHM_REGIONS_MAX) return SQLITE_IOERR_SHMMAP;
    if (!o->uses_shm) shm->users++;
    o->uses_shm = true;
    u8 **at = &shm->regions[region];
    if (!*at && extend) *at = calloc(1, (size_t)size);
    if (!*at && extend) return SQLITE_IOERR_NOMEM;
    *out = *at;
    return SQLITE_OK;
}

static void shm_unlock(OpenFile *o, int at)
{
    Shm *shm = &o->file->shm;
    if (o->shares[at]) shm->held[at]--;
    if (o->alone[at]) shm->alone[at] = false;
    o->shares[at] = o->alone[at] = false;
}

static bool shm_is_free(const OpenFile *o, int at, bool alone)
{
    const Shm *shm = &o->file->shm;
    if (shm->alone[at] && !o->alone[at]) return false;
    return !alone || shm->held[at] == o->shares[at];
}

static int shm_lock(sqlite3_file *file, int first, int count, int how)
{
    OpenFile *o = (OpenFile *)file;
    bool alone = how & SQLITE_SHM_EXCLUSIVE, lock = how & SQLITE_SHM_LOCK;
    for (int at = first; lock && at < first + count; at++)
        if (!shm_is_free(o, at, alone)) return SQLITE_BUSY;
    for (int at = first; at < first + count; at++) {
        shm_unlock(o, at);
        if (!lock) continue;
        if (alone) o->alone[at] = o->file->shm.alone[at] = true;
        else o->file->shm.held[at]++, o->shares[at] = true;
    }
    return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file)
{
    (void)file;
}

static int shm_unmap(sqlite3_file *file, int drop)
{
    OpenFile *o = (OpenFile *)file;
    Shm *shm = &o->file->shm;
    (void)drop;
    for (int at = 0; at < SQLITE_SHM_NLOCK; at++)
        shm_unlock(o, at);
    if (!o->uses_shm) return SQLITE_OK;
    o->uses_shm = false;
    if (--shm->users) return SQLITE_OK;
    for (u32 i = 0; i < SHM_REGIONS_MAX; i++)
        free(shm->regions[i]);
    *shm = (Shm){0};
    return SQLITE_OK;
}

static const sqlite3_io_methods IO = {.iVersion = 2,
                                      .xClose = io_close,
                                      .xRead = io_read,
                                      .xWrite = io_write,
                                      .xTruncate = io_truncate,
                                      .xSync = io_sync,
                                      .xFileSize = io_size,
                                      .xLock = io_lock,
                                      .xUnlock = io_lock,
                                      .xCheckReservedLock = io_reserved,
                                      .xFileControl = io_control,
                                      .xSectorSize = io_sector,
                                      .xDeviceCharacteristics = io_traits,
                                      .xShmMap = shm_map,
                                      .xShmLock = shm_lock,
                                      .xShmBarrier = shm_barrier,
                                      .xShmUnmap = shm_unmap};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    OpenFile *o = (OpenFile *)file;
    *o = (OpenFile){0};
    if (!name) return SQLITE_CANTOPEN; /* temporary files: none are needed */
    o->file = file_find(name);
    if (!o->file && flags & SQLITE_OPEN_CREATE) o->file = file_make(name);
    if (!o->file) return SQLITE_CANTOPEN;
    o->base.pMethods = &IO;
    if (out) *out = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)sync;
    DiskFile *f = file_find(name);
    if (f) f->exists = false;
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs, (void)flags;
    *out = file_find(name) != NULL;
    return SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    for (int i = 0; i < len; i++)
        out[i] = (char)prng_next(disk.prng);
    return len;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int vfs_time(sqlite3_vfs *vfs, double *out)
{
    (void)vfs;
    *out = 2460000.5;
    return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs, (void)len, (void)out;
    return 0;
}

void disk_install(void)
{
    static sqlite3_vfs vfs = {.iVersion = 1,
                              .szOsFile = sizeof(OpenFile),
                              .mxPathname = NAME_MAX_BYTES,
                              .zName = "sim",
                              .xOpen = vfs_open,
                              .xDelete = vfs_delete,
                              .xAccess = vfs_access,
                              .xFullPathname = vfs_path,
                              .xRandomness = vfs_random,
                              .xSleep = vfs_sleep,
                              .xCurrentTime = vfs_time,
                              .xGetLastError = vfs_error};
    /* One thread, and worlds by the thousand: what SQLite keeps count of is not wanted. */
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 512, 256);
    sqlite3_vfs_register(&vfs, 0);
}
