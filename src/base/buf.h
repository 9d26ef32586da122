/* buf.h - a byte buffer that grows to a limit which its maker must name.
 * After a failed append the buffer is marked and stays so: build a whole message, then ask once. */
#ifndef INVIGIL_BUF_H
#define INVIGIL_BUF_H

#include "base/base.h"

typedef struct Buf {
    u8 *ptr;
    size_t len, cap, limit;
    bool failed; /* an append did not fit or memory ran out; contents are incomplete */
} Buf;

void buf_init(Buf *b, size_t limit_bytes);
void buf_done(Buf *b);                       /* frees; safe on a zeroed buffer and twice */
void buf_reset(Buf *b);                      /* empties, keeps the memory, clears the mark */
bool buf_reserve(Buf *b, size_t more_bytes); /* room for that many; false marks the buffer */
void buf_put(Buf *b, const void *bytes, size_t len);
void buf_span(Buf *b, Span s);
void buf_text(Buf *b, const char *zero_ended);
void buf_print(Buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_u8(Buf *b, u8 v); /* integers are little endian */
void buf_u16(Buf *b, u16 v);
void buf_u32(Buf *b, u32 v);
void buf_u64(Buf *b, u64 v);

static inline Span buf_view(const Buf *b)
{
    return (Span){b->ptr, b->len};
}

#endif
