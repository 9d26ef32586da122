/* Roster files: columns, rows, what is refused and what is only noted. */
#include "test/test.h"

#include "link/roster.h"
#include "wire/wire.h"

#include <time.h>

static Arena arena;
static Roster list;

static void read_bytes(Span file)
{
    arena_done(&arena);
    arena_init(&arena, 64 * 1024 * 1024);
    CHECK_EQUAL(roster_read(&arena, file, &list), OK);
}

static void read_text(const char *text)
{
    read_bytes(span_of(text));
}

static bool contains(Span text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static const RosterRow *row(u32 n)
{
    CHECK_EQUAL(list.refusal, 0);
    CHECK(n >= 1 && n <= list.row_count);
    return &list.rows[n - 1];
}

static void check_row(u32 n, RosterState state, u32 line, const char *words)
{
    if (row(n)->state != state || !contains(row(n)->reason, words))
        printf("  line %u: %.*s\n", row(n)->line, SPAN_ARG(row(n)->reason));
    CHECK_EQUAL(row(n)->state, state);
    CHECK_EQUAL(row(n)->line, line);
    CHECK(contains(row(n)->reason, words));
}

static void check_refused(u16 refusal, u32 line, const char *words)
{
    CHECK_EQUAL(list.refusal, refusal);
    CHECK_EQUAL(list.file_error_count, 1);
    CHECK_EQUAL(list.errors[0].line, line);
    CHECK(contains(list.errors[0].reason, words));
}

TEST("The four columns are read in any order, with any separator, and headings in many spellings.")
{
    static const char *const same[] = {
        "name,email,number,time_factor\nAda Lovelace,ada@example.org,17,125\n",
        "Time Factor;Number;E-Mail;Name\r\n125%;17;ada@example.org;Ada Lovelace\r\n",
        "\xEF\xBB\xBFStudent ID\tEmail address\tFactor\tFull name\n17\tada@example.org\t1.25\tAda "
        "Lovelace",
        "sep=;\nFirst name;Surname;mail;ID number;factor\nAda;Lovelace;ada@example.org;17;1,25",
        "\n\n\"name\",\"email\",\"number\",\"time_factor\"\n\"Ada Lovelace\",ada@example.org, "
        "\"17\" ,125 %\n"};
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        read_text(same[i]);
        CHECK_EQUAL(list.row_count, 1);
        CHECK_EQUAL(list.ok_count, 1);
        CHECK_TEXT(row(1)->name, "Ada Lovelace");
        CHECK_TEXT(row(1)->email, "ada@example.org");
        CHECK_TEXT(row(1)->number, "17");
        CHECK_EQUAL(row(1)->factor_permille, 1250);
        CHECK_EQUAL(list.note_count, 0);
    }
}

TEST("Quoted values may hold separators, doubled quotes and line ends.")
{
    read_text("name,number\n\"Lovelace, Ada \"\"Countess\"\"\",1\n\"two\nlines\",2\nx,3");
    CHECK_TEXT(row(1)->name, "Lovelace, Ada \"Countess\"");
    CHECK_TEXT(row(2)->name, "two lines");
    CHECK_EQUAL(row(3)->line, 5);
    CHECK_EQUAL(list.ok_count, 3);
}

TEST("A row needs a name, an e-mail address or a number; one of them stands in for the name.")
{
    read_text("name,email,number,x\n,a@b.org,,\n,,7,\n , ,,y\n,,,\n\nAda,,,");
    CHECK_EQUAL(list.row_count, 4);
    CHECK_TEXT(row(1)->name, "a@b.org");
    CHECK_TEXT(row(2)->name, "7");
    check_row(3, ROSTER_ERROR, 4, "neither name");
    CHECK_TEXT(row(4)->name, "Ada");
    CHECK_EQUAL(row(4)->factor_permille, 1000);
    CHECK_EQUAL(row(4)->line, 7);
}

TEST("Duplicates name the line that counts.")
{
    read_text("name,email,number\nA,a@b.org,1\nB,A@B.ORG,2\nC,,1\nD,,\nd,,\nD,d@b.org,\n");
    CHECK_EQUAL(list.ok_count, 3);
    CHECK_EQUAL(list.duplicate_count, 3);
    check_row(2, ROSTER_DUPLICATE, 3, "same e-mail address stands in line 2");
    check_row(3, ROSTER_DUPLICATE, 4, "same number stands in line 2");
    check_row(5, ROSTER_DUPLICATE, 6, "same name stands in line 5");
}

