/* item.c - what an answer must look like and what it is worth, for every question type. */
#include "core/item.h"

#include "base/text.h"
#include "wire/wire.h"

enum { SHORT_TEXT_BYTES_MAX = TEXT_BYTES_MAX, NUMBER_BYTES_MAX = 63 };

/* Fractions add up in 64 bits and end between nothing and all of the points. */
static i32 share_milli(const Item *item, i64 fraction_permille)
{
    i64 f = MIN_OF(MAX_OF(fraction_permille, (i64)0), (i64)1000);
    i64 max = MIN_OF(item->points_milli, (u32)INT32_MAX);
    return (i32)((max * f + 500) / 1000); /* half a thousandth rounds up */
}

static i64 choices_fraction(const Item *item, Span answer)
{
    OptionSet set;
    i64 sum = 0;
    u32 count = MIN_OF(item->option_count, (u32)OPTIONS_MAX);
    if (!item_choices(answer, count, &set)) return 0;
    for (u32 i = 0; i < count; i++)
        if (set >> i & 1) sum += item->options[i].fraction_permille;
    return sum;
}

static i64 single_fraction(const Item *item, Span answer)
{
    return memchr(answer.ptr, ',', answer.len) ? 0 : choices_fraction(item, answer);
}

static i64 true_false_fraction(const Item *item, Span answer)
{
    u32 at = span_equal(answer, SPAN("true")) ? 0 : span_equal(answer, SPAN("false")) ? 1 : 2;
    return at < 2 && at < item->option_count ? item->options[at].fraction_permille : 0;
}

i32 item_score_milli(const Item *item, Span answer)
{
    i64 fraction = 0;
    if (item->kind == ITEM_essay) return answer.len ? -1 : 0;
    if (!answer.len) return 0;
    switch (item->kind) {
    case ITEM_single_choice: fraction = single_fraction(item, answer); break;
    case ITEM_multiple_choice: fraction = choices_fraction(item, answer); break;
    case ITEM_true_false: fraction = true_false_fraction(item, answer); break;
    case ITEM_numeric: fraction = item_best_number(item, answer); break;
    case ITEM_short_text: fraction = item_best_text(item, answer); break;
    case ITEM_essay:
    case ITEM_NONE: break;
    }
    return share_milli(item, fraction);
}

static bool text_fits(Span answer, size_t max)
{
    return answer.len <= max && text_is_utf8(answer) &&
           (!answer.len || !memchr(answer.ptr, 0, answer.len));
}

static bool choice_fits(const Item *item, Span answer, bool only_one)
{
    OptionSet set;
    u32 count = MIN_OF(item->option_count, (u32)OPTIONS_MAX);
    return item_choices(answer, count, &set) && (!only_one || (set & (set - 1)) == 0);
}

/* A number that is still being typed ("-", "1e") is an answer too: it is stored, and scores 0. */
static bool number_fits(Span answer)
{
    for (size_t i = 0; i < answer.len; i++)
        if (!memchr("0123456789+-.,eE ", answer.ptr[i], 17)) return false;
    return answer.len <= NUMBER_BYTES_MAX;
}

u16 item_check_answer(const Item *item, Span answer)
{
    bool fits = false;
    if (answer.len > ANSWER_BYTES_MAX) return R_TOO_LARGE;
    if (!answer.len) return ACCEPTED;
    switch (item->kind) {
    case ITEM_single_choice: fits = choice_fits(item, answer, true); break;
    case ITEM_multiple_choice: fits = choice_fits(item, answer, false); break;
    case ITEM_true_false:
        fits = span_equal(answer, SPAN("true")) || span_equal(answer, SPAN("false"));
        break;
    case ITEM_numeric: fits = number_fits(answer); break;
    case ITEM_short_text: fits = text_fits(answer, SHORT_TEXT_BYTES_MAX); break;
    case ITEM_essay: fits = text_fits(answer, ANSWER_BYTES_MAX); break;
    case ITEM_NONE: break;
    }
    return fits ? ACCEPTED : R_BAD_ANSWER;
}
