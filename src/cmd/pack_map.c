#include "cmd/pack_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fd_map(int fd, Span *out)
{
    struct stat st;
    if (fstat(fd, &st)) return false;
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return false;
    }
    *out = SPAN_NONE;
    if (!st.st_size) return true;
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) return false;
    *out = (Span){at, (size_t)st.st_size};
    return true;
}

bool pack_map(const char *path, Span *out, char *why, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool fine = fd >= 0 && fd_map(fd, out);
    if (!fine) snprintf(why, size, "%s cannot be read: %s.", path, strerror(errno));
    if (fd >= 0) close(fd);
    return fine;
}

void pack_unmap(Span pack)
{
    if (pack.len) munmap((void *)pack.ptr, pack.len);
}
