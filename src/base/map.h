/* map.h - u64 keys to pointers: open addressing, linear probing. Key 0 is allowed.
 * Does not own what it points to. */
#ifndef INVIGIL_MAP_H
#define INVIGIL_MAP_H

#include "base/base.h"

typedef struct MapSlot {
    u64 key;
    void *value; /* NULL: free slot */
} MapSlot;

typedef struct Map {
    MapSlot *slots;
    size_t cap, count; /* cap is a power of two or 0 */
} Map;

void map_done(Map *m);                                /* frees the table; safe on a zeroed map */
void *map_get(const Map *m, u64 key);                 /* NULL: not there */
Err map_put(Map *m, u64 key, void *value) MUST_CHECK; /* value must not be NULL; replaces */
void *map_remove(Map *m, u64 key);                    /* the value that was there, or NULL */
/* Walks all entries: start with *at = 0; false at the end. The map must not change meanwhile. */
bool map_next(const Map *m, size_t *at, u64 *key, void **value);

#endif
