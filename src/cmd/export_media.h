/* export_media.h - an attempt's recording, from evidence files into a pack. */
#ifndef INVIGIL_EXPORT_MEDIA_H
#define INVIGIL_EXPORT_MEDIA_H

#include "report/evidence_make.h"

typedef struct ExportMedia {
    const char *folder; /* of all evidence */
    u64 session;
    bool records;        /* the records themselves, too */
    u64 stored, damaged; /* counted over all attempts; damaged ones are left out, and are gaps */
} ExportMedia;

/* A server may be writing: what is durable comes into the pack. */
Err export_media(ExportMedia *x, EvidenceMaker *m, u64 stream, Span events) MUST_CHECK;

#endif
