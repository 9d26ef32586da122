/* pack.h - evidence: encrypted media records in preallocated append-only files, one folder per session,
 * and the thread that writes them.
 *
 * A record is stored exactly as it arrived (40 byte header and ciphertext, see media.h), behind a frame
 * that says whose it is and its checksum; beside it an index entry of fixed size. The index can be
 * rebuilt from the records alone. fdatasync runs once per second and on close; durable positions are
 * told then. After a crash a torn tail is cut at the last whole record. The server cannot read what is
 * in it. Files: FOLDER/SESSION/NNNN.rec and .idx; their form: pack_form.h. */
#ifndef INVIGIL_PACK_H
#define INVIGIL_PACK_H

#include "base/arena.h"
#include "port/port.h"

typedef struct Packs Packs;

/* What the index knows of one record. 64 bytes on disk, little endian. */
typedef struct PackEntry {
    u64 attempt, epoch;
    u64 at_us;  /* capture time, device clock */
    u64 offset; /* of the record's header: number of the file << 32, place in the file */
    u32 seq, key_seq, bytes; /* bytes: header and ciphertext */
    u8 stream, kind, flags, late;
    u32 crc; /* CRC-32 of header and ciphertext */
    i64 received_ms;
} PackEntry;

/* durable(ctx) is called on the writer's thread after each fdatasync; it must only wake the loop. */
Packs *packs_open(const char *folder, void (*durable)(void *ctx), void *ctx, char *why,
                  size_t size);
void packs_close(Packs *p); /* writes and syncs what is queued */
/* Loop thread. Copies the record into the queue. Of the entry attempt, late and received_ms are taken,
 * the rest is read from the record. ERR_BUSY: queue full; ERR_FULL: no space; ERR_IO: given up. */
Err packs_append(Packs *p, u64 session, const PackEntry *e, Span record) MUST_CHECK;
/* Takes the entries that became durable since the last call, at most `most`. Loop thread. */
u32 packs_take_durable(Packs *p, PackEntry *out, u32 most);
u64 packs_bytes(const Packs *p); /* stored in all sessions */
/* All entries of one attempt in the order of arrival, from memory-mapped or read index files. */
Err packs_index(Packs *p, u64 session, u64 attempt, Arena *a, PackEntry **out,
                u32 *count) MUST_CHECK;
/* Walks the index of every session at start, before the first append, to rebuild what devices already
 * delivered; a damaged index is made anew, and may be walked twice. When `each` answers ERR_MISSING the
 * rest of that session is skipped: so those that are over cost nothing. */
Err packs_scan(Packs *p, Err (*each)(void *ctx, u64 session, const PackEntry *e),
               void *ctx) MUST_CHECK;
/* Reads records [first, first+count) of an attempt's index list into out, back to back. */
Err packs_read(Packs *p, u64 session, const PackEntry *entries, u32 count, Buf *out) MUST_CHECK;

#endif
