#include <stdio.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/desk.h"
#include "cmd/findings.h"
#include "cmd/noted.h"
#include "cmd/views.h"
#include "http/site.h"
#include "store/pack_check.h"

typedef struct Checking {
    const char *data;
    Findings f;
    u64 events, accounts, unknown; /* unknown: records of attempts that the log does not know */
    u64 noted;                     /* digests of recordings in the log, compared */
    EngineCounts counts;
    PackSum packs;
    const Engine *engine;
} Checking;

/* ---- log, replay, views ---- */

/* The first break is named here; each attempt that it concerns is named by the replay. */
static void check_log(Checking *c, Log *log)
{
    char why[512];
    c->events = log_last_seq(log);
    if (log_check(log, why, sizeof why)) finding_add(&c->f, "log", NULL, "%s", why);
}

static void check_desk(Checking *c, Desk *d)
{
    char why[512] = "";
    bool replayed = desk_open(d, c->data, true, why, sizeof why);
    if (d->log) check_log(c, d->log);
    if (!replayed) {
        finding_add(&c->f, d->log ? "replay" : "log", NULL, "%s", why);
        return;
    }
    c->engine = d->engine;
    c->counts = engine_counts(d->engine);
    findings_set_aside(&c->f, d->engine);
    Err err = views_check(d->log, d->engine, &c->f);
    if (err) finding_add(&c->f, "views", NULL, "they cannot be compared: %s", err_text(err));
}

/* ---- people and evidence ---- */

static void check_people(Checking *c)
{
    char path[4096], why[512];
    if (!site_data_path(c->data, "people.db", path, sizeof path, why, sizeof why)) return;
    if (!people_check(path, &c->accounts, why, sizeof why))
        finding_add(&c->f, "people", NULL, "%s", why);
}

static void record_seen(void *ctx, u64 session, const PackEntry *e)
{
    Checking *c = ctx;
    const Attempt *a = c->engine ? engine_attempt(c->engine, e->attempt) : NULL;
    if (c->engine && !a) c->unknown++;
    if (a && a->session != session)
        finding_add(&c->f, "evidence", NULL,
                    "a record of attempt %llu lies in session %llu, the log says %llu",
                    (unsigned long long)e->attempt, (unsigned long long)session,
                    (unsigned long long)a->session);
}

static void record_damaged(void *ctx, u64 session, const PackEntry *e)
{
    Checking *c = ctx;
    finding_add(&c->f, "evidence", NULL,
                "session %llu, attempt %llu, stream %u, number %u is damaged",
                (unsigned long long)session, (unsigned long long)e->attempt, e->stream, e->seq);
}

static void pair_odd(void *ctx, u64 session, u32 number, const char *what)
{
    Checking *c = ctx;
    char object[64];
    snprintf(object, sizeof object, "file %llu/%04u", (unsigned long long)session, number);
    finding_add(&c->f, "evidence", object, "%s", what);
}

static void check_evidence(Checking *c)
{
    char path[4096], why[512];
    PackWatch watch = {record_seen, record_damaged, pair_odd, c};
    if (!site_data_path(c->data, "evidence", path, sizeof path, why, sizeof why)) return;
    Err err = pack_check(path, &watch, &c->packs);
    if (err) finding_add(&c->f, "evidence", NULL, "it cannot be read: %s", err_text(err));
    else if (c->engine) c->noted = noted_check(&c->f, c->engine, path);
}

/* ---- telling ---- */

static void tell_text(const Checking *c)
{
    printf("log: %llu events%s\n", (unsigned long long)c->events,
           c->f.count ? "" : ", every chain holds");
    printf("views: %llu sessions, %llu attempts%s\n", (unsigned long long)c->counts.sessions,
           (unsigned long long)c->counts.attempts, c->f.count ? "" : ", all as the log says");
    printf("people: %llu accounts\n", (unsigned long long)c->accounts);
    printf("evidence: %llu records, %llu bytes\n", (unsigned long long)c->packs.records,
           (unsigned long long)c->packs.bytes);
    if (c->packs.open)
        printf("note: %llu evidence files were left open; the next start closes them\n",
               (unsigned long long)c->packs.open);
    if (c->unknown)
        printf("note: %llu records are of attempts that joined after this log ends\n",
               (unsigned long long)c->unknown);
    if (c->f.count) fprintf(stderr, "invigil: %llu findings\n", (unsigned long long)c->f.count);
}

static void tell_json(Checking *c)
{
    const struct {
        const char *name;
        u64 value;
    } numbers[] = {
        {"events", c->events},
        {"sessions", c->counts.sessions},
        {"attempts", c->counts.attempts},
        {"set_aside", c->counts.set_aside},
        {"accounts", c->accounts},
        {"evidence_records", c->packs.records},
        {"evidence_bytes", c->packs.bytes},
        {"evidence_noted", c->noted},
        {"evidence_files_open", c->packs.open},
        {"evidence_records_unknown", c->unknown},
        {"findings_total", c->f.count},
    };
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_bool(&b, "sound", c->f.count == 0);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        body_number(&b, numbers[i].name, (i64)numbers[i].value);
    body_shut(&c->f.list, ']');
    body_raw(&b, "findings", buf_view(&c->f.list.buf));
    body_shut(&b, '}');
    printf("%.*s\n", SPAN_ARG(buf_view(&b.buf)));
    body_done(&b);
}

int cmd_check(int argc, char **argv)
{
    Checking c = {.data = DATA_STANDARD};
    bool json = false;
    const Flag flags[] = {{"--data", &c.data, NULL}, {"--json", NULL, &json}};
    Desk d;
    if (!flags_only(argc, argv, flags, COUNT_OF(flags))) return 2;
    if (access(c.data, F_OK)) {
        fprintf(stderr, "invigil: %s is not there. Name a data directory or a backup.\n", c.data);
        return 1;
    }
    findings_init(&c.f, json);
    check_desk(&c, &d);
    check_people(&c);
    check_evidence(&c);
    if (json) tell_json(&c);
    else tell_text(&c);
    int status = c.f.count ? 1 : 0;
    desk_close(&d);
    findings_done(&c.f);
    return status;
}
