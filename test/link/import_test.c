/* The door for question files: what is refused before any format is read, and which format is guessed. */
#include "test/link/import_help.h"

static void refused(Span file, u16 refusal, u32 line, const char *words)
{
    read_bytes(file, IMPORT_AUTO);
    CHECK_EQUAL(in.refusal, refusal);
    check_error(line, words);
    CHECK_EQUAL(in.paper.item_count, 0);
}

TEST("An empty file, or one of blanks alone, is refused.")
{
    refused(SPAN_NONE, R_FILE_EMPTY, 0, "empty");
    refused(SPAN(" \n\t\n"), R_FILE_EMPTY, 0, "empty");
    refused(SPAN("\xEF\xBB\xBF"), R_FILE_EMPTY, 0, "empty");
}

TEST("A file over 4 MB is refused.")
{
    static u8 big[IMPORT_BYTES_MAX + 1];
    memset(big, 'x', sizeof big);
    refused((Span){big, sizeof big}, R_TOO_LARGE, 0, "larger than 4 MB");
}

TEST("Documents, archives and pictures are called what they are.")
{
    refused(SPAN("PK\x03\x04zip"), R_FILE_UNKNOWN, 0, "zip");
    refused(SPAN("%PDF-1.7"), R_FILE_UNKNOWN, 0, "PDF");
    refused(SPAN("\x89PNG\r\n"), R_FILE_UNKNOWN, 0, "picture");
    refused(SPAN("{\\rtf1 x}"), R_FILE_UNKNOWN, 0, "rich text");
    refused(SPAN("\xD0\xCF\x11\xE0 doc"), R_FILE_UNKNOWN, 0, "Office");
    refused(SPAN("<?xml version='1.0'?><quiz/>"), R_FILE_UNKNOWN, 0, "XML");
}

TEST("Text that is not UTF-8 is refused with the line where it is not.")
{
    refused(SPAN("Q1{T}\n\nCaf\xE9{T}"), R_FILE_NOT_TEXT, 3, "UTF-8");
    refused(SPAN("Q1{T}\r\nQ2\0{T}"), R_FILE_NOT_TEXT, 2, "zero byte");
    refused(SPAN("\xFF\xFEQ\0{\0"), R_FILE_NOT_TEXT, 0, "UTF-16");
}

TEST("The format is guessed from the content.")
{
    read_text("Q\nA. {x}\nB. y\nANSWER: A", IMPORT_AUTO);
    CHECK_EQUAL(in.format, IMPORT_AIKEN);
    CHECK_EQUAL(in.paper.item_count, 1);
    read_text("Q{=a ~b}", IMPORT_AUTO);
    CHECK_EQUAL(in.format, IMPORT_GIFT);
    CHECK_TEXT(span_of(import_format_text(in.format)), "GIFT");
    refused(SPAN("Dear all,\nthe exam is on Monday."), R_FILE_UNKNOWN, 0, "No question was found");
}

TEST("A format that the person has chosen is not guessed.")
{
    read_text("Q{=a ~b}", IMPORT_AIKEN);
    check_error(1, "no ANSWER line");
    read_text("No braces here.", IMPORT_GIFT);
    check_error(1, "no answers in braces");
}

TEST("The paper takes its name from the file when the file has none.")
{
    read_text("Q{T}", IMPORT_AUTO);
    CHECK_TEXT(in.paper.name, "week 1.quiz");
    Import other;
    CHECK_EQUAL(import_read(&in_arena, SPAN("Q{T}"), SPAN("/a/.gift"), IMPORT_AUTO, &other), OK);
    CHECK_TEXT(other.paper.name, ".gift");
    CHECK_EQUAL(import_read(&in_arena, SPAN("Q{T}"), SPAN("\xFF"), IMPORT_AUTO, &other), OK);
    CHECK_TEXT(other.paper.name, "");
}

TEST("What was read does not need the file any more.")
{
    char text[] = "::name::Question{=right#f ~wrong####g}";
    read_text(text, IMPORT_AUTO);
    memset(text, 'x', sizeof text - 1);
    CHECK_TEXT(item(1)->name, "name");
    CHECK_TEXT(item(1)->text, "Question");
    CHECK_TEXT(item(1)->feedback, "g");
    CHECK_TEXT(option(1, 1)->text, "right");
    char lines[] = "Question\nA. a\nB. b\nANSWER: A";
    read_text(lines, IMPORT_AUTO);
    memset(lines, 'x', sizeof lines - 1);
    CHECK_TEXT(item(1)->text, "Question");
    CHECK_TEXT(option(1, 2)->text, "b");
}

TEST("When memory is short the reader says so, wherever it is, and the result is untouched.")
{
    static const char text[] =
        "d{\n\n$CATEGORY: a/b\n\n[html]<p>x</p>\n\n::t::Q {=a#f ~[plain]b} r\n\n"
        "Q{#1:2 ~#no}\n\nQ{=x}\n\nQ{T#a#b####c}";
    static const char answers[] = "Q <b>x</b>\nA. a\nB. b\nANSWER: A";
    for (size_t limit = 0; limit < 300000; limit += limit < 40000 ? 512 : 64) {
        Arena a;
        Import out = {.refusal = 12345};
        arena_init(&a, limit);
        Err err = import_read(&a, limit % 1024 ? SPAN(text) : SPAN(answers), SPAN("n"), 0, &out);
        CHECK(err == OK || err == ERR_MEMORY);
        if (err) CHECK_EQUAL(out.refusal, 12345);
        arena_done(&a);
        if (!err && limit > 200000) break;
    }
}

int main(void)
{
    int failed = test_run_all();
    arena_done(&in_arena);
    return failed;
}
