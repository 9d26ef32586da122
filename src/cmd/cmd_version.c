#include "cmd/cmd.h"

#include <stdio.h>

#include "http/site.h"

int cmd_version(int argc, char **argv)
{
    if (!flags_only(argc, argv, NULL, 0)) return 2;
    printf("invigil %s\n", INVIGIL_VERSION);
    return 0;
}
