#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/desk.h"
#include "cmd/progress.h"
#include "seal/seal.h"

int cmd_backup(int argc, char **argv)
{
    const char *data = DATA_STANDARD, *to = NULL;
    const Flag flags[] = {{"--data", &data, NULL}, {"--to", &to, NULL}};
    char why[8192] = "The crypto library does not work.";
    Progress p;
    BackupSum sum;
    if (!flags_only(argc, argv, flags, COUNT_OF(flags))) return 2;
    if (!to) {
        fprintf(stderr, "invigil: name the new folder with --to.\n");
        return 2;
    }
    progress_begin(&p);
    BackupWatch watch = {progress_tell, &p};
    if (seal_init() == OK && backup_make(data, to, desk_now_ms(), &watch, &sum, why, sizeof why)) {
        printf("%s holds %llu events, people and evidence as of %s: %llu files, %llu bytes\n", to,
               (unsigned long long)sum.events, sum.made, (unsigned long long)sum.files,
               (unsigned long long)sum.bytes);
        return 0;
    }
    fprintf(stderr, "invigil: no backup was made. %s\n", why);
    return 1;
}
