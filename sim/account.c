/* account.c - adds up each candidate's time from the events alone, in its own way, and compares what
 * the server did with it: credits, deadlines, late answers, the end. */
#include "sim/judge.h"

enum { SLACK_MS = 2000 }; /* how late a server that was there may end an exam */

static bool hold_credited(const Judge *j, const Model *m)
{
    return m->holds & HOLD_incident ||
           (m->holds & HOLD_locked && j->setting[SETTING_credit_lock]) ||
           (m->holds & HOLD_system_paused && j->setting[SETTING_credit_system_pause]) ||
           (m->holds & HOLD_paused && j->setting[SETTING_credit_pause]);
}

static void owe_outage(const Judge *j, Model *m, i64 from_ms, i64 to_ms)
{
    if (!j->setting[SETTING_credit_outage]) return;
    i64 left = j->setting[SETTING_outage_credit_max_ms] - m->outage_ms;
    i64 owed = MAX_OF(MIN_OF(to_ms - from_ms, left), (i64)0);
    m->outage_ms += owed;
    m->owed_ms += owed;
    if (owed && owed == left) m->spent_ms = from_ms + owed;
}

/* What the time since the last look is worth. */
static void pass(const Judge *j, Model *m, i64 at_ms)
{
    i64 from_ms = m->last_ms;
    m->last_ms = at_ms;
    if (!m->began_ms || m->over || at_ms <= from_ms) return;
    if (hold_credited(j, m)) {
        m->owed_ms += at_ms - from_ms;
        m->stopped_ms = at_ms;
    } else if (!m->connected) owe_outage(j, m, from_ms, at_ms);
}

static i64 deadline(const Judge *j, const Model *m)
{
    bool common = j->setting[SETTING_limit_for_session];
    i64 end =
        (common ? j->sitting.started_ms : m->began_ms) + m->limit_ms + m->extra_ms + m->owed_ms;
    return j->sitting.ended_ms ? MIN_OF(end, j->sitting.ended_ms) : end;
}

i64 account_deadline_ms(const Judge *j, const Model *m, i64 at_ms)
{
    Model then = *m;
    pass(j, &then, at_ms);
    return deadline(j, &then);
}

static void account_in_time(Judge *j, const Model *m, u32 candidate, const Event *e)
{
    World *w = j->w;
    i64 end = deadline(j, m);
    if (e->answered.late != (e->at_ms > end))
        violation(w, &w->found.wrong_deadlines,
                  "candidate %u: an answer %lld ms after the deadline is marked %u", candidate,
                  (long long)(e->at_ms - end), e->answered.late);
    if (e->at_ms > end + j->setting[SETTING_grace_ms])
        violation(w, &w->found.wrong_deadlines, "candidate %u: an answer is taken after the grace",
                  candidate);
    if (m->holds)
        violation(w, &w->found.other, "candidate %u: an answer is taken in a hold", candidate);
}

/* After an end that found the device without a connection what it wrote is still taken, and marked. */
static void account_answer(Judge *j, Model *m, u32 candidate, const Event *e)
{
    const Evt_answered *a = &e->answered;
    World *w = j->w;
    if (a->item == 0 || a->item > SIM_ITEMS || a->rev >= REVS_MAX) {
        violation(w, &w->found.other, "candidate %u answered item %u", candidate, a->item);
        return;
    }
    if (a->rev <= m->rev[a->item])
        violation(w, &w->found.doubled, "candidate %u: item %u rev %u is stored twice", candidate,
                  a->item, a->rev);
    m->rev[a->item] = a->rev;
    if (m->over) {
        bool may = m->away && m->state == ATTEMPT_ended &&
                   e->at_ms <= m->over_ms + j->setting[SETTING_late_arrival_ms];
        if (!may || a->late != LATE_AFTER_END)
            violation(w, &w->found.wrong_deadlines,
                      "candidate %u: an answer after the end is marked %u", candidate, a->late);
    } else account_in_time(j, m, candidate, e);
    m->text[a->item] = j->texts[candidate][a->item][a->rev] = text_read(a->value);
}

