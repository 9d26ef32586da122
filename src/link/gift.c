/* gift.c - GIFT files: parts them into questions, and each question into title, text and answers.
 * docs/guides/importing.md states the rules that hold here. */
#include "link/gift.h"

#include "base/limits.h"
#include "base/text.h"
#include "link/file_text.h"

enum { QUESTION_BYTES_MAX = 2 * ITEM_BYTES_MAX }; /* every character may have its backslash */

static const Span CATEGORY = {(const u8 *)"$CATEGORY:", 10};
static const Span BLANK_MARK = {(const u8 *)"_____", 5};

/* ---- one question ---- */

/* "::title::" off the front of *s. */
static bool title_take(Gift *g, Span *s)
{
    if (!text_starts(*s, SPAN("::"))) return true;
    Span rest = {s->ptr + 2, s->len - 2};
    for (size_t i = 0; i + 1 < rest.len; i++) {
        size_t at = i + gift_find((Span){rest.ptr + i, rest.len - i}, ":");
        if (at + 1 < rest.len && rest.ptr[at + 1] == ':') {
            g->r->draft.name = gift_text(g, (Span){rest.ptr, at});
            *s = gift_trim((Span){rest.ptr + at + 2, rest.len - at - 2});
            return true;
        }
        i = at;
    }
    reader_error(g->r, g->line, "The title that begins with :: has no end. Write :: behind it.");
    return false;
}

/* A text without answers is kept for the question that follows. */
static void description_keep(Gift *g, Span s)
{
    Draft *d = &g->r->draft;
    Span head, tail;
    if (gift_cut(s, "}", &head, &tail)) {
        reader_error(g->r, gift_line(g, tail.ptr),
                     "There is a } without its {. Write \\} for a brace in the text.");
        return;
    }
    if (d->before_count == DRAFT_BEFORE_MAX) {
        reader_error(g->r, g->line,
                     "More than %d texts in a row have no answers. Write { } behind each question.",
                     DRAFT_BEFORE_MAX);
        d->before_count = 0;
        return;
    }
    Part p = gift_part(g, s);
    if (p.text.len) d->before[d->before_count++] = p;
}

/* Cuts *s at its answer block: text before, what stands between the braces, text after. */
static bool braces_cut(Gift *g, Span s, Span *before, Span *block, Span *after)
{
    Span rest, close, stray, end;
    (void)gift_cut(s, "{}", before, &rest);
    if (rest.ptr[0] == '}') {
        reader_error(g->r, gift_line(g, rest.ptr),
                     "There is a } without its {. Write \\} for a brace in the text.");
        return false;
    }
    u32 line = gift_line(g, rest.ptr);
    rest = (Span){rest.ptr + 1, rest.len - 1};
    if (!gift_cut(rest, "{}", block, &close)) {
        reader_error(
            g->r, line,
            "The answers that begin with { have no end. Write } behind them, before the next "
            "blank line.");
        return false;
    }
    if (close.ptr[0] == '{') {
        reader_error(
            g->r, gift_line(g, close.ptr),
            "There is a { inside the answers that began at line %u. Write \\{ and \\} for braces "
            "that are text.",
            (unsigned)line);
        return false;
    }
    *after = (Span){close.ptr + 1, close.len - 1};
    if (gift_cut(*after, "{}", &stray, &end)) {
        reader_error(
            g->r, gift_line(g, end.ptr),
            "A question has one answer block, and this is a second brace. Put a blank line "
            "between two questions, or write \\{ and \\} for braces that are text.");
        return false;
    }
    return true;
}

/* Text on both sides of the answers is one sentence with a gap; blanks around it stay. */
static Part text_around(Gift *g, Span before, Span after)
{
    Part p = gift_part(g, before);
    Span head = p.text, tail = gift_text(g, after);
    if (!tail.len) return p;
    u8 *to = arena_push(g->r->arena, head.len + tail.len + BLANK_MARK.len + 3);
    if (!to) {
        reader_fault(g->r);
        return p;
    }
    size_t n = head.len;
    if (n) memcpy(to, head.ptr, n);
    if (n && gift_trim(before).ptr + gift_trim(before).len < before.ptr + before.len) to[n++] = ' ';
    memcpy(to + n, BLANK_MARK.ptr, BLANK_MARK.len);
    n += BLANK_MARK.len;
    if (gift_trim(after).ptr > after.ptr) to[n++] = ' ';
    memcpy(to + n, tail.ptr, tail.len);
    p.text = (Span){to, n + tail.len};
    return p;
}

