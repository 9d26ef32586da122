/* Evidence files: what was told as durable is there again, torn tails are cut, damage stays local. */
#include "base/limits.h"
#include "seal/seal.h"
#include "store/pack_internal.h"
#include "test/store/kit.h"
#include "test/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- a disk that fails when told to: these stand before the C library's ---- */

static _Atomic int fail_write, fail_sync, fail_low; /* errno; fail_low: nothing free */
static _Atomic int blocked;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;

static void gate_wait(void)
{
    pthread_mutex_lock(&gate);
    while (blocked)
        pthread_cond_wait(&opened, &gate);
    pthread_mutex_unlock(&gate);
}

static void gate_set(int value)
{
    pthread_mutex_lock(&gate);
    blocked = value;
    pthread_cond_broadcast(&opened);
    pthread_mutex_unlock(&gate);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    gate_wait();
    if (fail_write) {
        /* A disk that fills up takes a part first. */
        if (fail_write == ENOSPC && parts[0].iov_len > 10)
            (void)!pwrite(fd, parts[0].iov_base, 10, at);
        errno = fail_write;
        return -1;
    }
    return syscall(SYS_pwritev, fd, parts, count, at, 0);
}

int fdatasync(int fd)
{
    if (fail_sync) {
        errno = fail_sync;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

int statvfs(const char *path, struct statvfs *st)
{
    (void)path;
    *st = (struct statvfs){
        .f_blocks = 1u << 30, .f_bavail = fail_low ? 0 : 1u << 30, .f_frsize = 4096};
    return 0;
}

/* ---- records ---- */

static int news = -1; /* eventfd: the writer has something to tell */

static void on_durable(void *ctx)
{
    (void)ctx;
    u64 one = 1;
    (void)!write(news, &one, sizeof one);
}

/* A record as a device makes it: header and bytes that follow from attempt and seq. */
static Span record_make(u8 *out, u64 attempt, u32 seq, u32 payload)
{
    memset(out, 0, PACK_RECORD_HEADER_BYTES);
    out[0] = 1;
    out[2] = (u8)(seq % 3);
    out[3] = seq % 10 == 0;
    memcpy(out + 4, &seq, 4);
    u64 at_us = 1700000000000000u + seq * 100000u, epoch = attempt * 1000;
    memcpy(out + 8, &at_us, 8);
    memcpy(out + 20, &payload, 4);
    memcpy(out + 24, &epoch, 8);
    for (u32 i = 0; i < payload; i++)
        out[PACK_RECORD_HEADER_BYTES + i] = (u8)(attempt * 3 + seq * 5 + i);
    return (Span){out, PACK_RECORD_HEADER_BYTES + payload};
}

static u32 payload_of(u32 seq)
{
    return 16 + seq * 37 % 400;
}

static Packs *packs_new(void)
{
    char why[300];
    if (news < 0) news = eventfd(0, EFD_CLOEXEC);
    Packs *p = packs_open(in_folder("evidence"), on_durable, NULL, why, sizeof why);
    if (!p) printf("  %s\n", why);
    CHECK(p);
    pthread_mutex_lock(&p->lock);
    p->sync_ms = 30;
    pthread_mutex_unlock(&p->lock);
    return p;
}

static Err append_one(Packs *p, u64 session, u64 attempt, u32 seq, u32 payload)
{
    static u8 bytes[PACK_RECORD_HEADER_BYTES + MEDIA_RECORD_BYTES_MAX];
    PackEntry e = {.attempt = attempt, .received_ms = 5000 + seq, .late = seq % 4 == 0};
    return packs_append(p, session, &e, record_make(bytes, attempt, seq, payload));
}

/* Waits until `count` records were told as durable. */
static void wait_durable(Packs *p, u32 count)
{
    PackEntry told[64];
    while (count) {
        u32 n = packs_take_durable(p, told, MIN_OF(count, (u32)COUNT_OF(told)));
        count -= n;
        if (n) continue;
        u64 value;
        CHECK(poll(&(struct pollfd){.fd = news, .events = POLLIN}, 1, 20000) == 1);
        CHECK(read(news, &value, sizeof value) == sizeof value);
    }
}

static void check_entry(const PackEntry *e, u64 attempt, u32 seq)
{
    CHECK_EQUAL(e->attempt, attempt);
    CHECK_EQUAL(e->seq, seq);
    CHECK_EQUAL(e->epoch, attempt * 1000);
    CHECK_EQUAL(e->stream, seq % 3);
    CHECK_EQUAL(e->flags, seq % 10 == 0);
    CHECK_EQUAL(e->late, seq % 4 == 0);
    CHECK_EQUAL(e->received_ms, 5000 + seq);
}

/* All records 0 ... count - 1 of an attempt are listed and read back byte for byte. */
static void check_stored(Packs *p, u64 session, u64 attempt, u32 count)
{
    static u8 want[PACK_RECORD_HEADER_BYTES + MEDIA_RECORD_BYTES_MAX];
    Arena a;
    Buf have;
    PackEntry *list = NULL;
    u32 n = 0;
    arena_init(&a, 1 << 26);
    buf_init(&have, 1 << 26);
    CHECK_EQUAL(packs_index(p, session, attempt, &a, &list, &n), OK);
    CHECK_EQUAL(n, count);
    CHECK_EQUAL(packs_read(p, session, list, n, &have), OK);
    size_t at = 0;
    for (u32 i = 0; i < n; i++) {
        check_entry(&list[i], attempt, i);
        Span r = record_make(want, attempt, i, list[i].bytes - PACK_RECORD_HEADER_BYTES);
        CHECK(at + r.len <= have.len && memcmp(have.ptr + at, r.ptr, r.len) == 0);
        at += r.len;
    }
    CHECK_EQUAL(at, have.len);
    buf_done(&have);
    arena_done(&a);
}

TEST("The checksum is the CRC-32 that everybody knows, however the bytes are cut.")
{
    CHECK_EQUAL(crc32_of(0, SPAN("123456789")), 0xcbf43926);
    CHECK_EQUAL(crc32_of(0, SPAN_NONE), 0);
    u8 bytes[100];
    for (u8 i = 0; i < sizeof bytes; i++)
        bytes[i] = (u8)(i * 37);
    u32 whole = crc32_of(0, (Span){bytes, sizeof bytes});
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        u32 head = crc32_of(0, (Span){bytes, cut});
        CHECK_EQUAL(crc32_of(head, (Span){bytes + cut, sizeof bytes - cut}), whole);
    }
}

TEST("Records of several attempts and sessions are told as durable and read back byte for byte.")
{
    folder_new();
    Packs *p = packs_new();
    for (u32 seq = 0; seq < 50; seq++)
        for (u64 attempt = 1; attempt <= 4; attempt++)
            CHECK_EQUAL(append_one(p, 70 + attempt % 2, attempt, seq, payload_of(seq)), OK);
    wait_durable(p, 200);
    for (u64 attempt = 1; attempt <= 4; attempt++)
        check_stored(p, 70 + attempt % 2, attempt, 50);
    check_stored(p, 70, 1, 0);
    check_stored(p, 99, 1, 0);
    packs_close(p);
    p = packs_new();
    for (u64 attempt = 1; attempt <= 4; attempt++)
        check_stored(p, 70 + attempt % 2, attempt, 50);
    packs_close(p);
}

static Err scan_count(void *ctx, u64 session, const PackEntry *e)
{
    u64 *sums = ctx;
    sums[0]++;
    sums[1] += session;
    sums[2] += e->seq;
    return OK;
}

TEST("After a restart every record is walked once, and new ones go on behind them.")
{
    folder_new();
    Packs *p = packs_new();
    for (u32 seq = 0; seq < 20; seq++)
        CHECK_EQUAL(append_one(p, 5, 1, seq, payload_of(seq)), OK);
    packs_close(p);
    p = packs_new();
    u64 bytes = packs_bytes(p), sums[3] = {0};
    CHECK(bytes > 20 * 80);
    CHECK_EQUAL(packs_scan(p, scan_count, sums), OK);
    CHECK_EQUAL(sums[0], 20);
    CHECK_EQUAL(sums[1], 100);
    CHECK_EQUAL(sums[2], 190);
    for (u32 seq = 20; seq < 30; seq++)
        CHECK_EQUAL(append_one(p, 5, 1, seq, payload_of(seq)), OK);
    wait_durable(p, 10);
    CHECK(packs_bytes(p) > bytes);
    check_stored(p, 5, 1, 30);
    packs_close(p);
}

TEST("A record that is too short, too long or of no session is refused.")
{
    folder_new();
    Packs *p = packs_new();
    static u8 bytes[PACK_RECORD_HEADER_BYTES + MEDIA_RECORD_BYTES_MAX + 1];
    PackEntry e = {.attempt = 1};
    CHECK_EQUAL(packs_append(p, 1, &e, (Span){bytes, 39}), ERR_FORMAT);
    CHECK_EQUAL(packs_append(p, 1, &e, (Span){bytes, sizeof bytes}), ERR_FORMAT);
    CHECK_EQUAL(packs_append(p, 0, &e, (Span){bytes, 100}), ERR_FORMAT);
    CHECK_EQUAL(packs_append(p, 1, &(PackEntry){0}, (Span){bytes, 100}), ERR_FORMAT);
    CHECK_EQUAL(packs_append(p, 1, &e, (Span){bytes, sizeof bytes - 1}), OK);
    packs_close(p);
}

TEST("A full file is closed and the next one begun.")
{
    folder_new();
    Packs *p = packs_new();
    u32 big = 1900000, count = PACK_SEGMENT_BYTES / big + 5;
    for (u32 seq = 0; seq < count; seq++)
        while (append_one(p, 3, 1, seq, big) == ERR_BUSY)
            wait_durable(p, 1);
    packs_close(p);
    struct stat st;
    CHECK_EQUAL(stat(in_folder("evidence/3/0001.rec"), &st), 0);
    CHECK(st.st_size <= PACK_SEGMENT_BYTES);
    CHECK_EQUAL(stat(in_folder("evidence/3/0002.rec"), &st), 0);
    CHECK(st.st_blocks * 512 < st.st_size + PACK_ROOM_BYTES / 2);
    p = packs_new();
    Arena a;
    PackEntry *list;
    u32 n;
    arena_init(&a, 1 << 20);
    CHECK_EQUAL(packs_index(p, 3, 1, &a, &list, &n), OK);
    CHECK_EQUAL(n, count);
    for (u32 i = 0; i < n; i++) {
        Buf have;
        buf_init(&have, 1 << 22);
        CHECK_EQUAL(packs_read(p, 3, &list[i], 1, &have), OK);
        CHECK_EQUAL(have.len, PACK_RECORD_HEADER_BYTES + big);
        buf_done(&have);
    }
    arena_done(&a);
    packs_close(p);
}

TEST("More sessions than files may be open at once are stored all the same.")
{
    folder_new();
    Packs *p = packs_new();
    u32 sessions = PACK_OPEN_SEGMENTS_MAX + 20;
    for (u32 s = 1; s <= sessions; s++)
        CHECK_EQUAL(append_one(p, s, s, 0, 100), OK);
    for (u32 s = 1; s <= sessions; s += 50)
        CHECK_EQUAL(append_one(p, s, s, 1, 100), OK);
    wait_durable(p, sessions + (sessions - 1) / 50 + 1);
    check_stored(p, 1, 1, 2);
    check_stored(p, 2, 2, 1);
    packs_close(p);
}

/* ---- crashes ---- */

/* A session whose writer died without closing: records 0 ... count - 1 of attempt 1 are in the files. */
static void leave_open(u32 count)
{
    folder_new();
    pid_t child = fork();
    if (!child) {
        Packs *p = packs_new();
        for (u32 seq = 0; seq < count; seq++)
            if (append_one(p, 9, 1, seq, payload_of(seq))) _exit(1);
        wait_durable(p, count);
        _exit(0);
    }
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
}

static void file_get(const char *name, Buf *out)
{
    buf_init(out, REC_FILE_BYTES_MAX);
    CHECK_EQUAL(file_read(in_folder(name), REC_FILE_BYTES_MAX, out), OK);
}

static void file_put(const char *name, const u8 *bytes, size_t len)
{
    int fd = open(in_folder(name), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    CHECK(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
    close(fd);
}

typedef struct Walked {
    u32 count, next;
    bool in_order;
} Walked;

static Err walked_take(void *ctx, const PackEntry *e)
{
    Walked *w = ctx;
    w->in_order &= e->seq == w->next++;
    w->count++;
    return OK;
}

static void check_mended(size_t want_bytes, u32 want_count)
{
    u64 bytes = 0;
    CHECK_EQUAL(segment_mend(in_folder("evidence"), 9, 1, &bytes), OK);
    struct stat st;
    CHECK_EQUAL(stat(in_folder("evidence/9/0001.rec"), &st), 0);
    CHECK_EQUAL(st.st_size, want_bytes);
    CHECK_EQUAL(bytes, want_bytes);
    Buf idx;
    Walked w = {.in_order = true};
    file_get("evidence/9/0001.idx", &idx);
    CHECK_EQUAL(pack_index_walk(buf_view(&idx), walked_take, &w), OK);
    buf_done(&idx);
    CHECK_EQUAL(w.count, want_count);
    CHECK(w.in_order);
}

TEST("A tail torn at any byte of the last record is cut, whatever became of the index.")
{
    leave_open(6);
    Buf rec, idx;
    file_get("evidence/9/0001.rec", &rec);
    file_get("evidence/9/0001.idx", &idx);
    size_t last = PACK_FRAME_BYTES + PACK_RECORD_HEADER_BYTES + payload_of(5),
           start = rec.len - last;
    u8 junk[200];
    seal_random(junk, sizeof junk);
    for (size_t cut = start; cut <= rec.len; cut++) {
        bool whole = cut == rec.len;
        for (size_t kind = cut % 4; kind < 4; kind += whole ? 1 : 4) {
            file_put("evidence/9/0001.rec", rec.ptr, cut);
            if (kind == 0) file_put("evidence/9/0001.idx", idx.ptr, idx.len);
            else if (kind == 1) unlink(in_folder("evidence/9/0001.idx"));
            else if (kind == 2) file_put("evidence/9/0001.idx", junk, sizeof junk);
            else file_put("evidence/9/0001.idx", idx.ptr, idx.len - 70);
            check_mended(whole ? rec.len : start, whole ? 6 : 5);
        }
    }
    buf_done(&rec);
    buf_done(&idx);
}

TEST("A tail of zeros or of old bytes, as a crash leaves it, is cut.")
{
    leave_open(6);
    Buf rec;
    file_get("evidence/9/0001.rec", &rec);
    size_t len = rec.len;
    static u8 zeros[5000];
    buf_put(&rec, zeros, sizeof zeros);
    file_put("evidence/9/0001.rec", rec.ptr, rec.len);
    check_mended(len, 6);
    unlink(in_folder("evidence/9/0001.idx"));
    seal_random(rec.ptr + len, sizeof zeros);
    file_put("evidence/9/0001.rec", rec.ptr, rec.len);
    check_mended(len, 6);
    buf_done(&rec);
}

TEST("A rebuilt index is the index that was lost.")
{
    folder_new();
    Packs *p = packs_new();
    for (u32 seq = 0; seq < 40; seq++)
        CHECK_EQUAL(append_one(p, 9, 1, seq, payload_of(seq)), OK);
    packs_close(p);
    Buf before, after;
    file_get("evidence/9/0001.idx", &before);
    unlink(in_folder("evidence/9/0001.idx"));
    u64 bytes;
    CHECK_EQUAL(segment_mend(in_folder("evidence"), 9, 1, &bytes), OK);
    file_get("evidence/9/0001.idx", &after);
    CHECK(span_equal(buf_view(&before), buf_view(&after)));
    buf_done(&before);
    buf_done(&after);
}

TEST("A closed index that lost entries on the disk is made anew at the next start.")
{
    folder_new();
    Packs *p = packs_new();
    for (u32 seq = 0; seq < 400; seq++)
        CHECK_EQUAL(append_one(p, 9, 1 + seq % 2, seq / 2, 40), OK);
    packs_close(p);
    Buf idx;
    file_get("evidence/9/0001.idx", &idx);
    idx.ptr[PACK_HEAD_BYTES + 250 * PACK_ENTRY_BYTES + 9] ^= 1;
    file_put("evidence/9/0001.idx", idx.ptr, idx.len);
    p = packs_new();
    u64 sums[3] = {0};
    CHECK_EQUAL(packs_scan(p, scan_count, sums), OK);
    CHECK(sums[0] >= 400);
    check_stored(p, 9, 1, 200);
    check_stored(p, 9, 2, 200);
    packs_close(p);
    buf_done(&idx);
}

static Err scan_skip(void *ctx, u64 session, const PackEntry *e)
{
    (void)e;
    ++*(u64 *)ctx;
    return session == 2 ? ERR_MISSING : OK;
}

TEST("A session that is over can be skipped when the start walks what is there.")
{
    folder_new();
    Packs *p = packs_new();
    for (u64 session = 1; session <= 3; session++)
        for (u32 seq = 0; seq < 5; seq++)
            CHECK_EQUAL(append_one(p, session, session, seq, 40), OK);
    packs_close(p);
    p = packs_new();
    u64 calls = 0;
    CHECK_EQUAL(packs_scan(p, scan_skip, &calls), OK);
    CHECK_EQUAL(calls, 11);
    packs_close(p);
}

TEST("A second process on the same folder is refused and changes nothing.")
{
    folder_new();
    Packs *p = packs_new();
    CHECK_EQUAL(append_one(p, 9, 1, 0, 100), OK);
    wait_durable(p, 1);
    pid_t child = fork();
    if (!child) {
        char why[300];
        Packs *second = packs_open(in_folder("evidence"), on_durable, NULL, why, sizeof why);
        _exit(!second && strstr(why, "another invigil is running") ? 0 : 1);
    }
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
    CHECK_EQUAL(append_one(p, 9, 1, 1, 100), OK);
    wait_durable(p, 1);
    check_stored(p, 9, 1, 2);
    packs_close(p);
}

TEST("A damaged record in the middle costs only itself, and reading it says so.")
{
    leave_open(6);
    Buf rec;
    file_get("evidence/9/0001.rec", &rec);
    Packs *p = packs_new();
    Arena a;
    PackEntry *list;
    u32 n;
    arena_init(&a, 1 << 20);
    CHECK_EQUAL(packs_index(p, 9, 1, &a, &list, &n), OK);
    CHECK_EQUAL(n, 6);
    packs_close(p);
    rec.ptr[pack_place(list[2].offset) + 50] ^= 4;
    file_put("evidence/9/0001.rec", rec.ptr, rec.len);
    p = packs_new();
    Buf have;
    buf_init(&have, 1 << 20);
    CHECK_EQUAL(packs_read(p, 9, list, 6, &have), ERR_BROKEN);
    CHECK_EQUAL(have.len, 0);
    CHECK_EQUAL(packs_read(p, 9, list, 2, &have), OK);
    CHECK_EQUAL(packs_read(p, 9, list + 3, 3, &have), OK);
    packs_close(p);
    unlink(in_folder("evidence/9/0001.idx"));
    p = packs_new();
    CHECK_EQUAL(packs_index(p, 9, 1, &a, &list, &n), OK);
    CHECK_EQUAL(n, 5);
    packs_close(p);
    buf_done(&have);
    buf_done(&rec);
    arena_done(&a);
}

TEST("A frame that a device hides in its record is not believed when the record is damaged.")
{
    folder_new();
    u8 inner[300], outer[500] = {1};
    Span r = record_make(inner + PACK_FRAME_BYTES, 666, 0, 100);
    PackEntry forged = {.attempt = 666, .bytes = (u32)r.len, .crc = crc32_of(0, r)};
    pack_frame_write(&forged, 0, inner);
    memcpy(outer + PACK_RECORD_HEADER_BYTES, inner, PACK_FRAME_BYTES + r.len);
    Packs *p = packs_new();
    PackEntry e = {.attempt = 1};
    CHECK_EQUAL(packs_append(p, 9, &e, (Span){outer, sizeof outer}), OK);
    packs_close(p);
    Buf rec;
    file_get("evidence/9/0001.rec", &rec);
    rec.ptr[PACK_REC_HEAD_BYTES + 9] ^= 1;
    file_put("evidence/9/0001.rec", rec.ptr, rec.len);
    unlink(in_folder("evidence/9/0001.idx"));
    p = packs_new();
    u64 sums[3] = {0};
    CHECK_EQUAL(packs_scan(p, scan_count, sums), OK);
    CHECK_EQUAL(sums[0], 0);
    packs_close(p);
    buf_done(&rec);
}

TEST("Killed in the middle of writing, 20 times: what was told as durable is there.")
{
    folder_new();
    u32 next = 0;
    for (int round = 0; round < 20; round++) {
        int pipes[2];
        CHECK_EQUAL(pipe(pipes), 0);
        pid_t child = fork();
        if (!child) {
            Packs *p = packs_new();
            for (u32 seq = next;; seq++) {
                if (append_one(p, 4, 1, seq, 800)) seq--;
                PackEntry told[64];
                u32 n = packs_take_durable(p, told, 64);
                if (n && write(pipes[1], &told[n - 1].seq, 4) != 4) _exit(1);
            }
        }
        close(pipes[1]);
        u32 durable = 0;
        CHECK_EQUAL(read(pipes[0], &durable, 4), 4);
        kill(child, SIGKILL);
        int status;
        CHECK_EQUAL(waitpid(child, &status, 0), child);
        while (read(pipes[0], &durable, 4) == 4)
            ;
        close(pipes[0]);
        Packs *p = packs_new();
        Arena a;
        PackEntry *list;
        u32 n;
        arena_init(&a, 1 << 26);
        CHECK_EQUAL(packs_index(p, 4, 1, &a, &list, &n), OK);
        CHECK(n > durable);
        for (u32 i = 0; i < n; i++)
            CHECK_EQUAL(list[i].seq, i);
        next = n;
        arena_done(&a);
        packs_close(p);
        if (next > 100000) { /* enough bytes for one test folder */
            folder_new();
            next = 0;
        }
    }
}

/* ---- faults ---- */

TEST(
    "A full disk loses nothing: records wait, are told only when stored, and new ones are refused.")
{
    folder_new();
    Packs *p = packs_new();
    CHECK_EQUAL(append_one(p, 9, 1, 0, 500), OK);
    wait_durable(p, 1);
    fail_write = ENOSPC;
    CHECK_EQUAL(append_one(p, 9, 1, 1, 500), OK);
    u64 value;
    CHECK(poll(&(struct pollfd){.fd = news, .events = POLLIN}, 1, 20000) == 1);
    CHECK(read(news, &value, sizeof value) == sizeof value);
    CHECK_EQUAL(append_one(p, 9, 1, 2, 500), ERR_FULL);
    PackEntry told;
    CHECK_EQUAL(packs_take_durable(p, &told, 1), 0);
    fail_write = 0;
    wait_durable(p, 1);
    CHECK_EQUAL(append_one(p, 9, 1, 2, 500), OK);
    wait_durable(p, 1);
    check_stored(p, 9, 1, 3);
    packs_close(p);
}

TEST("Evidence stops before the disk is full, so that answers find room, and goes on by itself.")
{
    folder_new();
    fail_low = 1;
    Packs *p = packs_new();
    Err err = OK;
    for (u32 seq = 0; !err; seq++) {
        err = append_one(p, 9, 1, 0, 500);
        if (!err) poll(&(struct pollfd){.fd = news, .events = POLLIN}, 1, 100);
    }
    CHECK_EQUAL(err, ERR_FULL);
    fail_low = 0;
    wait_durable(p, 1);
    packs_close(p);
}

TEST("When the disk fails, nothing is told as durable and nothing more is taken.")
{
    for (int which = 0; which < 2; which++) {
        folder_new();
        Packs *p = packs_new();
        CHECK_EQUAL(append_one(p, 9, 1, 0, 500), OK);
        wait_durable(p, 1);
        if (which) fail_sync = EIO;
        else fail_write = EIO;
        CHECK_EQUAL(append_one(p, 9, 1, 1, 500), OK);
        Err err = OK;
        while (!err) {
            CHECK(poll(&(struct pollfd){.fd = news, .events = POLLIN}, 1, 20000) == 1);
            u64 value;
            CHECK(read(news, &value, sizeof value) == sizeof value);
            err = append_one(p, 9, 1, 2, 500);
        }
        CHECK_EQUAL(err, ERR_IO);
        PackEntry told;
        CHECK_EQUAL(packs_take_durable(p, &told, 1), 0);
        fail_sync = fail_write = 0;
        packs_close(p);
        p = packs_new();
        Arena a;
        PackEntry *list;
        u32 n;
        arena_init(&a, 1 << 20);
        CHECK_EQUAL(packs_index(p, 9, 1, &a, &list, &n), OK);
        CHECK(n >= 1);
        arena_done(&a);
        packs_close(p);
    }
}

TEST("A queue that is full of bytes says so instead of growing.")
{
    folder_new();
    Packs *p = packs_new();
    gate_set(1);
    Err err = OK;
    u64 taken = 0;
    for (u32 seq = 0; !err && taken < 2u * EVIDENCE_QUEUE_BYTES_MAX; seq++) {
        err = append_one(p, 9, 1, seq, 2000000);
        if (!err) taken += 2000000;
    }
    CHECK_EQUAL(err, ERR_BUSY);
    CHECK(taken <= EVIDENCE_QUEUE_BYTES_MAX);
    gate_set(0);
    packs_close(p);
}

int main(void)
{
    return seal_init() ? 1 : test_run_all();
}
