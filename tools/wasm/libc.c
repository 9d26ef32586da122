/* libc.c - the few functions of the C library that the core calls, for its WebAssembly build.
 * Weak, so that src/wasm may bring a better one. Compiled without turning the loops back into calls
 * of themselves. */
#include <stdint.h>
#include <string.h>

#define WEAK __attribute__((weak, no_builtin))

WEAK void *memcpy(void *to, const void *from, size_t len)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    for (size_t i = 0; i < len; i++)
        t[i] = f[i];
    return to;
}

WEAK void *memmove(void *to, const void *from, size_t len)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    if (t <= f) return memcpy(to, from, len);
    while (len--)
        t[len] = f[len];
    return to;
}

WEAK void *memset(void *to, int byte, size_t len)
{
    uint8_t *t = to;
    for (size_t i = 0; i < len; i++)
        t[i] = (uint8_t)byte;
    return to;
}

WEAK int memcmp(const void *a, const void *b, size_t len)
{
    const uint8_t *x = a, *y = b;
    for (size_t i = 0; i < len; i++)
        if (x[i] != y[i]) return x[i] - y[i];
    return 0;
}

WEAK void *memchr(const void *s, int byte, size_t len)
{
    const uint8_t *p = s;
    for (size_t i = 0; i < len; i++)
        if (p[i] == (uint8_t)byte) return (void *)(uintptr_t)(p + i);
    return 0;
}

WEAK size_t strlen(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

WEAK int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (uint8_t)*a - (uint8_t)*b;
}
