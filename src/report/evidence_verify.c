#include "report/evidence_verify.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/crc32.h"
#include "base/limits.h"
#include "report/zip_form.h"
#include "seal/checkpoint.h"
#include "seal/merkle.h"

typedef struct Verifier {
    const EvidenceWatch *watch;
    EvidenceSum *sum;
    const u8 *public_key;
    ZipMembers zip;
    Arena arena;
    EvidenceManifest manifest;
    Checkpoint checkpoint;
    bool has_checkpoint;
    u64 stream;   /* being looked at */
    u32 next;     /* file that is due */
    Span *events; /* of each stream */
    Buf work;     /* readable files, drawn again */
    Err err;      /* memory ran out */
} Verifier;

PRINTF_LIKE(3, 4)
static void wrong(Verifier *v, const char *file, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    v->sum->wrong++;
    v->watch->wrong(v->watch->ctx, file, text);
}

/* ---- the zip, the manifest, the signature ---- */

static bool open_zip(Verifier *v, Span pack)
{
    u64 at = 0;
    Err err = zip_read(pack, &v->zip, &at);
    if (err == ERR_FORMAT)
        wrong(v, NULL, "byte %llu of the zip file is not as it must be; nothing else was looked at",
              (unsigned long long)at);
    else if (err) v->err = err;
    return !err;
}

static const ZipMember *member_last(const Verifier *v, u32 from_end, const char *name)
{
    if (v->zip.count < from_end) return NULL;
    const ZipMember *m = &v->zip.list[v->zip.count - from_end];
    return span_equal(m->name, span_of(name)) ? m : NULL;
}

static void sum_text(Span text, char *out, size_t size)
{
    snprintf(out, size, "%.*s", (int)MIN_OF(text.len, size - 1), (const char *)text.ptr);
}

static bool open_manifest(Verifier *v, const ZipMember *file)
{
    Err err = file ? evidence_manifest_read(file->content, &v->arena, &v->manifest) : ERR_FORMAT;
    if (err == ERR_MEMORY) v->err = err;
    else if (err)
        wrong(v, EVIDENCE_MANIFEST,
              "it is not there, or has another form; without it nothing else can be looked at");
    if (err) return false;
    const EvidenceManifest *m = &v->manifest;
    EvidenceSum *s = v->sum;
    sum_text(m->made, s->made, sizeof s->made);
    sum_text(m->program, s->program, sizeof s->program);
    sum_text(m->organization, s->organization, sizeof s->organization);
    memcpy(s->key, m->key, sizeof s->key);
    s->subject = m->subject;
    s->last_event = m->last_event;
    s->streams = m->stream_count;
    s->has_records = m->records;
    return s->read = true;
}

static void check_checkpoint(Verifier *v, const ZipMember *file, const ZipMember *manifest)
{
    char origin[EVIDENCE_NAME_SIZE * 2];
    const u8 *key = v->public_key ? v->public_key : v->manifest.key;
    if (memcmp(key, v->manifest.key, SEAL_SIGN_PUBLIC_BYTES))
        wrong(v, EVIDENCE_MANIFEST, "it names another server's key than the one that was given");
    Err err = file ? checkpoint_check(file->content, key, &v->checkpoint) : ERR_FORMAT;
    if (err == ERR_CRYPTO)
        wrong(v, EVIDENCE_CHECKPOINT, "the signature is not of this server, or it was changed");
    else if (err) wrong(v, EVIDENCE_CHECKPOINT, "it is not there, or has another form");
    if (err) return;
    v->has_checkpoint = true;
    v->sum->tree_size = v->checkpoint.size;
    evidence_origin(manifest->content, origin);
    if (!span_equal(v->checkpoint.origin, span_of(origin)))
        wrong(v, EVIDENCE_MANIFEST, "it is not the one that was signed");
}

/* ---- files ---- */

static void check_file(Verifier *v, const ZipMember *m, const EvidenceFile *f)
{
    char name[EVIDENCE_NAME_SIZE + 1];
    u8 hash[SEAL_HASH_BYTES];
    snprintf(name, sizeof name, "%.*s", (int)MIN_OF(f->name.len, (size_t)EVIDENCE_NAME_SIZE),
             (const char *)f->name.ptr);
    if (!span_equal(m->name, f->name)) {
        wrong(v, name, "the manifest names it here, but another file is here");
        return;
    }
    if (m->bytes != f->bytes) wrong(v, name, "it has not the length that the manifest says");
    if (crc32_of(0, m->content) != m->crc)
        wrong(v, name, "it has not the checksum that the zip file says");
    seal_sha256(f->hashed ? m->content : SPAN_NONE, hash);
    if (f->hashed && memcmp(hash, f->hash, sizeof hash))
        wrong(v, name, "it has not the SHA-256 that the manifest says");
}

