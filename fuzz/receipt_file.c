/* Files of receipts. */
#include "link/receipt_file.h"
#include "fuzz/import_check.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const u8 key[SEAL_SIGN_PUBLIC_BYTES] = {1};
    Arena a;
    ReceiptFile file;
    ReceiptBody body;
    arena_init(&a, 64 * 1024 * 1024);
    Err err = receipt_file_read(&a, (Span){data, size}, &file);
    must(err == OK || err == ERR_FORMAT);
    for (size_t i = 0; err == OK && i < file.count; i++)
        must(receipt_check(file.line[i].receipt, key, &body) != OK);
    arena_done(&a);
    return 0;
}
