/* lines.h - the lines in which candidates wait for a person: to be admitted, with a raised hand, for a
 * pause. Says to each where it stands and, once enough went before, how long it may take.
 *
 * With a ratio each proctor has lines of their own. How long: the mean time that one request took lately,
 * each counted from when it had become the first (it came, or the one before it was done), times the
 * place. Before SERVED_LEAST of them nothing is said. Drawn from events, kept in memory; after a restart a
 * line begins with who still waits. Knows no socket. Loop thread only. */
#ifndef INVIGIL_LINES_H
#define INVIGIL_LINES_H

#include "app/engine.h"

/* Field `request` of the message `place`. */
typedef enum LineKind { LINE_ADMIT = 1, LINE_HAND = 2, LINE_PAUSE = 3 } LineKind;

enum { SERVED_LEAST = 3, SERVED_KEPT = 8 };

typedef struct Lines Lines;

Lines *lines_open(const Engine *e); /* NULL: out of memory */
void lines_close(Lines *l);
/* From the engine's callbacks, of attempts. */
void lines_event(Lines *l, u64 attempt, const Event *e);
/* Tells whose place has changed since; to be called about once a second. */
typedef void LineTell(void *ctx, u64 attempt, const Message *place);
void lines_flush(Lines *l, LineTell *tell, void *ctx);

#endif
