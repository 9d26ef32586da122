/* attempt.c - what becomes true: the state of one attempt, drawn from its events.
 *
 *  none --invite--> INVITED --join--> JOINED --ready--> WAITING --begin--> ACTIVE --submit--> SUBMITTED
 *    '--------join------------------->  |  ^-ask_again-'  |                 |  '--time_up, end--> ENDED
 *                     |                 '----refuse-------'--> REFUSED      '<------reopen-------'
 *    INVITED --miss--> ABSENT --join, where late entry is allowed--> JOINED
 *
 * Each edge is the decide_ function of that name in attempt_decide.c. Holds lie on top of ACTIVE:
 * paused, system_paused, locked; the strongest is shown. `incident` marks a pause that an incident of the
 * session made: it goes with it. Connection is separate. What is shown at the door (proofs) and who checks it
 * lie on top of JOINED and WAITING.
 *
 * The clock: deadline = base + extra + credit + what is being credited now, where base is the own (or
 * the session's) start + limit. While something that the policy credits lasts, the clock stands still
 * since stop_since_ms; when it ends, its length becomes a `credited` event with its cause. */
#include "core/internal.h"

#include "base/plants.h"

void attempt_init(Attempt *a, u64 id, u64 session, ItemState *items, u32 item_count)
{
    memset(a, 0, sizeof *a);
    a->id = id;
    a->session = session;
    a->item = items;
    a->item_count = item_count;
    a->factor_permille = 1000;
}

u32 answer_digest(Span value)
{
    u32 hash = 2166136261u;
    for (size_t i = 0; i < value.len; i++)
        hash = (hash ^ value.ptr[i]) * 16777619u;
    return hash;
}

u8 attempt_shown_hold(const Attempt *a)
{
    if (a->holds & HOLD_locked) return HOLD_locked;
    if (a->holds & HOLD_system_paused) return HOLD_system_paused;
    return a->holds & HOLD_paused;
}

bool attempt_asks(const Attempt *a, const Session *s)
{
    enum { HIGH = 3 };
    bool held = session_on(s, SETTING_waiting_room);
    bool comes_in = held && a->state == ATTEMPT_waiting && !a->admitted;
    bool interrupted = a->holds & HOLD_system_paused || (attempt_is_present(a) && !a->connected);
    return a->hand_ms || a->pause_asked_ms || a->wants_device || a->unread || comes_in ||
           interrupted || a->worst_open_flag >= HIGH;
}

/* ---- the clock ---- */

StopCause attempt_stop_cause(const Attempt *a, const Session *s, u8 holds, bool connected)
{
    if (holds & HOLD_locked && session_on(s, SETTING_credit_lock)) return STOP_lock;
    if (holds & HOLD_system_paused && session_on(s, SETTING_credit_system_pause))
        return STOP_system_pause;
    if (holds & HOLD_incident)
        return STOP_incident; /* nobody's time, whatever the policy for breaks */
    if (holds & HOLD_paused && session_on(s, SETTING_credit_pause)) return STOP_pause;
    bool outage_left = a->outage_credit_ms < s->setting[SETTING_outage_credit_max_ms];
    if (!connected && session_on(s, SETTING_credit_outage) && outage_left) return STOP_outage;
    return STOP_none;
}

i64 attempt_pending_ms(const Attempt *a, const Session *s, i64 now_ms)
{
    if (a->stop_cause == STOP_none || now_ms <= a->stop_since_ms) return 0;
    i64 stopped = now_ms - a->stop_since_ms;
    if (a->stop_cause != STOP_outage || PLANTED(outage_uncapped)) return stopped;
    return MIN_OF(stopped, s->setting[SETTING_outage_credit_max_ms] - a->outage_credit_ms);
}

/* The end of time without what is being credited now. */
static i64 settled_deadline_ms(const Attempt *a, const Session *s)
{
    bool common = session_on(s, SETTING_limit_for_session) && s->started_ms;
    i64 base = (common ? s->started_ms : a->began_ms) + a->limit_ms;
    return base + a->extra_ms + a->credit_ms;
}

