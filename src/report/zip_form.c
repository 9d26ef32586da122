#include "report/zip_form.h"

#include <stdlib.h>

enum {
    LOCAL = 0x04034b50,
    ENTRY = 0x02014b50,
    END64 = 0x06064b50,
    LOCATOR = 0x07064b50,
    END = 0x06054b50,
    VERSION = 45, /* zip64 */
    NO_DATE = 33, /* 1980-01-01, the first there is */
    END64_BYTES = 56,
    ENTRY_BYTES = 46 + 28,
    END_BYTES = END64_BYTES + 20 + 22,
};

static u64 get(const u8 *p, int bytes)
{
    u64 v = 0;
    for (int i = bytes; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

/* From "version needed" to the length of the name, the same in both places. */
static void shared_write(const ZipMember *m, Buf *out)
{
    buf_u16(out, VERSION);
    buf_u16(out, 0); /* flags */
    buf_u16(out, 0); /* stored */
    buf_u16(out, 0);
    buf_u16(out, NO_DATE);
    buf_u32(out, m->crc);
    buf_u32(out, UINT32_MAX); /* both sizes: see zip64 */
    buf_u32(out, UINT32_MAX);
    buf_u16(out, (u16)m->name.len);
}

static void sizes_write(const ZipMember *m, u16 bytes, Buf *out)
{
    buf_u16(out, 1); /* zip64 */
    buf_u16(out, bytes);
    buf_u64(out, m->bytes);
    buf_u64(out, m->bytes);
}

void zip_local_write(const ZipMember *m, Buf *out)
{
    buf_u32(out, LOCAL);
    shared_write(m, out);
    buf_u16(out, 20);
    buf_span(out, m->name);
    sizes_write(m, 16, out);
}

static void entry_write(const ZipMember *m, Buf *out)
{
    buf_u32(out, ENTRY);
    buf_u16(out, VERSION);
    shared_write(m, out);
    buf_u16(out, 28);
    buf_u16(out, 0); /* comment */
    buf_u16(out, 0); /* disk */
    buf_u16(out, 0); /* attributes */
    buf_u32(out, 0);
    buf_u32(out, UINT32_MAX); /* place: see zip64 */
    buf_span(out, m->name);
    sizes_write(m, 24, out);
    buf_u64(out, m->offset);
}

void zip_end_write(const ZipMember *members, u32 count, u64 offset, Buf *out)
{
    u64 bytes = 0;
    for (u32 i = 0; i < count; i++) {
        entry_write(&members[i], out);
        bytes += ENTRY_BYTES + members[i].name.len;
    }
    buf_u32(out, END64);
    buf_u64(out, END64_BYTES - 12);
    buf_u16(out, VERSION);
    buf_u16(out, VERSION);
    buf_u32(out, 0); /* this disk, that of the directory */
    buf_u32(out, 0);
    buf_u64(out, count);
    buf_u64(out, count);
    buf_u64(out, bytes);
    buf_u64(out, offset);
    buf_u32(out, LOCATOR);
    buf_u32(out, 0);
    buf_u64(out, offset + bytes);
    buf_u32(out, 1); /* disks */
    buf_u32(out, END);
    buf_u32(out, 0);          /* disks again */
    buf_u32(out, UINT32_MAX); /* counts: see zip64 */
    buf_u32(out, UINT32_MAX);
    buf_u32(out, UINT32_MAX);
    buf_u16(out, 0); /* comment */
}

/* ---- reading ---- */

Err zip_members_add(ZipMembers *m, const ZipMember *one)
{
    if (m->count == m->cap) {
        u32 cap = m->cap ? m->cap * 2 : 64;
        ZipMember *list = cap > m->cap ? realloc(m->list, cap * sizeof *list) : NULL;
        if (!list) return ERR_MEMORY;
        m->list = list;
        m->cap = cap;
    }
    m->list[m->count++] = *one;
    return OK;
}

void zip_members_done(ZipMembers *m)
{
    free(m->list);
    *m = (ZipMembers){0};
}

/* What is read is written again, and must give the same bytes. */
static Err same(Span zip, u64 from, const Buf *again, u64 *at)
{
    if (again->failed) return ERR_MEMORY;
    for (size_t i = 0; i < again->len; i++) {
        *at = from + i;
        if (*at >= zip.len || zip.ptr[*at] != again->ptr[i]) return ERR_FORMAT;
    }
    return OK;
}

static Err member_read(Span zip, u64 from, Buf *again, ZipMember *m, u64 *at)
{
    const u8 *p = zip.ptr + from;
    u64 left = zip.len - from;
    *at = from;
    if (left < ZIP_LOCAL_BYTES) return ERR_FORMAT;
    size_t name = (size_t)get(p + 26, 2);
    *at = from + 26;
    if (!name || name > ZIP_NAME_BYTES_MAX || left < ZIP_LOCAL_BYTES + name) return ERR_FORMAT;
    *m = (ZipMember){.name = {p + 30, name},
                     .bytes = get(p + 30 + name + 4, 8),
                     .offset = from,
                     .crc = (u32)get(p + 14, 4)};
    *at = from + 30 + name + 4;
    if (m->bytes > left - ZIP_LOCAL_BYTES - name) return ERR_FORMAT;
    m->content = (Span){p + ZIP_LOCAL_BYTES + name, (size_t)m->bytes};
    buf_reset(again);
    zip_local_write(m, again);
    return same(zip, from, again, at);
}

static Err end_read(Span zip, u64 from, const ZipMembers *m, u64 *at)
{
    Buf again;
    size_t bytes = m->count * (size_t)(ENTRY_BYTES + ZIP_NAME_BYTES_MAX) + END_BYTES;
    buf_init(&again, bytes);
    zip_end_write(m->list, m->count, from, &again);
    Err err = same(zip, from, &again, at);
    if (!err && zip.len != from + again.len) {
        *at = from + again.len;
        err = ERR_FORMAT;
    }
    buf_done(&again);
    return err;
}

Err zip_read(Span zip, ZipMembers *out, u64 *at)
{
    Buf again;
    u64 from = 0;
    Err err = OK;
    *out = (ZipMembers){0};
    buf_init(&again, 256);
    while (!err && zip.len - from >= 4 && get(zip.ptr + from, 4) == LOCAL) {
        ZipMember m;
        err = member_read(zip, from, &again, &m, at);
        if (!err) err = zip_members_add(out, &m);
        if (!err) from += ZIP_LOCAL_BYTES + m.name.len + m.bytes;
    }
    buf_done(&again);
    return err ? err : end_read(zip, from, out, at);
}
