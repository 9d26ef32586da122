/* demo.h - a small college to look at: people with printed log-ins, one assessment, one session that
 * is open now. Its passwords are public knowledge: never where strangers can reach it. */
#ifndef INVIGIL_DEMO_H
#define INVIGIL_DEMO_H

#include "base/base.h"

#define DEMO_CODE "DEMO2026"

/* True: there are no users yet, so it may be filled. */
bool demo_wanted(const char *data, bool *empty, char *why, size_t size);
bool demo_fill(const char *data, char *why, size_t size);
/* The log-ins, for people; base is the server's address or NULL. */
void demo_print(const char *base);

/* The questions, in GIFT. */
extern const char demo_questions[];

#endif
