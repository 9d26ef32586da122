#include "base/text.h"

#include <stdlib.h>

static bool is_space(u8 c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

Span text_trim(Span s)
{
    while (s.len && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool text_cut(Span s, u8 at, Span *head, Span *tail)
{
    const u8 *p = s.len ? memchr(s.ptr, at, s.len) : NULL;
    if (!p) return false;
    size_t n = (size_t)(p - s.ptr);
    *head = (Span){s.ptr, n};
    *tail = (Span){p + 1, s.len - n - 1};
    return true;
}

bool text_starts(Span s, Span prefix)
{
    return s.len >= prefix.len && span_equal((Span){s.ptr, prefix.len}, prefix);
}

static u8 fold(u8 c)
{
    return c >= 'A' && c <= 'Z' ? (u8)(c + 32) : c;
}

bool text_equal_fold(Span a, Span b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (fold(a.ptr[i]) != fold(b.ptr[i])) return false;
    return true;
}

/* Bytes of the well formed sequence at p, 0 when there is none (Unicode 15, table 3-7). */
static size_t utf8_step(const u8 *p, size_t left)
{
    u8 c = p[0];
    if (c < 0x80) return 1;
    size_t n = c >= 0xC2 && c <= 0xDF ? 2 : c >= 0xE0 && c <= 0xEF ? 3 : c >= 0xF0 && c <= 0xF4 ? 4 : 0;
    if (n == 0 || n > left) return 0;
    u8 low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    u8 high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return n;
}

bool text_is_utf8(Span s)
{
    for (size_t i = 0; i < s.len;) {
        size_t n = utf8_step(s.ptr + i, s.len - i);
        if (n == 0) return false;
        i += n;
    }
    return true;
}

size_t text_count_chars(Span s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += (s.ptr[i] & 0xC0) != 0x80;
    return count;
}

bool text_to_u64(Span s, u64 *out)
{
    u64 v = 0;
    if (s.len == 0 || s.len > 20) return false;
    for (size_t i = 0; i < s.len; i++) {
        u8 d = (u8)(s.ptr[i] - '0');
        if (d > 9 || v > (UINT64_MAX - d) / 10) return false;
        v = v * 10 + d;
    }
    *out = v;
    return true;
}

bool text_to_i64(Span s, i64 *out)
{
    bool minus = s.len && s.ptr[0] == '-';
    u64 v;
    if (!text_to_u64((Span){s.ptr + minus, s.len - minus}, &v) || v > INT64_MAX) return false;
    *out = minus ? -(i64)v : (i64)v;
    return true;
}

bool text_to_double(Span s, double *out)
{
    char copy[64];
    if (s.len == 0 || s.len >= sizeof copy) return false;
    for (size_t i = 0; i < s.len; i++) {
        u8 c = s.ptr[i] == ',' ? '.' : s.ptr[i];
        if (!memchr("0123456789+-.eE", c, 15)) return false;
        copy[i] = (char)c;
    }
    copy[s.len] = 0;
    char *end;
    double v = strtod(copy, &end);
    if (end != copy + s.len || v != v || v > 1e300 || v < -1e300) return false;
    *out = v;
    return true;
}

size_t text_hex(Span bytes, char *out, size_t size)
{
    static const char digit[] = "0123456789abcdef";
    size_t n = 0;
    for (size_t i = 0; i < bytes.len && n + 2 < size; i++) {
        out[n++] = digit[bytes.ptr[i] >> 4];
        out[n++] = digit[bytes.ptr[i] & 15];
    }
    out[n] = 0;
    return n;
}

static int hex_value(u8 c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c = fold(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_from_hex(Span text, u8 *out, size_t size, size_t *len)
{
    if (text.len % 2 || text.len / 2 > size) return false;
    for (size_t i = 0; i < text.len / 2; i++) {
        int high = hex_value(text.ptr[2 * i]), low = hex_value(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = (u8)(high << 4 | low);
    }
    *len = text.len / 2;
    return true;
}

static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t text_base64url(Span bytes, char *out, size_t size)
{
    size_t n = 0;
    u32 bits = 0, count = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | bytes.ptr[i];
        for (count += 8; count >= 6 && n + 1 < size; count -= 6)
            out[n++] = BASE64URL[bits >> (count - 6) & 63];
    }
    if (count && n + 1 < size) out[n++] = BASE64URL[bits << (6 - count) & 63];
    out[n] = 0;
    return n;
}

bool text_from_base64url(Span text, u8 *out, size_t size, size_t *len)
{
    u32 bits = 0, count = 0;
    size_t n = 0;
    if (text.len % 4 == 1) return false;
    for (size_t i = 0; i < text.len; i++) {
        const char *at = text.ptr[i] ? memchr(BASE64URL, text.ptr[i], 64) : NULL;
        if (!at) return false;
        bits = bits << 6 | (u32)(at - BASE64URL);
        count += 6;
        if (count < 8) continue;
        if (n == size) return false;
        out[n++] = (u8)(bits >> (count -= 8));
    }
    *len = n;
    return true;
}

bool text_equal_secret(Span a, Span b)
{
    if (a.len != b.len) return false; /* a length is no secret */
    u8 differ = 0;
    for (size_t i = 0; i < a.len; i++)
        differ |= (u8)(a.ptr[i] ^ b.ptr[i]);
    return !differ;
}
