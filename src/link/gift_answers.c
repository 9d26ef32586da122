/* gift_answers.c - what stands between the braces: which kind of question it makes, and its options. */
#include "base/limits.h"
#include "base/text.h"
#include "link/gift.h"

/* ---- options ---- */

typedef enum Weight { WEIGHT_NONE, WEIGHT_TAKEN, WEIGHT_WRONG } Weight;

/* "%-33.3%" off the front of *s. What only looks similar is text. */
static Weight weight_take(Span *s, i32 *permille)
{
    double percent;
    Span head, tail;
    if (!s->len || s->ptr[0] != '%') return WEIGHT_NONE;
    Span number = {s->ptr + 1, MIN_OF(s->len - 1, (size_t)16)};
    if (!text_cut(number, '%', &head, &tail) || !text_to_double(head, &percent)) return WEIGHT_NONE;
    if (percent < -100 || percent > 100) return WEIGHT_WRONG;
    *permille = (i32)(percent * 10 + (percent < 0 ? -0.5 : 0.5));
    *s = gift_trim((Span){tail.ptr, s->len - head.len - 2});
    return WEIGHT_TAKEN;
}

DraftOption *gift_option(Gift *g, Span s, i32 share_permille, Span *answer)
{
    Draft *d = &g->r->draft;
    Span feedback;
    s = gift_trim(s);
    u32 line = gift_line(g, s.ptr);
    if (d->option_count == OPTIONS_MAX) {
        reader_error(g->r, line, "A question has at most %d answers. Remove some.", OPTIONS_MAX);
        return NULL;
    }
    DraftOption *o = &d->options[d->option_count];
    *o = (DraftOption){.fraction_permille = share_permille};
    if (weight_take(&s, &o->fraction_permille) == WEIGHT_WRONG) {
        reader_error(g->r, line, "A share must lie between %%-100%% and %%100%%. Change it.");
        return NULL;
    }
    if (gift_cut(s, "#", answer, &feedback))
        o->feedback = gift_part(g, (Span){feedback.ptr + 1, feedback.len - 1});
    *answer = gift_trim(*answer);
    o->text.line = line;
    d->option_count++;
    return o;
}

bool gift_has_text(Gift *g, const DraftOption *o)
{
    if (o->text.text.len) return true;
    reader_error(g->r, o->text.line,
                 "An answer is empty. Write its text behind the = or ~, or remove it.");
    return false;
}

/* The next piece of a list that is parted by the characters of `marks`; *mark is the one before it, 0 for the
 * first piece. False: there is none. */
static bool piece_take(Span *rest, const char *marks, u8 *mark, Span *piece)
{
    if (!rest->len) return false;
    *mark = memchr(marks, rest->ptr[0], strlen(marks)) ? rest->ptr[0] : 0;
    Span from = *mark ? (Span){rest->ptr + 1, rest->len - 1} : *rest;
    (void)gift_cut(from, marks, piece, rest);
    return true;
}

/* ---- choices ---- */

static bool choice_options(Gift *g, Span block, u32 *right_count)
{
    Span piece, answer;
    u8 mark;
    while (piece_take(&block, "~=", &mark, &piece)) {
        if (!mark) {
            reader_error(
                g->r, gift_line(g, piece.ptr),
                "Text stands before the first ~ or =. Put one of them before each answer.");
            return false;
        }
        DraftOption *o = gift_option(g, piece, mark == '=' ? 1000 : 0, &answer);
        if (!o) return false;
        o->text = gift_part(g, answer);
        if (!gift_has_text(g, o)) return false;
        *right_count += mark == '=';
    }
    return true;
}

bool gift_choice(Gift *g, Span block)
{
    Draft *d = &g->r->draft;
    u32 right_count = 0;
    if (!choice_options(g, block, &right_count)) return false;
    d->kind = right_count ? ITEM_single_choice : ITEM_multiple_choice;
    if (d->option_count < 2) {
        reader_error(g->r, d->line,
                     "A choice needs at least two answers. Add one with ~ before it.");
        return false;
    }
    if (right_count > 1)
        reader_note(
            g->r, d->line,
            "Several answers have a =: choosing any one of them is right. Where all must be "
            "chosen, write shares such as ~%%50%% instead.");
    return draft_shares_fit(g->r);
}

