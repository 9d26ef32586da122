#include "base/text.h"

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
    size_t n = c >= 0xC2 && c <= 0xDF   ? 2
               : c >= 0xE0 && c <= 0xEF ? 3
               : c >= 0xF0 && c <= 0xF4 ? 4
                                        : 0;
    if (n == 0 || n > left) return 0;
    u8 low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    u8 high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return n;
}

/* ASCII bytes at the front, by eight: most text has no others. */
static size_t ascii_run(const u8 *p, size_t len)
{
    const u64 high = 0x8080808080808080u;
    size_t i = 0;
    for (u64 eight; i + sizeof eight <= len; i += sizeof eight) {
        memcpy(&eight, p + i, sizeof eight);
        if (eight & high) break;
    }
    return i;
}

bool text_is_utf8(Span s)
{
    for (size_t i = 0; i < s.len;) {
        i += ascii_run(s.ptr + i, s.len - i);
        if (i == s.len) return true;
        size_t n = utf8_step(s.ptr + i, s.len - i);
        if (n == 0) return false;
        i += n;
    }
    return true;
}

Span text_head(Span s, size_t max_bytes)
{
    if (s.len <= max_bytes) return s;
    size_t n = max_bytes;
    while (n && (s.ptr[n] & 0xC0) == 0x80)
        n--;
    return (Span){s.ptr, n};
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
    if (minus) s = (Span){s.ptr + 1, s.len - 1};
    if (!text_to_u64(s, &v) || v > (u64)INT64_MAX + minus) return false;
    *out = minus ? (i64)(0 - v) : (i64)v;
    return true;
}

/* 10^n for n >= 0: a product of exact powers up to 22, rounded above. */
static double power_of_ten(i32 n)
{
    static const double small[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double v = 1;
    for (; n > 22; n -= 22)
        v *= 1e22;
    return v * small[n];
}

/* Digits off the front of *s into *mantissa, as many as fit; *exponent counts what did not, and
 * what stands behind the separator. Returns how many digits there were. */
static size_t digits_take(Span *s, bool behind, u64 *mantissa, i32 *exponent)
{
    size_t n = 0;
    for (; n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9'; n++) {
        bool fits = *mantissa < 100000000000000000u; /* 10^17: the 18th digit may still come */
        if (fits) *mantissa = *mantissa * 10 + (u64)(s->ptr[n] - '0');
        *exponent += (fits ? 0 : 1) - (behind ? 1 : 0);
    }
    s->ptr += n;
    s->len -= n;
    return n;
}

static bool char_take(Span *s, u8 one, u8 other)
{
    if (!s->len || (s->ptr[0] != one && s->ptr[0] != other)) return false;
    s->ptr++;
    s->len--;
    return true;
}

static bool exponent_take(Span *s, i32 *exponent)
{
    u64 v = 0;
    bool minus = s->len && s->ptr[0] == '-';
    i32 unused = 0;
    (void)char_take(s, '-', '+');
    if (s->len > 4 || !digits_take(s, false, &v, &unused)) return false;
    *exponent += minus ? -(i32)v : (i32)v;
    return true;
}

/* Not strtod: the same bytes must give the same number in every locale, and in the browser's build
 * of the core, which has no C library. Exact for up to 15 digits and exponents of +-22. */
bool text_to_double(Span s, double *out)
{
    u64 mantissa = 0;
    i32 exponent = 0;
    if (s.len == 0 || s.len >= 64) return false;
    bool minus = s.ptr[0] == '-';
    (void)char_take(&s, '-', '+');
    size_t digits = digits_take(&s, false, &mantissa, &exponent);
    if (char_take(&s, '.', ',')) digits += digits_take(&s, true, &mantissa, &exponent);
    if (!digits || (char_take(&s, 'e', 'E') && !exponent_take(&s, &exponent)) || s.len)
        return false;
    double v = (double)mantissa;
    if (mantissa && exponent > 300) return false;
    if (exponent < -360) v = 0;
    else if (exponent < 0) v /= power_of_ten(MIN_OF(-exponent, 300));
    else if (mantissa) v *= power_of_ten(exponent);
    if (exponent < -300 && exponent >= -360) v /= power_of_ten(-exponent - 300);
    if (v > 1e300) return false;
    *out = minus ? -v : v;
    return true;
}

size_t text_hex(Span bytes, char *out, size_t size)
{
    static const char digit[] = "0123456789abcdef";
    size_t n = 0;
    if (!size) return 0;
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
    if (!size) return 0;
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
    if (bits & ((1u << count) - 1))
        return false; /* one text per value, so that none has an alias */
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
