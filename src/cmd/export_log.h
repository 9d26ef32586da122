/* export_log.h - what an evidence pack takes from the log: the head of every stream, and all events of
 * the streams that belong to the one that was asked for. */
#ifndef INVIGIL_EXPORT_LOG_H
#define INVIGIL_EXPORT_LOG_H

#include "base/map.h"
#include "report/evidence_make.h"
#include "store/log.h"

typedef struct ExportHead {
    u64 stream, ver;
    u64 kin; /* of an attempt its session, of a session its assessment */
    u8 hash[SEAL_HASH_BYTES];
    u32 leaf;
    bool wanted;
    Buf events; /* of those that are wanted, in evidence_event_write form */
} ExportHead;

typedef struct ExportLog {
    Map heads;          /* stream to its ExportHead */
    ExportHead **order; /* by number of the stream: the leaves */
    u32 count;
    u64 last_event, session;
    Merkle tree;
} ExportLog;

/* Reads the log twice, in pieces, up to the event that is the last one now: a server may be writing. ERR_MISSING:
 * there is no such stream. Call export_log_done whatever came back. */
Err export_log_read(ExportLog *x, Log *log, u64 subject) MUST_CHECK;
void export_log_done(ExportLog *x);

#endif
