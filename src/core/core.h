/* core.h - the rules of an exam, pure: (state, command, now) gives a refusal or events.
 *
 * Never reads a clock, allocates, logs, waits or touches a file; includes only base and wire. The same
 * code runs in the server, the simulator, the fuzzers and, as WebAssembly, in the browser.
 *
 * Road: decide() looks and answers; the shell stores the events; apply() makes them true. Replaying
 * all events of a stream through apply() gives the state again, always. decide() never changes state.
 * The state diagram stands at the head of attempt.c. */
#ifndef INVIGIL_CORE_H
#define INVIGIL_CORE_H

#include "base/base.h"
#include "base/limits.h"
#include "core/paper.h"
#include "wire/wire.h"

#define NEVER_MS INT64_MAX

/* How late an answer came: field `late` of the event `answered`. */
typedef enum Lateness {
    LATE_NOT = 0,
    LATE_IN_GRACE = 1,  /* after the deadline, within the session's grace */
    LATE_AFTER_END = 2, /* written without a connection, arrived when the exam was over */
} Lateness;

/* ---- session ---- */

typedef struct Session {
    u64 id;
    SessionState state;
    u64 assessment;
    u32 item_count;
    i64 opens_ms;    /* candidates may join from here on */
    i64 starts_ms;   /* planned start */
    i64 duration_ms; /* time limit before factors */
    i64 started_ms;  /* 0: not yet */
    i64 ended_ms;    /* 0: not yet */
    i64 incident_ms; /* when the open incident was declared; 0: none is open */
    i64 end_ms;      /* when it ends, as announced; 0: nothing is announced */
    i64 setting[SETTINGS_END];
    u64 version; /* of its stream: events applied so far */
} Session;

/* A session that does not exist yet: state none, every setting at its default. */
void session_init(Session *s, u64 id);
/* The event that accepting `c` in role `role` would be; its at_ms, role, actor and cmd are filled by the
 * caller. Fills *out and returns ACCEPTED, or a refusal. */
Refusal session_decide(const Session *s, u8 role, const Command *c, i64 now_ms, Event *out);
void session_apply(Session *s, const Event *e);
/* The command that the server must ask now (a scheduled start, an announced end); false: none. */
bool session_due(const Session *s, i64 now_ms, Command *out);
/* When session_due should be asked next; NEVER_MS: only after an event. */
i64 session_wake_ms(const Session *s);
/* Whether somebody may join now, `seats` being taken: ACCEPTED or CODE_*, SESSION_FULL. */
Refusal session_may_join(const Session *s, i64 now_ms, u32 seats, bool on_roster);
/* A number that changes whenever what the candidate is told about recording and limits changes. */
u32 session_disclosure(const Session *s);
static inline bool session_on(const Session *s, Setting setting)
{
    return s->setting[setting] != 0;
}

/* ---- attempt ---- */

/* How far something that is to be shown at the door has come. */
typedef enum ProofState {
    PROOF_NONE = 0,
    PROOF_SHOWN = 1,
    PROOF_ALTERNATIVE = 2, /* the candidate said why it cannot be shown */
    PROOF_ACCEPTED = 3,
    PROOF_ASKED_AGAIN = 4,
} ProofState;

typedef struct ItemState {
    u32 rev;     /* newest stored revision; 0: never answered */
    u32 digest;  /* of that answer's text, to tell a resend from a conflict */
    u8 answered; /* 1: not empty */
    u8 marked;   /* 1: marked for review by the candidate */
} ItemState;

typedef struct Attempt {
    u64 id, session;
    AttemptState state;
    u64 version;    /* of its stream: events applied so far */
    u8 holds;       /* bits of Hold */
    u8 lost_tracks; /* track_bit of each required source that is missing */
    bool connected;
    bool admitted;
    bool check_passed[8]; /* by Check: the latest report said passed or warned */
    u32 proofs;           /* ProofState by Proof, four bits each: see attempt_proof */
    u64 checkin_by;       /* the proctor who checks this person in; 0: nobody */
    i64 checkin_ms;       /* when that one last did something for it */
    u32 disclosure;       /* version of what was consented to; 0: no consent */
    u32 factor_permille;  /* 1000: the plain limit */
    /* clock: deadline = began + limit + extra + credit (+ what is being credited right now) */
    i64 began_ms, limit_ms, extra_ms, credit_ms;
    i64 stop_since_ms; /* the clock stands still since; 0: it runs */
    StopCause stop_cause;
    i64 outage_credit_ms; /* part of credit_ms that came from lost connections */
    i64 over_ms;          /* when it was submitted or ended; 0: not yet */
    EndCause end_cause;
    /* open requests: when they were made, 0: none */
    i64 hand_ms, pause_asked_ms, ready_ms;
    i64 state_since_ms; /* when state or holds last changed */
    i64 connection_since_ms;
    i64 saved_ms;     /* when the last answer was stored */
    u64 device;       /* that leads; 0: none has connected yet */
    u64 wants_device; /* that asks to take over; 0: none */
    i64 takeover_asked_ms;
    u64 phone; /* the one that is the second camera; 0: none */
    bool
        away_at_end; /* had no connection when the exam ended: answers may still be on the device */
    u32 late_arrivals;    /* answers taken since then */
    u32 answered, marked; /* counts over items */
    u32 flags, flags_open, flags_confirmed;
    u8 flag[FLAGS_MAX +
            1];         /* by flag number from 1: severity, and FlagDecision in the upper half */
    u8 worst_open_flag; /* highest severity among undecided flags */
    u64 proctor;        /* who looks after the candidate; 0: all do, or nobody yet */
    u64 claimed_by;     /* who is on what the candidate asks; 0: nobody */
    i64 claimed_ms;     /* since when */
    u32 unread;         /* chat lines and explanations since a proctor last wrote or acted */
    u8 warnings, warnings_seen;  /* steps of the ladder: given, acknowledged */
    u8 verdict;                  /* Outcome */
    i64 points_milli, max_milli; /* as scored; max 0: not scored */
    u32 unmarked;
    u32 item_count;
    ItemState *item; /* by item number from 1; the owner's, see attempt_init */
} Attempt;

