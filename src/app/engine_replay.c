/* engine_replay.c - from the log to the live state, at the start. Whatever of one attempt cannot be
 * replayed sets that attempt aside, read-only and named; anything else that is damaged stops the start. */
#include "app/engine_internal.h"

#include "base/plants.h"

static const char *chain_fault(const Stream *s, const LogRecord *r)
{
    static const u8 zeros[HASH_BYTES];
    u8 hash[HASH_BYTES];
    if (r->ver != (s ? s->ver : 0) + 1) return "a version of its record is missing";
    seal_chain(s ? s->head : zeros, r->stream, r->ver, r->event, hash);
    return memcmp(hash, r->hash, HASH_BYTES) ? "its record was changed" : NULL;
}

/* What can be read of its record is kept, so that versions stay what they were. */
static Err set_aside(Engine *e, AttemptBox *b, const LogRecord *r, const char *why)
{
    Event event;
    Err err = state_set_aside(&e->state, stream_object(r->stream), r->ver, why);
    bool readable = b && r->ver == b->stream.ver + 1 && event_decode(r->event, &event) == OK;
    return err || !readable ? err : state_keep_record(b, r->event, r->hash);
}

/* One attempt must not stop the hall: its number stays taken, and its record as it is. */
static Err replay_attempt(Engine *e, const LogRecord *r)
{
    Event event;
    u64 id = stream_object(r->stream);
    AttemptBox *b = state_attempt(&e->state, id);
    if (state_is_aside(&e->state, id)) return b ? state_keep_record(b, r->event, r->hash) : OK;
    const char *why = chain_fault(b ? &b->stream : NULL, r);
    if (!why && event_decode(r->event, &event)) why = "an event in it cannot be read";
    if (why) return set_aside(e, b, r, why);
    if (PLANTED(lock_not_replayed) && event.kind == EVT_locked) event.kind = EVT_explained;
    Err err = state_replay(&e->state, r->stream, &event, r->event, r->hash, &why);
    if (err == ERR_BROKEN) why = "it does not begin with joining a session";
    return why ? state_set_aside(&e->state, id, r->ver, why) : err;
}

static Err replay_other(Engine *e, const LogRecord *r)
{
    Event event;
    const char *why;
    Stream *s = state_stream(&e->state, r->stream);
    if (!s || chain_fault(s, r) || event_decode(r->event, &event)) return ERR_BROKEN;
    return state_replay(&e->state, r->stream, &event, r->event, r->hash, &why);
}

static Err replay_one(void *ctx, const LogRecord *r)
{
    Engine *e = ctx;
    bool attempt = stream_kind(r->stream) == STREAM_ATTEMPT;
    Err err = attempt ? replay_attempt(e, r) : replay_other(e, r);
    if (err) return err;
    bool boxed = !attempt || state_attempt(&e->state, stream_object(r->stream));
    Stream *s = boxed ? state_stream(&e->state, r->stream) : NULL;
    if (s) s->durable_ver = s->ver;
    e->next_seq = r->seq + 1;
    e->counts.events++;
    return OK;
}

/* Who was connected when the server stopped has been without it since the last thing it stored. More
 * of them than the queue holds go to the log at once. */
static Err disconnect_everybody(Engine *e, i64 now_ms)
{
    u64 id;
    void *box;
    for (size_t at = 0; map_next(&e->state.attempts, &at, &id, &box);) {
        const AttemptBox *b = box;
        if (!b->a.connected || b->set_aside) continue;
        Command c = {.kind = CMD_disconnect,
                     .disconnect = {DISCONNECTED_BY_SERVER, e->state.last_exam_ms, 0}};
        Asker server = {.roles = BY_SERVER};
        Err err = engine_ask(e, &server, 0, id, 0, &c, NULL, NULL);
        if (err == ERR_BUSY && engine_turn(e, now_ms))
            err = engine_ask(e, &server, 0, id, 0, &c, NULL, NULL);
        if (err) return err;
    }
    return OK;
}

static bool exam_under_way(const Engine *e)
{
    u64 id;
    void *box;
    for (size_t at = 0; map_next(&e->state.attempts, &at, &id, &box);)
        if (((const AttemptBox *)box)->a.state == ATTEMPT_active) return true;
    return false;
}

/* Nobody can set the time since boot. Without an exam, who sets a wrong clock right and starts the server
 * again is believed. */
static i64 time_goes_on(const Engine *e, i64 now_ms, const Boot *boot)
{
    const Start *last = &e->state.start;
    bool same = boot && boot->name.len && span_equal(boot->name, span_of(last->boot)) &&
                boot->ms >= last->boot_ms;
    if (!same || PLANTED(restart_takes_wall) || !exam_under_way(e)) return now_ms;
    return last->at_ms + boot->ms - last->boot_ms;
}

/* The first thing that this start stores; it goes with the first turn. */
static Err note_start(Engine *e, const Boot *boot)
{
    Event event = {.kind = EVT_server_began,
                   .server_began = {boot->version, boot->name, boot->ms, 0}};
    if (!e->making && !(e->making = engine_take_batch(e))) return ERR_MEMORY;
    event_sign(e, &event, BY_SERVER, 0, 0);
    return engine_append(e, stream_id(STREAM_SERVER, 0), &event);
}

static Err plan_wakes(Engine *e)
{
    u64 id;
    void *box;
    for (size_t at = 0; map_next(&e->state.sessions, &at, &id, &box);) {
        SessionBox *b = box;
        b->wake_ms = session_wake_ms(&b->s);
        if (b->wake_ms != NEVER_MS && wakes_push(&e->wakes, (Wake){b->wake_ms, b->stream.id}))
            return ERR_MEMORY;
    }
    for (size_t at = 0; map_next(&e->state.attempts, &at, &id, &box);) {
        AttemptBox *b = box;
        if (b->set_aside) continue;
        if (b->a.connected && b->a.state == ATTEMPT_active) continue; /* see disconnect_everybody */
        b->wake_ms = attempt_wake_ms(&b->a, &state_session(&e->state, b->a.session)->s);
        if (b->wake_ms != NEVER_MS && wakes_push(&e->wakes, (Wake){b->wake_ms, b->stream.id}))
            return ERR_MEMORY;
    }
    return OK;
}

Err engine_replay(Engine *e, i64 now_ms, const Boot *boot)
{
    Err err = e->ports.log.read(e->ports.log.self, 0, replay_one, e);
    if (err) return err;
    e->now_ms = MAX_OF(time_goes_on(e, now_ms, boot), e->state.last_event_ms);
    if (boot) err = note_start(e, boot);
    if (!err) err = plan_wakes(e);
    if (err || PLANTED(disconnect_forgotten)) return err;
    return disconnect_everybody(e, e->now_ms);
}