i64 attempt_deadline_ms(const Attempt *a, const Session *s, i64 now_ms)
{
    if (a->began_ms == 0) return NEVER_MS;
    i64 deadline = settled_deadline_ms(a, s) + attempt_pending_ms(a, s, now_ms);
    bool cut = s->ended_ms && !PLANTED(session_end_ignored);
    return cut ? MIN_OF(deadline, s->ended_ms) : deadline;
}

i64 attempt_left_ms(const Attempt *a, const Session *s, i64 now_ms)
{
    if (a->began_ms == 0) return s->duration_ms * (i64)a->factor_permille / 1000;
    i64 at = a->over_ms ? a->over_ms : now_ms;
    return MAX_OF(attempt_deadline_ms(a, s, at) - at, (i64)0);
}

i64 attempt_told_left_ms(const Attempt *a, const Session *s, i64 now_ms)
{
    i64 left = attempt_left_ms(a, s, now_ms);
    if (!s->end_ms || s->state != SESSION_running || attempt_is_over(a)) return left;
    return MAX_OF(MIN_OF(left, s->end_ms - now_ms), (i64)0);
}

bool attempt_clock_runs(const Attempt *a, const Session *s)
{
    (void)s;
    return a->state == ATTEMPT_active && a->stop_cause == STOP_none;
}

i64 attempt_planned_ms(const Attempt *a, const Session *s)
{
    return s->duration_ms * ((i64)a->factor_permille - 1000) / 1000;
}

/* When the time is over for good if nothing happens any more; grace included. */
static i64 time_up_ms(const Attempt *a, const Session *s)
{
    i64 grace = PLANTED(early_end) ? 0 : s->setting[SETTING_grace_ms];
    i64 end = s->ended_ms ? s->ended_ms : NEVER_MS - grace;
    i64 deadline = settled_deadline_ms(a, s);
    if (a->stop_cause == STOP_outage)
        deadline += s->setting[SETTING_outage_credit_max_ms] - a->outage_credit_ms;
    else if (a->stop_cause != STOP_none) deadline = end;
    return MIN_OF(deadline, end) + grace * (PLANTED(grace_twice) ? 2 : 1);
}

/* ---- what the candidate may do now ---- */

static Refusal held(const Attempt *a)
{
    if (a->holds & HOLD_locked) return R_IS_LOCKED;
    if (a->holds & HOLD_system_paused) return R_IS_SYSTEM_PAUSED;
    return a->holds & HOLD_paused ? R_IS_PAUSED : ACCEPTED;
}

Refusal attempt_may_answer(const Attempt *a, const Session *s, i64 now_ms)
{
    if (attempt_is_over(a)) return R_IS_OVER;
    if (a->state != ATTEMPT_active) return R_TOO_EARLY;
    Refusal r = held(a);
    if (r) return r;
    i64 deadline = attempt_deadline_ms(a, s, now_ms);
    return now_ms > deadline + s->setting[SETTING_grace_ms] ? R_TOO_LATE : ACCEPTED;
}

Refusal attempt_may_deliver(const Attempt *a, const Session *s, i64 now_ms)
{
    bool away = a->state == ATTEMPT_ended && a->away_at_end;
    if (away && now_ms <= a->over_ms + s->setting[SETTING_late_arrival_ms]) return ACCEPTED;
    return attempt_may_answer(a, s, now_ms);
}

/* ---- what the server asks by itself ---- */

static bool may_begin(const Attempt *a, const Session *s)
{
    return s->state == SESSION_running && a->connected &&
           (a->admitted || !session_on(s, SETTING_waiting_room));
}

/* Settings that were changed since: nobody is recorded in a way that was not agreed to. */
static bool consent_stale(const Attempt *a, const Session *s)
{
    return a->disclosure != session_disclosure(s);
}