typedef struct Events {
    u32 count;
    Event event[EVENTS_PER_COMMAND_MAX]; /* at_ms, role, actor, cmd are filled by the caller */
} Events;

/* `items` are the owner's: item_count + 1 of them, zero at first. An attempt that is only to be decided on
 * before its first event needs none. */
void attempt_init(Attempt *a, u64 id, u64 session, ItemState *items, u32 item_count);
/* Decides one command asked in role `role` at now_ms. On ACCEPTED `out` has at least one event. Spans
 * in them point into the command. `s` is the attempt's session at this moment, `actor` who asks, as it
 * will stand in the events. */
Refusal attempt_decide(const Attempt *a, const Session *s, u8 role, u64 actor, const Command *c,
                       i64 now_ms, Events *out);
void attempt_apply(Attempt *a, const Session *s, const Event *e);
/* What must hold in each state: NULL, or the rule that is broken, in words of the code. */
const char *attempt_broken_rule(const Attempt *a);
/* Aborts when one is broken. Runs after every apply but for replay, see attempt_replay. */
void assert_attempt(const Attempt *a);
/* Applies an event of old: NULL, or the rule that the attempt breaks now. */
const char *attempt_replay(Attempt *a, const Session *s, const Event *e);

/* The command that the server must ask now (begin, time_up, miss, end, ask_again of who waits with a
 * consent to other settings, decide_takeover where no proctor has to, settle_outage when no time for lost
 * connections is left); false: none. */
bool attempt_due(const Attempt *a, const Session *s, i64 now_ms, Command *out);
/* When attempt_due should be asked next; NEVER_MS: only after an event. */
i64 attempt_wake_ms(const Attempt *a, const Session *s);

/* The end of the candidate's time, if a stopped clock started again at now_ms; NEVER_MS before the
 * start. After it nothing is accepted but answers on their way, for the session's grace. */
i64 attempt_deadline_ms(const Attempt *a, const Session *s, i64 now_ms);
/* Time left, 0 at least; while the clock is stopped it stays the same. */
i64 attempt_left_ms(const Attempt *a, const Session *s, i64 now_ms);
/* What the candidate is told: no more than until the announced end of the session, which no hold puts off.
 * It ends nothing by itself: that does the session's end, when it comes. */
i64 attempt_told_left_ms(const Attempt *a, const Session *s, i64 now_ms);
bool attempt_clock_runs(const Attempt *a, const Session *s);
/* The strongest hold: locked, system_paused, paused or 0. What the candidate's screen shows. */
u8 attempt_shown_hold(const Attempt *a);
/* May the candidate write an answer now? ACCEPTED or the refusal that `answer` would get. */
Refusal attempt_may_answer(const Attempt *a, const Session *s, i64 now_ms);
/* May an answer that was written before still be handed over? As attempt_may_answer, and for the
 * session's late_arrival_ms after an end that found the device without a connection. */
Refusal attempt_may_deliver(const Attempt *a, const Session *s, i64 now_ms);
/* The part of the limit that the time factor gives. */
i64 attempt_planned_ms(const Attempt *a, const Session *s);
/* Whether a person should see to something: an open request, an interruption, a high flag. */
bool attempt_asks(const Attempt *a, const Session *s);
/* Joined and not over: somebody looks after this candidate. */
static inline bool attempt_is_present(const Attempt *a)
{
    return a->state == ATTEMPT_joined || a->state == ATTEMPT_waiting || a->state == ATTEMPT_active;
}
static inline bool attempt_is_over(const Attempt *a)
{
    return a->state == ATTEMPT_submitted || a->state == ATTEMPT_ended;
}
static inline ProofState attempt_proof(const Attempt *a, u32 proof)
{
    return (ProofState)(a->proofs >> 4 * proof & 15);
}
/* Whether this session asks for something that is not shown (or declared impossible) yet; with
 * `accepted`: that no proctor has accepted yet. */
bool attempt_proof_missing(const Attempt *a, const Session *s, bool accepted);
/* Whether the seat is kept for somebody who has not come. */
static inline bool attempt_awaits(const Attempt *a)
{
    return a->state == ATTEMPT_invited || a->state == ATTEMPT_absent;
}
static inline u8 attempt_flag_severity(const Attempt *a, u32 flag)
{
    return a->flag[flag] & 15;
}
static inline u8 attempt_flag_decision(const Attempt *a, u32 flag)
{
    return a->flag[flag] >> 4;
}
/* Short digest of an answer's text, for ItemState (FNV-1a). */
u32 answer_digest(Span value);

#endif
