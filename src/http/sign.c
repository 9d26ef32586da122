#include "http/sign.h"

#include "base/text.h"
#include "http/live.h"
#include "http/sign_desk.h"

static bool token_hash_of(const Request *r, u8 out[SEAL_HASH_BYTES])
{
    Span text = request_cookie(r, SIGN_COOKIE);
    u8 token[SEAL_TOKEN_BYTES];
    size_t len = 0;
    if (!text.ptr || !text_from_base64url(text, token, sizeof token, &len)) return false;
    if (len != sizeof token) return false;
    seal_sha256((Span){token, sizeof token}, out);
    seal_wipe(token, sizeof token);
    return true;
}

u64 sign_device(const u8 token_hash[SEAL_HASH_BYTES])
{
    u64 n;
    memcpy(&n, token_hash, sizeof n);
    return (n & (((u64)1 << 53) - 1)) | 1;
}

/* The sign-in and the roles that come with it, from memory or from the store. */
static bool sign_find(Site *s, const u8 hash[SEAL_HASH_BYTES], i64 now_ms, Arena *a, SignIn *in,
                      u32 *roles)
{
    User user;
    if (sign_desk_knows(s->sign_desk, hash, now_ms, in, roles)) return true;
    if (signin_find(s->people, hash, in) != OK || in->expires_ms <= now_ms) return false;
    *roles = BY_CANDIDATE;
    if (in->user) {
        if (people_by_id(s->people, in->user, a, &user) != OK || user.suspended) return false;
        *roles = user.roles;
    }
    sign_desk_learn(s->sign_desk, hash, in, *roles, now_ms);
    return true;
}

bool sign_read(Site *s, const Request *r, i64 now_ms, Arena *a, Asker *who,
               u8 token_hash[SEAL_HASH_BYTES], i64 *expires_ms)
{
    SignIn in;
    u32 roles;
    *who = (Asker){.user = 0};
    if (!token_hash_of(r, token_hash)) return false;
    if (!sign_find(s, token_hash, now_ms, a, &in, &roles) || in.expires_ms <= now_ms) return false;
    if (!in.user && !engine_attempt(s->engine, in.attempt)) return false;
    *expires_ms = in.expires_ms;
    *who = (Asker){.user = in.user, .attempt = in.attempt, .roles = roles};
    if (in.attempt) who->device = sign_device(token_hash);
    return true;
}

void sign_issue(Call *c, u64 user, u64 attempt, void (*done)(Call *c))
{
    u8 token[SEAL_TOKEN_BYTES];
    char text[SEAL_TOKEN_BYTES * 2];
    NewSignIn n = {.in = {.user = user,
                          .attempt = attempt,
                          .made_ms = c->now_ms,
                          .expires_ms = c->now_ms + SIGNIN_AGE_MS}};
    seal_random(token, sizeof token);
    seal_sha256((Span){token, sizeof token}, n.token_hash);
    text_base64url((Span){token, sizeof token}, text, sizeof text);
    Span cookie =
        arena_print(c->arena, SIGN_COOKIE "=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Lax",
                    text, SIGNIN_AGE_MS / 1000);
    seal_wipe(token, sizeof token);
    seal_wipe(text, sizeof text);
    if (!cookie.ptr) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    c->cookie = (const char *)cookie.ptr;
    sign_desk_store(c->site->sign_desk, &n, c, done);
}

Err sign_end(Call *c)
{
    sign_desk_forget(c->site->sign_desk, c->token_hash);
    Err err = signin_remove(c->site->people, c->token_hash);
    if (err != OK && err != ERR_MISSING) return err;
    live_close_sign_in(c->site, c->token_hash);
    c->cookie = SIGN_COOKIE "=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
    return OK;
}
