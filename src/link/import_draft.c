/* import_draft.c - from a draft to an item: one mark-up for all texts of an item, and the checks that hold
 * for every format. */
#include "base/limits.h"
#include "base/text.h"
#include "link/html.h"
#include "link/html_parts.h"
#include "link/import_parts.h"

enum {
    PARTS_MAX = DRAFT_BEFORE_MAX + 2 + 2 * OPTIONS_MAX,
    TREE_BYTES_MAX = 4 * 1024 * 1024,
    MARKUP_TRIES_MAX = 64
};

typedef struct Parts {
    Part *at[PARTS_MAX];
    u32 count;
} Parts;

/* ---- shares ---- */

static i32 best_share(const Draft *d)
{
    i32 best = -1000;
    for (u32 i = 0; i < d->option_count; i++)
        best = MAX_OF(best, d->options[i].fraction_permille);
    return best;
}

/* Shares like 33.33333 % do not add up in thousandths; the first ones take what is missing. */
static void shares_even_out(Draft *d, i32 missing)
{
    i32 step = missing > 0 ? 1 : -1;
    while (missing)
        for (u32 i = 0; i < d->option_count && missing; i++) {
            if (d->options[i].fraction_permille <= 0) continue;
            d->options[i].fraction_permille += step;
            missing -= step;
        }
}

static bool multiple_shares_fit(Reader *r)
{
    Draft *d = &r->draft;
    i32 sum = 0;
    for (u32 i = 0; i < d->option_count; i++)
        sum += MAX_OF(d->options[i].fraction_permille, 0);
    if (sum == 0) {
        reader_error(
            r, d->line,
            "No option is marked as right. Put = before the right option, or a share such as "
            "%%50%% after the ~ of each right one.");
        return false;
    }
    if (sum < 990 || sum > 1010) {
        reader_error(
            r, d->line,
            "The shares of the right options add up to %d.%d %%. Change them so that they add "
            "up to 100 %%.",
            (int)(sum / 10), (int)(sum % 10));
        return false;
    }
    shares_even_out(d, 1000 - sum);
    return true;
}

bool draft_shares_fit(Reader *r)
{
    Draft *d = &r->draft;
    if (d->kind == ITEM_multiple_choice) return multiple_shares_fit(r);
    i32 best = best_share(d);
    if (best <= 0) {
        reader_error(r, d->line,
                     "No answer of this question earns points. Mark at least one as right.");
        return false;
    }
    if (best < 1000)
        reader_note(r, d->line,
                    "No answer of this question earns all points: the best earns %d.%d %%.",
                    (int)(best / 10), (int)(best % 10));
    return true;
}

/* ---- mark-up ---- */

static bool is_entity(Span s)
{
    size_t n = 1;
    if (n < s.len && s.ptr[n] == '#') n++;
    size_t start = n;
    for (; n < s.len && n - start < 8; n++) {
        u8 c = s.ptr[n] | 0x20;
        if (!(c >= 'a' && c <= 'z') && !(s.ptr[n] >= '0' && s.ptr[n] <= '9')) break;
    }
    return n - start >= 2 && n < s.len && s.ptr[n] == ';';
}

/* The name of a tag that begins at s ("<name" and a tag's next byte); empty: it is none. */
static Span tag_name(Span s)
{
    size_t n = 1;
    while (n < s.len && n < 20 &&
           ((s.ptr[n] >= 'a' && s.ptr[n] <= 'z') || (n > 1 && s.ptr[n] >= '1' && s.ptr[n] <= '6')))
        n++;
    bool ends = n < s.len && memchr("> /\n\t", s.ptr[n], 5);
    return ends ? (Span){s.ptr + 1, n - 1} : SPAN_NONE;
}

/* A tag shows that HTML is meant when it is a known one that has no end, or its end follows: "the <b> tag"
 * in a text is not mark-up. */
static bool is_markup(Span s, const Tag **found)
{
    char name[24] = "", end[28] = "</";
    Span n = tag_name(s);
    if (!n.len) return false;
    memcpy(name, n.ptr, n.len);
    const Tag *tag = *found = html_tag(name);
    if (!tag->name[0] || tag->use == TAG_DROP) return false;
    if (tag->use == TAG_VOID || tag->use == TAG_PICTURE) return true;
    memcpy(end + 2, n.ptr, n.len);
    end[2 + n.len] = '>';
    return memmem(s.ptr, s.len, end, n.len + 3) != NULL;
}

