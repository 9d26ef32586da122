/* manifest.h - the list of what a backup holds, as text that `sha256sum -c` understands too:
 *
 *   # invigil backup 1
 *   # made 2026-11-28T00:54:29.000Z
 *   # events 1234
 *   # files 2
 *   0f3a... (64 hex digits)  log.db
 *   99c1...  evidence/3/0001.rec
 *
 * Pure: spans in, spans out; the fuzzer calls it as it is. */
#ifndef INVIGIL_MANIFEST_H
#define INVIGIL_MANIFEST_H

#include "base/buf.h"

#define MANIFEST_NAME "manifest.sha256"

typedef struct ManifestHead {
    Span made; /* when the backup began, UTC */
    u64 events, files;
} ManifestHead;

void manifest_begin(Buf *out, const ManifestHead *h);
void manifest_add(Buf *out, const char *name, const u8 hash[32]);

/* Reads the whole list: *head, and `each` for every file in order; stops at its first non-OK answer and
 * returns it. ERR_FORMAT: not such a list, cut short, or a name that no backup has: only log.db, people.db
 * and evidence/N/NNNN.rec or .idx can be in one. */
typedef Err ManifestEach(void *ctx, const char *name, const u8 hash[32]);
Err manifest_read(Span text, ManifestHead *head, ManifestEach *each, void *ctx) MUST_CHECK;

#endif
