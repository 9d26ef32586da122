#include "http/sign.h"

#include "base/text.h"
#include "http/live.h"

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

bool sign_read(Site *s, const Request *r, i64 now_ms, Arena *a, Asker *who,
               u8 token_hash[SEAL_HASH_BYTES], i64 *expires_ms)
{
    SignIn in;
    *who = (Asker){.user = 0};
    if (!token_hash_of(r, token_hash)) return false;
    if (signin_find(s->people, token_hash, &in) != OK || in.expires_ms <= now_ms) return false;
    *expires_ms = in.expires_ms;
    if (!in.user) {
        if (!engine_attempt(s->engine, in.attempt)) return false;
        *who = (Asker){.attempt = in.attempt, .roles = BY_CANDIDATE};
        return true;
    }
    User user;
    if (people_by_id(s->people, in.user, a, &user) != OK || user.suspended) return false;
    *who = (Asker){.user = in.user, .attempt = in.attempt, .roles = user.roles};
    return true;
}

Err sign_issue(Call *c, u64 user, u64 attempt)
{
    u8 token[SEAL_TOKEN_BYTES], hash[SEAL_HASH_BYTES];
    char text[SEAL_TOKEN_BYTES * 2];
    seal_random(token, sizeof token);
    seal_sha256((Span){token, sizeof token}, hash);
    text_base64url((Span){token, sizeof token}, text, sizeof text);
    SignIn in = {.user = user,
                 .attempt = attempt,
                 .made_ms = c->now_ms,
                 .expires_ms = c->now_ms + SIGNIN_AGE_MS};
    Err err = signin_add(c->site->people, hash, &in);
    if (err != OK) return err;
    Span cookie =
        arena_print(c->arena, SIGN_COOKIE "=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Lax",
                    text, SIGNIN_AGE_MS / 1000);
    seal_wipe(token, sizeof token);
    seal_wipe(text, sizeof text);
    if (!cookie.ptr) return ERR_MEMORY;
    c->cookie = (const char *)cookie.ptr;
    return OK;
}

Err sign_end(Call *c)
{
    Err err = signin_remove(c->site->people, c->token_hash);
    if (err != OK && err != ERR_MISSING) return err;
    live_close_sign_in(c->site, c->token_hash);
    c->cookie = SIGN_COOKIE "=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
    return OK;
}
