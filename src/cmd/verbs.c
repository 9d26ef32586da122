#include "cmd/cmd.h"

#include <stdio.h>

typedef struct Verb {
    const char *name, *args, *help;
    int (*run)(int argc, char **argv);
} Verb;

static const Verb verbs[] = {
#define V(name, args, help) {#name, args, help, cmd_##name},
#include "schema/commands.def"
#undef V
};

static void print_verb(const Verb *v)
{
    printf("  invigil %s%s%s\n      %s\n", v->name, *v->args ? " " : "", v->args, v->help);
}

static int print_help(void)
{
    printf("invigil - proctored online exams from one program\n\n");
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        print_verb(&verbs[i]);
    return 0;
}

static bool asks_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int cmd_run(int argc, char **argv)
{
    if (argc < 2 || asks_help(argv[1])) {
        print_help();
        return argc < 2 ? 2 : 0;
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        if (strcmp(name, verbs[i].name) != 0) continue;
        if (argc < 3 || !asks_help(argv[2])) return verbs[i].run(argc - 2, argv + 2);
        print_verb(&verbs[i]);
        return 0;
    }
    fprintf(stderr, "invigil: there is no verb \"%s\". `invigil --help` lists them.\n", argv[1]);
    return 2;
}
