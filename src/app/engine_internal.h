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
    Buf scratch; /* one encoded event */
    u64 next_seq, submitted, durable;
    i64 now_ms;
    bool broken; /* memory ran out in the middle of a decision: refuse all until restarted */
    EngineCounts counts;
};

#endif
