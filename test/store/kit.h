/* kit.h - what the tests of the store share: a folder of their own, and records with good chains. */
#ifndef INVIGIL_TEST_STORE_KIT_H
#define INVIGIL_TEST_STORE_KIT_H

#include "base/limits.h"
#include "port/port.h"
#include "seal/seal.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static __attribute__((unused)) char kit_folder[64];

static inline void folder_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *d; dir && (d = readdir(dir));) {
        char path[PATH_MAX];
        struct stat st;
        if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..")) continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, d->d_name) >= (int)sizeof path) abort();
        if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) folder_remove(path);
        else unlink(path);
    }
    if (dir) closedir(dir);
    rmdir(folder);
}

static inline void folder_clean(void)
{
    if (kit_folder[0]) folder_remove(kit_folder);
}

/* An empty folder; the one before is removed, the last one at exit. */
static inline const char *folder_new(void)
{
    static int hooked;
    if (!hooked++) atexit(folder_clean);
    folder_clean();
    snprintf(kit_folder, sizeof kit_folder, "/tmp/invigil-store-XXXXXX");
    if (!mkdtemp(kit_folder)) abort();
    return kit_folder;
}

/* Paths below the folder of this test; the last eight stay valid. */
static inline const char *in_folder(const char *name)
{
    static char paths[8][PATH_MAX];
    static unsigned at;
    char *path = paths[at++ % 8];
    snprintf(path, PATH_MAX, "%s/%s", kit_folder, name);
    return path;
}

enum { KIT_STREAMS = 8 };

/* Makes records of some streams in turn, each chained to the one before. What is in an event follows
 * from its number, so that a reader can tell whether it is the right one. */
typedef struct Maker {
    u64 seq, ver[KIT_STREAMS];
    u8 hash[KIT_STREAMS][HASH_BYTES];
    u32 event_bytes;
    u8 *bytes; /* of the batch made last */
    LogRecord *records;
} Maker;

static inline void event_fill(u64 seq, u8 *out, u32 len)
{
    for (u32 i = 0; i < len; i++)
        out[i] = (u8)(seq * 31 + i * 7 + (seq >> 8));
}

static inline LogRecord *maker_batch(Maker *m, u32 count)
{
    if (!m->event_bytes) m->event_bytes = 200;
    m->bytes = realloc(m->bytes, (size_t)m->event_bytes * count);
    m->records = realloc(m->records, sizeof *m->records * count);
    for (u32 i = 0; i < count; i++) {
        u64 seq = ++m->seq, s = seq % KIT_STREAMS;
        u8 *event = m->bytes + (size_t)i * m->event_bytes;
        event_fill(seq, event, m->event_bytes);
        LogRecord *r = &m->records[i];
        *r = (LogRecord){
            .seq = seq, .stream = s + 1, .ver = ++m->ver[s], .event = {event, m->event_bytes}};
        seal_chain(m->hash[s], r->stream, r->ver, r->event, r->hash);
        memcpy(m->hash[s], r->hash, HASH_BYTES);
    }
    return m->records;
}

static inline void maker_done(Maker *m)
{
    free(m->bytes);
    free(m->records);
    *m = (Maker){0};
}

/* For log_read: every record must be the one that a Maker made with this number. */
typedef struct Reader {
    Maker expect; /* stands where the reader stands */
    u64 count;
} Reader;

static inline Err reader_take(void *ctx, const LogRecord *r)
{
    Reader *reader = ctx;
    const LogRecord *want = maker_batch(&reader->expect, 1);
    bool same = r->seq == want->seq && r->stream == want->stream && r->ver == want->ver &&
                span_equal(r->event, want->event) && !memcmp(r->hash, want->hash, HASH_BYTES);
    if (!same) return ERR_BROKEN;
    reader->count++;
    return OK;
}

#endif
