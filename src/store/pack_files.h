/* pack_files.h - evidence files on the disk: making, writing, mending and reading one .rec/.idx pair.
 * No thread is known here. */
#ifndef INVIGIL_PACK_FILES_H
#define INVIGIL_PACK_FILES_H

#include "base/buf.h"
#include "store/pack_form.h"

#include <sys/uio.h>

/* A pair that is being written. Once closed it is never written again. */
typedef struct Segment {
    u64 session;
    u32 number, salt;
    int rec, idx;   /* file descriptors */
    u64 rec_bytes;  /* whole records that were written */
    u64 room_bytes; /* preallocated up to here */
    u64 idx_count;  /* entries in the .idx */
    Buf entries;    /* entries of written records that are not in the .idx yet */
    bool unsynced;
    u64 used; /* for choosing the one to close when too many are open */
    struct Segment *next;
} Segment;

/* The next pair of a session. ERR_FULL: no space, descriptors or memory now; may be repeated. */
Err segment_create(const char *folder, u64 session, Segment **out) MUST_CHECK;
/* Writes whole framed records at the end. On a fault nothing of them counts. The caller has put their
 * entries into s->entries on success. */
Err segment_write(Segment *s, struct iovec *parts, int count, u64 bytes) MUST_CHECK;
Err segment_sync(Segment *s) MUST_CHECK; /* entries into the .idx, records durable */
/* Syncs, gives back what was preallocated, writes the sorted index, frees s whatever happens. */
Err segment_close(const char *folder, Segment *s) MUST_CHECK;
/* The same without touching the disk, after an ERR_IO. */
void segment_abandon(Segment *s);

/* Cuts a torn tail, rebuilds the index, closes the pair that a crash left open. OK at once when it was
 * closed. *rec_bytes: of the records. */
Err segment_mend(const char *folder, u64 session, u32 number, u64 *rec_bytes) MUST_CHECK;
/* The same, whatever the index says. Not while the pair is written. */
Err segment_rebuild(const char *folder, u64 session, u32 number, u64 *rec_bytes) MUST_CHECK;

/* Numbers in a folder's names, ascending: sessions are folders, files end in .rec. Free with free(). */
Err sessions_list(const char *folder, u64 **out, u32 *count) MUST_CHECK;
Err segments_list(const char *folder, u64 session, u64 **out, u32 *count) MUST_CHECK;

/* A whole file, up to `most` bytes. */
Err file_read(const char *path, size_t most, Buf *out) MUST_CHECK;
/* Sorts the entries behind the room for a head, writes the head of a closed index, and puts it in the
 * place of the old one in one step. */
Err idx_replace(const char *folder, PackHead head, Buf *idx) MUST_CHECK;
/* Calls `each` for the entries of one attempt, in order; of every attempt when it is 0. ERR_FORMAT:
 * there is no index yet. */
Err idx_walk(const char *folder, u64 session, u32 number, u64 attempt,
             Err (*each)(void *ctx, const PackEntry *e), void *ctx) MUST_CHECK;
Err segment_path(const char *folder, u64 session, u32 number, const char *ending, char *out,
                 size_t size) MUST_CHECK;
/* Opens a .rec for reading. */
Err segment_open_rec(const char *folder, u64 session, u32 number, int *fd, u32 *salt) MUST_CHECK;
/* Appends one record, without its frame, after checking it. */
Err segment_read(int fd, u32 salt, const PackEntry *e, Buf *out) MUST_CHECK;

#endif