i64 attempt_outage_spent_ms(const Attempt *a, const Session *s)
{
    if (a->stop_cause != STOP_outage || PLANTED(spent_clock_stopped)) return NEVER_MS;
    return a->stop_since_ms + s->setting[SETTING_outage_credit_max_ms] - a->outage_credit_ms;
}

/* When another device may take over without anybody's word; it connects itself after that. */
static i64 takeover_ms(const Attempt *a, const Session *s)
{
    if (!a->wants_device || a->connected || !session_on(s, SETTING_takeover_alone)) return NEVER_MS;
    return a->connection_since_ms + TAKEOVER_WAIT_MS;
}

/* When somebody who has not come counts as absent while the session runs. */
static i64 no_show_ms(const Session *s)
{
    i64 after = s->setting[SETTING_no_show_ms];
    return s->started_ms && after ? s->started_ms + after : NEVER_MS;
}

i64 attempt_state_wake_ms(const Attempt *a, const Session *s)
{
    bool over = s->state == SESSION_ended || s->state == SESSION_cancelled;
    switch (a->state) {
    case ATTEMPT_invited: return over ? 0 : no_show_ms(s);
    case ATTEMPT_joined: return over ? 0 : NEVER_MS;
    case ATTEMPT_waiting: return over || may_begin(a, s) || consent_stale(a, s) ? 0 : NEVER_MS;
    case ATTEMPT_active: return time_up_ms(a, s);
    case ATTEMPT_none:
    case ATTEMPT_submitted:
    case ATTEMPT_ended:
    case ATTEMPT_refused:
    case ATTEMPT_absent:
    case ATTEMPT_STATES: break;
    }
    return NEVER_MS;
}

i64 attempt_wake_ms(const Attempt *a, const Session *s)
{
    return MIN_OF(MIN_OF(attempt_state_wake_ms(a, s), takeover_ms(a, s)),
                  attempt_outage_spent_ms(a, s));
}

/* What its state alone demands. */
static CommandKind state_due(const Attempt *a, const Session *s)
{
    bool open = s->state == SESSION_planned || s->state == SESSION_running;
    if (a->state == ATTEMPT_active) return CMD_time_up;
    if (a->state == ATTEMPT_invited) return CMD_miss;
    if (a->state != ATTEMPT_waiting || !open) return CMD_end;
    return consent_stale(a, s) ? CMD_ask_again : CMD_begin;
}

bool attempt_due(const Attempt *a, const Session *s, i64 now_ms, Command *out)
{
    if (attempt_wake_ms(a, s) > now_ms) return false;
    if (attempt_state_wake_ms(a, s) <= now_ms) *out = (Command){.kind = state_due(a, s)};
    else if (takeover_ms(a, s) > now_ms) *out = (Command){.kind = CMD_settle_outage};
    else
        *out = (Command){.kind = CMD_decide_takeover,
                         .decide_takeover = {a->wants_device, 1, SPAN_NONE, 0}};
    return true;
}

/* ---- apply ---- */

static AttemptState event_leads(EventKind kind, AttemptState state)
{
    switch ((u32)kind) {
#define LEAD_SAME state
#define LEAD_INVITED ATTEMPT_invited
#define LEAD_JOINED ATTEMPT_joined
#define LEAD_WAITING ATTEMPT_waiting
#define LEAD_ACTIVE ATTEMPT_active
#define LEAD_SUBMITTED ATTEMPT_submitted
#define LEAD_ENDED ATTEMPT_ended
#define LEAD_REFUSED ATTEMPT_refused
#define LEAD_ABSENT ATTEMPT_absent
#define C(id, name, who, states, fields)
#define E(id, name, leads, audience, fields)                                                       \
    case EVT_##name:                                                                               \
        return LEAD_##leads;
#include "schema/attempt.def"
#undef C
#undef E
    }
    return state;
}

