/* GIFT as Moodle writes it: one test for each rule of docs/guides/importing.md. */
#include "test/link/import_help.h"

#include <time.h>

static void gift(const char *text)
{
    read_text(text, IMPORT_GIFT);
}

static i32 score(u32 n, const char *answer)
{
    return item_score_milli(item(n), span_of(answer));
}

TEST("One = and some ~ make a single choice.")
{
    gift("Who's buried in Grant's tomb?{~Grant ~Jefferson =no one}");
    CHECK_EQUAL(item(1)->kind, ITEM_single_choice);
    CHECK_EQUAL(item(1)->number, 1);
    CHECK_EQUAL(item(1)->format, FORMAT_PLAIN);
    CHECK_EQUAL(item(1)->points_milli, 1000);
    CHECK_EQUAL(item(1)->line, 1);
    CHECK_TEXT(item(1)->text, "Who's buried in Grant's tomb?");
    CHECK_EQUAL(item(1)->option_count, 3);
    CHECK_TEXT(option(1, 1)->text, "Grant");
    CHECK_TEXT(option(1, 3)->text, "no one");
    CHECK_EQUAL(option(1, 1)->fraction_permille, 0);
    CHECK_EQUAL(option(1, 3)->fraction_permille, 1000);
    CHECK_EQUAL(score(1, "3"), 1000);
}

TEST("Shares without = make a multiple choice.")
{
    gift("Which are prime?{~%50%2 ~%-50%4 ~%50%5 ~%-50%6}");
    CHECK_EQUAL(item(1)->kind, ITEM_multiple_choice);
    CHECK_EQUAL(option(1, 1)->fraction_permille, 500);
    CHECK_EQUAL(option(1, 2)->fraction_permille, -500);
    CHECK_EQUAL(score(1, "1,3"), 1000);
    CHECK_EQUAL(score(1, "1,2"), 0);
}

TEST("Shares that are thirds give all points when all are chosen.")
{
    gift("Q{~%33.33333%a ~%33.33333%b ~%33.33333%c ~%-100%d}\n\n"
         "Q{~%14.28571%a ~%14.28571%b ~%14.28571%c ~%14.28571%d ~%14.28571%e ~%14.28571%f "
         "~%14.28571%g}");
    CHECK_EQUAL(score(1, "1,2,3"), 1000);
    CHECK_EQUAL(score(1, "1,2,3,4"), 0);
    CHECK_EQUAL(score(2, "1,2,3,4,5,6,7"), 1000);
}

TEST("A share beside a = gives part of the points of a single choice.")
{
    gift("Q{=best ~%50%good ~%-25.5%bad}");
    CHECK_EQUAL(item(1)->kind, ITEM_single_choice);
    CHECK_EQUAL(score(1, "2"), 500);
    CHECK_EQUAL(option(1, 3)->fraction_permille, -255);
}

TEST("Two = in a choice: either is right, and a note says so.")
{
    gift("Q{=a =b ~c}");
    CHECK_EQUAL(item(1)->kind, ITEM_single_choice);
    CHECK_EQUAL(score(1, "1"), 1000);
    CHECK_EQUAL(score(1, "2"), 1000);
    check_note(1, "any one of them is right");
}

TEST("Shares that do not add up, are missing or out of range are errors.")
{
    gift("Q{~%50%a ~b}");
    check_error(1, "add up to 50.0 %");
    gift("Q{~a ~b}");
    check_error(1, "No option is marked as right");
    gift("\nQ{\n=a\n~%-150%b}");
    check_error(4, "between %-100% and %100%");
}

TEST("What only looks like a share is text.")
{
    gift("Q{=%50 of it ~50% ~%x%y}");
    CHECK_TEXT(option(1, 1)->text, "%50 of it");
    CHECK_TEXT(option(1, 2)->text, "50%");
    CHECK_TEXT(option(1, 3)->text, "%x%y");
}

