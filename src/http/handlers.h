/* handlers.h - one function per row of schema/api.def; files are named by noun. */
#ifndef INVIGIL_HTTP_HANDLERS_H
#define INVIGIL_HTTP_HANDLERS_H

#include "http/call.h"

#define A(name, method, path, who, object) void api_##name(Call *c);
#include "schema/api.def"
#undef A

#endif