static void check_files(Verifier *v)
{
    u32 files = v->zip.count - 2;
    if (v->manifest.file_count != files)
        wrong(v, EVIDENCE_MANIFEST, "it names %u files, there are %u", v->manifest.file_count,
              files);
    for (u32 i = 0; i < MIN_OF(files, v->manifest.file_count); i++)
        check_file(v, &v->zip.list[i], &v->manifest.files[i]);
    for (u32 i = files; i < v->zip.count; i++)
        if (crc32_of(0, v->zip.list[i].content) != v->zip.list[i].crc)
            wrong(v, i == files ? EVIDENCE_MANIFEST : EVIDENCE_CHECKPOINT,
                  "it has not the checksum that the zip file says");
}

/* The file that is due next, by its name. Files stand in one order; a few too many are stepped over. */
static const ZipMember *file_due(Verifier *v, const char *name, bool hashed)
{
    enum { STEP_OVER_MAX = 8 };
    u32 end = MIN_OF(MIN_OF(v->zip.count - 2, v->manifest.file_count), v->next + STEP_OVER_MAX);
    for (u32 i = v->next; i < end; i++) {
        if (!span_equal(v->zip.list[i].name, span_of(name))) continue;
        if (i != v->next)
            wrong(v, name, "%u files stand before it that have no place there", i - v->next);
        if (v->manifest.files[i].hashed != hashed)
            wrong(v, name, "the manifest lists it as another kind of file");
        v->next = i + 1;
        return &v->zip.list[i];
    }
    wrong(v, name, "it is missing, or not in its place");
    return NULL;
}

static void compare_again(Verifier *v, const ZipMember *readable, const char *name)
{
    if (v->work.failed) v->err = ERR_MEMORY;
    else if (readable && !span_equal(readable->content, buf_view(&v->work)))
        wrong(v, name, "it does not say what the stored bytes say");
}

/* ---- event streams ---- */

/* What the first event of a stream binds it to. */
static void check_kin(Verifier *v, const char *name, const Event *e)
{
    u64 session = stream_object(v->manifest.streams[1].stream);
    bool fine = true;
    switch (stream_kind(v->stream)) {
    case STREAM_SERVER: break;
    case STREAM_ASSESSMENT: fine = e->kind == EVT_assessment_created; break;
    case STREAM_SESSION:
        fine = e->kind == EVT_session_created &&
               e->session_created.assessment == stream_object(v->manifest.streams[0].stream);
        break;
    case STREAM_ATTEMPT:
        fine = (e->kind == EVT_invited && e->invited.session == session) ||
               (e->kind == EVT_joined && e->joined.session == session);
        break;
    }
    if (!fine) wrong(v, name, "its first event does not belong to this session");
}

static void check_event(Verifier *v, const char *name, const EvidenceEvent *before,
                        const EvidenceEvent *e)
{
    u8 hash[SEAL_HASH_BYTES];
    Event event;
    unsigned long long ver = before->ver + 1;
    seal_chain(before->hash, v->stream, e->ver, e->event, hash);
    if (e->ver != ver) wrong(v, name, "version %llu is missing, or not in its place", ver);
    if (e->seq <= before->seq || e->seq > v->manifest.last_event)
        wrong(v, name, "version %llu has a number in the log that it cannot have", ver);
    if (memcmp(hash, e->hash, sizeof hash))
        wrong(v, name, "version %llu was changed, or something before it was", ver);
    if (event_decode(e->event, &event))
        wrong(v, name, "version %llu cannot be read: a later program may have written it", ver);
    else if (before->ver == 0) check_kin(v, name, &event);
    v->sum->events++;
}

static void check_events(Verifier *v, const char *name, Span events, const EvidenceStream *s)
{
    EvidenceEvent before = {.ver = 0}, e;
    u64 told = v->sum->wrong;
    while (v->sum->wrong == told && evidence_event_take(&events, &e)) {
        check_event(v, name, &before, &e);
        before = e;
    }
    if (v->sum->wrong != told) return; /* one break is enough: what follows it breaks, too */
    if (events.len)
        wrong(v, name, "behind version %llu is no whole event", (unsigned long long)before.ver);
    if (before.ver != s->ver || memcmp(before.hash, s->head, sizeof s->head))
        wrong(v, name, "it ends with version %llu, the manifest says %llu",
              (unsigned long long)before.ver, (unsigned long long)s->ver);
}

