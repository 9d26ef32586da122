#include "store/manifest.h"

#include "base/text.h"

#include <stdio.h>

enum { MANIFEST_HASH_CHARS = 64, MANIFEST_NAME_CHARS_MAX = 64 };

void manifest_begin(Buf *out, const ManifestHead *h)
{
    buf_print(out, "# invigil backup 1\n# made %.*s\n# events %llu\n# files %llu\n",
              SPAN_ARG(h->made), (unsigned long long)h->events, (unsigned long long)h->files);
}

void manifest_add(Buf *out, const char *name, const u8 hash[32])
{
    char text[MANIFEST_HASH_CHARS + 1];
    text_hex((Span){hash, 32}, text, sizeof text);
    buf_print(out, "%s  %s\n", text, name);
}

static bool is_number(Span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    return s.len > 0;
}

/* Nothing else may be named, so that no list can lead a restore out of its folder. */
static bool is_backup_name(Span name)
{
    Span head, session, file, number, ending;
    if (span_equal(name, SPAN("log.db")) || span_equal(name, SPAN("people.db"))) return true;
    return text_cut(name, '/', &head, &session) && span_equal(head, SPAN("evidence")) &&
           text_cut(session, '/', &session, &file) && is_number(session) &&
           text_cut(file, '.', &number, &ending) && is_number(number) &&
           (span_equal(ending, SPAN("rec")) || span_equal(ending, SPAN("idx")));
}

/* The rest of the next line when it begins so. */
static bool take_line(Span *text, const char *beginning, Span *rest)
{
    Span line, tail, begins = span_of(beginning);
    if (!text_cut(*text, '\n', &line, &tail) || !text_starts(line, begins)) return false;
    *rest = (Span){line.ptr + begins.len, line.len - begins.len};
    *text = tail;
    return true;
}

static bool take_head(Span *text, ManifestHead *h)
{
    Span form, events, files;
    return take_line(text, "# invigil backup ", &form) && span_equal(form, SPAN("1")) &&
           take_line(text, "# made ", &h->made) && take_line(text, "# events ", &events) &&
           text_to_u64(events, &h->events) && take_line(text, "# files ", &files) &&
           text_to_u64(files, &h->files);
}

static Err take_file(Span line, ManifestEach *each, void *ctx)
{
    char name[MANIFEST_NAME_CHARS_MAX + 1];
    u8 hash[32];
    size_t len = 0, before = MANIFEST_HASH_CHARS + 2;
    if (line.len <= before || line.len - before > MANIFEST_NAME_CHARS_MAX) return ERR_FORMAT;
    Span path = {line.ptr + before, line.len - before};
    bool fine = text_from_hex((Span){line.ptr, MANIFEST_HASH_CHARS}, hash, sizeof hash, &len) &&
                len == sizeof hash && memcmp(line.ptr + MANIFEST_HASH_CHARS, "  ", 2) == 0 &&
                is_backup_name(path);
    if (!fine) return ERR_FORMAT;
    snprintf(name, sizeof name, "%.*s", SPAN_ARG(path));
    return each(ctx, name, hash);
}

Err manifest_read(Span text, ManifestHead *head, ManifestEach *each, void *ctx)
{
    ManifestHead h;
    Span line;
    u64 files = 0;
    if (!take_head(&text, &h)) return ERR_FORMAT;
    for (; take_line(&text, "", &line); files++) {
        Err err = take_file(line, each, ctx);
        if (err) return err;
    }
    if (text.len || files != h.files) return ERR_FORMAT;
    *head = h;
    return OK;
}