/* Starts or lets run the clock after holds or connection changed at `at_ms`. */
static void clock_set(Attempt *a, const Session *s, i64 at_ms)
{
    StopCause cause =
        a->state == ATTEMPT_active ? attempt_stop_cause(a, s, a->holds, a->connected) : STOP_none;
    if (cause == a->stop_cause) return;
    a->stop_cause = cause;
    a->stop_since_ms = cause == STOP_none ? 0 : at_ms;
}

static void hold_set(Attempt *a, const Session *s, u32 hold, bool on, i64 at_ms)
{
    a->holds = (u8)(on ? a->holds | hold : a->holds & ~hold);
    if (PLANTED(unlock_ends_all) && !on && hold == HOLD_locked) a->holds = 0;
    a->state_since_ms = at_ms;
    clock_set(a, s, at_ms);
}

static void apply_answered(Attempt *a, const Evt_answered *e, i64 at_ms)
{
    if (e->item == 0 || e->item > a->item_count) return;
    ItemState *item = &a->item[e->item];
    bool filled = e->value.len > 0;
    a->answered += (u32)filled - item->answered;
    item->answered = filled;
    item->rev = e->rev;
    item->digest = answer_digest(e->value);
    a->saved_ms = at_ms;
    a->late_arrivals += e->late == LATE_AFTER_END;
}

static void apply_marked(Attempt *a, const Evt_marked *e)
{
    if (e->item == 0 || e->item > a->item_count) return;
    u8 on = e->on != 0;
    a->marked += (u32)on - a->item[e->item].marked;
    a->item[e->item].marked = on;
}

static void flags_tally(Attempt *a)
{
    a->flags_open = a->flags_confirmed = 0;
    a->worst_open_flag = 0;
    for (u32 i = 1; i <= a->flags; i++) {
        a->flags_confirmed += attempt_flag_decision(a, i) == FLAG_CONFIRMED;
        if (attempt_flag_decision(a, i) != FLAG_UNDECIDED) continue;
        a->flags_open++;
        a->worst_open_flag = MAX_OF(a->worst_open_flag, attempt_flag_severity(a, i));
    }
}

static void apply_flagged(Attempt *a, const Evt_flagged *e)
{
    if (e->flag != a->flags + 1 || e->flag > FLAGS_MAX) return;
    a->flags = e->flag;
    a->flag[e->flag] = e->severity & 15;
    flags_tally(a);
}

/* ---- the door ---- */

bool attempt_proof_missing(const Attempt *a, const Session *s, bool accepted)
{
    for (u32 proof = 0; proof < 8; proof++) {
        u32 setting = proof_setting(proof);
        ProofState state = attempt_proof(a, proof);
        bool there =
            accepted ? state == PROOF_ACCEPTED : state != PROOF_NONE && state != PROOF_ASKED_AGAIN;
        if (setting && session_on(s, (Setting)setting) && !there) return true;
    }
    return false;
}

static void proof_set(Attempt *a, u32 proof, ProofState state)
{
    u32 shift = 4 * (proof & 7);
    a->proofs = (a->proofs & ~(15u << shift)) | (u32)state << shift;
}

static void checkin_set(Attempt *a, u64 proctor, i64 at_ms)
{
    a->checkin_by = proctor;
    a->checkin_ms = at_ms;
}

/* Who is asked to show something again is not let in by an earlier word. */
static void apply_proof_decided(Attempt *a, const Evt_proof_decided *e)
{
    bool fine = e->outcome == PROOF_IS_FINE;
    proof_set(a, e->proof, fine ? PROOF_ACCEPTED : PROOF_ASKED_AGAIN);
    if (!fine) a->admitted = false;
}