TEST("A choice needs two answers, none of them empty, and nothing before the first.")
{
    gift("Q{~%100%only}");
    check_error(1, "at least two answers");
    gift("Q{=a ~}");
    check_error(1, "An answer is empty");
    gift("Q{=a ~[html]}");
    check_error(1, "An answer is empty");
    gift("Q{\n=\\n =b}");
    check_error(2, "An answer is empty");
    gift("Q{[markdown]#x}");
    check_error(1, "An answer is empty");
    gift("Q{a ~b =c}");
    check_error(1, "before the first ~ or =");
}

TEST("True and false have four spellings, in any letter case.")
{
    gift("A{T}\n\nB{TRUE}\n\nC{F}\n\nD{ false }");
    for (u32 i = 1; i <= 4; i++)
        CHECK_EQUAL(item(i)->kind, ITEM_true_false);
    CHECK_EQUAL(score(1, "true"), 1000);
    CHECK_EQUAL(score(2, "true"), 1000);
    CHECK_EQUAL(score(3, "true"), 0);
    CHECK_EQUAL(score(3, "false"), 1000);
    CHECK_EQUAL(score(4, "false"), 1000);
    CHECK_TEXT(option(1, 1)->text, "True");
    CHECK_TEXT(option(1, 2)->text, "False");
}

TEST("The first feedback of true or false is for the wrong answer, the second for the right one.")
{
    gift("A{FALSE#wrong#right}\n\nB{TRUE#wrong}\n\nC{TRUE# #right}\n\nD{T#w#r####both}");
    CHECK_TEXT(option(1, 1)->feedback, "wrong");
    CHECK_TEXT(option(1, 2)->feedback, "right");
    CHECK_TEXT(option(2, 2)->feedback, "wrong");
    CHECK_TEXT(option(2, 1)->feedback, "");
    CHECK_TEXT(option(3, 1)->feedback, "right");
    CHECK_TEXT(option(4, 1)->feedback, "r");
    CHECK_TEXT(item(4)->feedback, "both");
}

TEST("Several = without ~ make a short text, with shares.")
{
    gift("Two plus two?{=four =4 =%50%about 4#nearly =%20%*}");
    CHECK_EQUAL(item(1)->kind, ITEM_short_text);
    CHECK_EQUAL(score(1, " FOUR "), 1000);
    CHECK_EQUAL(score(1, "4"), 1000);
    CHECK_EQUAL(score(1, "about 4"), 500);
    CHECK_EQUAL(score(1, "five"), 200);
    CHECK_TEXT(option(1, 3)->feedback, "nearly");
}

TEST("A word alone in the braces is an accepted text.")
{
    gift("Number 1 in words?{One}\n\nYes in French?{oui =si}");
    CHECK_EQUAL(item(1)->kind, ITEM_short_text);
    CHECK_TEXT(option(1, 1)->text, "One");
    CHECK_EQUAL(item(2)->option_count, 2);
}

TEST("Numbers: exact, with a tolerance, a range, negative, with a comma.")
{
    gift("A{#1822}\n\nB{#3.1415:0.0005}\n\nC{#3.141..3.142}\n\nD{#-5..5}\n\nE{#=3,5:0,1}\n\nF{#-1}"
         "\n\n"
         "G{# 1e3 : 10 }");
    for (u32 i = 1; i <= 7; i++)
        CHECK_EQUAL(item(i)->kind, ITEM_numeric);
    CHECK_EQUAL(score(1, "1822.0"), 1000);
    CHECK_EQUAL(score(1, "1822.1"), 0);
    CHECK_EQUAL(score(2, "3.141"), 1000);
    CHECK_EQUAL(score(2, "3.142"), 1000);
    CHECK_EQUAL(score(2, "3.1409"), 0);
    CHECK_EQUAL(score(3, "3,1415"), 1000);
    CHECK_EQUAL(score(4, "-5"), 1000);
    CHECK_EQUAL(score(4, "5.01"), 0);
    CHECK_EQUAL(score(5, "3.4"), 1000);
    CHECK_EQUAL(score(6, "-1"), 1000);
    CHECK_EQUAL(score(7, "990"), 1000);
}

