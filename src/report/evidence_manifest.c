/* evidence_manifest.c - manifest.json: what a pack holds. It is written in one form only and read as
 * that: what stands between the values is fixed, so no JSON reader is needed, and no byte is free. */
#include "report/evidence_form.h"

#include <stdio.h>

#include "base/text.h"

enum { PATH_BYTES_MAX = 64 * SEAL_HASH_BYTES };

static void hex_write(Span bytes, Buf *out)
{
    char letters[2 * SEAL_HASH_BYTES + 1];
    for (size_t at = 0; at < bytes.len; at += SEAL_HASH_BYTES) {
        Span piece = {bytes.ptr + at, MIN_OF(bytes.len - at, (size_t)SEAL_HASH_BYTES)};
        text_hex(piece, letters, sizeof letters);
        buf_text(out, letters);
    }
}

static void stream_write(const EvidenceStream *s, Buf *out)
{
    char name[EVIDENCE_NAME_SIZE];
    evidence_name("", s->stream, "", name);
    buf_print(out, "{\"name\":\"%s\",\"stream\":%llu,\"version\":%llu,\"head\":\"", name,
              (unsigned long long)s->stream, (unsigned long long)s->ver);
    hex_write((Span){s->head, sizeof s->head}, out);
    buf_print(out, "\",\"leaf\":%llu,\"path\":\"", (unsigned long long)s->leaf);
    hex_write(s->path, out);
    buf_text(out, "\"}");
}

static void file_write(const EvidenceFile *f, Buf *out)
{
    buf_print(out, "{\"name\":\"%.*s\",\"bytes\":%llu", SPAN_ARG(f->name),
              (unsigned long long)f->bytes);
    if (f->hashed) {
        buf_text(out, ",\"sha256\":\"");
        hex_write((Span){f->hash, sizeof f->hash}, out);
        buf_u8(out, '"');
    }
    buf_u8(out, '}');
}

void evidence_manifest_write(const EvidenceManifest *m, Buf *out)
{
    char key[64], subject[EVIDENCE_NAME_SIZE];
    text_base64url((Span){m->key, sizeof m->key}, key, sizeof key);
    evidence_name("", m->subject, "", subject);
    buf_text(out, "{\n\"form\":\"invigil evidence pack 1\",\n\"made\":");
    buf_span(out, m->made);
    buf_text(out, ",\n\"program\":");
    buf_span(out, m->program);
    buf_text(out, ",\n\"organization\":");
    buf_span(out, m->organization);
    buf_print(out, ",\n\"server_key\":\"%s\",\n\"subject\":\"%s\",\n\"subject_stream\":%llu", key,
              subject, (unsigned long long)m->subject);
    buf_print(out, ",\n\"last_event\":%llu,\n\"records\":%s,\n\"streams\":[",
              (unsigned long long)m->last_event, m->records ? "true" : "false");
    for (u32 i = 0; i < m->stream_count; i++) {
        buf_text(out, i ? ",\n" : "\n");
        stream_write(&m->streams[i], out);
    }
    buf_text(out, "\n],\n\"files\":[");
    for (u32 i = 0; i < m->file_count; i++) {
        buf_text(out, i ? ",\n" : "\n");
        file_write(&m->files[i], out);
    }
    buf_text(out, "\n]\n}\n");
}

/* ---- reading ---- */

static bool take(Span *t, const char *literal)
{
    Span s = span_of(literal);
    if (!text_starts(*t, s)) return false;
    *t = (Span){t->ptr + s.len, t->len - s.len};
    return true;
}

/* Up to the byte `end`, which stays. */
static bool take_to(Span *t, u8 end, Span *out)
{
    Span rest;
    if (!text_cut(*t, end, out, &rest)) return false;
    *t = (Span){t->ptr + out->len, t->len - out->len};
    return true;
}

static bool take_number(Span *t, u64 *out)
{
    size_t n = 0;
    while (n < t->len && t->ptr[n] >= '0' && t->ptr[n] <= '9')
        n++;
    if (!text_to_u64((Span){t->ptr, n}, out)) return false;
    *t = (Span){t->ptr + n, t->len - n};
    return true;
}

static bool take_hash(Span *t, u8 out[SEAL_HASH_BYTES])
{
    Span hex;
    size_t len = 0;
    return take_to(t, '"', &hex) && text_from_hex(hex, out, SEAL_HASH_BYTES, &len) &&
           len == SEAL_HASH_BYTES;
}

/* A JSON text with its quotes. */
static bool take_text(Span *t, Span *out)
{
    size_t n = 1;
    while (n < t->len && t->ptr[n] != '"' && t->ptr[n] >= 0x20)
        n += t->ptr[n] == '\\' ? 2 : 1;
    if (n >= t->len || t->ptr[0] != '"' || t->ptr[n] != '"') return false;
    *out = (Span){t->ptr, n + 1};
    *t = (Span){t->ptr + n + 1, t->len - n - 1};
    return text_is_utf8(*out);
}

static bool take_key(Span *t, u8 out[SEAL_SIGN_PUBLIC_BYTES])
{
    Span letters;
    size_t len = 0;
    return take_to(t, '"', &letters) &&
           text_from_base64url(letters, out, SEAL_SIGN_PUBLIC_BYTES, &len) &&
           len == SEAL_SIGN_PUBLIC_BYTES;
}

