/* note.h - the text log: one line of key=value pairs per fact, on standard error.
 *   at=2026-11-21T09:00:00.000Z level=info fact=signed_in user=7
 * Ids, never names; no secrets; texts that come from outside go through note_safe. Any thread. */
#ifndef INVIGIL_HTTP_NOTE_H
#define INVIGIL_HTTP_NOTE_H

#include "base/base.h"

typedef enum NoteLevel { NOTE_ERROR, NOTE_INFO, NOTE_DEBUG } NoteLevel;

void note_set_level(NoteLevel level); /* the standard is NOTE_INFO */
bool note_level_by_name(const char *name, NoteLevel *out);
/* format gives the pairs after the fact, "" when there are none. */
void note(NoteLevel level, const char *fact, const char *format, ...) PRINTF_LIKE(3, 4);
/* The span as one word without blanks, quotes or control characters, cut to size; returns out. */
const char *note_safe(Span text, char *out, size_t size);

#endif
