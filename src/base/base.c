#include "base/base.h"

const char *err_text(Err err)
{
    switch (err) {
    case OK: return "no fault";
    case ERR_MEMORY: return "out of memory";
    case ERR_LIMIT: return "a limit was reached";
    case ERR_IO: return "reading or writing failed";
    case ERR_FULL: return "no space left";
    case ERR_FORMAT: return "the data does not have the form that it must have";
    case ERR_MISSING: return "not found";
    case ERR_DENIED: return "not allowed";
    case ERR_BROKEN: return "stored data contradicts itself";
    case ERR_BUSY: return "in use";
    case ERR_CRYPTO: return "a signature or a tag does not verify";
    }
    return "unknown fault";
}