TEST("Several numbers with shares and feedback, and a feedback for every other number.")
{
    gift("When?{#\n  =1822:0#exactly\n  =%50%1822:2\n  ~#Look at page 12.\n}");
    CHECK_EQUAL(score(1, "1822"), 1000);
    CHECK_EQUAL(score(1, "1823"), 500);
    CHECK_EQUAL(score(1, "1900"), 0);
    CHECK_TEXT(option(1, 1)->feedback, "exactly");
    CHECK_TEXT(option(1, 1)->text, "1822:0");
    CHECK_EQUAL(item(1)->option_count, 3);
    CHECK_TEXT(option(1, 3)->feedback, "Look at page 12.");
    gift("Q{#=*}");
    CHECK_EQUAL(score(1, "-12345"), 1000);
}

TEST("What is not a number is an error on its line.")
{
    gift("Q{#\n=abc}");
    check_error(2, "\"abc\" is not a number");
    gift("Q{#}");
    check_error(1, "number is missing");
    gift("Q{#5..1}");
    check_error(1, "smaller number first");
    gift("Q{#5:-1}");
    check_error(1, "not a number");
    gift("Q{#=}");
    check_error(1, "An answer is empty");
}

TEST("Empty braces make an essay.")
{
    gift("Write a short biography. {}\n\nAnother{ \n }\n\nWith hint{####Be brief.}");
    CHECK_EQUAL(item(1)->kind, ITEM_essay);
    CHECK_EQUAL(item(1)->option_count, 0);
    CHECK_EQUAL(item(2)->kind, ITEM_essay);
    CHECK_TEXT(item(3)->feedback, "Be brief.");
}

TEST("Answers in the middle of a sentence leave a gap, with the blanks as they were.")
{
    gift("Grant is {~buried =entombed ~living} in Grant's tomb.\n\n{=Asia} is "
         "large.\n\nPi?{#3..4}.\n\n"
         "un{=believ}able");
    CHECK_TEXT(item(1)->text, "Grant is _____ in Grant's tomb.");
    CHECK_TEXT(item(2)->text, "_____ is large.");
    CHECK_TEXT(item(3)->text, "Pi?_____.");
    CHECK_TEXT(item(4)->text, "un_____able");
    CHECK_EQUAL(item(4)->kind, ITEM_short_text);
}

TEST("Titles stand between double colons and may hold escaped ones.")
{
    gift("::Q1\\:\\: tombs::Who?{=a ~b}\n\n:: Q2 ::\nWho\\:\\: is it?{=a ~b}\n\n::a:b::Q{T}");
    CHECK_TEXT(item(1)->name, "Q1:: tombs");
    CHECK_TEXT(item(1)->text, "Who?");
    CHECK_TEXT(item(2)->name, "Q2");
    CHECK_TEXT(item(2)->text, "Who:: is it?");
    CHECK_TEXT(item(3)->name, "a:b");
    gift("\n::Q1 Who?{=a ~b}");
    check_error(2, "title that begins with ::");
}

TEST("A long title is cut at a character.")
{
    static char text[700] = "::";
    for (int i = 0; i < 150; i++)
        memcpy(text + 2 + 2 * i, "é", 2);
    memcpy(text + 302, "x::Q{T}", 8);
    gift(text);
    CHECK_EQUAL(item(1)->name.len, NAME_BYTES_MAX);
    memmove(text + 3, text + 2, 400);
    text[2] = 'x';
    gift(text);
    CHECK_EQUAL(item(1)->name.len, NAME_BYTES_MAX - 1);
}

