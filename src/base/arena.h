/* arena.h - memory that is freed all at once: per turn, per request, per import.
 * Blocks come from malloc; a reset keeps up to ARENA_KEPT_BYTES of them. Not for threads to share. */
#ifndef INVIGIL_ARENA_H
#define INVIGIL_ARENA_H

#include "base/base.h"

enum { ARENA_KEPT_BYTES = 1 << 18 };

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
    ArenaBlock *first, *last;
    size_t used_bytes, limit_bytes;
} Arena;

/* An arena that refuses to hold more than limit_bytes; nothing is allocated yet. */
void arena_init(Arena *a, size_t limit_bytes);
/* Zeroed memory, aligned for any type; NULL when the limit is reached or memory is out. */
void *arena_push(Arena *a, size_t bytes) MUST_CHECK;
/* A copy of the span in the arena; ptr is NULL when it did not fit (a zero-length copy is fine). */
Span arena_copy(Arena *a, Span s) MUST_CHECK;
/* printf into the arena; an empty span with NULL ptr when it did not fit. */
Span arena_print(Arena *a, const char *format, ...) PRINTF_LIKE(2, 3) MUST_CHECK;
/* Forgets everything that was pushed, keeps some blocks for the next turn: pages that come and go cost more
 * than what is written to them. */
void arena_reset(Arena *a);
/* Frees everything; the arena may be initialised again. Safe on a zeroed arena. */
void arena_done(Arena *a);

#define ARENA_NEW(arena, Type) ((Type *)arena_push((arena), sizeof(Type)))
#define ARENA_ARRAY(arena, Type, count)                                                            \
    ((Type *)arena_push((arena), sizeof(Type) * (size_t)(count)))

#endif
