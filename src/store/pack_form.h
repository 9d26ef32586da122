/* pack_form.h - the bytes of evidence files. Pure: spans in, spans out; the fuzzer calls it as it is.
 *
 * NNNN.rec: 0 u32 "IVP1"  4 u32 salt  8 u64 session, then records, each behind a frame of 40 bytes:
 *   0 u32 "IVR1"  4 u32 CRC-32 of bytes 8..39, begun with the salt  8 u64 attempt  16 i64 received_ms
 *   24 u32 record bytes  28 u32 CRC-32 of the record  32 u8 late  33 zeros
 * The salt is random, so that nobody can send a record that holds a frame which a repair would believe.
 * NNNN.idx: a head of 64 bytes, then an entry of 64 bytes per record:
 *   0 u32 "IVX1"  4 u32 CRC-32 of bytes 8..63  8 u64 session  16 u32 number of the file
 *   20 u32 1: closed, nothing follows any more  24 u64 bytes of the .rec  32 u64 entries  40 zeros
 * The entries of a closed .idx are sorted by attempt, then by place, so that one attempt is found
 * without reading the others.
 * Integers little endian. What a frame does not say is read from the record's own header. */
#ifndef INVIGIL_PACK_FORM_H
#define INVIGIL_PACK_FORM_H

#include "base/crc32.h"
#include "store/pack.h"

enum {
    PACK_REC_HEAD_BYTES = 16,
    PACK_FRAME_BYTES = 40,
    PACK_RECORD_HEADER_BYTES = 40, /* see app/media.h */
    PACK_ENTRY_BYTES = 64,
    PACK_HEAD_BYTES = 64,
};

/* What the index will say of this record, from its header; attempt, late, received_ms, offset and crc
 * are left alone. False: too short to have a header, or longer than a record may be. */
bool pack_entry_of(Span record, PackEntry *e);
void pack_rec_head_write(u64 session, u32 salt, u8 out[PACK_REC_HEAD_BYTES]);
bool pack_rec_head_read(Span rec, u64 *session, u32 *salt);
void pack_frame_write(const PackEntry *e, u32 salt, u8 out[PACK_FRAME_BYTES]);
void pack_entry_write(const PackEntry *e, u8 out[PACK_ENTRY_BYTES]);
/* False: not an entry, or not wholly written. */
bool pack_entry_read(const u8 in[PACK_ENTRY_BYTES], PackEntry *e);
static inline u64 pack_offset(u32 number, u64 at)
{
    return (u64)number << 32 | at;
}
static inline u32 pack_number(u64 offset)
{
    return (u32)(offset >> 32);
}
static inline u64 pack_place(u64 offset)
{
    return offset & UINT32_MAX;
}

/* Entries as they lie in the file. */
void pack_entries_sort(u8 *entries, size_t count);

typedef struct PackHead {
    u64 session, rec_bytes, count;
    u32 number;
    bool closed;
} PackHead;
void pack_head_write(const PackHead *h, u8 out[PACK_HEAD_BYTES]);
bool pack_head_read(const u8 in[PACK_HEAD_BYTES], PackHead *h);

/* Walks the whole records of a .rec file's bytes, in order; what is no record is stepped over.
 * *end: where the last whole one ends; behind it only a torn tail lies. ERR_FORMAT: no head, no records. Stops at the first non-OK answer
 * of `each` and returns it. ERR_BROKEN: so much is damaged that looking further was given up. */
Err pack_scan(Span rec, u32 number, Err (*each)(void *ctx, const PackEntry *e), void *ctx,
              u64 *end) MUST_CHECK;
/* One record with its frame, as it lies in the file: OK when it is the one that the entry names. */
Err pack_verify(Span framed, u32 salt, const PackEntry *e) MUST_CHECK;
/* Walks the entries of an .idx file's bytes up to the first that is not whole. ERR_FORMAT: no index. */
Err pack_index_walk(Span idx, Err (*each)(void *ctx, const PackEntry *e), void *ctx) MUST_CHECK;

#endif