/* Time in which the server was not there ends no exam before it was looked at as a lost connection. */
static void account_downtime(const Judge *j, const Model *m, u32 candidate, i64 end_ms)
{
    World *w = j->w;
    if (!m->connected || end_ms < m->stopped_ms) return;
    for (u32 i = 0; i < w->down_count; i++)
        if (w->downs[i].from_ms >= m->began_ms && w->downs[i].from_ms < end_ms &&
            end_ms <= w->downs[i].to_ms)
            violation(w, &w->found.wrong_deadlines,
                      "candidate %u: ended by time in which the server was away", candidate);
}

static void account_ended(Judge *j, const Model *m, u32 candidate, const Event *e)
{
    World *w = j->w;
    if (e->kind != EVT_ended || e->ended.cause == ENDED_BY_PROCTOR ||
        e->ended.cause == ENDED_FOR_BREACH)
        return;
    i64 end = deadline(j, m) + j->setting[SETTING_grace_ms];
    if (e->ended.cause == ENDED_BY_TIME) account_downtime(j, m, candidate, end);
    /* Who is let in after the common end is ended at once, or after the hold that was then. */
    i64 late = e->at_ms - MAX_OF(MAX_OF(end, m->began_ms), m->stopped_ms);
    if (e->at_ms < end)
        violation(w, &w->found.wrong_deadlines, "candidate %u: ended %lld ms early", candidate,
                  (long long)(end - e->at_ms));
    if (late > SLACK_MS + w->down_ms)
        violation(w, &w->found.wrong_deadlines, "candidate %u: ended %lld ms late", candidate,
                  (long long)late);
}

static void account_over(Judge *j, Model *m, u32 candidate, const Event *e)
{
    World *w = j->w;
    m->over = true;
    m->over_ms = e->at_ms;
    m->away = !m->connected;
    m->hand = m->asked_pause = false;
    m->wants_device = 0;
    if (!m->began_ms) return;
    if (m->credited_ms != m->owed_ms)
        violation(w, &w->found.wrong_deadlines, "candidate %u: %lld ms are credited, %lld are owed",
                  candidate, (long long)m->credited_ms, (long long)m->owed_ms);
    account_ended(j, m, candidate, e);
    m->holds = 0;
}

static void account_began(Judge *j, Model *m, u32 candidate, const Event *e)
{
    World *w = j->w;
    bool let_in = m->admitted || !j->setting[SETTING_waiting_room];
    if (!m->connected || !let_in || j->sitting.state != SESSION_running)
        violation(w, &w->found.other, "candidate %u begins too early", candidate);
    m->began_ms = e->at_ms;
    m->limit_ms = e->began.limit_ms;
    /* With one end for all, who is ready and waits for a proctor is given that time back. */
    bool given = j->setting[SETTING_limit_for_session] && j->setting[SETTING_waiting_room] &&
                 j->setting[SETTING_credit_waiting];
    i64 since = MAX_OF(MAX_OF(j->sitting.started_ms, m->ready_ms), m->linked_ms);
    if (given && e->at_ms > since) m->owed_ms += e->at_ms - since;
}

/* What is given is there in full, however late the end came. */
static void account_reopened(const Judge *j, Model *m, const Event *e)
{
    m->over = m->away = false;
    m->extra_ms += e->reopened.ms + e->at_ms - MIN_OF(m->over_ms, deadline(j, m));
    m->stopped_ms = e->at_ms;
}

static void account_disconnected(const Judge *j, Model *m, const Event *e)
{
    i64 since = e->disconnected.since_ms;
    if (m->began_ms && !m->over && m->connected && !hold_credited(j, m))
        owe_outage(j, m, since, e->at_ms);
    if (m->spent_ms) m->spent_ms = MAX_OF(m->spent_ms, e->at_ms);
    m->connected = false;
    m->linked_ms = since;
    if (m->over && since <= m->over_ms) m->away = true;
}