TEST("A backslash takes the meaning of a control character away, and other backslashes stay.")
{
    gift("Q \\{x\\} \\= \\~ \\# \\: \\\\ \\(TeX\\) a\\nb{=\\=a\\~ ~\\#b#f\\#g ~\\ }");
    CHECK_TEXT(item(1)->text, "Q {x} = ~ # : \\ \\(TeX\\) a\nb");
    CHECK_TEXT(option(1, 1)->text, "=a~");
    CHECK_TEXT(option(1, 2)->text, "#b");
    CHECK_TEXT(option(1, 2)->feedback, "f#g");
    CHECK_TEXT(option(1, 3)->text, "\\");
}

TEST("Feedback follows #, general feedback follows ####, over several lines.")
{
    gift("Q{\n~a#no,\nnot a\n=b#yes\n####All about\nb}");
    CHECK_TEXT(option(1, 1)->feedback, "no,\nnot a");
    CHECK_TEXT(option(1, 2)->feedback, "yes");
    CHECK_TEXT(item(1)->feedback, "All about\nb");
    CHECK_EQUAL(item(1)->option_count, 2);
}

TEST("The last #### counts, also when more signs stand there.")
{
    gift("Q{=a#####x ~b}\n\nQ{=a####y####z}");
    CHECK_TEXT(item(1)->feedback, "x ~b");
    CHECK_TEXT(item(2)->feedback, "z");
}

TEST("The format mark rules the text, and the answers that have no mark of their own.")
{
    gift("[html]<b>Q</b>{=<i>a</i>#<u>f</u> "
         "~b}\n\n[markdown]*Q*{T}\n\n[plain]<b>{T}\n\n[moodle]Q{T}");
    CHECK_EQUAL(item(1)->format, FORMAT_HTML);
    CHECK_TEXT(item(1)->text, "<b>Q</b>");
    CHECK_TEXT(option(1, 1)->text, "<i>a</i>");
    CHECK_EQUAL(item(2)->format, FORMAT_MARKDOWN);
    CHECK_EQUAL(item(3)->format, FORMAT_PLAIN);
    CHECK_TEXT(item(3)->text, "<b>");
    CHECK_EQUAL(item(4)->format, FORMAT_PLAIN);
    gift("[1] is a reference{T}");
    CHECK_TEXT(item(1)->text, "[1] is a reference");
}

TEST("Texts of different formats become HTML, so that each looks as it was meant.")
{
    gift("[plain]a < b{=[html]<i>a</i> ~[plain]x & y ~[markdown]**z**}");
    CHECK_EQUAL(item(1)->format, FORMAT_HTML);
    CHECK_TEXT(item(1)->text, "<p>a &lt; b</p>");
    CHECK_TEXT(option(1, 1)->text, "<i>a</i>");
    CHECK_TEXT(option(1, 2)->text, "<p>x &amp; y</p>");
    CHECK_TEXT(option(1, 3)->text, "<p><strong>z</strong></p>\n");
}

TEST("Without a mark, text with tags that end is HTML and its line ends are kept; other text is "
     "plain.")
{
    gift("a <b>bold</b>\nline{T}\n\n<p>x\ny</p>{T}\n\nWhat does the <b> tag do?{T}\n\n"
         "vector<int> v; a<b && c>d{T}\n\nH&nbsp;2{T}\n\nR&D; x{T}");
    CHECK_EQUAL(item(1)->format, FORMAT_HTML);
    CHECK_TEXT(item(1)->text, "a <b>bold</b><br>\nline");
    CHECK_EQUAL(item(2)->format, FORMAT_HTML);
    CHECK_TEXT(item(2)->text, "<p>x\ny</p>");
    CHECK_EQUAL(item(3)->format, FORMAT_PLAIN);
    CHECK_EQUAL(item(4)->format, FORMAT_PLAIN);
    CHECK_EQUAL(item(5)->format, FORMAT_HTML);
    CHECK_EQUAL(item(6)->format, FORMAT_PLAIN);
}

