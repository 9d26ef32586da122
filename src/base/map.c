#include "base/map.h"

#include <stdlib.h>

enum { MAP_FIRST_CAP = 16 };

void map_done(Map *m)
{
    free(m->slots);
    *m = (Map){0};
}

/* Finaliser of splitmix64 (public domain constants): ids are often sequential. */
static u64 mix(u64 x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* The slot of the key, or the free slot where it would go. */
static MapSlot *map_slot(const Map *m, u64 key)
{
    for (size_t i = mix(key) & (m->cap - 1);; i = (i + 1) & (m->cap - 1))
        if (!m->slots[i].value || m->slots[i].key == key) return &m->slots[i];
}

void *map_get(const Map *m, u64 key)
{
    return m->cap ? map_slot(m, key)->value : NULL;
}

static Err map_grow(Map *m)
{
    Map bigger = {.cap = m->cap ? m->cap * 2 : MAP_FIRST_CAP, .count = m->count};
    bigger.slots = calloc(bigger.cap, sizeof(MapSlot));
    if (!bigger.slots) return ERR_MEMORY;
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].value) *map_slot(&bigger, m->slots[i].key) = m->slots[i];
    free(m->slots);
    *m = bigger;
    return OK;
}

Err map_put(Map *m, u64 key, void *value)
{
    ASSERT(value);
    MapSlot *s = m->cap ? map_slot(m, key) : NULL;
    if (s && s->value) {
        s->value = value;
        return OK;
    }
    if ((m->count + 1) * 4 > m->cap * 3) {
        Err err = map_grow(m);
        if (err) return err;
    }
    *map_slot(m, key) = (MapSlot){key, value};
    m->count++;
    return OK;
}

void *map_remove(Map *m, u64 key)
{
    if (!m->cap) return NULL;
    MapSlot *s = map_slot(m, key);
    void *value = s->value;
    if (!value) return NULL;
    s->value = NULL;
    m->count--;
    /* Entries behind the hole may have been pushed past it: put each of the run back in place. */
    for (size_t i = ((size_t)(s - m->slots) + 1) & (m->cap - 1); m->slots[i].value;
         i = (i + 1) & (m->cap - 1)) {
        MapSlot moved = m->slots[i];
        m->slots[i].value = NULL;
        *map_slot(m, moved.key) = moved;
    }
    return value;
}

bool map_next(const Map *m, size_t *at, u64 *key, void **value)
{
    for (; *at < m->cap; (*at)++) {
        if (!m->slots[*at].value) continue;
        *key = m->slots[*at].key;
        *value = m->slots[*at].value;
        (*at)++;
        return true;
    }
    return false;
}
