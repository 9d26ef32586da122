/* import_parts.h - what the readers of question files share: reporting, and the draft of an item.
 * A format's reader fills a Draft and hands it to draft_add, which checks what holds for all formats. */
#ifndef INVIGIL_LINK_IMPORT_PARTS_H
#define INVIGIL_LINK_IMPORT_PARTS_H

#include "link/import.h"

enum { DRAFT_BEFORE_MAX = 16 }; /* texts without a question, one after the other */

/* How a text is marked up; AUTO: nobody said, so it is looked at. */
typedef enum Markup { MARKUP_AUTO, MARKUP_PLAIN, MARKUP_HTML, MARKUP_MARKDOWN } Markup;

typedef struct Part {
    Span text;
    Markup markup;
    u32 line;
} Part;

typedef struct DraftOption {
    Part text, feedback;
    i32 fraction_permille;
    double low, high;
} DraftOption;

typedef struct Draft {
    ItemKind kind;
    u32 line;
    Span name;
    Part text, feedback;
    DraftOption options[OPTIONS_MAX];
    u32 option_count;
    Part before[DRAFT_BEFORE_MAX]; /* shown above the text */
    u32 before_count;
} Draft;

typedef struct Reader {
    Arena *arena, scratch;
    Import *out;
    Err fault;
    bool stop; /* a fault, or so many errors or items that reading on is no use */
    Draft draft;
} Reader;

/* Notes what is wrong (with which the file will be refused), or what a person should know. */
void reader_error(Reader *r, u32 line, const char *format, ...) PRINTF_LIKE(3, 4);
void reader_note(Reader *r, u32 line, const char *format, ...) PRINTF_LIKE(3, 4);
/* Memory is out: ends the reading. */
void reader_fault(Reader *r);
/* A span as the reader's own; marks the fault when the arena is full. */
Span reader_copy(Reader *r, Span s);

/* Checks the draft and adds it to the paper, or reports why not. Leaves the draft empty. */
void draft_add(Reader *r);
/* The shares of a draft's options fit its kind; reports otherwise. */
bool draft_shares_fit(Reader *r);

/* The readers. `text` comes from file_text_read. */
void gift_read(Reader *r, Span text);
void aiken_read(Reader *r, Span text);
/* Whether the text has an "ANSWER: X" line, which no other format has. */
bool aiken_looks_like(Span text);

#endif
