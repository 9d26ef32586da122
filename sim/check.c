/* check.c - judges a world by its log alone, with rules of its own: it reads the stored events, adds
 * up what time should have been given back, and compares. Nothing of the core's clock is used. */
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>

enum { SLACK_MS = 60000 }; /* how late a server that was there may end an exam */

typedef struct Model {
    i64 began_ms, limit_ms, extra_ms, credited_ms, owed_ms, outage_ms, last_ms;
    i64 stopped_ms; /* until when a credited hold lasted */
    u8 holds;       /* bits of Hold */
    i64 ready_ms, connection_ms, over_ms;
    bool connected, over;
    bool away; /* without a connection when it was over */
    u32 rev[SIM_ITEMS + 1];
    u8 said[WORDS_MAX];
} Model;

typedef struct Judge {
    World *w;
    i64 setting[SETTINGS_END];
    i64 session_started_ms, session_ended_ms;
    Model models[CLIENTS_MAX];
} Judge;

static Model *model_of(Judge *j, u64 stream, u32 *client)
{
    for (u32 i = 0; i < j->w->client_count; i++) {
        *client = i;
        if (stream == stream_id(STREAM_ATTEMPT, j->w->clients[i].attempt)) return &j->models[i];
    }
    return NULL;
}

static bool hold_credited(const Judge *j, const Model *m)
{
    return (m->holds & HOLD_locked && j->setting[SETTING_credit_lock]) ||
           (m->holds & HOLD_system_paused && j->setting[SETTING_credit_system_pause]) ||
           (m->holds & HOLD_paused && j->setting[SETTING_credit_pause]);
}

static void owe_outage(const Judge *j, Model *m, i64 ms)
{
    if (!j->setting[SETTING_credit_outage]) return;
    i64 owed = MAX_OF(MIN_OF(ms, j->setting[SETTING_outage_credit_max_ms] - m->outage_ms), (i64)0);
    m->outage_ms += owed;
    m->owed_ms += owed;
}

/* What the time since the last look is worth. */
static void model_pass(const Judge *j, Model *m, i64 at_ms)
{
    i64 ms = at_ms - m->last_ms;
    m->last_ms = at_ms;
    if (!m->began_ms || m->over || ms <= 0) return;
    if (hold_credited(j, m)) {
        m->owed_ms += ms;
        m->stopped_ms = at_ms;
    } else if (!m->connected) owe_outage(j, m, ms);
}

static i64 model_deadline(const Judge *j, const Model *m)
{
    bool common = j->setting[SETTING_limit_for_session];
    i64 deadline =
        (common ? j->session_started_ms : m->began_ms) + m->limit_ms + m->extra_ms + m->owed_ms;
    return j->session_ended_ms ? MIN_OF(deadline, j->session_ended_ms) : deadline;
}

static void judge_answer(Judge *j, Model *m, u32 client, const Event *e)
{
    const Evt_answered *a = &e->answered;
    Violations *v = &j->w->found;
    i64 deadline = model_deadline(j, m), grace = j->setting[SETTING_grace_ms];
    if (a->item == 0 || a->item > SIM_ITEMS) {
        violation(j->w, &v->other, "client %u answered item %u", client, a->item);
        return;
    }
    if (a->rev <= m->rev[a->item])
        violation(j->w, &v->doubled, "client %u: item %u rev %u is stored twice", client, a->item,
                  a->rev);
    m->rev[a->item] = a->rev;
    if (m->over) {
        bool may = m->away && e->at_ms <= m->over_ms + j->setting[SETTING_late_arrival_ms];
        if (!may || a->late != LATE_AFTER_END)
            violation(j->w, &v->wrong_deadlines, "client %u: an answer after the end is marked %u",
                      client, a->late);
        return;
    }
    if (a->late != (e->at_ms > deadline))
        violation(j->w, &v->wrong_deadlines,
                  "client %u: an answer %lld ms after the deadline is marked %u", client,
                  (long long)(e->at_ms - deadline), a->late);
    if (e->at_ms > deadline + grace)
        violation(j->w, &v->wrong_deadlines, "client %u: an answer is taken after the grace",
                  client);
    if (m->holds) violation(j->w, &v->other, "client %u: an answer is taken during a hold", client);
}

