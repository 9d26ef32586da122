/* cmd.h - what the verbs share. A verb reads its flags, does its work, prints for people, and returns
 * the exit status: 0 fine, 1 it did not work, 2 it was asked in a way that has no meaning. */
#ifndef INVIGIL_CMD_H
#define INVIGIL_CMD_H

#include "base/base.h"

#define DATA_STANDARD "invigil-data"

#define V(name, args, help) int cmd_##name(int argc, char **argv);
#include "schema/commands.def"
#undef V

/* The whole program: finds the verb in argv[1] and runs it. */
int cmd_run(int argc, char **argv);

/* "--name VALUE" goes to *value; with value NULL it is a switch and sets *on. */
typedef struct Flag {
    const char *name;
    const char **value;
    bool *on;
} Flag;

/* Reads argv[0..argc); words that are no flags go to rest (at most rest_max). Prints what is wrong and
 * returns false. */
bool flags_read(int argc, char **argv, const Flag *flags, size_t count, const char **rest,
                size_t rest_max, size_t *rest_count);
/* The same for verbs that take no other words. */
bool flags_only(int argc, char **argv, const Flag *flags, size_t count);

#endif
