/* evidence_form.h - the files inside an evidence pack, byte for byte; docs/reference/pack.md says the same
 * to those who write another verifier. Readable files are drawn from the binary ones by the functions here, so
 * that a verifier draws them again and compares: their words, those of event_json too, stay as they are, or the
 * form in the manifest gets another name. Pure: spans in, bytes out. */
#ifndef INVIGIL_EVIDENCE_FORM_H
#define INVIGIL_EVIDENCE_FORM_H

#include "base/arena.h"
#include "base/buf.h"
#include "seal/seal.h"
#include "wire/wire.h"

#define EVIDENCE_MANIFEST "manifest.json"
#define EVIDENCE_CHECKPOINT "checkpoint"
#define EVIDENCE_ORIGIN "invigil/pack/" /* and the SHA-256 of the manifest, in hex */

enum { EVIDENCE_NAME_SIZE = 64 };

/* ---- names ---- */

#define EVIDENCE_STREAMS "streams/"
#define EVIDENCE_MEDIA "media/"
/* "streams/attempt-12.events": folder and ending as they are. */
void evidence_name(const char *folder, u64 stream, const char *ending,
                   char out[EVIDENCE_NAME_SIZE]);

/* ---- streams/NAME.events and .json ---- */

/* One stored event: u64 seq, u64 ver, hash 32, u32 length, the event's bytes. */
typedef struct EvidenceEvent {
    u64 seq, ver;
    u8 hash[SEAL_HASH_BYTES];
    Span event;
} EvidenceEvent;

void evidence_event_write(const EvidenceEvent *e, Buf *out);
/* Takes the first event from the span; false: none whole is left. */
bool evidence_event_take(Span *events, EvidenceEvent *out);
/* The same for people: a JSON array, an event a line. What cannot be read is null there. */
void evidence_events_json(Span events, Buf *out);
/* The leaf of a stream in the tree: SHA-256(0x00, stream u64, ver u64, hash of that version). */
void evidence_leaf(u64 stream, u64 ver, const u8 head[SEAL_HASH_BYTES], u8 out[SEAL_HASH_BYTES]);

/* ---- media/NAME.index and .json ---- */

/* What the server knew of a record, and the hash of its bytes. 72 bytes, in this order: u64 epoch, u64 at_us, i64
 * received_ms, u32 seq, u32 key_seq, u32 bytes, u8 stream, u8 kind, u8 flags, u8 late, hash 32. Sorted by epoch,
 * stream, seq, hash. NAME.records has the records themselves, back to back in this order. */
typedef struct EvidenceRecord {
    u64 epoch, at_us;
    i64 received_ms;
    u32 seq, key_seq, bytes;
    u8 stream, kind, flags, late;
    u8 hash[SEAL_HASH_BYTES];
} EvidenceRecord;
enum { EVIDENCE_RECORD_BYTES = 72, EVIDENCE_HEADER_BYTES = 40 };

void evidence_record_write(const EvidenceRecord *r, Buf *out);
/* The one at a place; false: no whole one is there, or it says what no record can. */
bool evidence_record_at(Span index, size_t i, EvidenceRecord *out);
/* Below zero, zero, above: the order of the index. */
int evidence_record_order(const EvidenceRecord *a, const EvidenceRecord *b);
/* Whether the record's own header says what the index says. */
bool evidence_record_fits(const EvidenceRecord *r, Span record);

/* A hole in one stream of one epoch, in the server's clock as far as it is known. */
typedef struct EvidenceGap {
    u64 epoch;
    u8 stream;
    bool missing;    /* records `first` to `last` did not arrive; else none were made for a while */
    u32 first, last; /* else: the records before and after */
    i64 from_ms, to_ms;
    const char *why;
} EvidenceGap;
typedef struct EvidenceTrack {
    u64 epoch, bytes;
    i64 from_ms, to_ms;
    u32 records;
    u8 stream;
} EvidenceTrack;
typedef struct EvidenceTracks {
    void (*track)(void *ctx, const EvidenceTrack *t); /* each stream of each epoch, then its gaps */
    void (*gap)(void *ctx, const EvidenceGap *g);
    void *ctx;
} EvidenceTracks;

/* Walks a sorted index. Why there is a gap is looked up in the attempt's events. ERR_MEMORY. */
Err evidence_tracks(Span index, Span events, const EvidenceTracks *each) MUST_CHECK;
/* The same for people. */
Err evidence_media_json(Span index, Span events, Buf *out) MUST_CHECK;

/* ---- manifest.json ---- */

typedef struct EvidenceStream {
    u64 stream, ver, leaf; /* leaf: its place in the tree */
    u8 head[SEAL_HASH_BYTES];
    Span path; /* 32 bytes a step, lowest first */
} EvidenceStream;

typedef struct EvidenceFile {
    Span name;
    u64 bytes;
    bool hashed; /* not .records: their hashes are in the index */
    u8 hash[SEAL_HASH_BYTES];
} EvidenceFile;

typedef struct EvidenceManifest {
    Span made, program, organization; /* JSON texts with their quotes */
    u8 key[SEAL_SIGN_PUBLIC_BYTES];   /* of the server */
    u64 subject;                      /* the stream of the session or attempt that was asked for */
    u64 last_event;                   /* number of the last event in the log then */
    bool records;                     /* the records are in the pack */
    EvidenceStream *streams;          /* the assessment, the session, the attempts in order */
    EvidenceFile *files;              /* all but manifest and checkpoint, in their order */
    u32 stream_count, file_count;
} EvidenceManifest;

void evidence_manifest_write(const EvidenceManifest *m, Buf *out);
/* ERR_FORMAT: not byte for byte what writing it again gives. ERR_MEMORY. Texts point into it. */
Err evidence_manifest_read(Span text, Arena *a, EvidenceManifest *out) MUST_CHECK;
/* "invigil/pack/0f3a..." */
void evidence_origin(Span manifest, char out[EVIDENCE_NAME_SIZE * 2]);

#endif
