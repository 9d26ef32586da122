/* evidence_verify.h - says of an evidence pack, from its bytes alone, what holds and what does not. */
#ifndef INVIGIL_EVIDENCE_VERIFY_H
#define INVIGIL_EVIDENCE_VERIFY_H

#include "report/evidence_form.h"

typedef struct EvidenceWatch {
    /* Something does not hold: in which file (or NULL), and what. */
    void (*wrong)(void *ctx, const char *file, const char *what);
    /* A hole in a recording, of the attempt's stream: named, and no fault of the pack. */
    void (*gap)(void *ctx, u64 stream, const EvidenceGap *g);
    void *ctx;
} EvidenceWatch;

typedef struct EvidenceSum {
    u64 wrong; /* 0: everything holds */
    bool read; /* the manifest is one; without it the rest is empty */
    char made[64], program[64], organization[256]; /* JSON texts with their quotes */
    u8 key[SEAL_SIGN_PUBLIC_BYTES];                /* that the pack names */
    u64 subject, last_event, tree_size;
    u64 streams, attempts, events, records, record_bytes, gaps;
    u64 noted; /* digests of recordings in the log, compared */
    bool has_records;
} EvidenceSum;

/* `public_key`: of the server that is said to have made it. NULL: the one that the pack itself names, which
 * shows that it was not changed, but not by whom it was made. ERR_MEMORY: nothing is known. */
Err evidence_verify(Span pack, const u8 *public_key, const EvidenceWatch *watch,
                    EvidenceSum *sum) MUST_CHECK;

#endif
