#include "http/body.h"

#include <math.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "link/html.h"

void body_init(Body *b)
{
    *b = (Body){.more = false};
    buf_init(&b->buf, ARENA_REQUEST_BYTES_MAX);
}

void body_done(Body *b)
{
    buf_done(&b->buf);
}

void body_name(Body *b, const char *name)
{
    if (b->more) buf_u8(&b->buf, ',');
    b->more = true;
    if (!name) return;
    buf_u8(&b->buf, '"');
    buf_text(&b->buf, name);
    buf_text(&b->buf, "\":");
}

void body_open(Body *b, const char *name, char bracket)
{
    body_name(b, name);
    buf_u8(&b->buf, (u8)bracket);
    b->more = false;
}

void body_shut(Body *b, char bracket)
{
    buf_u8(&b->buf, (u8)bracket);
    b->more = true;
}

void body_text(Body *b, const char *name, Span value)
{
    body_name(b, name);
    html_json_text(&b->buf, value);
}

/* By hand: a list of 20,000 rows has 700,000 numbers, and printf takes half a second for them. */
void body_number(Body *b, const char *name, i64 value)
{
    char digits[20];
    size_t at = sizeof digits;
    u64 rest = value < 0 ? 0 - (u64)value : (u64)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    body_name(b, name);
    if (value < 0) buf_u8(&b->buf, '-');
    buf_put(&b->buf, digits + at, sizeof digits - at);
}

void body_bool(Body *b, const char *name, bool value)
{
    body_name(b, name);
    buf_text(&b->buf, value ? "true" : "false");
}

void body_binary(Body *b, const char *name, Span value)
{
    body_name(b, name);
    buf_u8(&b->buf, '"');
    size_t most = value.len / 3 * 4 + 5;
    if (buf_reserve(&b->buf, most)) {
        b->buf.len += text_base64url(value, (char *)b->buf.ptr + b->buf.len, most);
    }
    buf_u8(&b->buf, '"');
}

void body_milli(Body *b, const char *name, i64 thousandths)
{
    body_name(b, name);
    i64 rest = llabs(thousandths % 1000);
    if (thousandths < 0) buf_u8(&b->buf, '-');
    buf_print(&b->buf, "%lld", (long long)llabs(thousandths / 1000));
    if (!rest) return;
    char digits[4] = {(char)('0' + rest / 100), (char)('0' + rest / 10 % 10),
                      (char)('0' + rest % 10), 0};
    for (int i = 2; i > 0 && digits[i] == '0'; i--)
        digits[i] = 0;
    buf_print(&b->buf, ".%s", digits);
}

void body_double(Body *b, const char *name, double value)
{
    body_name(b, name);
    if (isfinite(value)) buf_print(&b->buf, "%.15g", value);
    else buf_text(&b->buf, "null");
}

void body_raw(Body *b, const char *name, Span json)
{
    body_name(b, name);
    buf_span(&b->buf, json);
}
