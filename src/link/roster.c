/* roster.c - what the columns of a roster mean, and which rows can be taken. */
#include "link/roster.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/text.h"
#include "link/csv.h"
#include "link/file_text.h"
#include "wire/wire.h"

#include <stdarg.h>
#include <stdio.h>

typedef enum Column {
    COLUMN_NAME,
    COLUMN_FIRST,
    COLUMN_LAST,
    COLUMN_EMAIL,
    COLUMN_NUMBER,
    COLUMN_FACTOR,
    COLUMNS
} Column;

enum { ABSENT = ROSTER_COLUMNS_MAX };

/* Headings in small letters, with nothing but letters and digits. */
static const struct {
    const char *heading;
    Column column;
} HEADINGS[] = {
    {"name", COLUMN_NAME},
    {"fullname", COLUMN_NAME},
    {"candidate", COLUMN_NAME},
    {"candidatename", COLUMN_NAME},
    {"student", COLUMN_NAME},
    {"studentname", COLUMN_NAME},
    {"participant", COLUMN_NAME},
    {"displayname", COLUMN_NAME},
    {"firstname", COLUMN_FIRST},
    {"givenname", COLUMN_FIRST},
    {"givennames", COLUMN_FIRST},
    {"forename", COLUMN_FIRST},
    {"lastname", COLUMN_LAST},
    {"surname", COLUMN_LAST},
    {"familyname", COLUMN_LAST},
    {"email", COLUMN_EMAIL},
    {"emailaddress", COLUMN_EMAIL},
    {"mail", COLUMN_EMAIL},
    {"number", COLUMN_NUMBER},
    {"candidatenumber", COLUMN_NUMBER},
    {"studentnumber", COLUMN_NUMBER},
    {"id", COLUMN_NUMBER},
    {"idnumber", COLUMN_NUMBER},
    {"studentid", COLUMN_NUMBER},
    {"candidateid", COLUMN_NUMBER},
    {"registrationnumber", COLUMN_NUMBER},
    {"timefactor", COLUMN_FACTOR},
    {"factor", COLUMN_FACTOR},
};

typedef struct RosterReader {
    Arena *arena;
    Roster *out;
    Csv csv;
    CsvRow row;
    u32 at[COLUMNS]; /* which cell holds it; ABSENT: none */
    u32 width;       /* cells of the first row */
    Map emails, numbers, names;
    Err fault;
} RosterReader;

/* ---- reporting ---- */

static Span say(RosterReader *r, const char *format, ...) PRINTF_LIKE(2, 3);
static Span say(RosterReader *r, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    Span copy = arena_copy(r->arena, span_of(text));
    if (!copy.ptr) r->fault = ERR_MEMORY;
    return copy;
}

static void refuse(RosterReader *r, u16 refusal, u32 line, Span reason)
{
    ImportError *e = ARENA_NEW(r->arena, ImportError);
    if (!e) {
        r->fault = ERR_MEMORY;
        return;
    }
    *e = (ImportError){line, reason};
    r->out->refusal = refusal;
    r->out->errors = e;
    r->out->file_error_count = 1;
}

static void note(RosterReader *r, u32 line, Span reason)
{
    if (r->out->note_count < ROSTER_COLUMNS_MAX)
        r->out->notes[r->out->note_count++] = (ImportError){line, reason};
}

/* ---- the first row ---- */

static Column heading_column(Span cell)
{
    char bare[24];
    size_t n = 0;
    for (size_t i = 0; i < cell.len && n + 1 < sizeof bare; i++) {
        u8 c = cell.ptr[i];
        if (c >= 'A' && c <= 'Z') c = (u8)(c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) bare[n++] = (char)c;
    }
    bare[n] = 0;
    for (size_t i = 0; i < COUNT_OF(HEADINGS); i++)
        if (strcmp(HEADINGS[i].heading, bare) == 0) return HEADINGS[i].column;
    return COLUMNS;
}

static void heading_read(RosterReader *r, u32 index)
{
    Span cell = r->row.cell[index];
    Column column = heading_column(cell);
    Span shown = text_head(cell, 60);
    if (column < COLUMNS && r->at[column] == ABSENT) r->at[column] = index;
    else if (column < COLUMNS)
        note(r, r->row.line,
             say(r, "The column \"%.*s\" is left out: another one before it says the same.",
                 SPAN_ARG(shown)));
    else if (cell.len)
        note(r, r->row.line,
             say(r, "The column \"%.*s\" is left out: a roster has no use for it.",
                 SPAN_ARG(shown)));
}