/* ---- true or false ---- */

static int truth_of(Span word)
{
    static const Span words[] = {{(const u8 *)"T", 1},
                                 {(const u8 *)"TRUE", 4},
                                 {(const u8 *)"F", 1},
                                 {(const u8 *)"FALSE", 5}};
    for (int i = 0; i < 4; i++)
        if (text_equal_fold(word, words[i])) return i < 2 ? 1 : 0;
    return -1;
}

static bool is_true_false(Span block)
{
    Span word, rest;
    (void)gift_cut(block, "#", &word, &rest);
    return truth_of(gift_trim(word)) >= 0;
}

/* The first feedback is for the wrong answer, the second for the right one. */
bool gift_true_false(Gift *g, Span block)
{
    Draft *d = &g->r->draft;
    Span word, rest, wrong = SPAN_NONE;
    bool has_wrong = gift_cut(block, "#", &word, &rest);
    u32 right = truth_of(gift_trim(word)) ? 0 : 1;
    d->kind = ITEM_true_false;
    d->option_count = 2;
    d->options[0].text.text = SPAN("True");
    d->options[1].text.text = SPAN("False");
    d->options[right].fraction_permille = 1000;
    if (!has_wrong) return true;
    bool has_right = gift_cut((Span){rest.ptr + 1, rest.len - 1}, "#", &wrong, &rest);
    d->options[1 - right].feedback = gift_part(g, wrong);
    if (has_right) d->options[right].feedback = gift_part(g, (Span){rest.ptr + 1, rest.len - 1});
    return true;
}

/* ---- short text ---- */

bool gift_short_text(Gift *g, Span block)
{
    Span piece, answer;
    u8 mark;
    g->r->draft.kind = ITEM_short_text;
    while (piece_take(&block, "=", &mark, &piece)) {
        DraftOption *o = gift_option(g, piece, 1000, &answer);
        if (!o) return false;
        o->text.text = gift_part(g, answer).text;
        if (!gift_has_text(g, o)) return false;
        if (o->text.text.len <= ACCEPTED_TEXT_BYTES_MAX) continue;
        reader_error(g->r, o->text.line,
                     "An accepted text is longer than %d bytes. Shorten it, with * for any text.",
                     ACCEPTED_TEXT_BYTES_MAX);
        return false;
    }
    return draft_shares_fit(g->r);
}

/* ---- the block ---- */

/* "####general feedback" at the end of the block: the last one counts. */
static void general_feedback_take(Gift *g, Span *block)
{
    Span rest = *block, head, tail;
    size_t found = block->len;
    while (gift_cut(rest, "#", &head, &tail)) {
        size_t run = 0;
        while (run < tail.len && tail.ptr[run] == '#')
            run++;
        if (run >= 4) found = (size_t)(tail.ptr - block->ptr) + run - 4;
        rest = (Span){tail.ptr + run, tail.len - run};
    }
    if (found == block->len) return;
    g->r->draft.feedback = gift_part(g, (Span){block->ptr + found + 4, block->len - found - 4});
    *block = gift_trim((Span){block->ptr, found});
}

static bool is_matching(Span block)
{
    Span head, tail;
    return gift_cut(block, "=", &head, &tail) && memmem(tail.ptr, tail.len, "->", 2);
}

bool gift_answers(Gift *g, Span block)
{
    general_feedback_take(g, &block);
    if (!block.len) {
        g->r->draft.kind = ITEM_essay;
        return true;
    }
    if (block.ptr[0] == '#') return gift_numeric(g, (Span){block.ptr + 1, block.len - 1});
    if (gift_find(block, "~") < block.len) return gift_choice(g, block);
    if (is_matching(block)) {
        reader_error(
            g->r, g->line,
            "Matching questions cannot be read yet. Make it several choices, or remove it.");
        return false;
    }
    return is_true_false(block) ? gift_true_false(g, block) : gift_short_text(g, block);
}
