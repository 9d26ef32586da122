#include "http/imports.h"

#include <stdlib.h>

#include "base/text.h"
#include "seal/seal.h"

struct Imports {
    i64 age_ms;
    Checked *slot[IMPORTS_MAX];
};

Imports *imports_open(i64 age_ms)
{
    Imports *i = calloc(1, sizeof *i);
    if (i) i->age_ms = age_ms;
    return i;
}

void checked_free(Checked *c)
{
    if (!c) return;
    arena_done(&c->arena);
    free(c);
}

void imports_close(Imports *i)
{
    if (!i) return;
    for (size_t n = 0; n < IMPORTS_MAX; n++)
        checked_free(i->slot[n]);
    free(i);
}

Checked *imports_new(u64 user, u64 session)
{
    Checked *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->user = user;
    c->session = session;
    arena_init(&c->arena, ARENA_REQUEST_BYTES_MAX);
    return c;
}

void imports_drop(Imports *i, Checked *c)
{
    for (size_t n = 0; n < IMPORTS_MAX; n++)
        if (i->slot[n] == c) i->slot[n] = NULL;
    checked_free(c);
}

static void drop_old(Imports *i, i64 now_ms)
{
    for (size_t n = 0; n < IMPORTS_MAX; n++) {
        Checked *c = i->slot[n];
        if (c && !c->busy && now_ms - c->made_ms >= i->age_ms) imports_drop(i, c);
    }
}

/* The oldest that is not being applied; user 0: of anybody. Counts them too. */
static Checked *oldest_of(const Imports *i, u64 user, u32 *count)
{
    Checked *oldest = NULL;
    *count = 0;
    for (size_t n = 0; n < IMPORTS_MAX; n++) {
        Checked *c = i->slot[n];
        if (!c || (user && c->user != user)) continue;
        ++*count;
        if (!c->busy && (!oldest || c->made_ms < oldest->made_ms)) oldest = c;
    }
    return oldest;
}

bool imports_keep(Imports *i, Checked *c, i64 now_ms)
{
    u32 count;
    drop_old(i, now_ms);
    Checked *oldest = oldest_of(i, c->user, &count);
    if (count >= IMPORTS_PER_USER_MAX && oldest) imports_drop(i, oldest);
    oldest = oldest_of(i, 0, &count);
    if (count >= IMPORTS_MAX && oldest) imports_drop(i, oldest);
    c->made_ms = now_ms;
    seal_random(c->token, sizeof c->token);
    for (size_t n = 0; n < IMPORTS_MAX; n++) {
        if (i->slot[n]) continue;
        i->slot[n] = c;
        return true;
    }
    checked_free(c); /* all of them are being applied just now */
    return false;
}

Checked *imports_find(Imports *i, u64 user, Span token_text, i64 now_ms)
{
    u8 token[16];
    size_t len = 0;
    drop_old(i, now_ms);
    if (!text_from_base64url(token_text, token, sizeof token, &len) || len != sizeof token) {
        return NULL;
    }
    for (size_t n = 0; n < IMPORTS_MAX; n++) {
        Checked *c = i->slot[n];
        if (!c || c->user != user || c->busy) continue;
        if (text_equal_secret((Span){c->token, sizeof c->token}, (Span){token, len})) return c;
    }
    return NULL;
}
