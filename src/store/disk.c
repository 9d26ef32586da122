#include "store/disk.h"

#include "base/limits.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct Ballast {
    char folder[PATH_MAX], path[PATH_MAX];
    _Atomic bool lies;
};

typedef struct DiskRoom {
    u64 free, total;
} DiskRoom;

static bool disk_room(const char *folder, DiskRoom *out)
{
    struct statvfs st;
    if (statvfs(folder, &st)) return false;
    *out = (DiskRoom){(u64)st.f_bavail * st.f_frsize, (u64)st.f_blocks * st.f_frsize};
    return true;
}

bool disk_is_low(const char *folder)
{
    DiskRoom r;
    if (!disk_room(folder, &r)) return false;
    return r.free < MIN_OF((u64)DISK_RESERVE_BYTES, r.total / DISK_RESERVE_SHARE);
}

static u64 ballast_bytes(const DiskRoom *r)
{
    return MIN_OF((u64)BALLAST_BYTES, r->total / BALLAST_SHARE);
}

/* Whether the file is there and holds its room: a hole would give nothing back. */
static bool ballast_is_whole(const Ballast *b, u64 bytes)
{
    struct stat st;
    return stat(b->path, &st) == 0 && (u64)st.st_blocks * 512 >= bytes;
}

static bool ballast_make(const Ballast *b, u64 bytes)
{
    int fd = open(b->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    bool fine = posix_fallocate(fd, 0, (off_t)bytes) == 0;
    close(fd);
    if (!fine) unlink(b->path);
    return fine;
}

void ballast_lay(Ballast *b)
{
    DiskRoom r;
    if (b->lies || !disk_room(b->folder, &r)) return;
    u64 bytes = ballast_bytes(&r);
    b->lies = ballast_is_whole(b, bytes) || (r.free >= 2 * bytes && ballast_make(b, bytes));
}

Ballast *ballast_open(const char *folder)
{
    Ballast *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    int len = snprintf(b->folder, sizeof b->folder, "%s", folder);
    int whole = snprintf(b->path, sizeof b->path, "%s/ballast", folder);
    if (len < 0 || whole < 0 || (size_t)whole >= sizeof b->path) {
        free(b);
        return NULL;
    }
    ballast_lay(b);
    return b;
}

void ballast_close(Ballast *b)
{
    free(b);
}

bool ballast_lies(const Ballast *b)
{
    return b->lies;
}

bool ballast_give(Ballast *b)
{
    if (!b->lies) return false;
    b->lies = false;
    return unlink(b->path) == 0;
}
