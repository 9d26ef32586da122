/* Lists of backups: whatever is read names only files that a backup can hold, and is written the same. */
#include "store/manifest.h"
#include "fuzz/import_check.h"

#include <string.h>

typedef struct Again {
    Buf lines;
    u64 files;
} Again;

static Err file_take(void *ctx, const char *name, const u8 hash[32])
{
    Again *a = ctx;
    must(!strstr(name, "..") && name[0] != '/' && !strchr(name, '\n'));
    manifest_add(&a->lines, name, hash);
    a->files++;
    return OK;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    ManifestHead head;
    Again again = {.files = 0}, twice = {.files = 0};
    Buf whole;
    buf_init(&again.lines, 1 << 26);
    buf_init(&twice.lines, 1 << 26);
    buf_init(&whole, 1 << 26);
    if (manifest_read((Span){data, size}, &head, file_take, &again) == OK) {
        must(head.files == again.files);
        manifest_begin(&whole, &head);
        buf_span(&whole, buf_view(&again.lines));
        must(manifest_read(buf_view(&whole), &head, file_take, &twice) == OK);
        must(span_equal(buf_view(&again.lines), buf_view(&twice.lines)));
    }
    buf_done(&again.lines);
    buf_done(&twice.lines);
    buf_done(&whole);
    return 0;
}
