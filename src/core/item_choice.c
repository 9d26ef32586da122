/* Answers that name options: single and multiple choice. */
#include "core/item.h"

/* One number off the front of *s, without leading zeros; 0: there is none. */
static u32 number_take(Span *s)
{
    u32 n = 0;
    while (s->len && s->ptr[0] >= '0' && s->ptr[0] <= '9' && n <= OPTIONS_MAX) {
        if (n == 0 && s->ptr[0] == '0') return 0;
        n = n * 10 + (u32)(s->ptr[0] - '0');
        s->ptr++;
        s->len--;
    }
    return n;
}

bool item_choices(Span answer, u32 count, OptionSet *out)
{
    OptionSet set = 0;
    u32 before = 0;
    while (answer.len) {
        if (before) {
            if (answer.ptr[0] != ',') return false;
            answer.ptr++;
            answer.len--;
        }
        u32 n = number_take(&answer);
        if (n <= before || n > count || n > OPTIONS_MAX) return false;
        set |= (OptionSet)1 << (n - 1);
        before = n;
    }
    *out = set;
    return true;
}
