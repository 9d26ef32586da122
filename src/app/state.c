#include "app/state.h"

#include "app/grow.h"
#include "base/plants.h"

#include <stdlib.h>

enum { TEXTS_BYTES_MAX = 1 << 30, OPTIONS_FIRST = 4 };

/* What staff and time do to an attempt fits behind what its candidate may write. */
static const size_t STREAM_BYTES_MAX = (size_t)2 * ATTEMPT_BYTES_MAX;

/* ---- small tools ---- */

static Err append_id(u64 **ids, u32 *count, u32 *cap, u64 id)
{
    Err err = array_grow((void **)ids, *count, cap, sizeof(u64));
    if (!err) (*ids)[(*count)++] = id;
    return err;
}

static Span keep(State *st, Span s)
{
    return arena_copy(&st->texts, s);
}

/* ---- streams ---- */

static void stream_init(Stream *s, u64 id)
{
    *s = (Stream){.id = id};
    buf_init(&s->bytes, STREAM_BYTES_MAX);
}

static void stream_done(Stream *s)
{
    buf_done(&s->bytes);
    free(s->offsets);
    free(s->marks);
}

static Err stream_append(Stream *s, Span encoded, const u8 hash[HASH_BYTES])
{
    if (array_grow((void **)&s->offsets, (u32)s->ver, &s->cap, sizeof(u32))) return ERR_MEMORY;
    bool marked = (s->ver + 1) % CHAIN_STEP == 0;
    if (marked && array_grow((void **)&s->marks, s->mark_count, &s->mark_cap, sizeof(ChainMark)))
        return ERR_MEMORY;
    if (!buf_reserve(&s->bytes, encoded.len)) return ERR_MEMORY;
    s->offsets[s->ver++] = (u32)s->bytes.len;
    buf_span(&s->bytes, encoded);
    memcpy(s->head, hash, HASH_BYTES);
    if (marked) memcpy(s->marks[s->mark_count++].hash, hash, HASH_BYTES);
    return OK;
}

void stream_chain(const Stream *s, u64 ver, u8 out[HASH_BYTES])
{
    u64 mark = ver / CHAIN_STEP;
    if (mark) memcpy(out, s->marks[mark - 1].hash, HASH_BYTES);
    else memset(out, 0, HASH_BYTES);
    for (u64 v = mark * CHAIN_STEP + 1; v <= ver; v++)
        seal_chain(out, s->id, v, stream_event(s, v), out);
}

Span stream_event(const Stream *s, u64 ver)
{
    if (ver == 0 || ver > s->ver) return SPAN_NONE;
    size_t from = s->offsets[ver - 1], to = ver == s->ver ? s->bytes.len : s->offsets[ver];
    return (Span){s->bytes.ptr + from, to - from};
}

/* ---- boxes ---- */

void state_init(State *st)
{
    *st = (State){.next_session = 1, .next_attempt = 1, .next_paper = 1};
    arena_init(&st->texts, TEXTS_BYTES_MAX);
    stream_init(&st->server, stream_id(STREAM_SERVER, 0));
}

static void session_free(SessionBox *b)
{
    stream_done(&b->stream);
    free(b->attempts);
    free(b->staff);
    free(b);
}

static void attempt_free(AttemptBox *b)
{
    stream_done(&b->stream);
    buf_done(&b->hold_reason);
    free(b->items);
    free(b->answers);
    free(b->recent);
    free(b);
}

static void paper_free(PaperBox *b)
{
    stream_done(&b->stream);
    free(b);
}

void state_done(State *st)
{
    u64 key;
    void *box;
    for (size_t at = 0; map_next(&st->sessions, &at, &key, &box);)
        session_free(box);
    for (size_t at = 0; map_next(&st->attempts, &at, &key, &box);)
        attempt_free(box);
    for (size_t at = 0; map_next(&st->papers, &at, &key, &box);)
        paper_free(box);
    map_done(&st->sessions);
    map_done(&st->attempts);
    map_done(&st->papers);
    free(st->aside);
    free(st->session_ids);
    free(st->paper_ids);
    stream_done(&st->server);
    arena_done(&st->texts);
}

SessionBox *state_session(const State *st, u64 id)
{
    return map_get(&st->sessions, id);
}

AttemptBox *state_attempt(const State *st, u64 id)
{
    return map_get(&st->attempts, id);
}

PaperBox *state_paper(const State *st, u64 id)
{
    return map_get(&st->papers, id);
}

static SessionBox *session_new(State *st, u64 id)
{
    SessionBox *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    session_init(&b->s, id);
    stream_init(&b->stream, stream_id(STREAM_SESSION, id));
    b->wake_ms = NEVER_MS;
    if (map_put(&st->sessions, id, b) ||
        append_id(&st->session_ids, &st->session_count, &st->session_cap, id)) {
        map_remove(&st->sessions, id);
        session_free(b);
        return NULL;
    }
    st->next_session = MAX_OF(st->next_session, id + 1);
    return b;
}

