/* views.h - everything that is derived from the log, against the log: it is folded a second time, by the
 * plainest rules, and compared with what the engine's replay made of it. */
#ifndef INVIGIL_VIEWS_H
#define INVIGIL_VIEWS_H

#include "app/engine.h"
#include "cmd/findings.h"
#include "store/log.h"

/* Differences are findings of the part "views". Attempts that are set aside are left out: they are known
 * to differ. ERR_MEMORY or what reading the log answered. */
Err views_check(Log *log, const Engine *e, Findings *f) MUST_CHECK;

#endif
