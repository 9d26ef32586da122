/* pack.c - evidence files with hostile bytes: the scan of records, the walk of an index, the heads. The
 * first byte chooses; for the scan, frames are given right checksums, so that the fuzzer gets past them. */
#include "store/pack_form.h"

#include <stdlib.h>

typedef struct Seen {
    u64 count, end; /* end: of the record before */
    u64 size;
} Seen;

/* Whatever the bytes are: records lie in the file, one behind the other. */
static Err seen_record(void *ctx, const PackEntry *e)
{
    Seen *s = ctx;
    u64 at = pack_place(e->offset);
    ASSERT(pack_number(e->offset) == 7);
    ASSERT(at >= s->end + PACK_FRAME_BYTES);
    ASSERT(e->bytes >= PACK_RECORD_HEADER_BYTES && at + e->bytes <= s->size);
    s->end = at + e->bytes;
    s->count++;
    return s->count > 1000 ? ERR_LIMIT : OK;
}

static Err seen_entry(void *ctx, const PackEntry *e)
{
    Seen *s = ctx;
    u8 bytes[PACK_ENTRY_BYTES];
    PackEntry again;
    pack_entry_write(e, bytes);
    ASSERT(pack_entry_read(bytes, &again));
    ASSERT(again.offset == e->offset && again.bytes == e->bytes);
    s->count++;
    return OK;
}

static void put32(u8 *p, u32 v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (u8)(v >> 8 * i);
}

/* Every place that says "IVR1" gets the checksum of what follows it. */
static void frames_mend(u8 *bytes, size_t len, u32 salt)
{
    for (size_t at = PACK_REC_HEAD_BYTES; at + PACK_FRAME_BYTES <= len; at++) {
        if (memcmp(bytes + at, "IVR1", 4)) continue;
        u8 *claim = bytes + at + 24;
        u32 size = (u32)claim[0] | (u32)claim[1] << 8;
        put32(claim, size);
        if (at + PACK_FRAME_BYTES + size <= len)
            put32(bytes + at + 28, crc32_of(0, (Span){bytes + at + PACK_FRAME_BYTES, size}));
        put32(bytes + at + 4, crc32_of(salt, (Span){bytes + at + 8, PACK_FRAME_BYTES - 8}));
    }
}

static void entries_mend(u8 *bytes, size_t len)
{
    if (len < PACK_HEAD_BYTES) return;
    memcpy(bytes, "IVX1", 4);
    put32(bytes + 4, crc32_of(0, (Span){bytes + 8, PACK_HEAD_BYTES - 8}));
    for (size_t at = PACK_HEAD_BYTES; at + PACK_ENTRY_BYTES <= len; at += PACK_ENTRY_BYTES)
        if (bytes[at] & 1) put32(bytes + at + 60, crc32_of(0, (Span){bytes + at, 60}));
}

static void scan(u8 *bytes, size_t len, bool mend)
{
    Span rec = {bytes, len};
    u64 session, end = 0;
    u32 salt;
    if (mend && len >= 4) memcpy(bytes, "IVP1", 4);
    bool head = pack_rec_head_read(rec, &session, &salt);
    if (head && mend) frames_mend(bytes, len, salt);
    Seen seen = {.size = len};
    Err err = pack_scan(rec, 7, seen_record, &seen, &end);
    ASSERT(head == (err != ERR_FORMAT));
    ASSERT(end <= len && (err == ERR_LIMIT || end >= seen.end));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);
int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
    if (!len) return 0;
    u8 *bytes = malloc(len); /* of exact size, so that reading past it is seen */
    if (!bytes) return 0;
    memcpy(bytes, data + 1, len - 1);
    Seen seen = {0};
    bool mend = data[0] & 1;
    if (data[0] & 2) {
        if (mend) entries_mend(bytes, len - 1);
        (void)!pack_index_walk((Span){bytes, len - 1}, seen_entry, &seen);
    } else {
        scan(bytes, len - 1, mend);
    }
    free(bytes);
    return 0;
}
