/* faults.h - lets the n-th call of a kind fail, in SQLite and in this program alike: fault_arm of
 * test/store/fault_vfs.h counts both. The evidence files and all allocations of the program come here by
 * -Wl,--wrap (see FAULTS in the Makefile); SQLite comes by the VFS "fault" and its memory methods. */
#ifndef INVIGIL_TEST_SWEEP_FAULTS_H
#define INVIGIL_TEST_SWEEP_FAULTS_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *p, size_t bytes);

/* The faulty disk itself must not run out of memory. */
#define malloc __real_malloc
#include "test/store/fault_vfs.h"
#undef malloc

void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);

/* A machine without power runs out of nothing. */
static bool fault_of_memory(void)
{
    return fault_kind == FAULT_ALLOCATION && fault_now(FAULT_ALLOCATION);
}

void *__wrap_malloc(size_t bytes)
{
    return fault_of_memory() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return fault_of_memory() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *p, size_t bytes)
{
    return fault_of_memory() ? NULL : __real_realloc(p, bytes);
}

/* Half of the bytes are there, and then the device reports a fault or that it is full. */
static bool fault_of_write(void)
{
    bool full = fault_now(FAULT_FULL);
    if (!full && !fault_now(FAULT_WRITE)) return false;
    errno = full ? ENOSPC : EIO;
    return true;
}

static bool fault_of(FaultKind kind)
{
    if (!fault_now(kind)) return false;
    errno = EIO;
    return true;
}

#define WRAPPED(type, name, parameters, fails, otherwise)                                          \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails ? -1 : otherwise;                                                             \
    }
WRAPPED(ssize_t, write, (int fd, const void *from, size_t len), fault_of_write(),
        __real_write(fd, from, len))
WRAPPED(int, ftruncate, (int fd, off_t size), fault_of(FAULT_TRUNCATE), __real_ftruncate(fd, size))
WRAPPED(int, mkdir, (const char *path, mode_t mode), fault_of(FAULT_OPEN), __real_mkdir(path, mode))
WRAPPED(int, rename, (const char *from, const char *to), fault_of(FAULT_WRITE),
        __real_rename(from, to))
/* As in the VFS, nothing is really synchronised. */
WRAPPED(int, fsync, (int fd), fault_of(FAULT_SYNC), ((void)fd, 0))
WRAPPED(int, fdatasync, (int fd), fault_of(FAULT_SYNC), ((void)fd, 0))

ssize_t __real_pwrite(int fd, const void *from, size_t len, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t at)
{
    if (!fault_of_write()) return __real_pwrite(fd, from, len, at);
    int why = errno;
    (void)!__real_pwrite(fd, from, len / 2, at);
    errno = why;
    return -1;
}

ssize_t __real_pwritev(int fd, const struct iovec *parts, int count, off_t at);
ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t at);
ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    if (!fault_of_write()) return __real_pwritev(fd, parts, count, at);
    int why = errno;
    (void)!__real_pwrite(fd, parts[0].iov_base, parts[0].iov_len / 2, at);
    errno = why;
    return -1;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return fault_of(FAULT_OPEN) ? -1 : __real_open(path, flags, mode);
}

#endif
