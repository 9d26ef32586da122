/* desk.h - the engine on a data directory without a server: each command is decided and stored before
 * desk_ask returns. For verbs that make or inspect data while no server runs. */
#ifndef INVIGIL_DESK_H
#define INVIGIL_DESK_H

#include "app/engine.h"
#include "store/log.h"
#include "store/people.h"

typedef struct Desk {
    Log *log;
    People *people;
    Engine *engine;
    u64 stored; /* the last batch that is durable */
    u8 sign_secret[SEAL_SIGN_SECRET_BYTES];
    u64 commands;
    Refusal refusal; /* of the last command */
    u64 target;
} Desk;

/* Opens the stores and replays. On failure false; why says what, and desk_close is still due. Read only: the
 * log and what the replay makes of it, to look at; no people, nothing is changed, nothing can be asked. */
bool desk_open(Desk *d, const char *data, bool read_only, char *why, size_t size);
void desk_close(Desk *d);
/* The id of the object that was made or changed; 0: refused, or the store failed (see refusal). */
u64 desk_ask(Desk *d, const Asker *who, u64 target, u64 session, const Command *c);
u64 desk_publish(Desk *d, const Asker *who, const Paper *paper, Span source);
i64 desk_now_ms(void);

#endif
