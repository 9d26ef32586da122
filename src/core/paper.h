/* paper.h - an assessment as the core sees it: items, their options and keys.
 *
 * A Paper and all it points to lives in one arena (or other memory) of its maker, and is not changed
 * after it is published. Texts are UTF-8, not sanitized: whoever shows them does that.
 * Nothing here allocates. */
#ifndef INVIGIL_PAPER_H
#define INVIGIL_PAPER_H

#include "base/base.h"
#include "base/limits.h"

/* Question types: schema/items.def. */
typedef enum ItemKind {
    ITEM_NONE = 0,
#define I(id, name, words, help) ITEM_##name = id,
#include "schema/items.def"
#undef I
} ItemKind;

typedef enum TextFormat { FORMAT_PLAIN = 0, FORMAT_HTML = 1, FORMAT_MARKDOWN = 2 } TextFormat;

/* One choice, one accepted text, or one accepted number range, by the kind of its item. */
typedef struct Option {
    Span text;             /* choice, short_text: the text; numeric: as the author wrote it */
    i32 fraction_permille; /* share of the item's points: 1000 right, 0 wrong, may be negative */
    double low, high;      /* numeric: accepted when low <= answer <= high */
    Span feedback;
} Option;

typedef struct Item {
    u32 number; /* 1.. within the paper: how answers name it */
    ItemKind kind;
    /* Of text, feedback and the choices of the choice kinds. What is compared or fixed (short_text,
     * numeric, true_false) is plain in every item. */
    TextFormat format;
    u32 points_milli; /* 1000 = one point */
    Span name;        /* the author's title, may be empty; never shown to candidates */
    Span text;
    Span feedback; /* general feedback, shown with results */
    Option *options;
    u32 option_count;
    u32 line; /* where the item began in the imported file; 0: unknown */
} Item;

typedef struct Paper {
    Span name;
    Item *items; /* item n is items[n - 1] */
    u32 item_count;
} Paper;

/* Score of one answer in thousandths of a point, -1: a person must mark it (essay).
 * Answer forms: single_choice "2" (option number from 1), multiple_choice "1,3" (ascending),
 * true_false "true" | "false", numeric "3.14" ('.' or ','), short_text and essay the text itself.
 * An empty answer scores 0, an essay too; no answer scores below 0 or above the item's points.
 * multiple_choice: the sum of the chosen fractions. numeric, short_text: the best fraction of the
 * options that fit; '*' in a short_text option fits any run of characters, letter case and
 * surrounding blanks do not count (as Moodle does). */
i32 item_score_milli(const Item *item, Span answer);

/* Why an answer cannot be taken: 0 = fine, else a Refusal of schema/errors.def. Checks form and size. */
u16 item_check_answer(const Item *item, Span answer);

typedef struct PaperScore {
    i64 points_milli;       /* sum over the items that a machine can mark */
    i64 max_milli;          /* of those items */
    i64 unmarked_max_milli; /* of the items that a person must still mark */
    u32 unmarked_count;
} PaperScore;

/* answer(ctx, number) gives the stored answer of an item, empty when there is none. */
PaperScore paper_score(const Paper *p, Span (*answer)(void *ctx, u32 number), void *ctx);

#endif
