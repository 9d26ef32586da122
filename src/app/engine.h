/* engine.h - turns commands into stored events: the one place where anything happens to an exam.
 *
 * One turn: take waiting commands, decide them (core), apply their events in memory, chain them, hand
 * one batch to the log. When the log says durable: reply, publish, wake. Nobody is told before.
 *
 * Owns all live state (sessions, attempts, papers, answers). Loop thread only; no clock is read here,
 * `now_ms` comes in. No socket, SQL or JSON is known here. The simulator runs this same code. */
#ifndef INVIGIL_ENGINE_H
#define INVIGIL_ENGINE_H

#include "base/arena.h"
#include "core/core.h"
#include "port/port.h"
#include "seal/seal.h"

typedef struct Engine Engine;

/* Who asks. Filled from the sign-in by http, or by the simulator. */
typedef struct Asker {
    u64 user;    /* 0: a candidate without an account, or the server */
    u64 attempt; /* of a candidate without an account: the only attempt this sign-in may touch */
    u64 device;  /* of a candidate: stands for this sign-in; 0 is not asked for its device */
    u32 roles;   /* bits of Role that the person has */
} Asker;

/* What became of one command for one target. `receipt` is empty but for answers. */
typedef struct Reply {
    u64 cmd, target; /* target: attempt or session id as asked */
    Refusal refusal;
    u64 ver;   /* version of the stream after it; 0 on refusal */
    i64 at_ms; /* when it was stored */
    Span receipt;
} Reply;

typedef struct EnginePorts {
    EventLog log;
    const u8 *sign_secret; /* SEAL_SIGN_SECRET_BYTES, for receipts; kept by the caller */
    /* All callbacks come from engine_durable, after the events are stored, in log order. */
    void (*on_event)(void *ctx, u64 stream, u64 ver, const Event *e, Span encoded);
    /* The attempt as it was after the batch; called once per touched attempt and batch. */
    void (*on_row)(void *ctx, u64 session, const Row *row);
    void *ctx;
} EnginePorts;

Engine *engine_open(const EnginePorts *ports); /* NULL: out of memory */
void engine_close(Engine *e);
/* A start of the server: which boot of the machine it is in (empty: unknown), and the time since. */
typedef struct Boot {
    Span name, version; /* of the boot; of the program */
    i64 ms;
} Boot;
/* Reads the whole log; before the first command. An attempt whose replay breaks a rule is set aside
 * read-only, see engine_set_aside; other damage is ERR_BROKEN. After a crash, attempts that were
 * connected count as disconnected since the last event.
 *
 * now_ms is what the system's clock says. While an exam is under way and the machine has not been booted
 * since the last start, the time goes on from there instead, whatever that clock was set to meanwhile;
 * and it is never before what is on record. engine_now_ms says what it is. The start is written into the
 * log. boot NULL: nobody starts a server, the log is only read. */
Err engine_replay(Engine *e, i64 now_ms, const Boot *boot) MUST_CHECK;
i64 engine_now_ms(const Engine *e);

/* Queues a command. The permission is checked here, by who_may (see who.h), when it is decided.
 * reply(ctx, ..) comes exactly once, after durability (or at once in this turn for refusals), unless
 * the engine is closed first. The command's spans are copied. Creating commands (invite, join,
 * create_session) take target 0 and tell the new id in Reply.target; `session` says where invite and
 * join belong. ERR_BUSY: queue full.
 * Repeating a command id of the same asker for the same target gives the first reply again. */
typedef void ReplyFn(void *ctx, const Reply *r);
Err engine_ask(Engine *e, const Asker *who, u64 cmd, u64 target, u64 session, const Command *c,
               ReplyFn *reply, void *ctx) MUST_CHECK;
/* Makes a session with all that belongs to it in one batch: commands[0] is create_session, the others
 * (configure, assign, add_key) are about the session that it makes. All or nothing. Copied. */
Err engine_create_session(Engine *e, const Asker *who, u64 cmd, const Command *commands, u32 count,
                          ReplyFn *reply, void *ctx) MUST_CHECK;
/* Publishes a paper as a new assessment (create_assessment and its items in one batch). Copied. */
Err engine_publish_paper(Engine *e, const Asker *who, u64 cmd, const Paper *paper, Span source,
                         ReplyFn *reply, void *ctx) MUST_CHECK;