TEST("Accepted texts and numbers stay as they were written, whatever the format.")
{
    gift("[html]<p>x</p>{=a<b =<i> =[html]c}\n\n[html]<p>x</p>{#<p>1</p>}");
    CHECK_EQUAL(in.error_count, 1);
    gift("[html]<p>x</p>{=a<b =<i> =[html]c#[plain]f<g}");
    CHECK_TEXT(option(1, 1)->text, "a<b");
    CHECK_TEXT(option(1, 2)->text, "<i>");
    CHECK_TEXT(option(1, 3)->text, "c");
    CHECK_TEXT(option(1, 3)->feedback, "<p>f&lt;g</p>");
}

TEST("Comments count only at the beginning of a line, and never in lines of a question.")
{
    gift("// one\nQ is at http://x.org // here{\n  // two {\n=a\n~b // no\n}\n// three");
    CHECK_EQUAL(in.paper.item_count, 1);
    CHECK_TEXT(item(1)->text, "Q is at http://x.org // here");
    CHECK_TEXT(option(1, 2)->text, "b // no");
    CHECK_EQUAL(item(1)->line, 2);
    gift("a\n// c\nb{T}");
    CHECK_TEXT(item(1)->text, "a\nb");
}

TEST("A comment in front of an error does not shift its line.")
{
    gift("// 1\n\n// 3\nQ\n// 5\n{#\n// 7\n=1\n// 9\n=x}");
    check_error(10, "\"x\" is not a number");
}

TEST("Line ends may be those of any system, and the file may begin with a byte order mark.")
{
    gift("\xEF\xBB\xBF"
         "Q1{\r\n=a\r\n~b}\r\n\r\nQ2{T}\r\rQ3{T}");
    CHECK_EQUAL(in.paper.item_count, 3);
    CHECK_TEXT(item(1)->text, "Q1");
    CHECK_EQUAL(item(2)->line, 5);
    CHECK_EQUAL(item(3)->line, 7);
}

TEST("A blank line ends a question, also inside the braces.")
{
    gift("Q1{=a\n~b\n\n~c}\n\nQ2{T}");
    CHECK_EQUAL(in.error_count, 2);
    CHECK_EQUAL(in.errors[0].line, 1);
    CHECK(contains(in.errors[0].reason, "before the next blank line"));
    CHECK_EQUAL(in.errors[1].line, 4);
    CHECK(contains(in.errors[1].reason, "} without its {"));
    CHECK_EQUAL(in.refusal, R_FILE_HAS_ERRORS);
    CHECK_EQUAL(in.paper.item_count, 1);
}

TEST("Braces that are too many name their line and what to write instead.")
{
    gift("Q {\n=a ~\n{b}");
    check_error(3, "inside the answers that began at line 1");
    gift("Q1{T}\nQ2{F}");
    check_error(2, "blank line between two questions");
    gift("Q\n}");
    check_error(2, "} without its {");
    gift("} {T}");
    check_error(1, "} without its {");
}

TEST("A text without answers is shown above the next question, and a note says so.")
{
    gift("::Info::Use a pencil.\n\nAnd paper.\n\nTrue?{T}");
    CHECK_EQUAL(in.paper.item_count, 1);
    CHECK_TEXT(item(1)->text, "Use a pencil.\n\nAnd paper.\n\nTrue?");
    CHECK_TEXT(item(1)->name, "");
    CHECK_EQUAL(item(1)->line, 5);
    check_note(1, "above the question of line 5");
    check_note(3, "above the question of line 5");
    gift("[html]<p>x</p>\n\nTrue?{T}");
    CHECK_TEXT(item(1)->text, "<div><p>x</p></div><div><p>True?</p></div>");
}

TEST("A text without answers at the end of the file is an error.")
{
    gift("Q{T}\n\nWhere is the answer?");
    check_error(3, "no question follows it");
}

TEST("Matching questions are refused with their line.")
{
    gift("Q{T}\n\nMatch. {\n=a -> b\n=c -> d\n}\n\nQ{F}");
    check_error(3, "Matching questions cannot be read yet");
    CHECK_EQUAL(in.paper.item_count, 2);
}

