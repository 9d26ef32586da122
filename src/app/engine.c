/* engine.c - the queue and the turn. What state is and how events change it: state.c. What is told
 * after a batch is durable: batch.c. Reading for others: engine_read.c. */
#include "app/engine_internal.h"
#include "app/share.h"

#include "base/plants.h"

#include <stdlib.h>

enum { QUEUE_BYTES_MAX = 1 << 28, SPARE_BATCHES_MAX = 4 };

/* A command that waits for the next turn; its bytes lie in the engine's queue buffer. */
typedef struct Pending {
    Asker who;
    u64 cmd, target, session;
    u32 offset, len;
    ReplyFn *reply;
    void *ctx;
} Pending;

struct Queue {
    Pending *items;
    u32 first, count, cap; /* before `first` they are decided */
    Buf bytes;
};

/* ---- life ---- */

Engine *engine_open(const EnginePorts *ports)
{
    Engine *e = calloc(1, sizeof *e);
    Queue *q = calloc(1, sizeof *q);
    if (!e || !q) {
        free(e);
        free(q);
        return NULL;
    }
    e->ports = *ports;
    e->queue = q;
    e->next_seq = 1;
    state_init(&e->state);
    buf_init(&q->bytes, QUEUE_BYTES_MAX);
    buf_init(&e->scratch, EVENT_BYTES_MAX);
    return e;
}

static void batches_free(Batch *b)
{
    while (b) {
        Batch *next = b->next;
        batch_free(b);
        b = next;
    }
}

void engine_close(Engine *e)
{
    if (!e) return;
    batches_free(e->under_way);
    batches_free(e->spare);
    batch_free(e->making);
    batch_free(e->stuck);
    state_done(&e->state);
    wakes_done(&e->wakes);
    buf_done(&e->queue->bytes);
    buf_done(&e->scratch);
    free(e->queue->items);
    free(e->queue);
    free(e);
}

/* ---- asking ---- */

static Err queue_grow(Queue *q)
{
    if (q->count - q->first >= ENGINE_QUEUE_MAX) return ERR_BUSY;
    if (q->count < q->cap) return OK;
    if (q->first) {
        q->count -= q->first;
        memmove(q->items, q->items + q->first, q->count * sizeof(Pending));
        q->first = 0;
        return OK;
    }
    u32 cap = q->cap ? q->cap * 2 : 256;
    Pending *items = realloc(q->items, cap * sizeof(Pending));
    if (!items) return ERR_MEMORY;
    q->items = items;
    q->cap = cap;
    return OK;
}

Err engine_ask(Engine *e, const Asker *who, u64 cmd, u64 target, u64 session, const Command *c,
               ReplyFn *reply, void *ctx)
{
    Queue *q = e->queue;
    Err err = queue_grow(q);
    if (err) return err;
    size_t offset = q->bytes.len;
    command_encode(&q->bytes, c);
    if (q->bytes.failed) {
        q->bytes.failed = false;
        q->bytes.len = offset;
        return ERR_BUSY;
    }
    q->items[q->count++] = (Pending){
        *who, cmd, target, session, (u32)offset, (u32)(q->bytes.len - offset), reply, ctx};
    return OK;
}

/* ---- deciding ---- */

/* Stores one event of a stream in the batch and makes it true in memory. */
Err engine_append(Engine *e, u64 stream, const Event *event)
{
    Stream *s = state_stream(&e->state, stream);
    LogRecord r = {.seq = e->next_seq, .stream = stream, .ver = s ? s->ver + 1 : 1};
    static const u8 zeros[HASH_BYTES];
    buf_reset(&e->scratch);
    event_encode(&e->scratch, event);
    if (e->scratch.failed) return ERR_LIMIT;
    r.event = buf_view(&e->scratch);
    seal_chain(s && !PLANTED(chain_not_carried) ? s->head : zeros, stream, r.ver, r.event, r.hash);
    Err err = batch_record(e->making, &r);
    if (!err) err = state_apply(&e->state, stream, event, r.event, r.hash);
    if (err) return err;
    e->next_seq++;
    e->counts.events++;
    return OK;
}

void event_sign(Engine *e, Event *event, u8 role, u64 actor, u64 cmd)
{
    event->at_ms = e->now_ms;
    event->role = role;
    event->actor = actor;
    event->cmd = cmd;
}