static void check_tree(Verifier *v, const char *name, const EvidenceStream *s)
{
    u8 hash[SEAL_HASH_BYTES];
    if (!v->has_checkpoint) return;
    evidence_leaf(s->stream, s->ver, s->head, hash);
    if (!merkle_path_root(s->leaf, v->checkpoint.size, s->path, hash) ||
        memcmp(hash, v->checkpoint.root, sizeof hash))
        wrong(v, name, "its head is not in the tree that was signed");
}

static void check_stream(Verifier *v, u32 i)
{
    const EvidenceStream *s = &v->manifest.streams[i];
    char name[EVIDENCE_NAME_SIZE];
    v->stream = s->stream;
    evidence_name(EVIDENCE_STREAMS, s->stream, ".events", name);
    const ZipMember *events = file_due(v, name, true);
    check_tree(v, name, s);
    if (!events) return;
    v->events[i] = events->content;
    check_events(v, name, events->content, s);
    evidence_name(EVIDENCE_STREAMS, s->stream, ".json", name);
    const ZipMember *readable = file_due(v, name, true);
    buf_reset(&v->work);
    if (readable) evidence_events_json(events->content, &v->work);
    compare_again(v, readable, name);
}

/* ---- media ---- */

static void check_index(Verifier *v, const char *name, Span index)
{
    EvidenceRecord r, before;
    size_t count = index.len / EVIDENCE_RECORD_BYTES;
    if (index.len % EVIDENCE_RECORD_BYTES) wrong(v, name, "its last entry is not whole");
    for (size_t i = 0; i < count; i++) {
        bool fine =
            evidence_record_at(index, i, &r) && (!i || evidence_record_order(&before, &r) < 0);
        if (!fine) {
            wrong(v, name, "entry %llu is not in order", (unsigned long long)i);
            return;
        }
        before = r;
        v->sum->records++;
        v->sum->record_bytes += r.bytes;
    }
}

static void check_records(Verifier *v, const char *name, Span records, Span index)
{
    EvidenceRecord r;
    u8 hash[SEAL_HASH_BYTES];
    for (size_t i = 0; evidence_record_at(index, i, &r); i++) {
        Span one = {records.ptr, MIN_OF(records.len, (size_t)r.bytes)};
        seal_sha256(one, hash);
        if (memcmp(hash, r.hash, sizeof hash) || !evidence_record_fits(&r, one)) {
            wrong(v, name, "record %u of stream %u, epoch %llu, is not the one that was stored",
                  r.seq, r.stream, (unsigned long long)r.epoch);
            return;
        }
        records = (Span){records.ptr + one.len, records.len - one.len};
    }
    if (records.len) wrong(v, name, "something lies behind its last record");
}

static void track_seen(void *ctx, const EvidenceTrack *t)
{
    (void)ctx, (void)t;
}

static void gap_seen(void *ctx, const EvidenceGap *g)
{
    Verifier *v = ctx;
    v->sum->gaps++;
    v->watch->gap(v->watch->ctx, v->stream, g);
}

/* Where the records of a stream begin in the index. */
static size_t stream_begins(Span index, u64 epoch, u8 stream)
{
    EvidenceRecord r;
    size_t i = 0;
    while (evidence_record_at(index, i, &r) &&
           (r.epoch < epoch || (r.epoch == epoch && r.stream < stream)))
        i++;
    return i;
}

/* The log noted what there was: records 0 to upto_seq must be there, and be the same. */
static void check_note(Verifier *v, const char *name, Span index, const Evt_media_noted *m)
{
    EvidenceRecord r;
    u8 digest[SEAL_HASH_BYTES] = {0};
    size_t at = stream_begins(index, m->epoch, m->stream);
    for (u32 seq = 0; seq <= m->upto_seq && seq < UINT32_MAX; seq++) {
        bool there = evidence_record_at(index, at++, &r) && r.epoch == m->epoch &&
                     r.stream == m->stream && r.seq == seq;
        if (!there) {
            wrong(v, name, "record %u of stream %u, epoch %llu, is not there, and the log noted it",
                  seq, m->stream, (unsigned long long)m->epoch);
            return;
        }
        seal_fold(digest, r.hash);
    }
    v->sum->noted++;
    if (m->digest.len != sizeof digest || memcmp(digest, m->digest.ptr, sizeof digest))
        wrong(v, name, "records 0 to %u of stream %u, epoch %llu, are not those that the log noted",
              m->upto_seq, m->stream, (unsigned long long)m->epoch);
}