TEST("The category names the paper; without one the file does.")
{
    gift("$CATEGORY: $course$/top/Week 1 // a\n\nQ{T}\n\n$CATEGORY: other\nQ{F}");
    CHECK_TEXT(in.paper.name, "Week 1 // a");
    CHECK_EQUAL(in.paper.item_count, 2);
    check_note(5, "\"other\" is left out");
    gift("Q{T}");
    CHECK_TEXT(in.paper.name, "week 1.quiz");
}

TEST("A question without text is an error.")
{
    gift("::title::{T}");
    check_error(1, "no text");
    gift("[html] {T}");
    check_error(1, "no text");
}

TEST("No answer with points is an error, none with all points a note.")
{
    gift("Q{=%0%a =%-10%b}");
    check_error(1, "No answer of this question earns points");
    gift("Q{=%50%a}");
    CHECK_EQUAL(item(1)->option_count, 1);
    check_note(1, "the best earns 50.0 %");
}

TEST("A picture that is not in the file is noted.")
{
    gift("[html]<p>x</p><img src\\=\"@@PLUGINFILE@@/3.png\" alt\\=\"a map\">{T}\n\n"
         "[markdown]![map](https\\://example.org/x.png){T}");
    CHECK_EQUAL(item(1)->format, FORMAT_HTML);
    check_note(1, "picture");
    check_note(3, "picture");
    gift("[html]<img src\\=\"data\\:image/png;base64,iVBORw0KGgo\\=\">{T}");
    CHECK_EQUAL(in.note_count, 0);
}

TEST("A question with 65 answers, a file with 301 questions: too many.")
{
    static char text[400 * 16];
    size_t n = (size_t)snprintf(text, sizeof text, "Q{=a");
    for (int i = 0; i < 64; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "\n~%d", i);
    snprintf(text + n, sizeof text - n, "}");
    gift(text);
    check_error(65, "at most 64 answers");
    n = 0;
    for (int i = 0; i < ITEMS_MAX + 1; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "Q%d{T}\n\n", i);
    gift(text);
    check_error(2 * ITEMS_MAX + 1, "more than 300 questions");
}

TEST("A text that is too long to be shown is an error.")
{
    static char text[HTML_BYTES_MAX + 100];
    memset(text, 'x', HTML_BYTES_MAX + 1);
    memcpy(text + HTML_BYTES_MAX + 1, "{T}", 4);
    gift(text);
    check_error(1, "too long or nested too deeply");
    static char text2[1000];
    size_t n = (size_t)snprintf(text2, sizeof text2, "\n[html]");
    for (int i = 0; i < 300; i++)
        memcpy(text2 + n + 3 * (size_t)i, "<b>", 3);
    memcpy(text2 + n + 900, "x{T}", 5);
    gift(text2);
    check_error(2, "nested too deeply");
}

TEST("Reading ends at the 200th error, and says so.")
{
    static char text[300 * 8];
    size_t n = 0;
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "Q{#x}\n\n");
    gift(text);
    CHECK_EQUAL(in.error_count, IMPORT_ERRORS_MAX);
    CHECK(in.too_many_errors);
    CHECK_EQUAL(in.refusal, R_FILE_HAS_ERRORS);
}

TEST("No file of 4 MB takes long, however it was made.")
{
    static const char *const parts[] = {"{",
                                        "}",
                                        "~",
                                        "{}",
                                        "=",
                                        "#",
                                        "\\",
                                        "{}\n\n",
                                        "a\n\n",
                                        "::",
                                        "//\n",
                                        "a\n",
                                        "{=a}\n\n",
                                        "####",
                                        "Q{~a\n",
                                        "%1%",
                                        "{#\n\n",
                                        "<b>{T}\n\n",
                                        "$CATEGORY: a\n",
                                        "&lt;",
                                        "<b ",
                                        "Q{#1..2}\n\n",
                                        ":",
                                        "\r"};
    static char text[IMPORT_BYTES_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t n = strlen(parts[i]);
        for (size_t at = 0; at + n <= IMPORT_BYTES_MAX; at += n)
            memcpy(text + at, parts[i], n);
        clock_t start = clock();
        read_bytes((Span){(u8 *)text, IMPORT_BYTES_MAX / n * n}, IMPORT_GIFT);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (seconds > 1) printf("  \"%s\" took %.2f s\n", parts[i], seconds);
        CHECK(seconds < 3); /* sanitizers included */
    }
}

