/* engine_internal.h - the engine's inside, shared by its files. Nobody else includes it. */
#ifndef INVIGIL_ENGINE_INTERNAL_H
#define INVIGIL_ENGINE_INTERNAL_H

#include "app/batch.h"
#include "app/engine.h"
#include "app/state.h"
#include "app/wakes.h"
#include "app/who.h"

typedef struct Queue Queue;

struct Engine {
    EnginePorts ports;
    State state;
    Queue *queue;
    Wakes wakes;
    Batch *making;    /* of this turn */
    Batch *stuck;     /* decided, but the log's queue was full */
    Batch *under_way; /* handed to the log, oldest first */
    Batch *spare;
    u32 spares;
    Buf scratch; /* one encoded event */
    u64 next_seq, submitted, durable;
    i64 now_ms;
    bool broken; /* memory ran out in the middle of a decision: refuse all until restarted */
    EngineCounts counts;
};

/* ---- between the engine's files ---- */
/* Stores one event of a stream in the batch being made, and makes it true in memory. */
Err engine_append(Engine *e, u64 stream, const Event *event) MUST_CHECK;
/* Names when, in which role and by whom. */
void event_sign(Engine *e, Event *event, u8 role, u64 actor, u64 cmd);
/* After a session changed: when it wakes next, and each of its attempts. */
void engine_touch_session(Engine *e, SessionBox *b);
/* Makes a session from its commands, the first of which creates it; *id is its number. */
Refusal engine_make_session(Engine *e, const Command *commands, u32 count, u64 user, u64 cmd,
                            u64 *id);
Batch *engine_take_batch(Engine *e); /* an empty one; NULL: out of memory */

#endif
