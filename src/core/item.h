/* item.h - what the item files of the core share. Others include paper.h. */
#ifndef INVIGIL_CORE_ITEM_H
#define INVIGIL_CORE_ITEM_H

#include "core/paper.h"

/* Option numbers as a set; option n is bit n - 1. */
typedef u64 OptionSet;
_Static_assert(OPTIONS_MAX <= 64, "an OptionSet has a bit for each option");

/* Reads "3" or "1,3": numbers from 1 to count, ascending, no blanks. False on anything else; an
 * empty answer is the empty set. */
bool item_choices(Span answer, u32 count, OptionSet *out);

/* The best fraction in permille among the options that the answer fits, 0 when it fits none. */
i32 item_best_number(const Item *item, Span answer);
i32 item_best_text(const Item *item, Span answer);

#endif
