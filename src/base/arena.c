#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_FIRST_BYTES = 2 * 1024, ARENA_BLOCK_BYTES = 16 * 1024, ARENA_ALIGN = 16 };

struct ArenaBlock {
    ArenaBlock *next;
    size_t used, size;
    _Alignas(ARENA_ALIGN) u8 bytes[];
};

void arena_init(Arena *a, size_t limit_bytes)
{
    *a = (Arena){.limit_bytes = limit_bytes};
}

static ArenaBlock *arena_block(Arena *a, size_t bytes)
{
    size_t size =
        a->last ? MIN_OF(a->last->size * 2, (size_t)ARENA_BLOCK_BYTES) : ARENA_FIRST_BYTES;
    size = MAX_OF(bytes, size);
    ArenaBlock *b = malloc(sizeof(ArenaBlock) + size);
    if (!b) return NULL;
    *b = (ArenaBlock){.size = size};
    if (a->last) {
        b->next = a->last->next;
        a->last->next = b;
    } else a->first = b;
    return a->last = b;
}

/* The block with room for so many bytes: the last in use, the one that a reset kept behind it, or a new one. */
static ArenaBlock *arena_room(Arena *a, size_t bytes)
{
    ArenaBlock *b = a->last;
    if (b && b->size - b->used >= bytes) return b;
    if (b && b->next && b->next->size >= bytes) return a->last = b->next;
    return arena_block(a, bytes);
}

void *arena_push(Arena *a, size_t bytes)
{
    if (bytes > a->limit_bytes || bytes > SIZE_MAX / 2) return NULL;
    size_t room = (bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (room > a->limit_bytes - MIN_OF(a->used_bytes, a->limit_bytes)) return NULL;
    ArenaBlock *b = arena_room(a, room);
    if (!b) return NULL;
    void *p = b->bytes + b->used;
    b->used += room;
    a->used_bytes += room;
    return memset(p, 0, room);
}

Span arena_copy(Arena *a, Span s)
{
    u8 *p = arena_push(a, s.len + 1);
    if (!p) return SPAN_NONE;
    if (s.len) memcpy(p, s.ptr, s.len);
    return (Span){p, s.len};
}

Span arena_print(Arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = len < 0 ? NULL : arena_push(a, (size_t)len + 1);
    if (!p) return SPAN_NONE;
    va_start(args, format);
    vsnprintf(p, (size_t)len + 1, format, args);
    va_end(args);
    return (Span){(u8 *)p, (size_t)len};
}

static void arena_free_from(ArenaBlock *b)
{
    while (b) {
        ArenaBlock *next = b->next;
        free(b);
        b = next;
    }
}

void arena_reset(Arena *a)
{
    size_t kept = 0;
    for (ArenaBlock **at = &a->first; *at; at = &(*at)->next) {
        kept += (*at)->size;
        if (at != &a->first && kept > ARENA_KEPT_BYTES) {
            arena_free_from(*at);
            *at = NULL;
            break;
        }
        (*at)->used = 0;
    }
    a->last = a->first;
    a->used_bytes = 0;
}

void arena_done(Arena *a)
{
    arena_free_from(a->first);
    *a = (Arena){.limit_bytes = a->limit_bytes};
}