/* One turn. True: something was decided. */
bool engine_turn(Engine *e, i64 now_ms);
/* The log reports: all batches up to `batch` are durable. Calls the callbacks. */
void engine_durable(Engine *e, u64 batch, i64 now_ms);
bool engine_broken(
    const Engine *e); /* memory ran out in mid-decision: everything is refused; restart */
u64 engine_submitted(const Engine *e); /* number of the last batch handed to the log */
/* When engine_turn is needed next because time passes (deadlines, scheduled starts). */
i64 engine_wake_ms(const Engine *e);

/* ---- reading (loop thread; valid until the next turn) ---- */
const Session *engine_session(const Engine *e, u64 session);
const Attempt *engine_attempt(const Engine *e, u64 attempt);
const Paper *engine_paper(const Engine *e, u64 assessment);
Span engine_answer(const Engine *e, u64 attempt, u32 item); /* stored text, empty: none */
/* Names and other texts that the pure state does not hold. */
typedef struct SessionInfo {
    Span name, code, public_key;
    u64 creator;
} SessionInfo;
const SessionInfo *engine_session_info(const Engine *e, u64 session);
typedef struct AttemptInfo {
    Span name, number, email, hold_reason;
    u64 user; /* 0: joined by code without an account */
} AttemptInfo;
const AttemptInfo *engine_attempt_info(const Engine *e, u64 attempt);
/* Ids in order of creation; returns how many there are, writes at most `most`. */
u32 engine_sessions(const Engine *e, u64 *out, u32 most);
u32 engine_attempts(const Engine *e, u64 session, u64 *out, u32 most);
/* The n-th of them from 0 on; 0: there are not so many. */
u64 engine_attempt_at(const Engine *e, u64 session, u32 n);
u32 engine_assessments(const Engine *e, u64 *out, u32 most);
/* The session with this code that is not over, else the newest with it; 0: none. */
u64 engine_session_by_code(const Engine *e, Span code);
u32 engine_seats(const Engine *e, u64 session); /* joined and not refused */
/* Roles that a user has in a session by assignment; with ASSIGNED_LEAD where the user leads. */
u32 engine_assigned(const Engine *e, u64 session, u64 user);
bool engine_away(const Engine *e, u64 session, u64 user); /* has stepped away from it */
/* The wrapped session key of a user, empty: none. */
Span engine_session_key(const Engine *e, u64 session, u64 user);
/* Everybody assigned; returns how many, writes at most `most`. */
u32 engine_staff(const Engine *e, u64 session, u64 *users, u8 *roles, u32 most);
Span engine_paper_source(const Engine *e, u64 assessment, i64 *created_ms);
/* Somebody had this candidate in sight: shown in rows, kept in memory alone. */
void engine_looked(Engine *e, u64 attempt, u64 user, i64 at_ms);
void engine_row(const Engine *e, u64 attempt, Row *out); /* Spans inside live as the engine's */

/* Attempts that are read-only because their record cannot be replayed (damage, or a rule that breaks): at
 * which version, and why in words. Returns how many there are, writes at most `most`. */
typedef struct SetAside {
    u64 attempt, ver;
    const char *why;
} SetAside;
u32 engine_set_aside(const Engine *e, SetAside *out, u32 most);

/* Events of a stream from version `after` on, kept encoded in memory; returns how many were visited.
 * `to_staff` false leaves out what candidates may not see: then `encoded` is empty (the number stays). */
u32 engine_read_stream(const Engine *e, u64 stream, u64 after, bool to_staff,
                       void (*each)(void *ctx, u64 ver, Span encoded), void *ctx);
u64 engine_stream_version(const Engine *e, u64 stream); /* durable part */
/* Whether the state that the attempt is in (active, submitted, ...) is stored. What follows from it, such
 * as the paper and the result, is shown only then. */
bool engine_state_durable(const Engine *e, u64 attempt);
/* Whether all that is known of the attempt is stored. */
bool engine_settled(const Engine *e, u64 attempt);

typedef struct EngineCounts {
    u64 commands, refusals, events, batches, sessions, attempts, active, set_aside;
} EngineCounts;
EngineCounts engine_counts(const Engine *e);

#endif
