#include "store/copy.h"

#include "seal/seal.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 20, COPY_FOLDERS_OPEN = 16 };

static Err copy_err(void)
{
    switch (errno) {
    case ENOENT: return ERR_MISSING;
    case ENOSPC:
    case EDQUOT: return ERR_FULL;
    case EACCES:
    case EPERM:
    case EROFS: return ERR_DENIED;
    case EEXIST: return ERR_BUSY;
    default: return ERR_IO;
    }
}

static Err write_whole(int fd, const u8 *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n ? copy_err() : ERR_FULL;
        bytes += n;
        len -= (size_t)n;
    }
    return OK;
}

static Err copy_bytes(int from, int to)
{
    u8 *bytes = malloc(COPY_BYTES);
    if (!bytes) return ERR_MEMORY;
    Err err = OK;
    for (ssize_t n = 1; !err && n;) {
        n = read(from, bytes, COPY_BYTES);
        if (n < 0 && errno == EINTR) continue;
        err = n < 0 ? ERR_IO : write_whole(to, bytes, (size_t)n);
    }
    free(bytes);
    return err;
}

Err copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) return copy_err();
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    Err err = out < 0 ? copy_err() : copy_bytes(in, out);
    if (!err && fsync(out)) err = copy_err();
    if (out >= 0) close(out);
    close(in);
    return err;
}

Err copy_hash(const char *path, u8 hash[32], u64 *bytes)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return copy_err();
    Err err = fstat(fd, &st) ? ERR_IO : OK;
    size_t len = err ? 0 : (size_t)st.st_size;
    void *map = len ? mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (map == MAP_FAILED) err = ERR_IO;
    if (!err) seal_sha256((Span){map, len}, hash);
    if (!err && map) munmap(map, len);
    if (!err) *bytes = len;
    close(fd);
    return err;
}

Err copy_sync(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return copy_err();
    Err err = fsync(fd) ? copy_err() : OK;
    close(fd);
    return err;
}

Err copy_make_way(const char *root, const char *path)
{
    char folder[PATH_MAX];
    for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
        int len = snprintf(folder, sizeof folder, "%s/%.*s", root, (int)(at - path), path);
        if (len < 0 || (size_t)len >= sizeof folder) return ERR_LIMIT;
        if (mkdir(folder, 0700) && errno != EEXIST) return copy_err();
    }
    return OK;
}

static int sync_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)ftw;
    return type == FTW_DP && folder_sync(path) ? -1 : 0;
}

Err copy_sync_tree(const char *folder)
{
    if (nftw(folder, sync_one, COPY_FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS)) return ERR_IO;
    return folder_sync_of(folder);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void copy_remove(const char *folder)
{
    nftw(folder, remove_one, COPY_FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
}
