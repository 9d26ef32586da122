/* Scores and forms of answers, for every question type. */
#include "test/test.h"

#include "base/text.h"
#include "core/item_fold.h"
#include "core/paper.h"
#include "wire/wire.h"

static Option shares[5] = {{.fraction_permille = 1000},
                           {.fraction_permille = 0},
                           {.fraction_permille = 500},
                           {.fraction_permille = 500},
                           {.fraction_permille = -750}};

static Item item_of(ItemKind kind, u32 points_milli)
{
    return (Item){.number = 1,
                  .kind = kind,
                  .points_milli = points_milli,
                  .options = shares,
                  .option_count = COUNT_OF(shares)};
}

static i32 score(ItemKind kind, const char *answer)
{
    Item item = item_of(kind, 2000);
    return item_score_milli(&item, span_of(answer));
}

static u16 check(ItemKind kind, const char *answer)
{
    Item item = item_of(kind, 2000);
    return item_check_answer(&item, span_of(answer));
}

static i32 score_text(const char *pattern, const char *answer)
{
    Option o = {.text = span_of(pattern), .fraction_permille = 1000};
    Item item = {
        .kind = ITEM_short_text, .points_milli = 1, .options = &o, .option_count = 1, .number = 1};
    return item_score_milli(&item, span_of(answer));
}

static double number(const char *text)
{
    double v = -999;
    return text_to_double(span_of(text), &v) ? v : -999;
}

TEST("A single choice is worth the share of the option that was chosen.")
{
    CHECK_EQUAL(score(ITEM_single_choice, "1"), 2000);
    CHECK_EQUAL(score(ITEM_single_choice, "2"), 0);
    CHECK_EQUAL(score(ITEM_single_choice, "3"), 1000);
}

TEST("A negative share never takes points from other questions.")
{
    CHECK_EQUAL(score(ITEM_single_choice, "5"), 0);
    CHECK_EQUAL(score(ITEM_multiple_choice, "5"), 0);
    CHECK_EQUAL(score(ITEM_multiple_choice, "3,5"), 0);
}

TEST("A multiple choice is worth the sum of the chosen shares, at most all points.")
{
    CHECK_EQUAL(score(ITEM_multiple_choice, "3"), 1000);
    CHECK_EQUAL(score(ITEM_multiple_choice, "3,4"), 2000);
    CHECK_EQUAL(score(ITEM_multiple_choice, "3,4,5"), 500);
    CHECK_EQUAL(score(ITEM_multiple_choice, "1,3,4"), 2000);
}

TEST("An empty answer is allowed everywhere and scores nothing.")
{
    for (int kind = ITEM_single_choice; kind <= ITEM_essay; kind++) {
        CHECK_EQUAL(score((ItemKind)kind, ""), 0);
        CHECK_EQUAL(check((ItemKind)kind, ""), ACCEPTED);
    }
    Item item = item_of(ITEM_multiple_choice, 1000);
    CHECK_EQUAL(item_score_milli(&item, SPAN_NONE), 0);
    CHECK_EQUAL(item_check_answer(&item, SPAN_NONE), ACCEPTED);
}

TEST("Choices that are doubled, unsorted, out of range or not numbers are refused and score "
     "nothing.")
{
    static const char *const bad[] = {"1,1", "9",   "3,1", "0",    "6",  "1,",         ",1", "1, 2",
                                      "01",  "1;2", "-1",  "1,,2", "x",  "4294967297", " 1", "1 ",
                                      "1.0", "+1",  "1e0", "١",    "64", "1,2,3,4,5,6"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK_EQUAL(check(ITEM_multiple_choice, bad[i]), R_BAD_ANSWER);
        CHECK_EQUAL(check(ITEM_single_choice, bad[i]), R_BAD_ANSWER);
        CHECK_EQUAL(score(ITEM_multiple_choice, bad[i]), 0);
        CHECK_EQUAL(score(ITEM_single_choice, bad[i]), 0);
    }
    CHECK_EQUAL(check(ITEM_multiple_choice, "1,2,3,4,5"), ACCEPTED);
}

