/* import.c - the door for question files: is it text, which format, and how the reading ended. */
#include "link/import.h"

#include "base/limits.h"
#include "base/text.h"
#include "link/file_text.h"
#include "link/import_parts.h"
#include "wire/wire.h"

#include <stdarg.h>
#include <stdio.h>

enum { SCRATCH_BYTES_MAX = 16 * 1024 * 1024, REASON_SIZE = 400 };

const char *import_format_text(ImportFormat format)
{
    switch (format) {
    case IMPORT_AUTO: return "";
    case IMPORT_GIFT: return "GIFT";
    case IMPORT_AIKEN: return "Aiken";
    }
    return "";
}

/* ---- reporting ---- */

void reader_fault(Reader *r)
{
    r->fault = ERR_MEMORY;
    r->stop = true;
}

Span reader_copy(Reader *r, Span s)
{
    Span copy = arena_copy(r->arena, s);
    if (!copy.ptr) reader_fault(r);
    return copy;
}

/* Adds to a list that has room for IMPORT_ERRORS_MAX; false when it is full. */
static bool report(Reader *r, ImportError *list, u32 *count, u32 line, const char *reason)
{
    if (*count == IMPORT_ERRORS_MAX) return false;
    Span text = reader_copy(r, span_of(reason));
    if (text.ptr) list[(*count)++] = (ImportError){line, text};
    return true;
}

void reader_error(Reader *r, u32 line, const char *format, ...)
{
    char reason[REASON_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    if (report(r, r->out->errors, &r->out->error_count, line, reason)) return;
    r->out->too_many_errors = true;
    r->stop = true;
}

void reader_note(Reader *r, u32 line, const char *format, ...)
{
    char reason[REASON_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    (void)report(r, r->out->notes, &r->out->note_count, line, reason);
}

/* ---- which format ---- */

static bool is_xml(Span text)
{
    text = text_trim(text);
    return text_starts(text, SPAN("<?xml")) || text_starts(text, SPAN("<quiz")) ||
           text_starts(text, SPAN("<!DOCTYPE")) || text_starts(text, SPAN("<html"));
}

static ImportFormat format_guess(Span text)
{
    if (is_xml(text)) return IMPORT_AUTO;
    if (aiken_looks_like(text)) return IMPORT_AIKEN;
    return memchr(text.ptr, '{', text.len) ? IMPORT_GIFT : IMPORT_AUTO;
}

static void refuse_unknown(Reader *r, Span text)
{
    r->out->refusal = R_FILE_UNKNOWN;
    if (is_xml(text))
        reader_error(r, 0,
                     "This is an XML or HTML file. Export the questions as GIFT or Aiken instead.");
    else
        reader_error(
            r, 0,
            "No question was found. A GIFT file has answers in braces { }, an Aiken file has "
            "lines that begin with ANSWER: and a letter.");
}

/* ---- the whole ---- */

/* The file's name without folders and without its ending. */
static Span name_from_file(Span name)
{
    for (size_t i = name.len; i > 0; i--) {
        if (name.ptr[i - 1] != '/' && name.ptr[i - 1] != '\\') continue;
        name = (Span){name.ptr + i, name.len - i};
        break;
    }
    size_t end = name.len;
    for (size_t i = name.len; i > 1 && end == name.len; i--)
        if (name.ptr[i - 1] == '.') end = i - 1;
    return text_trim((Span){name.ptr, end});
}

static bool lists_make(Reader *r)
{
    Import *out = r->out;
    out->errors = ARENA_ARRAY(r->arena, ImportError, IMPORT_ERRORS_MAX);
    out->notes = ARENA_ARRAY(r->arena, ImportError, IMPORT_ERRORS_MAX);
    out->paper.items = ARENA_ARRAY(r->arena, Item, ITEMS_MAX);
    return out->errors && out->notes && out->paper.items;
}

static void read_as(Reader *r, Span text, ImportFormat format)
{
    r->out->format = format;
    switch (format) {
    case IMPORT_AUTO: refuse_unknown(r, text); return;
    case IMPORT_GIFT: gift_read(r, text); break;
    case IMPORT_AIKEN: aiken_read(r, text); break;
    }
    if (!r->out->error_count && !r->out->paper.item_count)
        reader_error(r, 0, "The file has no question.");
    if (r->out->error_count) r->out->refusal = R_FILE_HAS_ERRORS;
}

static void read_file(Reader *r, Span file, Span file_name, ImportFormat want)
{
    FileText t;
    r->fault = file_text_read(r->arena, file, &t);
    if (r->fault) return;
    if (t.refusal) {
        r->out->refusal = t.refusal;
        reader_error(r, t.line, "%.*s", SPAN_ARG(t.reason));
        return;
    }
    read_as(r, t.text, want == IMPORT_AUTO || is_xml(t.text) ? format_guess(t.text) : want);
    if (!r->out->paper.name.len) r->out->paper.name = name_from_file(file_name);
    Span name = text_head(r->out->paper.name, NAME_BYTES_MAX);
    r->out->paper.name = reader_copy(r, text_is_utf8(name) ? name : SPAN(""));
}

Err import_read(Arena *a, Span file, Span file_name, ImportFormat want, Import *out)
{
    Import made = {0};
    Reader *r = ARENA_NEW(a, Reader);
    if (!r) return ERR_MEMORY;
    r->arena = a;
    r->out = &made;
    arena_init(&r->scratch, SCRATCH_BYTES_MAX);
    if (!lists_make(r)) r->fault = ERR_MEMORY;
    else read_file(r, file, file_name, want);
    arena_done(&r->scratch);
    if (!r->fault) *out = made;
    return r->fault;
}
