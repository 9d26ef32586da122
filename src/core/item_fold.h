/* item_fold.h - comparing short answers: letter case, blanks and '*' patterns. Pure. */
#ifndef INVIGIL_CORE_ITEM_FOLD_H
#define INVIGIL_CORE_ITEM_FOLD_H

#include "base/base.h"

/* Whether answer fits pattern: '*' fits any run of characters, "\*" is a star, letter case does not
 * count (ASCII, Latin-1, Latin Extended-A, Greek, Cyrillic), nor do blanks at both ends; inner runs
 * of blanks count as one. Time: at most pattern length x answer length. */
bool item_text_fits(Span pattern, Span answer);

#endif
