#include <stdio.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/findings.h"
#include "cmd/pack_map.h"
#include "cmd/public_key.h"
#include "report/evidence_verify.h"

typedef struct Verifying {
    const char *pack, *public_key;
    u8 key[SEAL_SIGN_PUBLIC_BYTES];
    Findings f;
    Body gaps;
    u64 gap_count;
    EvidenceSum sum;
} Verifying;

static void wrong_seen(void *ctx, const char *file, const char *what)
{
    Verifying *v = ctx;
    finding_add(&v->f, "wrong", file, "%s", what);
}

static void gap_text(u64 stream, const EvidenceGap *g)
{
    const char *what = g->missing ? "are missing" : "stand apart";
    printf("gap: attempt %llu, stream %u, records %u to %u %s, %.1f s: %s\n",
           (unsigned long long)stream_object(stream), g->stream, g->first, g->last, what,
           (double)(g->to_ms - g->from_ms) / 1000, g->why);
}

static void gap_json(Body *b, u64 stream, const EvidenceGap *g)
{
    body_open(b, NULL, '{');
    body_number(b, "attempt", (i64)stream_object(stream));
    body_number(b, "epoch", (i64)g->epoch);
    body_number(b, "stream", g->stream);
    body_text(b, "kind", span_of(g->missing ? "missing" : "pause"));
    body_number(b, "first", g->first);
    body_number(b, "last", g->last);
    body_number(b, "from_ms", g->from_ms);
    body_number(b, "to_ms", g->to_ms);
    body_text(b, "why", span_of(g->why));
    body_shut(b, '}');
}

static void gap_seen(void *ctx, u64 stream, const EvidenceGap *g)
{
    Verifying *v = ctx;
    if (v->gap_count++ >= CHECK_FINDINGS_MAX) return;
    if (v->f.json) gap_json(&v->gaps, stream, g);
    else gap_text(stream, g);
}

static const char *subject_kind(const EvidenceSum *s)
{
    return stream_kind(s->subject) == STREAM_ATTEMPT ? "attempt" : "session";
}

static void tell_text(const Verifying *v)
{
    const EvidenceSum *s = &v->sum;
    char key[64];
    if (s->read) {
        text_base64url((Span){s->key, sizeof s->key}, key, sizeof key);
        printf("pack: %s %llu, made %s by Invigil %s for %s\n", subject_kind(s),
               (unsigned long long)stream_object(s->subject), s->made, s->program, s->organization);
        printf("log: %llu streams, %llu events, of %llu in the log; a tree of %llu heads\n",
               (unsigned long long)s->streams, (unsigned long long)s->events,
               (unsigned long long)s->last_event, (unsigned long long)s->tree_size);
        printf("recordings: %llu attempts, %llu records, %llu bytes, %llu gaps; %s\n",
               (unsigned long long)s->attempts, (unsigned long long)s->records,
               (unsigned long long)s->record_bytes, (unsigned long long)s->gaps,
               s->has_records ? "they are in the pack" : "only their hashes are in the pack");
        printf("server: %s%s\n", key,
               v->public_key ? "" : ", which the pack itself names: compare it, or use --public");
    }
    if (s->wrong)
        fprintf(stderr, "invigil: %llu things do not hold\n", (unsigned long long)s->wrong);
    else printf("Everything holds: nothing was changed, removed, added or put in another order.\n");
}

static void tell_json(Verifying *v)
{
    const EvidenceSum *s = &v->sum;
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_bool(&b, "holds", s->wrong == 0);
    body_bool(&b, "key_given", v->public_key != NULL);
    if (s->read) {
        body_text(&b, "subject", span_of(subject_kind(s)));
        body_number(&b, "number", (i64)stream_object(s->subject));
        body_raw(&b, "made", span_of(s->made));
        body_raw(&b, "program", span_of(s->program));
        body_raw(&b, "organization", span_of(s->organization));
        body_binary(&b, "server_key", (Span){s->key, sizeof s->key});
        body_number(&b, "last_event", (i64)s->last_event);
        body_number(&b, "tree_size", (i64)s->tree_size);
        body_number(&b, "streams", (i64)s->streams);
        body_number(&b, "events", (i64)s->events);
        body_number(&b, "attempts", (i64)s->attempts);
        body_number(&b, "records", (i64)s->records);
        body_number(&b, "record_bytes", (i64)s->record_bytes);
        body_number(&b, "noted", (i64)s->noted);
        body_bool(&b, "has_records", s->has_records);
    }
    body_number(&b, "gaps_total", (i64)s->gaps);
    body_shut(&v->gaps, ']');
    body_raw(&b, "gaps", buf_view(&v->gaps.buf));
    body_number(&b, "findings_total", (i64)s->wrong);
    body_shut(&v->f.list, ']');
    body_raw(&b, "findings", buf_view(&v->f.list.buf));
    body_shut(&b, '}');
    printf("%.*s\n", SPAN_ARG(buf_view(&b.buf)));
    body_done(&b);
}

static int verify(Verifying *v)
{
    char why[4500];
    Span pack;
    EvidenceWatch watch = {wrong_seen, gap_seen, v};
    if (!pack_map(v->pack, &pack, why, sizeof why)) {
        fprintf(stderr, "invigil: %s\n", why);
        return 1;
    }
    Err err = evidence_verify(pack, v->public_key ? v->key : NULL, &watch, &v->sum);
    if (err) fprintf(stderr, "invigil: %s cannot be verified: %s.\n", v->pack, err_text(err));
    else if (v->f.json) tell_json(v);
    else tell_text(v);
    pack_unmap(pack);
    return err || v->sum.wrong ? 1 : 0;
}

int cmd_verify(int argc, char **argv)
{
    Verifying v = {.pack = NULL};
    size_t words = 0;
    bool json = false;
    char why[256];
    const Flag flags[] = {{"--public", &v.public_key, NULL}, {"--json", NULL, &json}};
    if (!flags_read(argc, argv, flags, COUNT_OF(flags), &v.pack, 1, &words)) return 2;
    if (words != 1) {
        fprintf(stderr, "invigil: name the pack: `invigil verify FILE`.\n");
        return 2;
    }
    if (seal_init() != OK) return 1;
    if (v.public_key && !public_key_read(v.public_key, v.key, why, sizeof why)) {
        fprintf(stderr, "invigil: %s\n", why);
        return 2;
    }
    findings_init(&v.f, json);
    body_init(&v.gaps);
    body_open(&v.gaps, NULL, '[');
    int status = verify(&v);
    body_done(&v.gaps);
    findings_done(&v.f);
    return status;
}
