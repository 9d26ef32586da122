/* file_text.h - is this upload a text file? The first look at question files and rosters alike. */
#ifndef INVIGIL_LINK_FILE_TEXT_H
#define INVIGIL_LINK_FILE_TEXT_H

#include "base/arena.h"

typedef struct FileText {
    Span text;   /* in the arena, UTF-8, without byte order mark, lines ended by '\n' alone */
    u16 refusal; /* 0, FILE_EMPTY, TOO_LARGE, FILE_NOT_TEXT or FILE_UNKNOWN */
    u32 line;    /* of the refusal; 0: the file as a whole */
    Span reason; /* what is wrong and what to do */
} FileText;

Err file_text_read(Arena *a, Span file, FileText *out) MUST_CHECK;

/* Cuts the next line off *rest, without its end. False: nothing is left. */
bool file_text_line(Span *rest, Span *line);

#endif