/* What the text of an author who did not say it looks like; *lines: its line ends have no mark-up. */
static Markup markup_guess(Span text, bool *lines)
{
    Markup guess = MARKUP_PLAIN;
    u32 tries = 0; /* each may look to the end of the text */
    *lines = true;
    for (size_t i = 0; i < text.len && tries < MARKUP_TRIES_MAX && *lines; i++) {
        Span rest = {text.ptr + i, text.len - i};
        const Tag *tag = NULL;
        if (text.ptr[i] == '&' && is_entity(rest)) guess = MARKUP_HTML;
        if (text.ptr[i] != '<' || !tag_name(rest).len) continue;
        tries++;
        if (!is_markup(rest, &tag)) continue;
        guess = MARKUP_HTML;
        *lines = !tag->block;
    }
    return guess;
}

/* What a buffer holds, in the arena; the buffer is freed. */
static Span buffer_keep(Reader *r, Buf *b)
{
    Span copy = reader_copy(r, buf_view(b));
    if (b->failed) reader_fault(r);
    buf_done(b);
    return copy;
}

static Span with_breaks(Reader *r, Span text)
{
    Buf b;
    buf_init(&b, 8 * ITEM_BYTES_MAX);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n') buf_text(&b, "<br>");
        buf_u8(&b, text.ptr[i]);
    }
    return buffer_keep(r, &b);
}

static void part_settle(Reader *r, Part *p, Markup inherited)
{
    bool lines;
    if (p->markup == MARKUP_AUTO) p->markup = inherited;
    if (p->markup != MARKUP_AUTO) return;
    p->markup = markup_guess(p->text, &lines);
    if (p->markup == MARKUP_HTML && lines) p->text = with_breaks(r, p->text);
}

static TextFormat format_of(Markup markup)
{
    switch (markup) {
    case MARKUP_HTML: return FORMAT_HTML;
    case MARKUP_MARKDOWN: return FORMAT_MARKDOWN;
    case MARKUP_AUTO:
    case MARKUP_PLAIN: break;
    }
    return FORMAT_PLAIN;
}

static void parts_push(Parts *list, Part *p)
{
    if (p->text.len) list->at[list->count++] = p;
}

/* The texts that are shown. Accepted texts and numbers are compared, not shown: they stay as they are. */
static void parts_list(Draft *d, Parts *list)
{
    bool shown = d->kind == ITEM_single_choice || d->kind == ITEM_multiple_choice;
    for (u32 i = 0; i < d->before_count; i++)
        parts_push(list, &d->before[i]);
    parts_push(list, &d->text);
    parts_push(list, &d->feedback);
    for (u32 i = 0; i < d->option_count; i++) {
        if (shown) parts_push(list, &d->options[i].text);
        parts_push(list, &d->options[i].feedback);
    }
}

/* Gives all texts one format: their own when they agree, HTML when they do not. */
static Err parts_agree(Reader *r, const Parts *list, TextFormat *format)
{
    Markup inherited = r->draft.text.markup;
    bool agree = true;
    for (u32 i = 0; i < list->count; i++) {
        part_settle(r, list->at[i], inherited);
        agree = agree && list->at[i]->markup == list->at[0]->markup;
    }
    *format = list->count ? format_of(list->at[0]->markup) : FORMAT_PLAIN;
    if (agree) return OK;
    for (u32 i = 0; i < list->count; i++) {
        Part *p = list->at[i];
        Err err = html_from(r->arena, p->text, format_of(p->markup), &p->text);
        if (err) return err;
    }
    *format = FORMAT_HTML;
    return OK;
}

/* ---- checks ---- */

static u32 count_of(Span text, Span what)
{
    u32 n = 0;
    for (const u8 *p; text.len && (p = memmem(text.ptr, text.len, what.ptr, what.len)); n++)
        text = (Span){p + what.len, text.len - (size_t)(p - text.ptr) - what.len};
    return n;
}

static void note_missing_pictures(Reader *r, const Part *p, TextFormat format, Span tree)
{
    u32 wanted = format == FORMAT_HTML       ? count_of(p->text, SPAN("<img"))
                 : format == FORMAT_MARKDOWN ? count_of(p->text, SPAN("!["))
                                             : 0;
    if (wanted <= count_of(tree, SPAN("[\"img\""))) return;
    reader_note(
        r, p->line,
        "A picture of this question is not in the file, or is too large or of another kind. Its "
        "description is shown instead.");
}

