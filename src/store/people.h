/* people.h - users, sign-ins and wrapped keys: the mutable part of the store, apart from the log so
 * that a person can be corrected or erased. SQLite, own file, WAL. Loop thread or one worker at a time.
 *
 * Found rows are copied into the caller's arena. Texts are UTF-8. */
#ifndef INVIGIL_PEOPLE_H
#define INVIGIL_PEOPLE_H

#include "base/arena.h"
#include "base/base.h"

typedef struct People People;

typedef struct User {
    u64 id;
    Span name, email;
    u32 roles;            /* bits of Role */
    Span password;        /* Argon2id text, empty: cannot sign in by password */
    Span box_public;      /* X25519, 32 bytes; empty: no identity yet */
    Span sign_public;     /* Ed25519, 32 bytes */
    Span wrapped_private; /* seal_wrap_passphrase form of both private halves, 32 + 32 bytes */
    bool suspended;
} User;

People *people_open(const char *path, char *why, size_t size);
void people_close(People *p);
/* Reads the whole file without changing it. False: why says what is wrong. */
bool people_check(const char *path, u64 *accounts, char *why, size_t size);
/* A consistent copy as a new file, without what was deleted, while others may be writing. */
Err people_copy(People *p, const char *to) MUST_CHECK;
/* Adds; the id comes back. ERR_BUSY: the e-mail address is taken. */
Err people_add(People *p, const User *u, u64 *id) MUST_CHECK;
Err people_by_id(People *p, u64 id, Arena *a, User *out) MUST_CHECK;
Err people_by_email(People *p, Span email, Arena *a,
                    User *out) MUST_CHECK; /* letter case does not count */
/* All users that have any of the roles, by name. */
Err people_list(People *p, u32 roles, Arena *a, User **out, u32 *count) MUST_CHECK;
Err people_set_identity(People *p, u64 id, Span box_public, Span sign_public,
                        Span wrapped_private) MUST_CHECK;
Err people_set_password(People *p, u64 id, Span password_text) MUST_CHECK;
u32 people_count(People *p);

/* Sign-ins: the cookie holds a random token, the store only its SHA-256. A candidate without an account
 * has user 0 and the attempt. */
typedef struct SignIn {
    u64 user, attempt;
    i64 made_ms, expires_ms;
} SignIn;
Err signin_add(People *p, const u8 token_hash[32], const SignIn *s) MUST_CHECK;
/* Adds all in one transaction, or none: many who join at once wait for one fsync. */
typedef struct NewSignIn {
    u8 token_hash[32];
    SignIn in;
} NewSignIn;
Err signin_add_many(People *p, const NewSignIn *list, u32 count) MUST_CHECK;
Err signin_find(People *p, const u8 token_hash[32], SignIn *out) MUST_CHECK; /* expired ones too */
Err signin_remove(People *p, const u8 token_hash[32]) MUST_CHECK;
Err signin_purge(People *p, i64 before_ms) MUST_CHECK;

/* Named small values of the installation: organization name, server signing key, ... */
Err fact_get(People *p, const char *name, Arena *a, Span *out) MUST_CHECK; /* ERR_MISSING */
Err fact_set(People *p, const char *name, Span value) MUST_CHECK;

#endif
