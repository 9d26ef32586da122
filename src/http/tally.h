/* tally.h - puts the running digests of recordings on record (note_media): every MEDIA_NOTE_RECORDS records of
 * a stream, at its end, and when its session ends. What is noted cannot be taken out of the evidence files
 * unnoticed; `invigil check` and `invigil verify` compare.
 *
 * Where a stream was noted last stands in the log, so that a restart goes on there. The records are read
 * again on a worker thread, one stretch at a time. Loop thread. */
#ifndef INVIGIL_TALLY_H
#define INVIGIL_TALLY_H

#include "http/inside.h"
#include "store/pack.h"

typedef struct Tally Tally;

Tally *tally_open(Site *s); /* NULL: out of memory */
void tally_close(Tally *t);
/* A record is in the files: at the start, and when it became durable. */
void tally_found(Tally *t, u64 session, const PackEntry *e);
/* The same, and looks whether something is to be noted now. */
void tally_durable(Tally *t, const PackEntry *e);
void tally_session_over(Tally *t, u64 session);
bool tally_busy(const Tally *t); /* a stretch is being read */

#endif
