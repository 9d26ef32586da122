#include "link/csv.h"

#include "base/text.h"
#include "link/file_text.h"

static u8 separator_guess(Span text)
{
    u32 commas = 0, semicolons = 0, tabs = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len && (quoted || text.ptr[i] != '\n'); i++) {
        u8 c = text.ptr[i];
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        commas += c == ',';
        semicolons += c == ';';
        tabs += c == '\t';
    }
    if (tabs > commas && tabs >= semicolons) return '\t';
    return semicolons > commas ? ';' : ',';
}

void csv_open(Csv *c, Arena *a, Span text)
{
    Span rest = text, first;
    *c = (Csv){.arena = a, .rest = text, .line = 1};
    bool said = file_text_line(&rest, &first) && first.len == 5 && text_starts(first, SPAN("sep="));
    if (said) {
        c->separator = first.ptr[4];
        c->rest = rest;
        c->line = 2;
    } else {
        c->separator = separator_guess(text);
    }
}

static void skip(Csv *c, size_t n)
{
    c->rest = (Span){c->rest.ptr + n, c->rest.len - n};
}

/* A cell without its doubled quotes, in the arena. */
static Span undouble(Csv *c, Span raw, Err *err)
{
    u8 *to = arena_push(c->arena, raw.len + 1);
    size_t n = 0;
    if (!to) {
        *err = ERR_MEMORY;
        return SPAN("");
    }
    for (size_t i = 0; i < raw.len; i++) {
        to[n++] = raw.ptr[i];
        if (raw.ptr[i] == '"') i++; /* the second of the pair */
    }
    return (Span){to, n};
}

/* A quoted cell; rest stands behind its first quote, and afterwards behind its last. */
static Span quoted_cell(Csv *c, CsvRow *row, Err *err)
{
    bool doubled = false;
    size_t n = 0;
    for (; n < c->rest.len; n++) {
        u8 ch = c->rest.ptr[n];
        c->line += ch == '\n';
        if (ch != '"') continue;
        if (n + 1 == c->rest.len || c->rest.ptr[n + 1] != '"') break;
        doubled = true;
        n++;
    }
    Span raw = {c->rest.ptr, n};
    if (n == c->rest.len) row->problem = CSV_OPEN_QUOTE;
    skip(c, MIN_OF(n + 1, c->rest.len));
    return doubled && row->problem != CSV_OPEN_QUOTE ? undouble(c, raw, err) : raw;
}

static Span bare_cell(Csv *c)
{
    size_t n = 0;
    while (n < c->rest.len && c->rest.ptr[n] != c->separator && c->rest.ptr[n] != '\n')
        n++;
    Span raw = {c->rest.ptr, n};
    skip(c, n);
    return raw;
}

static Span cell_take(Csv *c, CsvRow *row, Err *err)
{
    while (c->rest.len && c->rest.ptr[0] == ' ')
        skip(c, 1);
    if (!c->rest.len || c->rest.ptr[0] != '"') return text_trim(bare_cell(c));
    skip(c, 1);
    Span cell = quoted_cell(c, row, err);
    if (text_trim(bare_cell(c)).len && !row->problem) row->problem = CSV_AFTER_QUOTE;
    return text_trim(cell);
}

bool csv_row(Csv *c, CsvRow *row, Err *err)
{
    if (!c->rest.len) return false;
    *row = (CsvRow){.line = c->line};
    for (bool more = true; more;) {
        Span cell = cell_take(c, row, err);
        if (row->count < ROSTER_COLUMNS_MAX) row->cell[row->count++] = cell;
        else if (cell.len && !row->problem) row->problem = CSV_MANY_CELLS;
        more = c->rest.len && c->rest.ptr[0] == c->separator;
        if (more) skip(c, 1);
    }
    if (c->rest.len) {
        skip(c, 1); /* the line's end */
        c->line++;
    }
    return true;
}