static void attempt_touch(Engine *e, AttemptBox *b)
{
    i64 wake = b->set_aside ? NEVER_MS
                            : attempt_wake_ms(&b->a, &state_session(&e->state, b->a.session)->s);
    bool stale = PLANTED(stale_wake) && wake < b->wake_ms && b->wake_ms != NEVER_MS;
    if (wake != b->wake_ms && !stale) {
        b->wake_ms = wake;
        if (wake != NEVER_MS && wakes_push(&e->wakes, (Wake){wake, b->stream.id})) e->broken = true;
    }
    if (b->touched) return;
    b->touched = true;
    if (batch_touch(e->making, b->a.id)) e->broken = true;
}

void engine_touch_session(Engine *e, SessionBox *b)
{
    b->wake_ms = session_wake_ms(&b->s);
    if (b->wake_ms != NEVER_MS && wakes_push(&e->wakes, (Wake){b->wake_ms, b->stream.id}))
        e->broken = true;
    for (u32 i = 0; i < b->attempt_count; i++)
        attempt_touch(e, state_attempt(&e->state, b->attempts[i]));
}

/* Whether this command of this person was accepted already: its version, 0: no. */
static u32 recent_find(const AttemptBox *b, u64 actor, u64 cmd)
{
    Event e = {.actor = actor, .cmd = cmd};
    u64 key = PLANTED(resend_not_known) ? 0 : recent_key(&e);
    for (u32 i = 0; key && i < b->recent_count; i++)
        if (b->recent[i].key == key) return b->recent[i].ver;
    return 0;
}

/* The receipt of the stored answer of an item: ver is its event. */
static u32 answer_receipt(Engine *e, const AttemptBox *b, u64 ver)
{
    Event stored;
    ReceiptBody body = {.attempt = b->a.id};
    u32 index;
    if (event_decode(stream_event(&b->stream, ver), &stored)) return NO_RECEIPT;
    if (stored.kind != EVT_answered) return NO_RECEIPT;
    body.item = stored.answered.item;
    body.rev = stored.answered.rev;
    body.stored_ms = stored.at_ms;
    seal_sha256(stored.answered.value, body.answer_hash);
    if (ver == b->stream.ver) memcpy(body.chain_hash, b->stream.head, HASH_BYTES);
    else stream_chain(&b->stream, ver, body.chain_hash);
    return batch_receipt(e->making, &body, &index) ? (u32)NO_RECEIPT : index;
}

typedef struct Decision {
    Refusal refusal;
    u64 target, ver;
    u32 receipt;
} Decision;

/* Nobody is told that an answer is stored without the receipt for it. */
static void receipt_make(Engine *e, const AttemptBox *b, u64 ver, Decision *d)
{
    d->receipt = answer_receipt(e, b, ver);
    if (d->receipt == NO_RECEIPT) e->broken = true;
}

static Refusal check_answer_form(const Engine *e, const SessionBox *s, const Command *c)
{
    if (c->kind != CMD_answer) return ACCEPTED;
    const PaperBox *p = state_paper(&e->state, s->s.assessment);
    u32 n = c->answer.item;
    if (!p || n == 0 || n > p->paper.item_count) return R_NO_SUCH_ITEM;
    return (Refusal)item_check_answer(&p->paper.items[n - 1], c->answer.value);
}

/* One candidate must not fill the memory of the hall. */
static Refusal check_room(const AttemptBox *b, u8 role, const Command *c)
{
    bool full = b->stream.bytes.len > ATTEMPT_BYTES_MAX;
    return full && role == BY_CANDIDATE && c->kind != CMD_submit ? R_TOO_MANY : ACCEPTED;
}

static Err append_all(Engine *e, AttemptBox *b, Events *events, u8 role, u64 actor, u64 cmd)
{
    for (u32 i = 0; i < events->count; i++) {
        event_sign(e, &events->event[i], role, actor, cmd);
        Err err = engine_append(e, b->stream.id, &events->event[i]);
        if (err) return err;
    }
    attempt_touch(e, b);
    return OK;
}

static Span answer_of(void *ctx, u32 number)
{
    const AttemptBox *b = ctx;
    AnswerPlace at = b->answers[number];
    return at.ver ? (Span){b->stream.bytes.ptr + at.offset, at.len} : SPAN_NONE;
}

