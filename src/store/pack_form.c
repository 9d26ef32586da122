/* pack_form.c - see pack_form.h. */
#include "store/pack_form.h"

#include "base/limits.h"

#include <stdlib.h>

static const u32 REC_MAGIC = 0x31505649;   /* "IVP1" */
static const u32 FRAME_MAGIC = 0x31525649; /* "IVR1" */
static const u32 HEAD_MAGIC = 0x31585649;  /* "IVX1" */

enum {
    SCAN_BUDGET_TIMES = 4,
    RECORD_BYTES_MAX = PACK_RECORD_HEADER_BYTES + MEDIA_RECORD_BYTES_MAX
};

static void put32(u8 *p, u32 v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (u8)(v >> 8 * i);
}

static void put64(u8 *p, u64 v)
{
    put32(p, (u32)v);
    put32(p + 4, (u32)(v >> 32));
}

static u32 get32(const u8 *p)
{
    return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static u64 get64(const u8 *p)
{
    return get32(p) | (u64)get32(p + 4) << 32;
}

bool pack_entry_of(Span record, PackEntry *e)
{
    if (record.len < PACK_RECORD_HEADER_BYTES || record.len > RECORD_BYTES_MAX) return false;
    const u8 *p = record.ptr;
    e->kind = p[1];
    e->stream = p[2];
    e->flags = p[3];
    e->seq = get32(p + 4);
    e->at_us = get64(p + 8);
    e->key_seq = get32(p + 16);
    e->epoch = get64(p + 24);
    e->bytes = (u32)record.len;
    return true;
}

void pack_rec_head_write(u64 session, u32 salt, u8 out[PACK_REC_HEAD_BYTES])
{
    put32(out, REC_MAGIC);
    put32(out + 4, salt);
    put64(out + 8, session);
}

bool pack_rec_head_read(Span rec, u64 *session, u32 *salt)
{
    if (rec.len < PACK_REC_HEAD_BYTES || get32(rec.ptr) != REC_MAGIC) return false;
    *salt = get32(rec.ptr + 4);
    *session = get64(rec.ptr + 8);
    return true;
}

void pack_frame_write(const PackEntry *e, u32 salt, u8 out[PACK_FRAME_BYTES])
{
    memset(out, 0, PACK_FRAME_BYTES);
    put32(out, FRAME_MAGIC);
    put64(out + 8, e->attempt);
    put64(out + 16, (u64)e->received_ms);
    put32(out + 24, e->bytes);
    put32(out + 28, e->crc);
    out[32] = e->late;
    put32(out + 4, crc32_of(salt, (Span){out + 8, PACK_FRAME_BYTES - 8}));
}

static bool frame_read(const u8 *in, u32 salt, PackEntry *e)
{
    if (get32(in) != FRAME_MAGIC) return false;
    if (get32(in + 4) != crc32_of(salt, (Span){in + 8, PACK_FRAME_BYTES - 8})) return false;
    *e = (PackEntry){.attempt = get64(in + 8),
                     .received_ms = (i64)get64(in + 16),
                     .bytes = get32(in + 24),
                     .crc = get32(in + 28),
                     .late = in[32]};
    return true;
}

void pack_entry_write(const PackEntry *e, u8 out[PACK_ENTRY_BYTES])
{
    put64(out, e->attempt);
    put64(out + 8, e->epoch);
    put64(out + 16, e->at_us);
    put64(out + 24, e->offset);
    put64(out + 32, (u64)e->received_ms);
    put32(out + 40, e->seq);
    put32(out + 44, e->key_seq);
    put32(out + 48, e->bytes);
    put32(out + 52, e->crc);
    out[56] = e->stream;
    out[57] = e->kind;
    out[58] = e->flags;
    out[59] = e->late;
    put32(out + 60, crc32_of(0, (Span){out, 60}));
}

bool pack_entry_read(const u8 in[PACK_ENTRY_BYTES], PackEntry *e)
{
    if (get32(in + 60) != crc32_of(0, (Span){in, 60})) return false;
    *e = (PackEntry){.attempt = get64(in),
                     .epoch = get64(in + 8),
                     .at_us = get64(in + 16),
                     .offset = get64(in + 24),
                     .received_ms = (i64)get64(in + 32),
                     .seq = get32(in + 40),
                     .key_seq = get32(in + 44),
                     .bytes = get32(in + 48),
                     .crc = get32(in + 52),
                     .stream = in[56],
                     .kind = in[57],
                     .flags = in[58],
                     .late = in[59]};
    return e->bytes >= PACK_RECORD_HEADER_BYTES && e->bytes <= RECORD_BYTES_MAX &&
           pack_place(e->offset) >= PACK_REC_HEAD_BYTES + PACK_FRAME_BYTES;
}

static int entry_order(const void *a, const void *b)
{
    u64 x = get64(a), y = get64(b);
    if (x != y) return x < y ? -1 : 1;
    x = get64((const u8 *)a + 24);
    y = get64((const u8 *)b + 24);
    return x < y ? -1 : x > y;
}

void pack_entries_sort(u8 *entries, size_t count)
{
    if (count) qsort(entries, count, PACK_ENTRY_BYTES, entry_order);
}

void pack_head_write(const PackHead *h, u8 out[PACK_HEAD_BYTES])
{
    memset(out, 0, PACK_HEAD_BYTES);
    put32(out, HEAD_MAGIC);
    put64(out + 8, h->session);
    put32(out + 16, h->number);
    put32(out + 20, h->closed);
    put64(out + 24, h->rec_bytes);
    put64(out + 32, h->count);
    put32(out + 4, crc32_of(0, (Span){out + 8, PACK_HEAD_BYTES - 8}));
}

bool pack_head_read(const u8 in[PACK_HEAD_BYTES], PackHead *h)
{
    if (get32(in) != HEAD_MAGIC) return false;
    if (get32(in + 4) != crc32_of(0, (Span){in + 8, PACK_HEAD_BYTES - 8})) return false;
    *h = (PackHead){.session = get64(in + 8),
                    .number = get32(in + 16),
                    .closed = get32(in + 20) == 1,
                    .rec_bytes = get64(in + 24),
                    .count = get64(in + 32)};
    return true;
}

/* The record at `at`, if a whole one begins there. *budget: bytes that may still be looked at. */
static bool scan_one(Span rec, u64 at, u32 salt, u64 *budget, PackEntry *e)
{
    if (rec.len - at < PACK_FRAME_BYTES || !frame_read(rec.ptr + at, salt, e)) return false;
    u64 left = rec.len - at - PACK_FRAME_BYTES;
    if (e->bytes > left || e->bytes > *budget) return false;
    Span record = {rec.ptr + at + PACK_FRAME_BYTES, e->bytes};
    if (!pack_entry_of(record, e)) return false;
    *budget -= e->bytes;
    return crc32_of(0, record) == e->crc;
}

Err pack_scan(Span rec, u32 number, Err (*each)(void *ctx, const PackEntry *e), void *ctx, u64 *end)
{
    /* A damaged file can hold many frames that claim the same long record: bounded, not followed. */
    u64 budget = (u64)rec.len * SCAN_BUDGET_TIMES, at = PACK_REC_HEAD_BYTES, session;
    u32 salt;
    *end = 0;
    if (!pack_rec_head_read(rec, &session, &salt)) return ERR_FORMAT;
    *end = at;
    while (at < rec.len && budget) {
        PackEntry e;
        if (!scan_one(rec, at, salt, &budget, &e)) {
            const u8 *next = memchr(rec.ptr + at + 1, FRAME_MAGIC & 0xff, rec.len - at - 1);
            at = next ? (u64)(next - rec.ptr) : rec.len;
            continue;
        }
        e.offset = pack_offset(number, at + PACK_FRAME_BYTES);
        Err err = each(ctx, &e);
        if (err) return err;
        at += PACK_FRAME_BYTES + e.bytes;
        *end = at;
    }
    return at < rec.len ? ERR_BROKEN : OK;
}

Err pack_verify(Span framed, u32 salt, const PackEntry *e)
{
    PackEntry have;
    if (framed.len != PACK_FRAME_BYTES + (size_t)e->bytes || !frame_read(framed.ptr, salt, &have))
        return ERR_BROKEN;
    Span record = {framed.ptr + PACK_FRAME_BYTES, e->bytes};
    bool same = have.attempt == e->attempt && have.bytes == e->bytes && have.crc == e->crc;
    return same && crc32_of(0, record) == e->crc ? OK : ERR_BROKEN;
}

Err pack_index_walk(Span idx, Err (*each)(void *ctx, const PackEntry *e), void *ctx)
{
    PackHead head;
    if (idx.len < PACK_HEAD_BYTES || !pack_head_read(idx.ptr, &head)) return ERR_FORMAT;
    for (size_t at = PACK_HEAD_BYTES; idx.len - at >= PACK_ENTRY_BYTES; at += PACK_ENTRY_BYTES) {
        PackEntry e;
        if (!pack_entry_read(idx.ptr + at, &e)) return OK;
        Err err = each(ctx, &e);
        if (err) return err;
    }
    return OK;
}
