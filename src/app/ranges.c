#include "app/ranges.h"

#include <stdlib.h>

void ranges_done(Ranges *r)
{
    free(r->items);
    *r = (Ranges){0};
}

/* The first range that ends at or behind n. */
static u32 find(const Ranges *r, u32 n)
{
    u32 i = r->count;
    while (i && r->items[i - 1].to >= n)
        i--;
    return i;
}

bool ranges_has(const Ranges *r, u32 n)
{
    u32 i = find(r, n);
    return i < r->count && r->items[i].from <= n;
}

static Err insert(Ranges *r, u32 at, u32 n)
{
    if (r->count == RANGES_MAX) return ERR_LIMIT;
    if (r->count == r->cap) {
        u32 cap = r->cap ? r->cap * 2 : 2;
        Range *items = realloc(r->items, cap * sizeof(Range));
        if (!items) return ERR_MEMORY;
        r->items = items;
        r->cap = cap;
    }
    memmove(r->items + at + 1, r->items + at, (r->count - at) * sizeof(Range));
    r->items[at] = (Range){n, n};
    r->count++;
    return OK;
}

Err ranges_add(Ranges *r, u32 n)
{
    u32 i = find(r, n);
    if (i < r->count && r->items[i].from <= n) return OK;
    bool joins_before = i > 0 && n > 0 && r->items[i - 1].to == n - 1;
    bool joins_after = i < r->count && n < UINT32_MAX && r->items[i].from == n + 1;
    if (joins_before && joins_after) {
        r->items[i - 1].to = r->items[i].to;
        memmove(r->items + i, r->items + i + 1, (--r->count - i) * sizeof(Range));
    } else if (joins_before) r->items[i - 1].to = n;
    else if (joins_after) r->items[i].from = n;
    else return insert(r, i, n);
    return OK;
}

u32 ranges_complete(const Ranges *r)
{
    return r->count && r->items[0].from == 0 ? r->items[0].to + 1 : 0;
}
