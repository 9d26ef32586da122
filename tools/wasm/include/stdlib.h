/* Declared so that src/base/text.c compiles; nothing that the browser calls reaches it. */
#ifndef INVIGIL_WASM_STDLIB_H
#define INVIGIL_WASM_STDLIB_H

#include <stddef.h>

double strtod(const char *text, char **end);

#endif
