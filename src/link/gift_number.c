/* gift_number.c - numeric answers: "3.14", "3.14:0.01", "3..4", several with shares, any number. */
#include "base/text.h"
#include "link/gift.h"

#include <stdio.h>

static const double ANY_NUMBER = 1e300; /* the reader of numbers takes none beyond it */

static bool number_of(Span s, double *out)
{
    return text_to_double(text_trim(s), out);
}

/* 3.1415 - 0.0005 in binary is not quite 3.141. The ends of a range are rounded to 15 digits, so that
 * the number that a person would call the end is the end. */
static double rounded(double v)
{
    char text[40];
    int len = snprintf(text, sizeof text, "%.15g", v);
    double out;
    return text_to_double((Span){(const u8 *)text, (size_t)len}, &out) ? out : v;
}

static bool range_of(Span s, DraftOption *o)
{
    const u8 *dots = memmem(s.ptr, s.len, "..", 2);
    if (!dots || dots == s.ptr) return false;
    size_t n = (size_t)(dots - s.ptr);
    return number_of((Span){s.ptr, n}, &o->low) &&
           number_of((Span){dots + 2, s.len - n - 2}, &o->high);
}

static bool tolerance_of(Span s, DraftOption *o)
{
    Span value, margin;
    double v, m;
    if (!text_cut(s, ':', &value, &margin)) return false;
    if (!number_of(value, &v) || !number_of(margin, &m) || m < 0) return false;
    o->low = rounded(v - m);
    o->high = rounded(v + m);
    return true;
}

static bool exact_of(Span s, DraftOption *o)
{
    if (span_equal(s, SPAN("*"))) {
        o->low = -ANY_NUMBER;
        o->high = ANY_NUMBER;
        return true;
    }
    if (!number_of(s, &o->low)) return false;
    o->high = o->low;
    return true;
}

static bool number_read(Gift *g, Span piece)
{
    Span answer;
    DraftOption *o = gift_option(g, piece, 1000, &answer);
    if (!o) return false;
    o->text.text = gift_text(g, answer);
    if (!gift_has_text(g, o)) return false;
    Span s = o->text.text;
    if (!range_of(s, o) && !tolerance_of(s, o) && !exact_of(s, o)) {
        reader_error(g->r, o->text.line,
                     "\"%.*s\" is not a number. Write a number, number:tolerance or least..most.",
                     SPAN_ARG(text_head(s, 60)));
        return false;
    }
    if (o->low <= o->high) return true;
    reader_error(g->r, o->text.line,
                 "The range ends below its beginning. Write the smaller number first.");
    return false;
}

/* "~#feedback" at the end is for every other number. */
static bool wrong_feedback_read(Gift *g, Span s)
{
    Draft *d = &g->r->draft;
    Span answer, feedback;
    bool marked = gift_cut(s, "#", &answer, &feedback);
    if (d->option_count == OPTIONS_MAX) {
        reader_error(g->r, gift_line(g, s.ptr), "A question has at most %d answers. Remove some.",
                     OPTIONS_MAX);
        return false;
    }
    d->options[d->option_count++] = (DraftOption){
        .text = {.text = SPAN("*")},
        .feedback = gift_part(g, marked ? (Span){feedback.ptr + 1, feedback.len - 1} : s),
        .low = -ANY_NUMBER,
        .high = ANY_NUMBER};
    return true;
}

bool gift_numeric(Gift *g, Span block)
{
    Span wrong, piece;
    g->r->draft.kind = ITEM_numeric;
    bool has_wrong = gift_cut(block, "~", &block, &wrong);
    block = gift_trim(block);
    if (block.len && block.ptr[0] == '=') block = (Span){block.ptr + 1, block.len - 1};
    else if (!block.len) {
        reader_error(g->r, g->line, "The number is missing. Write it behind the #.");
        return false;
    }
    for (bool more = true; more;) {
        more = gift_cut(block, "=", &piece, &block);
        if (more) block = (Span){block.ptr + 1, block.len - 1};
        if (!number_read(g, piece)) return false;
    }
    if (!draft_shares_fit(g->r)) return false;
    return !has_wrong || wrong_feedback_read(g, (Span){wrong.ptr + 1, wrong.len - 1});
}
