/* Question files: uploaded, read and checked on a worker thread, shown, and published when the planner
 * says so. Nothing is stored before. */
#include <jansson.h>

#include "base/text.h"
#include "http/handlers.h"
#include "http/note.h"
#include "http/show.h"

typedef struct Reading {
    Call *call;
    Checked *checked;
    Span file, name;
    ImportFormat want;
    Err err;
} Reading;

static void read_work(void *ctx)
{
    Reading *r = ctx;
    r->err = import_read(&r->checked->arena, r->file, r->name, r->want, &r->checked->in);
}

static void show_lines(Body *b, const char *name, const char *text_name, const ImportError *lines,
                       u32 count)
{
    body_open(b, name, '[');
    for (u32 i = 0; i < count; i++) {
        body_open(b, NULL, '{');
        body_number(b, "line", lines[i].line);
        body_text(b, text_name, lines[i].reason);
        body_shut(b, '}');
    }
    body_shut(b, ']');
}

static const char *format_word(ImportFormat format)
{
    switch (format) {
    case IMPORT_GIFT: return "gift";
    case IMPORT_AIKEN: return "aiken";
    case IMPORT_AUTO: break;
    }
    return "auto";
}

static void answer_checked(Call *c, const Checked *checked)
{
    const Import *in = &checked->in;
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_binary(&b, "import", (Span){checked->token, sizeof checked->token});
    body_text(&b, "format", span_of(format_word(in->format)));
    body_text(&b, "name", in->paper.name);
    show_items(&b, "items", &in->paper, true);
    show_lines(&b, "errors", "reason", in->errors, in->error_count);
    body_bool(&b, "more_errors", in->too_many_errors);
    show_lines(&b, "notes", "text", in->notes, in->note_count);
    body_shut(&b, '}');
    call_answer(c, &b);
}

/* The file as a whole cannot be read: too large, empty, no text, of an unknown kind. */
static void refuse_file(Call *c, Checked *checked)
{
    Body detail;
    body_init(&detail);
    body_open(&detail, NULL, '{');
    show_lines(&detail, "errors", "reason", checked->in.errors, checked->in.error_count);
    body_shut(&detail, '}');
    Refusal why = checked->in.refusal;
    checked_free(checked);
    call_refuse_detail(c, why, &detail);
}

static void read_done(void *ctx)
{
    Reading *r = ctx;
    Call *c = r->call;
    Refusal why = r->checked->in.refusal;
    if (r->err != OK) {
        checked_free(r->checked);
        if (r->err == ERR_MEMORY || r->err == ERR_LIMIT) call_refuse(c, R_TOO_LARGE);
        else call_fail(c, r->err);
    } else if (why != ACCEPTED && why != R_FILE_HAS_ERRORS) {
        refuse_file(c, r->checked);
    } else if (!imports_keep(c->site->imports, r->checked, site_now_ms(c->site))) {
        call_refuse(c, R_BUSY);
    } else {
        answer_checked(c, r->checked);
    }
}

static bool format_wanted(Call *c, ImportFormat *out)
{
    Span format = request_query(c->request, "format");
    if (!format.len || span_equal(format, SPAN("auto"))) *out = IMPORT_AUTO;
    else if (span_equal(format, SPAN("gift"))) *out = IMPORT_GIFT;
    else if (span_equal(format, SPAN("aiken"))) *out = IMPORT_AIKEN;
    else {
        call_refuse_field(c, R_BAD_VALUE, "format");
        return false;
    }
    return true;
}

void api_import_check(Call *c)
{
    Span file;
    ImportFormat want;
    if (!call_upload(c, &file) || !format_wanted(c, &want)) return;
    Reading *r = ARENA_NEW(c->arena, Reading);
    Checked *checked = imports_new(c->who.user, 0);
    Span name = request_query(c->request, "name");
    if (!r || !checked) {
        checked_free(checked);
        call_fail(c, ERR_MEMORY);
        return;
    }
    if (name.len > NAME_BYTES_MAX || !text_is_utf8(name)) name = SPAN_NONE;
    *r = (Reading){.call = c, .checked = checked, .file = file, .name = name, .want = want};
    Err err = loop_work(c->site->loop, read_work, read_done, r);
    if (err == OK) return;
    checked_free(checked);
    call_fail(c, err);
}