static Err take_stream(Span *t, Arena *a, EvidenceStream *out)
{
    Span name, hex;
    size_t len = 0;
    bool fine = take(t, "{\"name\":\"") && take_to(t, '"', &name) && take(t, "\",\"stream\":") &&
                take_number(t, &out->stream) && take(t, ",\"version\":") &&
                take_number(t, &out->ver) && take(t, ",\"head\":\"") && take_hash(t, out->head) &&
                take(t, "\",\"leaf\":") && take_number(t, &out->leaf) && take(t, ",\"path\":\"") &&
                take_to(t, '"', &hex) && take(t, "\"}");
    if (!fine || hex.len > 2 * PATH_BYTES_MAX) return ERR_FORMAT;
    u8 *path = arena_push(a, hex.len / 2 + 1);
    if (!path) return ERR_MEMORY;
    out->path = (Span){path, hex.len / 2};
    return text_from_hex(hex, path, hex.len / 2, &len) ? OK : ERR_FORMAT;
}

/* Names are shown to people: nothing in them may act on a terminal. */
static bool is_plain(Span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] >= 127) return false;
    return s.len > 0;
}

static Err take_file(Span *t, EvidenceFile *out)
{
    bool fine = take(t, "{\"name\":\"") && take_to(t, '"', &out->name) && is_plain(out->name) &&
                take(t, "\",\"bytes\":") && take_number(t, &out->bytes);
    if (fine && take(t, ",\"sha256\":\"")) {
        out->hashed = true;
        fine = take_hash(t, out->hash) && take(t, "\"");
    }
    return fine && take(t, "}") ? OK : ERR_FORMAT;
}

/* How many rows a list can have at most: each stands on a line of its own. */
static u32 lines_in(Span t)
{
    u32 n = 0;
    for (size_t i = 0; i < t.len; i++)
        n += t.ptr[i] == '\n';
    return n;
}

static bool take_head(Span *t, EvidenceManifest *m)
{
    Span subject;
    bool fine = take(t, "{\n\"form\":\"invigil evidence pack 1\",\n\"made\":") &&
                take_text(t, &m->made) && take(t, ",\n\"program\":") && take_text(t, &m->program) &&
                take(t, ",\n\"organization\":") && take_text(t, &m->organization) &&
                take(t, ",\n\"server_key\":\"") && take_key(t, m->key) &&
                take(t, "\",\n\"subject\":\"") && take_to(t, '"', &subject) &&
                take(t, "\",\n\"subject_stream\":") && take_number(t, &m->subject) &&
                take(t, ",\n\"last_event\":") && take_number(t, &m->last_event) &&
                take(t, ",\n\"records\":");
    m->records = fine && take(t, "true");
    return fine && (m->records || take(t, "false"));
}

static Err take_streams(Span *t, Arena *a, u32 most, EvidenceManifest *m)
{
    if (!take(t, ",\n\"streams\":[")) return ERR_FORMAT;
    m->streams = ARENA_ARRAY(a, EvidenceStream, most + 1);
    Err err = m->streams ? OK : ERR_MEMORY;
    while (!err && m->stream_count < most && take(t, m->stream_count ? ",\n{" : "\n{")) {
        *t = (Span){t->ptr - 1, t->len + 1};
        err = take_stream(t, a, &m->streams[m->stream_count++]);
    }
    return err;
}

static Err take_files(Span *t, Arena *a, u32 most, EvidenceManifest *m)
{
    if (!take(t, "\n],\n\"files\":[")) return ERR_FORMAT;
    m->files = ARENA_ARRAY(a, EvidenceFile, most + 1);
    Err err = m->files ? OK : ERR_MEMORY;
    while (!err && m->file_count < most && take(t, m->file_count ? ",\n{" : "\n{")) {
        *t = (Span){t->ptr - 1, t->len + 1};
        err = take_file(t, &m->files[m->file_count++]);
    }
    return err;
}

Err evidence_manifest_read(Span text, Arena *a, EvidenceManifest *out)
{
    EvidenceManifest m = {.records = false};
    Span t = text;
    Buf again;
    if (!take_head(&t, &m)) return ERR_FORMAT;
    u32 most = lines_in(t);
    Err err = take_streams(&t, a, most, &m);
    if (!err) err = take_files(&t, a, most, &m);
    if (!err && !span_equal(t, SPAN("\n]\n}\n"))) err = ERR_FORMAT;
    if (err) return err;
    buf_init(&again, text.len);
    if (!buf_reserve(&again, text.len)) return ERR_MEMORY;
    evidence_manifest_write(&m, &again);
    if (!span_equal(buf_view(&again), text)) err = ERR_FORMAT;
    buf_done(&again);
    if (!err) *out = m;
    return err;
}

void evidence_origin(Span manifest, char out[EVIDENCE_NAME_SIZE * 2])
{
    u8 hash[SEAL_HASH_BYTES];
    char hex[2 * SEAL_HASH_BYTES + 1];
    seal_sha256(manifest, hash);
    text_hex((Span){hash, sizeof hash}, hex, sizeof hex);
    snprintf(out, EVIDENCE_NAME_SIZE * 2, EVIDENCE_ORIGIN "%s", hex);
}
