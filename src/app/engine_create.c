/* engine_create.c - what comes into being whole or not at all: a paper with its items, a session with its
 * settings, people and keys. */
#include "app/engine_internal.h"

/* ---- papers ---- */

static Err append_item(Engine *e, u64 stream, const Item *item, u64 actor, u64 cmd)
{
    Event event = {.kind = EVT_item_added,
                   .item_added = {item->number, (u8)item->kind, (u8)item->format,
                                  item->points_milli, item->name, item->text, item->feedback, 0}};
    event_sign(e, &event, BY_PLANNER, actor, cmd);
    Err err = engine_append(e, stream, &event);
    for (u32 i = 0; !err && i < item->option_count; i++) {
        const Option *o = &item->options[i];
        event = (Event){.kind = EVT_option_added,
                        .option_added = {item->number, o->fraction_permille, o->low, o->high,
                                         o->text, o->feedback, 0}};
        event_sign(e, &event, BY_PLANNER, actor, cmd);
        err = engine_append(e, stream, &event);
    }
    return err;
}

static Err append_paper(Engine *e, u64 stream, const Paper *p, Span source, u64 actor, u64 cmd)
{
    Event event = {.kind = EVT_assessment_created, .assessment_created = {p->name, source, 0}};
    event_sign(e, &event, BY_PLANNER, actor, cmd);
    Err err = engine_append(e, stream, &event);
    for (u32 i = 0; !err && i < p->item_count; i++)
        err = append_item(e, stream, &p->items[i], actor, cmd);
    event = (Event){.kind = EVT_assessment_published};
    event_sign(e, &event, BY_PLANNER, actor, cmd);
    return err ? err : engine_append(e, stream, &event);
}

static bool paper_fits(const Paper *p)
{
    if (p->item_count == 0 || p->item_count > ITEMS_MAX) return false;
    for (u32 i = 0; i < p->item_count; i++)
        if (p->items[i].option_count > OPTIONS_MAX || p->items[i].number != i + 1) return false;
    return p->name.len > 0 && p->name.len <= NAME_BYTES_MAX;
}

/* The batch that the next turn hands to the log; NULL: not now. */
static Batch *batch_open(Engine *e)
{
    if (!e->making) e->making = engine_take_batch(e);
    return e->making;
}

Err engine_publish_paper(Engine *e, const Asker *who, u64 cmd, const Paper *paper, Span source,
                         ReplyFn *reply, void *ctx)
{
    if (e->stuck || e->broken) return ERR_BUSY;
    if (!batch_open(e)) return ERR_MEMORY;
    Reply r = {.cmd = cmd, .at_ms = e->now_ms};
    if (!(who->roles & BY_PLANNER)) r.refusal = R_NOT_ALLOWED;
    else if (!paper_fits(paper)) r.refusal = R_BAD_VALUE;
    else {
        u64 id = e->state.next_paper, stream = stream_id(STREAM_ASSESSMENT, id);
        if (append_paper(e, stream, paper, source, who->user, cmd)) e->broken = true;
        const Stream *s = e->broken ? NULL : state_stream(&e->state, stream);
        r.target = id;
        r.refusal = s ? ACCEPTED : R_FAULT;
        r.ver = s ? s->ver : 0;
    }
    return batch_reply(e->making, reply, ctx, &r, NO_RECEIPT);
}

/* ---- sessions ---- */

static Refusal check_new_session(const Engine *e, const Cmd_create_session *c)
{
    const PaperBox *p = state_paper(&e->state, c->assessment);
    if (!p || !p->published) return R_NOT_FOUND;
    if (c->item_count != p->paper.item_count) return R_BAD_VALUE;
    u64 other = engine_session_by_code(e, c->code);
    const Session *s = other ? engine_session(e, other) : NULL;
    bool taken = s && (s->state == SESSION_planned || s->state == SESSION_running);
    return taken ? R_CODE_TAKEN : ACCEPTED;
}

/* Decides all commands on a session that does not exist yet; the refusal of the first that fails. */
static Refusal try_session(const Engine *e, u64 id, const Command *commands, u32 count)
{
    Session s;
    Event event;
    session_init(&s, id);
    Refusal r = commands[0].kind == CMD_create_session
                    ? check_new_session(e, &commands[0].create_session)
                    : R_MALFORMED;
    for (u32 i = 0; !r && i < count; i++) {
        r = session_decide(&s, BY_PLANNER, &commands[i], e->now_ms, &event);
        if (!r) session_apply(&s, &event);
    }
    return r;
}

static Err append_session(Engine *e, u64 id, const Command *commands, u32 count, u64 user, u64 cmd)
{
    Session s;
    Event event;
    Err err = OK;
    session_init(&s, id);
    for (u32 i = 0; !err && i < count; i++) {
        if (session_decide(&s, BY_PLANNER, &commands[i], e->now_ms, &event)) return ERR_BROKEN;
        event_sign(e, &event, BY_PLANNER, user, cmd);
        session_apply(&s, &event);
        err = engine_append(e, stream_id(STREAM_SESSION, id), &event);
    }
    return err;
}

Refusal engine_make_session(Engine *e, const Command *commands, u32 count, u64 user, u64 cmd,
                            u64 *id)
{
    u64 next = e->state.next_session;
    Refusal r = try_session(e, next, commands, count);
    if (r) return r;
    if (append_session(e, next, commands, count, user, cmd)) {
        e->broken = true;
        return R_FAULT;
    }
    engine_touch_session(e, state_session(&e->state, next));
    *id = next;
    return ACCEPTED;
}

Err engine_create_session(Engine *e, const Asker *who, u64 cmd, const Command *commands, u32 count,
                          ReplyFn *reply, void *ctx)
{
    if (e->stuck || e->broken) return ERR_BUSY;
    if (!batch_open(e)) return ERR_MEMORY;
    Reply r = {.cmd = cmd, .at_ms = e->now_ms, .refusal = R_NOT_ALLOWED};
    if (who->roles & BY_PLANNER)
        r.refusal = engine_make_session(e, commands, count, who->user, cmd, &r.target);
    if (!r.refusal) r.ver = state_session(&e->state, r.target)->stream.ver;
    return batch_reply(e->making, reply, ctx, &r, NO_RECEIPT);
}
