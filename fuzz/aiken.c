/* Aiken files, as a person might upload them. */
#include "fuzz/import_check.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    import_check((Span){data, size}, IMPORT_AIKEN);
    return 0;
}