/* Time in which the server was not there ends no exam before it was looked at as a lost connection. */
static void judge_downtime(const Judge *j, const Model *m, u32 client, i64 end_ms)
{
    World *w = j->w;
    for (u32 i = 0; m->connected && i < w->down_count; i++)
        if (w->downs[i].from_ms >= m->began_ms && w->downs[i].from_ms < end_ms &&
            end_ms <= w->downs[i].to_ms)
            violation(w, &w->found.wrong_deadlines,
                      "client %u: ended by time in which the server was away", client);
}

static void judge_over(Judge *j, Model *m, u32 client, const Event *e)
{
    Violations *v = &j->w->found;
    m->over = true;
    m->holds = 0;
    m->over_ms = e->at_ms;
    m->away = e->kind == EVT_ended && !m->connected;
    if (!m->began_ms) return;
    if (m->credited_ms != m->owed_ms)
        violation(j->w, &v->wrong_deadlines, "client %u: %lld ms are credited, %lld ms are owed",
                  client, (long long)m->credited_ms, (long long)m->owed_ms);
    if (e->kind != EVT_ended || e->ended.cause == ENDED_BY_PROCTOR) return;
    /* Who is let in after the common end is ended at once, or after the hold that was then. */
    i64 end_ms = model_deadline(j, m) + j->setting[SETTING_grace_ms];
    if (e->ended.cause == ENDED_BY_TIME) judge_downtime(j, m, client, end_ms);
    i64 late_ms = e->at_ms - MAX_OF(MAX_OF(end_ms, m->began_ms), m->stopped_ms);
    if (e->at_ms < end_ms)
        violation(j->w, &v->wrong_deadlines, "client %u: ended %lld ms early", client,
                  (long long)(end_ms - e->at_ms));
    if (late_ms > SLACK_MS + j->w->down_ms)
        violation(j->w, &v->wrong_deadlines, "client %u: ended %lld ms late", client,
                  (long long)late_ms);
}

static void judge_said(Judge *j, Model *m, u32 client, Span text)
{
    unsigned nth, who;
    char copy[32];
    snprintf(copy, sizeof copy, "%.*s", SPAN_ARG(text));
    if (sscanf(copy, "word %u of %u", &nth, &who) != 2 || nth >= WORDS_MAX || who != client)
        violation(j->w, &j->w->found.other, "client %u said what was never written", client);
    else if (m->said[nth]++)
        violation(j->w, &j->w->found.doubled, "client %u: word %u is stored twice", client, nth);
}

/* With one end for all, who is ready and waits for a proctor is given that time back. */
static void judge_began(const Judge *j, Model *m, const Event *e)
{
    m->began_ms = e->at_ms;
    m->limit_ms = e->began.limit_ms;
    bool given = j->setting[SETTING_limit_for_session] && j->setting[SETTING_waiting_room] &&
                 j->setting[SETTING_credit_waiting];
    i64 since = MAX_OF(MAX_OF(j->session_started_ms, m->ready_ms), m->connection_ms);
    if (given && e->at_ms > since) m->owed_ms += e->at_ms - since;
}

static void judge_disconnected(const Judge *j, Model *m, const Event *e)
{
    i64 since = e->disconnected.since_ms;
    if (m->began_ms && !m->over && m->connected && !hold_credited(j, m))
        owe_outage(j, m, e->at_ms - since);
    m->connected = false;
    m->connection_ms = since;
    if (m->over && since <= m->over_ms) m->away = true;
}

static void judge_attempt(Judge *j, Model *m, u32 client, const Event *e)
{
    if (e->kind != EVT_credited) model_pass(j, m, e->at_ms);
    switch ((u32)e->kind) {
    case EVT_became_ready: m->ready_ms = e->at_ms; break;
    case EVT_began: judge_began(j, m, e); break;
    case EVT_answered: judge_answer(j, m, client, e); break;
    case EVT_said: judge_said(j, m, client, e->said.text); break;
    case EVT_paused: m->holds |= HOLD_paused; break;
    case EVT_resumed: m->holds &= (u8)~HOLD_paused; break;
    case EVT_locked: m->holds |= HOLD_locked; break;
    case EVT_unlocked: m->holds &= (u8)~HOLD_locked; break;
    case EVT_system_paused: m->holds |= HOLD_system_paused; break;
    case EVT_system_resumed: m->holds &= (u8)~HOLD_system_paused; break;
    case EVT_connected:
        m->connected = true;
        m->connection_ms = e->at_ms;
        break;
    case EVT_disconnected: judge_disconnected(j, m, e); break;
    case EVT_extended: m->extra_ms += e->extended.ms; break;
    case EVT_credited:
        model_pass(j, m, e->at_ms);
        m->credited_ms += e->credited.ms;
        break;
    case EVT_submitted:
    case EVT_ended: judge_over(j, m, client, e); break;
    }
}

