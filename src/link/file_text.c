#include "link/file_text.h"

#include "base/limits.h"
#include "base/text.h"
#include "wire/wire.h"

/* Beginnings of files that people upload by mistake. */
typedef struct Magic {
    Span start;
    u16 refusal;
    Span reason;
} Magic;

#define MAGIC(bytes, refusal, reason)                                                              \
    {                                                                                              \
        {(const u8 *)(bytes), sizeof(bytes) - 1}, refusal,                                         \
        {                                                                                          \
            (const u8 *)(reason), sizeof(reason) - 1                                               \
        }                                                                                          \
    }

static const Magic MAGICS[] = {
    MAGIC("PK\x03\x04", R_FILE_UNKNOWN,
          "This is a zip file or an Office document. Export or save it as a plain text file."),
    MAGIC("%PDF-", R_FILE_UNKNOWN,
          "This is a PDF document. Export the content as a plain text file."),
    MAGIC("\xD0\xCF\x11\xE0", R_FILE_UNKNOWN,
          "This is an old Office document. Export or save it as a plain text file."),
    MAGIC("\x1F\x8B", R_FILE_UNKNOWN, "This is a compressed file. Unpack it first."),
    MAGIC("\x89PNG", R_FILE_UNKNOWN, "This is a picture, not a text file."),
    MAGIC("\xFF\xD8\xFF", R_FILE_UNKNOWN, "This is a picture, not a text file."),
    MAGIC("GIF8", R_FILE_UNKNOWN, "This is a picture, not a text file."),
    MAGIC("{\\rtf", R_FILE_UNKNOWN,
          "This is a rich text document. Save it as plain text in UTF-8."),
    MAGIC("\xFF\xFE", R_FILE_NOT_TEXT,
          "The file is saved as UTF-16 (\"Unicode\"). Save it as UTF-8 and try again."),
    MAGIC("\xFE\xFF", R_FILE_NOT_TEXT,
          "The file is saved as UTF-16 (\"Unicode\"). Save it as UTF-8 and try again."),
};

static void refuse(FileText *out, u16 refusal, u32 line, Span reason)
{
    *out = (FileText){.refusal = refusal, .line = line, .reason = reason};
}

static bool has_magic(Span file, FileText *out)
{
    for (size_t i = 0; i < COUNT_OF(MAGICS); i++) {
        if (!text_starts(file, MAGICS[i].start)) continue;
        refuse(out, MAGICS[i].refusal, 0, MAGICS[i].reason);
        return true;
    }
    return false;
}

bool file_text_line(Span *rest, Span *line)
{
    if (!rest->len) return false;
    if (!text_cut(*rest, '\n', line, rest)) {
        *line = *rest;
        *rest = SPAN_NONE;
    }
    return true;
}

/* Looks line by line, so that the answer can name one. */
static bool has_bad_bytes(Span text, FileText *out)
{
    u32 number = 0;
    for (Span line; file_text_line(&text, &line);) {
        number++;
        if (line.len && memchr(line.ptr, 0, line.len)) {
            refuse(
                out, R_FILE_NOT_TEXT, number,
                SPAN("This line holds a zero byte, which text never does. Save the file as UTF-8 "
                     "text and try again."));
            return true;
        }
        if (!text_is_utf8(line)) {
            refuse(
                out, R_FILE_NOT_TEXT, number,
                SPAN(
                    "This line holds a character that is not UTF-8. Save the file as UTF-8 and try "
                    "again."));
            return true;
        }
    }
    return false;
}

/* "\r\n" and a lone "\r" become "\n"; returns the new length. */
static size_t join_line_ends(u8 *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\r' && i + 1 < len && text[i + 1] == '\n') continue;
        text[n++] = text[i] == '\r' ? '\n' : text[i];
    }
    return n;
}

Err file_text_read(Arena *a, Span file, FileText *out)
{
    *out = (FileText){0};
    if (file.len > IMPORT_BYTES_MAX) {
        refuse(out, R_TOO_LARGE, 0,
               SPAN("The file is larger than 4 MB. Divide it and import the parts."));
        return OK;
    }
    if (has_magic(file, out)) return OK;
    if (text_starts(file, SPAN("\xEF\xBB\xBF"))) file = (Span){file.ptr + 3, file.len - 3};
    if (!text_trim(file).len) {
        refuse(out, R_FILE_EMPTY, 0, SPAN("The file is empty. Choose another file."));
        return OK;
    }
    u8 *text = arena_push(a, file.len);
    if (!text) return ERR_MEMORY;
    memcpy(text, file.ptr, file.len);
    Span clean = {text, join_line_ends(text, file.len)};
    if (!has_bad_bytes(clean, out)) out->text = clean;
    return OK;
}