/* Every text can be shown: makes the tree that candidates will get, and throws it away. */
static bool part_fits(Reader *r, const Part *p, TextFormat format)
{
    Buf tree;
    buf_init(&tree, TREE_BYTES_MAX);
    Err err = html_tree(&r->scratch, p->text, format, &tree);
    if (!err) note_missing_pictures(r, p, format, buf_view(&tree));
    buf_done(&tree);
    arena_reset(&r->scratch);
    if (!err) return true;
    if (err == ERR_MEMORY) {
        reader_fault(r);
        return false;
    }
    reader_error(
        r, p->line,
        "This text is too long or nested too deeply to be shown. Shorten it, or divide the "
        "question.");
    return false;
}

static bool parts_fit(Reader *r, const Parts *list, TextFormat format)
{
    size_t bytes = 0;
    for (u32 i = 0; i < list->count; i++)
        bytes += list->at[i]->text.len;
    if (bytes > ITEM_BYTES_MAX) {
        reader_error(r, r->draft.line,
                     "The question and its answers are longer than %d kB. Divide it, or make its "
                     "pictures smaller.",
                     ITEM_BYTES_MAX / 1024);
        return false;
    }
    for (u32 i = 0; i < list->count; i++)
        if (!part_fits(r, list->at[i], format)) return false;
    return true;
}

/* ---- to the item ---- */

/* The texts before the question and its own, as one. */
static Span text_joined(Reader *r, TextFormat format)
{
    Draft *d = &r->draft;
    Buf b;
    if (!d->before_count) return d->text.text;
    buf_init(&b, 2 * ITEM_BYTES_MAX);
    for (u32 i = 0; i <= d->before_count; i++) {
        Span text = i < d->before_count ? d->before[i].text : d->text.text;
        if (format == FORMAT_HTML) buf_text(&b, "<div>");
        else if (i) buf_text(&b, "\n\n");
        buf_span(&b, text);
        if (format == FORMAT_HTML) buf_text(&b, "</div>");
    }
    return buffer_keep(r, &b);
}

static Option *options_make(Reader *r)
{
    const Draft *d = &r->draft;
    Option *options = ARENA_ARRAY(r->arena, Option, MAX_OF(d->option_count, 1u));
    if (!options) {
        reader_fault(r);
        return NULL;
    }
    for (u32 i = 0; i < d->option_count; i++) {
        const DraftOption *o = &d->options[i];
        options[i] = (Option){.text = o->text.text,
                              .fraction_permille = o->fraction_permille,
                              .low = o->low,
                              .high = o->high,
                              .feedback = o->feedback.text};
    }
    return options;
}

static void item_add(Reader *r, TextFormat format)
{
    const Draft *d = &r->draft;
    Paper *paper = &r->out->paper;
    Item item = {.number = paper->item_count + 1,
                 .kind = d->kind,
                 .format = format,
                 .points_milli = 1000,
                 .name = d->name,
                 .text = text_joined(r, format),
                 .feedback = d->feedback.text,
                 .options = options_make(r),
                 .option_count = d->option_count,
                 .line = d->line};
    if (!r->stop) paper->items[paper->item_count++] = item;
}

static bool draft_has_room(Reader *r)
{
    if (r->out->paper.item_count < ITEMS_MAX) return true;
    reader_error(r, r->draft.line,
                 "The file has more than %d questions. Divide it and import the parts.", ITEMS_MAX);
    r->stop = true;
    return false;
}

void draft_add(Reader *r)
{
    Draft *d = &r->draft;
    Parts list = {.count = 0};
    TextFormat format = FORMAT_PLAIN;
    if (!r->stop && draft_has_room(r)) {
        if (!d->text.text.len) {
            reader_error(r, d->line, "The question has no text. Write it before the answers.");
        } else {
            parts_list(d, &list);
            Err err = parts_agree(r, &list, &format);
            if (err == ERR_MEMORY) reader_fault(r);
            else if (err)
                reader_error(r, d->line, "A text of this question is too long. Shorten it.");
            else if (parts_fit(r, &list, format)) item_add(r, format);
        }
    }
    *d = (Draft){.kind = ITEM_NONE};
}
