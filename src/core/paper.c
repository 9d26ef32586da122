/* paper.c - the score of a whole paper. */
#include "core/paper.h"

PaperScore paper_score(const Paper *p, Span (*answer)(void *ctx, u32 number), void *ctx)
{
    PaperScore sum = {0};
    for (u32 i = 0; i < p->item_count; i++) {
        const Item *item = &p->items[i];
        i32 points = item_score_milli(item, answer(ctx, item->number));
        if (points < 0) {
            sum.unmarked_max_milli += item->points_milli;
            sum.unmarked_count++;
        } else {
            sum.points_milli += points;
            sum.max_milli += item->points_milli;
        }
    }
    return sum;
}