TEST("A single choice takes one option only.")
{
    CHECK_EQUAL(check(ITEM_single_choice, "1,3"), R_BAD_ANSWER);
    CHECK_EQUAL(score(ITEM_single_choice, "1,3"), 0);
    CHECK_EQUAL(check(ITEM_single_choice, "5"), ACCEPTED);
}

TEST("Sixty-four options can all be chosen.")
{
    Option many[OPTIONS_MAX];
    for (int i = 0; i < OPTIONS_MAX; i++)
        many[i] = (Option){.fraction_permille = i < 40 ? 25 : 0};
    Item item = {.kind = ITEM_multiple_choice,
                 .points_milli = 1000,
                 .options = many,
                 .option_count = OPTIONS_MAX};
    char all[4 * OPTIONS_MAX];
    size_t n = 0;
    for (int i = 1; i <= OPTIONS_MAX; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, i == 1 ? "%d" : ",%d", i);
    CHECK_EQUAL(item_check_answer(&item, span_of(all)), ACCEPTED);
    CHECK_EQUAL(item_score_milli(&item, span_of(all)), 1000);
    CHECK_EQUAL(item_check_answer(&item, SPAN("65")), R_BAD_ANSWER);
}

TEST("True or false takes these two words only, and option 1 is True.")
{
    CHECK_EQUAL(score(ITEM_true_false, "true"), 2000);
    CHECK_EQUAL(score(ITEM_true_false, "false"), 0);
    CHECK_EQUAL(check(ITEM_true_false, "false"), ACCEPTED);
    CHECK_EQUAL(check(ITEM_true_false, "True"), R_BAD_ANSWER);
    CHECK_EQUAL(check(ITEM_true_false, "1"), R_BAD_ANSWER);
    CHECK_EQUAL(score(ITEM_true_false, "1"), 0);
}

TEST("A number counts when it lies within an accepted range, ends included, and the best range "
     "counts.")
{
    Option ranges[] = {{.low = 1820, .high = 1824, .fraction_permille = 500},
                       {.low = 1822, .high = 1822, .fraction_permille = 1000},
                       {.low = 1900, .high = 1900, .fraction_permille = -1000}};
    Item item = {.kind = ITEM_numeric, .points_milli = 1000, .options = ranges, .option_count = 3};
    CHECK_EQUAL(item_score_milli(&item, SPAN("1822")), 1000);
    CHECK_EQUAL(item_score_milli(&item, SPAN("1824")), 500);
    CHECK_EQUAL(item_score_milli(&item, SPAN("1824.0001")), 0);
    CHECK_EQUAL(item_score_milli(&item, SPAN("1820")), 500);
    CHECK_EQUAL(item_score_milli(&item, SPAN("1900")), 0);
    CHECK_EQUAL(item_score_milli(&item, SPAN(" 1,822e3 ")), 1000);
    CHECK_EQUAL(item_score_milli(&item, SPAN("1822x")), 0);
    CHECK_EQUAL(item_score_milli(&item, SPAN("-")), 0);
}

TEST("A number that is still being typed can be stored, other text cannot.")
{
    CHECK_EQUAL(check(ITEM_numeric, "-"), ACCEPTED);
    CHECK_EQUAL(check(ITEM_numeric, "3,"), ACCEPTED);
    CHECK_EQUAL(check(ITEM_numeric, "1 e"), ACCEPTED);
    CHECK_EQUAL(check(ITEM_numeric, "three"), R_BAD_ANSWER);
    CHECK_EQUAL(check(ITEM_numeric, "0x10"), R_BAD_ANSWER);
    CHECK_EQUAL(
        check(ITEM_numeric, "1111111111111111111111111111111111111111111111111111111111111111"),
        R_BAD_ANSWER);
}

