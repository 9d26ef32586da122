#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/demo.h"

int cmd_demo(int argc, char **argv)
{
    const char *data = DATA_STANDARD;
    const Flag flags[] = {{"--data", &data, NULL}};
    char why[512];
    bool empty;
    if (!flags_only(argc, argv, flags, COUNT_OF(flags))) return 2;
    if (!demo_wanted(data, &empty, why, sizeof why)) {
        fprintf(stderr, "invigil: %s\n", why);
        return 1;
    }
    if (!empty) {
        fprintf(stderr,
                "invigil: %s has users already; a demo is only made in an empty directory.\n",
                data);
        return 1;
    }
    if (!demo_fill(data, why, sizeof why)) {
        fprintf(stderr, "invigil: %s\n", why);
        return 1;
    }
    demo_print(NULL);
    return 0;
}