/* Objective questions are scored as soon as the exam is over (S1.81). */
static void attempt_score(Engine *e, AttemptBox *b, const SessionBox *s)
{
    const PaperBox *p = state_paper(&e->state, s->s.assessment);
    if (!p || b->a.began_ms == 0) return;
    PaperScore score = paper_score(&p->paper, answer_of, b);
    Event event = {.kind = EVT_scored,
                   .scored = {score.points_milli, score.max_milli, score.unmarked_count, 0}};
    event_sign(e, &event, BY_SERVER, 0, 0);
    if (engine_append(e, b->stream.id, &event)) e->broken = true;
}

static void attempt_decide_apply(Engine *e, AttemptBox *b, const Command *c, u8 role, u64 actor,
                                 u64 cmd, Decision *d)
{
    static Events events; /* loop thread only; large */
    const SessionBox *s = state_session(&e->state, b->a.session);
    bool was_over = attempt_is_over(&b->a);
    d->refusal = b->set_aside ? R_SET_ASIDE : check_answer_form(e, s, c);
    if (d->refusal) return;
    d->refusal = attempt_decide(&b->a, &s->s, role, actor, c, e->now_ms, &events);
    if (d->refusal == R_ALREADY && c->kind == CMD_answer && b->answers[c->answer.item].ver) {
        d->refusal = ACCEPTED; /* sent again: the receipt is given again */
        d->ver = b->answers[c->answer.item].ver;
        receipt_make(e, b, d->ver, d);
    }
    if (!d->refusal && !d->ver) d->refusal = check_room(b, role, c);
    if (d->refusal || d->ver) return;
    if (append_all(e, b, &events, role, actor, cmd)) {
        e->broken = true;
        d->refusal = R_FAULT;
        return;
    }
    d->ver = b->stream.ver;
    if (c->kind == CMD_answer) receipt_make(e, b, b->answers[c->answer.item].ver, d);
    if (attempt_is_over(&b->a) && (!was_over || c->kind == CMD_answer)) attempt_score(e, b, s);
}

/* Of several devices of one candidate one leads; the others may only ask to take over and tell that they had
 * handed in, each for itself. */
static Refusal check_device(const AttemptBox *b, const Asker *who, u8 role, Command *c)
{
    if (role != BY_CANDIDATE) return ACCEPTED;
    if (c->kind == CMD_ask_takeover) c->ask_takeover.device = who->device;
    else if (c->kind == CMD_tell_hand_in) c->tell_hand_in.device = who->device;
    else if (who->device && b->a.device && b->a.device != who->device) return R_OTHER_DEVICE;
    return ACCEPTED;
}

/* What time alone demands of this attempt, before anything else is asked of it. */
static void attempt_catch_up(Engine *e, AttemptBox *b)
{
    const SessionBox *s = state_session(&e->state, b->a.session);
    Command due;
    for (int i = 0; i < 4 && !b->set_aside && attempt_due(&b->a, &s->s, e->now_ms, &due); i++) {
        Decision d = {.receipt = NO_RECEIPT};
        attempt_decide_apply(e, b, &due, BY_SERVER, 0, 0, &d);
        if (d.refusal) return;
    }
}

static void decide_for_attempt(Engine *e, const Pending *p, Command *c, u8 role, Decision *d)
{
    AttemptBox *b = state_attempt(&e->state, p->target);
    d->refusal = check_device(b, &p->who, role, c);
    if (d->refusal) return;
    u64 actor = asker_actor(&p->who, p->target);
    u32 before = recent_find(b, actor, p->cmd);
    if (before && c->kind != CMD_answer) {
        d->ver = before;
        return;
    }
    d->refusal = share_choose(state_session(&e->state, b->a.session), &b->a, c);
    if (d->refusal) return;
    /* A loss of connection is told late: it may give back the time that seems to be up. */
    if (c->kind != CMD_disconnect) attempt_catch_up(e, b);
    attempt_decide_apply(e, b, c, role, actor, p->cmd, d);
    attempt_catch_up(e, b);
    share_attempt(e, b);
}

/* invite and join of somebody new: the attempt begins to exist with its first event. */
static void decide_new_attempt(Engine *e, const Pending *p, const Command *c, u8 role, Decision *d)
{
    SessionBox *s = state_session(&e->state, p->session);
    if (!s) d->refusal = R_NOT_FOUND;
    else if (c->kind == CMD_join) d->refusal = session_may_join(&s->s, e->now_ms, s->seats, false);
    else if (s->attempt_count >= SESSION_ATTEMPTS_MAX) d->refusal = R_SESSION_FULL;
    if (d->refusal) return;
    Attempt fresh;
    static Events events;
    d->target = e->state.next_attempt;
    attempt_init(&fresh, d->target, p->session, NULL, 0);
    u64 actor = asker_actor(&p->who, d->target);
    d->refusal = attempt_decide(&fresh, &s->s, role, actor, c, e->now_ms, &events);
    if (d->refusal) return;
    if (state_new_attempt(&e->state, d->target, p->session)) {
        d->refusal = R_FAULT;
        return;
    }
    AttemptBox *b = state_attempt(&e->state, d->target);
    if (append_all(e, b, &events, role, actor, p->cmd)) e->broken = true;
    d->ver = b->stream.ver;
    share_attempt(e, b);
}

