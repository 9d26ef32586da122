/* The list of a session: a CSV is checked, compared with who is on the list, and applied when the person
 * says so. */
#include <jansson.h>

#include "base/text.h"
#include "http/handlers.h"
#include "http/note.h"
#include "http/show.h"

typedef struct Reading {
    Call *call;
    Checked *checked;
    Span file;
    Err err;
} Reading;

typedef struct RosterCounts {
    u32 fresh, unchanged, duplicate, error;
} RosterCounts;

/* Where a row stands against the list: nobody like it, the same person with the same data, or the same
 * person with other data. */
typedef enum Match { MATCH_NONE, MATCH_SAME, MATCH_OTHER } Match;

static Match match_one(const RosterRow *row, const AttemptInfo *info, u32 factor_permille)
{
    bool number = row->number.len && text_equal_fold(row->number, info->number);
    bool email = row->email.len && text_equal_fold(row->email, info->email);
    bool name = text_equal_fold(row->name, info->name);
    bool keyed = (row->number.len && info->number.len) || (row->email.len && info->email.len);
    if (!number && !email && (keyed || !name)) return MATCH_NONE;
    bool same = name && text_equal_fold(row->number, info->number) &&
                text_equal_fold(row->email, info->email) && row->factor_permille == factor_permille;
    return same ? MATCH_SAME : MATCH_OTHER;
}

typedef struct Listed {
    const Engine *engine;
    u64 *ids;
    u32 count;
} Listed;

static bool listed_read(Call *c, u64 session, Listed *out)
{
    const Engine *e = c->site->engine;
    u32 count = engine_attempts(e, session, NULL, 0);
    *out = (Listed){.engine = e, .count = count, .ids = ARENA_ARRAY(c->arena, u64, count + 1)};
    if (!out->ids) return false;
    engine_attempts(e, session, out->ids, count);
    return true;
}

static Match match_row(const Listed *l, const RosterRow *row)
{
    for (u32 i = 0; i < l->count; i++) {
        const AttemptInfo *info = engine_attempt_info(l->engine, l->ids[i]);
        const Attempt *a = engine_attempt(l->engine, l->ids[i]);
        if (!info || !a) continue;
        Match m = match_one(row, info, a->factor_permille);
        if (m != MATCH_NONE) return m;
    }
    return MATCH_NONE;
}

static const char *row_status(const Listed *l, const RosterRow *row, Span *reason, RosterCounts *n)
{
    *reason = row->reason;
    if (row->state == ROSTER_ERROR) {
        n->error++;
        return "error";
    }
    Match m = row->state == ROSTER_OK ? match_row(l, row) : MATCH_OTHER;
    if (m == MATCH_NONE) {
        n->fresh++;
        return "new";
    }
    if (m == MATCH_SAME) {
        n->unchanged++;
        return "unchanged";
    }
    n->duplicate++;
    if (!reason->len) {
        *reason =
            SPAN("This person is on the list already, with other data, which stays as it is.");
    }
    return "duplicate";
}

static void show_roster_row(Body *b, const Listed *l, const RosterRow *row, RosterCounts *n)
{
    Span reason;
    const char *status = row_status(l, row, &reason, n);
    body_open(b, NULL, '{');
    body_number(b, "line", row->line);
    body_text(b, "name", row->name);
    body_text(b, "email", row->email);
    body_text(b, "number", row->number);
    body_milli(b, "time_factor", row->factor_permille);
    body_text(b, "status", span_of(status));
    body_text(b, "reason", reason);
    body_shut(b, '}');
}

static void show_notes(Body *b, const char *name, const ImportError *notes, u32 count)
{
    body_open(b, name, '[');
    for (u32 i = 0; i < count; i++) {
        body_open(b, NULL, '{');
        body_number(b, "line", notes[i].line);
        body_text(b, "text", notes[i].reason);
        body_shut(b, '}');
    }
    body_shut(b, ']');
}

static void answer_roster(Call *c, const Checked *checked, const Listed *l)
{
    const Roster *r = &checked->roster;
    RosterCounts n = {0};
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_binary(&b, "import", (Span){checked->token, sizeof checked->token});
    body_open(&b, "rows", '[');
    for (u32 i = 0; i < r->row_count; i++)
        show_roster_row(&b, l, &r->rows[i], &n);
    body_shut(&b, ']');
    body_open(&b, "counts", '{');
    body_number(&b, "new", n.fresh);
    body_number(&b, "unchanged", n.unchanged);
    body_number(&b, "duplicate", n.duplicate);
    body_number(&b, "error", n.error);
    body_shut(&b, '}');
    show_notes(&b, "notes", r->notes, r->note_count);
    body_shut(&b, '}');
    call_answer(c, &b);
}

