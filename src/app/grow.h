/* grow.h - room for one more element of a malloc'd array. Private to the app room. */
#ifndef INVIGIL_GROW_H
#define INVIGIL_GROW_H

#include <stdlib.h>

#include "base/base.h"

enum { ARRAY_FIRST = 4 };

/* Doubles the array when it is full; untouched when memory is out. */
static inline Err array_grow(void **array, u32 count, u32 *cap, size_t element)
{
    if (count < *cap) return OK;
    u32 bigger = *cap ? *cap * 2 : ARRAY_FIRST;
    void *p = realloc(*array, bigger * element);
    if (!p) return ERR_MEMORY;
    *array = p;
    *cap = bigger;
    return OK;
}

#endif
