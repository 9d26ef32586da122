#include "test/real/book.h"

#include <stdio.h>

#include "store/log.h"

typedef struct Book {
    Devices *all;
    u64 kept; /* promises found */
    u32 rev[DEVICES_MAX][DEVICE_ITEMS_MAX + 1];
} Book;

static u64 answers;

static Device *device_of(Devices *all, u64 attempt)
{
    for (u32 i = 0; i < all->count; i++)
        if (all->d[i].attempt == attempt) return &all->d[i];
    return NULL;
}

/* What is stored is what this device wrote, after what it wrote before. */
static void stored_check(Book *b, const Device *d, const Evt_answered *a)
{
    u32 *last = &b->rev[d->number - 1][a->item];
    if (a->item > b->all->items || a->rev > d->sent[a->item])
        real_fail(b->all, "candidate %u: question %u, revision %u is stored and was never written",
                  d->number, a->item, a->rev);
    if (a->rev <= *last)
        real_fail(b->all, "candidate %u: question %u, revision %u is stored after revision %u",
                  d->number, a->item, a->rev, *last);
    *last = a->rev;
    answer_text(&b->all->text, d->number, a->item, a->rev);
    if (!span_equal(a->value, buf_view(&b->all->text)))
        real_fail(b->all, "candidate %u: question %u, revision %u is stored with another text",
                  d->number, a->item, a->rev);
}

static void promise_meet(Book *b, Device *d, const LogRecord *r, const Event *e)
{
    const Promise *p = device_promise(b->all, d, r->ver);
    if (!p->given) return;
    bool same = p->says.item == e->answered.item && p->says.rev == e->answered.rev &&
                p->says.stored_ms == e->at_ms &&
                memcmp(p->says.chain_hash, r->hash, HASH_BYTES) == 0;
    if (!same)
        real_fail(b->all, "candidate %u: version %llu is not what its receipt says", d->number,
                  (unsigned long long)r->ver);
    b->kept++;
}

static Err record_take(void *ctx, const LogRecord *r)
{
    Book *b = ctx;
    Event e;
    if (stream_kind(r->stream) != STREAM_ATTEMPT) return OK;
    if (event_decode(r->event, &e) != OK) return ERR_FORMAT;
    if (e.kind != EVT_answered) return OK;
    Device *d = device_of(b->all, stream_object(r->stream));
    if (!d) return ERR_BROKEN;
    stored_check(b, d, &e.answered);
    promise_meet(b, d, r, &e);
    answers++;
    return OK;
}

void book_compare(Devices *all)
{
    static Book b;
    char path[4096], why[512] = "";
    b = (Book){.all = all};
    answers = 0;
    snprintf(path, sizeof path, "%s/log.db", all->server->data);
    Log *log = log_open(path, &(LogOptions){.read_only = true}, why, sizeof why);
    if (!log || log_check(log, why, sizeof why) != OK) real_fail(all, "the log: %s", why);
    Err err = log_read(log, 0, record_take, &b);
    log_close(log);
    if (err) real_fail(all, "the log cannot be read: %s", err_text(err));
    if (b.kept != all->promises)
        real_fail(all, "%llu answers were acknowledged, of these %llu are stored",
                  (unsigned long long)all->promises, (unsigned long long)b.kept);
}

u64 book_answers(void)
{
    return answers;
}
