#include "link/receipt_file.h"

#include <jansson.h>

#include "base/limits.h"
#include "base/text.h"

static const char FORMAT[] = "invigil receipts 1";

static Span text_of(Arena *a, const json_t *object, const char *name)
{
    const json_t *text = json_object_get(object, name);
    if (!json_is_string(text)) return SPAN_NONE;
    return arena_copy(a, (Span){(const u8 *)json_string_value(text), json_string_length(text)});
}

/* A number that is not there or no integer is none that a receipt could say. */
static i64 number_of(const json_t *object, const char *name)
{
    const json_t *number = json_object_get(object, name);
    return json_is_integer(number) ? json_integer_value(number) : -1;
}

static Span bytes_of(Arena *a, const json_t *object, const char *name)
{
    Span text = text_of(a, object, name);
    size_t len = 0;
    u8 *bytes = text.len ? arena_push(a, text.len) : NULL;
    if (!bytes || !text_from_base64url(text, bytes, text.len, &len)) return SPAN_NONE;
    return (Span){bytes, len};
}

static void line_read(Arena *a, const json_t *in, ReceiptLine *out)
{
    *out = (ReceiptLine){.question = number_of(in, "question"),
                         .revision = number_of(in, "revision"),
                         .stored_ms = number_of(in, "stored_ms"),
                         .answer_sha256 = text_of(a, in, "answer_sha256"),
                         .receipt = bytes_of(a, in, "receipt")};
}

static Err file_read_json(Arena *a, const json_t *in, ReceiptFile *out)
{
    const json_t *list = json_object_get(in, "receipts");
    Span format = text_of(a, in, "format");
    size_t count = json_array_size(list);
    if (!span_equal(format, SPAN(FORMAT)) || !json_is_array(list) || count > ITEMS_MAX)
        return ERR_FORMAT;
    ReceiptLine *line = arena_push(a, (count + 1) * sizeof *line);
    if (!line) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        line_read(a, json_array_get(list, i), &line[i]);
    *out = (ReceiptFile){.session = text_of(a, in, "session"),
                         .exam = text_of(a, in, "exam"),
                         .name = text_of(a, in, "name"),
                         .line = line,
                         .count = count};
    return OK;
}

Err receipt_file_read(Arena *a, Span file, ReceiptFile *out)
{
    if (file.len > RECEIPT_FILE_BYTES_MAX) return ERR_FORMAT;
    json_t *in = json_loadb((const char *)file.ptr, file.len, JSON_REJECT_DUPLICATES, NULL);
    Err err = in ? file_read_json(a, in, out) : ERR_FORMAT;
    json_decref(in);
    return err;
}

bool receipt_line_agrees(const ReceiptLine *l, const ReceiptBody *b)
{
    char hex[2 * SEAL_HASH_BYTES + 1];
    text_hex((Span){b->answer_hash, SEAL_HASH_BYTES}, hex, sizeof hex);
    return l->question == b->item && l->revision == b->rev && l->stored_ms == b->stored_ms &&
           span_equal(l->answer_sha256, span_of(hex));
}
