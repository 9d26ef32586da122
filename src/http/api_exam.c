/* What the candidate's own page reads: session, paper, stored answers, result. */
#include "http/handlers.h"
#include "http/show.h"

/* The candidate's attempt, or NULL after answering: a role alone is not a seat. */
static const Attempt *own_attempt(Call *c)
{
    const Attempt *a = c->who.attempt ? engine_attempt(c->site->engine, c->who.attempt) : NULL;
    if (!a) call_refuse(c, R_NOT_FOUND);
    return a;
}

/* The same, for the device that leads alone: another one may only ask to take over. */
static const Attempt *led_attempt(Call *c)
{
    const Attempt *a = own_attempt(c);
    if (!a || !a->device || a->device == c->who.device) return a;
    call_refuse(c, R_OTHER_DEVICE);
    return NULL;
}

void api_exam(Call *c)
{
    const Attempt *a = own_attempt(c);
    if (!a) return;
    const AttemptInfo *info = engine_attempt_info(c->site->engine, a->id);
    const SessionInfo *session = engine_session_info(c->site->engine, a->session);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_number(&b, "attempt", (i64)a->id);
    body_number(&b, "session", (i64)a->session);
    body_text(&b, "name", info ? info->name : SPAN_NONE);
    body_text(&b, "number", info ? info->number : SPAN_NONE);
    body_text(&b, "session_name", session ? session->name : SPAN_NONE);
    show_session_for_candidate(c, &b, a->session);
    body_number(&b, "now_ms", c->now_ms);
    body_open(&b, "support", '{');
    body_text(&b, "text", span_of(c->site->support));
    body_shut(&b, '}');
    body_shut(&b, '}');
    call_answer(c, &b);
}

void api_exam_paper(Call *c)
{
    Span json;
    Refusal why = paper_for_candidate(c->site, &c->who, &json);
    if (why != ACCEPTED) {
        call_refuse(c, why);
        return;
    }
    Body b;
    body_init(&b);
    body_raw(&b, NULL, json);
    call_answer(c, &b);
}

void api_exam_answers(Call *c)
{
    const Attempt *a = led_attempt(c);
    if (!a) return;
    AnswerLine *lines = answers_of(c->site->engine, a->id, c->arena);
    if (!lines) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_open(&b, "answers", '[');
    for (u32 i = 1; i <= ITEMS_MAX; i++) {
        if (!lines[i].rev) continue;
        body_open(&b, NULL, '{');
        body_number(&b, "item", i);
        body_number(&b, "rev", lines[i].rev);
        body_text(&b, "value", lines[i].value);
        body_number(&b, "stored_ms", lines[i].stored_ms);
        body_shut(&b, '}');
    }
    body_shut(&b, ']');
    body_shut(&b, '}');
    call_answer(c, &b);
}

/* ---- the result ---- */

typedef struct AnswerSource {
    const Engine *engine;
    u64 attempt;
} AnswerSource;

static Span answer_from(void *ctx, u32 number)
{
    const AnswerSource *from = ctx;
    return engine_answer(from->engine, from->attempt, number);
}

static void show_result_item(Body *b, const Item *item, Span answer)
{
    i32 points = item_score_milli(item, answer);
    body_open(b, NULL, '{');
    body_number(b, "number", item->number);
    body_milli(b, "points", points < 0 ? 0 : points);
    body_milli(b, "max", item->points_milli);
    body_text(b, "marked_by", points < 0 ? SPAN("waiting") : SPAN("machine"));
    body_shut(b, '}');
}

void api_exam_result(Call *c)
{
    const Attempt *a = led_attempt(c);
    if (!a) return;
    const Session *s = engine_session(c->site->engine, a->session);
    const Paper *paper = engine_paper(c->site->engine, s->assessment);
    /* An exam whose end is lost in a crash goes on: nothing is shown before it is stored. */
    bool over = attempt_is_over(a) && engine_state_durable(c->site->engine, a->id);
    if (!over || !session_on(s, SETTING_show_result) || !paper) {
        call_refuse(c, over ? R_POLICY_FORBIDS : R_TOO_EARLY);
        return;
    }
    AnswerSource from = {c->site->engine, a->id};
    PaperScore score = paper_score(paper, answer_from, &from);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_text(&b, "state", span_of(attempt_state_name(a->state)));
    body_milli(&b, "points", score.points_milli);
    body_milli(&b, "max", score.max_milli);
    body_number(&b, "unmarked", score.unmarked_count);
    body_open(&b, "items", '[');
    for (u32 i = 0; i < paper->item_count; i++)
        show_result_item(&b, &paper->items[i], answer_from(&from, paper->items[i].number));
    body_shut(&b, ']');
    body_shut(&b, '}');
    call_answer(c, &b);
}
