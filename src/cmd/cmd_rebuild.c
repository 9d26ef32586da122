#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/desk.h"
#include "cmd/findings.h"

static void print_summary(const Desk *d)
{
    EngineCounts n = engine_counts(d->engine);
    printf("events      %llu\n", (unsigned long long)log_last_seq(d->log));
    printf("assessments %u\n", engine_assessments(d->engine, NULL, 0));
    printf("sessions    %llu\n", (unsigned long long)n.sessions);
    printf("attempts    %llu\n", (unsigned long long)n.attempts);
    printf("active      %llu\n", (unsigned long long)n.active);
    printf("set aside   %llu\n", (unsigned long long)n.set_aside);
}

/* Everything that is derived lives in memory and is made by the replay; what a later version keeps on
 * disk is dropped and made anew here. */
int cmd_rebuild(int argc, char **argv)
{
    const char *data = DATA_STANDARD;
    const Flag flags[] = {{"--data", &data, NULL}};
    char why[512] = "";
    Desk d;
    if (!flags_only(argc, argv, flags, COUNT_OF(flags))) return 2;
    bool fine =
        desk_open(&d, data, false, why, sizeof why) && log_check(d.log, why, sizeof why) == OK;
    if (fine) print_summary(&d);
    else fprintf(stderr, "invigil: %s\n", why);
    Findings f;
    findings_init(&f, false);
    if (d.engine) findings_set_aside(&f, d.engine);
    bool aside = f.count > 0;
    findings_done(&f);
    desk_close(&d);
    return fine && !aside ? 0 : 1;
}
