/* import.h - reads a question file into a Paper. Applies nothing: the caller shows what was read
 * and decides. Knows GIFT (as Moodle writes it) and Aiken; docs/guides/importing.md tells the
 * rules.
 *
 *   Import in;
 *   Err err = import_read(&arena, body, file_name, IMPORT_AUTO, &in);
 *   err != OK           -> a fault (memory)
 *   in.refusal          -> schema/errors.def: why the file cannot be taken; in.errors say where
 *   in.refusal == 0     -> in.paper holds at least one item; in.notes are worth showing
 *
 * Everything that *out points to lives in the arena; the file may be freed afterwards. */
#ifndef INVIGIL_LINK_IMPORT_H
#define INVIGIL_LINK_IMPORT_H

#include "base/arena.h"
#include "core/paper.h"

typedef enum ImportFormat { IMPORT_AUTO = 0, IMPORT_GIFT = 1, IMPORT_AIKEN = 2 } ImportFormat;

/* One line for a person: where, what is wrong, what to do. Line 0 means the file as a whole. */
typedef struct ImportError {
    u32 line;
    Span reason;
} ImportError;

typedef struct Import {
    ImportFormat format; /* what it was read as; AUTO when that could not be told */
    u16 refusal; /* 0, or FILE_EMPTY, TOO_LARGE, FILE_NOT_TEXT, FILE_UNKNOWN, FILE_HAS_ERRORS */
    Paper paper; /* the items that could be read, also when others could not */
    ImportError *errors; /* in the order of the file */
    u32 error_count;
    bool too_many_errors; /* reading ended at IMPORT_ERRORS_MAX */
    ImportError *notes;   /* taken, but a person should know: at most IMPORT_ERRORS_MAX */
    u32 note_count;
} Import;

/* file_name gives the paper its name when the file itself has none; it may be empty.
 * Faults: ERR_MEMORY when the arena is full. */
Err import_read(Arena *a, Span file, Span file_name, ImportFormat want, Import *out) MUST_CHECK;

/* "GIFT", "Aiken", or "" for AUTO. */
const char *import_format_text(ImportFormat format);

#endif
