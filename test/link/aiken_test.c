/* Aiken files. */
#include "test/link/import_help.h"

static void aiken(const char *text)
{
    read_text(text, IMPORT_AIKEN);
}

TEST("A question, lettered options and an ANSWER line make a single choice.")
{
    aiken("What is 2 + 2?\nA. 3\nB) 4\nC. 5\nANSWER: B\n\nNext?\nA) x\nB) y\nANSWER: A");
    CHECK_EQUAL(in.format, IMPORT_AIKEN);
    CHECK_EQUAL(in.paper.item_count, 2);
    CHECK_EQUAL(item(1)->kind, ITEM_single_choice);
    CHECK_TEXT(item(1)->text, "What is 2 + 2?");
    CHECK_EQUAL(item(1)->option_count, 3);
    CHECK_TEXT(option(1, 2)->text, "4");
    CHECK_EQUAL(item_score_milli(item(1), SPAN("2")), 1000);
    CHECK_EQUAL(item_score_milli(item(1), SPAN("1")), 0);
    CHECK_EQUAL(item(2)->line, 7);
    CHECK_EQUAL(item(2)->number, 2);
}

TEST("A question may have several lines, and blank lines do not matter.")
{
    aiken("\nLine one\nand two?\n\nA. x\n\nB. y\n\nANSWER: B\n");
    CHECK_TEXT(item(1)->text, "Line one\nand two?");
    CHECK_EQUAL(item(1)->line, 2);
}

TEST("ANSWER may be written in small letters and without a blank; its letter may not.")
{
    aiken("Q\nA. x\nB. y\nanswer:B");
    CHECK_EQUAL(option(1, 2)->fraction_permille, 1000);
    aiken("Q\nA. x\nB. y\nANSWER: b");
    check_error(4, "one capital letter");
}

TEST("A letter that is followed by other text is no option.")
{
    aiken("A.B. Smith wrote what?\nA. x\nB. y\nANSWER: A");
    CHECK_TEXT(item(1)->text, "A.B. Smith wrote what?");
}

TEST("Every error names its line, and reading goes on with the next question.")
{
    aiken("Q1\nA. x\nANSWER: A\n\nQ2\nA. x\nB. y\nANSWER: C\n\nQ3\nA. x\nC. y\nANSWER: A\n\n"
          "Q4\nA. x\nB. y\nANSWER: A, B\n\nQ5\nA. x\nmore\nB. y\nANSWER: A\n\nANSWER: A\n\n"
          "B. x\nANSWER: B\n\nQ6\nA. x\nB.\nANSWER: A\n\nQ7\nA. x\nB. y\nANSWER: A\n\nQ8\nA. x");
    static const struct {
        u32 line;
        const char *words;
    } want[] = {{3, "fewer than two options"},
                {8, "The answer is C, but the options end with B"},
                {12, "Option C comes where option B must come"},
                {18, "one capital letter"},
                {22, "\"B. text\""},
                {26, "without a question"},
                {28, "Option B stands without a question"},
                {33, "Option B has no text"},
                {41, "no ANSWER line before the end"}};
    for (u32 i = 0; i < in.error_count; i++)
        if (i >= COUNT_OF(want) || in.errors[i].line != want[i].line ||
            !contains(in.errors[i].reason, want[i].words))
            printf("  line %u: %.*s\n", in.errors[i].line, SPAN_ARG(in.errors[i].reason));
    CHECK_EQUAL(in.error_count, COUNT_OF(want));
    for (u32 i = 0; i < COUNT_OF(want); i++) {
        CHECK_EQUAL(in.errors[i].line, want[i].line);
        CHECK(contains(in.errors[i].reason, want[i].words));
    }
    CHECK_EQUAL(in.paper.item_count, 1);
    CHECK_TEXT(in.paper.items[0].text, "Q7");
}

TEST("Twenty-six options are read, the letters end there.")
{
    char text[600] = "Q\n";
    size_t n = 2;
    for (int i = 0; i < 26; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%c. %d\n", 'A' + i, i);
    snprintf(text + n, sizeof text - n, "ANSWER: Z");
    aiken(text);
    CHECK_EQUAL(item(1)->option_count, 26);
    CHECK_EQUAL(option(1, 26)->fraction_permille, 1000);
    snprintf(text + n, sizeof text - n, "A. again\nANSWER: Z");
    aiken(text);
    check_error(28, "at most 26 options");
}

TEST("HTML in an Aiken file is HTML.")
{
    aiken("What is <b>H</b><sub>2</sub>O?\nA. <i>a</i>\nB. 1 < 2\nANSWER: A");
    CHECK_EQUAL(item(1)->format, FORMAT_HTML);
    CHECK_TEXT(option(1, 2)->text, "<p>1 &lt; 2</p>");
}

int main(void)
{
    int failed = test_run_all();
    arena_done(&in_arena);
    return failed;
}
