/* date.h - instants as text and back. An instant is milliseconds since 1970-01-01T00:00:00Z.
 * Reads no clock: instants come from the caller. */
#ifndef INVIGIL_DATE_H
#define INVIGIL_DATE_H

#include "base/base.h"

enum { DATE_TEXT_SIZE = 25 }; /* 2026-11-21T08:50:00.000Z and a closing zero */

void date_text(i64 at_ms, char out[DATE_TEXT_SIZE]);
/* RFC 3339: date, 'T' or space, hours:minutes, optional seconds and fraction, 'Z' or an offset. */
bool date_parse(Span text, i64 *at_ms);

#endif