static void check_notes(Verifier *v, const char *name, Span index, Span events)
{
    EvidenceEvent stored;
    Event e;
    while (evidence_event_take(&events, &stored))
        if (event_decode(stored.event, &e) == OK && e.kind == EVT_media_noted)
            check_note(v, name, index, &e.media_noted);
}

static void check_media(Verifier *v, u32 i)
{
    u64 stream = v->manifest.streams[i].stream;
    char name[EVIDENCE_NAME_SIZE], records_name[EVIDENCE_NAME_SIZE];
    v->stream = stream;
    v->sum->attempts++;
    evidence_name(EVIDENCE_MEDIA, stream, ".records", records_name);
    const ZipMember *records = v->manifest.records ? file_due(v, records_name, false) : NULL;
    evidence_name(EVIDENCE_MEDIA, stream, ".index", name);
    const ZipMember *index = file_due(v, name, true);
    if (!index) return;
    u64 told = v->sum->wrong;
    check_index(v, name, index->content);
    if (v->sum->wrong != told) return;
    if (records) check_records(v, records_name, records->content, index->content);
    check_notes(v, name, index->content, v->events[i]);
    EvidenceTracks each = {track_seen, gap_seen, v};
    Err err = evidence_tracks(index->content, v->events[i], &each);
    evidence_name(EVIDENCE_MEDIA, stream, ".json", name);
    const ZipMember *readable = file_due(v, name, true);
    buf_reset(&v->work);
    if (!err) err = evidence_media_json(index->content, v->events[i], &v->work);
    if (err) v->err = err;
    else compare_again(v, readable, name);
}

/* ---- all ---- */

/* The assessment, its session, attempts in order: nothing else makes a pack. */
static bool check_subject(Verifier *v)
{
    const EvidenceManifest *m = &v->manifest;
    bool fine = m->stream_count >= 2 && stream_kind(m->streams[0].stream) == STREAM_ASSESSMENT &&
                stream_kind(m->streams[1].stream) == STREAM_SESSION;
    for (u32 i = 2; fine && i < m->stream_count; i++)
        fine = stream_kind(m->streams[i].stream) == STREAM_ATTEMPT &&
               (i == 2 || m->streams[i - 1].stream < m->streams[i].stream);
    if (fine && stream_kind(m->subject) == STREAM_SESSION)
        fine = m->subject == m->streams[1].stream;
    else fine = fine && m->stream_count == 3 && m->subject == m->streams[2].stream;
    if (!fine)
        wrong(v, EVIDENCE_MANIFEST, "its streams do not make the pack of one session or attempt");
    return fine;
}

static void check_all(Verifier *v, Span pack)
{
    if (!open_zip(v, pack)) return;
    const ZipMember *manifest = member_last(v, 2, EVIDENCE_MANIFEST);
    if (!open_manifest(v, manifest)) return;
    check_checkpoint(v, member_last(v, 1, EVIDENCE_CHECKPOINT), manifest);
    check_files(v);
    if (!check_subject(v)) return;
    v->events = ARENA_ARRAY(&v->arena, Span, v->manifest.stream_count);
    if (!v->events) v->err = ERR_MEMORY;
    if (v->err) return;
    for (u32 i = 0; i < v->manifest.stream_count; i++)
        check_stream(v, i);
    for (u32 i = 2; i < v->manifest.stream_count; i++)
        check_media(v, i);
    if (v->next + 2 != v->zip.count)
        wrong(v, NULL, "the zip file holds %u files that no pack has", v->zip.count - 2 - v->next);
}

Err evidence_verify(Span pack, const u8 *public_key, const EvidenceWatch *watch, EvidenceSum *sum)
{
    *sum = (EvidenceSum){.wrong = 0};
    Verifier v = {.watch = watch, .sum = sum, .public_key = public_key};
    arena_init(&v.arena, (size_t)EVIDENCE_MANIFEST_BYTES_MAX * 2);
    buf_init(&v.work, EVIDENCE_STREAM_BYTES_MAX);
    check_all(&v, pack);
    buf_done(&v.work);
    arena_done(&v.arena);
    zip_members_done(&v.zip);
    return v.err;
}
