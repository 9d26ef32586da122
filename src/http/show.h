/* show.h - domain objects as JSON, the same form wherever they appear (docs/reference/api.md). */
#ifndef INVIGIL_HTTP_SHOW_H
#define INVIGIL_HTTP_SHOW_H

#include "http/call.h"

/* One bit of Role for "proctor", "reviewer", ...; 0: no such role. */
u32 role_by_name(Span name);
const char *role_name(u32 role);                       /* of one bit; NULL: no such role */
void show_roles(Body *b, const char *name, u32 roles); /* ["proctor", ...] */
const char *session_state_name(u32 state);
const char *attempt_state_name(u32 state);
const char *item_kind_name(u32 kind);
void show_settings(Body *b, const char *name, const Session *s);
/* {session, name, code, state, ...}; whole: with settings, public_key, roster_count. */
void show_session(Call *c, Body *b, u64 session, bool whole);
/* [{user, name, roles}] of the people assigned to the session. */
void show_staff(Call *c, Body *b, const char *name, u64 session);
/* Only what a candidate may know of a session: settings, disclosure, keys, staff. */
void show_session_for_candidate(Call *c, Body *b, u64 session);
void show_row(Body *b, const char *name, const Row *row);
void show_user(Call *c, Body *b); /* the body of GET /api/me */

/* Items as [{...}]. with_keys: also name, line, fractions, ranges, feedback: never to candidates. */
void show_items(Body *b, const char *name, const Paper *paper, bool with_keys);
i64 paper_points_milli(const Paper *paper);

/* ---- what only the event stream of an attempt holds ---- */
typedef struct AnswerLine {
    u32 rev; /* 0: no answer */
    i64 stored_ms;
    bool late;
    Span value;
} AnswerLine;
/* The newest stored answer by item number, ITEMS_MAX + 1 entries, in the arena; NULL: out of memory.
 * Values live as long as the engine's memory of the stream: until the next turn. */
AnswerLine *answers_of(const Engine *e, u64 attempt, Arena *a);

/* ---- papers of candidates, kept ready ---- */
PaperCache *paper_cache_open(void);
void paper_cache_close(PaperCache *p);
/* {name, items} without keys, for the device that leads an attempt, while it may see it; else why not. The bytes
 * stay until another paper is asked for. */
Refusal paper_for_candidate(Site *s, const Asker *who, Span *json);

#endif
