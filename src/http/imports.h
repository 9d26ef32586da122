/* imports.h - files that were read and checked, waiting for the person's confirmation. In memory only,
 * named by a random token, bound to the user who uploaded them; a bounded number, half an hour each. */
#ifndef INVIGIL_HTTP_IMPORTS_H
#define INVIGIL_HTTP_IMPORTS_H

#include "base/arena.h"
#include "link/import.h"
#include "link/roster.h"

typedef struct Imports Imports;

/* All that `in` or `roster` point to lives in the arena. */
typedef struct Checked {
    u64 user;
    u64 session; /* of a roster; 0: a question file */
    Arena arena;
    Import in;
    Roster roster;
    i64 made_ms;
    bool busy; /* being applied: stays where it is */
    u8 token[16];
} Checked;

Imports *imports_open(i64 age_ms);
void imports_close(Imports *i);
/* A new one, empty; the oldest of the user, or of all, gives way. NULL: out of memory. */
Checked *imports_new(u64 user, u64 session);
/* Gives it a token and keeps it; the owner is `i` from now on. False: no place, and it is freed. */
bool imports_keep(Imports *i, Checked *c, i64 now_ms);
void checked_free(Checked *c); /* one that was not kept */
/* The one with this token if it is this user's and not too old; NULL: gone. */
Checked *imports_find(Imports *i, u64 user, Span token_text, i64 now_ms);
void imports_drop(Imports *i, Checked *c);

#endif
