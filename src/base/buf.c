#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUF_FIRST_BYTES = 256 };

void buf_init(Buf *b, size_t limit_bytes)
{
    *b = (Buf){.limit = MIN_OF(limit_bytes, SIZE_MAX / 4)};
}

void buf_done(Buf *b)
{
    free(b->ptr);
    *b = (Buf){.limit = b->limit};
}

void buf_reset(Buf *b)
{
    b->len = 0;
    b->failed = false;
}

bool buf_reserve(Buf *b, size_t more_bytes)
{
    if (b->failed) return false;
    if (b->cap - b->len >= more_bytes) return true;
    if (more_bytes > b->limit - MIN_OF(b->len, b->limit)) {
        b->failed = true;
        return false;
    }
    size_t cap = MAX_OF(b->cap * 2, (size_t)BUF_FIRST_BYTES);
    cap = MIN_OF(MAX_OF(cap, b->len + more_bytes), MAX_OF(b->limit, b->len + more_bytes));
    u8 *ptr = realloc(b->ptr, cap + 1); /* one more for the zero that vsnprintf writes */
    if (!ptr) {
        b->failed = true;
        return false;
    }
    b->ptr = ptr;
    b->cap = cap;
    return true;
}

void buf_put(Buf *b, const void *bytes, size_t len)
{
    if (!len || !buf_reserve(b, len)) return;
    memcpy(b->ptr + b->len, bytes, len);
    b->len += len;
}

void buf_span(Buf *b, Span s)
{
    buf_put(b, s.ptr, s.len);
}

void buf_text(Buf *b, const char *zero_ended)
{
    buf_put(b, zero_ended, strlen(zero_ended));
}

void buf_print(Buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) b->failed = true;
    if (len <= 0 || !buf_reserve(b, (size_t)len)) return;
    va_start(args, format);
    vsnprintf((char *)b->ptr + b->len, (size_t)len + 1, format, args);
    va_end(args);
    b->len += (size_t)len;
}

void buf_u8(Buf *b, u8 v)
{
    buf_put(b, &v, 1);
}

void buf_u16(Buf *b, u16 v)
{
    u8 le[2] = {(u8)v, (u8)(v >> 8)};
    buf_put(b, le, sizeof le);
}

void buf_u32(Buf *b, u32 v)
{
    u8 le[4] = {(u8)v, (u8)(v >> 8), (u8)(v >> 16), (u8)(v >> 24)};
    buf_put(b, le, sizeof le);
}

void buf_u64(Buf *b, u64 v)
{
    buf_u32(b, (u32)v);
    buf_u32(b, (u32)(v >> 32));
}
