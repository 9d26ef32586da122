/* pack_internal.h - the queue between the loop (pack.c) and the evidence writer (pack_writer.c). */
#ifndef INVIGIL_PACK_INTERNAL_H
#define INVIGIL_PACK_INTERNAL_H

#include "base/map.h"
#include "store/pack_files.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

/* A record on its way to the disk, with room for its frame before it. */
typedef struct PackJob {
    struct PackJob *next;
    u64 session;
    PackEntry entry;
    size_t len; /* of bytes */
    u8 bytes[];
} PackJob;

typedef struct JobList {
    PackJob *first, *last;
} JobList;

typedef struct EntryList {
    PackEntry *entry;
    u32 first, count, cap; /* those before `first` were taken */
} EntryList;

struct Packs {
    char folder[PATH_MAX];
    void (*durable)(void *ctx);
    void *ctx;
    pthread_t thread;
    int lock_fd;       /* holds the folder for this process */
    _Atomic u64 bytes; /* of all .rec files */

    pthread_mutex_t lock; /* over these */
    pthread_cond_t work;
    JobList queue;
    size_t queued_bytes;
    EntryList told; /* durable, not yet taken by the loop */
    Err fault;      /* OK, ERR_FULL (still trying), ERR_IO (given up) */
    bool stopping;
    i64 sync_ms; /* PACK_SYNC_MS; tests wait less */

    /* the writer thread's own */
    Map open; /* session to its Segment */
    Segment *segments;
    u32 segment_count;
    u64 turn;
    EntryList written; /* since the last sync */
    bool unsynced;
    bool low; /* the disk keeps its last room for answers */
};

void *pack_writer_main(void *packs);
Err entries_add(EntryList *l, const PackEntry *e, u32 count) MUST_CHECK;
void entries_done(EntryList *l);
void jobs_free(JobList *l);

#endif
