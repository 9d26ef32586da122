/* pack_kit.h - small evidence packs of invented exams, made by the real maker, and a hand that takes them
 * apart and puts them together again, with or without the server's signature. */
#ifndef INVIGIL_TEST_REPORT_PACK_KIT_H
#define INVIGIL_TEST_REPORT_PACK_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crc32.h"
#include "report/evidence_make.h"
#include "report/evidence_verify.h"
#include "report/zip_form.h"
#include "seal/checkpoint.h"
#include "seal/internal.h"

enum { KIT_SESSION = 3, KIT_ASSESSMENT = 2, KIT_BYTES_MAX = 1 << 24, KIT_EPOCH = 4711 };

typedef struct KitKeys {
    u8 public_key[SEAL_SIGN_PUBLIC_BYTES], secret[SEAL_SIGN_SECRET_BYTES];
} KitKeys;

/* Always the same, so that what a seed makes can be made again. */
static inline KitKeys kit_keys(u8 number)
{
    KitKeys k;
    u8 seed[32];
    memset(seed, number, sizeof seed);
    sign_keys_from(seed, k.public_key, k.secret);
    return k;
}

static inline void kit_must(bool fine, const char *what)
{
    if (fine) return;
    printf("  the kit failed: %s\n", what);
    abort();
}

typedef struct KitStream {
    u64 stream, ver;
    u8 head[SEAL_HASH_BYTES];
    Buf events;
} KitStream;

/* An exam in the making: `seq` is the log's. */
typedef struct Kit {
    KitStream streams[32];
    u32 count;
    u64 seq;
    i64 now_ms;
} Kit;

static inline KitStream *kit_stream(Kit *k, u64 stream)
{
    for (u32 i = 0; i < k->count; i++)
        if (k->streams[i].stream == stream) return &k->streams[i];
    KitStream *s = &k->streams[k->count++];
    *s = (KitStream){.stream = stream};
    buf_init(&s->events, KIT_BYTES_MAX);
    return s;
}

static inline void kit_say(Kit *k, u64 stream, Event e)
{
    KitStream *s = kit_stream(k, stream);
    EvidenceEvent stored = {.seq = ++k->seq, .ver = ++s->ver};
    Buf bytes;
    e.at_ms = k->now_ms += 250;
    e.role = BY_CANDIDATE;
    buf_init(&bytes, KIT_BYTES_MAX);
    event_encode(&bytes, &e);
    stored.event = buf_view(&bytes);
    seal_chain(s->head, stream, s->ver, stored.event, s->head);
    memcpy(stored.hash, s->head, sizeof stored.hash);
    evidence_event_write(&stored, &s->events);
    kit_must(!bytes.failed && !s->events.failed, "an event");
    buf_done(&bytes);
}

static inline void kit_attempt(Kit *k, u64 attempt, u32 answers)
{
    u64 stream = stream_id(STREAM_ATTEMPT, attempt);
    Event joined = {.kind = EVT_joined,
                    .joined = {KIT_SESSION, SPAN("Zo\xc3\xab \"Q\" \\ \n"), SPAN("42"), 1000, 0}};
    Event lost = {.kind = EVT_disconnected, .disconnected = {1, k->now_ms + 700, 0}};
    Event wrap = {.kind = EVT_media_key_added, .media_key_added = {KIT_EPOCH, SPAN("\1\2\3"), 0}};
    kit_say(k, stream, joined);
    kit_say(k, stream, wrap);
    for (u32 i = 0; i < answers; i++)
        kit_say(k, stream,
                (Event){.kind = EVT_answered,
                        .answered = {1, i + 1, k->now_ms, 0, SPAN("Because it is so."), 0}});
    kit_say(k, stream, lost);
    kit_say(k, stream, (Event){.kind = EVT_connected, .connected = {99, 0}});
    kit_say(k, stream, (Event){.kind = EVT_submitted, .submitted = {k->now_ms, 0}});
}

