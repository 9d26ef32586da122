/* pack_check.h - reads every evidence file and changes none: each record's checksum, and each index against
 * the records it stands for. No server may be writing. */
#ifndef INVIGIL_PACK_CHECK_H
#define INVIGIL_PACK_CHECK_H

#include "store/pack.h"

typedef struct PackSum {
    u64 records, bytes; /* whole ones */
    u64 open;           /* files that a stop in mid-writing left; the next start closes them */
} PackSum;

typedef struct PackWatch {
    void (*record)(void *ctx, u64 session, const PackEntry *e);        /* each whole one */
    void (*damaged)(void *ctx, u64 session, const PackEntry *e);       /* the index names it */
    void (*odd)(void *ctx, u64 session, u32 number, const char *what); /* of a file as a whole */
    void *ctx;
} PackWatch;

/* ERR_IO, ERR_MEMORY: the folder or a file could not be read. Findings are told, and are no fault. */
Err pack_check(const char *folder, const PackWatch *watch, PackSum *sum) MUST_CHECK;

#endif
