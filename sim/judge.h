/* judge.h - what must be true of the simulated exam, by rules of its own: nothing here calls the core.
 *
 * The judge hears each event when the engine tells of it, in the order of the log. account.c adds up
 * time: deadlines, credits, late answers. oracle.c decides each command again and compares the answer.
 * judge.c holds what was told against what is on the disk after each restart and at the end.
 * The rules are those of docs/architecture.md and of schema/ *.def. */
#ifndef INVIGIL_SIM_JUDGE_H
#define INVIGIL_SIM_JUDGE_H

#include "sim/world.h"

/* One attempt, from its events alone. */
typedef struct Model {
    AttemptState state;
    u64 ver;
    i64 began_ms, limit_ms, extra_ms, credited_ms, owed_ms, outage_ms, last_ms;
    i64 stopped_ms;                   /* until when a credited hold lasted */
    i64 over_ms, ready_ms, linked_ms; /* linked: since when the connection is as it is */
    i64 spent_ms; /* when no time for lost connections was left, and that was to be known; 0: it is settled */
    u8 holds; /* bits of Hold */
    u8 lost_tracks, checks, marked;
    bool connected, admitted, hand, asked_pause, over;
    bool unread, high; /* words of the candidate, flags that a person should see */
    u64 proctor, claimed_by;
    bool away; /* without a connection when it was over */
    u8 warnings, warnings_seen;
    u32 flags, disclosure;
    u8 proof[8]; /* by Proof */
    u64 checkin_by;
    i64 checkin_ms;
    u64 device, wants_device, phone;
    u32 rev[SIM_ITEMS + 1], text[SIM_ITEMS + 1];
} Model;

enum { PRIOR_MAX = 64, CMDS_MAX = 2048, TOLD_FIRST = 1024 };

/* What of the session decides about its attempts. */
typedef struct Sitting {
    SessionState state;
    i64 started_ms, ended_ms;
    i64 end_ms; /* as announced; 0: nothing is */
    bool incident;
    u32 disclosure; /* what a consent must name */
} Sitting;
enum { SITTINGS_MAX = 16 };

typedef struct Judge {
    World *w;
    i64 setting[SETTINGS_END];
    Sitting sitting;
    u64 session_ver;
    Model models[CANDIDATES_MAX];
    /* as they were before each event of the batch that is being told */
    Model prior[CANDIDATES_MAX][PRIOR_MAX];
    u32 prior_count[CANDIDATES_MAX];
    /* of the newest start of the server that was stored: its time, the true time, the boot */
    i64 start_ms, true_start_ms;
    u32 start_boot;
    Sitting prior_sitting[SITTINGS_MAX];
    u32 prior_sittings;
    bool batch_told; /* its replies come now */
    /* commands that made events, by attempt: cmd and version */
    struct {
        u64 cmd, actor, ver;
        i64 at_ms;
    } cmds[CANDIDATES_MAX][CMDS_MAX];
    u32 cmd_count[CANDIDATES_MAX];
    u32 texts[CANDIDATES_MAX][SIM_ITEMS + 1][REVS_MAX]; /* stored, by revision */
    u32 acked[CANDIDATES_MAX][SIM_ITEMS + 1]; /* newest revision that a page saw as saved */
    u64 *told;                                /* digest of each event, by seq - 1 */
    u32 told_count, told_cap, replayed;
} Judge;

Judge *judge_open(World *w); /* static memory */
void judge_event(World *w, u64 stream, u64 ver, const Event *e, Span encoded);
/* The engine answers; `c` is what was asked. */
void judge_reply(World *w, const Asker *who, const Command *c, const Reply *r);
/* A page sees an answer as saved. */
void judge_saved(World *w, u32 candidate, u32 item, u32 rev, u32 text);
/* A replay begins, meets each record, ends. */
void judge_replay(World *w);
void judge_replayed(World *w, const LogRecord *r);
void judge_replay_done(World *w);
/* The server takes this for the time, behind a replay. */
void judge_time(World *w, i64 server_ms);
/* The same state, wherever their items lie. */
bool attempt_same(const Attempt *a, const Attempt *b);
void judge_end(World *w); /* all of it once more, when the world is over */

/* With a ratio a proctor has the own candidates only, and those whom nobody looks after yet. */
bool model_seen_by(const Judge *j, const Model *m, u64 proctor);

/* ---- account.c ---- */
void account_event(Judge *j, u32 candidate, const Event *e);
i64 account_deadline_ms(const Judge *j, const Model *m, i64 at_ms);
void account_end(Judge *j, u32 candidate);

/* ---- oracle.c ---- */
Refusal oracle_decide(const Judge *j, const Model *m, u8 role, u64 actor, const Command *c,
                      i64 at_ms);
Refusal oracle_decide_session(const Sitting *s, const Command *c);
u32 oracle_disclosure(const Judge *j);

#endif
