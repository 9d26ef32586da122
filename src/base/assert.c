/* assert.c - what happens on a bug in the server, the tools and the tests. Kept apart from base.c
 * because the WebAssembly build brings its own hook. */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

void assert_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "bug: %s does not hold at %s:%d\n", what, file, line);
    abort();
}