/* The tree has other exams' streams, too. */
static inline void kit_exam(Kit *k, u32 attempts, u32 answers)
{
    *k = (Kit){.now_ms = 1790000000000};
    kit_say(k, stream_id(STREAM_ASSESSMENT, 1), (Event){.kind = EVT_assessment_published});
    kit_say(k, stream_id(STREAM_ASSESSMENT, KIT_ASSESSMENT),
            (Event){.kind = EVT_assessment_created,
                    .assessment_created = {SPAN("Paper"), SPAN("GIFT"), 0}});
    Event made = {.kind = EVT_session_created};
    made.session_created.name = SPAN("Session");
    made.session_created.assessment = KIT_ASSESSMENT;
    kit_say(k, stream_id(STREAM_SESSION, KIT_SESSION), made);
    kit_say(k, stream_id(STREAM_SESSION, KIT_SESSION), (Event){.kind = EVT_session_started});
    for (u32 i = 0; i < attempts; i++)
        kit_attempt(k, 10 + i, answers);
    kit_say(k, stream_id(STREAM_ATTEMPT, 500), (Event){.kind = EVT_missed});
}

static inline void kit_done(Kit *k)
{
    for (u32 i = 0; i < k->count; i++)
        buf_done(&k->streams[i].events);
}

/* ---- the pack ---- */

/* Records 0, 1, 2, 6, 7 of the webcam: three did not arrive. */
static inline void kit_media(Kit *k, EvidenceMaker *m, u64 stream, bool records)
{
    static const u32 seqs[] = {0, 1, 2, 6, 7};
    kit_must(!evidence_make_media(m, stream, records), "media");
    for (u32 i = 0; i < COUNT_OF(seqs); i++) {
        EvidenceRecord r = {.epoch = KIT_EPOCH,
                            .at_us = (u64)k->now_ms * 1000 + seqs[i] * 100000,
                            .received_ms = k->now_ms + 40 + seqs[i] * 100,
                            .seq = seqs[i],
                            .bytes = EVIDENCE_HEADER_BYTES + 16 + seqs[i]};
        Buf one;
        buf_init(&one, 4096);
        buf_u32(&one, 1); /* version 1, video of the webcam */
        buf_u32(&one, r.seq);
        buf_u64(&one, r.at_us);
        buf_u32(&one, 0);
        buf_u32(&one, 16 + r.seq);
        buf_u64(&one, r.epoch);
        buf_u64(&one, 0);
        for (u32 b = 0; b < 16 + r.seq; b++)
            buf_u8(&one, (u8)(b * 7 + seqs[i] + stream));
        kit_must(!evidence_make_record(m, &r, buf_view(&one)), "a record");
        buf_done(&one);
    }
    kit_must(!evidence_make_media_end(m, buf_view(&kit_stream(k, stream)->events)), "an index");
}

static inline int kit_order(const void *a, const void *b)
{
    u64 x = ((const KitStream *)a)->stream, y = ((const KitStream *)b)->stream;
    return x < y ? -1 : x > y;
}

static inline bool kit_in_pack(const KitStream *s, StreamKind kind)
{
    if (stream_kind(s->stream) != kind) return false;
    return kind == STREAM_ATTEMPT ? stream_object(s->stream) < 500
                                  : stream_object(s->stream) ==
                                        (kind == STREAM_SESSION ? KIT_SESSION : KIT_ASSESSMENT);
}

static inline void kit_write(Kit *k, const KitKeys *keys, bool records, const char *path)
{
    static const StreamKind kinds[] = {STREAM_ASSESSMENT, STREAM_SESSION, STREAM_ATTEMPT};
    Merkle tree = {0};
    u8 leaf[SEAL_HASH_BYTES];
    EvidenceMaker *m = evidence_make_open(path);
    kit_must(m != NULL, path);
    qsort(k->streams, k->count, sizeof *k->streams, kit_order);
    for (u32 i = 0; i < k->count; i++) {
        evidence_leaf(k->streams[i].stream, k->streams[i].ver, k->streams[i].head, leaf);
        kit_must(!merkle_add(&tree, leaf), "a leaf");
    }
    merkle_build(&tree);
    for (u32 kind = 0; kind < 3; kind++)
        for (u32 i = 0; i < k->count; i++)
            if (kit_in_pack(&k->streams[i], kinds[kind]))
                kit_must(!evidence_make_stream(m, k->streams[i].stream,
                                               buf_view(&k->streams[i].events), i),
                         "a stream");
    for (u32 i = 0; i < k->count; i++)
        if (kit_in_pack(&k->streams[i], STREAM_ATTEMPT))
            kit_media(k, m, k->streams[i].stream, records);
    EvidenceFacts facts = {.made_ms = k->now_ms,
                           .program = SPAN("0.1.0"),
                           .organization = SPAN("Col\"lege"),
                           .subject = stream_id(STREAM_SESSION, KIT_SESSION),
                           .last_event = k->seq,
                           .records = records,
                           .heads = &tree,
                           .sign_secret = keys->secret};
    kit_must(!evidence_make_end(m, &facts), "the end");
    evidence_make_close(m);
    merkle_done(&tree);
}

