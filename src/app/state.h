/* state.h - the live state of the installation in memory: streams, sessions, attempts, papers. Private
 * to the app room: engine.c writes it through state_apply alone, others read it through engine.h. */
#ifndef INVIGIL_STATE_H
#define INVIGIL_STATE_H

#include "app/engine.h"
#include "base/map.h"

enum { CHAIN_STEP = 32 };

typedef struct ChainMark {
    u8 hash[HASH_BYTES];
} ChainMark;

/* One event stream: its events as stored, one after the other. */
typedef struct Stream {
    u64 id, ver, durable_ver;
    u8 head[HASH_BYTES]; /* chain hash of the newest event */
    Buf bytes;
    u32 *offsets; /* of version v: offsets[v - 1]; the end is the next one or bytes.len */
    u32 cap;
    /* Chain hashes of versions CHAIN_STEP, 2 * CHAIN_STEP, ...: the way to any other is short. */
    ChainMark *marks;
    u32 mark_count, mark_cap;
} Stream;

typedef struct Staff {
    u64 user;
    u8 roles;
    bool away; /* has stepped away */
    u32 load;  /* candidates who are present and looked after */
    Span wrapped_key;
} Staff;

typedef struct SessionBox {
    Session s;
    SessionInfo info;
    Stream stream;
    u64 *attempts;
    u32 attempt_count, attempt_cap;
    Staff *staff;
    u32 staff_count, staff_cap;
    u32 seats;
    i64 wake_ms; /* as it stands in the heap */
} SessionBox;

/* A command that was accepted, to recognise it when it is sent again. Answers are not among them: their
 * revisions do that. */
typedef struct RecentCommand {
    u64 key; /* of asker and command id */
    u32 ver;
} RecentCommand;

typedef struct AnswerPlace {
    u32 offset, len; /* of the text within the stream's bytes */
    u32 ver;
} AnswerPlace;

typedef struct AttemptBox {
    Attempt a;
    AttemptInfo info;
    Buf hold_reason; /* the latest; many holds must not fill the texts */
    Stream stream;
    ItemState *items;      /* as `answers` */
    AnswerPlace *answers;  /* by item, item_count + 1 of them */
    RecentCommand *recent; /* the latest RECENT_COMMANDS_MAX, a ring once there are so many */
    u32 recent_count, recent_cap, recent_next;
    u64 state_ver; /* of the event that led to the present state */
    i64 wake_ms;
    u64 looked_by; /* who had the candidate in sight last; not of the record */
    i64 looked_ms;
    bool set_aside; /* read-only, see state_set_aside */
    bool touched;   /* in the batch being made */
} AttemptBox;

typedef struct PaperBox {
    u64 id;
    Paper paper;
    Stream stream;
    Span source;
    i64 created_ms;
    bool published;
} PaperBox;

/* An attempt whose record cannot be replayed; it has no box when not even its first event can. */
typedef struct Aside {
    u64 attempt, ver; /* the version at which it fails */
    const char *why;
} Aside;

/* The newest start of the server. */
typedef struct Start {
    char boot[64]; /* "": unknown */
    i64 boot_ms, at_ms;
} Start;

typedef struct State {
    Arena texts;                    /* names, codes, papers: small, kept for ever */
    Map sessions, attempts, papers; /* id -> box */
    u64 *session_ids, *paper_ids;   /* in order of creation */
    u32 session_count, session_cap, paper_count, paper_cap;
    u64 next_session, next_attempt, next_paper;
    Aside *aside;
    u32 aside_count, aside_cap;
    Stream server; /* its numbers and its chain; nobody reads its events again */
    Start start;
    i64 last_event_ms;
    i64 last_exam_ms; /* the same, but for starts of the server, which say nothing of who was connected */
} State;

void state_init(State *st);
void state_done(State *st);
SessionBox *state_session(const State *st, u64 id);
AttemptBox *state_attempt(const State *st, u64 id);
PaperBox *state_paper(const State *st, u64 id);
/* The stream, made when it does not exist yet; NULL: out of memory or no such kind. */
Stream *state_stream(State *st, u64 stream);
/* Appends the event to its stream and makes it true. The bytes are copied. */
Err state_apply(State *st, u64 stream, const Event *e, Span encoded,
                const u8 hash[HASH_BYTES]) MUST_CHECK;
/* The same for an event of old: *broken becomes the rule that the attempt breaks now, else NULL. */
Err state_replay(State *st, u64 stream, const Event *e, Span encoded, const u8 hash[HASH_BYTES],
                 const char **broken) MUST_CHECK;
/* Makes an attempt read-only; `why` lives for ever. Its number is not given again. */
Err state_set_aside(State *st, u64 attempt, u64 ver, const char *why) MUST_CHECK;
bool state_is_aside(const State *st, u64 attempt);
/* Keeps an event of an attempt that is set aside, for whoever reads its record. */
Err state_keep_record(AttemptBox *b, Span encoded, const u8 hash[HASH_BYTES]) MUST_CHECK;
/* The session that an attempt event belongs to must be known before its first event. */
Err state_new_attempt(State *st, u64 id, u64 session) MUST_CHECK;
Span stream_event(const Stream *s, u64 ver);
void stream_chain(const Stream *s, u64 ver,
                  u8 out[HASH_BYTES]); /* the chain hash of that version */
u64 recent_key(const Event *e);
u64 asker_actor(const Asker *who, u64 attempt);

#endif