/* The first row that is not blank names the columns. False: it was refused. */
static bool headings_read(RosterReader *r)
{
    bool there;
    for (u32 i = 0; i < COLUMNS; i++)
        r->at[i] = ABSENT;
    do
        there = csv_row(&r->csv, &r->row, &r->fault);
    while (there && r->row.count == 1 && !r->row.cell[0].len);
    r->width = r->row.count;
    for (u32 i = 0; i < r->width; i++)
        heading_read(r, i);
    bool known = false;
    for (u32 i = COLUMN_NAME; i <= COLUMN_NUMBER; i++)
        known = known || r->at[i] != ABSENT;
    if (known) return true;
    r->out->note_count = 0;
    refuse(r, R_FILE_UNKNOWN, r->row.line,
           SPAN("The first row names no column \"name\", \"email\" or \"number\". Write these "
                "names above the "
                "columns, or start from the template."));
    return false;
}

/* ---- one row ---- */

static void row_fail(RosterRow *row, Span reason)
{
    if (row->state != ROSTER_OK) return;
    row->state = ROSTER_ERROR;
    row->reason = reason;
}

/* The cell of a column, blanks and line ends joined; what cannot be shown or is too long fails the row. */
static Span cell_read(RosterReader *r, RosterRow *row, Column column, const char *what)
{
    u32 at = r->at[column];
    if (at == ABSENT || at >= r->row.count) return SPAN("");
    Span cell = r->row.cell[at];
    u8 *to = arena_push(r->arena, cell.len + 1);
    size_t n = 0;
    if (!to) {
        r->fault = ERR_MEMORY;
        return SPAN("");
    }
    for (size_t i = 0; i < cell.len; i++) {
        u8 c = cell.ptr[i];
        bool blank = c == ' ' || c == '\t' || c == '\n';
        if (!blank && (c < 0x20 || c == 0x7F))
            row_fail(row,
                     say(r, "The %s holds a character that cannot be shown. Type it again.", what));
        if (!blank) to[n++] = c;
        else if (n && to[n - 1] != ' ') to[n++] = ' ';
    }
    if (n > NAME_BYTES_MAX) {
        row_fail(row, say(r, "The %s is longer than %d bytes. Shorten it.", what, NAME_BYTES_MAX));
        n = 0;
    }
    return (Span){to, n};
}

static bool email_fits(Span s)
{
    Span local, domain, more, rest;
    if (!text_cut(s, '@', &local, &domain) || text_cut(domain, '@', &more, &rest)) return false;
    bool dot = text_cut(domain, '.', &more, &rest) && more.len && rest.len;
    return local.len && dot && s.len <= EMAIL_BYTES_MAX && !memchr(s.ptr, ' ', s.len) &&
           !memchr(s.ptr, ',', s.len) && !memchr(s.ptr, '<', s.len) &&
           domain.ptr[domain.len - 1] != '.';
}

/* "125", "125 %" and "1.25" are the same. */
static void factor_read(RosterReader *r, RosterRow *row)
{
    double v = 0;
    Span s = cell_read(r, row, COLUMN_FACTOR, "time factor");
    if (!s.len) return;
    bool percent = s.ptr[s.len - 1] == '%';
    Span digits = text_trim((Span){s.ptr, s.len - percent});
    bool number = text_to_double(digits, &v);
    if (!percent && v <= 10) v *= 100;
    double permille = v * 10 + 0.5;
    if (number && permille >= 1000 && permille < TIME_FACTOR_PERMILLE_MAX + 1)
        row->factor_permille = (u32)permille;
    else
        row_fail(row,
                 say(r,
                     "The time factor \"%.*s\" is not between 100 and %d percent. Write 125 for a "
                     "quarter more time, or nothing.",
                     SPAN_ARG(text_head(s, 40)), TIME_FACTOR_PERMILLE_MAX / 10));
}

static Span name_read(RosterReader *r, RosterRow *row)
{
    Span name = cell_read(r, row, COLUMN_NAME, "name");
    if (name.len) return name;
    Span first = cell_read(r, row, COLUMN_FIRST, "first name");
    Span last = cell_read(r, row, COLUMN_LAST, "last name");
    if (!first.len) return last;
    if (!last.len) return first;
    name = say(r, "%.*s %.*s", SPAN_ARG(first), SPAN_ARG(last));
    if (name.len <= NAME_BYTES_MAX) return name;
    row_fail(row, say(r, "The name is longer than %d bytes. Shorten it.", NAME_BYTES_MAX));
    return first;
}

static void row_read(RosterReader *r, RosterRow *row)
{
    row->name = name_read(r, row);
    row->email = cell_read(r, row, COLUMN_EMAIL, "e-mail address");
    row->number = cell_read(r, row, COLUMN_NUMBER, "number");
    factor_read(r, row);
    if (row->email.len && !email_fits(row->email))
        row_fail(row, say(r, "\"%.*s\" is not an e-mail address. Write one like name@example.org.",
                          SPAN_ARG(text_head(row->email, 80))));
    if (!row->name.len) row->name = row->number.len ? row->number : row->email;
    if (!row->name.len)
        row_fail(row,
                 SPAN("The row has neither name, e-mail address nor number. Write one of them."));
}

