/* csv.h - rows and cells of comma separated text (RFC 4180). Knows nothing of what the cells mean. */
#ifndef INVIGIL_LINK_CSV_H
#define INVIGIL_LINK_CSV_H

#include "base/arena.h"
#include "base/limits.h"

typedef struct Csv {
    Arena *arena; /* holds the cells in which quotes were doubled */
    Span rest;
    u8 separator;
    u32 line; /* of the next row, from 1 */
} Csv;

typedef enum CsvProblem {
    CSV_FINE = 0,
    CSV_OPEN_QUOTE,  /* a quoted cell has no end: it swallowed the rest of the file */
    CSV_AFTER_QUOTE, /* text follows the closing quote of a cell */
    CSV_MANY_CELLS,  /* more than ROSTER_COLUMNS_MAX */
} CsvProblem;

typedef struct CsvRow {
    u32 line;
    CsvProblem problem;
    u32 count;
    Span cell[ROSTER_COLUMNS_MAX]; /* without blanks at both ends */
} CsvRow;

/* The text comes from file_text_read. The separator is the one of comma, semicolon and tab that is
 * most frequent in the first row; a first line "sep=;", as spreadsheets write it, rules. */
void csv_open(Csv *c, Arena *a, Span text);
/* The next row; a row of one empty cell for a blank line. False: no more. ERR_MEMORY in *err. */
bool csv_row(Csv *c, CsvRow *row, Err *err);

#endif
