/* pack_map.h - a whole file as a span, without reading it into memory first: packs are large. */
#ifndef INVIGIL_PACK_MAP_H
#define INVIGIL_PACK_MAP_H

#include "base/base.h"

/* False: why says what, where and what to do. An empty file is an empty span. */
bool pack_map(const char *path, Span *out, char *why, size_t size);
void pack_unmap(Span pack);

#endif