TEST("Decimal numbers are read exactly, with point or comma, and nothing else is a number.")
{
    static const char *const same[] = {"0",
                                       "1",
                                       "-1",
                                       "3.14",
                                       "0.1",
                                       "2.5e-3",
                                       "1e22",
                                       "1e-5",
                                       "123.456",
                                       "99.9999",
                                       ".5",
                                       "5.",
                                       "+7.25",
                                       "-0.3",
                                       "1E5",
                                       "1e-22",
                                       "3.141",
                                       "0.000001",
                                       "123456789012345",
                                       "1.23456789012345"};
    for (size_t i = 0; i < COUNT_OF(same); i++)
        CHECK(number(same[i]) == strtod(same[i], NULL));
    CHECK(number("3,14") == 3.14);
    CHECK(number("0e999") == 0 && number("1e-999") == 0 && number("1e299") >= 9e298);
    static const char *const bad[] = {"",      "-",     ".",        ",",   "e5",     "1e",
                                      "1.2.3", "1,2.3", "1 2",      "--1", "+-1",    "1e+-2",
                                      "0x1",   "1e301", "inf",      "nan", "1e9999", "1e99999",
                                      "²",     "1e5.",  "infinity", " 1"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK(number(bad[i]) == -999);
}

TEST("Any decimal within the range is within a part in 10^15 of what the C library reads.")
{
    u64 seed = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        char text[64];
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        snprintf(text, sizeof text, "%" PRIu64 ".%06" PRIu64 "e%d", seed % 10000000000u,
                 seed % 1000000, (int)(seed % 580) - 300);
        double want = strtod(text, NULL), have = number(text);
        if (want > 1e299) continue;
        double off = have > want ? have - want : want - have;
        CHECK(off <= want * 1e-14 + 1e-320);
    }
}

TEST("Short answers ignore letter case and surrounding blanks, and take a run of blanks as one.")
{
    CHECK_EQUAL(score_text("Paris", "  pARIS\n"), 1);
    CHECK_EQUAL(score_text(" New   York ", "new york"), 1);
    CHECK_EQUAL(score_text("New York", "newyork"), 0);
    CHECK_EQUAL(score_text("Paris", "Pari"), 0);
    CHECK_EQUAL(score_text("Paris", "Pariss"), 0);
    CHECK_EQUAL(score_text("a b", "a\xC2\xA0"
                                  "b\xC2\xA0"),
                1);
}

TEST("Letter case is folded beyond ASCII.")
{
    CHECK_EQUAL(score_text("Żółć", "żÓŁĆ"), 1);
    CHECK_EQUAL(score_text("ÉCOLE", "école"), 1);
    CHECK_EQUAL(score_text("Öl", "öL"), 1);
    CHECK_EQUAL(score_text("Ž", "ž"), 1);
    CHECK_EQUAL(score_text("Ł", "ł"), 1);
    CHECK_EQUAL(score_text("ŸŐ", "ÿő"), 1);
    CHECK_EQUAL(score_text("ΑΘΗΝΑΣ", "αθηνας"), 1);
    CHECK_EQUAL(score_text("Москва", "МОСКВА"), 1);
    CHECK_EQUAL(score_text("Ёж", "ёж"), 1);
    CHECK_EQUAL(score_text("é", "e"), 0);
    CHECK_EQUAL(score_text("×", "÷"), 0);
    CHECK_EQUAL(score_text("ß", "ß"), 1);
}

TEST("A star stands for any run of characters, and a backslash makes it a star.")
{
    CHECK_EQUAL(score_text("*", "anything"), 1);
    CHECK_EQUAL(score_text("run*", "running"), 1);
    CHECK_EQUAL(score_text("run*", "run"), 1);
    CHECK_EQUAL(score_text("*ing", "sing ing"), 1);
    CHECK_EQUAL(score_text("a*b*c", "aXbbYc"), 1);
    CHECK_EQUAL(score_text("a*b*c", "aXbbYd"), 0);
    CHECK_EQUAL(score_text("a**c", "ac"), 1);
    CHECK_EQUAL(score_text("2\\*3", "2*3"), 1);
    CHECK_EQUAL(score_text("2\\*3", "2x3"), 0);
    CHECK_EQUAL(score_text("C:\\x", "c:\\X"), 1);
    CHECK_EQUAL(score_text("2*3", "2*3"), 1);
}

