#include "app/wakes.h"

#include <stdlib.h>

static void swap(Wake *a, Wake *b)
{
    Wake t = *a;
    *a = *b;
    *b = t;
}

Err wakes_push(Wakes *w, Wake wake)
{
    if (w->count == w->cap) {
        u32 cap = w->cap ? w->cap * 2 : 64;
        Wake *heap = realloc(w->heap, cap * sizeof(Wake));
        if (!heap) return ERR_MEMORY;
        w->heap = heap;
        w->cap = cap;
    }
    u32 i = w->count++;
    w->heap[i] = wake;
    for (; i && w->heap[i].at_ms < w->heap[(i - 1) / 2].at_ms; i = (i - 1) / 2)
        swap(&w->heap[i], &w->heap[(i - 1) / 2]);
    return OK;
}

bool wakes_pop_due(Wakes *w, i64 now_ms, Wake *out)
{
    if (!w->count || w->heap[0].at_ms > now_ms) return false;
    *out = w->heap[0];
    w->heap[0] = w->heap[--w->count];
    for (u32 i = 0;;) {
        u32 least = i, left = 2 * i + 1, right = left + 1;
        if (left < w->count && w->heap[left].at_ms < w->heap[least].at_ms) least = left;
        if (right < w->count && w->heap[right].at_ms < w->heap[least].at_ms) least = right;
        if (least == i) return true;
        swap(&w->heap[i], &w->heap[least]);
        i = least;
    }
}

i64 wakes_next_ms(const Wakes *w)
{
    return w->count ? w->heap[0].at_ms : INT64_MAX;
}

void wakes_done(Wakes *w)
{
    free(w->heap);
    *w = (Wakes){0};
}
