#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/desk.h"
#include "cmd/export_log.h"
#include "cmd/export_media.h"
#include "cmd/pack_map.h"
#include "http/site.h"
#include "report/evidence_verify.h"
#include "store/sqlite.h"

typedef struct Exporting {
    const char *data, *to;
    bool media;
    u64 subject;
    char partial[4096], evidence[4096];
    char why[4608];
    Arena facts;
    Span organization, secret;
    ExportLog log;
    ExportMedia recordings;
} Exporting;

static bool fail(Exporting *x, const char *what, Err err)
{
    snprintf(x->why, sizeof x->why, "%s: %s.", what, err_text(err));
    return false;
}

/* ---- what is read ---- */

static bool read_facts(Exporting *x)
{
    char path[4096];
    if (!site_data_path(x->data, "people.db", path, sizeof path, x->why, sizeof x->why))
        return false;
    People *p = people_open(path, x->why, sizeof x->why);
    if (!p) return false;
    Err err = fact_get(p, "sign_secret", &x->facts, &x->secret);
    if (!err && x->secret.len != SEAL_SIGN_SECRET_BYTES) err = ERR_BROKEN;
    if (fact_get(p, "organization", &x->facts, &x->organization)) x->organization = SPAN_NONE;
    people_close(p);
    return !err || fail(x, "The server's signing key cannot be read", err);
}

static bool read_log(Exporting *x)
{
    char path[4096];
    if (!site_data_path(x->data, "log.db", path, sizeof path, x->why, sizeof x->why)) return false;
    Log *log = log_open(path, &(LogOptions){.beside = true}, x->why, sizeof x->why);
    if (!log) return false;
    Err err = export_log_read(&x->log, log, x->subject);
    log_close(log);
    if (err == ERR_MISSING) {
        snprintf(x->why, sizeof x->why, "%s has no %s with the number %llu.", x->data,
                 stream_kind(x->subject) == STREAM_ATTEMPT ? "attempt" : "session",
                 (unsigned long long)stream_object(x->subject));
        return false;
    }
    return !err || fail(x, "The log cannot be read; `invigil check` says where", err);
}

/* ---- what is written ---- */

static Err write_streams(Exporting *x, EvidenceMaker *m)
{
    static const StreamKind kinds[] = {STREAM_ASSESSMENT, STREAM_SESSION, STREAM_ATTEMPT};
    Err err = OK;
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        for (u32 i = 0; !err && i < x->log.count; i++) {
            const ExportHead *h = x->log.order[i];
            if (h->wanted && stream_kind(h->stream) == kinds[k])
                err = evidence_make_stream(m, h->stream, buf_view(&h->events), h->leaf);
        }
    }
    return err;
}

static Err write_media(Exporting *x, EvidenceMaker *m)
{
    Err err = OK;
    x->recordings =
        (ExportMedia){.folder = x->evidence, .session = x->log.session, .records = x->media};
    for (u32 i = 0; !err && i < x->log.count; i++) {
        const ExportHead *h = x->log.order[i];
        if (h->wanted && stream_kind(h->stream) == STREAM_ATTEMPT)
            err = export_media(&x->recordings, m, h->stream, buf_view(&h->events));
    }
    return err;
}

static bool write_pack(Exporting *x)
{
    EvidenceMaker *m = evidence_make_open(x->partial);
    if (!m) {
        snprintf(x->why, sizeof x->why, "%s cannot be made: %s.%s", x->partial, strerror(errno),
                 errno == EEXIST ? " An export was interrupted: remove it." : "");
        return false;
    }
    EvidenceFacts facts = {.made_ms = desk_now_ms(),
                           .program = SPAN(INVIGIL_VERSION),
                           .organization = x->organization,
                           .subject = x->subject,
                           .last_event = x->log.last_event,
                           .records = x->media,
                           .heads = &x->log.tree,
                           .sign_secret = x->secret.ptr};
    Err err = write_streams(x, m);
    if (!err) err = write_media(x, m);
    if (!err) err = evidence_make_end(m, &facts);
    evidence_make_close(m);
    if (err) unlink(x->partial);
    return !err || fail(x, "The pack cannot be written", err);
}

/* ---- what was written ---- */

static void wrong_seen(void *ctx, const char *file, const char *what)
{
    (void)ctx;
    fprintf(stderr, "wrong: %s: %s\n", file ? file : "the pack", what);
}

