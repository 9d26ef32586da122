/* The two halves of what makes sign-ins cheap: new ones are stored together on a worker thread with a
 * connection of its own, and known ones are looked up in memory. */
#include <stdlib.h>

#include "base/text.h"
#include "http/sign_desk.h"

/* One call that waits until its sign-in is stored; in the call's arena. */
typedef struct Waiting {
    struct Waiting *next;
    Call *call;
    void (*done)(Call *c);
    NewSignIn new_one;
} Waiting;

enum { WAYS = 4 };

typedef struct Known {
    u8 token_hash[SEAL_HASH_BYTES];
    SignIn in; /* expires_ms 0: free */
    u32 roles;
    i64 until_ms; /* must be asked for again then */
} Known;

struct SignDesk {
    Loop *loop;
    People *people;
    Waiting *first, *last; /* for the next transaction */
    Waiting *writing;      /* in the present one; NULL: the worker is idle */
    NewSignIn batch[SIGNIN_BATCH_MAX];
    u32 batch_count;
    Err err;
    Known known[SIGNIN_CACHE_SLOTS];
};

SignDesk *sign_desk_open(Loop *loop, const char *people_path, char *why, size_t size)
{
    SignDesk *d = calloc(1, sizeof *d);
    if (!d) return NULL;
    d->loop = loop;
    d->people = people_open(people_path, why, size);
    if (d->people) return d;
    free(d);
    return NULL;
}

void sign_desk_close(SignDesk *d)
{
    if (!d) return;
    people_close(d->people);
    free(d);
}

/* ---- storing ---- */

static void desk_start(SignDesk *d);

static void store_work(void *ctx)
{
    SignDesk *d = ctx;
    d->err = signin_add_many(d->people, d->batch, d->batch_count);
}

static void store_done(void *ctx)
{
    SignDesk *d = ctx;
    Waiting *w = d->writing;
    Err err = d->err;
    d->writing = NULL;
    for (Waiting *next; w; w = next) {
        next = w->next; /* w is gone with its call's answer */
        if (err == OK) {
            w->done(w->call);
            continue;
        }
        w->call->cookie = NULL;
        call_fail(w->call, err);
    }
    desk_start(d);
}

static void desk_start(SignDesk *d)
{
    if (d->writing || !d->first) return;
    Waiting *end = d->first;
    d->batch_count = 0;
    d->writing = d->first;
    for (;;) {
        d->batch[d->batch_count++] = end->new_one;
        if (!end->next || d->batch_count == SIGNIN_BATCH_MAX) break;
        end = end->next;
    }
    d->first = end->next;
    if (!d->first) d->last = NULL;
    end->next = NULL;
    if (loop_work(d->loop, store_work, store_done, d) == OK) return;
    d->err = ERR_MEMORY;
    store_done(d);
}

void sign_desk_store(SignDesk *d, const NewSignIn *n, Call *c, void (*done)(Call *c))
{
    Waiting *w = ARENA_NEW(c->arena, Waiting);
    if (!w) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    *w = (Waiting){.call = c, .done = done, .new_one = *n};
    if (d->last) d->last->next = w;
    else d->first = w;
    d->last = w;
    desk_start(d);
}

/* ---- knowing ---- */

/* The hash is uniform and nobody chooses it; only sign-ins that exist get in. */
static Known *known_set(SignDesk *d, const u8 hash[SEAL_HASH_BYTES])
{
    u32 n = (u32)hash[0] | (u32)hash[1] << 8 | (u32)hash[2] << 16;
    return d->known + (size_t)(n % (SIGNIN_CACHE_SLOTS / WAYS)) * WAYS;
}

static Known *known_find(SignDesk *d, const u8 hash[SEAL_HASH_BYTES])
{
    Known *set = known_set(d, hash);
    for (int i = 0; i < WAYS; i++)
        if (set[i].in.expires_ms && text_equal_secret((Span){set[i].token_hash, SEAL_HASH_BYTES},
                                                      (Span){hash, SEAL_HASH_BYTES})) {
            return &set[i];
        }
    return NULL;
}

bool sign_desk_knows(SignDesk *d, const u8 hash[SEAL_HASH_BYTES], i64 now_ms, SignIn *in,
                     u32 *roles)
{
    const Known *k = known_find(d, hash);
    if (!k || k->until_ms <= now_ms) return false;
    *in = k->in;
    *roles = k->roles;
    return true;
}

void sign_desk_learn(SignDesk *d, const u8 hash[SEAL_HASH_BYTES], const SignIn *in, u32 roles,
                     i64 now_ms)
{
    Known *k = known_find(d, hash);
    Known *set = known_set(d, hash);
    if (!k) {
        k = set;
        for (int i = 1; i < WAYS; i++)
            if (set[i].until_ms < k->until_ms) k = &set[i];
    }
    /* A candidate's seat does not change; a person's roles may. */
    i64 until_ms = in->user ? now_ms + SIGNIN_CACHE_MS : in->expires_ms;
    *k = (Known){.in = *in, .roles = roles, .until_ms = until_ms};
    memcpy(k->token_hash, hash, SEAL_HASH_BYTES);
}

void sign_desk_forget(SignDesk *d, const u8 hash[SEAL_HASH_BYTES])
{
    Known *k = known_find(d, hash);
    if (k) *k = (Known){.until_ms = 0};
}
