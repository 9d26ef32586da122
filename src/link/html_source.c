/* html_source.c - from plain text, Markdown and HTML to one form: HTML source, pictures taken out.
 * The source is still dangerous; only html.c makes it safe. */
#include "base/text.h"
#include "link/html.h"
#include "link/html_parts.h"

#include <inttypes.h>
#include <md4c-html.h>
#include <stdio.h>

enum {
    SOURCE_BYTES_MAX =
        16 * HTML_BYTES_MAX, /* what Markdown or escaping can make of the longest text */
    TABLE_COLUMNS_MAX =
        128 /* the Markdown library fills every row up to the widest: rows x columns */
};

/* ---- pictures ---- */

static const Span PICTURE_START = {(const u8 *)"data:image/", 11};

static bool is_base64(u8 c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
}

/* The next data: url of a picture in text; ptr NULL: there is none. */
static Span picture_find(Span text)
{
    while (text.len > PICTURE_START.len) {
        const u8 *p = memmem(text.ptr, text.len, PICTURE_START.ptr, PICTURE_START.len);
        if (!p) return SPAN_NONE;
        text.len -= (size_t)(p - text.ptr);
        text.ptr = p;
        size_t n = PICTURE_START.len;
        while (n < text.len && text.ptr[n] >= 'a' && text.ptr[n] <= 'z')
            n++;
        Span rest = {p + n, text.len - n};
        if (text_starts(rest, SPAN(";base64,"))) {
            for (n += 8; n < text.len && is_base64(text.ptr[n]);)
                n++;
            return (Span){p, n};
        }
        text.ptr += n;
        text.len -= n;
    }
    return SPAN_NONE;
}

static Span behind(Span text, Span part)
{
    const u8 *end = text.ptr + text.len, *at = part.ptr + part.len;
    return (Span){at, (size_t)(end - at)};
}

static Err pictures_list(Arena *a, Span text, Pictures *out)
{
    u32 count = 0;
    for (Span rest = text, url; (url = picture_find(rest)).ptr; rest = behind(rest, url))
        count++;
    *out = (Pictures){.urls = ARENA_ARRAY(a, Span, count + 1)};
    if (!out->urls) return ERR_MEMORY;
    for (Span rest = text, url; (url = picture_find(rest)).ptr; rest = behind(rest, url))
        out->urls[out->count++] = url;
    return OK;
}

Err html_take_pictures(Arena *a, Span text, Span *without, Pictures *out)
{
    Err err = pictures_list(a, text, out);
    u8 *to = arena_push(a, text.len + 1); /* a mark is shorter than what it stands for */
    if (err || !to) return ERR_MEMORY;
    size_t n = 0;
    Span rest = text;
    for (u32 i = 0; i < out->count; i++) {
        char mark[24];
        size_t before = (size_t)(out->urls[i].ptr - rest.ptr);
        if (before) memcpy(to + n, rest.ptr, before);
        int len = snprintf(mark, sizeof mark, "data:#%" PRIu32, i);
        memcpy(to + n + before, mark, (size_t)len);
        n += before + (size_t)len;
        rest = behind(rest, out->urls[i]);
    }
    if (rest.len) memcpy(to + n, rest.ptr, rest.len);
    *without = (Span){to, n + rest.len};
    return OK;
}

Span html_picture(const Pictures *pictures, Span src)
{
    static const char *const kinds[] = {"data:image/png;", "data:image/jpeg;", "data:image/gif;",
                                        "data:image/webp;"};
    u64 n;
    if (!text_starts(src, SPAN("data:#")) || !text_to_u64((Span){src.ptr + 6, src.len - 6}, &n) ||
        n >= pictures->count)
        return SPAN_NONE;
    Span url = pictures->urls[n];
    if (url.len > HTML_IMAGE_BYTES_MAX) return SPAN_NONE;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (text_starts(url, span_of(kinds[i]))) return url;
    return SPAN_NONE;
}

/* ---- plain text ---- */

static void plain_line(Buf *out, Span line)
{
    for (size_t i = 0; i < line.len; i++) {
        u8 c = line.ptr[i];
        if (c == '&') buf_text(out, "&amp;");
        else if (c == '<') buf_text(out, "&lt;");
        else if (c == '>') buf_text(out, "&gt;");
        else buf_u8(out, c);
    }
}

/* Blank lines part paragraphs, other line ends stay line ends. */
static void plain_source(Span text, Buf *out)
{
    bool open = false;
    for (Span rest = text_trim(text), line; rest.len;) {
        if (!text_cut(rest, '\n', &line, &rest)) line = rest, rest = SPAN_NONE;
        line = text_trim(line);
        if (!line.len) {
            if (open) buf_text(out, "</p>");
            open = false;
            continue;
        }
        buf_text(out, open ? "<br>" : "<p>");
        plain_line(out, line);
        open = true;
    }
    if (open) buf_text(out, "</p>");
}

/* ---- Markdown ---- */

/* In TeX "\(" opens a formula; in Markdown it is an escaped bracket. Questions mean the first. */
static void keep_tex_brackets(Span text, Buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        u8 c = text.ptr[i];
        bool pair = c == '\\' && i + 1 < text.len;
        u8 next = pair ? text.ptr[i + 1] : 0;
        if (next == '(' || next == ')') buf_u8(out, '\\');
        buf_u8(out, c);
        if (pair) buf_u8(out, text.ptr[++i]);
    }
}

static bool has_wide_table(Span text)
{
    u32 columns = 0;
    for (size_t i = 0; i < text.len; i++) {
        columns = text.ptr[i] == '\n' ? 0 : columns + (text.ptr[i] == '|');
        if (columns > TABLE_COLUMNS_MAX) return true;
    }
    return false;
}

static void markdown_out(const MD_CHAR *bytes, MD_SIZE len, void *ctx)
{
    buf_put(ctx, bytes, len);
}

static Err markdown_source(Span text, Buf *out)
{
    Buf source;
    buf_init(&source, 2 * text.len);
    keep_tex_brackets(text, &source);
    unsigned flags = MD_FLAG_STRIKETHROUGH | MD_FLAG_LATEXMATHSPANS |
                     (has_wide_table(text) ? 0u : MD_FLAG_TABLES);
    int failed = source.failed || md_html((const MD_CHAR *)source.ptr, (MD_SIZE)source.len,
                                          markdown_out, out, flags, 0);
    buf_done(&source);
    return failed ? ERR_MEMORY : OK;
}

Err html_from(Arena *a, Span text, TextFormat format, Span *out)
{
    Buf source;
    Err err = OK;
    buf_init(&source, SOURCE_BYTES_MAX);
    switch (format) {
    case FORMAT_PLAIN: plain_source(text, &source); break;
    case FORMAT_HTML: buf_span(&source, text); break;
    case FORMAT_MARKDOWN: err = markdown_source(text, &source); break;
    }
    Span copy = arena_copy(a, buf_view(&source));
    if (!err && source.failed) err = source.cap < SOURCE_BYTES_MAX ? ERR_MEMORY : ERR_LIMIT;
    if (!err && !copy.ptr) err = ERR_MEMORY;
    buf_done(&source);
    if (!err) *out = copy;
    return err;
}