/* The clock runs again as soon as nothing more is given back for a lost connection. */
static void account_spent(const Judge *j, const Model *m, u32 candidate, i64 at_ms)
{
    World *w = j->w;
    if (m->spent_ms && at_ms - m->spent_ms > SLACK_MS + w->down_ms)
        violation(w, &w->found.wrong_deadlines,
                  "candidate %u: the clock stands still %lld ms after its credit was used up",
                  candidate, (long long)(at_ms - m->spent_ms));
}

static void account_credited(const Judge *j, Model *m, u32 candidate, const Event *e)
{
    m->credited_ms += e->credited.ms;
    if (e->credited.cause != STOP_outage) return;
    account_spent(j, m, candidate, e->at_ms);
    m->spent_ms = 0;
}

/* Another device leads from here on; it connects by itself. */
static void account_takeover(Model *m, const Event *e)
{
    m->wants_device = 0;
    if (!e->takeover_decided.approve) return;
    m->device = e->takeover_decided.device;
    if (m->connected) m->linked_ms = e->at_ms;
    if (m->connected && m->over) m->away = true;
    m->connected = false;
}

static void account_hold(Judge *j, Model *m, u32 candidate, u8 hold, bool on)
{
    bool was = (m->holds & hold) != 0;
    if (was == on)
        violation(j->w, &j->w->found.doubled, "candidate %u: hold %u is %s twice", candidate, hold,
                  on ? "begun" : "ended");
    m->holds = (u8)(on ? m->holds | hold : m->holds & ~(u32)hold);
}

void account_event(Judge *j, u32 candidate, const Event *e)
{
    Model *m = &j->models[candidate];
    pass(j, m, e->at_ms);
    switch ((u32)e->kind) {
    case EVT_began: account_began(j, m, candidate, e); break;
    case EVT_answered: account_answer(j, m, candidate, e); break;
    case EVT_paused: account_hold(j, m, candidate, HOLD_paused, true); break;
    case EVT_incident_paused:
        account_hold(j, m, candidate, HOLD_paused, true);
        m->holds |= HOLD_incident;
        break;
    case EVT_resumed:
        account_hold(j, m, candidate, HOLD_paused, false);
        m->holds &= (u8)~HOLD_incident;
        break;
    case EVT_locked: account_hold(j, m, candidate, HOLD_locked, true); break;
    case EVT_unlocked: account_hold(j, m, candidate, HOLD_locked, false); break;
    case EVT_system_paused: account_hold(j, m, candidate, HOLD_system_paused, true); break;
    case EVT_system_resumed: account_hold(j, m, candidate, HOLD_system_paused, false); break;
    case EVT_connected:
        m->connected = true;
        m->linked_ms = e->at_ms;
        break;
    case EVT_phone_paired: m->phone = e->phone_paired.device; break;
    case EVT_takeover_asked: m->wants_device = e->takeover_asked.device; break;
    case EVT_takeover_decided: account_takeover(m, e); break;
    case EVT_became_ready: m->ready_ms = e->at_ms; break;
    case EVT_disconnected: account_disconnected(j, m, e); break;
    case EVT_extended: m->extra_ms += e->extended.ms; break;
    case EVT_credited: account_credited(j, m, candidate, e); break;
    case EVT_reopened: account_reopened(j, m, e); break;
    case EVT_submitted:
    case EVT_ended: account_over(j, m, candidate, e); break;
    }
}

/* A server that is there lets nobody go on for ever. */
void account_end(Judge *j, u32 candidate)
{
    World *w = j->w;
    Model m = j->models[candidate];
    if (m.state != ATTEMPT_active) return;
    i64 now = server_now_ms(w);
    pass(j, &m, now);
    account_spent(j, &m, candidate, now);
    bool stopped = hold_credited(j, &m) && !j->sitting.ended_ms;
    i64 end = deadline(j, &m) + j->setting[SETTING_grace_ms];
    if (!stopped && now > end + SLACK_MS)
        violation(w, &w->found.wrong_deadlines, "candidate %u: goes on %lld ms after the end",
                  candidate, (long long)(now - end));
}
