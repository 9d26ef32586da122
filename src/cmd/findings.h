/* findings.h - what a check has found wrong: printed as it comes, or gathered as JSON. Only the first
 * CHECK_FINDINGS_MAX are named, all are counted. */
#ifndef INVIGIL_FINDINGS_H
#define INVIGIL_FINDINGS_H

#include "app/engine.h"
#include "http/body.h"

typedef struct Findings {
    bool json;
    Body list; /* [{part, object, text}, ...] */
    u64 count;
} Findings;

void findings_init(Findings *f, bool json);
void findings_done(Findings *f);
/* `part`: log, replay, views, people, evidence. `object`: "attempt 12", or NULL. */
void finding_add(Findings *f, const char *part, const char *object, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Names the attempts that are read-only because they cannot be replayed, part "replay". */
void findings_set_aside(Findings *f, const Engine *e);

#endif
