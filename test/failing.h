/* failing.h - lets the n-th allocation fail. A test program that includes it is linked with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc: see TEST_LDFLAGS in the Makefile.
 *   for (int n = 1; failing_from(n); n++) { try; check that nothing is lost; }
 * ends after the first try in which no allocation failed any more. */
#ifndef INVIGIL_TEST_FAILING_H
#define INVIGIL_TEST_FAILING_H

#include <stdbool.h>
#include <stddef.h>

static long failing_left; /* 0: nothing fails; n: the n-th allocation from now on */
static bool failing_hit;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);

static bool failing_now(void)
{
    if (failing_left == 0 || --failing_left > 0) return false;
    failing_hit = true;
    return true;
}

void *__wrap_malloc(size_t bytes)
{
    return failing_now() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return failing_now() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *p, size_t bytes)
{
    return failing_now() ? NULL : __real_realloc(p, bytes);
}

/* Arms the n-th allocation; false when the try before ended without reaching its own. */
static bool failing_from(long n)
{
    if (n > 1 && !failing_hit) {
        failing_left = 0;
        return false;
    }
    failing_hit = false;
    failing_left = n;
    return true;
}

#endif