/* The bytes of a new pack. */
static inline Buf kit_pack(const KitKeys *keys, u32 attempts, u32 answers, bool records)
{
    static u32 number;
    char path[96];
    Kit k;
    Buf out;
    u8 piece[4096];
    size_t n;
    snprintf(path, sizeof path, "/tmp/invigil-pack-%d-%u", (int)getpid(), number++);
    kit_exam(&k, attempts, answers);
    kit_write(&k, keys, records, path);
    kit_done(&k);
    buf_init(&out, KIT_BYTES_MAX);
    FILE *f = fopen(path, "rb");
    kit_must(f != NULL, path);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_put(&out, piece, n);
    fclose(f);
    unlink(path);
    return out;
}

/* ---- taking apart ---- */

/* A zip file in the right form of these members; contents are looked up where they point. */
static inline void kit_zip(const ZipMember *members, u32 count, Buf *out)
{
    ZipMembers made = {0};
    for (u32 i = 0; i < count; i++) {
        ZipMember m = members[i];
        m.bytes = m.content.len;
        m.crc = crc32_of(0, m.content);
        m.offset = out->len;
        zip_local_write(&m, out);
        buf_span(out, m.content);
        kit_must(!zip_members_add(&made, &m), "a member");
    }
    zip_end_write(made.list, made.count, out->len, out);
    zip_members_done(&made);
    kit_must(!out->failed, "a zip");
}

/* The same with a manifest that tells of these files, signed by somebody. Members but the last two are
 * taken as they are; what the manifest says of streams stays. */
static inline bool kit_sign(ZipMember *members, u32 count, const KitKeys *keys, Buf *out)
{
    EvidenceManifest m;
    Checkpoint c;
    Arena a;
    Buf manifest, checkpoint;
    char origin[EVIDENCE_NAME_SIZE * 2];
    arena_init(&a, KIT_BYTES_MAX);
    buf_init(&manifest, KIT_BYTES_MAX);
    buf_init(&checkpoint, KIT_BYTES_MAX);
    Span signed_by = {members[count - 1].content.ptr, members[count - 1].content.len};
    bool fine = evidence_manifest_read(members[count - 2].content, &a, &m) == OK &&
                checkpoint_check(signed_by, m.key, &c) == OK && m.file_count == count - 2;
    for (u32 i = 0; fine && i < m.file_count; i++) {
        m.files[i].name = members[i].name;
        m.files[i].bytes = members[i].content.len;
        seal_sha256(members[i].content, m.files[i].hash);
    }
    if (fine) {
        memcpy(m.key, keys->public_key, sizeof m.key);
        evidence_manifest_write(&m, &manifest);
        members[count - 2].content = buf_view(&manifest);
        evidence_origin(buf_view(&manifest), origin);
        c.origin = span_of(origin);
        checkpoint_sign(&c, keys->secret, &checkpoint);
        members[count - 1].content = buf_view(&checkpoint);
        kit_zip(members, count, out);
    }
    buf_done(&manifest);
    buf_done(&checkpoint);
    arena_done(&a);
    return fine;
}

/* ---- verifying ---- */

typedef struct KitSaid {
    EvidenceSum sum;
    char first[512], file[128]; /* what was wrong first, and where */
    EvidenceGap gap;            /* the last one */
} KitSaid;

static inline void kit_wrong(void *ctx, const char *file, const char *what)
{
    KitSaid *s = ctx;
    if (s->first[0]) return;
    snprintf(s->first, sizeof s->first, "%s", what);
    snprintf(s->file, sizeof s->file, "%s", file ? file : "");
}

static inline void kit_gap(void *ctx, u64 stream, const EvidenceGap *g)
{
    (void)stream;
    ((KitSaid *)ctx)->gap = *g;
}

static inline KitSaid kit_verify(Span pack, const KitKeys *keys)
{
    KitSaid s = {.first = ""};
    EvidenceWatch watch = {kit_wrong, kit_gap, &s};
    kit_must(!evidence_verify(pack, keys ? keys->public_key : NULL, &watch, &s.sum), "verifying");
    return s;
}

#endif
