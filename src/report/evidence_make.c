#include "report/evidence_make.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crc32.h"
#include "base/date.h"
#include "base/limits.h"
#include "report/zip_form.h"
#include "seal/checkpoint.h"

struct EvidenceMaker {
    FILE *out;
    u64 at; /* bytes of whole members */
    ZipMembers members;
    Buf files, streams; /* of EvidenceFile, EvidenceStream */
    Arena names;
    Buf work;      /* one file while it is made */
    ZipMember now; /* the records of an attempt while they come */
    Buf index;
    u64 media; /* its stream */
    bool records;
    Err err;
};

static Err failed(EvidenceMaker *m, Err err)
{
    if (!m->err) m->err = err;
    return m->err;
}

static Err disk_failed(EvidenceMaker *m)
{
    return failed(m, errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO);
}

static Err put(EvidenceMaker *m, Span bytes)
{
    if (m->err) return m->err;
    if (bytes.len && fwrite(bytes.ptr, 1, bytes.len, m->out) != bytes.len) return disk_failed(m);
    return OK;
}

EvidenceMaker *evidence_make_open(const char *path)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) return NULL;
    EvidenceMaker *m = calloc(1, sizeof *m);
    FILE *out = m ? fdopen(fd, "wb") : NULL;
    if (!out) {
        close(fd);
        free(m);
        return NULL;
    }
    m->out = out;
    arena_init(&m->names, EVIDENCE_MANIFEST_BYTES_MAX);
    buf_init(&m->files, EVIDENCE_MANIFEST_BYTES_MAX);
    buf_init(&m->streams, EVIDENCE_MANIFEST_BYTES_MAX);
    buf_init(&m->work, EVIDENCE_STREAM_BYTES_MAX);
    buf_init(&m->index, EVIDENCE_STREAM_BYTES_MAX);
    return m;
}

void evidence_make_close(EvidenceMaker *m)
{
    if (!m) return;
    fclose(m->out);
    zip_members_done(&m->members);
    arena_done(&m->names);
    buf_done(&m->files);
    buf_done(&m->streams);
    buf_done(&m->work);
    buf_done(&m->index);
    free(m);
}

/* ---- members ---- */

static Err local_put(EvidenceMaker *m, const ZipMember *member)
{
    Buf head;
    buf_init(&head, ZIP_LOCAL_BYTES + ZIP_NAME_BYTES_MAX);
    zip_local_write(member, &head);
    Err err = head.failed ? failed(m, ERR_MEMORY) : put(m, buf_view(&head));
    buf_done(&head);
    return err;
}

static Err member_begin(EvidenceMaker *m, const char *name, ZipMember *member)
{
    Span kept = arena_copy(&m->names, span_of(name));
    if (!kept.ptr) return failed(m, ERR_MEMORY);
    *member = (ZipMember){.name = kept, .offset = m->at};
    return OK;
}

static Err member_end(EvidenceMaker *m, const ZipMember *member)
{
    m->at += ZIP_LOCAL_BYTES + member->name.len + member->bytes;
    Err err = zip_members_add(&m->members, member);
    return err ? failed(m, err) : m->err;
}

static Err file_note(EvidenceMaker *m, const ZipMember *member, const u8 *hash)
{
    EvidenceFile f = {.name = member->name, .bytes = member->bytes, .hashed = hash != NULL};
    if (hash) memcpy(f.hash, hash, sizeof f.hash);
    buf_put(&m->files, &f, sizeof f);
    return m->files.failed ? failed(m, ERR_MEMORY) : m->err;
}

static Err file_put(EvidenceMaker *m, const char *name, Span content, bool listed)
{
    ZipMember member;
    u8 hash[SEAL_HASH_BYTES];
    Err err = member_begin(m, name, &member);
    if (err) return err;
    member.bytes = content.len;
    member.crc = crc32_of(0, content);
    err = local_put(m, &member);
    if (!err) err = put(m, content);
    if (!err) err = member_end(m, &member);
    seal_sha256(content, hash);
    return err || !listed ? err : file_note(m, &member, hash);
}

/* ---- streams ---- */

static Err stream_note(EvidenceMaker *m, u64 stream, Span events, u32 leaf)
{
    EvidenceEvent e = {.ver = 0};
    EvidenceStream s = {.stream = stream, .leaf = leaf};
    while (evidence_event_take(&events, &e)) {
    }
    s.ver = e.ver;
    memcpy(s.head, e.hash, sizeof s.head);
    buf_put(&m->streams, &s, sizeof s);
    return m->streams.failed ? failed(m, ERR_MEMORY) : m->err;
}

Err evidence_make_stream(EvidenceMaker *m, u64 stream, Span events, u32 leaf)
{
    char name[EVIDENCE_NAME_SIZE];
    evidence_name(EVIDENCE_STREAMS, stream, ".events", name);
    Err err = file_put(m, name, events, true);
    buf_reset(&m->work);
    evidence_events_json(events, &m->work);
    if (m->work.failed) return failed(m, ERR_LIMIT);
    evidence_name(EVIDENCE_STREAMS, stream, ".json", name);
    if (!err) err = file_put(m, name, buf_view(&m->work), true);
    return err ? err : stream_note(m, stream, events, leaf);
}

/* ---- media ---- */

Err evidence_make_media(EvidenceMaker *m, u64 stream, bool records)
{
    char name[EVIDENCE_NAME_SIZE];
    m->media = stream;
    m->records = records;
    buf_reset(&m->index);
    if (!records) return m->err;
    evidence_name(EVIDENCE_MEDIA, stream, ".records", name);
    Err err = member_begin(m, name, &m->now);
    return err ? err : local_put(m, &m->now); /* written again when size and checksum are known */
}