TEST("The best of several accepted texts counts.")
{
    Option texts[] = {{.text = SPAN("*"), .fraction_permille = -500},
                      {.text = SPAN("colo*r"), .fraction_permille = 500},
                      {.text = SPAN("colour"), .fraction_permille = 1000}};
    Item item = {
        .kind = ITEM_short_text, .points_milli = 3000, .options = texts, .option_count = 3};
    CHECK_EQUAL(item_score_milli(&item, SPAN("Colour")), 3000);
    CHECK_EQUAL(item_score_milli(&item, SPAN("color")), 1500);
    CHECK_EQUAL(item_score_milli(&item, SPAN("blue")), 0);
    CHECK_EQUAL(item_score_milli(&item, SPAN("   ")), 0);
}

TEST("Ill formed bytes match only themselves and never end the program.")
{
    CHECK_EQUAL(score_text("\xC3", "\xC3"), 1);
    CHECK_EQUAL(score_text("\xC3", "\xE9"), 0);
    CHECK_EQUAL(score_text("\xF4\x90*", "\xF4\x90\x80"), 1);
    CHECK_EQUAL(check(ITEM_short_text, "\xC3"), R_BAD_ANSWER);
    CHECK_EQUAL(check(ITEM_essay, "\xC3"), R_BAD_ANSWER);
}

TEST("Stars in a pattern do not make a long answer slow.")
{
    static char pattern[401], answer[4001];
    memset(answer, 'a', sizeof answer - 1);
    for (size_t i = 0; i + 1 < sizeof pattern; i++)
        pattern[i] = i % 2 ? 'a' : '*';
    pattern[sizeof pattern - 2] = 'b';
    CHECK_EQUAL(score_text(pattern, answer), 0);
}

TEST("An essay waits for a person, unless it is empty.")
{
    CHECK_EQUAL(score(ITEM_essay, "My answer"), -1);
    CHECK_EQUAL(score(ITEM_essay, ""), 0);
    CHECK_EQUAL(check(ITEM_essay, "Line 1\nline 2"), ACCEPTED);
}

TEST("Answers that are too long or hold a zero byte are refused.")
{
    static char big[ANSWER_BYTES_MAX + 2];
    memset(big, 'x', sizeof big - 1);
    Item item = item_of(ITEM_essay, 1000);
    CHECK_EQUAL(item_check_answer(&item, (Span){(u8 *)big, ANSWER_BYTES_MAX}), ACCEPTED);
    CHECK_EQUAL(item_check_answer(&item, (Span){(u8 *)big, ANSWER_BYTES_MAX + 1}), R_TOO_LARGE);
    CHECK_EQUAL(item_check_answer(&item, SPAN("a\0b")), R_BAD_ANSWER);
    item.kind = ITEM_short_text;
    CHECK_EQUAL(item_check_answer(&item, (Span){(u8 *)big, TEXT_BYTES_MAX}), ACCEPTED);
    CHECK_EQUAL(item_check_answer(&item, (Span){(u8 *)big, TEXT_BYTES_MAX + 1}), R_BAD_ANSWER);
}

TEST("Shares of odd points are rounded to the next thousandth.")
{
    Option third = {.fraction_permille = 333};
    Item item = {
        .kind = ITEM_single_choice, .points_milli = 1500, .options = &third, .option_count = 1};
    CHECK_EQUAL(item_score_milli(&item, SPAN("1")), 500);
    item.points_milli = UINT32_MAX;
    CHECK(item_score_milli(&item, SPAN("1")) > 0);
}

static Span answer_of(void *ctx, u32 n)
{
    return span_of(((const char **)ctx)[n - 1]);
}

TEST("The score of a paper adds what a machine can mark and names the rest.")
{
    Item items[3] = {item_of(ITEM_single_choice, 1000), item_of(ITEM_essay, 5000),
                     item_of(ITEM_essay, 7000)};
    items[1].number = 2;
    items[2].number = 3;
    Paper paper = {.items = items, .item_count = 3};
    const char *answers[] = {"1", "text", ""};
    PaperScore sum = paper_score(&paper, answer_of, answers);
    CHECK_EQUAL(sum.points_milli, 1000);
    CHECK_EQUAL(sum.max_milli, 8000);
    CHECK_EQUAL(sum.unmarked_max_milli, 5000);
    CHECK_EQUAL(sum.unmarked_count, 1);
    PaperScore none = paper_score(&(Paper){0}, answer_of, answers);
    CHECK_EQUAL(none.max_milli + none.points_milli, 0);
}

TEST_MAIN()
