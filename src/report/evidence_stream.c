/* evidence_stream.c - names, and event streams with their readable form. */
#include "report/evidence_form.h"

#include <stdio.h>

#include "base/text.h"
#include "seal/merkle.h"

enum { EVENT_HEAD_BYTES = 8 + 8 + SEAL_HASH_BYTES + 4 };

static const char *kind_name(StreamKind kind)
{
    switch (kind) {
    case STREAM_SERVER: return "server";
    case STREAM_SESSION: return "session";
    case STREAM_ATTEMPT: return "attempt";
    case STREAM_ASSESSMENT: return "assessment";
    }
    return "other";
}

void evidence_name(const char *folder, u64 stream, const char *ending, char out[EVIDENCE_NAME_SIZE])
{
    snprintf(out, EVIDENCE_NAME_SIZE, "%s%s-%llu%s", folder, kind_name(stream_kind(stream)),
             (unsigned long long)stream_object(stream), ending);
}

void evidence_event_write(const EvidenceEvent *e, Buf *out)
{
    buf_u64(out, e->seq);
    buf_u64(out, e->ver);
    buf_put(out, e->hash, sizeof e->hash);
    buf_u32(out, (u32)e->event.len);
    buf_span(out, e->event);
}

static u64 get(const u8 *p, int bytes)
{
    u64 v = 0;
    for (int i = bytes; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

bool evidence_event_take(Span *events, EvidenceEvent *out)
{
    if (events->len < EVENT_HEAD_BYTES) return false;
    const u8 *p = events->ptr;
    u64 len = get(p + EVENT_HEAD_BYTES - 4, 4);
    if (len > events->len - EVENT_HEAD_BYTES) return false;
    *out = (EvidenceEvent){
        .seq = get(p, 8), .ver = get(p + 8, 8), .event = {p + EVENT_HEAD_BYTES, (size_t)len}};
    memcpy(out->hash, p + 16, sizeof out->hash);
    *events = (Span){p + EVENT_HEAD_BYTES + len, events->len - EVENT_HEAD_BYTES - (size_t)len};
    return true;
}

static void event_line(const EvidenceEvent *e, Buf *out)
{
    char hash[2 * SEAL_HASH_BYTES + 1];
    Event event;
    text_hex((Span){e->hash, sizeof e->hash}, hash, sizeof hash);
    buf_print(out,
              "{\"seq\":%llu,\"ver\":%llu,\"hash\":\"%s\",\"event\":", (unsigned long long)e->seq,
              (unsigned long long)e->ver, hash);
    if (event_decode(e->event, &event)) buf_text(out, "null");
    else event_json(out, &event);
    buf_u8(out, '}');
}

void evidence_events_json(Span events, Buf *out)
{
    EvidenceEvent e;
    const char *before = "";
    buf_text(out, "[\n");
    while (evidence_event_take(&events, &e)) {
        buf_text(out, before);
        event_line(&e, out);
        before = ",\n";
    }
    buf_text(out, "\n]\n");
}

void evidence_leaf(u64 stream, u64 ver, const u8 head[SEAL_HASH_BYTES], u8 out[SEAL_HASH_BYTES])
{
    u8 in[16 + SEAL_HASH_BYTES];
    for (int i = 0; i < 8; i++) {
        in[i] = (u8)(stream >> 8 * i);
        in[8 + i] = (u8)(ver >> 8 * i);
    }
    memcpy(in + 16, head, SEAL_HASH_BYTES);
    merkle_leaf((Span){in, sizeof in}, out);
}
