#include <stdlib.h>

#include "base/map.h"
#include "http/show.h"
#include "link/html.h"

/* Question text as [node]. What cannot be read as mark-up is shown as the bare text. */
static void show_text(Body *b, const char *name, Arena *a, Span text, TextFormat format)
{
    body_open(b, name, '[');
    arena_reset(a);
    if (text.len && html_tree(a, text, format, &b->buf) != OK) html_json_text(&b->buf, text);
    body_shut(b, ']');
}

static bool kind_shows_options(ItemKind kind)
{
    return kind == ITEM_single_choice || kind == ITEM_multiple_choice || kind == ITEM_true_false;
}

static void show_option(Body *b, Arena *a, const Item *item, u32 number, bool with_keys)
{
    const Option *o = &item->options[number - 1];
    body_open(b, NULL, '{');
    body_number(b, "number", number);
    bool marked_up = item->kind == ITEM_single_choice || item->kind == ITEM_multiple_choice;
    show_text(b, "text", a, o->text, marked_up ? item->format : FORMAT_PLAIN);
    if (with_keys) {
        body_milli(b, "fraction", o->fraction_permille);
        if (item->kind == ITEM_numeric) {
            body_double(b, "low", o->low);
            body_double(b, "high", o->high);
        }
        show_text(b, "feedback", a, o->feedback, item->format);
    }
    body_shut(b, '}');
}

static void show_item(Body *b, Arena *a, const Item *item, bool with_keys)
{
    body_open(b, NULL, '{');
    body_number(b, "number", item->number);
    body_text(b, "kind", span_of(item_kind_name(item->kind)));
    body_milli(b, "points", item->points_milli);
    show_text(b, "text", a, item->text, item->format);
    if (with_keys) {
        body_text(b, "name", item->name);
        body_number(b, "line", item->line);
        show_text(b, "feedback", a, item->feedback, item->format);
    }
    /* Options of the other kinds are the accepted answers: keys. */
    body_open(b, "options", '[');
    if (with_keys || kind_shows_options(item->kind)) {
        for (u32 n = 1; n <= item->option_count; n++)
            show_option(b, a, item, n, with_keys);
    }
    body_shut(b, ']');
    body_shut(b, '}');
}

void show_items(Body *b, const char *name, const Paper *paper, bool with_keys)
{
    Arena a;
    arena_init(&a, ARENA_REQUEST_BYTES_MAX);
    body_open(b, name, '[');
    for (u32 i = 0; i < paper->item_count; i++)
        show_item(b, &a, &paper->items[i], with_keys);
    body_shut(b, ']');
    arena_done(&a);
}

i64 paper_points_milli(const Paper *paper)
{
    i64 sum = 0;
    for (u32 i = 0; i < paper->item_count; i++)
        sum += paper->items[i].points_milli;
    return sum;
}

/* ---- kept ready ---- */

struct PaperCache {
    u64 assessment[PAPER_CACHE_MAX]; /* 0: free */
    Body body[PAPER_CACHE_MAX];
    u32 next; /* gives way when all are taken */
};

PaperCache *paper_cache_open(void)
{
    return calloc(1, sizeof(PaperCache));
}

void paper_cache_close(PaperCache *p)
{
    if (!p) return;
    for (u32 i = 0; i < PAPER_CACHE_MAX; i++)
        body_done(&p->body[i]);
    free(p);
}

/* Ptr NULL: out of memory. */
static Span paper_ready(Site *s, u64 assessment)
{
    PaperCache *p = s->papers;
    for (u32 i = 0; i < PAPER_CACHE_MAX; i++)
        if (p->assessment[i] == assessment) return buf_view(&p->body[i].buf);
    const Paper *paper = engine_paper(s->engine, assessment);
    if (!paper) return SPAN_NONE;
    u32 at = p->next++ % PAPER_CACHE_MAX;
    Body *b = &p->body[at];
    body_done(b);
    p->assessment[at] = 0;
    body_init(b);
    body_open(b, NULL, '{');
    body_text(b, "name", paper->name);
    show_items(b, "items", paper, false);
    body_shut(b, '}');
    if (b->buf.failed) return SPAN_NONE;
    p->assessment[at] = assessment;
    return buf_view(&b->buf);
}

static Refusal may_read_paper(const Attempt *a)
{
    switch (a->state) {
    case ATTEMPT_none:
    case ATTEMPT_invited:
    case ATTEMPT_joined:
    case ATTEMPT_waiting: return R_TOO_EARLY;
    case ATTEMPT_active: return a->holds & HOLD_locked ? R_IS_LOCKED : ACCEPTED;
    case ATTEMPT_submitted:
    case ATTEMPT_ended:
    case ATTEMPT_refused:
    case ATTEMPT_absent:
    case ATTEMPT_STATES: break;
    }
    return R_IS_OVER;
}

Refusal paper_for_candidate(Site *s, const Asker *who, Span *json)
{
    const Attempt *a = who->attempt ? engine_attempt(s->engine, who->attempt) : NULL;
    if (!a) return R_NOT_FOUND;
    if (a->device && a->device != who->device) return R_OTHER_DEVICE;
    Refusal why = may_read_paper(a);
    if (why) return why;
    if (!engine_state_durable(s->engine, a->id)) return R_TOO_EARLY;
    *json = paper_ready(s, engine_session(s->engine, a->session)->assessment);
    return json->ptr ? ACCEPTED : R_BUSY;
}