static PaperBox *paper_new(State *st, u64 id)
{
    PaperBox *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    b->id = id;
    stream_init(&b->stream, stream_id(STREAM_ASSESSMENT, id));
    b->paper.items = ARENA_ARRAY(&st->texts, Item, ITEMS_MAX);
    if (!b->paper.items || map_put(&st->papers, id, b) ||
        append_id(&st->paper_ids, &st->paper_count, &st->paper_cap, id)) {
        map_remove(&st->papers, id);
        paper_free(b);
        return NULL;
    }
    st->next_paper = MAX_OF(st->next_paper, id + 1);
    return b;
}

Err state_new_attempt(State *st, u64 id, u64 session)
{
    SessionBox *s = state_session(st, session);
    if (!s) return ERR_MISSING;
    AttemptBox *b = calloc(1, sizeof *b);
    if (!b) return ERR_MEMORY;
    b->items = calloc(s->s.item_count + 1, sizeof(ItemState));
    b->answers = calloc(s->s.item_count + 1, sizeof(AnswerPlace));
    attempt_init(&b->a, id, session, b->items, s->s.item_count);
    stream_init(&b->stream, stream_id(STREAM_ATTEMPT, id));
    buf_init(&b->hold_reason, TEXT_BYTES_MAX);
    b->wake_ms = NEVER_MS;
    if (!b->items || !b->answers || map_put(&st->attempts, id, b) ||
        append_id(&s->attempts, &s->attempt_count, &s->attempt_cap, id)) {
        map_remove(&st->attempts, id);
        attempt_free(b);
        return ERR_MEMORY;
    }
    st->next_attempt = MAX_OF(st->next_attempt, id + 1);
    return OK;
}

Stream *state_stream(State *st, u64 stream)
{
    u64 id = stream_object(stream);
    switch (stream_kind(stream)) {
    case STREAM_SERVER: return &st->server;
    case STREAM_SESSION: {
        SessionBox *b = state_session(st, id);
        if (!b) b = session_new(st, id);
        return b ? &b->stream : NULL;
    }
    case STREAM_ATTEMPT: {
        AttemptBox *b = state_attempt(st, id);
        return b ? &b->stream : NULL;
    }
    case STREAM_ASSESSMENT: {
        PaperBox *b = state_paper(st, id);
        if (!b) b = paper_new(st, id);
        return b ? &b->stream : NULL;
    }
    }
    return NULL;
}

/* ---- what events do to names, staff, papers and answers ---- */

static Staff *staff_of(SessionBox *b, u64 user)
{
    for (u32 i = 0; i < b->staff_count; i++)
        if (b->staff[i].user == user) return &b->staff[i];
    if (array_grow((void **)&b->staff, b->staff_count, &b->staff_cap, sizeof(Staff))) return NULL;
    b->staff[b->staff_count] = (Staff){.user = user};
    return &b->staff[b->staff_count++];
}

static Err apply_to_session(State *st, SessionBox *b, const Event *e)
{
    Staff *staff;
    session_apply(&b->s, e);
    switch ((u32)e->kind) {
    case EVT_session_created:
        b->info =
            (SessionInfo){keep(st, e->session_created.name), keep(st, e->session_created.code),
                          keep(st, e->session_created.public_key), e->actor};
        return b->info.name.ptr && b->info.code.ptr ? OK : ERR_MEMORY;
    case EVT_assigned:
        staff = staff_of(b, e->assigned.user);
        if (staff) staff->roles = e->assigned.roles;
        return staff ? OK : ERR_MEMORY;
    case EVT_unassigned:
        staff = staff_of(b, e->unassigned.user);
        if (staff) *staff = (Staff){.user = e->unassigned.user, .load = staff->load};
        return staff ? OK : ERR_MEMORY;
    case EVT_stepped_away:
        staff = staff_of(b, e->stepped_away.user);
        if (staff) staff->away = true;
        return staff ? OK : ERR_MEMORY;
    case EVT_stepped_back:
        staff = staff_of(b, e->stepped_back.user);
        if (staff) staff->away = false;
        return staff ? OK : ERR_MEMORY;
    case EVT_key_added:
        staff = staff_of(b, e->key_added.user);
        if (staff) staff->wrapped_key = keep(st, e->key_added.wrapped);
        return staff && staff->wrapped_key.ptr ? OK : ERR_MEMORY;
    }
    return OK;
}

