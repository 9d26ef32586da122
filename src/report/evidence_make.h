/* evidence_make.h - writes an evidence pack. Order of the calls: streams (the assessment, the session, the
 * attempts by number), then for each attempt in the same order its media, then the end. A failed call makes
 * all later ones fail; errno says why where it was the disk. */
#ifndef INVIGIL_EVIDENCE_MAKE_H
#define INVIGIL_EVIDENCE_MAKE_H

#include "report/evidence_form.h"
#include "seal/merkle.h"

typedef struct EvidenceMaker EvidenceMaker;

/* Begins a new file, which must not exist. NULL: errno says why. */
EvidenceMaker *evidence_make_open(const char *path);
void evidence_make_close(EvidenceMaker *m);

/* All stored events of a stream, in evidence_event_write form, and the place of its head in the tree. */
Err evidence_make_stream(EvidenceMaker *m, u64 stream, Span events, u32 leaf) MUST_CHECK;

/* `records`: they come into the pack, and every add has its bytes. In the order of evidence_record_order;
 * the hash is computed here. */
Err evidence_make_media(EvidenceMaker *m, u64 stream, bool records) MUST_CHECK;
Err evidence_make_record(EvidenceMaker *m, EvidenceRecord *r, Span record) MUST_CHECK;
Err evidence_make_media_end(EvidenceMaker *m, Span events) MUST_CHECK;

typedef struct EvidenceFacts {
    i64 made_ms;
    Span program, organization; /* version, name; UTF-8 */
    u64 subject, last_event;
    bool records;
    const Merkle *heads; /* of all streams of the server */
    const u8 *sign_secret;
} EvidenceFacts;
/* Manifest, checkpoint, directory; then it is on the disk. */
Err evidence_make_end(EvidenceMaker *m, const EvidenceFacts *f) MUST_CHECK;

#endif