static void decide_for_session(Engine *e, const Pending *p, const Command *c, u8 role, Decision *d)
{
    u64 id = p->target;
    SessionBox *b = state_session(&e->state, id);
    Event event;
    d->refusal = b ? session_decide(&b->s, role, c, e->now_ms, &event) : R_NOT_FOUND;
    if (!d->refusal) d->refusal = share_check_session(b, p->who.user, role, c);
    if (d->refusal) return;
    event_sign(e, &event, role, p->who.user, p->cmd);
    if (engine_append(e, stream_id(STREAM_SESSION, id), &event)) {
        e->broken = true;
        d->refusal = R_FAULT;
        return;
    }
    d->ver = b->stream.ver;
    engine_touch_session(e, b);
    for (u32 i = 0; i < b->attempt_count; i++) {
        AttemptBox *a = state_attempt(&e->state, b->attempts[i]);
        attempt_catch_up(e, a);
        share_attempt(e, a);
    }
}

static void decide_new_session(Engine *e, const Pending *p, const Command *c, Decision *d)
{
    d->refusal = engine_make_session(e, c, 1, p->who.user, p->cmd, &d->target);
    if (!d->refusal) d->ver = state_session(&e->state, d->target)->stream.ver;
}

/* Who handed a candidate over may ask nothing of it any more, and is still told that it was done. */
static u32 accepted_before(const Engine *e, const Pending *p, const Command *c)
{
    const AttemptBox *b = command_is_session(c->kind) ? NULL : state_attempt(&e->state, p->target);
    return b ? recent_find(b, asker_actor(&p->who, p->target), p->cmd) : 0;
}

static void decide_one(Engine *e, const Pending *p)
{
    Command c = {.kind = 0};
    Decision d = {.target = p->target, .receipt = NO_RECEIPT};
    Span bytes = {e->queue->bytes.ptr + p->offset, p->len};
    u8 role = 0;
    e->counts.commands++;
    if (command_decode(bytes, &c)) d.refusal = R_MALFORMED;
    else if (e->broken) d.refusal = R_NOT_STORED;
    else role = who_may_command(e, &p->who, &c, p->target, p->session);
    bool creates = c.kind == CMD_invite || (c.kind == CMD_join && p->target == 0);
    if (!d.refusal && !role) d.ver = accepted_before(e, p, &c);
    if (d.refusal || d.ver) {
    } else if (!role) d.refusal = who_refusal(e, &p->who, &c);
    else if (c.kind == CMD_create_session) decide_new_session(e, p, &c, &d);
    else if (command_is_session(c.kind)) decide_for_session(e, p, &c, role, &d);
    else if (creates) decide_new_attempt(e, p, &c, role, &d);
    else decide_for_attempt(e, p, &c, role, &d);
    e->counts.refusals += d.refusal != ACCEPTED;
    Reply r = {p->cmd, d.target, d.refusal, d.refusal ? 0 : d.ver, e->now_ms, SPAN_NONE};
    if (batch_reply(e->making, p->reply, p->ctx, &r, d.receipt)) e->broken = true;
}

/* ---- the turn ---- */

Batch *engine_take_batch(Engine *e)
{
    Batch *b = e->spare;
    if (!b) return batch_new();
    e->spare = b->next;
    e->spares--;
    batch_reset(b);
    return b;
}

static void batch_give_back(Engine *e, Batch *b)
{
    if (e->spares == SPARE_BATCHES_MAX) {
        batch_free(b);
        return;
    }
    e->spares++;
    batch_reset(b);
    b->next = e->spare;
    e->spare = b;
}