/* ---- publishing ---- */

static void published(void *ctx, const Reply *r)
{
    Call *c = ctx;
    Checked *checked = c->work;
    checked->busy = false;
    if (!call_accepted(c, r)) return;
    imports_drop(c->site->imports, checked);
    note(NOTE_INFO, "assessment_published", "assessment=%llu user=%llu",
         (unsigned long long)r->target, (unsigned long long)c->who.user);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_number(&b, "assessment", (i64)r->target);
    body_shut(&b, '}');
    call_answer(c, &b);
}

void api_import_apply(Call *c)
{
    Span token, name;
    json_t *in = call_json(c);
    if (!in || !input_text(c, in, "import", NAME_BYTES_MAX, true, &token)) return;
    if (!input_text(c, in, "name", NAME_BYTES_MAX, false, &name)) return;
    Checked *checked = imports_find(c->site->imports, c->who.user, token, c->now_ms);
    if (!checked || checked->session || checked->in.refusal != ACCEPTED) {
        call_refuse(c, checked && checked->in.refusal ? checked->in.refusal : R_IMPORT_GONE);
        return;
    }
    Paper paper = checked->in.paper;
    if (name.len) paper.name = name;
    if (!paper.name.len) {
        call_refuse_field(c, R_BAD_VALUE, "name");
        return;
    }
    c->work = checked;
    checked->busy = true;
    Err err = engine_publish_paper(c->site->engine, &c->who, site_command_id(), &paper,
                                   span_of(import_format_text(checked->in.format)), published, c);
    if (err == OK) return;
    checked->busy = false;
    call_fail(c, err);
}

/* ---- reading ---- */

typedef struct Origin {
    i64 created_ms;
    Span source;
} Origin;

static void read_origin(void *ctx, u64 ver, Span encoded)
{
    Origin *o = ctx;
    Event e;
    if (ver != 1 || event_decode(encoded, &e) != OK || e.kind != EVT_assessment_created) return;
    *o = (Origin){.created_ms = e.at_ms, .source = e.assessment_created.source};
}

static u32 sessions_of(Call *c, u64 assessment)
{
    const Engine *e = c->site->engine;
    u32 count = engine_sessions(e, NULL, 0), found = 0;
    u64 *ids = count ? ARENA_ARRAY(c->arena, u64, count) : NULL;
    if (!ids) return 0;
    engine_sessions(e, ids, count);
    for (u32 i = 0; i < count; i++) {
        const Session *s = engine_session(e, ids[i]);
        found += s && s->assessment == assessment;
    }
    return found;
}

static void show_assessment(Call *c, Body *b, u64 id)
{
    const Paper *paper = engine_paper(c->site->engine, id);
    Origin origin = {0};
    if (!paper) return;
    engine_read_stream(c->site->engine, stream_id(STREAM_ASSESSMENT, id), 0, true, read_origin,
                       &origin);
    body_open(b, NULL, '{');
    body_number(b, "assessment", (i64)id);
    body_text(b, "name", paper->name);
    body_number(b, "items", paper->item_count);
    body_milli(b, "points", paper_points_milli(paper));
    body_text(b, "source", origin.source);
    body_number(b, "created_ms", origin.created_ms);
    body_number(b, "sessions", sessions_of(c, id));
    body_shut(b, '}');
}

void api_assessment_list(Call *c)
{
    const Engine *e = c->site->engine;
    u32 count = engine_assessments(e, NULL, 0);
    u64 *ids = ARENA_ARRAY(c->arena, u64, count + 1);
    if (!ids) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    engine_assessments(e, ids, count);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_open(&b, "assessments", '[');
    for (u32 i = 0; i < count; i++)
        show_assessment(c, &b, ids[i]);
    body_shut(&b, ']');
    body_shut(&b, '}');
    call_answer(c, &b);
}

void api_assessment_show(Call *c)
{
    const Paper *paper = engine_paper(c->site->engine, c->object);
    if (!paper) {
        call_refuse(c, R_NOT_FOUND);
        return;
    }
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_text(&b, "name", paper->name);
    show_items(&b, "items", paper, true);
    body_shut(&b, '}');
    call_answer(c, &b);
}
