#include "cmd/cmd.h"

#include <stdio.h>

static const Flag *flag_find(const Flag *flags, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(flags[i].name, word) == 0) return &flags[i];
    return NULL;
}

bool flags_read(int argc, char **argv, const Flag *flags, size_t count, const char **rest,
                size_t rest_max, size_t *rest_count)
{
    *rest_count = 0;
    for (int i = 0; i < argc; i++) {
        const Flag *f = flag_find(flags, count, argv[i]);
        bool is_flag = strncmp(argv[i], "--", 2) == 0;
        if ((is_flag && !f) || (!is_flag && *rest_count == rest_max)) {
            fprintf(stderr,
                    "invigil: \"%s\" is not understood here. `invigil --help` tells more.\n",
                    argv[i]);
            return false;
        }
        if (!is_flag) {
            rest[(*rest_count)++] = argv[i];
        } else if (!f->value) {
            *f->on = true;
        } else if (i + 1 < argc) {
            *f->value = argv[++i];
        } else {
            fprintf(stderr, "invigil: %s needs a value.\n", argv[i]);
            return false;
        }
    }
    return true;
}

bool flags_only(int argc, char **argv, const Flag *flags, size_t count)
{
    size_t rest;
    return flags_read(argc, argv, flags, count, NULL, 0, &rest);
}