static void gap_seen(void *ctx, u64 stream, const EvidenceGap *g)
{
    (void)ctx, (void)stream, (void)g;
}

/* A log that is damaged makes a pack that does not verify: said now, not where it is needed. */
static bool verify_pack(Exporting *x, EvidenceSum *sum)
{
    Span pack;
    EvidenceWatch watch = {wrong_seen, gap_seen, NULL};
    const u8 *key = x->secret.ptr + SEAL_SIGN_SECRET_BYTES - SEAL_SIGN_PUBLIC_BYTES;
    if (!pack_map(x->partial, &pack, x->why, sizeof x->why)) return false;
    Err err = evidence_verify(pack, key, &watch, sum);
    pack_unmap(pack);
    return !err || fail(x, "What was written cannot be verified", err);
}

static bool name_pack(Exporting *x)
{
    if (rename(x->partial, x->to) == 0 && folder_sync_of(x->to) == OK) return true;
    snprintf(x->why, sizeof x->why, "%s cannot be named so: %s.", x->to, strerror(errno));
    return false;
}

static void tell(const Exporting *x, const EvidenceSum *s)
{
    printf("%s holds %llu events of %llu attempts and %s %llu records\n", x->to,
           (unsigned long long)s->events, (unsigned long long)s->attempts,
           x->media ? "all" : "the hashes of", (unsigned long long)s->records);
    if (x->recordings.damaged)
        fprintf(stderr,
                "invigil: %llu records are damaged and were left out; `invigil check` names them\n",
                (unsigned long long)x->recordings.damaged);
}

static int export(Exporting *x)
{
    EvidenceSum sum = {.wrong = 0};
    if (!read_facts(x) || !read_log(x) || !write_pack(x) || !verify_pack(x, &sum) ||
        !name_pack(x)) {
        fprintf(stderr, "invigil: no pack was made. %s\n", x->why);
        return 1;
    }
    tell(x, &sum);
    if (!sum.wrong) return 0;
    fprintf(stderr, "invigil: the log or the recordings are damaged, so the pack does not verify; "
                    "`invigil check` says more\n");
    return 1;
}

/* ---- what was asked ---- */

static bool paths_make(Exporting *x)
{
    int len = snprintf(x->partial, sizeof x->partial, "%s.partial", x->to);
    int evidence = snprintf(x->evidence, sizeof x->evidence, "%s/evidence", x->data);
    bool fits = len > 0 && (size_t)len < sizeof x->partial && evidence > 0 &&
                (size_t)evidence < sizeof x->evidence;
    if (!fits) fprintf(stderr, "invigil: a path is too long.\n");
    else if (access(x->data, F_OK)) fprintf(stderr, "invigil: %s is not there.\n", x->data);
    else if (access(x->to, F_OK) == 0)
        fprintf(stderr, "invigil: %s is there already. Take another name.\n", x->to);
    else return true;
    return false;
}

static bool subject_read(const char *const *words, size_t count, u64 *out)
{
    u64 number = 0;
    bool session = count == 2 && !strcmp(words[0], "session");
    bool attempt = count == 2 && !strcmp(words[0], "attempt");
    if ((!session && !attempt) || !text_to_u64(span_of(words[1]), &number) || !number ||
        number >= (u64)1 << 50)
        return false;
    *out = stream_id(session ? STREAM_SESSION : STREAM_ATTEMPT, number);
    return true;
}

int cmd_export(int argc, char **argv)
{
    Exporting x = {.data = DATA_STANDARD, .why = "The crypto library does not work."};
    const char *words[2];
    size_t count = 0;
    const Flag flags[] = {
        {"--data", &x.data, NULL}, {"--to", &x.to, NULL}, {"--media", NULL, &x.media}};
    if (!flags_read(argc, argv, flags, COUNT_OF(flags), words, 2, &count)) return 2;
    if (!x.to || !subject_read(words, count, &x.subject)) {
        fprintf(stderr, "invigil: say `invigil export session NUMBER --to FILE`, or attempt.\n");
        return 2;
    }
    if (!paths_make(&x)) return 1;
    arena_init(&x.facts, 65536);
    int status = seal_init() == OK ? export(&x) : 1;
    export_log_done(&x.log);
    arena_done(&x.facts);
    return status;
}
