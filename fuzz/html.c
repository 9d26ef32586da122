/* Question text: the first byte chooses the format. */
#include "fuzz/import_check.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    Arena a;
    Buf json;
    if (!size) return 0;
    TextFormat format = (TextFormat)(data[0] % 3);
    Span text = {data + 1, size - 1};
    arena_init(&a, 64 * 1024 * 1024);
    buf_init(&json, 16 * 1024 * 1024);
    Err err = html_tree(&a, text, format, &json);
    must(err == OK || err == ERR_LIMIT || err == ERR_FORMAT);
    if (err == OK) tree_check(buf_view(&json));
    else must(json.len == 0);
    if (text_is_utf8(text)) {
        Span plain = html_plain(&a, text, format, 40);
        must(plain.ptr && text_is_utf8(plain) && text_count_chars(plain) <= 41);
    }
    buf_done(&json);
    arena_done(&a);
    return 0;
}
