/* pack_mend.c - reading evidence files, and mending those that a crash left open. */
#include "store/pack_files.h"

#include "base/limits.h"
#include "base/text.h"
#include "store/sqlite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ---- */

static int number_order(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return x < y ? -1 : x > y;
}

static Err list_add(u64 **list, u32 *count, u32 *cap, u64 number)
{
    if (*count == *cap) {
        u32 more = *cap ? *cap * 2 : 16;
        u64 *grown = realloc(*list, more * sizeof *grown);
        if (!grown) return ERR_MEMORY;
        *list = grown;
        *cap = more;
    }
    (*list)[(*count)++] = number;
    return OK;
}

/* The number in a name that ends so; other names are not ours and are left alone. */
static bool name_number(const char *name, Span ending, u64 *number)
{
    Span s = span_of(name);
    if (s.len <= ending.len) return false;
    Span head = {s.ptr, s.len - ending.len};
    if (!span_equal((Span){s.ptr + head.len, ending.len}, ending)) return false;
    return text_to_u64(head, number) && *number > 0;
}

/* ERR_MISSING: no such folder. */
static Err numbers_list(const char *folder, Span ending, u64 **out, u32 *count)
{
    DIR *dir = opendir(folder);
    if (!dir) return errno == ENOENT ? ERR_MISSING : ERR_IO;
    u64 *list = NULL, number;
    u32 n = 0, cap = 0;
    Err err = OK;
    for (struct dirent *d; !err && (d = readdir(dir));)
        if (name_number(d->d_name, ending, &number)) err = list_add(&list, &n, &cap, number);
    closedir(dir);
    if (err) {
        free(list);
        return err;
    }
    if (n) qsort(list, n, sizeof *list, number_order);
    *out = list;
    *count = n;
    return OK;
}

Err sessions_list(const char *folder, u64 **out, u32 *count)
{
    return numbers_list(folder, SPAN(""), out, count);
}

Err segments_list(const char *folder, u64 session, u64 **out, u32 *count)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/%llu", folder, (unsigned long long)session);
    if (len < 0 || (size_t)len >= sizeof path) return ERR_LIMIT;
    return numbers_list(path, SPAN(".rec"), out, count);
}

/* ---- reading ---- */

