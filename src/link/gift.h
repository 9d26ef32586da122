/* gift.h - what the files that read GIFT share: the control characters and where they stand.
 *
 * The reader works on a copy of the file in which comments are overwritten with zero bytes: places stay what
 * they are in the file, so that every finding can name its line. */
#ifndef INVIGIL_LINK_GIFT_H
#define INVIGIL_LINK_GIFT_H

#include "link/import_parts.h"

typedef struct Gift {
    Reader *r;
    const u8 *original; /* the file; same places as in the copy */
    u8 *copy;
    size_t start; /* of the question that is read */
    u32 line;     /* of its first line */
} Gift;

/* The line in the file at which p, a place in the question, stands. */
u32 gift_line(const Gift *g, const u8 *p);
/* Without blanks and erased bytes at both ends. */
Span gift_trim(Span s);
/* The first of the control characters in `set` that no backslash takes away; s.len: none. */
size_t gift_find(Span s, const char *set);
/* Cuts s at its first such character: *head before it, *tail from it on, the character included. */
bool gift_cut(Span s, const char *set, Span *head, Span *tail);
/* The text as it is meant: without erased bytes, "\n" a line end, other escapes the character. */
Span gift_text(Gift *g, Span s);
/* A text that may begin with [html], [markdown], [plain] or [moodle]. */
Part gift_part(Gift *g, Span s);

/* Reads what stands between the braces into the draft. False: it was reported. */
bool gift_answers(Gift *g, Span block);
/* The same for the kinds; `block` is not empty. */
bool gift_choice(Gift *g, Span block);
bool gift_true_false(Gift *g, Span block);
bool gift_short_text(Gift *g, Span block);
bool gift_numeric(Gift *g, Span block);
/* An option with its share and feedback: "%50%text#feedback". *answer is what stands before the '#'. NULL:
 * it was reported. */
DraftOption *gift_option(Gift *g, Span s, i32 share_permille, Span *answer);
/* Its text, without escapes and format mark, is not empty. Reports otherwise. */
bool gift_has_text(Gift *g, const DraftOption *o);

#endif