static void apply_door(Attempt *a, const Event *e)
{
    switch ((u32)e->kind) {
    case EVT_proof_shown: proof_set(a, e->proof_shown.proof, PROOF_SHOWN); break;
    case EVT_alternative_declared:
        proof_set(a, e->alternative_declared.proof, PROOF_ALTERNATIVE);
        break;
    case EVT_proof_decided: apply_proof_decided(a, &e->proof_decided); break;
    case EVT_checkin_taken: checkin_set(a, e->actor, e->at_ms); break;
    case EVT_checkin_released:
    case EVT_admitted:
    case EVT_asked_again:
    case EVT_refused:
    case EVT_began:
    case EVT_ended: checkin_set(a, 0, 0); break;
    }
}

static void apply_over(Attempt *a, i64 at_ms)
{
    a->over_ms = at_ms;
    a->holds = 0;
    a->hand_ms = a->pause_asked_ms = a->ready_ms = 0;
    a->wants_device = 0;
    a->takeover_asked_ms = 0;
    a->away_at_end = !a->connected;
    a->stop_cause = STOP_none;
    a->stop_since_ms = 0;
}

/* The time between does not count, and neither does what an end that came late (the server was away) took
 * beyond the deadline: the added time is there in full. */
static void apply_reopened(Attempt *a, const Session *s, const Event *e)
{
    a->credit_ms += e->at_ms - MIN_OF(a->over_ms, settled_deadline_ms(a, s));
    a->extra_ms += e->reopened.ms;
    a->over_ms = 0;
    a->end_cause = 0;
    a->away_at_end = false;
    clock_set(a, s, e->at_ms);
}

static void apply_credited(Attempt *a, const Session *s, const Evt_credited *e, i64 at_ms)
{
    a->credit_ms += e->ms;
    if (e->cause == STOP_outage) a->outage_credit_ms += e->ms;
    /* Settled up to here; the event behind this one changes the cause, or none is left. */
    if (a->stop_cause != STOP_none) a->stop_since_ms = at_ms;
    clock_set(a, s, at_ms);
}

static void apply_connection(Attempt *a, const Session *s, bool connected, i64 since_ms)
{
    a->connected = connected;
    a->connection_since_ms = since_ms;
    /* A loss is noticed late: the device may have been away when the exam ended. */
    if (!connected && a->over_ms && since_ms <= a->over_ms) a->away_at_end = true;
    clock_set(a, s, since_ms);
}

static void apply_takeover_decided(Attempt *a, const Session *s, const Evt_takeover_decided *e,
                                   i64 at_ms)
{
    a->wants_device = 0;
    a->takeover_asked_ms = 0;
    if (!e->approve) return;
    a->device = e->device;
    if (a->connected) apply_connection(a, s, false, at_ms);
}

/* Events of setting up, before anything runs. */
static void apply_before(Attempt *a, const Session *s, const Event *e)
{
    switch ((u32)e->kind) {
    case EVT_invited: a->factor_permille = e->invited.factor_permille; break;
    case EVT_joined: a->factor_permille = e->joined.factor_permille; break;
    case EVT_consented: a->disclosure = e->consented.disclosure; break;
    case EVT_check_reported:
        if (e->check_reported.check < COUNT_OF(a->check_passed))
            a->check_passed[e->check_reported.check] = e->check_reported.outcome != CHECK_FAILED;
        break;
    case EVT_became_ready: a->ready_ms = e->at_ms; break;
    case EVT_admitted: a->admitted = true; break;
    case EVT_asked_again:
        a->admitted = false;
        a->ready_ms = 0;
        break;
    case EVT_began:
        a->began_ms = e->at_ms;
        a->limit_ms = e->began.limit_ms;
        a->ready_ms = 0;
        clock_set(a, s, e->at_ms);
        break;
    }
}