static Err read_at(int fd, u8 *to, size_t len, u64 at)
{
    while (len) {
        ssize_t n = pread(fd, to, len, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return ERR_IO;
        if (n == 0) return ERR_BROKEN;
        to += n;
        at += (u64)n;
        len -= (size_t)n;
    }
    return OK;
}

static Err fd_read(int fd, size_t most, Buf *out)
{
    struct stat st;
    if (fstat(fd, &st)) return ERR_IO;
    size_t len = (size_t)st.st_size;
    if (len > most) return ERR_LIMIT;
    if (!buf_reserve(out, len)) return ERR_MEMORY;
    Err err = read_at(fd, out->ptr + out->len, len, 0);
    if (!err) out->len += len;
    return err;
}

Err file_read(const char *path, size_t most, Buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? ERR_MISSING : ERR_IO;
    Err err = fd_read(fd, most, out);
    close(fd);
    return err;
}

Err segment_open_rec(const char *folder, u64 session, u32 number, int *out, u32 *salt)
{
    char path[PATH_MAX];
    Err err = segment_path(folder, session, number, ".rec", path, sizeof path);
    if (err) return err;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? ERR_MISSING : ERR_IO;
    u8 head[PACK_REC_HEAD_BYTES];
    u64 whose;
    err = read_at(fd, head, sizeof head, 0);
    if (!err && (!pack_rec_head_read((Span){head, sizeof head}, &whose, salt) || whose != session))
        err = ERR_BROKEN;
    if (err) close(fd);
    else *out = fd;
    return err;
}

Err segment_read(int fd, u32 salt, const PackEntry *e, Buf *out)
{
    size_t framed = PACK_FRAME_BYTES + (size_t)e->bytes;
    if (!buf_reserve(out, framed)) return ERR_MEMORY;
    u8 *to = out->ptr + out->len;
    Err err = read_at(fd, to, framed, pack_place(e->offset) - PACK_FRAME_BYTES);
    if (!err) err = pack_verify((Span){to, framed}, salt, e);
    if (err) return err;
    memmove(to, to + PACK_FRAME_BYTES, e->bytes);
    out->len += e->bytes;
    return OK;
}

/* ---- the entries of one attempt ---- */

static Err entry_at(int fd, u64 i, PackEntry *e)
{
    u8 bytes[PACK_ENTRY_BYTES];
    Err err = read_at(fd, bytes, sizeof bytes, PACK_HEAD_BYTES + i * PACK_ENTRY_BYTES);
    return err ? err : pack_entry_read(bytes, e) ? OK : ERR_BROKEN;
}

/* The first entry of the attempt, or of one behind it, in a closed index. */
static Err entry_first(int fd, u64 count, u64 attempt, u64 *out)
{
    u64 low = 0, high = count;
    while (low < high) {
        u64 middle = low + (high - low) / 2;
        PackEntry e;
        Err err = entry_at(fd, middle, &e);
        if (err) return err;
        if (e.attempt < attempt) low = middle + 1;
        else high = middle;
    }
    *out = low;
    return OK;
}

typedef struct Only {
    u64 attempt; /* 0: every one */
    Err (*each)(void *ctx, const PackEntry *e);
    void *ctx;
    u64 seen; /* of all attempts */
} Only;

static Err only_take(void *ctx, const PackEntry *e)
{
    Only *o = ctx;
    o->seen++;
    return !o->attempt || e->attempt == o->attempt ? o->each(o->ctx, e) : OK;
}

/* Entries of one attempt from those that were read; *over: the next attempt's have begun. */
static Err chunk_walk(const u8 *bytes, u64 count, const Only *only, bool *over)
{
    for (u64 i = 0; i < count; i++) {
        PackEntry e;
        if (!pack_entry_read(bytes + i * PACK_ENTRY_BYTES, &e)) return ERR_BROKEN;
        *over = e.attempt != only->attempt;
        if (*over) return OK;
        Err err = only->each(only->ctx, &e);
        if (err) return err;
    }
    return OK;
}

static Err closed_walk(int fd, u64 count, const Only *only)
{
    u8 chunk[128 * PACK_ENTRY_BYTES];
    u64 i;
    bool over = false;
    Err err = entry_first(fd, count, only->attempt, &i);
    while (!err && !over && i < count) {
        u64 n = MIN_OF(count - i, sizeof chunk / PACK_ENTRY_BYTES);
        err = read_at(fd, chunk, n * PACK_ENTRY_BYTES, PACK_HEAD_BYTES + i * PACK_ENTRY_BYTES);
        if (!err) err = chunk_walk(chunk, n, only, &over);
        i += n;
    }
    return err;
}

/* ERR_BROKEN, afterwards, when a closed index does not have all of its entries any more. */
static Err whole_walk(int fd, const PackHead *head, Only *only)
{
    Buf idx;
    buf_init(&idx, REC_FILE_BYTES_MAX * 2);
    Err err = fd_read(fd, REC_FILE_BYTES_MAX * 2, &idx);
    if (!err) err = pack_index_walk(buf_view(&idx), only_take, only);
    buf_done(&idx);
    return !err && head->closed && only->seen != head->count ? ERR_BROKEN : err;
}

Err idx_walk(const char *folder, u64 session, u32 number, u64 attempt,
             Err (*each)(void *ctx, const PackEntry *e), void *ctx)
{
    char path[PATH_MAX];
    Only only = {.attempt = attempt, .each = each, .ctx = ctx};
    Err err = segment_path(folder, session, number, ".idx", path, sizeof path);
    if (err) return err;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? ERR_FORMAT : ERR_IO;
    u8 bytes[PACK_HEAD_BYTES];
    PackHead head;
    err = read_at(fd, bytes, sizeof bytes, 0);
    if (err == ERR_BROKEN || (!err && !pack_head_read(bytes, &head))) err = ERR_FORMAT;
    if (!err)
        err = head.closed && attempt ? closed_walk(fd, head.count, &only)
                                     : whole_walk(fd, &head, &only);
    close(fd);
    return err;
}

/* ---- mending ---- */

static Err mend_entry(void *ctx, const PackEntry *e)
{
    u8 bytes[PACK_ENTRY_BYTES];
    pack_entry_write(e, bytes);
    buf_put(ctx, bytes, sizeof bytes);
    return ((Buf *)ctx)->failed ? ERR_MEMORY : OK;
}

/* Closed, and both files have the size that the head tells? */
static bool pair_is_closed(const char *folder, u64 session, u32 number, u64 *rec_bytes)
{
    char path[PATH_MAX];
    struct stat rec, idx;
    u8 bytes[PACK_HEAD_BYTES];
    PackHead head = {0};
    if (segment_path(folder, session, number, ".rec", path, sizeof path) || stat(path, &rec))
        return false;
    if (segment_path(folder, session, number, ".idx", path, sizeof path)) return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool fine = fstat(fd, &idx) == 0 && read_at(fd, bytes, sizeof bytes, 0) == OK &&
                pack_head_read(bytes, &head);
    close(fd);
    *rec_bytes = head.rec_bytes;
    return fine && head.closed && head.session == session && head.number == number &&
           head.rec_bytes == (u64)rec.st_size &&
           head.count == ((u64)idx.st_size - PACK_HEAD_BYTES) / PACK_ENTRY_BYTES;
}

static Err write_all(int fd, Span s)
{
    while (s.len) {
        ssize_t n = write(fd, s.ptr, s.len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 && errno != ENOSPC && errno != EDQUOT ? ERR_IO : ERR_FULL;
        s = (Span){s.ptr + n, s.len - (size_t)n};
    }
    return OK;
}

Err idx_replace(const char *folder, PackHead head, Buf *idx)
{
    ASSERT(idx->len >= PACK_HEAD_BYTES);
    char path[PATH_MAX], fresh[PATH_MAX];
    Err err = segment_path(folder, head.session, head.number, ".idx", path, sizeof path);
    if (!err)
        err = segment_path(folder, head.session, head.number, ".idx.new", fresh, sizeof fresh);
    if (err) return err;
    head.count = (idx->len - PACK_HEAD_BYTES) / PACK_ENTRY_BYTES;
    head.closed = true;
    pack_entries_sort(idx->ptr + PACK_HEAD_BYTES, head.count);
    pack_head_write(&head, idx->ptr);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
    err = write_all(fd, (Span){idx->ptr, PACK_HEAD_BYTES + head.count * PACK_ENTRY_BYTES});
    if (!err && fdatasync(fd)) err = ERR_IO;
    close(fd);
    if (!err && rename(fresh, path)) err = ERR_IO;
    if (err) unlink(fresh);
    return err ? err : folder_sync_of(path);
}

/* Nothing is cut when the damage is more than a torn tail: what cannot be read now stays for a person. */
static Err rec_cut(int fd, Err scanned, u64 end, u64 size)
{
    if (scanned == ERR_FORMAT || scanned == ERR_BROKEN || end >= size) return OK;
    return ftruncate(fd, (off_t)end) || fsync(fd) ? ERR_IO : OK;
}

static Err mend_rec(int fd, u32 number, Buf *idx, u64 *rec_bytes)
{
    Buf rec;
    buf_init(&rec, REC_FILE_BYTES_MAX);
    Err err = fd_read(fd, REC_FILE_BYTES_MAX, &rec);
    u8 head[PACK_HEAD_BYTES] = {0};
    buf_put(idx, head, sizeof head);
    u64 end = 0, size = rec.len;
    Err scanned = err ? err : pack_scan(buf_view(&rec), number, mend_entry, idx, &end);
    buf_done(&rec);
    bool damaged = scanned == ERR_FORMAT || scanned == ERR_BROKEN;
    if (scanned && !damaged) return scanned;
    err = rec_cut(fd, scanned, end, size);
    if (err || idx->failed) return err ? err : ERR_MEMORY;
    *rec_bytes = damaged ? size : end;
    return OK;
}

Err segment_mend(const char *folder, u64 session, u32 number, u64 *rec_bytes)
{
    if (pair_is_closed(folder, session, number, rec_bytes)) return OK;
    return segment_rebuild(folder, session, number, rec_bytes);
}

Err segment_rebuild(const char *folder, u64 session, u32 number, u64 *rec_bytes)
{
    char path[PATH_MAX];
    Err err = segment_path(folder, session, number, ".rec", path, sizeof path);
    if (err) return err;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return ERR_IO;
    Buf idx;
    buf_init(&idx, REC_FILE_BYTES_MAX * 2);
    err = mend_rec(fd, number, &idx, rec_bytes);
    close(fd);
    PackHead head = {.session = session, .number = number, .rec_bytes = *rec_bytes};
    if (!err) err = idx_replace(folder, head, &idx);
    buf_done(&idx);
    return err;
}
