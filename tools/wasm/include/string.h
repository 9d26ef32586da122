/* The part of the C library that the core may use, for a build without one: see ../libc.c. */
#ifndef INVIGIL_WASM_STRING_H
#define INVIGIL_WASM_STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr(const void *s, int byte, size_t len);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

#endif