static void judge_session(Judge *j, const Event *e)
{
    switch ((u32)e->kind) {
    case EVT_configured: j->setting[e->configured.setting] = e->configured.value; break;
    case EVT_session_started: j->session_started_ms = e->at_ms; break;
    case EVT_session_ended: j->session_ended_ms = e->at_ms; break;
    }
}

static void trace_record(u64 stream, const Event *e)
{
    Buf line;
    buf_init(&line, EVENT_BYTES_MAX);
    event_json(&line, e);
    printf("%8.3f %llu %.*s\n", (double)(e->at_ms - SIM_EPOCH_MS) / 1000,
           (unsigned long long)stream_object(stream), SPAN_ARG(buf_view(&line)));
    buf_done(&line);
}

static Err judge_record(void *ctx, const LogRecord *r)
{
    Judge *j = ctx;
    Event e;
    u32 client;
    if (event_decode(r->event, &e)) {
        violation(j->w, &j->w->found.other, "record %llu cannot be read",
                  (unsigned long long)r->seq);
        return OK;
    }
    if (j->w->trace) trace_record(r->stream, &e);
    Model *m = model_of(j, r->stream, &client);
    if (m) judge_attempt(j, m, client, &e);
    else judge_session(j, &e);
    return OK;
}

/* ---- replay = live ---- */

static Err no_submit(void *self, const LogRecord *records, u32 count, u64 batch)
{
    (void)self, (void)records, (void)count, (void)batch;
    return ERR_BUSY;
}

static Err read_log(void *self, u64 after, Err (*each)(void *ctx, const LogRecord *r), void *ctx)
{
    return log_read(((World *)self)->log, after, each, ctx);
}

static bool attempt_same(const Attempt *a, const Attempt *b)
{
    Attempt copy;
    memcpy(&copy, a, sizeof copy);
    copy.item = b->item; /* what lies there is compared, not where it lies */
    return memcmp(&copy, b, sizeof copy) == 0 &&
           memcmp(a->item, b->item, (a->item_count + 1) * sizeof *a->item) == 0;
}

static void check_replay(World *w)
{
    EnginePorts ports = {.log = {w, no_submit, read_log}, .sign_secret = w->sign_secret};
    Engine *again = engine_open(&ports);
    ASSERT(again);
    if (engine_replay(again, w->now_ms))
        violation(w, &w->found.other, "the log cannot be replayed");
    for (u32 i = 0; i < w->client_count; i++) {
        const Attempt *live = engine_attempt(w->engine, w->clients[i].attempt);
        const Attempt *replayed = engine_attempt(again, w->clients[i].attempt);
        if (!replayed || !attempt_same(live, replayed))
            violation(w, &w->found.other, "client %u: replay and live state differ", i);
    }
    engine_close(again);
}

/* Lets everything that was decided reach the disk. */
static void settle(World *w)
{
    disk_faults()->full = false;
    disk_faults()->fail_in = -1;
    for (int i = 0; i < 3; i++) {
        engine_turn(w->engine, w->now_ms);
        for (u32 k = 0; k < w->waiting_count; k++) {
            if (log_append(w->log, w->waiting[k].records, w->waiting[k].count))
                violation(w, &w->found.other, "the log does not take what is left");
            engine_durable(w->engine, w->waiting[k].batch, w->now_ms);
        }
        w->waiting_count = 0;
    }
}

void check_all(World *w)
{
    static Judge judge;
    char why[256];
    if (!w->log && w->found.other) return; /* it said already that the log does not open */
    if (!w->up) {
        disk_power_cut();
        server_start(w);
    }
    if (!w->up) return;
    settle(w);
    judge = (Judge){.w = w};
    for (u32 i = 0; i < SETTINGS_END; i++)
        judge.setting[i] = setting_default(i);
    if (log_read(w->log, 0, judge_record, &judge))
        violation(w, &w->found.other, "the log cannot be read");
    if (log_check(w->log, why, sizeof why))
        violation(w, &w->found.other, "the chain is broken: %s", why);
    for (u32 i = 0; i < w->client_count; i++)
        client_check_stored(w, &w->clients[i]);
    check_replay(w);
}
