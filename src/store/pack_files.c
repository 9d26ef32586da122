/* pack_files.c - writing evidence files. Reading and mending: pack_mend.c. */
#include "store/pack_files.h"

#include "base/limits.h"
#include "seal/seal.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What passes by itself is ERR_FULL: the writer tries again. */
static Err disk_err(void)
{
    switch (errno) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM: return ERR_FULL;
    default: return ERR_IO;
    }
}

Err segment_path(const char *folder, u64 session, u32 number, const char *ending, char *out,
                 size_t size)
{
    int len =
        snprintf(out, size, "%s/%llu/%04u%s", folder, (unsigned long long)session, number, ending);
    return len > 0 && (size_t)len < size ? OK : ERR_LIMIT;
}

static Err session_folder(const char *folder, u64 session)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/%llu", folder, (unsigned long long)session);
    if (len < 0 || (size_t)len >= sizeof path) return ERR_LIMIT;
    if (mkdir(path, 0700) == 0) return folder_sync(folder);
    return errno == EEXIST ? OK : disk_err();
}

static Err write_at(int fd, const u8 *bytes, size_t len, u64 at)
{
    while (len) {
        ssize_t n = pwrite(fd, bytes, len, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return disk_err();
        if (n == 0) return ERR_FULL;
        bytes += n;
        at += (u64)n;
        len -= (size_t)n;
    }
    return OK;
}

static Err idx_head(const Segment *s)
{
    u8 head[PACK_HEAD_BYTES];
    pack_head_write(&(PackHead){.session = s->session, .number = s->number}, head);
    return write_at(s->idx, head, sizeof head, 0);
}

/* Room for the next records at once, so that they lie in one piece. The size stays what is written, so
 * that a reader never sees zeros. A disk that cannot do this, or is nearly full, goes without. */
static void segment_preallocate(Segment *s, u64 bytes)
{
    if (s->rec_bytes + bytes <= s->room_bytes) return;
    u64 more = MAX_OF(bytes, (u64)PACK_ROOM_BYTES);
    (void)!fallocate(s->rec, FALLOC_FL_KEEP_SIZE, (off_t)s->rec_bytes, (off_t)more);
    s->room_bytes = s->rec_bytes + more;
}

static Err segment_make(const char *folder, Segment *s)
{
    char path[PATH_MAX];
    int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    u8 head[PACK_REC_HEAD_BYTES];
    Err err = segment_path(folder, s->session, s->number, ".rec", path, sizeof path);
    if (err) return err;
    s->rec = open(path, flags, 0600);
    if (s->rec < 0) return disk_err();
    err = segment_path(folder, s->session, s->number, ".idx", path, sizeof path);
    if (err) return err;
    s->idx = open(path, (flags & ~O_EXCL) | O_TRUNC, 0600);
    if (s->idx < 0) return disk_err();
    segment_preallocate(s, sizeof head);
    pack_rec_head_write(s->session, s->salt, head);
    err = write_at(s->rec, head, sizeof head, 0);
    s->rec_bytes = sizeof head;
    if (!err) err = idx_head(s);
    return err ? err : folder_sync_of(path);
}

/* A pair that could not be made wholly goes away again, so that the next try finds its number free. */
static void segment_unmake(const char *folder, Segment *s)
{
    char path[PATH_MAX];
    if (s->idx >= 0 && !segment_path(folder, s->session, s->number, ".idx", path, sizeof path))
        unlink(path);
    if (s->rec >= 0 && !segment_path(folder, s->session, s->number, ".rec", path, sizeof path))
        unlink(path);
    segment_abandon(s);
}

static Err segment_next_number(const char *folder, u64 session, u32 *number)
{
    u64 *numbers = NULL;
    u32 count = 0;
    Err err = segments_list(folder, session, &numbers, &count);
    if (err) return err;
    u64 next = count ? numbers[count - 1] + 1 : 1;
    free(numbers);
    if (next > UINT32_MAX) return ERR_LIMIT;
    *number = (u32)next;
    return OK;
}

Err segment_create(const char *folder, u64 session, Segment **out)
{
    Segment *s = calloc(1, sizeof *s);
    if (!s) return ERR_FULL;
    s->session = session;
    s->rec = s->idx = -1;
    seal_random(&s->salt, sizeof s->salt);
    buf_init(&s->entries, PACK_SEGMENT_BYTES);
    Err err = session_folder(folder, session);
    if (!err) err = segment_next_number(folder, session, &s->number);
    if (!err) err = segment_make(folder, s);
    if (err) segment_unmake(folder, s);
    else *out = s;
    return err;
}

static void parts_skip(struct iovec **parts, int *count, size_t n)
{
    while (*count && n >= (*parts)->iov_len) {
        n -= (*parts)->iov_len;
        ++*parts;
        --*count;
    }
    if (!*count) return;
    (*parts)->iov_base = (u8 *)(*parts)->iov_base + n;
    (*parts)->iov_len -= n;
}

Err segment_write(Segment *s, struct iovec *parts, int count, u64 bytes)
{
    u64 at = s->rec_bytes;
    segment_preallocate(s, bytes);
    while (count) {
        ssize_t n = pwritev(s->rec, parts, count, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            Err err = n ? disk_err() : ERR_FULL;
            /* What was written of it must not stay behind the last whole record. */
            if (ftruncate(s->rec, (off_t)s->rec_bytes)) err = ERR_IO;
            return err;
        }
        at += (u64)n;
        parts_skip(&parts, &count, (size_t)n);
    }
    s->rec_bytes += bytes;
    s->unsynced = true;
    return OK;
}

Err segment_sync(Segment *s)
{
    if (!s->unsynced) return OK;
    u64 at = PACK_HEAD_BYTES + s->idx_count * PACK_ENTRY_BYTES;
    Err err = write_at(s->idx, s->entries.ptr, s->entries.len, at);
    if (err) return err;
    if (fdatasync(s->rec)) return ERR_IO;
    s->idx_count += s->entries.len / PACK_ENTRY_BYTES;
    buf_reset(&s->entries);
    s->unsynced = false;
    return OK;
}

void segment_abandon(Segment *s)
{
    if (!s) return;
    if (s->rec >= 0) close(s->rec);
    if (s->idx >= 0) close(s->idx);
    buf_done(&s->entries);
    free(s);
}

static Err segment_close_idx(const char *folder, const Segment *s)
{
    char path[PATH_MAX];
    Buf idx;
    Err err = segment_path(folder, s->session, s->number, ".idx", path, sizeof path);
    if (err) return err;
    buf_init(&idx, REC_FILE_BYTES_MAX * 2);
    err = file_read(path, REC_FILE_BYTES_MAX * 2, &idx);
    PackHead head = {.session = s->session, .number = s->number, .rec_bytes = s->rec_bytes};
    if (!err) err = idx_replace(folder, head, &idx);
    buf_done(&idx);
    return err;
}

Err segment_close(const char *folder, Segment *s)
{
    Err err = segment_sync(s);
    /* The records must be durable before the index says that they are complete. */
    if (!err && (ftruncate(s->rec, (off_t)s->rec_bytes) || fsync(s->rec))) err = ERR_IO;
    if (!err) err = segment_close_idx(folder, s);
    segment_abandon(s);
    return err;
}