static void set_reason(AttemptBox *b, Span reason)
{
    buf_reset(&b->hold_reason);
    buf_span(&b->hold_reason, reason);
    b->info.hold_reason = b->hold_reason.failed ? SPAN_NONE : buf_view(&b->hold_reason);
}

static void apply_names(State *st, AttemptBox *b, const Event *e)
{
    switch ((u32)e->kind) {
    case EVT_invited:
        b->info.name = keep(st, e->invited.name);
        b->info.number = keep(st, e->invited.number);
        b->info.email = keep(st, e->invited.email);
        break;
    case EVT_joined:
        b->info.name = keep(st, e->joined.name);
        b->info.number = keep(st, e->joined.number);
        break;
    case EVT_locked: set_reason(b, e->locked.reason); break;
    case EVT_paused: set_reason(b, e->paused.reason); break;
    case EVT_incident_paused: set_reason(b, e->incident_paused.reason); break;
    }
}

static void apply_answer_place(AttemptBox *b, u32 items, const Event *e)
{
    if (e->kind != EVT_answered || e->answered.item == 0 || e->answered.item > items) return;
    /* The text is the last field of the event, which is the last of the stream. */
    u32 len = (u32)e->answered.value.len;
    b->answers[e->answered.item] =
        (AnswerPlace){(u32)b->stream.bytes.len - len, len, (u32)b->stream.ver};
}

u64 recent_key(const Event *e)
{
    u64 actor = PLANTED(actor_ignored) ? 0 : e->actor;
    return e->cmd ? e->cmd * 0x9e3779b97f4a7c15u ^ actor * 2 ^ 1 : 0;
}

u64 asker_actor(const Asker *who, u64 attempt)
{
    if (who->user) return who->user;
    return who->roles & BY_CANDIDATE ? attempt : 0;
}

static bool takes_seat(AttemptState state)
{
    return state != ATTEMPT_none && state != ATTEMPT_invited && state != ATTEMPT_refused &&
           state != ATTEMPT_absent;
}

/* The last event of a command stands for it: its version is what was replied. */
static Err recent_add(AttemptBox *b, const Event *e)
{
    if (!e->cmd || e->kind == EVT_answered) return OK;
    RecentCommand one = {recent_key(e), (u32)b->stream.ver};
    u32 last = (b->recent_next ? b->recent_next : b->recent_count) - 1;
    if (b->recent_count && b->recent[last].key == one.key) {
        b->recent[last] = one;
        return OK;
    }
    if (b->recent_count < RECENT_COMMANDS_MAX) {
        if (array_grow((void **)&b->recent, b->recent_count, &b->recent_cap, sizeof one))
            return ERR_MEMORY;
        b->recent[b->recent_count++] = one;
    } else {
        b->recent[b->recent_next] = one;
        b->recent_next = (b->recent_next + 1) % RECENT_COMMANDS_MAX;
    }
    return OK;
}

/* Who looks after somebody who is present. */
static u64 looked_after_by(const Attempt *a)
{
    return attempt_is_present(a) ? a->proctor : 0;
}

static Err count_load(SessionBox *s, u64 before, u64 after)
{
    Staff *staff;
    if (before == after) return OK;
    if (before && (staff = staff_of(s, before))) staff->load--;
    if (!after) return OK;
    staff = staff_of(s, after);
    if (staff) staff->load++;
    return staff ? OK : ERR_MEMORY;
}

/* broken NULL: a rule that breaks now is a bug of this program, not damage of old. */
static Err apply_to_attempt(State *st, AttemptBox *b, const Event *e, const char **broken)
{
    SessionBox *s = state_session(st, b->a.session);
    AttemptState before = b->a.state;
    u64 proctor = looked_after_by(&b->a);
    if (broken) *broken = attempt_replay(&b->a, &s->s, e);
    else attempt_apply(&b->a, &s->s, e);
    if (b->a.state != before) b->state_ver = b->stream.ver;
    s->seats += (u32)takes_seat(b->a.state) - (u32)takes_seat(before);
    apply_names(st, b, e);
    apply_answer_place(b, s->s.item_count, e);
    Err err = count_load(s, proctor, looked_after_by(&b->a));
    return err ? err : recent_add(b, e);
}

static Err apply_option(State *st, Paper *p, const Evt_option_added *e)
{
    if (e->item == 0 || e->item > p->item_count) return ERR_BROKEN;
    Item *item = &p->items[e->item - 1];
    if (item->option_count >= OPTIONS_MAX) return ERR_BROKEN;
    u32 n = item->option_count;
    if (n == 0 || (n >= OPTIONS_FIRST && (n & (n - 1)) == 0)) { /* full: twice as many */
        Option *bigger = ARENA_ARRAY(&st->texts, Option, n ? n * 2 : OPTIONS_FIRST);
        if (!bigger) return ERR_MEMORY;
        if (n) memcpy(bigger, item->options, n * sizeof(Option));
        item->options = bigger;
    }
    item->options[item->option_count++] = (Option){keep(st, e->text), (i32)e->fraction_permille,
                                                   e->low, e->high, keep(st, e->feedback)};
    return OK;
}