static bool read_public(const char *name)
{
    static char path[200];
    static u8 bytes[100000];
    snprintf(path, sizeof path, "../shared/data/questions/gift/%s.gift", name);
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    read_bytes((Span){bytes, n}, IMPORT_GIFT);
    return true;
}

TEST("Public GIFT files are read, each with the number of questions it has.")
{
    static const struct {
        const char *name;
        u32 items, errors;
    } files[] = {{"TFTwoFeedback", 3, 0},
                 {"category1", 0, 1},
                 {"description1", 1, 0},
                 {"descriptionWithID", 1, 0},
                 {"escapeAll", 1, 0},
                 {"escapeColon", 1, 0},
                 {"essay1", 1, 0},
                 {"formatExamples", 1, 0},
                 {"markdown", 0, 4},
                 {"matching1", 0, 2},
                 {"mc1", 1, 0},
                 {"mc2", 1, 0},
                 {"mc4", 1, 0},
                 {"mc5", 4, 0},
                 {"multiLineFeedback1", 2, 0},
                 {"newlineAndLaTeX", 1, 0},
                 {"numerical1", 10, 0},
                 {"shortAnswer1", 2, 0},
                 {"shortAnswer2", 2, 0},
                 {"shortFirstEmbedded", 2, 0},
                 {"tag_id", 1, 0},
                 {"tf1", 1, 0},
                 {"tf1_html", 1, 0}};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (!read_public(files[i].name)) SKIP("../shared/data/questions/gift is not there");
        bool fits = in.paper.item_count == files[i].items && in.error_count == files[i].errors;
        if (!fits) printf("  %s:\n", files[i].name);
        for (u32 k = 0; !fits && k < in.error_count; k++)
            printf("  line %u: %.*s\n", in.errors[k].line, SPAN_ARG(in.errors[k].reason));
        CHECK_EQUAL(in.paper.item_count, files[i].items);
        CHECK_EQUAL(in.error_count, files[i].errors);
    }
}

TEST("Public GIFT files: what was meant is what is read.")
{
    if (!read_public("escapeAll")) SKIP("../shared/data/questions/gift is not there");
    CHECK_EQUAL(item(1)->option_count, 7);
    CHECK_TEXT(option(1, 1)->text, "~");
    CHECK_TEXT(option(1, 7)->text, "\\");
    CHECK_EQUAL(option(1, 7)->fraction_permille, 1000);
    CHECK(read_public("multiLineFeedback1"));
    CHECK_TEXT(item(1)->feedback, "Global feedback split\non multiple lines");
    CHECK_EQUAL(item(2)->format, FORMAT_HTML);
    CHECK_EQUAL(item(2)->option_count, 6);
    check_note(18, "picture");
    CHECK(read_public("numerical1"));
    CHECK_EQUAL(score(3, "3.142"), 1000);
    CHECK_EQUAL(score(10, "9"), 1000);
    CHECK_EQUAL(score(10, "5"), 0);
    CHECK(read_public("newlineAndLaTeX"));
    CHECK_TEXT(item(1)->text, "Blah\nblah $ 1 \\neq 0 $");
    CHECK(read_public("escapeColon"));
    CHECK_EQUAL(item(1)->option_count, 5);
}

int main(void)
{
    int failed = test_run_all();
    arena_done(&in_arena);
    return failed;
}
