/* noted.h - compares evidence files with what the log noted of them (media_noted): what was taken out or put
 * in the place of something else is named, part "evidence". Changes nothing. */
#ifndef INVIGIL_NOTED_H
#define INVIGIL_NOTED_H

#include "cmd/findings.h"

/* Returns how many notes were compared. */
u64 noted_check(Findings *f, const Engine *e, const char *folder);

#endif