static Err apply_to_paper(State *st, PaperBox *b, const Event *e)
{
    Paper *p = &b->paper;
    switch ((u32)e->kind) {
    case EVT_assessment_created:
        p->name = keep(st, e->assessment_created.name);
        b->source = keep(st, e->assessment_created.source);
        b->created_ms = e->at_ms;
        return p->name.ptr ? OK : ERR_MEMORY;
    case EVT_item_added: {
        const Evt_item_added *i = &e->item_added;
        if (p->item_count >= ITEMS_MAX || i->number != p->item_count + 1) return ERR_BROKEN;
        p->items[p->item_count++] = (Item){.number = i->number,
                                           .kind = (ItemKind)i->kind,
                                           .format = (TextFormat)i->format,
                                           .points_milli = i->points_milli,
                                           .name = keep(st, i->name),
                                           .text = keep(st, i->text),
                                           .feedback = keep(st, i->feedback)};
        return OK;
    }
    case EVT_option_added: return apply_option(st, p, &e->option_added);
    case EVT_assessment_published: b->published = true; return OK;
    }
    return OK;
}

static void apply_to_server(State *st, const Event *e, const u8 hash[HASH_BYTES])
{
    Start *s = &st->start;
    st->server.ver++;
    memcpy(st->server.head, hash, HASH_BYTES);
    if (e->kind != EVT_server_began) return;
    *s = (Start){.boot_ms = e->server_began.boot_ms, .at_ms = e->at_ms};
    Span boot = e->server_began.boot;
    if (boot.len && boot.len < sizeof s->boot) memcpy(s->boot, boot.ptr, boot.len);
}

/* An attempt's box is made by its first event, which names the session. */
static Err ensure_attempt(State *st, u64 id, const Event *e)
{
    if (state_attempt(st, id)) return OK;
    if (e->kind == EVT_invited) return state_new_attempt(st, id, e->invited.session);
    if (e->kind == EVT_joined) return state_new_attempt(st, id, e->joined.session);
    return ERR_BROKEN;
}

static Err apply_event(State *st, u64 stream, const Event *e, Span encoded,
                       const u8 hash[HASH_BYTES], const char **broken)
{
    u64 id = stream_object(stream);
    if (stream_kind(stream) == STREAM_ATTEMPT) {
        Err err = ensure_attempt(st, id, e);
        if (err) return err;
    }
    bool server = stream_kind(stream) == STREAM_SERVER;
    Stream *s = state_stream(st, stream);
    if (!s || (!server && stream_append(s, encoded, hash))) return ERR_MEMORY;
    st->last_event_ms = MAX_OF(st->last_event_ms, e->at_ms);
    if (!server) st->last_exam_ms = st->last_event_ms;
    switch (stream_kind(stream)) {
    case STREAM_SERVER: apply_to_server(st, e, hash); return OK;
    case STREAM_SESSION: return apply_to_session(st, state_session(st, id), e);
    case STREAM_ATTEMPT: return apply_to_attempt(st, state_attempt(st, id), e, broken);
    case STREAM_ASSESSMENT: return apply_to_paper(st, state_paper(st, id), e);
    }
    return ERR_BROKEN;
}

Err state_apply(State *st, u64 stream, const Event *e, Span encoded, const u8 hash[HASH_BYTES])
{
    return apply_event(st, stream, e, encoded, hash, NULL);
}

Err state_replay(State *st, u64 stream, const Event *e, Span encoded, const u8 hash[HASH_BYTES],
                 const char **broken)
{
    *broken = NULL;
    return apply_event(st, stream, e, encoded, hash, broken);
}

/* ---- what cannot be replayed ---- */

Err state_set_aside(State *st, u64 attempt, u64 ver, const char *why)
{
    Err err = array_grow((void **)&st->aside, st->aside_count, &st->aside_cap, sizeof(Aside));
    if (err) return err;
    st->aside[st->aside_count++] = (Aside){attempt, ver, why};
    st->next_attempt = MAX_OF(st->next_attempt, attempt + 1);
    AttemptBox *b = state_attempt(st, attempt);
    if (b) b->set_aside = true;
    return OK;
}

bool state_is_aside(const State *st, u64 attempt)
{
    for (u32 i = 0; i < st->aside_count; i++)
        if (st->aside[i].attempt == attempt) return true;
    return false;
}

Err state_keep_record(AttemptBox *b, Span encoded, const u8 hash[HASH_BYTES])
{
    return stream_append(&b->stream, encoded, hash);
}
