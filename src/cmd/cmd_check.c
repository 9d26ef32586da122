#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cmd/cmd.h"
#include "http/site.h"
#include "store/log.h"
#include "store/pack.h"

typedef struct PackCheck {
    Packs *packs;
    Buf record;
    u64 records, bytes, broken;
} PackCheck;

static Err check_record(void *ctx, u64 session, const PackEntry *e)
{
    PackCheck *c = ctx;
    buf_reset(&c->record);
    c->records++;
    c->bytes += e->bytes;
    if (packs_read(c->packs, session, e, 1, &c->record) == OK) return OK;
    c->broken++;
    printf("evidence: session %llu, attempt %llu, stream %u, number %u is damaged\n",
           (unsigned long long)session, (unsigned long long)e->attempt, e->stream, e->seq);
    return OK;
}

static void wake_nobody(void *ctx)
{
    (void)ctx;
}

static bool check_evidence(const char *data, char *why, size_t size)
{
    char path[4096];
    PackCheck c = {0};
    if (!site_data_path(data, "evidence", path, sizeof path, why, size)) return false;
    c.packs = packs_open(path, wake_nobody, NULL, why, size);
    if (!c.packs) return false;
    buf_init(&c.record, (size_t)MEDIA_RECORD_BYTES_MAX * 2);
    Err err = packs_scan(c.packs, check_record, &c);
    if (err != OK) snprintf(why, size, "The evidence index cannot be read: %s.", err_text(err));
    else if (c.broken) snprintf(why, size, "Some evidence records are damaged.");
    printf("evidence: %llu records, %llu bytes, %llu damaged\n", (unsigned long long)c.records,
           (unsigned long long)c.bytes, (unsigned long long)c.broken);
    buf_done(&c.record);
    packs_close(c.packs);
    return err == OK && !c.broken;
}

static bool check_log(const char *data, char *why, size_t size)
{
    char path[4096];
    if (!site_data_path(data, "log.db", path, sizeof path, why, size)) return false;
    Log *log = log_open(path, &(LogOptions){.read_only = true}, why, size);
    if (!log) return false;
    Err err = log_check(log, why, size);
    if (err == OK) {
        printf("log: %llu events, every chain holds\n", (unsigned long long)log_last_seq(log));
    }
    log_close(log);
    return err == OK;
}

int cmd_check(int argc, char **argv)
{
    const char *data = DATA_STANDARD;
    const Flag flags[] = {{"--data", &data, NULL}};
    char why[512] = "";
    if (!flags_only(argc, argv, flags, COUNT_OF(flags))) return 2;
    bool log_holds = check_log(data, why, sizeof why);
    if (!log_holds) fprintf(stderr, "invigil: %s\n", why);
    bool packs_hold = check_evidence(data, why, sizeof why);
    if (!packs_hold) fprintf(stderr, "invigil: %s\n", why);
    return log_holds && packs_hold ? 0 : 1;
}
