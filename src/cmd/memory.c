/* memory.c - see memory.h.
 *
 * A page that is touched first costs the kernel, and the host of a virtual machine, more than what is then
 * written into it: in large pages the log is read at the start in half the time. And what a busy turn frees is
 * needed again by the next: giving it back and taking it again costs a fifth of the processor time of an answer. */
#include "cmd/memory.h"

#include "base/base.h"
#include "base/limits.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LARGE_BYTES = 2 << 20, MAPPED_ALONE_BYTES = 1 << 20, PROBE_BYTES = 100 << 10, PROBES = 2 };

/* The addresses are marked before anything lies there. */
static void mark_large(uintptr_t from, uintptr_t to)
{
    from = (from + LARGE_BYTES - 1) & ~(uintptr_t)(LARGE_BYTES - 1);
    to &= ~(uintptr_t)(LARGE_BYTES - 1);
    if (from < to && to - from <= HEAP_KEPT_BYTES) madvise((void *)from, to - from, MADV_HUGEPAGE);
}

/* More than malloc has at first is asked of it, so that it goes to the system, and takes the rest with it. */
void memory_settings(void)
{
    void *probes[PROBES];
    mallopt(M_MMAP_THRESHOLD, MAPPED_ALONE_BYTES);
    mallopt(M_TOP_PAD, HEAP_KEPT_BYTES);
    for (u32 i = 0; i < PROBES; i++)
        probes[i] = malloc(PROBE_BYTES);
    mark_large((uintptr_t)probes[PROBES - 1], (uintptr_t)sbrk(0));
    for (u32 i = 0; i < PROBES; i++)
        free(probes[i]);
}
