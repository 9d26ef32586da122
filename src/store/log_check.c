/* log_check.c - recomputes what the log promises: no number missing, every stream's chain unbroken. */
#include "store/log.h"

#include "base/map.h"
#include "seal/seal.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct StreamHead {
    u64 ver;
    u8 hash[HASH_BYTES];
} StreamHead;

typedef struct Checker {
    Map streams; /* stream to its StreamHead */
    u64 seq;
    char *why;
    size_t size;
} Checker;

static Err check_fail(const Checker *c, const LogRecord *r, const char *what)
{
    snprintf(c->why, c->size, "record %llu (stream %llu, version %llu): %s",
             (unsigned long long)r->seq, (unsigned long long)r->stream, (unsigned long long)r->ver,
             what);
    return ERR_BROKEN;
}

static Err check_head(Checker *c, u64 stream, StreamHead **out)
{
    *out = map_get(&c->streams, stream);
    if (*out) return OK;
    StreamHead *h = calloc(1, sizeof *h);
    if (!h) return ERR_MEMORY;
    Err err = map_put(&c->streams, stream, h);
    if (err) free(h);
    else *out = h;
    return err;
}

static Err check_record(void *ctx, const LogRecord *r)
{
    Checker *c = ctx;
    if (r->seq != c->seq + 1) return check_fail(c, r, "a record before it is missing");
    StreamHead *h;
    Err err = check_head(c, r->stream, &h);
    if (err) return err;
    if (r->ver != h->ver + 1) return check_fail(c, r, "a version of its stream is missing");
    u8 hash[HASH_BYTES];
    seal_chain(h->hash, r->stream, r->ver, r->event, hash);
    if (memcmp(hash, r->hash, HASH_BYTES))
        return check_fail(c, r, "it was changed, or something before it in its stream was");
    memcpy(h->hash, hash, HASH_BYTES);
    h->ver = r->ver;
    c->seq = r->seq;
    return OK;
}

Err log_check(Log *log, char *why, size_t size)
{
    Checker c = {.why = why, .size = size};
    if (size) why[0] = 0;
    Err err = log_read(log, 0, check_record, &c);
    if (err && size && !why[0])
        snprintf(why, size, "reading stops after record %llu: %s", (unsigned long long)c.seq,
                 err_text(err));
    size_t at = 0;
    u64 key;
    void *head;
    while (map_next(&c.streams, &at, &key, &head))
        free(head);
    map_done(&c.streams);
    return err;
}