/* Events of an exam under way. */
static void apply_during(Attempt *a, const Session *s, const Event *e)
{
    switch ((u32)e->kind) {
    case EVT_answered: apply_answered(a, &e->answered, e->at_ms); break;
    case EVT_marked: apply_marked(a, &e->marked); break;
    case EVT_hand_raised: a->hand_ms = e->at_ms; break;
    case EVT_hand_lowered: a->hand_ms = 0; break;
    case EVT_pause_requested: a->pause_asked_ms = e->at_ms; break;
    case EVT_pause_withdrawn:
    case EVT_pause_decided: a->pause_asked_ms = 0; break;
    case EVT_paused:
        a->pause_asked_ms = 0;
        hold_set(a, s, HOLD_paused, true, e->at_ms);
        break;
    case EVT_incident_paused:
        a->pause_asked_ms = 0;
        hold_set(a, s, HOLD_paused | HOLD_incident, true, e->at_ms);
        break;
    case EVT_resumed: hold_set(a, s, HOLD_paused | HOLD_incident, false, e->at_ms); break;
    case EVT_locked: hold_set(a, s, HOLD_locked, true, e->at_ms); break;
    case EVT_unlocked: hold_set(a, s, HOLD_locked, false, e->at_ms); break;
    case EVT_system_paused: hold_set(a, s, HOLD_system_paused, true, e->at_ms); break;
    case EVT_system_resumed: hold_set(a, s, HOLD_system_paused, false, e->at_ms); break;
    case EVT_track_lost: a->lost_tracks |= track_bit(e->track_lost.track); break;
    case EVT_track_restored: a->lost_tracks &= (u8)~track_bit(e->track_restored.track); break;
    case EVT_extended:
        if (!a->holds || !PLANTED(extra_lost_in_hold)) a->extra_ms += e->extended.ms;
        break;
    case EVT_credited: apply_credited(a, s, &e->credited, e->at_ms); break;
    case EVT_connected:
        a->device = e->connected.device;
        apply_connection(a, s, true, e->at_ms);
        break;
    case EVT_disconnected:
        apply_connection(a, s, false,
                         PLANTED(outage_from_notice) ? e->at_ms : e->disconnected.since_ms);
        break;
    case EVT_takeover_asked:
        a->wants_device = e->takeover_asked.device;
        a->takeover_asked_ms = e->at_ms;
        break;
    case EVT_phone_paired: a->phone = e->phone_paired.device; break;
    case EVT_takeover_decided: apply_takeover_decided(a, s, &e->takeover_decided, e->at_ms); break;
    case EVT_said:
    case EVT_explained: a->unread++; break;
    case EVT_messaged: a->unread = 0; break;
    case EVT_warned: a->warnings = e->warned.step; break;
    case EVT_warning_acknowledged: a->warnings_seen = e->warning_acknowledged.step; break;
    }
}

/* What ends somebody's work on a request: its outcome, whoever brought it about. */
static bool ends_claim(EventKind kind)
{
    switch ((u32)kind) {
    case EVT_admitted:
    case EVT_asked_again:
    case EVT_refused:
    case EVT_hand_lowered:
    case EVT_pause_withdrawn:
    case EVT_pause_decided:
    case EVT_paused:
    case EVT_takeover_decided:
    case EVT_system_resumed:
    case EVT_connected:
    case EVT_messaged:
    case EVT_flag_decided:
    case EVT_submitted:
    case EVT_ended:
    case EVT_handed_over:
    case EVT_released: return true;
    }
    return false;
}

/* Events at the desk of those who look after the candidates. */
static void apply_desk(Attempt *a, const Event *e)
{
    if (e->kind == EVT_handed_over) a->proctor = e->handed_over.proctor;
    if (e->kind == EVT_claimed) {
        a->claimed_by = e->actor;
        a->claimed_ms = e->at_ms;
    }
    if (ends_claim(e->kind)) {
        a->claimed_by = 0;
        a->claimed_ms = 0;
    }
}

