/* roster.h - reads a list of candidates from CSV. Applies nothing.
 *
 * The first row names the columns, in any order: name (or first name and last name), e-mail,
 * number, time factor; others are left out with a note. Separator: comma, semicolon or tab, guessed
 * from the first row. A row needs a name, an e-mail address or a number. Two rows are duplicates
 * when they have the same e-mail address or number, or, having neither, the same name; the first of
 * them counts.
 *
 * refusal == 0 means that the file could be read; single rows may still be in error: take the rows
 * in state ROSTER_OK, show the others. Everything lives in the arena. */
#ifndef INVIGIL_LINK_ROSTER_H
#define INVIGIL_LINK_ROSTER_H

#include "base/buf.h"
#include "link/import.h"

typedef enum RosterState { ROSTER_OK = 0, ROSTER_DUPLICATE = 1, ROSTER_ERROR = 2 } RosterState;

typedef struct RosterRow {
    u32 line; /* in the file, from 1 */
    RosterState state;
    Span name; /* never empty when OK: the number or the e-mail address stand in */
    Span email, number;
    u32 factor_permille; /* 1000 = the normal time; never less */
    Span reason;         /* when not OK: what is wrong and what to do */
} RosterRow;

typedef struct Roster {
    u16 refusal; /* 0, or FILE_EMPTY, TOO_LARGE, FILE_NOT_TEXT, FILE_UNKNOWN, FILE_HAS_ERRORS */
    u8 separator;
    RosterRow *rows;
    u32 row_count, ok_count, duplicate_count, error_count;
    ImportError *errors; /* of the file as a whole: why it was refused */
    u32 file_error_count;
    ImportError *notes; /* columns that were left out */
    u32 note_count;
} Roster;

Err roster_read(Arena *a, Span file, Roster *out) MUST_CHECK;

/* An example to download: the header row and one candidate. */
void roster_template(Buf *out);

#endif