static void decide_due(Engine *e)
{
    Wake w;
    while (wakes_pop_due(&e->wakes, e->now_ms, &w)) {
        u64 id = stream_object(w.stream);
        if (stream_kind(w.stream) == STREAM_ATTEMPT) {
            AttemptBox *b = state_attempt(&e->state, id);
            if (b->wake_ms != w.at_ms) continue;
            b->wake_ms = NEVER_MS;
            attempt_catch_up(e, b);
            /* Still due after that would be a contradiction in the rules: one must not stop the hall. */
            if (attempt_wake_ms(&b->a, &state_session(&e->state, b->a.session)->s) <= e->now_ms &&
                state_set_aside(&e->state, id, b->stream.ver, "what is due changes nothing"))
                e->broken = true;
            attempt_touch(e, b);
            continue;
        }
        SessionBox *b = state_session(&e->state, id);
        Command due;
        if (b->wake_ms != w.at_ms || !session_due(&b->s, e->now_ms, &due)) continue;
        Pending p = {.target = id, .who = {.roles = BY_SERVER}};
        Decision d = {.receipt = NO_RECEIPT};
        decide_for_session(e, &p, &due, BY_SERVER, &d);
    }
}

static void queue_take(Engine *e)
{
    Queue *q = e->queue;
    u32 end = MIN_OF(q->count, q->first + (u32)TURN_COMMANDS_MAX);
    for (u64 bytes = 0; q->first < end && bytes < TURN_BYTES_MAX; q->first++) {
        bytes += q->items[q->first].len;
        decide_one(e, &q->items[q->first]);
    }
    if (q->first < q->count) return;
    q->first = q->count = 0;
    buf_reset(&q->bytes);
}

static void rows_make(Engine *e)
{
    Batch *b = e->making;
    for (u32 i = 0; i < b->touched_count; i++) {
        AttemptBox *box = state_attempt(&e->state, b->touched[i]);
        Row row;
        box->touched = false;
        engine_row(e, box->a.id, &row);
        if (batch_row(b, box->a.session, &row)) e->broken = true;
    }
}

/* Hands the batch to the log. False: the log's queue is full, try again later. */
static bool batch_submit(Engine *e, Batch *b)
{
    if (b->record_count) {
        Err err =
            e->ports.log.submit(e->ports.log.self, b->records, b->record_count, e->submitted + 1);
        if (err == ERR_BUSY) return false;
        if (err) e->broken = true;
        e->submitted++;
        e->counts.batches++;
    }
    b->number = e->submitted;
    Batch **last = &e->under_way;
    while (*last)
        last = &(*last)->next;
    *last = b;
    if (b->leaves && receipt_tree_sign(b->tree, e->ports.sign_secret)) e->broken = true;
    if (PLANTED(ack_before_fsync)) engine_durable(e, b->number, e->now_ms);
    return true;
}

bool engine_turn(Engine *e, i64 now_ms)
{
    if (e->broken) return false;
    e->now_ms = MAX_OF(now_ms, e->state.last_event_ms); /* the record never goes back in time */
    if (e->stuck) {
        if (!batch_submit(e, e->stuck)) return false;
        e->stuck = NULL;
    }
    bool early = e->making != NULL; /* a published paper waits */
    bool due = wakes_next_ms(&e->wakes) <= e->now_ms;
    if (!early && !due && e->queue->count == e->queue->first) return false;
    if (!e->making && !(e->making = engine_take_batch(e))) return false;
    decide_due(e);
    queue_take(e);
    decide_due(e);
    if (!e->broken) rows_make(e);
    if (e->broken) return false; /* half a decision must not be stored */
    Batch *b = e->making;
    e->making = NULL;
    bool early_ack = PLANTED(resend_ack_early) && !b->record_count;
    if (!batch_submit(e, b)) e->stuck = b;
    if (e->broken) return false; /* nor may anybody be told of it */
    if (early_ack) engine_durable(e, e->submitted, now_ms);
    if (e->submitted <= e->durable) engine_durable(e, e->durable, now_ms); /* refusals alone */
    return true;
}

static void streams_durable(Engine *e, const Batch *b)
{
    for (u32 i = 0; i < b->record_count; i++)
        state_stream(&e->state, b->records[i].stream)->durable_ver = b->records[i].ver;
}

void engine_durable(Engine *e, u64 batch, i64 now_ms)
{
    (void)now_ms;
    e->durable = MAX_OF(e->durable, batch);
    while (e->under_way && e->under_way->number <= e->durable) {
        Batch *b = e->under_way;
        e->under_way = b->next;
        streams_durable(e, b);
        batch_tell(b, &e->ports);
        batch_give_back(e, b);
    }
}
