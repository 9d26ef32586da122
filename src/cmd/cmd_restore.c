#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "seal/seal.h"

int cmd_restore(int argc, char **argv)
{
    const char *data = DATA_STANDARD, *from = NULL;
    const Flag flags[] = {{"--from", &from, NULL}, {"--data", &data, NULL}};
    char why[8192] = "The crypto library does not work.";
    Progress p;
    BackupSum sum;
    if (!flags_only(argc, argv, flags, COUNT_OF(flags))) return 2;
    if (!from) {
        fprintf(stderr, "invigil: name the backup with --from.\n");
        return 2;
    }
    progress_begin(&p);
    BackupWatch watch = {progress_tell, &p};
    if (seal_init() == OK && backup_restore(from, data, &watch, &sum, why, sizeof why)) {
        printf("%s holds the backup of %s now: %llu events, %llu files, %llu bytes\n", data,
               sum.made, (unsigned long long)sum.events, (unsigned long long)sum.files,
               (unsigned long long)sum.bytes);
        return 0;
    }
    fprintf(stderr, "invigil: nothing was restored. %s\n", why);
    return 1;
}