static void note_descriptions(Gift *g)
{
    const Draft *d = &g->r->draft;
    for (u32 i = 0; i < d->before_count; i++)
        reader_note(
            g->r, d->before[i].line,
            "This text has no answers in braces. It is shown above the question of line %u.",
            (unsigned)g->line);
}

static void draft_forget(Draft *d)
{
    *d = (Draft){.kind = ITEM_NONE};
}

static void question_read(Gift *g, Span s)
{
    Draft *d = &g->r->draft;
    Span before, block, after;
    s = gift_trim(s);
    if (!s.len) return;
    g->line = gift_line(g, s.ptr);
    g->start = (size_t)(s.ptr - g->copy);
    if (s.len > QUESTION_BYTES_MAX) {
        reader_error(g->r, g->line,
                     "This question is longer than %d kB. Put a blank line between two questions.",
                     QUESTION_BYTES_MAX / 1024);
        return draft_forget(d);
    }
    if (!title_take(g, &s)) return draft_forget(d);
    if (gift_find(s, "{") == s.len) {
        description_keep(g, s);
        d->name = SPAN_NONE;
        return;
    }
    if (!braces_cut(g, s, &before, &block, &after)) return draft_forget(d);
    d->line = g->line;
    d->name = text_head(d->name, NAME_BYTES_MAX);
    d->text = text_around(g, before, after);
    note_descriptions(g);
    if (gift_answers(g, gift_trim(block))) draft_add(g->r);
    else draft_forget(d);
}

/* ---- the file ---- */

/* The last name of the path: "$course$/top/Week 1" is "Week 1". "//" is a slash that belongs to a name. */
static void category_read(Gift *g, Span path, u32 line)
{
    Paper *paper = &g->r->out->paper;
    path = text_trim(path);
    size_t from = 0;
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] != '/') continue;
        if (i + 1 < path.len && path.ptr[i + 1] == '/') i++;
        else from = i + 1;
    }
    Span name = text_trim((Span){path.ptr + from, path.len - from});
    if (!paper->name.len && !paper->item_count) paper->name = name;
    else
        reader_note(g->r, line, "The category \"%.*s\" is left out: a file is one assessment.",
                    SPAN_ARG(text_head(name, 100)));
}

/* The descriptions at the end of a file have no question that could show them. */
static void leftover_report(Gift *g)
{
    const Draft *d = &g->r->draft;
    for (u32 i = 0; i < d->before_count; i++)
        reader_error(
            g->r, d->before[i].line,
            "This text has no answers in braces, and no question follows it. Write { } behind "
            "it if it is an essay question, or remove it.");
}

static void question_flush(Gift *g, size_t end)
{
    if (end > g->start) question_read(g, (Span){g->copy + g->start, end - g->start});
}

/* A comment line is as if it were not there; its end goes with it. */
static void comment_erase(Gift *g, Span line, Span rest)
{
    size_t at = (size_t)(line.ptr - g->original);
    memset(g->copy + at, 0, line.len + (rest.len ? 1 : 0));
}

void gift_read(Reader *r, Span text)
{
    Gift g = {.r = r, .original = text.ptr, .copy = arena_push(r->arena, text.len)};
    size_t end = 0; /* of the question so far; g.start when there is none */
    u32 number = 0;
    if (!g.copy) {
        reader_fault(r);
        return;
    }
    memcpy(g.copy, text.ptr, text.len);
    for (Span rest = text, line; !r->stop && file_text_line(&rest, &line);) {
        Span trimmed = text_trim(line);
        bool within = end > g.start;
        number++;
        if (!trimmed.len) {
            question_flush(&g, end);
            g.start = end = 0;
        } else if (text_starts(trimmed, SPAN("//"))) {
            comment_erase(&g, line, rest);
        } else if (!within && text_starts(trimmed, CATEGORY)) {
            category_read(&g, (Span){trimmed.ptr + CATEGORY.len, trimmed.len - CATEGORY.len},
                          number);
        } else {
            size_t at = (size_t)(line.ptr - text.ptr);
            if (!within) g.start = at, g.line = number;
            end = at + line.len;
        }
    }
    if (!r->stop) question_flush(&g, end);
    if (!r->stop) leftover_report(&g);
}
