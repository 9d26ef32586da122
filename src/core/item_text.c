/* Answers that are compared with accepted texts or ranges: short text and number. */
#include "base/text.h"
#include "core/item.h"
#include "core/item_fold.h"

i32 item_best_number(const Item *item, Span answer)
{
    double value;
    i32 best = 0;
    if (!text_to_double(text_trim(answer), &value)) return 0;
    for (u32 i = 0; i < item->option_count; i++) {
        const Option *o = &item->options[i];
        if (o->low <= value && value <= o->high) best = MAX_OF(best, o->fraction_permille);
    }
    return best;
}

i32 item_best_text(const Item *item, Span answer)
{
    i32 best = 0;
    for (u32 i = 0; i < item->option_count; i++) {
        const Option *o = &item->options[i];
        if (o->fraction_permille > best && item_text_fits(o->text, answer))
            best = o->fraction_permille;
    }
    return best;
}