static void refuse_roster(Call *c, Checked *checked)
{
    const Roster *r = &checked->roster;
    Refusal why = r->refusal;
    Body detail;
    body_init(&detail);
    body_open(&detail, NULL, '{');
    show_notes(&detail, "errors", r->errors, r->file_error_count);
    body_shut(&detail, '}');
    checked_free(checked);
    call_refuse_detail(c, why, &detail);
}

static void read_work(void *ctx)
{
    Reading *r = ctx;
    r->err = roster_read(&r->checked->arena, r->file, &r->checked->roster);
}

static void read_done(void *ctx)
{
    Reading *r = ctx;
    Call *c = r->call;
    Listed listed;
    if (r->err == OK && r->checked->roster.refusal != ACCEPTED) {
        refuse_roster(c, r->checked);
        return;
    }
    if (r->err == OK && !listed_read(c, c->object, &listed)) r->err = ERR_MEMORY;
    if (r->err != OK) {
        checked_free(r->checked);
        call_fail(c, r->err);
    } else if (!imports_keep(c->site->imports, r->checked, site_now_ms(c->site))) {
        call_refuse(c, R_BUSY);
    } else {
        answer_roster(c, r->checked, &listed);
    }
}

void api_roster_check(Call *c)
{
    Span file;
    if (!call_upload(c, &file)) return;
    Reading *r = ARENA_NEW(c->arena, Reading);
    Checked *checked = imports_new(c->who.user, c->object);
    Err err = r && checked ? OK : ERR_MEMORY;
    if (err == OK) {
        *r = (Reading){.call = c, .checked = checked, .file = file};
        err = loop_work(c->site->loop, read_work, read_done, r);
    }
    if (err == OK) return;
    checked_free(checked);
    call_fail(c, err);
}

void api_roster_template(Call *c)
{
    Buf csv;
    buf_init(&csv, HTTP_BODY_BYTES_MAX);
    roster_template(&csv);
    call_answer_bytes(c, "text/csv; charset=utf-8", &csv);
}

/* ---- applying ---- */

typedef struct Inviting {
    Checked *checked;
    u32 pending, added;
    Refusal refusal; /* the first */
} Inviting;

static void inviting_end(Call *c, Inviting *n)
{
    imports_drop(c->site->imports, n->checked);
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_number(&b, "added", n->added);
    body_shut(&b, '}');
    note(NOTE_INFO, "roster_applied", "session=%llu user=%llu added=%u",
         (unsigned long long)c->object, (unsigned long long)c->who.user, n->added);
    if (n->refusal != ACCEPTED) call_refuse_detail(c, n->refusal, &b);
    else call_answer(c, &b);
}

static void invited(void *ctx, const Reply *r)
{
    Call *c = ctx;
    Inviting *n = c->work;
    if (r->refusal == ACCEPTED) n->added++;
    else if (n->refusal == ACCEPTED) n->refusal = r->refusal;
    if (--n->pending == 0) inviting_end(c, n);
}

static void invite(Call *c, Inviting *n, const RosterRow *row)
{
    Command cmd = {.kind = CMD_invite};
    cmd.invite.name = row->name;
    cmd.invite.email = row->email;
    cmd.invite.number = row->number;
    cmd.invite.factor_permille = row->factor_permille;
    Err err =
        engine_ask(c->site->engine, &c->who, site_command_id(), 0, c->object, &cmd, invited, c);
    if (err == OK) n->pending++;
    else if (n->refusal == ACCEPTED) n->refusal = err == ERR_BUSY ? R_BUSY : R_FAULT;
}

void api_roster_apply(Call *c)
{
    Span token;
    Listed listed;
    json_t *in = call_json(c);
    if (!in || !input_text(c, in, "import", NAME_BYTES_MAX, true, &token)) return;
    Checked *checked = imports_find(c->site->imports, c->who.user, token, c->now_ms);
    if (!checked || checked->session != c->object) {
        call_refuse(c, R_IMPORT_GONE);
        return;
    }
    Inviting *n = ARENA_NEW(c->arena, Inviting);
    if (!n || !listed_read(c, c->object, &listed)) {
        call_fail(c, ERR_MEMORY);
        return;
    }
    c->work = n;
    n->checked = checked;
    checked->busy = true;
    n->pending = 1; /* so that it cannot end while it is being asked */
    for (u32 i = 0; i < checked->roster.row_count; i++) {
        const RosterRow *row = &checked->roster.rows[i];
        if (row->state == ROSTER_OK && match_row(&listed, row) == MATCH_NONE) invite(c, n, row);
    }
    if (--n->pending == 0) inviting_end(c, n);
}