Err evidence_make_record(EvidenceMaker *m, EvidenceRecord *r, Span record)
{
    seal_sha256(record, r->hash);
    evidence_record_write(r, &m->index);
    if (m->index.failed) return failed(m, ERR_LIMIT);
    if (!m->records) return m->err;
    m->now.crc = crc32_of(m->now.crc, record);
    m->now.bytes += record.len;
    return put(m, record);
}

static Err records_end(EvidenceMaker *m)
{
    if (m->err) return m->err;
    if (fseeko(m->out, (off_t)m->now.offset, SEEK_SET)) return disk_failed(m);
    Err err = local_put(m, &m->now);
    if (!err) err = member_end(m, &m->now);
    if (!err && fseeko(m->out, (off_t)m->at, SEEK_SET)) err = disk_failed(m);
    return err ? err : file_note(m, &m->now, NULL);
}

Err evidence_make_media_end(EvidenceMaker *m, Span events)
{
    char name[EVIDENCE_NAME_SIZE];
    Err err = m->records ? records_end(m) : m->err;
    evidence_name(EVIDENCE_MEDIA, m->media, ".index", name);
    if (!err) err = file_put(m, name, buf_view(&m->index), true);
    buf_reset(&m->work);
    if (!err) err = evidence_media_json(buf_view(&m->index), events, &m->work);
    if (err) return failed(m, err);
    evidence_name(EVIDENCE_MEDIA, m->media, ".json", name);
    return file_put(m, name, buf_view(&m->work), true);
}

/* ---- the end ---- */

static Err paths_add(EvidenceMaker *m, const Merkle *heads, EvidenceManifest *out)
{
    out->streams = (EvidenceStream *)(void *)m->streams.ptr;
    out->stream_count = (u32)(m->streams.len / sizeof(EvidenceStream));
    for (u32 i = 0; i < out->stream_count; i++) {
        EvidenceStream *s = &out->streams[i];
        buf_reset(&m->work);
        merkle_path(heads, (u32)s->leaf, &m->work);
        if (m->work.failed) return failed(m, ERR_MEMORY);
        s->path = arena_copy(&m->names, buf_view(&m->work));
        if (!s->path.ptr && m->work.len) return failed(m, ERR_MEMORY);
    }
    return m->err;
}

static Span json_kept(EvidenceMaker *m, Span text)
{
    buf_reset(&m->work);
    json_text(&m->work, text);
    return m->work.failed ? SPAN_NONE : arena_copy(&m->names, buf_view(&m->work));
}

static Err manifest_put(EvidenceMaker *m, const EvidenceFacts *f, Buf *text)
{
    char made[DATE_TEXT_SIZE];
    date_text(f->made_ms, made);
    EvidenceManifest manifest = {.made = json_kept(m, span_of(made)),
                                 .program = json_kept(m, f->program),
                                 .organization = json_kept(m, f->organization),
                                 .subject = f->subject,
                                 .last_event = f->last_event,
                                 .records = f->records,
                                 .files = (EvidenceFile *)(void *)m->files.ptr,
                                 .file_count = (u32)(m->files.len / sizeof(EvidenceFile))};
    if (!manifest.made.ptr || !manifest.program.ptr || !manifest.organization.ptr)
        return failed(m, ERR_MEMORY);
    /* An Ed25519 secret ends with its public half. */
    memcpy(manifest.key, f->sign_secret + SEAL_SIGN_SECRET_BYTES - sizeof manifest.key,
           sizeof manifest.key);
    Err err = paths_add(m, f->heads, &manifest);
    if (err) return err;
    evidence_manifest_write(&manifest, text);
    return text->failed ? failed(m, ERR_LIMIT)
                        : file_put(m, EVIDENCE_MANIFEST, buf_view(text), false);
}

static Err checkpoint_put(EvidenceMaker *m, const EvidenceFacts *f, Span manifest)
{
    char origin[EVIDENCE_NAME_SIZE * 2];
    evidence_origin(manifest, origin);
    Checkpoint c = {.origin = span_of(origin), .size = f->heads->count};
    memcpy(c.root, merkle_root(f->heads), sizeof c.root);
    buf_reset(&m->work);
    checkpoint_sign(&c, f->sign_secret, &m->work);
    if (m->work.failed) return failed(m, ERR_MEMORY);
    return file_put(m, EVIDENCE_CHECKPOINT, buf_view(&m->work), false);
}

static Err directory_put(EvidenceMaker *m)
{
    Buf end;
    buf_init(&end, EVIDENCE_MANIFEST_BYTES_MAX);
    zip_end_write(m->members.list, m->members.count, m->at, &end);
    Err err = end.failed ? failed(m, ERR_LIMIT) : put(m, buf_view(&end));
    buf_done(&end);
    return err;
}

Err evidence_make_end(EvidenceMaker *m, const EvidenceFacts *f)
{
    Buf manifest;
    buf_init(&manifest, EVIDENCE_MANIFEST_BYTES_MAX);
    Err err = manifest_put(m, f, &manifest);
    if (!err) err = checkpoint_put(m, f, buf_view(&manifest));
    buf_done(&manifest);
    if (!err) err = directory_put(m);
    if (!err && (fflush(m->out) || fsync(fileno(m->out)))) err = disk_failed(m);
    return err;
}