TEST("A wrong value fails its row alone.")
{
    read_text(
        "name,email,time_factor\nA,a@b,\nB,b@b.org,99\nC,c@b.org,401\nD,d@b.org,x\nE,e e@b.org,\n"
        "F,f@b.org,400\nG\x07,g@b.org,\nH,h@b.org.,\nI,a@b@c.org,\nJ,j@b.org,0\nK,k@b.org,4\n");
    check_row(1, ROSTER_ERROR, 2, "\"a@b\" is not an e-mail address");
    check_row(2, ROSTER_ERROR, 3, "\"99\" is not between 100 and 400 percent");
    check_row(3, ROSTER_ERROR, 4, "401");
    check_row(4, ROSTER_ERROR, 5, "x");
    check_row(5, ROSTER_ERROR, 6, "e-mail");
    CHECK_EQUAL(row(6)->factor_permille, 4000);
    check_row(7, ROSTER_ERROR, 8, "cannot be shown");
    check_row(8, ROSTER_ERROR, 9, "e-mail");
    check_row(9, ROSTER_ERROR, 10, "e-mail");
    check_row(10, ROSTER_ERROR, 11, "time factor");
    CHECK_EQUAL(row(11)->factor_permille, 4000);
    CHECK_EQUAL(list.error_count, 9);
    CHECK_EQUAL(list.ok_count, 2);
}

TEST("A row in another form than the first is an error that says what to do.")
{
    read_text("name,number\nLovelace, Ada,1\n\"x\" y,2\nz,3,,,\nw\n\"open,4\nv,5");
    check_row(1, ROSTER_ERROR, 2, "more values than");
    check_row(2, ROSTER_ERROR, 3, "follows the closing");
    CHECK_EQUAL(row(3)->state, ROSTER_OK);
    CHECK_EQUAL(row(4)->state, ROSTER_OK);
    check_row(5, ROSTER_ERROR, 6, "has no end");
    CHECK_EQUAL(list.row_count, 5);
}

TEST("Columns that a roster has no use for are left out with a note.")
{
    read_text("Group,name,Name,\nblue,Ada,Bob,");
    CHECK_TEXT(row(1)->name, "Ada");
    CHECK_EQUAL(list.note_count, 2);
    CHECK(contains(list.notes[0].reason, "\"Group\" is left out"));
    CHECK(contains(list.notes[1].reason, "\"Name\" is left out"));
    CHECK_EQUAL(list.notes[0].line, 1);
}

TEST("A file without known columns, without rows or that is no text is refused.")
{
    read_text("Ada,ada@example.org\nBob,bob@example.org");
    check_refused(R_FILE_UNKNOWN, 1, "names no column");
    CHECK_EQUAL(list.note_count, 0);
    read_text("name\n\n");
    check_refused(R_FILE_HAS_ERRORS, 0, "No candidate");
    read_text(" ");
    check_refused(R_FILE_EMPTY, 0, "empty");
    read_text("name\nRen\xE9");
    check_refused(R_FILE_NOT_TEXT, 2, "UTF-8");
    read_text("PK\x03\x04");
    check_refused(R_FILE_UNKNOWN, 0, "Office");
}

TEST("Twenty thousand candidates are read, one more is too many, and both are quick.")
{
    static char text[ROSTER_ROWS_MAX * 32];
    size_t n = (size_t)snprintf(text, sizeof text, "name,email\n");
    for (int i = 0; i < ROSTER_ROWS_MAX; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "N%d,n%d@b.org\n", i, i);
    clock_t start = clock();
    read_bytes((Span){(u8 *)text, n});
    CHECK_EQUAL(list.ok_count, ROSTER_ROWS_MAX);
    n += (size_t)snprintf(text + n, sizeof text - n, "last,\n");
    read_bytes((Span){(u8 *)text, n});
    check_refused(R_TOO_LARGE, ROSTER_ROWS_MAX + 2, "more than 20000");
    CHECK((clock() - start) / CLOCKS_PER_SEC < 3);
}

TEST("No file of 4 MB takes long, however it was made.")
{
    static const char *const parts[] = {"\"",   ",", "\n",  "\"\"", "a,",
                                        "\"\n", "a", "a\n", ",\n",  "\t;"};
    static char text[IMPORT_BYTES_MAX];
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t n = strlen(parts[i]), at = (size_t)snprintf(text, sizeof text, "name,email\n");
        for (; at + n <= IMPORT_BYTES_MAX; at += n)
            memcpy(text + at, parts[i], n);
        clock_t start = clock();
        read_bytes((Span){(u8 *)text, at});
        CHECK((clock() - start) / CLOCKS_PER_SEC < 2);
    }
}

TEST("The template is a roster that can be read.")
{
    Buf b;
    buf_init(&b, 1000);
    roster_template(&b);
    read_bytes(buf_view(&b));
    buf_done(&b);
    CHECK_EQUAL(list.ok_count, 1);
    CHECK_EQUAL(list.note_count, 0);
    CHECK_TEXT(row(1)->name, "Example, Erin");
    CHECK_EQUAL(row(1)->factor_permille, 1250);
}

TEST("When memory is short the reader says so, and the result is untouched.")
{
    for (size_t limit = 0; limit < 30000; limit += 64) {
        Arena a;
        Roster out = {.refusal = 12345};
        arena_init(&a, limit);
        Err err = roster_read(
            &a, SPAN("first name,last name,email\n\"A\"\"a\",B,c@d.org\nx,y,bad\n"), &out);
        CHECK(err == OK || err == ERR_MEMORY);
        if (err) CHECK_EQUAL(out.refusal, 12345);
        arena_done(&a);
    }
}

int main(void)
{
    int failed = test_run_all();
    arena_done(&arena);
    return failed;
}
