/* backup_restore.c - a backup back into a data directory: all of it is verified before anything is made. */
#include "store/backup_internal.h"

#include "base/limits.h"
#include "store/copy.h"
#include "store/manifest.h"
#include "store/pack_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

typedef struct Restore {
    Backup *b;
    const char *folder;
    u64 done, total; /* files */
} Restore;

static Err restore_verify(void *ctx, const char *name, const u8 hash[32])
{
    Restore *r = ctx;
    char path[PATH_MAX];
    u8 have[32];
    u64 bytes = 0;
    backup_tell(r->b, "files verified", r->done++, r->total);
    if (!backup_path(r->b, r->folder, name, path)) return ERR_LIMIT;
    Err err = copy_hash(path, have, &bytes);
    if (!err && memcmp(have, hash, sizeof have)) err = ERR_BROKEN;
    r->b->sum.files++;
    r->b->sum.bytes += bytes;
    if (err == ERR_MISSING)
        backup_fail(r->b, "%s is missing, the manifest names it. Use another backup.", path);
    else if (err == ERR_BROKEN)
        backup_fail(r->b, "%s is not what was backed up: its checksum differs. Use another backup.",
                    path);
    else if (err) backup_fail(r->b, "%s cannot be read: %s.", path, err_text(err));
    return err;
}

static Err restore_copy(void *ctx, const char *name, const u8 hash[32])
{
    Restore *r = ctx;
    char from[PATH_MAX], to[PATH_MAX];
    u8 have[32];
    u64 bytes;
    backup_tell(r->b, "files restored", r->done++, r->total);
    if (!backup_path(r->b, r->folder, name, from) || !backup_path(r->b, r->b->partial, name, to))
        return ERR_LIMIT;
    Err err = copy_make_way(r->b->partial, name);
    if (!err) err = copy_file(from, to);
    if (!err) err = copy_hash(to, have, &bytes);
    if (!err && memcmp(have, hash, sizeof have)) err = ERR_BROKEN;
    if (err) backup_fail(r->b, "%s cannot be restored to %s: %s.", name, to, err_text(err));
    return err;
}

static bool manifest_walk(Restore *r, Span text, ManifestEach *each)
{
    ManifestHead head;
    r->done = 0;
    Err err = manifest_read(text, &head, each, r);
    if (err)
        return backup_fail(r->b, "%s/%s is not the whole manifest of a backup.", r->folder,
                           MANIFEST_NAME);
    r->total = head.files;
    r->b->sum.events = head.events;
    snprintf(r->b->sum.made, sizeof r->b->sum.made, "%.*s", (int)MIN_OF(head.made.len, (size_t)31),
             (const char *)head.made.ptr);
    return true;
}

static bool manifest_load(Restore *r, Buf *text)
{
    char path[PATH_MAX];
    if (!backup_path(r->b, r->folder, MANIFEST_NAME, path)) return false;
    Err err = file_read(path, BACKUP_MANIFEST_BYTES_MAX, text);
    if (!err) return true;
    return backup_fail(r->b, "%s cannot be read: %s. Name a folder that `invigil backup` made.",
                       path, err_text(err));
}

/* True when there is nothing that a restore could bury. */
static bool is_free(Backup *b, const char *data)
{
    DIR *dir = opendir(data);
    if (!dir && errno == ENOENT) return true;
    if (!dir) return backup_fail(b, "%s: %s.", data, strerror(errno));
    bool empty = true;
    for (const struct dirent *d; (d = readdir(dir));)
        empty = empty && (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."));
    closedir(dir);
    return empty || backup_fail(b, "%s is not empty. Restore into a new directory.", data);
}

bool backup_restore(const char *folder, const char *data, const BackupWatch *watch, BackupSum *sum,
                    char *why, size_t size)
{
    Backup b = {.watch = watch, .why = why, .size = size};
    Restore r = {.b = &b, .folder = folder};
    Buf text;
    if (size) why[0] = 0;
    buf_init(&text, BACKUP_MANIFEST_BYTES_MAX);
    bool fine = is_free(&b, data) && manifest_load(&r, &text) &&
                manifest_walk(&r, buf_view(&text), restore_verify) && backup_begin(&b, data);
    if (fine) fine = backup_finish(&b, manifest_walk(&r, buf_view(&text), restore_copy));
    buf_done(&text);
    if (fine) *sum = b.sum;
    return fine;
}
