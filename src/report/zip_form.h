/* zip_form.h - zip files in one form only, so that each byte of one has one value that it may have.
 *
 * Members lie one behind the other from the first byte on, stored and not compressed, without dates or
 * attributes; then the directory, then the end. Sizes and places always stand in the zip64 fields. Every
 * common program unpacks this; this reader takes nothing else. Pure: bytes in, bytes out. */
#ifndef INVIGIL_ZIP_FORM_H
#define INVIGIL_ZIP_FORM_H

#include "base/buf.h"

enum {
    ZIP_NAME_BYTES_MAX = 64,
    ZIP_LOCAL_BYTES = 30 + 20, /* and the name */
};

typedef struct ZipMember {
    Span name;
    Span content; /* when read */
    u64 bytes, offset;
    u32 crc; /* as the file says; whether the content has it is for the reader to see */
} ZipMember;

/* What stands before a member's content. */
void zip_local_write(const ZipMember *m, Buf *out);
/* What stands behind all members, the first byte of it at `offset`. */
void zip_end_write(const ZipMember *members, u32 count, u64 offset, Buf *out);

typedef struct ZipMembers {
    ZipMember *list; /* names and contents point into the file */
    u32 count, cap;
} ZipMembers;

/* ERR_FORMAT: *at is a place where another byte is due. Free with zip_members_done, whatever came back. */
Err zip_read(Span zip, ZipMembers *out, u64 *at) MUST_CHECK;
Err zip_members_add(ZipMembers *m, const ZipMember *one) MUST_CHECK;
void zip_members_done(ZipMembers *m);

#endif
