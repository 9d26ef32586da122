#include "cmd/progress.h"

#include <stdio.h>
#include <time.h>

#include "base/limits.h"

static i64 steady_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (i64)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_begin(Progress *p)
{
    p->told_ms = steady_ms();
}

void progress_tell(void *progress, const char *what, u64 done, u64 total)
{
    Progress *p = progress;
    i64 now = steady_ms();
    if (now - p->told_ms < BACKUP_TELL_MS) return;
    p->told_ms = now;
    fprintf(stderr, "%s: %llu of %llu (%llu %%)\n", what, (unsigned long long)done,
            (unsigned long long)total, (unsigned long long)(total ? done * 100 / total : 100));
}