/* Events about the record: flags, the end, what came of it. */
static void apply_after(Attempt *a, const Session *s, const Event *e)
{
    switch ((u32)e->kind) {
    case EVT_flagged: apply_flagged(a, &e->flagged); break;
    case EVT_flag_decided:
        if (e->flag_decided.flag == 0 || e->flag_decided.flag > a->flags) break;
        a->flag[e->flag_decided.flag] = (u8)(attempt_flag_severity(a, e->flag_decided.flag) |
                                             (u32)e->flag_decided.decision << 4);
        flags_tally(a);
        break;
    case EVT_submitted: apply_over(a, e->at_ms); break;
    case EVT_ended:
        a->end_cause = (EndCause)e->ended.cause;
        apply_over(a, e->at_ms);
        break;
    case EVT_refused:
    case EVT_missed:
        a->hand_ms = a->ready_ms = 0;
        a->wants_device = 0;
        a->takeover_asked_ms = 0;
        break;
    case EVT_reopened: apply_reopened(a, s, e); break;
    case EVT_scored:
        a->points_milli = e->scored.points_milli;
        a->max_milli = e->scored.max_milli;
        a->unmarked = e->scored.unmarked;
        break;
    case EVT_verdict_given: a->verdict = e->verdict_given.outcome; break;
    }
}

static void apply_one(Attempt *a, const Session *s, const Event *e)
{
    AttemptState leads = event_leads(e->kind, a->state);
    if (leads != a->state) a->state_since_ms = e->at_ms;
    a->state = leads;
    a->version++;
    apply_before(a, s, e);
    apply_door(a, e);
    apply_during(a, s, e);
    apply_after(a, s, e);
    apply_desk(a, e);
}

void attempt_apply(Attempt *a, const Session *s, const Event *e)
{
    apply_one(a, s, e);
    assert_attempt(a);
}

const char *attempt_replay(Attempt *a, const Session *s, const Event *e)
{
    apply_one(a, s, e);
    return attempt_broken_rule(a);
}

/* ---- what must hold ---- */

#define RULE(holds)                                                                                \
    if (!(holds)) return #holds

const char *attempt_broken_rule(const Attempt *a)
{
    bool began = a->began_ms != 0, over = attempt_is_over(a);
    RULE(a->state < ATTEMPT_STATES);
    RULE(a->state == ATTEMPT_active || a->holds == 0);
    RULE(a->state != ATTEMPT_active || began);
    RULE(a->state != ATTEMPT_submitted || began);
    RULE(over == (a->over_ms != 0));
    RULE((a->stop_cause == STOP_none) == (a->stop_since_ms == 0));
    RULE(a->stop_cause == STOP_none || a->state == ATTEMPT_active);
    RULE(a->credit_ms >= 0 && a->extra_ms >= 0 && a->outage_credit_ms <= a->credit_ms);
    RULE(a->answered <= ITEMS_MAX && a->marked <= ITEMS_MAX);
    RULE(a->flags <= FLAGS_MAX && a->flags_open + a->flags_confirmed <= a->flags);
    RULE(a->state != ATTEMPT_waiting || a->disclosure != 0);
    RULE(a->ready_ms == 0 || a->state == ATTEMPT_waiting);
    RULE(a->pause_asked_ms == 0 || a->state == ATTEMPT_active);
    RULE((a->wants_device == 0) == (a->takeover_asked_ms == 0));
    RULE(a->wants_device == 0 || (!over && a->wants_device != a->device));
    RULE(!a->away_at_end || over);
    RULE((a->claimed_by == 0) == (a->claimed_ms == 0));
    RULE(a->claimed_by == 0 || !over);
    RULE(!(a->holds & HOLD_incident) || a->holds & HOLD_paused);
    RULE(a->warnings <= WARNINGS_MAX && a->warnings_seen <= a->warnings);
    RULE((a->checkin_by == 0) == (a->checkin_ms == 0));
    RULE(!a->checkin_by || a->state == ATTEMPT_joined || a->state == ATTEMPT_waiting);
    return NULL;
}

void assert_attempt(const Attempt *a)
{
    const char *broken = attempt_broken_rule(a);
    if (broken) assert_failed(broken, __FILE__, __LINE__);
}