static bool form_fits(RosterReader *r, RosterRow *row)
{
    u32 used = r->row.count;
    while (used > r->width && !r->row.cell[used - 1].len)
        used--;
    switch (r->row.problem) {
    case CSV_OPEN_QUOTE:
        row_fail(
            row,
            SPAN(
                "A value that begins with \" has no end, so that the rest of the file could not be "
                "read. Write the closing \"."));
        break;
    case CSV_AFTER_QUOTE:
        row_fail(
            row,
            SPAN("Text follows the closing \" of a value. Write \"\" for a quote inside a value."));
        break;
    case CSV_MANY_CELLS: used = r->width + 1; break;
    case CSV_FINE: break;
    }
    if (used > r->width)
        row_fail(row, SPAN("The row has more values than the first row has columns. Put a value "
                           "that holds the "
                           "separator in \"quotes\"."));
    return row->state == ROSTER_OK;
}

/* ---- duplicates ---- */

static u64 key_of(Span s)
{
    u64 h = 14695981039346656037u;
    for (size_t i = 0; i < s.len; i++) {
        u8 c = s.ptr[i];
        if (c >= 'A' && c <= 'Z') c = (u8)(c + 32);
        h = (h ^ c) * 1099511628211u;
    }
    return h ^ h >> 29;
}

/* The row before that has this value; otherwise remembers this row for it. */
static const RosterRow *seen(RosterReader *r, Map *map, Span value, RosterRow *row)
{
    if (!value.len) return NULL;
    RosterRow *before = map_get(map, key_of(value));
    if (before) return before;
    if (map_put(map, key_of(value), row)) r->fault = ERR_MEMORY;
    return NULL;
}

static void duplicate_check(RosterReader *r, RosterRow *row)
{
    const char *what = "e-mail address";
    const RosterRow *before = seen(r, &r->emails, row->email, row);
    if (!before) before = seen(r, &r->numbers, row->number, row), what = "number";
    if (!before && !row->email.len && !row->number.len)
        before = seen(r, &r->names, row->name, row), what = "name";
    if (!before) return;
    row->state = ROSTER_DUPLICATE;
    row->reason = say(r, "The same %s stands in line %u, which counts. Remove one of the two.",
                      what, (unsigned)before->line);
}

/* ---- the file ---- */

static bool row_is_blank(const CsvRow *row)
{
    for (u32 i = 0; i < row->count; i++)
        if (row->cell[i].len) return false;
    return row->problem == CSV_FINE;
}

static void row_count(Roster *out, RosterState state)
{
    switch (state) {
    case ROSTER_OK: out->ok_count++; break;
    case ROSTER_DUPLICATE: out->duplicate_count++; break;
    case ROSTER_ERROR: out->error_count++; break;
    }
}

static void rows_read(RosterReader *r)
{
    while (!r->fault && csv_row(&r->csv, &r->row, &r->fault)) {
        if (row_is_blank(&r->row)) continue;
        if (r->out->row_count == ROSTER_ROWS_MAX) {
            refuse(r, R_TOO_LARGE, r->row.line,
                   say(r, "The file has more than %d candidates. Divide it.", ROSTER_ROWS_MAX));
            return;
        }
        RosterRow *row = &r->out->rows[r->out->row_count++];
        *row = (RosterRow){.line = r->row.line, .factor_permille = 1000};
        row->name = row->email = row->number = SPAN("");
        if (form_fits(r, row)) row_read(r, row);
        if (row->state == ROSTER_OK) duplicate_check(r, row);
        row_count(r->out, row->state);
    }
}

static u32 rows_at_most(Span text)
{
    u32 lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    return MIN_OF(lines, (u32)ROSTER_ROWS_MAX);
}

static void file_read(RosterReader *r, Span text)
{
    csv_open(&r->csv, r->arena, text);
    r->out->separator = r->csv.separator;
    r->out->rows = ARENA_ARRAY(r->arena, RosterRow, rows_at_most(text));
    r->out->notes = ARENA_ARRAY(r->arena, ImportError, ROSTER_COLUMNS_MAX);
    if (!r->out->rows || !r->out->notes) {
        r->fault = ERR_MEMORY;
        return;
    }
    if (!headings_read(r)) return;
    rows_read(r);
    if (!r->out->row_count)
        refuse(r, R_FILE_HAS_ERRORS, 0,
               SPAN("No candidate stands below the first row. Add one row for each."));
}

Err roster_read(Arena *a, Span file, Roster *out)
{
    FileText t;
    Roster made = {0};
    RosterReader *r = ARENA_NEW(a, RosterReader);
    if (!r) return ERR_MEMORY;
    r->arena = a;
    r->out = &made;
    r->fault = file_text_read(a, file, &t);
    if (!r->fault && t.refusal) refuse(r, t.refusal, t.line, t.reason);
    else if (!r->fault) file_read(r, t.text);
    map_done(&r->emails);
    map_done(&r->numbers);
    map_done(&r->names);
    if (!r->fault) *out = made;
    return r->fault;
}

void roster_template(Buf *out)
{
    buf_text(out, "name,email,number,time_factor\r\n"
                  "\"Example, Erin\",erin@example.org,S-1001,125\r\n");
}
